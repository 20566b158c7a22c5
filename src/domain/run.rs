//! A run: one execution of Process status messages, with counts that add up.

use crate::domain::{Timestamp, counted, grouped, serialize_as_word};
use serde::{Serialize, Serializer};

/// The holder of head office's lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaseHolder {
    /// Its login, machine and process, or the batch server.
    pub holder: String,
    /// When it took the lease.
    pub since: Option<Timestamp>,
    /// Its run.
    pub run_id: Option<i64>,
}

/// What a run has done so far; `read` is always the sum of the next three.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Counts {
    /// Messages taken from the message database.
    pub read: i64,
    /// Messages that were new at head office.
    pub inserted: i64,
    /// Messages that were known already.
    pub repeated: i64,
    /// Messages that were rejected as malformed.
    pub rejected: i64,
    /// Session rows written, one for each session and chunk.
    pub sessions_changed: i64,
}

impl Counts {
    /// All counts of a run in words, with the rows that it purged and the unresolved sessions that
    /// it kept past their retention.
    pub fn figures(&self, purged: i64, kept_unresolved: i64) -> String {
        let kept = match kept_unresolved {
            0 => String::new(),
            kept => format!(", {} kept past retention", counted(kept, "unresolved session")),
        };
        format!(
            "{} read = {} inserted + {} repeated + {} rejected; {} changed; {} purged{kept}",
            grouped(self.read),
            grouped(self.inserted),
            grouped(self.repeated),
            grouped(self.rejected),
            counted(self.sessions_changed, "session"),
            counted(purged, "row"),
        )
    }

    /// Adds another chunk's counts.
    pub fn add(&mut self, other: &Self) {
        self.read += other.read;
        self.inserted += other.inserted;
        self.repeated += other.repeated;
        self.rejected += other.rejected;
        self.sessions_changed += other.sessions_changed;
    }
}

/// Rows purged, table by table, in both databases.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Purged {
    /// Rows of the message database.
    #[serde(serialize_with = "by_table")]
    pub message_database: Vec<(&'static str, i64)>,
    /// Rows of head office.
    #[serde(serialize_with = "by_table")]
    pub head_office: Vec<(&'static str, i64)>,
    /// Rows that left the trash; not part of `total`.
    #[serde(serialize_with = "by_table")]
    pub trash: Vec<(&'static str, i64)>,
}

impl Purged {
    /// Rows of all tables of both databases, without those that left the trash.
    pub fn total(&self) -> i64 {
        self.message_database.iter().chain(&self.head_office).map(|(_, rows)| rows).sum()
    }

    /// `total`, plus the rows that left the trash.
    pub fn total_with_trash(&self) -> i64 {
        self.total() + self.trash.iter().map(|(_, rows)| rows).sum::<i64>()
    }
}

/// Serializes rows by table as one object.
fn by_table<S: Serializer>(tables: &[(&'static str, i64)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(tables.iter().copied())
}

/// What started a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    /// `cdx process` or another command.
    Command,
    /// An operator at a console.
    Console,
    /// A batch job.
    BatchJob,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It finished.
    Ended,
    /// It failed.
    Error,
    /// It was canceled and stopped after a chunk.
    Canceled,
    /// Its process crashed or lost the lease; the next run continues.
    Interrupted,
}

/// The step of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Transferring messages to head office.
    Transfer,
    /// Counting what has expired.
    Preview,
    /// Purging the message database.
    PurgeMessageDatabase,
    /// Deleting sessions for good that have been in the trash for `trash-hours`.
    EmptyTrash,
    /// Purging head office.
    PurgeHeadOffice,
    /// Finished.
    Done,
}

macro_rules! words {
    ($type:ty { $($variant:ident => $word:literal),+ $(,)? }) => {
        impl $type {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word in JSON and in the database.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The value of a word; `None` for a word of a newer program.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

words!(Trigger { Command => "command", Console => "console", BatchJob => "batch_job" });
words!(Outcome { Ended => "ended", Error => "error", Canceled => "canceled", Interrupted => "interrupted" });
words!(Step {
    Transfer => "transfer",
    Preview => "preview",
    PurgeMessageDatabase => "purge_message_database",
    EmptyTrash => "empty_trash",
    PurgeHeadOffice => "purge_head_office",
    Done => "done",
});
serialize_as_word!(Trigger, Outcome);

impl Step {
    /// Its heading in a log or a gauge.
    pub fn label(self) -> &'static str {
        match self {
            Self::Transfer => "Transfer",
            Self::Preview => "Counting what has expired",
            Self::PurgeMessageDatabase => "Purge of the message database",
            Self::EmptyTrash => "Emptying the trash",
            Self::PurgeHeadOffice => "Purge of head office",
            Self::Done => "Done",
        }
    }

    /// What a run does in it, in words.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Transfer => "transferring messages",
            Self::Preview => "counting expired rows",
            Self::PurgeMessageDatabase => "purging the message database",
            Self::EmptyTrash => "emptying the trash",
            Self::PurgeHeadOffice => "purging head office",
            Self::Done => "done",
        }
    }
}

/// A sentence for operators about something that did not stop the run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Notice(pub String);

/// The result of one run, as `process` reports it; every documented key of its JSON object is
/// always present.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Run {
    /// Its number at head office.
    pub run_id: i64,
    /// What started it.
    pub trigger: Trigger,
    /// The batch job that it is a run of.
    pub job_id: Option<i64>,
    /// How it ended; `None` while it is running.
    pub outcome: Option<Outcome>,
    /// What it transferred.
    #[serde(flatten)]
    pub counts: Counts,
    /// What it purged.
    pub purged: Purged,
    /// Sessions old enough to purge that stay because they are unresolved.
    pub kept_unresolved: i64,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended; `None` while it is running.
    pub ended_at: Option<Timestamp>,
    /// What operators should know about it.
    pub notices: Vec<Notice>,
    /// Why it failed.
    pub error: Option<String>,
    /// Whether its purge needs a confirmation.
    pub purge_held: bool,
    /// The preview that its purge quotes.
    pub preview: Option<QuotedPreview>,
}

/// The preview that a purge quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct QuotedPreview {
    /// Its number.
    pub preview_id: i64,
    /// The rows that it expected.
    pub rows: i64,
}

impl Run {
    /// Why it failed, and what operators should know about it.
    pub fn remarks(&self) -> impl Iterator<Item = &str> {
        self.error.as_deref().into_iter().chain(self.notices.iter().map(|notice| notice.0.as_str()))
    }

    /// One line with all counts.
    pub fn summary(&self) -> String {
        let outcome = match self.outcome {
            Some(Outcome::Ended) => "ended",
            Some(Outcome::Canceled) => "was canceled",
            Some(Outcome::Interrupted) => "was interrupted",
            Some(Outcome::Error) => "failed",
            None => "has not ended",
        };
        format!("Run {} {outcome}: {}", self.run_id, self.counts.figures(self.purged.total(), self.kept_unresolved))
    }
}
