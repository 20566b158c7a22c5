//! A row of the history as JSON.

use crate::domain::Timestamp;
use crate::store::head_office::batch::history::HistoryRow;
use serde::{Serialize, Serializer};

impl Serialize for HistoryRow {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Row<'a> {
            history_id: i64,
            job_id: i64,
            description: &'a str,
            batch_group: &'a str,
            created_by: &'a str,
            scheduled_at: Timestamp,
            started_at: Option<Timestamp>,
            ended_at: Option<Timestamp>,
            outcome: &'static str,
            starts: i64,
            tries: i64,
            server: &'a Option<String>,
            run_id: Option<i64>,
            reason: &'a Option<String>,
            read: Option<i64>,
            inserted: Option<i64>,
            repeated: Option<i64>,
            rejected: Option<i64>,
            sessions_changed: Option<i64>,
            purged_rows: Option<i64>,
        }
        let counts = self.counts;
        let row = Row {
            history_id: self.history_id,
            job_id: self.job_id,
            description: &self.description,
            batch_group: &self.batch_group,
            created_by: &self.created_by,
            scheduled_at: self.scheduled_at,
            started_at: self.started_at,
            ended_at: self.ended_at,
            outcome: self.outcome.word(),
            starts: self.starts,
            tries: self.tries,
            server: &self.server,
            run_id: self.run_id,
            reason: &self.reason,
            read: counts.map(|counts| counts.read),
            inserted: counts.map(|counts| counts.inserted),
            repeated: counts.map(|counts| counts.repeated),
            rejected: counts.map(|counts| counts.rejected),
            sessions_changed: counts.map(|counts| counts.sessions_changed),
            purged_rows: counts.map(|counts| counts.purged_rows),
        };
        row.serialize(serializer)
    }
}
