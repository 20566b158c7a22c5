//! Deletes sessions from the trash for good, the earliest purged first.

use crate::domain::{Expired, Timestamp, counted};
use crate::guard::Attempt;
use crate::store::StoreError;
use crate::store::head_office::chunk_rows::{count, expired};
use crate::store::head_office::journal::Change;
use crate::store::head_office::{HeadOffice, RunClaim, bulk};
use crate::store::value::{Value, placeholders, values};
use std::time::{Duration, Instant};

/// Sessions that one statement deletes.
const SESSIONS_PER_STATEMENT: i64 = 256;
const MESSAGES: &str = "trash_status_message";
const SESSIONS: &str = "trash_session";
/// The action, as the journal names it.
const EMPTY: &str = "empty trash";

/// The sessions that were in the trash when they were counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TrashExtent {
    /// The number of sessions.
    pub sessions: i64,
    /// The number of their messages.
    pub messages: i64,
    /// The greatest `trash_id` among them.
    pub through: i64,
    /// The newest run that purged one of them. `trash_id` alone is not enough: it starts again in
    /// an empty trash.
    pub run_id: i64,
}

/// What is deleted from the trash.
#[derive(Debug, Clone, Copy)]
pub enum Emptying<'a> {
    /// By a run: sessions purged before this instant, or all if `None`.
    Expired(&'a RunClaim, Option<Timestamp>),
    /// By an operator: the sessions that were counted, at most that many.
    Counted(TrashExtent),
}

/// The result of one transaction that deletes from the trash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Emptied {
    /// Rows deleted: sessions.
    pub sessions: i64,
    /// Rows deleted: their messages.
    pub messages: i64,
    /// Whether nothing is left to delete.
    pub done: bool,
}

impl Emptied {
    /// The rows of each table.
    pub fn tables(&self) -> [(&'static str, i64); 2] {
        [(MESSAGES, self.messages), (SESSIONS, self.sessions)]
    }
}

impl HeadOffice {
    /// Deletes sessions in one transaction of about `hold`. If the connection fails during the
    /// commit, the rows it deleted are missing from the counts; the next attempt continues.
    pub fn empty_trash(&self, what: Emptying, hold: Duration) -> Result<Emptied, StoreError> {
        let transaction = self.connection.begin()?;
        let since = Instant::now();
        if let Some(server) = self.connection.session() {
            server.script(bulk::BY_INDEX)?;
        }
        let (before, through, run_id, mut left) = match what {
            Emptying::Expired(claim, before) => {
                self.hold_lease(claim)?;
                (before.map_or(i64::MAX, |before| before.0), i64::MAX, i64::MAX, i64::MAX)
            }
            Emptying::Counted(extent) => (i64::MAX, extent.through, extent.run_id, extent.sessions),
        };
        let mut emptied = Emptied::default();
        while !emptied.done && (emptied.sessions == 0 || since.elapsed() < hold) {
            let sql = "select trash_id from trash_session
                where purged_at < $1 and trash_id <= $2 and purge_run_id <= $3 order by purged_at, trash_id limit $4";
            let parameters = values![before, through, run_id, left.min(SESSIONS_PER_STATEMENT)];
            let trash_ids = self.connection.query(sql, parameters, |row| row.int("trash_id"))?;
            emptied.done = count(trash_ids.len()) < SESSIONS_PER_STATEMENT;
            if trash_ids.is_empty() {
                break;
            }
            left -= count(trash_ids.len());
            let numbers = placeholders(0, trash_ids.len());
            let trash_ids: Vec<Value> = trash_ids.into_iter().map(Value::from).collect();
            let delete = |table: &str| -> Result<i64, StoreError> {
                let sql = format!("delete from {table} where trash_id in {numbers}");
                Ok(count(self.connection.execute(&sql, &trash_ids)?))
            };
            emptied.messages += delete(MESSAGES)?;
            emptied.sessions += delete(SESSIONS)?;
            delete("trash_session_rerun")?;
        }
        transaction.commit()?;
        Ok(emptied)
    }

    /// Counts the sessions that are in the trash now.
    pub fn trash_extent(&self) -> Result<TrashExtent, StoreError> {
        let sql = "select count(*) as sessions, cast(coalesce(sum(messages), 0) as bigint) as messages,
                coalesce(max(trash_id), 0) as through, coalesce(max(purge_run_id), 0) as run_id from trash_session";
        let found = self.connection.first(sql, &[], |row| {
            Ok(TrashExtent {
                sessions: row.int("sessions")?,
                messages: row.int("messages")?,
                through: row.int("through")?,
                run_id: row.int("run_id")?,
            })
        })?;
        Ok(found.unwrap_or_default())
    }

    /// Checks that the operator may empty the trash, and records the start in the journal; durable
    /// when it returns. Returns the journal's row.
    pub fn begin_emptying_trash(&self, operator: &str, extent: &TrashExtent) -> Result<i64, StoreError> {
        let transaction = self.connection.begin()?;
        let object = counted(extent.sessions, "session");
        let detail = format!("with {}", counted(extent.messages, "message"));
        let identity = format!("through {} of run {}", extent.through, extent.run_id);
        let attempt = Attempt { rows: extent.sessions, ..Attempt::new(operator, EMPTY, &object) };
        let permit = self.permit(&Attempt { detail: &detail, identity: Some(&identity), ..attempt })?;
        let change = Change::new(operator, EMPTY, &object).detail(&detail).permitted(&permit);
        let entry_id = self.append(&change.result("begun"))?;
        transaction.commit()?;
        Ok(entry_id)
    }

    /// Records in the journal how much was deleted since `entry_id` and how it ended; durable when
    /// it returns.
    pub fn end_emptying_trash(
        &self,
        operator: &str,
        entry_id: i64,
        emptied: &Emptied,
        result: &str,
    ) -> Result<(), StoreError> {
        let transaction = self.connection.begin()?;
        let object = counted(emptied.sessions, "session");
        let detail = format!("with {}; begun by journal row {entry_id}", counted(emptied.messages, "message"));
        self.append(&Change::new(operator, EMPTY, &object).detail(&detail).result(result).decided())?;
        transaction.commit()
    }

    /// The rows in the trash that were purged before `before`, or all, by table, and when they were
    /// purged.
    pub fn count_trash(&self, before: Option<Timestamp>) -> Result<Vec<(&'static str, Expired)>, StoreError> {
        let counts = |rows: &str| {
            let sql = format!(
                "select {rows} as rows, min(purged_at) as oldest, max(purged_at) as newest from trash_session
                 where purged_at < $1"
            );
            let before = before.map_or(i64::MAX, |before| before.0);
            Ok::<_, StoreError>(self.connection.first(&sql, values![before], expired)?.unwrap_or_default())
        };
        let messages = counts("cast(coalesce(sum(messages), 0) as bigint)")?;
        let mut tables = vec![(MESSAGES, messages), (SESSIONS, counts("count(*)")?)];
        tables.retain(|(_, expired)| expired.rows > 0);
        Ok(tables)
    }
}
