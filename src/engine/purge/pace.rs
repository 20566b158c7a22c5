//! How long a purge may hold the write lock: a few milliseconds while others write, with pauses as long; more and more when alone,
//! with a gap in between.
//!
//! Without the pause a busy writer starves the others for seconds, whatever the size of its transactions: each of them sleeps
//! longer after every failed try, and finds the lock taken again.

use crate::cancel::Cancel;
use std::time::{Duration, Instant};

/// While others write.
const POLITE: Duration = Duration::from_millis(3);
/// What a transaction may take when alone, commit included: far below the 250 ms that nobody should ever wait, for disks differ from
/// one commit to the next, and a writer who comes may miss the first gap.
const TARGET: Duration = Duration::from_millis(80);
/// Between two transactions when alone, so that a writer who comes finds a gap at all.
const GAP: Duration = Duration::from_millis(6);
/// For how long somebody who has written counts as somebody who writes.
const MEMORY: Duration = Duration::from_secs(1);

/// The rhythm of one purge in one database.
#[derive(Debug)]
pub(super) struct Pace {
    hold: Duration,
    versions: Option<[i64; 2]>,
    others: Option<Instant>,
    began: Instant,
}

impl Pace {
    /// Begins politely: whether others write is not known yet.
    pub(super) fn new() -> Self {
        Self { hold: POLITE, versions: None, others: Some(Instant::now()), began: Instant::now() }
    }

    /// How long the next transaction may hold the write lock; starts the watch.
    pub(super) fn hold(&mut self) -> Duration {
        self.began = Instant::now();
        self.hold
    }

    /// Whether others write.
    pub(super) fn is_polite(&self) -> bool {
        self.others.is_some_and(|at| at.elapsed() < MEMORY)
    }

    /// After a transaction: learns from its length and from the databases' `data_version` (which changes when another connection commits),
    /// and pauses if others write. Returns whether the pause was cut short by a cancel.
    pub(super) fn rest(&mut self, versions: [i64; 2], cancel: &Cancel) -> bool {
        let took = self.began.elapsed();
        if self.versions.is_some_and(|before| before != versions) {
            self.others = Some(Instant::now());
        }
        if self.versions.is_none() {
            // The first look says nothing yet; a short while of silence will do.
            self.others = Instant::now().checked_sub(MEMORY.saturating_sub(POLITE * 10));
        }
        self.versions = Some(versions);
        if self.is_polite() {
            self.hold = POLITE;
            return cancel.sleep(took.max(POLITE));
        }
        // The commit takes its part of the time, the more the more was deleted: the next one is scaled by what this one took.
        let scaled = self.hold.mul_f64(TARGET.as_secs_f64() / took.as_secs_f64().max(1e-6));
        self.hold = scaled.clamp(POLITE, (self.hold * 2).min(TARGET));
        // After the first short ones there is nothing to leave a gap in.
        cancel.sleep(GAP.min(took / 8))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alone_it_speeds_up_and_beside_others_it_slows_down_at_once() {
        let cancel = Cancel::new();
        cancel.trip();
        let mut pace = Pace::new();
        pace.others = None;
        pace.versions = Some([1, 1]);
        for _ in 0..10 {
            pace.hold();
            pace.rest([1, 1], &cancel);
        }
        assert_eq!(pace.hold(), TARGET);
        pace.rest([1, 2], &cancel);
        assert!(pace.is_polite());
        assert_eq!(pace.hold(), POLITE);
    }
}
