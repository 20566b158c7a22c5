//! How fresh the status is.

use crate::console::protocol::batch_query::Coming;
use crate::domain::Timestamp;
use crate::store::head_office::{RunProgress, Version};

/// The facts of the freshness line, which every screen shows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Freshness {
    /// The version of head office; when it changes, screens are re-queried.
    pub version: Version,
    /// When the last transfer that reached the end began its last read; `None` before the first.
    pub as_of: Option<Timestamp>,
    /// Whether a transfer has read anything, even if none has reached the end yet.
    pub begun: bool,
    /// Waiting messages, counted up to
    /// [`COUNT_LIMIT`](crate::console::protocol::query::COUNT_LIMIT) and one; `None` if the message
    /// database cannot be read.
    pub waiting: Option<i64>,
    /// Why it cannot be read.
    pub messages_fault: Option<String>,
    /// Sessions in a failed state.
    pub open: i64,
    /// Rejected messages that are not dismissed.
    pub rejected: i64,
    /// The active run, its holder, and since when.
    pub running: Option<(i64, String)>,
    /// The progress of that run.
    pub progress: Option<RunProgress>,
    /// Scheduled starts.
    pub coming: Coming,
    /// How often agents try a failed stage, 0 for no limit; `None` before the first answer.
    pub try_count: Option<i64>,
}

impl Freshness {
    /// Whether nothing that screens show has changed between the two.
    pub fn is_as_new_as(&self, other: &Self) -> bool {
        (&self.version, self.open, self.rejected) == (&other.version, other.open, other.rejected)
    }
}
