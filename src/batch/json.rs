//! Batch jobs and servers as JSON objects: statuses as words, instants as RFC 3339. Keys are the
//! column names. They are never renamed or removed.

use crate::batch::{AfterError, AlertEvent, BatchJob, BatchServer, BatchStatus, HistoryOutcome, Missed, SaveHistory};
use crate::domain::{Timestamp, serialize_as_word};
use crate::recurrence::Rule;
use serde::{Serialize, Serializer};

serialize_as_word!(AfterError, AlertEvent, BatchStatus, HistoryOutcome, Missed, SaveHistory);

impl Serialize for BatchJob {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[allow(clippy::struct_excessive_bools)] // the keys of the object
        struct Row<'a> {
            job_id: i64,
            description: &'a str,
            batch_group: &'a str,
            status: BatchStatus,
            private: bool,
            transfer: bool,
            purge: bool,
            next_start: Option<Timestamp>,
            retry_at: Option<Timestamp>,
            tries: i64,
            recurrence: Option<&'a Rule>,
            recurrence_words: Option<String>,
            first_start: Timestamp,
            max_retries: i64,
            retry_pause_ms: i64,
            after_error: AfterError,
            missed: Missed,
            save_history: SaveHistory,
            created_by: &'a str,
            created_at: Timestamp,
            changed_at: Timestamp,
            changed_by: &'a str,
            changed_reason: Option<&'a str>,
            waits_for: Option<&'a str>,
            server: Option<String>,
            run_id: Option<i64>,
            last_outcome: Option<HistoryOutcome>,
            last_took_ms: Option<i64>,
            last_ended_at: Option<Timestamp>,
            interactive: bool,
            version: i64,
        }
        let settings = &self.settings;
        let rule = settings.recurrence.as_ref();
        Row {
            job_id: self.job_id,
            description: &settings.description,
            batch_group: &settings.batch_group,
            status: self.status,
            private: settings.private,
            transfer: settings.task.transfer,
            purge: settings.task.purge,
            next_start: self.next_start,
            retry_at: self.retry_at,
            tries: self.tries,
            recurrence: rule,
            recurrence_words: rule.map(Rule::words),
            first_start: settings.first_start,
            max_retries: settings.max_retries,
            retry_pause_ms: settings.retry_pause_ms,
            after_error: settings.after_error,
            missed: settings.missed,
            save_history: settings.save_history,
            created_by: &self.created_by,
            created_at: self.created_at,
            changed_at: self.changed.at,
            changed_by: &self.changed.by,
            changed_reason: self.changed.reason.as_deref(),
            waits_for: self.waits_for.as_deref(),
            server: self.claim.as_ref().map(|claim| claim.holder.name()),
            run_id: self.claim.as_ref().and_then(|claim| claim.run_id),
            last_outcome: self.last.map(|last| last.outcome),
            last_took_ms: self.last.map(|last| last.took_ms),
            last_ended_at: self.last.map(|last| last.ended_at),
            interactive: self.interactive,
            version: self.version,
        }
        .serialize(serializer)
    }
}

impl Serialize for BatchServer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Row<'a> {
            name: &'a str,
            alive: bool,
            is_batch_server: bool,
            zone: &'a str,
            windows: Vec<String>,
            groups: &'a [String],
            settings_version: i64,
            executing: i64,
            host: &'a str,
            process_id: i64,
            version: &'a str,
            started_at: Timestamp,
            heartbeat_at: Timestamp,
            stopped_at: Option<Timestamp>,
        }
        Row {
            name: &self.name,
            alive: self.is_alive(),
            is_batch_server: self.is_batch_server,
            zone: &self.zone,
            windows: self.windows.iter().map(ToString::to_string).collect(),
            groups: &self.groups,
            settings_version: self.settings_version,
            executing: self.executing,
            host: &self.host,
            process_id: self.process_id,
            version: &self.version,
            started_at: self.started_at,
            heartbeat_at: self.heartbeat_at,
            stopped_at: self.stopped_at,
        }
        .serialize(serializer)
    }
}
