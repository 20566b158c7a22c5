//! What tells that head office has changed, cheap enough to be asked every few seconds.

use super::HeadOffice;
use crate::store::StoreError;
use crate::store::row::Row;

/// Numbers that differ after a change that a screen shows: the cursors, the newest run, the journal, batch jobs and their history,
/// rejected messages, notifications. What changes while nothing happens (heartbeats) is not among them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Version(Vec<i64>);

/// Each reads a bounded number of rows: a small table, or one end of an index.
const QUESTIONS: [&str; 7] = [
    "select source_id, position_tx, position_id, coalesce(as_of, 0) from transfer_cursor order by source_id",
    "select run_id, coalesce(progress_done, 0), coalesce(ended_at, 0), 0 from run order by run_id desc limit 1",
    "select coalesce(max(entry_id), 0), 0, 0, 0 from operator_journal",
    "select count(*), cast(coalesce(sum(fencing), 0) as bigint), coalesce(max(changed_at), 0), coalesce(max(last_ended_at), 0) from batch_job",
    "select history_id, starts, tries, coalesce(ended_at, 0) from batch_job_history order by history_id desc limit 1",
    "select coalesce(max(rejected_id), 0), 0, 0, 0 from rejected_message",
    "select coalesce(max(notification_id), 0), 0, 0, 0 from notification",
];

impl HeadOffice {
    /// The present version.
    pub fn version(&self) -> Result<Version, StoreError> {
        let numbers = |row: &Row| Ok([row.int(0)?, row.int(1)?, row.int(2)?, row.int(3)?]);
        let mut version = Vec::new();
        for sql in QUESTIONS {
            version.extend(self.connection.query(sql, &[], numbers)?.into_iter().flatten());
        }
        Ok(Version(version))
    }
}
