//! When a channel database was heard of, how often it reports, and when its silence is worth a look.

use crate::domain::Timestamp;

/// The least silence that is worth a look, in milliseconds.
pub const QUIET_AFTER: i64 = 3_600_000;
/// The longest gap of a channel database that has reported only once, in milliseconds: it is quiet after twice that.
pub const UNKNOWN_GAP: i64 = 12 * 3_600_000;
/// What the longest gap begins with, in milliseconds: the nights and weekends of a new channel database are not known yet.
const FIRST_GAP: i64 = 12 * 3_600_000;
/// In how much time, in milliseconds, the longest gap would be forgotten if none came near it again: a weekend's is remembered over the
/// days of a week.
const FORGOTTEN_AFTER: i64 = 30 * 24 * 3_600_000;

/// What is known of a channel database's reports. Instants are `posted_at`: its own clock may be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Presence {
    /// Its first message.
    pub first_seen_at: Timestamp,
    /// Its last one.
    pub last_seen_at: Timestamp,
    /// The longest time between two messages that is usual, in milliseconds; `None` until there were two messages.
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
        // The longest gap so far, which fades with time: steps within a session are short and leave it alone, each night renews it. It
        // depends on the order of the messages alone, not on the chunks that they come in.
        let held = self.usual_gap.unwrap_or(FIRST_GAP);
        let faded = i128::from(held) * i128::from(gap.min(FORGOTTEN_AFTER)) / i128::from(FORGOTTEN_AFTER);
        self.usual_gap = Some((held - i64::try_from(faded).unwrap_or(held)).max(gap));
    }

    /// Whether it has been silent for so long, as of an instant up to which everything it posted is known, that one should look.
    pub fn is_quiet(&self, as_of: Timestamp) -> bool {
        let silence = as_of.since(self.last_seen_at);
        let usual = self.usual_gap.unwrap_or(UNKNOWN_GAP);
        silence > QUIET_AFTER && silence > usual.saturating_mul(2)
    }

    /// How long its silence is, relative to its own rhythm, in thousandths of its longest usual gap.
    pub fn relative_silence(&self, as_of: Timestamp) -> i64 {
        as_of.since(self.last_seen_at) / (self.usual_gap.unwrap_or(UNKNOWN_GAP) / 1_000 + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;

    #[test]
    fn the_usual_gap_is_the_longest_that_comes_again_whatever_a_session_is_made_of() {
        let mut presence = Presence::of(Timestamp(0));
        let mut at = 0;
        for step in 0..40 * 50 {
            at += if step % 50 == 49 { 8 * 60 * MINUTE } else { 10 * MINUTE };
            // A session is a handful of messages within minutes.
            for message in 0..4 {
                presence.absorb(Timestamp(at + message * 90_000));
            }
        }
        let usual = presence.usual_gap.expect("it has reported more than once");
        assert!((7 * 60 * MINUTE..9 * 60 * MINUTE).contains(&usual), "{usual}");
    }

    #[test]
    fn a_long_outage_is_forgotten_again() {
        let mut presence = Presence::of(Timestamp(0));
        presence.absorb(Timestamp(9 * 24 * 60 * MINUTE));
        for hour in 0..24 * 120 {
            presence.absorb(Timestamp((9 * 24 + hour) * 60 * MINUTE));
        }
        assert!(presence.usual_gap < Some(8 * 60 * MINUTE), "{presence:?}");
    }

    #[test]
    fn silence_is_worth_a_look_after_an_hour_and_two_usual_gaps() {
        let presence = |usual_gap| Presence { usual_gap, ..Presence::of(Timestamp(0)) };
        let quiet = |usual_gap, minutes: i64| presence(usual_gap).is_quiet(Timestamp(minutes * MINUTE));
        assert!(!quiet(Some(MINUTE), 60));
        assert!(quiet(Some(MINUTE), 61));
        assert!(!quiet(Some(120 * MINUTE), 240));
        assert!(quiet(Some(120 * MINUTE), 241));
        assert!(!quiet(None, 24 * 60));
        assert!(quiet(None, 24 * 60 + 1));
        assert!(!quiet(Some(i64::MAX), i64::MAX / MINUTE));
    }

    #[test]
    fn what_arrives_late_is_no_gap() {
        let mut presence = Presence::of(Timestamp(10 * MINUTE));
        presence.absorb(Timestamp(0));
        assert_eq!(presence, Presence { first_seen_at: Timestamp(0), ..Presence::of(Timestamp(10 * MINUTE)) });
    }
}
