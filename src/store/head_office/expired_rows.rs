//! Purges old history: dismissed messages, runs, batch job history, notifications, silences,
//! resolved alert conditions, previews of purges, tombstones.

use crate::domain::{Cutoffs, Expired, Timestamp};
use crate::store::StoreError;
use crate::store::head_office::chunk_rows::{count, expired};
use crate::store::head_office::{HeadOffice, RunClaim};
use crate::store::value::values;

/// The most rows that one statement deletes.
const ROWS_PER_STATEMENT: i64 = 2_000;

/// A table whose rows expire by age alone.
struct ExpiringTable {
    table: &'static str,
    /// Its primary key.
    key: &'static str,
    /// The date that its age counts from; null never expires.
    date: &'static str,
    /// A further condition.
    and: &'static str,
    /// Which of the cutoffs applies.
    cutoff: fn(&Cutoffs) -> Option<Timestamp>,
}

/// The cutoff for runs and what they and batch jobs leave behind.
const HISTORY: fn(&Cutoffs) -> Option<Timestamp> = |cutoffs| cutoffs.history;

/// In order: rows that refer to others before those.
const EXPIRING_TABLES: [ExpiringTable; 12] = [
    ExpiringTable {
        table: "rejected_message",
        key: "rejected_id",
        date: "dismissed_at",
        and: "1 = 1",
        cutoff: |cutoffs| cutoffs.rejected,
    },
    // The last run, by which a clock set back is noticed, is kept: it is the one that purges and
    // has not ended. The last ten purges are kept as the standard for unusual ones.
    ExpiringTable {
        table: "run",
        key: "run_id",
        date: "ended_at",
        and: "run_id not in (select run_id from run where purge_finished = 1 order by run_id desc limit 10)",
        cutoff: HISTORY,
    },
    ExpiringTable { table: "batch_log", key: "log_id", date: "at", and: "1 = 1", cutoff: HISTORY },
    ExpiringTable {
        table: "batch_job_history",
        key: "history_id",
        date: "coalesce(ended_at, scheduled_at)",
        and: "outcome <> 'executing'
            and history_id not in (select claim_history_id from batch_job where claim_history_id is not null)",
        cutoff: HISTORY,
    },
    ExpiringTable {
        table: "delivery",
        key: "delivery_id",
        date: "(select n.at from notification as n where n.notification_id = delivery.notification_id)",
        and: "1 = 1",
        cutoff: HISTORY,
    },
    ExpiringTable {
        table: "notification_condition",
        key: "condition_id, notification_id",
        date: "(select n.at from notification as n where n.notification_id = notification_condition.notification_id)",
        and: "1 = 1",
        cutoff: HISTORY,
    },
    ExpiringTable { table: "notification", key: "notification_id", date: "at", and: "1 = 1", cutoff: HISTORY },
    ExpiringTable {
        table: "silence",
        key: "silence_id",
        date: "coalesce(ended_at, until)",
        and: "1 = 1",
        cutoff: HISTORY,
    },
    ExpiringTable { table: "alert_condition", key: "condition_id", date: "resolved_at", and: "1 = 1", cutoff: HISTORY },
    ExpiringTable { table: "approval", key: "approval_id", date: "requested_at", and: "1 = 1", cutoff: HISTORY },
    ExpiringTable { table: "purge_preview", key: "preview_id", date: "at", and: "1 = 1", cutoff: HISTORY },
    // Kept for one more retention period, and as long as the session is in the trash.
    ExpiringTable {
        table: "session_tombstone",
        key: "direction, session_number, channel_database",
        date: "purged_at",
        and: "not exists (select 1 from trash_session as t where t.session_number = session_tombstone.session_number
            and t.channel_database = session_tombstone.channel_database and t.direction = session_tombstone.direction)",
        cutoff: Cutoffs::of_tombstones,
    },
];

/// The static name of a table that a purge deletes rows from.
pub(super) fn purged_table(name: &str) -> Option<&'static str> {
    let sessions =
        ["status_message", "session", "session_request", "trash_session", "trash_status_message"].into_iter();
    sessions.chain(EXPIRING_TABLES.iter().map(|expiring| expiring.table)).find(|table| *table == name)
}

impl HeadOffice {
    /// Deletes a bounded number of expired rows. Returns the rows of each table; none are left if
    /// all are empty. A commit whose answer was lost is not in the result of the next attempt.
    pub fn purge_expired_rows(
        &self,
        claim: &RunClaim,
        cutoffs: &Cutoffs,
    ) -> Result<Vec<(&'static str, i64)>, StoreError> {
        let transaction = self.connection.begin()?;
        self.hold_lease(claim)?;
        let mut deleted = Vec::new();
        for ExpiringTable { table, key, date, and, cutoff } in &EXPIRING_TABLES {
            let Some(cutoff) = cutoff(cutoffs) else { continue };
            let sql = format!(
                "delete from {table} where ({key}) in (select {key} from {table} where {date} < $1 and {and} limit $2)"
            );
            let rows = count(self.connection.execute(&sql, values![cutoff, ROWS_PER_STATEMENT])?);
            if rows > 0 {
                deleted.push((*table, rows));
            }
        }
        transaction.commit()?;
        Ok(deleted)
    }

    /// Counts the expired rows.
    pub(super) fn preview_expired_rows(&self, cutoffs: &Cutoffs) -> Result<Vec<(&'static str, Expired)>, StoreError> {
        let mut tables = Vec::new();
        for ExpiringTable { table, date, and, cutoff, .. } in &EXPIRING_TABLES {
            let Some(cutoff) = cutoff(cutoffs) else { continue };
            let sql = format!(
                "select count(*) as rows, min({date}) as oldest, max({date}) as newest from {table} where {date} < $1 and {and}"
            );
            tables.push((*table, self.connection.first(&sql, values![cutoff], expired)?.unwrap_or_default()));
        }
        Ok(tables)
    }
}
