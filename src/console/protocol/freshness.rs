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

/// The age in milliseconds beyond which the status is stale if no run is scheduled.
const STALE_AFTER: i64 = 30 * 60_000;
/// Lateness and clock differences up to this many milliseconds are tolerated.
pub const CLOCK_TOLERANCE: i64 = 60_000;

impl Freshness {
    /// Returns why the status is stale, or `None` if it is fresh.
    pub fn why_stale(&self, now: Timestamp) -> Option<String> {
        if self.running.is_some() {
            return None;
        }
        let Some(as_of) = self.as_of else {
            // A transfer that was interrupted has read only some of the messages.
            let why = if self.begun { "no transfer has reached the end yet" } else { "nothing was ever transferred" };
            return Some(why.to_owned());
        };
        // The age is negative and would count as fresh until the clock has caught up.
        if as_of.since(now) > CLOCK_TOLERANCE {
            return Some("its date is in the future: a clock is wrong".to_owned());
        }
        let coming = &self.coming;
        let (limit, why) = match (coming.next_start, coming.rhythm) {
            (Some(_), _) if coming.servers.is_empty() => (STALE_AFTER, "no batch server runs"),
            (Some(_), Some(rhythm)) => (rhythm.saturating_mul(2).saturating_add(CLOCK_TOLERANCE), "the job is late"),
            // The next run is a purge only, or runs once.
            (Some(at), None) if at > now => (STALE_AFTER, "no transfer is scheduled"),
            (Some(_), None) => (STALE_AFTER, "the job is late"),
            (None, _) if coming.withheld.is_some() => (STALE_AFTER, "job withheld"),
            (None, _) => (STALE_AFTER, "no run is scheduled"),
        };
        (now.since(as_of) > limit).then(|| why.to_owned())
    }

    /// Whether nothing that screens show has changed between the two.
    pub fn is_as_new_as(&self, other: &Self) -> bool {
        (&self.version, self.open, self.rejected) == (&other.version, other.open, other.rejected)
    }
}
