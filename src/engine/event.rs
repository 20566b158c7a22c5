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
    /// The scheduler job, such as `1040`.
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
    /// Transfer or purge.
    pub step: Step,
    /// Rows done.
    pub done: i64,
    /// Rows in all, as far as known; grows while agents post.
    pub total: i64,
    /// Rows per second since the step began.
    pub rate: f64,
    /// Messages rejected so far.
    pub rejected: i64,
    /// Seconds left at this rate; `None` while the rate is not settled.
    pub seconds_left: Option<f64>,
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

/// The beginning of a step, or of its continuation after an outage, from which its rate is
/// measured.
#[derive(Debug, Clone, Copy)]
pub(super) struct StepBegin {
    at: Instant,
    done: i64,
}

impl StepBegin {
    /// A beginning at this instant, with the rows that are done already.
    pub(super) fn now(done: i64) -> Self {
        Self { at: Instant::now(), done }
    }
}

/// Seconds before a rate is settled: the first chunks are short, and their rate jumps.
const SETTLED_AFTER_SECONDS: f64 = 2.0;

impl Progress {
    /// Progress of a step that began at `begin`.
    pub(super) fn new(step: Step, done: i64, total: i64, rejected: i64, begin: StepBegin) -> Self {
        Self::after(begin.at.elapsed().as_secs_f64(), begin.done, (step, done, total, rejected))
    }

    #[allow(clippy::cast_precision_loss)] // a rate for display
    fn after(seconds: f64, before: i64, (step, done, total, rejected): (Step, i64, i64, i64)) -> Self {
        let rate = (done - before).max(0) as f64 / seconds.max(0.001);
        let total = total.max(done);
        let seconds_left = (rate > 0.0 && seconds >= SETTLED_AFTER_SECONDS).then(|| (total - done) as f64 / rate);
        Self { step, done, total, rate, rejected, seconds_left, reached: None, chunk: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_is_known_once_the_rate_is_settled_and_counts_only_what_the_step_itself_did() {
        let after = |seconds, before| Progress::after(seconds, before, (Step::Transfer, 9_000, 12_000, 0));
        assert_eq!(after(0.1, 0).seconds_left, None, "the rate of the first chunk jumps");
        assert_eq!(after(3.0, 0).seconds_left, Some(1.0));
        // After an outage the rows before it do not count: they would make the rate far too high.
        assert_eq!((after(3.0, 6_000).rate, after(3.0, 6_000).seconds_left), (1_000.0, Some(3.0)));
        assert_eq!(after(60.0, 9_000).seconds_left, None, "nothing was done");
    }
}
