//! The events of a run. An event follows the commit it is about; a sink must not block.

use crate::domain::{Counts, SessionKey, Status, Step, Timestamp};
use std::time::{Duration, Instant};

/// An event of a run.
#[derive(Debug, Clone, PartialEq)]
pub enum RunEvent {
    /// The run has begun.
    Started {
        /// Its number.
        run_id: i64,
        /// Earlier runs that never ended and are now marked Interrupted.
        interrupted: Vec<i64>,
    },
    /// A step has begun.
    Step(Step),
    /// A chunk is durable. Only the latest matters.
    Progress(Progress),
    /// A chunk inserted failures: their number, and the last of them in the order of arrival.
    Failures(i64, Vec<Failed>),
    /// A sentence for operators.
    Notice(String),
}

/// A failed message that the run inserted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// The session.
    pub key: SessionKey,
    /// The job.
    pub job_name: String,
    /// The failed status.
    pub status: Status,
    /// When, by the reporter's clock.
    pub occurred_at: Timestamp,
    /// The beginning of its error text.
    pub message: Option<String>,
}

/// The progress of a step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// The step.
    pub step: Step,
    /// Rows done.
    pub done: i64,
    /// Rows in all, as far as known; grows while agents post.
    pub total: i64,
    /// Rows per second since the step began.
    pub rate: f64,
    /// Messages rejected so far.
    pub rejected: i64,
    /// Seconds left at this rate.
    pub seconds_left: f64,
    /// When the newest transferred message was posted.
    pub reached: Option<Timestamp>,
    /// The counts of the transfer's chunks.
    pub chunk: Option<ChunkFigures>,
}

/// The counts of the transfer's chunks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChunkFigures {
    /// Counts of the whole run.
    pub counts: Counts,
    /// Messages of the last chunk.
    pub rows: i64,
    /// The time from the first message of the last chunk until it was durable.
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
    #[allow(clippy::cast_precision_loss)] // a rate for display
    pub(super) fn new(step: Step, done: i64, total: i64, rejected: i64, since: Instant) -> Self {
        let seconds = since.elapsed().as_secs_f64().max(0.001);
        let rate = done as f64 / seconds;
        let total = total.max(done);
        let seconds_left = if rate > 0.0 { (total - done) as f64 / rate } else { 0.0 };
        Self { step, done, total, rate, rejected, seconds_left, reached: None, chunk: None }
    }
}
