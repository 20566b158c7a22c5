//! How far a step of a run is, wherever the run executes.

use crate::console::protocol::time::age;
use crate::domain::Step;
use crate::engine::Progress;
use crate::store::head_office::RunProgress;

/// Milliseconds without progress after which a time left would be wrong.
const STALLED_AFTER_MS: i64 = 10_000;

/// A step of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StepProgress {
    /// The step.
    pub step: Step,
    /// How far it is.
    pub state: StepState,
}

impl StepProgress {
    /// The step in one line: `transfer 61 %, 9 s left`.
    pub fn words(self) -> String {
        let step = self.step.label().to_lowercase();
        let StepState::Measured(measured) = self.state else { return step };
        let left = measured.words_left().map(|words| format!(", {words}")).unwrap_or_default();
        format!("{step} {} %{left}", measured.percent())
    }
}

/// How far a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepState {
    /// What there is to do is not known yet.
    Counting,
    /// It is executing.
    Measured(Measured),
    /// It has ended, and has done these rows.
    Finished(Option<i64>),
}

/// The figures of a step that is executing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measured {
    /// Rows done.
    pub done: i64,
    /// Rows in all, as far as known.
    pub total: i64,
    /// Rows per second on average; `None` while that is not settled.
    pub rate: Option<i64>,
    /// Rows per second in the last chunk.
    pub latest_rate: Option<i64>,
    /// Milliseconds left; `None` where they cannot be known.
    pub left: Option<i64>,
    /// Milliseconds since the last progress, if they are many.
    pub stalled: Option<i64>,
}

impl Measured {
    /// The finished part, in percent.
    pub fn percent(&self) -> i64 {
        if self.total <= 0 { 100 } else { (self.done.saturating_mul(100) / self.total).clamp(0, 100) }
    }

    /// The figures, if there was no progress for `silence` milliseconds.
    #[must_use]
    pub fn with_silence(self, silence: i64) -> Self {
        let stalled = Some(silence).filter(|silence| *silence >= STALLED_AFTER_MS);
        Self { left: self.left.filter(|_| stalled.is_none()), stalled, ..self }
    }

    /// `9 s left`, `no progress for 40 s`, or nothing.
    pub fn words_left(&self) -> Option<String> {
        match (self.stalled, self.left) {
            (Some(silence), _) => Some(format!("no progress for {}", age(silence))),
            (None, Some(left)) if self.percent() < 100 => Some(format!("{} left", age(left))),
            _ => None,
        }
    }
}

impl From<&Progress> for Measured {
    #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)] // figures for people; saturate
    fn from(progress: &Progress) -> Self {
        let latest_rate = progress.chunk.map(|chunk| (chunk.rows as f64 / chunk.took.as_secs_f64().max(0.001)) as i64);
        Self {
            done: progress.done,
            total: progress.total,
            rate: progress.seconds_left.map(|_| progress.rate as i64),
            latest_rate,
            left: progress.seconds_left.map(|seconds| (seconds * 1_000.0) as i64),
            stalled: None,
        }
    }
}

impl From<&RunProgress> for Measured {
    fn from(progress: &RunProgress) -> Self {
        let rate = Some(progress.rate).filter(|rate| *rate > 0);
        let ahead = (progress.total - progress.done).max(0);
        Self {
            done: progress.done,
            total: progress.total,
            rate,
            latest_rate: None,
            left: rate.map(|rate| ahead.saturating_mul(1_000) / rate),
            stalled: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noted(rate: i64) -> Measured {
        Measured::from(&RunProgress { run_id: 1, step: Step::Transfer, done: 6_000, total: 10_000, rate })
    }

    #[test]
    fn the_time_left_is_said_only_while_it_can_be_known() {
        assert_eq!(noted(1_000).words_left().as_deref(), Some("4 s left"));
        assert_eq!(noted(0).words_left(), None, "its rate is not settled");
        assert_eq!(noted(1_000).with_silence(9_000).words_left().as_deref(), Some("4 s left"));
        assert_eq!(noted(1_000).with_silence(40_000).words_left().as_deref(), Some("no progress for 40 s"));
        let all = Measured { done: 10_000, left: Some(0), ..noted(1_000) };
        assert_eq!((all.percent(), all.words_left()), (100, None));
        let line = |state| StepProgress { step: Step::Transfer, state }.words();
        assert_eq!(line(StepState::Measured(noted(1_000))), "transfer 60 %, 4 s left");
        assert_eq!(line(StepState::Counting), "transfer");
    }
}
