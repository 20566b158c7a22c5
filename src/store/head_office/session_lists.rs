//! Lists of sessions: complete ones for scripts, pieces for screens.

use crate::domain::{By, Order, Rerun, Seek, Session, SessionKey};
use crate::store::StoreError;
use crate::store::connection::Row;
use crate::store::head_office::HeadOffice;
use crate::store::head_office::causes::failed_statuses;
use crate::store::head_office::keyset::Place;
use crate::store::head_office::reruns::{MARKED, REPEATED};
use crate::store::head_office::session_filter::SessionFilter;
use crate::store::head_office::sessions::{COLUMN_COUNT, COLUMNS, column, session};
use crate::store::row::At;
use crate::store::value::values;

/// A session and its place in the order of a screen's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacedSession {
    /// The value of the order's column, and the row's number.
    pub place: (i64, i64),
    /// The session.
    pub session: Session,
    /// The run that changed it last; 0 after an operator's action.
    pub run_id: i64,
}

/// The columns that [`select`] adds to a session's.
const RERUN: At = At(COLUMN_COUNT);
const SESSION_ID: At = At(COLUMN_COUNT + 1);

/// Session rows with their place, and whether they are repeated or marked for rerun.
fn select() -> String {
    format!(
        "select {COLUMNS}, case when {REPEATED} then 2 when {MARKED} then 1 else 0 end as rerun, session_id
         from session"
    )
}

fn placed(row: &Row, by: By) -> Result<PlacedSession, StoreError> {
    let (key, fold) = session(row)?;
    let rerun = match row.int(RERUN)? {
        2 => Rerun::Executed,
        1 => Rerun::Marked,
        _ => Rerun::None,
    };
    let at = match by {
        By::Time => fold.modified_at.0,
        By::Number => key.session_number,
    };
    let place = (at, row.int(SESSION_ID)?);
    let run_id = row.int(column::run_id)?;
    Ok(PlacedSession { place, session: Session { key, fold, rerun }, run_id })
}

impl HeadOffice {
    /// The newest sessions by `modified_at`, then by key.
    pub fn sessions(&self, filter: &SessionFilter) -> Result<Vec<Session>, StoreError> {
        let (wheres, mut values) = filter.conditions();
        values.push(filter.limit.into());
        let sql = format!(
            "{} where {} order by modified_at desc, session_number, channel_database limit ${}",
            select(),
            wheres.join(" and "),
            values.len()
        );
        self.connection.query(&sql, &values, |row| Ok(placed(row, By::Time)?.session))
    }

    /// Reads at most `rows` sessions from `seek` on; the cost does not depend on the length of the
    /// list, unless the filter is a search.
    pub fn sessions_at(
        &self,
        filter: &SessionFilter,
        seek: Seek<Place>,
        rows: usize,
    ) -> Result<Vec<PlacedSession>, StoreError> {
        self.sessions_before(filter, (seek, None), rows)
    }

    /// Like [`Self::sessions_at`], but examines at most `stretch` rows; also returns the place
    /// reached, if that was neither the end nor enough.
    pub fn sessions_searched(
        &self,
        filter: &SessionFilter,
        seek: Seek<Place>,
        rows: usize,
        stretch: i64,
    ) -> Result<(Vec<PlacedSession>, Option<Place>), StoreError> {
        let edge = self.session_edge(filter, seek, stretch)?;
        let found = self.sessions_before(filter, (seek, edge), rows)?;
        let reached = edge.filter(|_| found.len() < rows);
        Ok((found, reached))
    }

    /// The place that is reached by examining at most `stretch` rows of each status; `None` if the
    /// list ends before it.
    pub(super) fn session_edge(
        &self,
        filter: &SessionFilter,
        seek: Seek<Place>,
        stretch: i64,
    ) -> Result<Option<Place>, StoreError> {
        let mut edge: Option<Place> = None;
        for filter in filter.by_status() {
            // No index has the sessions of a status by number.
            let by_number = Self::any_status(&filter);
            let indexed = if filter.order.by == By::Number { by_number.indexed() } else { filter.indexed() };
            let found = filter.keyset().edge(&self.connection, indexed, seek, stretch)?;
            // The nearest edge applies to all statuses, so that no more rows are examined.
            let rising = filter.order.ascending != seek.is_backward();
            let nearer = |one: Place, other: Place| if rising { one.min(other) } else { one.max(other) };
            edge = edge.map_or(found, |edge| Some(found.map_or(edge, |found| nearer(edge, found))));
        }
        Ok(edge)
    }

    fn any_status(filter: &SessionFilter) -> SessionFilter {
        SessionFilter { statuses: Vec::new(), no_data: true, ..filter.clone() }
    }

    fn sessions_before(
        &self,
        filter: &SessionFilter,
        stretch: (Seek<Place>, Option<Place>),
        rows: usize,
    ) -> Result<Vec<PlacedSession>, StoreError> {
        let Order { by, ascending } = filter.order;
        let mut found = Vec::new();
        for filter in filter.by_status() {
            let conditions = filter.conditions();
            found.extend(
                filter.keyset().piece(&self.connection, &select(), conditions, stretch, rows, |row| placed(row, by))?,
            );
        }
        found.sort_unstable_by(
            |one: &PlacedSession, other| {
                if ascending { one.place.cmp(&other.place) } else { other.place.cmp(&one.place) }
            },
        );
        if stretch.0.is_backward() {
            found.drain(..found.len().saturating_sub(rows));
        } else {
            found.truncate(rows);
        }
        Ok(found)
    }

    /// The number of sessions that match, counted up to `most`.
    pub fn count_sessions(&self, filter: &SessionFilter, most: i64) -> Result<i64, StoreError> {
        let (wheres, mut values) = filter.conditions();
        values.push(most.into());
        let sql = format!(
            "select count(*) from (select 1 from session where {} limit ${}) as counted",
            wheres.join(" and "),
            values.len()
        );
        self.connection.integer(&sql, &values)
    }

    /// The keys of the sessions that match, newest first, at most `most`.
    pub fn session_keys(&self, filter: &SessionFilter, most: usize) -> Result<Vec<SessionKey>, StoreError> {
        let (wheres, mut values) = filter.conditions();
        values.push(i64::try_from(most).unwrap_or(i64::MAX).into());
        let sql = format!(
            "select session_number, channel_database from session where {}
             order by modified_at desc, session_id desc limit ${}",
            wheres.join(" and "),
            values.len()
        );
        self.connection.query(&sql, &values, |row| {
            let (session_number, channel_database) = (row.int("session_number")?, row.text("channel_database")?);
            Ok(SessionKey { direction: filter.direction, session_number, channel_database })
        })
    }

    /// One session; `None` if there is no such row.
    pub fn session(&self, key: &SessionKey) -> Result<Option<Session>, StoreError> {
        let sql = format!("{} where direction = $1 and session_number = $2 and channel_database = $3", select());
        let values = values![key.direction.number(), key.session_number, &key.channel_database];
        self.connection.first(&sql, values, |row| Ok(placed(row, By::Time)?.session))
    }

    /// The number of sessions in a failed state.
    pub fn count_open(&self) -> Result<i64, StoreError> {
        self.connection.integer(&format!("select count(*) from session where {}", failed_statuses("session")), &[])
    }
}
