//! Purges old history: dismissed messages, runs, batch job history, notifications, silences,
//! resolved alert conditions, previews of purges, tombstones.

use crate::domain::{Cutoffs, Expired, Timestamp};
use crate::store::StoreError;
use crate::store::head_office::chunk_rows::{count, expired as rows_expired};
use crate::store::head_office::{HeadOffice, RunClaim};
use crate::store::value::values;
use std::time::{Duration, Instant};

/// The most rows that one statement deletes; more at a server, where each statement is a round trip
/// and other writers need not wait for it.
const ROWS_PER_STATEMENT: i64 = 250;
const ROWS_PER_STATEMENT_AT_SERVER: i64 = 2_000;

/// A table whose rows expire by age alone.
struct ExpiringTable {
    table: &'static str,
    /// Its primary key.
    key: &'static str,
    /// The date that its age counts from.
    date: &'static str,
    /// The condition on which a row expires; `$1` is the cutoff, and a null date never expires.
    expired: &'static str,
    /// Picks the cutoff that applies to the table.
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
        expired: "dismissed_at < $1",
        cutoff: |cutoffs| cutoffs.rejected,
    },
    // The last run, by which a clock set back is noticed, is kept: it is the one that purges and
    // has not ended. The last ten purges are kept as the standard for unusual ones.
    ExpiringTable {
        table: "run",
        key: "run_id",
        date: "ended_at",
        expired: "ended_at < $1 and run_id not in (select run_id from run where purge_finished = 1 order by run_id desc limit 10)",
        cutoff: HISTORY,
    },
    ExpiringTable { table: "batch_log", key: "log_id", date: "at", expired: "at < $1", cutoff: HISTORY },
    ExpiringTable {
        table: "batch_job_history",
        key: "history_id",
        date: "coalesce(ended_at, scheduled_at)",
        expired: "coalesce(ended_at, scheduled_at) < $1 and outcome <> 'executing'
            and history_id not in (select claim_history_id from batch_job where claim_history_id is not null)",
        cutoff: HISTORY,
    },
    // A notification expires with its deliveries and its conditions, once none of its deliveries is
    // pending. Rows whose notification is gone expire as well: a pass deletes a bounded number of
    // rows of each table, so that the notification may go first.
    ExpiringTable {
        table: "delivery",
        key: "delivery_id",
        date: "(select n.at from notification as n where n.notification_id = delivery.notification_id)",
        expired: "not exists (select 1 from notification as n where n.notification_id = delivery.notification_id and (n.at >= $1
            or n.notification_id in (select notification_id from delivery where next_try_at is not null)))",
        cutoff: HISTORY,
    },
    ExpiringTable {
        table: "notification_condition",
        key: "condition_id, notification_id",
        date: "(select n.at from notification as n where n.notification_id = notification_condition.notification_id)",
        expired: "not exists (select 1 from notification as n where n.notification_id = notification_condition.notification_id and (n.at >= $1
            or n.notification_id in (select notification_id from delivery where next_try_at is not null)))",
        cutoff: HISTORY,
    },
    ExpiringTable { table: "notification", key: "notification_id", date: "at", expired: "at < $1 and notification_id not in (select notification_id from delivery where next_try_at is not null)", cutoff: HISTORY },
    ExpiringTable {
        table: "silence",
        key: "silence_id",
        date: "coalesce(ended_at, until)",
        expired: "coalesce(ended_at, until) < $1",
        cutoff: HISTORY,
    },
    ExpiringTable { table: "alert_condition", key: "condition_id", date: "resolved_at", expired: "resolved_at < $1", cutoff: HISTORY },
    ExpiringTable { table: "approval", key: "approval_id", date: "requested_at", expired: "requested_at < $1", cutoff: HISTORY },
    ExpiringTable { table: "purge_preview", key: "preview_id", date: "at", expired: "at < $1", cutoff: HISTORY },
    // Kept for one more retention period, and as long as the session is in the trash.
    ExpiringTable {
        table: "session_tombstone",
        key: "direction, session_number, channel_database",
        date: "purged_at",
        expired: "purged_at < $1 and not exists (select 1 from trash_session as t where t.session_number = session_tombstone.session_number
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
    /// Deletes expired rows in one transaction of about `hold`. Returns the rows of each table;
    /// none are left if there are none. If the connection fails during the commit, the rows it
    /// deleted are missing from the counts.
    pub fn purge_expired_rows(
        &self,
        claim: &RunClaim,
        cutoffs: &Cutoffs,
        hold: Duration,
    ) -> Result<Vec<(&'static str, i64)>, StoreError> {
        let at_server = self.connection.session().is_some();
        let most = if at_server { ROWS_PER_STATEMENT_AT_SERVER } else { ROWS_PER_STATEMENT };
        let transaction = self.connection.begin()?;
        let since = Instant::now();
        self.hold_lease(claim)?;
        let mut deleted = Vec::new();
        for ExpiringTable { table, key, expired, cutoff, .. } in &EXPIRING_TABLES {
            let Some(cutoff) = cutoff(cutoffs) else { continue };
            let sql =
                format!("delete from {table} where ({key}) in (select {key} from {table} where {expired} limit $2)");
            let mut of_table = 0;
            loop {
                let rows = count(self.connection.execute(&sql, values![cutoff, most])?);
                of_table += rows;
                if rows < most || since.elapsed() >= hold {
                    break;
                }
            }
            if of_table > 0 {
                deleted.push((*table, of_table));
            }
            if !deleted.is_empty() && since.elapsed() >= hold {
                break;
            }
        }
        transaction.commit()?;
        Ok(deleted)
    }

    /// Counts the expired rows.
    pub(super) fn preview_expired_rows(&self, cutoffs: &Cutoffs) -> Result<Vec<(&'static str, Expired)>, StoreError> {
        let mut tables = Vec::new();
        for ExpiringTable { table, date, expired, cutoff, .. } in &EXPIRING_TABLES {
            let Some(cutoff) = cutoff(cutoffs) else { continue };
            let sql = format!(
                "select count(*) as rows, min({date}) as oldest, max({date}) as newest from {table} where {expired}"
            );
            tables.push((*table, self.connection.first(&sql, values![cutoff], rows_expired)?.unwrap_or_default()));
        }
        Ok(tables)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Parameters;
    use crate::store::head_office::{RunStart, RunStartOutcome};
    use crate::store::{Access, Location};

    #[test]
    fn one_transaction_deletes_no_more_than_its_time_allows() {
        let folder = tempfile::tempdir().expect("a folder");
        let location = Location::Sqlite(folder.path().join("head-office.db"));
        let office = HeadOffice::open(&location, Access::Create).expect("head office");
        let start = RunStart::by_command(office.try_runner_lock().expect("it can be locked"));
        let RunStartOutcome::Granted { claim, .. } = office.begin_run(&start).expect("it answers") else {
            panic!("it is free")
        };
        let rows = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 600)";
        for insert in [
            "batch_log (history_id, at, severity, text) RECURSIVE select 1, 0, 0, 'x' from n",
            "silence (filter, until, reason, created_at, created_by) RECURSIVE select 'x', 0, 'x', 0, 'x' from n",
        ] {
            let sql = format!("insert into {}", insert.replace("RECURSIVE", rows));
            office.connection.execute(&sql, &[]).expect("rows");
        }
        let cutoffs = Cutoffs::new(&Parameters::default(), Timestamp(i64::MAX / 2));
        let purge = |hold| office.purge_expired_rows(&claim, &cutoffs, hold).expect("it is mine");
        assert_eq!(purge(Duration::ZERO), [("batch_log", 250)]);
        assert_eq!(purge(Duration::from_hours(1)), [("batch_log", 350), ("silence", 600)]);
        assert_eq!(purge(Duration::ZERO), []);
    }
}
