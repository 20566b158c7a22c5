//! When a channel database was heard of, how often it reports, and when its silence is worth a look.

use crate::domain::Timestamp;

/// Messages nearer to each other than this, in milliseconds, are one report.
const ONE_REPORT: i64 = 60_000;
/// The least silence that is worth a look, in milliseconds.
pub const QUIET_AFTER: i64 = 3_600_000;
/// How many times the usual gap a silence must last.
pub const QUIET_FACTOR: i64 = 6;
/// The gap of a channel database that has reported only once, in milliseconds: it is quiet after a day.
pub const UNKNOWN_GAP: i64 = 24 * 3_600_000 / QUIET_FACTOR;

/// What is known of a channel database's reports. Instants are `posted_at`: its own clock may be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Presence {
    /// Its first message.
    pub first_seen_at: Timestamp,
    /// Its last one.
    pub last_seen_at: Timestamp,
    /// About the median time between two reports, in milliseconds; `None` until there were two.
    pub usual_gap: Option<i64>,
}

impl Presence {
    /// Heard of once.
    pub fn of(at: Timestamp) -> Self {
        Self { first_seen_at: at, last_seen_at: at, usual_gap: None }
    }

    /// Hears of it again. What arrives out of order counts as heard of, not as a gap.
    pub fn absorb(&mut self, at: Timestamp) {
        self.first_seen_at = self.first_seen_at.min(at);
        let gap = at.since(self.last_seen_at);
        if gap <= 0 {
            return;
        }
        self.last_seen_at = at;
        if gap >= ONE_REPORT {
            // Each gap moves it by an eighth towards itself: that settles at the median, and one quiet night moves it little.
            self.usual_gap = Some(match self.usual_gap {
                None => gap,
                Some(usual) if gap > usual => (usual + usual / 8 + 1).min(gap),
                Some(usual) => (usual - usual / 8).max(gap),
            });
        }
    }

    /// Whether it has been silent for so long, as of an instant up to which everything it posted is known, that one should look.
    pub fn is_quiet(&self, as_of: Timestamp) -> bool {
        let silence = as_of.since(self.last_seen_at);
        silence > QUIET_AFTER && silence > QUIET_FACTOR.saturating_mul(self.usual_gap.unwrap_or(UNKNOWN_GAP))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;

    #[test]
    fn the_usual_gap_settles_at_the_rhythm_and_one_night_moves_it_little() {
        let mut presence = Presence::of(Timestamp(0));
        let mut at = 0;
        for step in 0..200 {
            at += if step % 50 == 49 { 8 * 60 * MINUTE } else { 10 * MINUTE };
            // A report is a handful of messages within seconds.
            for message in 0..4 {
                presence.absorb(Timestamp(at + message * 1_000));
            }
        }
        let usual = presence.usual_gap.expect("it has reported more than once");
        assert!((9 * MINUTE..13 * MINUTE).contains(&usual), "{usual}");
    }

    #[test]
    fn silence_is_worth_a_look_after_an_hour_and_six_gaps() {
        let presence = |usual_gap| Presence { usual_gap, ..Presence::of(Timestamp(0)) };
        let quiet = |usual_gap, minutes: i64| presence(usual_gap).is_quiet(Timestamp(minutes * MINUTE));
        assert!(!quiet(Some(MINUTE), 60));
        assert!(quiet(Some(MINUTE), 61));
        assert!(!quiet(Some(30 * MINUTE), 179));
        assert!(quiet(Some(30 * MINUTE), 181));
        assert!(!quiet(None, 24 * 60));
        assert!(quiet(None, 24 * 60 + 1));
    }

    #[test]
    fn what_arrives_late_is_no_gap() {
        let mut presence = Presence::of(Timestamp(10 * MINUTE));
        presence.absorb(Timestamp(0));
        assert_eq!(presence, Presence { first_seen_at: Timestamp(0), ..Presence::of(Timestamp(10 * MINUTE)) });
    }
}
