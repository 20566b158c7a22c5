//! How connections are tuned, and how long they wait for locks.

use std::time::Duration;

/// How long a writer waits for a lock.
pub(super) const LOCK_WAIT: Duration = Duration::from_secs(5);

/// The purpose of a connection decides these.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tuning {
    /// Whether a commit survives a power cut (`full`), or only a crash of the program (`normal`).
    pub(super) synchronous: &'static str,
    /// Page cache, in KiB.
    pub(super) cache_kib: i64,
    /// Pages in the write-ahead log after which a commit runs a checkpoint; 0 leaves that to the
    /// caller.
    pub(super) checkpoint_pages: i64,
}
