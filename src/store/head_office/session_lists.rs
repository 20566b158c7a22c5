//! Sessions as lists want them: whole for scripts, piece by piece for screens.

use crate::domain::{By, Direction, Order, Rerun, Seek, Session, SessionKey, Status, Timestamp};
use crate::store::StoreError;
use crate::store::connection::Row;
use crate::store::head_office::HeadOffice;
use crate::store::head_office::causes::failed_statuses;
use crate::store::head_office::contains::Contains;
use crate::store::head_office::keyset::{Conditions, HAS_TEXT, Keyset, Place};
use crate::store::head_office::reruns::{MARKED, REPEATED};
use crate::store::head_office::sessions::{COLUMN_COUNT, COLUMNS, session};
use crate::store::value::{Value, values};

/// Which sessions a list wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionFilter {
    /// Which form.
    pub direction: Direction,
    /// Any of these; empty is all.
    pub statuses: Vec<Status>,
    /// Only this session, on whatever channel database.
    pub session_number: Option<i64>,
    /// Exactly this channel database.
    pub channel_database: Option<String>,
    /// Exactly this job.
    pub job_name: Option<String>,
    /// Exactly this distribution schedule.
    pub schedule: Option<String>,
    /// Changed at or after, by `modified_at`.
    pub since: Option<Timestamp>,
    /// Changed before, by `modified_at`.
    pub until: Option<Timestamp>,
    /// Whose error text contains this.
    pub text: Option<Contains>,
    /// Whose state is a failure of this cause.
    pub cause: Option<i64>,
    /// Whether No data is shown; asking for that status shows it anyway.
    pub no_data: bool,
    /// Whether packages are shown: the sessions that are of no channel database.
    pub packages: bool,
    /// Whether sessions are shown that another session repeats.
    pub repeated: bool,
    /// The order of [`HeadOffice::sessions_at`] and its kin.
    pub order: Order,
    /// How many at most, in [`HeadOffice::sessions`].
    pub limit: i64,
}

/// A session and its place in the order of a screen's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionPlaced {
    /// What the list is ordered by, and the row's own number.
    pub place: (i64, i64),
    /// The session.
    pub session: Session,
}

impl SessionFilter {
    /// All sessions of a form but No data, without an end.
    pub fn new(direction: Direction) -> Self {
        Self {
            direction,
            statuses: Vec::new(),
            session_number: None,
            channel_database: None,
            job_name: None,
            schedule: None,
            since: None,
            until: None,
            order: Order::default(),
            text: None,
            cause: None,
            no_data: false,
            packages: true,
            repeated: true,
            limit: i64::MAX,
        }
    }

    /// Whether rows that do not match lie between those that do, without an index to pass over them.
    pub fn is_search(&self) -> bool {
        (self.is_rare() || !self.packages || !self.repeated) && self.session_number.is_none()
    }

    /// Whether its rows can be counted: packages and repeated sessions among them are passed over one by one.
    pub fn is_countable(&self) -> bool {
        !self.is_rare() || self.session_number.is_some()
    }

    fn is_rare(&self) -> bool {
        self.text.is_some() || self.channel_database.is_some() || self.job_name.is_some()
    }

    /// The same for each status alone: an index holds the sessions of one status by time, but not those of several.
    fn by_status(&self) -> Vec<Self> {
        if self.statuses.len() < 2 || self.order.by != By::Time {
            return vec![self.clone()];
        }
        self.statuses.iter().map(|status| Self { statuses: vec![*status], ..self.clone() }).collect()
    }

    fn keyset(&self) -> Keyset {
        let column = match self.order.by {
            By::Time => "modified_at",
            By::Number => "session_number",
        };
        Keyset { table: "session", column, id: "session_id", order: self.order }
    }

    /// The conditions that an index serves, and the values that they number.
    fn indexed(&self) -> Conditions<'_> {
        let mut values: Vec<Value> = vec![self.direction.number().into()];
        // A schedule has few of a form's sessions: with the sign, the form's index is no choice and the schedule's is taken.
        let direction = if self.schedule.is_some() { "+direction = $1" } else { "direction = $1" };
        let mut wheres = vec![direction.to_owned()];
        if !self.statuses.is_empty() {
            let numbers = self.statuses.iter().filter_map(|status| status.number(self.direction));
            let list: Vec<_> = numbers.map(|number| number.to_string()).collect();
            wheres.push(format!("status in ({})", list.join(", ")));
        } else if !self.no_data
            && let Some(no_data) = Status::NoData.number(self.direction)
        {
            wheres.push(format!("status <> {no_data}"));
        }
        let conditions = [
            ("session_number = ?", self.session_number.map(Value::from)),
            ("distribution_schedule = ?", self.schedule.as_deref().map(Value::from)),
            ("modified_at >= ?", self.since.map(Value::from)),
            ("modified_at < ?", self.until.map(Value::from)),
        ];
        add_conditions(conditions, &mut wheres, &mut values);
        wheres.extend(self.text.as_ref().map(|_| HAS_TEXT.to_owned()));
        (wheres, values)
    }

    /// All conditions, and the values that they number.
    fn conditions(&self) -> Conditions<'_> {
        let (mut wheres, mut values) = self.indexed();
        let winner = "exists (select 1 from status_message as winner
            where winner.message_guid = session.winner_guid and winner.cause = ?)";
        let conditions = [
            ("channel_database = ?", self.channel_database.as_deref().map(Value::from)),
            ("job_name = ?", self.job_name.as_deref().map(Value::from)),
            ("message like ? escape '\\'", self.text.as_ref().map(Value::from)),
            (winner, self.cause.map(Value::from)),
        ];
        add_conditions(conditions, &mut wheres, &mut values);
        if !self.packages {
            wheres.push("channel_database > ''".to_owned());
        }
        if !self.repeated {
            wheres.push(format!("not {REPEATED}"));
        }
        (wheres, values)
    }
}

/// Adds the conditions that have a value, which stands for the `?`.
pub(super) fn add_conditions<'a>(
    conditions: impl IntoIterator<Item = (&'static str, Option<Value<'a>>)>,
    wheres: &mut Vec<String>,
    values: &mut Vec<Value<'a>>,
) {
    for (condition, value) in conditions {
        if let Some(value) = value {
            values.push(value);
            wheres.push(condition.replace('?', &format!("${}", values.len())));
        }
    }
}

/// The rows with their place and whether another session repeats, or is to repeat, each of them.
fn select() -> String {
    format!(
        "select {COLUMNS}, case when {REPEATED} then 2 when {MARKED} then 1 else 0 end, session_id
         from session"
    )
}

fn placed(row: &Row, by: By) -> Result<SessionPlaced, StoreError> {
    let (key, fold) = session(row)?;
    let rerun = match row.int(COLUMN_COUNT)? {
        2 => Rerun::Executed,
        1 => Rerun::Marked,
        _ => Rerun::None,
    };
    let at = match by {
        By::Time => fold.modified_at.0,
        By::Number => key.session_number,
    };
    let place = (at, row.int(COLUMN_COUNT + 1)?);
    Ok(SessionPlaced { place, session: Session { key, fold, rerun } })
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

    /// At most `rows` sessions from where `seek` says; costs the same however long the list is, if it is no search.
    pub fn sessions_at(
        &self,
        filter: &SessionFilter,
        seek: Seek<Place>,
        rows: usize,
    ) -> Result<Vec<SessionPlaced>, StoreError> {
        self.sessions_before(filter, (seek, None), rows)
    }

    /// The same, but looking at no more than `stretch` rows; where it got to, if that was neither the end nor enough.
    pub fn sessions_searched(
        &self,
        filter: &SessionFilter,
        seek: Seek<Place>,
        rows: usize,
        stretch: i64,
    ) -> Result<(Vec<SessionPlaced>, Option<Place>), StoreError> {
        let mut edge: Option<Place> = None;
        for filter in filter.by_status() {
            // No index holds the sessions of a status by number.
            let by_number = Self::any_status(&filter);
            let indexed = if filter.order.by == By::Number { by_number.indexed() } else { filter.indexed() };
            let found = filter.keyset().edge(&self.connection, indexed, seek, stretch)?;
            // The nearest one holds for all, so that none looks at more.
            let rising = filter.order.ascending != seek.is_backward();
            let nearer = |one: Place, other: Place| if rising { one.min(other) } else { one.max(other) };
            edge = edge.map_or(found, |edge| Some(found.map_or(edge, |found| nearer(edge, found))));
        }
        let found = self.sessions_before(filter, (seek, edge), rows)?;
        let reached = edge.filter(|_| found.len() < rows);
        Ok((found, reached))
    }

    fn any_status(filter: &SessionFilter) -> SessionFilter {
        SessionFilter { statuses: Vec::new(), no_data: true, ..filter.clone() }
    }

    fn sessions_before(
        &self,
        filter: &SessionFilter,
        stretch: (Seek<Place>, Option<Place>),
        rows: usize,
    ) -> Result<Vec<SessionPlaced>, StoreError> {
        let Order { by, ascending } = filter.order;
        let mut found = Vec::new();
        for filter in filter.by_status() {
            let conditions = filter.conditions();
            found.extend(
                filter.keyset().piece(&self.connection, &select(), conditions, stretch, rows, |row| placed(row, by))?,
            );
        }
        found.sort_unstable_by(
            |one: &SessionPlaced, other| {
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

    /// How many sessions the filter finds, counted up to `most`.
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

    /// The keys of the sessions that the filter finds, newest first, at most so many.
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
            let (session_number, channel_database) = (row.int(0)?, row.text(1)?);
            Ok(SessionKey { direction: filter.direction, session_number, channel_database })
        })
    }

    /// One session; `None` if there is no such row.
    pub fn session(&self, key: &SessionKey) -> Result<Option<Session>, StoreError> {
        let sql = format!("{} where direction = $1 and session_number = $2 and channel_database = $3", select());
        let values = values![key.direction.number(), key.session_number, &key.channel_database];
        self.connection.first(&sql, values, |row| Ok(placed(row, By::Time)?.session))
    }

    /// How many sessions are in a failed state now.
    pub fn count_open(&self) -> Result<i64, StoreError> {
        self.connection.integer(&format!("select count(*) from session where {}", failed_statuses("session")), &[])
    }
}
