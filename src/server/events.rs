//! What a batch server tells: one line each in its log.

use crate::domain::counted;
use serde_json::{Value, json};

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerEvent {
    /// It lives and takes jobs.
    #[allow(missing_docs)]
    Started { name: String, incarnation: String },
    /// Its loop goes round, whether or not head office answers; not for the log.
    Alive,
    /// Head office cannot be reached, or refuses; told once for each fault.
    #[allow(missing_docs)]
    Unreachable { fault: String },
    /// It can be reached again.
    Reached,
    /// The configuration was read again.
    Reloaded,
    /// A job was claimed.
    #[allow(missing_docs)]
    JobStarted { job_id: i64, description: String, history_id: i64, late_ms: i64 },
    /// Its run has its number.
    #[allow(missing_docs)]
    RunBegun { job_id: i64, run_id: i64 },
    /// A job ended.
    #[allow(missing_docs)]
    JobEnded { job_id: i64, run_id: Option<i64>, outcome: &'static str, reason: String },
    /// A job of a server that is gone was taken over.
    #[allow(missing_docs)]
    TakenOver { job_id: i64, run_id: Option<i64>, server: String, outcome: &'static str },
    /// A job was passed over.
    #[allow(missing_docs)]
    PassedOver { job_id: i64 },
    /// An alert left the house, or did not.
    #[allow(missing_docs)]
    Delivered { way: &'static str, fault: Option<String> },
    /// It stopped; so many jobs did not reach the end of their chunk.
    #[allow(missing_docs)]
    Stopped { running: usize },
    /// It was told to stop and could not write down all that it should; the process ends all the same.
    GaveUp,
}

impl ServerEvent {
    /// Whether it belongs in the log.
    pub fn is_logged(&self) -> bool {
        !matches!(self, Self::Alive)
    }

    /// The run that it is about.
    pub fn run_id(&self) -> Option<i64> {
        match self {
            Self::RunBegun { run_id, .. } => Some(*run_id),
            Self::JobEnded { run_id, .. } | Self::TakenOver { run_id, .. } => *run_id,
            _ => None,
        }
    }

    /// The sentence; text from outside may be in it.
    pub fn text(&self) -> String {
        match self {
            Self::Started { name, .. } => format!("batch server {name} runs"),
            Self::Alive => "alive".to_owned(),
            Self::Unreachable { fault } => format!("cannot go on for now, tried again: {fault}"),
            Self::Reached => "head office can be reached again".to_owned(),
            Self::Reloaded => "configuration read again".to_owned(),
            Self::JobStarted { job_id, description, late_ms, .. } => {
                format!("batch job {job_id} {description}: started, {late_ms} ms after it was due")
            }
            Self::RunBegun { job_id, run_id } => format!("batch job {job_id}: run {run_id}"),
            Self::JobEnded { job_id, outcome, reason, .. } => format!("batch job {job_id}: {outcome}. {reason}"),
            Self::TakenOver { job_id, server, outcome, .. } => {
                format!("batch job {job_id}: batch server {server} is gone; its run is marked {outcome}")
            }
            Self::PassedOver { job_id } => format!("batch job {job_id}: late starts passed over, as the job says"),
            Self::Delivered { way, fault: None } => format!("alert by {way}: delivered"),
            Self::Delivered { way, fault: Some(fault) } => format!("alert by {way}: not delivered: {fault}"),
            Self::GaveUp => "stopped without writing everything down; the next server takes up what is left".to_owned(),
            Self::Stopped { running: 0 } => "stopped".to_owned(),
            Self::Stopped { running } => {
                format!("stopped before {} had come to the end of a chunk", counted(*running, "job"))
            }
        }
    }

    /// The event as one JSON object, without the instant.
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
            Self::PassedOver { .. } => "passed_over",
            Self::Delivered { .. } => "delivered",
            Self::Stopped { .. } => "stopped",
            Self::GaveUp => "gave_up",
        };
        let job_id = match self {
            Self::JobStarted { job_id, .. }
            | Self::RunBegun { job_id, .. }
            | Self::JobEnded { job_id, .. }
            | Self::TakenOver { job_id, .. }
            | Self::PassedOver { job_id } => Some(*job_id),
            _ => None,
        };
        json!({ "event": name, "job_id": job_id, "run_id": self.run_id(), "text": self.text() })
    }
}
