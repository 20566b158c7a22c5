//! Batch jobs: what operators submit, and their state.

use crate::batch::{BatchStatus, Claim, PurgeConsent};
use crate::domain::{Outcome, Timestamp};
use crate::recurrence::Rule;

/// The steps of a run of the job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Task {
    /// Transfer messages to head office.
    pub transfer: bool,
    /// Purge expired rows.
    pub purge: bool,
}

/// What the history keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SaveHistory {
    /// Every run.
    #[default]
    Always,
    /// Runs that did not succeed.
    ErrorsOnly,
    /// Nothing.
    Never,
}

/// What follows a run that failed after its retries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AfterError {
    /// The next occurrence.
    #[default]
    GoOn,
    /// Nothing; the job stays in Error until an operator releases it, as in the original product.
    Stop,
}

/// What follows missed starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Missed {
    /// One late run.
    #[default]
    RunOnce,
    /// Nothing until the next occurrence.
    Skip,
}

macro_rules! words {
    ($type:ident { $($variant:ident => $word:literal, $label:literal;)+ }) => {
        impl $type {
            /// Every value, in the order of the form.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word in JSON, on the command line and in the database.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The label on the forms.
            pub fn label(self) -> &'static str {
                match self { $(Self::$variant => $label),+ }
            }

            /// Returns the value of a word; `None` for an unknown word, such as one of a newer
            /// program.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

words!(SaveHistory {
    Always => "always", "Always";
    ErrorsOnly => "errors_only", "Errors only";
    Never => "never", "Never";
});
words!(AfterError { GoOn => "go_on", "continue at next start"; Stop => "stop", "stop the recurrence"; });
words!(Missed { RunOnce => "run_once", "one late run"; Skip => "skip", "skip to the next start"; });

/// The outcome of a history row: how a run ended, or why there was none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HistoryOutcome {
    /// It is running.
    Executing,
    /// It finished.
    Ended,
    /// The transfer finished, but the purge is held until it is confirmed.
    PurgeHeld,
    /// It failed after its retries.
    Error,
    /// It was canceled.
    Canceled,
    /// Its server crashed or was stopped; the run continued elsewhere.
    Interrupted,
    /// No run: the previous start was still running or being retried.
    OverlapSkipped,
    /// No run: no batch server for the job was running, or it could not reach head office.
    NoServer,
    /// No run: the job was withheld, outside the servers' windows, or blocked while a server ran.
    Blocked,
}

words!(HistoryOutcome {
    Executing => "executing", "Executing";
    Ended => "ended", "Ended";
    PurgeHeld => "ended_purge_held", "Ended, purge held";
    Error => "error", "Error";
    Canceled => "canceled", "Canceled";
    Interrupted => "interrupted", "Interrupted";
    OverlapSkipped => "skipped", "Skipped";
    NoServer => "missed", "missed";
    Blocked => "not_made", "not made";
});

impl HistoryOutcome {
    /// Whether there was a run.
    pub fn is_run(self) -> bool {
        !matches!(self, Self::OverlapSkipped | Self::NoServer | Self::Blocked)
    }

    /// Whether the start failed.
    pub fn went_wrong(self) -> bool {
        !matches!(self, Self::Ended | Self::Executing | Self::Canceled)
    }

    /// The outcome of a run that ended.
    pub fn of(outcome: Outcome, purge_held: bool) -> Self {
        match outcome {
            Outcome::Ended if purge_held => Self::PurgeHeld,
            Outcome::Ended => Self::Ended,
            Outcome::Error => Self::Error,
            Outcome::Canceled => Self::Canceled,
            Outcome::Interrupted => Self::Interrupted,
        }
    }
}

/// The settings of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobSettings {
    /// Its name; untrusted text.
    pub description: String,
    /// Its batch group; empty is the default group.
    pub batch_group: String,
    /// Whether only a console of its creator runs it, from My batch jobs; no batch server takes it.
    pub private: bool,
    /// The steps of a run.
    pub task: Task,
    /// The recurrence; `None` for a single run.
    pub recurrence: Option<Rule>,
    /// The scheduled start; with a recurrence the first run is the rule's first occurrence from
    /// there.
    pub first_start: Timestamp,
    /// Retries of a failed run before it counts as failed.
    pub max_retries: i64,
    /// The pause before the first retry, in milliseconds; see [`retry_pause`].
    pub retry_pause_ms: i64,
    /// What follows an error.
    pub after_error: AfterError,
    /// What follows missed starts.
    pub missed: Missed,
    /// What the history keeps.
    pub save_history: SaveHistory,
}

impl JobSettings {
    /// The initial values of the form: both steps, once, at `first_start`, two retries.
    pub fn new(first_start: Timestamp) -> Self {
        Self {
            description: "Process status messages".to_owned(),
            batch_group: String::new(),
            private: false,
            task: Task { transfer: true, purge: true },
            recurrence: None,
            first_start,
            max_retries: 2,
            retry_pause_ms: 30_000,
            after_error: AfterError::default(),
            missed: Missed::default(),
            save_history: SaveHistory::default(),
        }
    }

    /// Returns the first start; `None` if the recurrence has no occurrence.
    pub fn start(&self) -> Option<Timestamp> {
        match &self.recurrence {
            Some(rule) => rule.first_from(self.first_start),
            None => Some(self.first_start),
        }
    }
}

/// The last change of the status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusChange {
    /// When it was changed.
    pub at: Timestamp,
    /// The actor: a login, or `batch server NAME`.
    pub by: String,
    /// Why, if a reason was given.
    pub reason: Option<String>,
}

/// The result of the last start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastRun {
    /// How it ended.
    pub outcome: HistoryOutcome,
    /// How long it took, in milliseconds.
    pub took_ms: i64,
    /// When it ended.
    pub ended_at: Timestamp,
}

/// A batch job as stored at head office.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchJob {
    /// Its number.
    pub job_id: i64,
    /// Its settings.
    pub settings: JobSettings,
    /// Its creator.
    pub created_by: String,
    /// When it was created.
    pub created_at: Timestamp,
    /// Its status.
    pub status: BatchStatus,
    /// The last change of the status.
    pub changed: StatusChange,
    /// The next scheduled start, or the one that is executing; `None` if there is none.
    pub next_start: Option<Timestamp>,
    /// When a failed run is retried, or an interrupted one continued; `None` if the next start is a
    /// first try.
    pub retry_at: Option<Timestamp>,
    /// Tries of this start so far.
    pub tries: i64,
    /// The claim, while it is executing.
    pub claim: Option<Claim>,
    /// What it was waiting for when a server last found it due.
    pub waits_for: Option<String>,
    /// The instant since which it has been waiting although it is due, by head office's clock.
    pub waits_since: Option<Timestamp>,
    /// The result of its last start.
    pub last: Option<LastRun>,
    /// A single run requested at a console: the job is deleted when it ends.
    pub interactive: bool,
    /// The server that should run it; another server takes it only if this one is silent.
    pub for_server: Option<String>,
    /// What the operator has seen of the purge of an interactive run.
    pub purge_consent: PurgeConsent,
    /// The number of the last edit by an operator; changes by batch servers do not count. 0 before
    /// the first edit.
    pub version: i64,
}

impl BatchJob {
    /// Its number and description as every text names it: `job 3 Nightly purge`.
    pub fn name(&self) -> String {
        format!("job {} {}", self.job_id, self.settings.description)
    }

    /// Returns when it is due: at the pending retry, else at the scheduled start.
    pub fn due(&self) -> Option<Timestamp> {
        self.retry_at.or(self.next_start)
    }

    /// Returns the next occurrence by the current clock if the job skips it because the clock was
    /// ahead: if its last run ended more than a minute in the future, occurrences before that end
    /// are not repeated until an operator releases the job. `None` if none is skipped.
    pub fn skipped_by_clock(&self, now: Timestamp) -> Option<Timestamp> {
        const FAST_CLOCK_MS: i64 = 60_000;
        let last = self.last.filter(|last| last.ended_at.since(now) > FAST_CLOCK_MS)?;
        let rule = self.settings.recurrence.as_ref().filter(|_| self.retry_at.is_none())?;
        let next = rule.first_from(now.max(self.settings.first_start))?;
        (next < self.next_start? && next < last.ended_at).then_some(next)
    }

    /// Returns the text of the column Next start for a job without a next start.
    pub fn no_start(&self) -> &'static str {
        match (self.status, &self.settings.recurrence) {
            (BatchStatus::Error, Some(_)) => "stopped",
            (_, Some(_)) => "ended",
            (_, None) => "once",
        }
    }
}

/// The longest pause before a retry: a quarter of an hour, in milliseconds.
pub const LONGEST_RETRY_PAUSE: i64 = 900_000;

/// Returns the pause before a retry, in milliseconds: `first_ms` before the first, 30 times the
/// previous pause before each further one, at most [`LONGEST_RETRY_PAUSE`] (or `first_ms`, if that
/// is longer).
pub fn retry_pause(first_ms: i64, tries_so_far: i64) -> i64 {
    let most = first_ms.max(LONGEST_RETRY_PAUSE);
    let steps = u32::try_from(tries_so_far.saturating_sub(1).clamp(0, 16)).unwrap_or(0);
    first_ms.max(0).saturating_mul(30_i64.saturating_pow(steps)).min(most)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A job that waits for its start at 0.
    pub fn job() -> BatchJob {
        BatchJob {
            job_id: 1,
            settings: JobSettings::new(Timestamp(0)),
            created_by: "r.vermeer".to_owned(),
            created_at: Timestamp(0),
            status: BatchStatus::Waiting,
            changed: StatusChange { at: Timestamp(0), by: "m.jansen".to_owned(), reason: None },
            next_start: Some(Timestamp(0)),
            retry_at: None,
            tries: 0,
            claim: None,
            waits_for: None,
            waits_since: None,
            last: None,
            interactive: false,
            for_server: None,
            purge_consent: PurgeConsent::default(),
            version: 0,
        }
    }

    #[test]
    fn retries_back_off_to_a_quarter_of_an_hour() {
        let pauses: Vec<_> = (1..=4).map(|tries| retry_pause(30_000, tries)).collect();
        assert_eq!(pauses, [30_000, 900_000, 900_000, 900_000]);
        assert_eq!(retry_pause(3_600_000, 1), 3_600_000);
        assert_eq!(retry_pause(30_000, i64::MAX), 900_000);
        assert_eq!(retry_pause(0, 5), 0);
    }

    #[test]
    fn words_lead_back() {
        for outcome in HistoryOutcome::ALL {
            assert_eq!(HistoryOutcome::from_word(outcome.word()), Some(*outcome));
        }
        assert!(HistoryOutcome::PurgeHeld.is_run() && !HistoryOutcome::NoServer.is_run());
    }
}
