//! A version of head office for change detection, cheap enough to query every few seconds.

use crate::store::StoreError;
use crate::store::head_office::HeadOffice;
use crate::store::row::{At, Row};

/// Numbers that change with everything that a screen shows: the cursors, the newest run, the
/// journal, batch jobs and their history, rejected messages, notifications. Heartbeats are not
/// among them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChangeVersion(Vec<i64>);

/// Each query reads a bounded number of rows: a small table, or one end of an index.
const VERSION_QUERIES: [&str; 7] = [
    "select source_id, position_tx, position_id, coalesce(as_of, 0) from transfer_cursor order by source_id",
    "select run_id, coalesce(progress_done, 0), coalesce(ended_at, 0), 0 from run order by run_id desc limit 1",
    "select coalesce(max(entry_id), 0), 0, 0, 0 from operator_journal",
    "select count(*), cast(coalesce(sum(fencing), 0) as bigint), coalesce(max(changed_at), 0), coalesce(max(last_ended_at), 0) from batch_job",
    "select history_id, starts, tries, coalesce(ended_at, 0) from batch_job_history order by history_id desc limit 1",
    "select coalesce(max(rejected_id), 0), 0, 0, 0 from rejected_message",
    "select coalesce(max(notification_id), 0), 0, 0, 0 from notification",
];

impl HeadOffice {
    /// Returns the version of the data now.
    pub fn version(&self) -> Result<ChangeVersion, StoreError> {
        let numbers = |row: &Row| (0..4).map(|at| row.int(At(at))).collect::<Result<Vec<_>, _>>();
        let mut version = Vec::new();
        for sql in VERSION_QUERIES {
            version.extend(self.connection.query(sql, &[], numbers)?.into_iter().flatten());
        }
        Ok(ChangeVersion(version))
    }
}
