//! The statuses of a batch job, with the original's numbers and labels, and the changes that
//! operators may make.

use std::fmt;

/// A status; its number is the original's (`BatchStatus`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BatchStatus {
    /// Not started until it is released.
    Withhold = 0,
    /// Waits for its start.
    Waiting = 1,
    /// Running.
    Executing = 2,
    /// Failed, and not started again.
    Error = 3,
    /// Succeeded, and not started again.
    Ended = 4,
    /// Due, and waiting for a thread.
    Ready = 5,
    /// Canceled before its first start.
    DidntRun = 6,
    /// Running, and stopping after its chunk.
    Canceling = 7,
    /// Canceled, and not started again.
    Canceled = 8,
}

impl BatchStatus {
    /// Every status, in the order of their numbers.
    pub const ALL: [Self; 9] = [
        Self::Withhold,
        Self::Waiting,
        Self::Executing,
        Self::Error,
        Self::Ended,
        Self::Ready,
        Self::DidntRun,
        Self::Canceling,
        Self::Canceled,
    ];

    /// The statuses that an operator can choose.
    pub const CHOICES: [Self; 4] = [Self::Withhold, Self::Waiting, Self::Canceling, Self::Canceled];

    /// The original's number.
    pub fn number(self) -> i64 {
        self as i64
    }

    /// The status of a number; `None` for a number that the original does not have.
    pub fn from_number(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.number() == number)
    }

    /// Its label on the original's forms.
    pub fn label(self) -> &'static str {
        match self {
            Self::Withhold => "Withhold",
            Self::Waiting => "Waiting",
            Self::Executing => "Executing",
            Self::Error => "Error",
            Self::Ended => "Ended",
            Self::Ready => "Ready",
            Self::DidntRun => "Didn't run",
            Self::Canceling => "Canceling",
            Self::Canceled => "Canceled",
        }
    }

    /// Its word in JSON and on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Withhold => "withhold",
            Self::Waiting => "waiting",
            Self::Executing => "executing",
            Self::Error => "error",
            Self::Ended => "ended",
            Self::Ready => "ready",
            Self::DidntRun => "didnt_run",
            Self::Canceling => "canceling",
            Self::Canceled => "canceled",
        }
    }

    /// The status of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.word() == word)
    }

    /// Whether the job is executing, perhaps being canceled.
    pub fn is_executing(self) -> bool {
        matches!(self, Self::Executing | Self::Canceling)
    }
}

impl fmt::Display for BatchStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

/// Returns why an operator may not make this change of status; `Ok` if it is allowed. The original
/// does not publish its matrix; this one has its documented changes, completed so that no run is
/// aborted and no job waits for ever.
pub fn may_change(from: BatchStatus, to: BatchStatus) -> Result<(), &'static str> {
    use BatchStatus as S;
    match (from, to) {
        (_, S::Executing | S::Error | S::Ended | S::Ready | S::DidntRun) => Err("that status cannot be set by hand"),
        (from, to) if from == to => Err("it has that status already"),
        (S::Executing, S::Canceling) => Ok(()),
        (S::Executing, S::Canceled) => Err("it is executing: set Canceling, and it stops after its chunk"),
        (S::Executing, _) => Err("it is executing; wait for its end, or set Canceling"),
        (S::Canceling, _) => Err("it stops after its chunk and is then Canceled"),
        (_, S::Canceling) => Err("only an executing job can be canceled"),
        (S::Ended, S::Canceled) => Err("it has ended; there is nothing to cancel"),
        (S::Error, S::Canceled) => Err("it has failed; there is nothing to cancel"),
        (S::DidntRun, S::Canceled) => Err("it was canceled before it started"),
        (_, S::Withhold | S::Waiting | S::Canceled) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::BatchStatus as S;
    use super::*;

    #[test]
    fn numbers_and_words_are_the_original_s_and_lead_back() {
        for (number, status) in (0..).zip(S::ALL) {
            assert_eq!((status.number(), S::from_number(number)), (number, Some(status)));
            assert_eq!(S::from_word(status.word()), Some(status));
        }
        assert_eq!(S::from_number(9), None);
    }

    #[test]
    fn the_matrix_allows_the_documented_changes_and_says_why_not_for_every_other() {
        let allowed = [
            (S::Withhold, S::Waiting),
            (S::Withhold, S::Canceled),
            (S::Waiting, S::Withhold),
            (S::Waiting, S::Canceled),
            (S::Executing, S::Canceling),
            (S::Ended, S::Withhold),
            (S::Ended, S::Waiting),
            (S::Error, S::Withhold),
            (S::Error, S::Waiting),
            (S::Canceled, S::Withhold),
            (S::Canceled, S::Waiting),
            (S::Ready, S::Withhold),
            (S::Ready, S::Waiting),
            (S::Ready, S::Canceled),
            (S::DidntRun, S::Withhold),
            (S::DidntRun, S::Waiting),
        ];
        for from in S::ALL {
            for to in S::ALL {
                assert_eq!(may_change(from, to).is_ok(), allowed.contains(&(from, to)), "{from} to {to}");
            }
        }
    }
}
