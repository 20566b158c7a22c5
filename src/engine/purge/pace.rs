//! How long a purge may hold the write lock: a few milliseconds with pauses as long while others
//! write; longer and longer when alone, with a short gap in between.
//!
//! Without the pause a busy purge of a file starves other writers for seconds, whatever the size of
//! its transactions: each of them sleeps longer after every failed try and finds the lock taken
//! again. A server wakes the next writer, which needs only the time to take the lock.

use crate::cancel::Cancel;
use crate::engine::context::{LONGEST_HOLD, WRITER_GAP};
use std::time::{Duration, Instant};

/// The hold while others write.
const POLITE_HOLD: Duration = Duration::from_millis(3);
/// The gap for a writer that a server wakes up.
const WOKEN_WRITER_GAP: Duration = Duration::from_millis(1);
/// How long after a foreign commit others count as writing.
const FOREIGN_COMMIT_COUNTS_FOR: Duration = Duration::from_secs(1);

/// The pace of one purge in one database.
#[derive(Debug)]
pub(super) struct Pace {
    hold: Duration,
    versions: Option<[i64; 2]>,
    others: Option<Instant>,
    began: Instant,
    /// Between two transactions alone.
    gap: Duration,
}

impl Pace {
    /// Starts with short holds; in a file, whether others write is not known yet.
    pub(super) fn new(writers_poll: bool) -> Self {
        let began = Instant::now();
        let gap = if writers_poll { WRITER_GAP } else { WOKEN_WRITER_GAP };
        Self { hold: POLITE_HOLD, versions: None, others: writers_poll.then_some(began), began, gap }
    }

    /// Returns how long the next transaction may hold the write lock, and starts the clock.
    pub(super) fn hold(&mut self) -> Duration {
        self.began = Instant::now();
        self.hold
    }

    /// Whether another program committed recently, so that transactions are kept short.
    pub(super) fn is_polite(&self) -> bool {
        self.others.is_some_and(|at| at.elapsed() < FOREIGN_COMMIT_COUNTS_FOR)
    }

    /// After a transaction: adapts to its duration and to the databases' `data_version` (which
    /// changes when another connection commits), and pauses if others write. Returns whether a
    /// cancel cut the pause short.
    pub(super) fn rest(&mut self, versions: [i64; 2], cancel: &Cancel) -> bool {
        let took = self.began.elapsed();
        if self.versions.is_some_and(|before| before != versions) {
            self.others = Some(Instant::now());
        }
        if self.versions.is_none() && self.others.is_some() {
            // The first version has none to compare with; a short silence is enough.
            self.others = Instant::now().checked_sub(FOREIGN_COMMIT_COUNTS_FOR.saturating_sub(POLITE_HOLD * 10));
        }
        self.versions = Some(versions);
        if self.is_polite() {
            self.hold = POLITE_HOLD;
            return cancel.sleep(took.max(POLITE_HOLD));
        }
        // The commit takes longer the more was deleted, so the next hold is scaled by this one's
        // duration.
        let scaled = self.hold.mul_f64(LONGEST_HOLD.as_secs_f64() / took.as_secs_f64().max(1e-6));
        self.hold = scaled.clamp(POLITE_HOLD, (self.hold * 2).min(LONGEST_HOLD));
        // After the first short transactions no gap is needed.
        cancel.sleep(self.gap.min(took / 8))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alone_it_speeds_up_and_beside_others_it_slows_down_at_once() {
        let cancel = Cancel::new();
        cancel.trip();
        let mut pace = Pace::new(true);
        pace.others = None;
        pace.versions = Some([1, 1]);
        for _ in 0..10 {
            pace.hold();
            pace.rest([1, 1], &cancel);
        }
        assert_eq!(pace.hold(), LONGEST_HOLD);
        pace.rest([1, 2], &cancel);
        assert!(pace.is_polite());
        assert_eq!(pace.hold(), POLITE_HOLD);
    }
}
