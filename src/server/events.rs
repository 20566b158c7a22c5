//! The events of a batch server: one line each in its log.

use crate::domain::counted;
use crate::text::time::took;
use serde_json::{Value, json};

/// An event of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerEvent {
    /// It is running and takes jobs.
    #[allow(missing_docs)]
    Started { name: String, incarnation: String },
    /// Its loop is running, whether or not head office answers; not logged.
    Alive,
    /// Head office cannot be reached or refuses; reported once for each error.
    #[allow(missing_docs)]
    Unreachable { fault: String },
    /// Head office can be reached again.
    Reached,
    /// The configuration was reloaded.
    Reloaded,
    /// A job was claimed.
    #[allow(missing_docs)]
    JobStarted { job_id: i64, description: String, history_id: i64, late_ms: i64 },
    /// Its run has begun.
    #[allow(missing_docs)]
    RunBegun { job_id: i64, run_id: i64 },
    /// A job ended.
    #[allow(missing_docs)]
    JobEnded { job_id: i64, run_id: Option<i64>, outcome: &'static str, reason: String },
    /// A job of a crashed server was ended.
    #[allow(missing_docs)]
    TakenOver { job_id: i64, run_id: Option<i64>, server: String, outcome: &'static str },
    /// The starts of a job were skipped.
    #[allow(missing_docs)]
    Skipped { job_id: i64 },
    /// An alert was delivered, or not.
    #[allow(missing_docs)]
    Delivered { channel: &'static str, delivery_id: i64, subject: String, fault: Option<String> },
    /// Alert rules found conditions, or their end.
    #[allow(missing_docs)]
    RulesChecked { fired: usize, resolved: usize },
    /// The alert rules could not be checked; reported once for each error.
    #[allow(missing_docs)]
    RulesNotChecked { fault: String },
    /// The ping after a good run failed.
    #[allow(missing_docs)]
    PingFailed { fault: String },
    /// It stopped; `running` jobs did not reach the end of their chunk.
    #[allow(missing_docs)]
    Stopped { running: usize },
    /// It was stopped before it had written everything; the process exits anyway.
    GaveUp,
}

impl ServerEvent {
    /// Whether the event is written to the log.
    pub fn is_logged(&self) -> bool {
        !matches!(self, Self::Alive)
    }

    /// The run that the event is about.
    pub fn run_id(&self) -> Option<i64> {
        match self {
            Self::RunBegun { run_id, .. } => Some(*run_id),
            Self::JobEnded { run_id, .. } | Self::TakenOver { run_id, .. } => *run_id,
            _ => None,
        }
    }

    /// The sentence; may hold text from outside.
    pub fn text(&self) -> String {
        match self {
            Self::Started { name, .. } => format!("batch server {name} is running"),
            Self::Alive => "alive".to_owned(),
            Self::Unreachable { fault } => format!("waiting for head office, retrying: {fault}"),
            Self::Reached => "head office can be reached again".to_owned(),
            Self::Reloaded => "configuration reloaded".to_owned(),
            Self::JobStarted { job_id, description, late_ms, .. } => {
                format!("batch job {job_id} {description}: started, {} after it was due", took(*late_ms))
            }
            Self::RunBegun { job_id, run_id } => format!("batch job {job_id}: run {run_id}"),
            Self::JobEnded { job_id, outcome, reason, .. } => format!("batch job {job_id}: {outcome}. {reason}"),
            Self::TakenOver { job_id, server, outcome, .. } => {
                format!("batch job {job_id}: batch server {server} is gone; its run is marked {outcome}")
            }
            Self::Skipped { job_id } => format!("batch job {job_id}: late starts skipped, as the job says"),
            Self::Delivered { channel, delivery_id, subject, fault } => {
                let result = fault.as_ref().map_or("delivered".to_owned(), |fault| format!("not delivered: {fault}"));
                format!("alert {delivery_id} by {channel} ({subject}): {result}")
            }
            Self::RulesChecked { fired, resolved } => {
                format!("alert rules: {} fired, {resolved} resolved", counted(*fired, "condition"))
            }
            Self::RulesNotChecked { fault } => format!("alert rules could not be checked: {fault}"),
            Self::PingFailed { fault } => format!("ping after a good run failed: {fault}"),
            Self::GaveUp => "stopped before everything was written; the next server continues".to_owned(),
            Self::Stopped { running: 0 } => "stopped".to_owned(),
            Self::Stopped { running } => {
                format!("stopped before {} finished a chunk", counted(*running, "job"))
            }
        }
    }

    /// The event as one JSON object, without its time.
    pub fn to_json(&self) -> Value {
        let name = match self {
            Self::Started { .. } => "started",
            Self::Alive => "alive",
            Self::Unreachable { .. } => "unreachable",
            Self::Reached => "reached",
            Self::Reloaded => "reloaded",
            Self::JobStarted { .. } => "job_started",
            Self::RunBegun { .. } => "run_begun",
            Self::JobEnded { .. } => "job_ended",
            Self::TakenOver { .. } => "taken_over",
            Self::Skipped { .. } => "passed_over",
            Self::Delivered { .. } => "delivered",
            Self::RulesChecked { .. } => "rules_checked",
            Self::RulesNotChecked { .. } => "rules_not_checked",
            Self::PingFailed { .. } => "ping_failed",
            Self::Stopped { .. } => "stopped",
            Self::GaveUp => "gave_up",
        };
        let job_id = match self {
            Self::JobStarted { job_id, .. }
            | Self::RunBegun { job_id, .. }
            | Self::JobEnded { job_id, .. }
            | Self::TakenOver { job_id, .. }
            | Self::Skipped { job_id } => Some(*job_id),
            _ => None,
        };
        json!({ "event": name, "job_id": job_id, "run_id": self.run_id(), "text": self.text() })
    }
}
