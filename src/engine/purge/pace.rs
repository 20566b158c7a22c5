//! How long a purge may hold the write lock: a few milliseconds while others write, with pauses as long, and more and more when alone.
//!
//! Without the pause a busy writer starves the others for seconds, whatever the size of its transactions: each of them sleeps
//! longer after every failed try, and finds the lock taken again.

use crate::cancel::Cancel;
use std::time::{Duration, Instant};

/// While others write.
const POLITE: Duration = Duration::from_millis(3);
/// The longest transaction to aim at when alone; the commit comes on top.
const ALONE: Duration = Duration::from_millis(120);
/// What a transaction, commit included, must stay under.
const CEILING: Duration = Duration::from_millis(220);
/// For how long somebody who has written counts as somebody who writes.
const MEMORY: Duration = Duration::from_secs(1);

/// The rhythm of one purge in one database.
#[derive(Debug)]
pub(super) struct Pace {
    hold: Duration,
    version: Option<i64>,
    others: Option<Instant>,
    began: Instant,
}

impl Pace {
    /// Begins politely: whether others write is not known yet.
    pub(super) fn new() -> Self {
        Self { hold: POLITE, version: None, others: Some(Instant::now()), began: Instant::now() }
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

    /// After a transaction: learns from its length and from `data_version` (which changes when another connection commits),
    /// and pauses if others write. Returns whether the pause was cut short by a cancel.
    pub(super) fn rest(&mut self, data_version: i64, cancel: &Cancel) -> bool {
        let took = self.began.elapsed();
        if self.version.is_some_and(|version| version != data_version) {
            self.others = Some(Instant::now());
        }
        if self.version.is_none() {
            // The first look says nothing yet; a short while of silence will do.
            self.others = Instant::now().checked_sub(MEMORY.saturating_sub(POLITE * 10));
        }
        self.version = Some(data_version);
        if self.is_polite() {
            self.hold = POLITE;
            return cancel.sleep(took.max(POLITE));
        }
        self.hold = if took > CEILING { self.hold / 2 } else { (self.hold * 2).min(ALONE) };
        cancel.is_tripped()
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
        pace.version = Some(1);
        for _ in 0..10 {
            pace.hold();
            pace.rest(1, &cancel);
        }
        assert_eq!(pace.hold(), ALONE);
        pace.rest(2, &cancel);
        assert!(pace.is_polite());
        assert_eq!(pace.hold(), POLITE);
    }
}
