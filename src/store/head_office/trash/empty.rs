//! Deletes sessions in the trash for good, in the order of their numbers.

use crate::domain::{Expired, Timestamp, counted};
use crate::guard::Attempt;
use crate::store::StoreError;
use crate::store::head_office::chunk_rows::{count, expired};
use crate::store::head_office::journal::Change;
use crate::store::head_office::{HeadOffice, RunClaim, bulk};
use crate::store::value::values;
use std::time::{Duration, Instant};

/// Sessions that one statement deletes.
const STRIDE: i64 = 256;
const MESSAGES: &str = "trash_status_message";
const SESSIONS: &str = "trash_session";

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
    /// Deletes what it can within `hold` of the write lock: the oldest sessions in the trash, up to
    /// the first that was not purged before `before`; all of them if that is `None`. A run gives
    /// its claim.
    pub fn empty_trash(
        &self,
        claim: Option<&RunClaim>,
        before: Option<Timestamp>,
        hold: Duration,
    ) -> Result<Emptied, StoreError> {
        let transaction = self.connection.begin()?;
        let since = Instant::now();
        if let Some(server) = self.connection.session() {
            server.script(bulk::BY_INDEX)?;
        }
        if let Some(claim) = claim {
            self.hold_lease(claim)?;
        }
        let before = before.map_or(i64::MAX, |before| before.0);
        let mut emptied = Emptied::default();
        while !emptied.done && (emptied.sessions == 0 || since.elapsed() < hold) {
            let sql = "select trash_id, purged_at from trash_session order by trash_id limit $1";
            let oldest =
                self.connection.query(sql, values![STRIDE], |row| Ok((row.int("trash_id")?, row.int("purged_at")?)))?;
            let going = oldest.iter().take_while(|(_, purged_at)| *purged_at < before).count();
            emptied.done = going < usize::try_from(STRIDE).unwrap_or_default();
            let Some((last, _)) = oldest[..going].last() else { break };
            let delete = |table: &str| -> Result<i64, StoreError> {
                let sql = format!("delete from {table} where trash_id <= $1");
                Ok(count(self.connection.execute(&sql, values![*last])?))
            };
            emptied.messages += delete(MESSAGES)?;
            emptied.sessions += delete(SESSIONS)?;
            delete("trash_session_rerun")?;
        }
        transaction.commit()?;
        Ok(emptied)
    }

    /// Permits that an operator empties the trash, and writes the journal; durable when it returns.
    /// Returns the rows that are in the trash.
    pub fn permit_emptying_trash(&self, operator: &str) -> Result<i64, StoreError> {
        let transaction = self.connection.begin()?;
        let rows = self.count_trash(None)?.iter().map(|(_, expired)| expired.rows).sum();
        let object = counted(rows, "row");
        let attempt = Attempt::new(operator, "empty trash", &object);
        let permit = self.permit(&Attempt { rows, ..attempt })?;
        self.append(&Change::new(operator, "empty trash", &object).permitted(&permit))?;
        transaction.commit()?;
        Ok(rows)
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
