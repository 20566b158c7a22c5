//! The sessions that a purge or its preview examines, with the facts that decide about them.

use crate::domain::{Cutoffs, Direction, SessionFacts, SessionKey, Status, Timestamp};
use crate::store::StoreError;
use crate::store::connection::{Row, Statement};
use crate::store::head_office::HeadOffice;
use crate::store::head_office::chunk_rows::{PurgedSession, count};
use crate::store::head_office::reruns::{MARKED, REPEATED};
use crate::store::row::{At, columns};
use crate::store::value::values;

columns!(mod column:
    session_id, direction, session_number, channel_database, status, last_posted_at, restored_at, rerun_for,
);
/// Whether there is a mark for rerun, and whether it waits.
const IS_MARKED: At = At(column::COUNT);
const WAITS_FOR_RERUN: At = At(column::COUNT + 1);

/// The place of a walk over the sessions, oldest first; `None` is before the first.
pub type SessionPlace = Option<(Timestamp, i64)>;

/// The limit of a statement that is executed many times. The cast hides the parameter from SQLite's
/// planner, which would plan the statement again for each value.
const MOST: &str = "cast($4 as bigint)";

/// The sessions old enough to purge, oldest first: a statement prepared once.
pub(super) struct Candidates<'c> {
    office: &'c HeadOffice,
    rows: Statement<'c>,
    cutoff: Option<Timestamp>,
}

impl Candidates<'_> {
    /// The next sessions, with what decides about them.
    ///
    /// A package may be examined before or after the rows of its channel databases were purged:
    /// their tombstones count like the rows.
    pub(super) fn after(&mut self, after: &SessionPlace, most: usize) -> Result<Vec<Candidate>, StoreError> {
        let Some(cutoff) = self.cutoff else { return Ok(Vec::new()) };
        let (at, session_id) = after.unwrap_or((Timestamp(i64::MIN), 0));
        let mut rows = self.rows.query(values![at, session_id, cutoff, count(most)], candidate)?;
        for Candidate { key, facts, .. } in &mut rows {
            if facts.is_package && !facts.status.is_final() {
                facts.all_channels_final = self.office.all_channels_final(key)?;
            }
        }
        Ok(rows)
    }
}

impl HeadOffice {
    /// Prepares to read the sessions old enough to purge.
    pub(super) fn purge_candidates(&self, cutoffs: &Cutoffs) -> Result<Candidates<'_>, StoreError> {
        let (wanted, order) = if self.connection.session().is_some() {
            ("(last_posted_at, session_id) > ($1, $2) and last_posted_at < $3".to_owned(), "last_posted_at")
        } else {
            // SQLite compares pairs in this index by their first column only and would read all
            // sessions of one instant each time, so it gets two ranges. The sign keeps it from
            // walking the index for the order.
            let range = |bounds: &str| {
                format!(
                    "select * from (select session_id from session where {bounds} order by last_posted_at, session_id
                     limit {MOST})"
                )
            };
            let rest_of_instant = range("last_posted_at = $1 and session_id > $2");
            let later = range("last_posted_at > $1 and last_posted_at < $3");
            (format!("session_id in ({rest_of_instant} union all {later})"), "+last_posted_at")
        };
        let rows = self.connection.prepare(&format!(
            "select {}, case when {MARKED} then 1 else 0 end as is_marked,
                case when {MARKED} and not {REPEATED} then 1 else 0 end as waits_for_rerun
             from session where {wanted} order by {order}, session_id limit {MOST}",
            column::LIST
        ))?;
        Ok(Candidates { office: self, rows, cutoff: cutoffs.latest_of_sessions() })
    }

    /// Whether a package has channel rows, purged ones included, and all of them are final.
    fn all_channels_final(&self, package: &SessionKey) -> Result<bool, StoreError> {
        let finals: Vec<_> = Status::all(package.direction)
            .filter(|status| status.is_final())
            .filter_map(|status| status.number(package.direction))
            .map(|number| number.to_string())
            .collect();
        let finals = finals.join(", ");
        let mut found = 0;
        for table in ["session", "session_tombstone"] {
            let sql = format!(
                "select count(*) as rows, coalesce(sum(case when status in ({finals}) then 0 else 1 end), 0) as unresolved from {table}
                 where direction = $1 and session_number = $2 and channel_database > ''"
            );
            let key = values![package.direction.number(), package.session_number];
            let counts = self.connection.first(&sql, key, |row| Ok((row.int("rows")?, row.int("unresolved")?)))?;
            let (rows, unresolved) = counts.unwrap_or_default();
            if unresolved > 0 {
                return Ok(false);
            }
            found += rows;
        }
        Ok(found > 0)
    }
}

/// A session old enough to examine.
pub(super) struct Candidate {
    pub(super) session_id: i64,
    pub(super) last_posted_at: Timestamp,
    pub(super) key: SessionKey,
    pub(super) facts: SessionFacts,
    /// Whether it has a mark, executed or not, which is deleted with it.
    pub(super) marked: bool,
    /// The session that it repeats.
    pub(super) repeats: Option<i64>,
}

impl Candidate {
    pub(super) fn into_purged(self) -> PurgedSession {
        let status = self.facts.status.number(self.key.direction);
        PurgedSession { session_id: self.session_id, key: self.key, status }
    }
}

fn candidate(row: &Row) -> Result<Candidate, StoreError> {
    let direction = Direction::from_number(row.int(column::direction)?)
        .ok_or_else(|| row.damaged("a session without direction"))?;
    let number = row.int(column::status)?;
    let status = Status::from_number(direction, number)
        .ok_or_else(|| row.damaged(format!("a {direction} session with status {number}")))?;
    let key = SessionKey {
        direction,
        session_number: row.int(column::session_number)?,
        channel_database: row.text(column::channel_database)?,
    };
    let last_posted_at = row.time(column::last_posted_at)?;
    let facts = SessionFacts {
        direction,
        status,
        changed_at: row.opt_time(column::restored_at)?.map_or(last_posted_at, |restored| restored.max(last_posted_at)),
        is_package: key.channel_database.is_empty(),
        all_channels_final: false,
        marked_for_rerun: row.flag(WAITS_FOR_RERUN)?,
    };
    Ok(Candidate {
        session_id: row.int(column::session_id)?,
        last_posted_at,
        key,
        facts,
        marked: row.flag(IS_MARKED)?,
        repeats: row.opt_int(column::rerun_for)?,
    })
}
