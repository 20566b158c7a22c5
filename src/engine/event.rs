//! What a run tells while it lives. Events leave after the commit they speak of; a sink must not block.

use crate::domain::{Counts, SessionKey, Status, Step, Timestamp};
use std::time::{Duration, Instant};

/// One thing that happened in a run.
#[derive(Debug, Clone, PartialEq)]
pub enum RunEvent {
    /// The run has its row; these earlier runs had never ended and are marked Interrupted.
    Begun {
        /// Its number.
        run_id: i64,
        /// The earlier ones.
        interrupted: Vec<i64>,
    },
    /// A step has begun.
    Step(Step),
    /// A chunk is durable. Only the latest matters.
    Progress(Progress),
    /// The new messages of a chunk have brought failures: how many, and the last of them in the order of arrival.
    Failures(i64, Vec<Failed>),
    /// Something an operator should know.
    Notice(String),
}

/// A failure among the messages that a run has brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// Of which session.
    pub key: SessionKey,
    /// Of which job.
    pub job_name: String,
    /// Which failure.
    pub status: Status,
    /// When, by the reporter's clock.
    pub occurred_at: Timestamp,
    /// The beginning of its error text.
    pub message: Option<String>,
}

/// How far a step has come.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// Which step.
    pub step: Step,
    /// Rows done.
    pub done: i64,
    /// Rows there are to do, as far as known; grows when agents post meanwhile.
    pub total: i64,
    /// Rows per second since the step began.
    pub rate: f64,
    /// Messages rejected so far.
    pub rejected: i64,
    /// Seconds left at this rate.
    pub seconds_left: f64,
    /// When the last message was posted that the transfer has brought.
    pub reached: Option<Timestamp>,
    /// What the transfer's chunks came to, and the last of them alone.
    pub chunk: Option<ChunkFigures>,
}

/// What the transfer's chunks came to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChunkFigures {
    /// All of this run's.
    pub counts: Counts,
    /// Messages of the last one.
    pub rows: i64,
    /// How long it took, from its first message until it was durable.
    pub took: Duration,
}

/// Takes the events of a run.
pub trait EventSink: Send + Sync {
    /// Takes one event; returns at once.
    fn send(&self, event: RunEvent);
}

impl<F: Fn(RunEvent) + Send + Sync> EventSink for F {
    fn send(&self, event: RunEvent) {
        self(event);
    }
}

impl Progress {
    /// Progress of a step that began at `since`.
    #[allow(clippy::cast_precision_loss)] // a rate for people
    pub(super) fn new(step: Step, done: i64, total: i64, rejected: i64, since: Instant) -> Self {
        let seconds = since.elapsed().as_secs_f64().max(0.001);
        let rate = done as f64 / seconds;
        let total = total.max(done);
        let seconds_left = if rate > 0.0 { (total - done) as f64 / rate } else { 0.0 };
        Self { step, done, total, rate, rejected, seconds_left, reached: None, chunk: None }
    }
}
