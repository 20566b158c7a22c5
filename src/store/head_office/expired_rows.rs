//! Purging what is left over of old history: dismissed messages, runs, batch job history, notifications, tombstones.

use crate::domain::{Expired, Timestamp};
use crate::store::StoreError;
use crate::store::head_office::chunk_rows::{count, expired};
use crate::store::head_office::{HeadOffice, RunClaim};
use crate::store::value::values;

/// Rows that one statement takes at the most.
const MOST: i64 = 2_000;

/// A table whose rows go by their age alone.
struct Leftover {
    table: &'static str,
    /// Its primary key.
    key: &'static str,
    /// What its age is counted from; null stays.
    date: &'static str,
    /// What must hold besides.
    and: &'static str,
}

/// In the order in which they go: what speaks of another row before that row.
const LEFTOVERS: [Leftover; 7] = [
    Leftover { table: "rejected_message", key: "rejected_id", date: "dismissed_at", and: "1 = 1" },
    // The last run tells a clock that was set back, and stays: it is the one that purges, which has no end yet. The last ten purges tell
    // what is usual.
    Leftover {
        table: "run",
        key: "run_id",
        date: "ended_at",
        and: "run_id not in (select run_id from run where purge_finished = 1 order by run_id desc limit 10)",
    },
    Leftover { table: "batch_log", key: "log_id", date: "at", and: "1 = 1" },
    Leftover {
        table: "batch_job_history",
        key: "history_id",
        date: "coalesce(ended_at, scheduled_at)",
        and: "outcome <> 'executing'
            and history_id not in (select claim_history_id from batch_job where claim_history_id is not null)",
    },
    Leftover {
        table: "delivery",
        key: "delivery_id",
        date: "(select n.at from notification as n where n.notification_id = delivery.notification_id)",
        and: "1 = 1",
    },
    Leftover { table: "notification", key: "notification_id", date: "at", and: "1 = 1" },
    // They have outlived one more retention period.
    Leftover {
        table: "session_tombstone",
        key: "direction, session_number, channel_database",
        date: "purged_at",
        and: "1 = 1",
    },
];

/// The name of a table that a purge takes rows from, as it lives as long as the program.
pub(super) fn purged_table(name: &str) -> Option<&'static str> {
    let sessions = ["status_message", "session", "session_request"].into_iter();
    sessions.chain(LEFTOVERS.iter().map(|leftover| leftover.table)).find(|table| *table == name)
}

impl HeadOffice {
    /// Deletes a bounded part of what is left over before `cutoff`. Returns rows by table; nothing is left when all are empty.
    pub fn purge_leftovers(&self, claim: &RunClaim, cutoff: Timestamp) -> Result<Vec<(&'static str, i64)>, StoreError> {
        let transaction = self.connection.begin()?;
        self.hold_lease(claim)?;
        let mut deleted = Vec::new();
        for Leftover { table, key, date, and } in &LEFTOVERS {
            let sql = format!(
                "delete from {table} where ({key}) in (select {key} from {table} where {date} < $1 and {and} limit $2)"
            );
            let rows = count(self.connection.execute(&sql, values![cutoff, MOST])?);
            if rows > 0 {
                deleted.push((*table, rows));
            }
        }
        transaction.commit()?;
        Ok(deleted)
    }

    /// Counts what would go before `cutoff`.
    pub(super) fn preview_leftovers(&self, cutoff: Timestamp) -> Result<Vec<(&'static str, Expired)>, StoreError> {
        let mut tables = Vec::new();
        for Leftover { table, date, and, .. } in &LEFTOVERS {
            let sql = format!("select count(*), min({date}), max({date}) from {table} where {date} < $1 and {and}");
            tables.push((*table, self.connection.first(&sql, values![cutoff], expired)?.unwrap_or_default()));
        }
        Ok(tables)
    }
}
