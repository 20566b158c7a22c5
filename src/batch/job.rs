//! A batch job: what an operator submits, and what became of it.

use crate::batch::BatchStatus;
use crate::domain::{Outcome, Timestamp};
use crate::recurrence::Rule;

/// What a run of the job does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Task {
    /// Bring messages to head office.
    pub transfer: bool,
    /// Purge what has expired.
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
    /// Nothing; the job is in Error until somebody acts, as in the original.
    Stop,
}

/// What follows when starts passed while nobody could make them.
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

            /// Its word in JSON, on the command line and in the database.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// Its label on the forms.
            pub fn label(self) -> &'static str {
                match self { $(Self::$variant => $label),+ }
            }

            /// What the word stands for; `None` for a word of a newer program.
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
words!(AfterError { GoOn => "go_on", "go on at the next start"; Stop => "stop", "stop the recurrence"; });
words!(Missed { RunOnce => "run_once", "one late run"; Skip => "skip", "skip to the next start"; });

/// How a row of the history ended, or why there was no run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HistoryOutcome {
    /// It runs.
    Executing,
    /// It did what it was to do.
    Ended,
    /// It transferred, but its purge waits for a person.
    PurgeHeld,
    /// It failed after its retries.
    Error,
    /// Somebody canceled it.
    Canceled,
    /// Its server died or was stopped; another went on.
    Interrupted,
    /// No run: the one before had not ended.
    Skipped,
    /// No run: no server was there.
    Missed,
    /// No run: somebody had withheld the job, or something else stood in the way.
    NotMade,
}

words!(HistoryOutcome {
    Executing => "executing", "Executing";
    Ended => "ended", "Ended";
    PurgeHeld => "ended_purge_held", "Ended, purge held";
    Error => "error", "Error";
    Canceled => "canceled", "Canceled";
    Interrupted => "interrupted", "Interrupted";
    Skipped => "skipped", "Skipped";
    Missed => "missed", "missed";
    NotMade => "not_made", "not made";
});

impl HistoryOutcome {
    /// Whether there was a run.
    pub fn is_run(self) -> bool {
        !matches!(self, Self::Skipped | Self::Missed | Self::NotMade)
    }

    /// What the end of a run is in the history.
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

/// What an operator submits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobSettings {
    /// What it is called; text from outside.
    pub description: String,
    /// Its batch group; empty is the default group.
    pub batch_group: String,
    /// No batch server takes it; it runs from My batch jobs in a console of its creator.
    pub private: bool,
    /// What a run does.
    pub task: Task,
    /// How often; `None` is once.
    pub recurrence: Option<Rule>,
    /// The scheduled start; with a recurrence the first run is the rule's first occurrence from there.
    pub first_start: Timestamp,
    /// How often a failed run is tried again before it counts as failed.
    pub max_retries: i64,
    /// Pause before the first retry, in milliseconds; see [`retry_pause`].
    pub retry_pause_ms: i64,
    /// What follows an error.
    pub after_error: AfterError,
    /// What follows starts that passed.
    pub missed: Missed,
    /// What the history keeps.
    pub save_history: SaveHistory,
}

impl JobSettings {
    /// Settings as the form begins with: both steps, once, at `first_start`, two retries.
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

    /// Its first start; `None` if the recurrence never occurs from there on.
    pub fn start(&self) -> Option<Timestamp> {
        match &self.recurrence {
            Some(rule) => rule.first_from(self.first_start),
            None => Some(self.first_start),
        }
    }
}

/// Who changed the status last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusChange {
    /// When.
    pub at: Timestamp,
    /// Who; a login, or `batch server NAME`.
    pub by: String,
    /// Why, if said.
    pub reason: Option<String>,
}

/// Who executes a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The batch server, or `console of LOGIN`.
    pub server: String,
    /// Which life of that server: a server that was started again has another.
    pub incarnation: String,
    /// Grows with every claim; what the claim writes checks it.
    pub fencing: i64,
    /// Since when.
    pub since: Timestamp,
    /// The row of the history.
    pub history_id: i64,
    /// The run, once it has begun.
    pub run_id: Option<i64>,
}

/// Begins the incarnation of a claim that a console makes; a batch server's is a bare number.
const BY_CONSOLE: &str = "console";

impl Claim {
    /// The incarnation of a console that claims a private job.
    pub fn console_incarnation(number: &impl std::fmt::Display) -> String {
        format!("{BY_CONSOLE} {number}")
    }

    /// Whether a console made it; then only its run's lease shows whether that console is running.
    pub fn is_by_console(&self) -> bool {
        self.incarnation.starts_with(BY_CONSOLE)
    }
}

/// What the last start came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastRun {
    /// How it ended.
    pub outcome: HistoryOutcome,
    /// How long it took, in milliseconds.
    pub took_ms: i64,
    /// When it ended.
    pub ended_at: Timestamp,
}

/// A batch job as head office knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchJob {
    /// Its number.
    pub job_id: i64,
    /// What was submitted.
    pub settings: JobSettings,
    /// Who submitted it.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// Its status.
    pub status: BatchStatus,
    /// Who changed that last.
    pub changed: StatusChange,
    /// The scheduled start that comes next, or that it is executing; `None` when none comes.
    pub next_start: Option<Timestamp>,
    /// When a failed run is tried again, or an interrupted one taken up; `None` if the next start is a first try.
    pub retry_at: Option<Timestamp>,
    /// Tries of the scheduled start so far.
    pub tries: i64,
    /// Who executes it.
    pub claim: Option<Claim>,
    /// What it last waited for although it was due, as the server that looked saw it.
    pub waits_for: Option<String>,
    /// Since when it waits for something although it is due, by head office's clock.
    pub waits_since: Option<Timestamp>,
    /// What its last start came to.
    pub last: Option<LastRun>,
    /// One run asked for at a console: the job goes with its end.
    pub interactive: bool,
    /// The server that shall run it; another takes it only if that one is silent.
    pub for_server: Option<String>,
    /// The most rows that a held purge of an interactive run may take.
    pub confirm_purge: Option<i64>,
    /// Grows with every edit by an operator, not with what batch servers write; 0 before the first.
    pub version: i64,
}

impl BatchJob {
    /// When it is due: the retry if one is pending, else the scheduled start.
    pub fn due(&self) -> Option<Timestamp> {
        self.retry_at.or(self.next_start)
    }

    /// The start that its recurrence has before its next one, because the clock was ahead by more than a minute when it ran last: what was
    /// made or passed over by that clock is not made twice, until an operator says so by releasing the job. `None` if all is as it should be.
    pub fn skipped_by_clock(&self, now: Timestamp) -> Option<Timestamp> {
        let last = self.last.filter(|last| last.ended_at.since(now) > 60_000)?;
        let rule = self.settings.recurrence.as_ref().filter(|_| self.retry_at.is_none())?;
        let next = rule.first_from(now.max(self.settings.first_start))?;
        (next < self.next_start? && next < last.ended_at).then_some(next)
    }

    /// What stands in the column Next start, where no instant does.
    pub fn no_start(&self) -> &'static str {
        match (self.status, &self.settings.recurrence) {
            (BatchStatus::Error, Some(_)) => "stopped",
            (_, Some(_)) => "ended",
            (_, None) => "once",
        }
    }
}

/// The longest pause before a retry that can be asked for: a quarter of an hour, in milliseconds.
pub const LONGEST_RETRY_PAUSE: i64 = 900_000;

/// The pause before a retry, in milliseconds: `first` before the first one, thirty times as long before each further one, and a
/// quarter of an hour (or `first`, if that is longer) at the most.
pub fn retry_pause(first_ms: i64, tries_so_far: i64) -> i64 {
    let most = first_ms.max(LONGEST_RETRY_PAUSE);
    let steps = u32::try_from(tries_so_far.saturating_sub(1).clamp(0, 16)).unwrap_or(0);
    first_ms.max(0).saturating_mul(30_i64.saturating_pow(steps)).min(most)
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert!(HistoryOutcome::PurgeHeld.is_run() && !HistoryOutcome::Missed.is_run());
    }
}
