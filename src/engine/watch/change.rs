//! The changes of a stream, as JSON and in words.

use crate::batch::AlertEvent;
use crate::domain::{Counts, Outcome, Run, SessionKey, Status, Step, Timestamp, Trigger, as_text, grouped};
use serde::Serialize;

/// One change at head office. The variants' names are the values of the key `event`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Change {
    /// The stream begins.
    Watching {
        /// The present by head office's clock.
        at: Timestamp,
    },
    /// Rows that the position names are missing: head office was restored from a backup, or they
    /// were purged. Some changes may be missing.
    Restored {
        /// When that was seen, by head office's clock.
        at: Timestamp,
    },
    /// A run began.
    RunBegan {
        /// When the change happened.
        at: Timestamp,
        /// Its number.
        run_id: i64,
        /// What started it.
        trigger: Trigger,
        /// The batch job that it is a run of.
        job_id: Option<i64>,
    },
    /// A run has reported progress.
    RunProgressed {
        /// When the progress was read.
        at: Timestamp,
        /// Its number.
        run_id: i64,
        /// Its step.
        step: Option<&'static str>,
        /// Rows of the step that are done; `None` before the step reports.
        done: Option<i64>,
        /// Rows of the step in all; 0 while unknown.
        total: Option<i64>,
        /// Rows per second; 0 while it is not settled.
        rows_per_second: Option<i64>,
        /// The messages that it has transferred so far.
        #[serde(flatten)]
        counts: Counts,
    },
    /// A run ended, or its process is gone.
    RunEnded {
        /// When it ended, or was seen to be gone.
        at: Timestamp,
        /// The run.
        #[serde(flatten)]
        run: Box<Run>,
    },
    /// A cause of errors arrived for the first time.
    NewCause {
        /// When its first message was transferred.
        at: Timestamp,
        /// The key of the cause.
        #[serde(serialize_with = "as_text")]
        digest: i64,
        /// The masked text.
        cause: String,
    },
    /// The state of a session is a failed one now.
    SessionFailed(Box<SessionChange>),
    /// The state of a session is no longer a failed one.
    SessionResolved(Box<SessionChange>),
    /// A batch server is running.
    ServerUp {
        /// When it started, or was heard again.
        at: Timestamp,
        /// Its name.
        name: String,
        /// Its machine.
        host: String,
    },
    /// A batch server has stopped.
    ServerDown {
        /// When it stopped, or last sent a heartbeat.
        at: Timestamp,
        /// Its name; `None` if it was deleted or restarted since the position.
        name: Option<String>,
        /// How it was noticed.
        reason: DownReason,
    },
    /// An operator was notified.
    Alert {
        /// When the notification was stored.
        at: Timestamp,
        /// The notification's number.
        notification_id: i64,
        /// What it is about; `None` for an event of a newer program.
        about: Option<AlertEvent>,
        /// The login.
        operator: String,
        /// The batch job.
        job_id: Option<i64>,
        /// The row of the batch job history.
        history_id: Option<i64>,
        /// The alert rule.
        rule: Option<String>,
        /// The conditions of the rule.
        condition_ids: Vec<i64>,
        /// The channel databases of the conditions.
        stores: Vec<String>,
        /// The text of the alert.
        text: String,
    },
}

/// A session whose state changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SessionChange {
    /// When the message that changed it was transferred.
    pub at: Timestamp,
    /// The session.
    #[serde(flatten)]
    pub key: SessionKey,
    /// The scheduler job, such as `1040`.
    pub job_name: String,
    /// Its status now.
    pub status: Status,
    /// Its status before; `None` for its first message.
    pub status_before: Option<Status>,
    /// Attempts so far.
    pub try_count: i64,
    /// Its round.
    pub round: i64,
    /// When it happened, by the reporter's clock.
    pub occurred_at: Timestamp,
    /// The error text.
    pub message: Option<String>,
    /// Whether the message was in the trash: the change is as old as `at` says.
    pub restored: bool,
}

/// How it is known that a batch server is down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DownReason {
    /// It was stopped in order.
    Stopped,
    /// Its heartbeat is missing.
    Silent,
    /// Another process of the same name has started.
    Restarted,
    /// It is not listed any more.
    Deleted,
}

impl Change {
    /// When it happened.
    pub fn at(&self) -> Timestamp {
        match self {
            Self::SessionFailed(session) | Self::SessionResolved(session) => session.at,
            Self::Watching { at }
            | Self::Restored { at }
            | Self::RunBegan { at, .. }
            | Self::RunProgressed { at, .. }
            | Self::RunEnded { at, .. }
            | Self::NewCause { at, .. }
            | Self::ServerUp { at, .. }
            | Self::ServerDown { at, .. }
            | Self::Alert { at, .. } => *at,
        }
    }

    /// One line about it, without its instant.
    pub fn words(&self) -> String {
        match self {
            Self::Watching { .. } => "watching".to_owned(),
            Self::Restored { .. } => {
                "the position is ahead of head office: rows were purged, or it was restored; some changes may be missing"
                    .to_owned()
            }
            Self::RunBegan { run_id, trigger, job_id, .. } => match (trigger, job_id) {
                (_, Some(job_id)) => format!("run {run_id} began, batch job {job_id}"),
                (Trigger::Console, None) => format!("run {run_id} began, in a console"),
                (_, None) => format!("run {run_id} began, by a command"),
            },
            Self::RunProgressed { run_id, step, done, total, counts, .. } => {
                let read = grouped(counts.read);
                match (step.and_then(Step::from_word), done, total) {
                    (Some(step), Some(done), Some(total)) if *total > 0 => {
                        let (done, total) = (grouped(*done), grouped(*total));
                        format!("run {run_id}: {}, {done} of {total} rows", step.in_words())
                    }
                    (Some(step), ..) => format!("run {run_id}: {}, {read} read", step.in_words()),
                    (None, ..) => format!("run {run_id}: {read} read"),
                }
            }
            Self::RunEnded { run, .. } if run.ended_at.is_none() && run.outcome == Some(Outcome::Interrupted) => {
                format!("run {}: its process is gone", run.run_id)
            }
            Self::RunEnded { run, .. } => match &run.error {
                Some(error) => format!("{}: {error}", run.summary()),
                None => run.summary(),
            },
            Self::NewCause { cause, .. } => format!("new cause: {cause}"),
            Self::SessionFailed(session) => {
                let text = session.message.as_deref().unwrap_or("no error text");
                let restored = if session.restored { " (restored from the trash)" } else { "" };
                format!("{} failed{restored}, {}: {text}", session.name(), session.status)
            }
            Self::SessionResolved(session) => format!("{} resolved, {}", session.name(), session.status),
            Self::ServerUp { name, host, .. } => format!("batch server {name} is running on {host}"),
            Self::ServerDown { name, reason, .. } => {
                let name =
                    name.as_deref().map_or_else(|| "a batch server".to_owned(), |name| format!("batch server {name}"));
                match reason {
                    DownReason::Stopped => format!("{name} stopped"),
                    DownReason::Silent => format!("{name} is silent: it crashed, or cannot reach head office"),
                    DownReason::Restarted => format!("{name} was restarted"),
                    DownReason::Deleted => format!("{name} was deleted"),
                }
            }
            Self::Alert { operator, text, .. } => format!("alert for {operator}: {text}"),
        }
    }
}

impl SessionChange {
    fn name(&self) -> String {
        let SessionKey { direction, session_number, channel_database } = &self.key;
        let place = if channel_database.is_empty() { "the package" } else { channel_database };
        format!("{direction} {session_number} on {place}, job {}", self.job_name)
    }
}
