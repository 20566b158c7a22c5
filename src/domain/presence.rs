//! When a channel database reported, how often it does, and when its silence needs attention.

use crate::domain::{DAY_MS, HOUR_MS, Timestamp};

/// The shortest silence that needs attention, in milliseconds.
pub const QUIET_AFTER_MS: i64 = HOUR_MS;
/// The usual gap, in milliseconds, assumed until two messages have arrived.
pub const DEFAULT_GAP_MS: i64 = 12 * HOUR_MS;
/// Time, in milliseconds, after which an old longest gap has decayed to zero; a month, so that
/// weekends are remembered.
const FORGOTTEN_AFTER_MS: i64 = 30 * DAY_MS;

/// What is known of a channel database's reports. Instants are `posted_at`, because its own clock
/// may be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Presence {
    /// Its first message.
    pub first_seen_at: Timestamp,
    /// Its last one.
    pub last_seen_at: Timestamp,
    /// The longest usual time between two messages, in milliseconds; `None` until there were two
    /// messages.
    pub usual_gap: Option<i64>,
}

impl Presence {
    /// The presence after the first message.
    pub fn of(at: Timestamp) -> Self {
        Self { first_seen_at: at, last_seen_at: at, usual_gap: None }
    }

    /// Adds a message. A message that arrives out of order does not count as a gap.
    pub fn absorb(&mut self, at: Timestamp) {
        self.first_seen_at = self.first_seen_at.min(at);
        let gap = at.since(self.last_seen_at);
        if gap <= 0 {
            return;
        }
        self.last_seen_at = at;
        // The longest gap so far, which fades with time: steps within a session are short and do
        // not change it, and each night renews it. It depends on the order of the messages alone,
        // not on their chunks.
        let held = self.usual_gap.unwrap_or(DEFAULT_GAP_MS);
        let faded = i128::from(held) * i128::from(gap.min(FORGOTTEN_AFTER_MS)) / i128::from(FORGOTTEN_AFTER_MS);
        self.usual_gap = Some((held - i64::try_from(faded).unwrap_or(held)).max(gap));
    }

    /// Whether its silence needs attention. `as_of`: the instant through which its messages have
    /// been read.
    pub fn is_quiet(&self, as_of: Timestamp) -> bool {
        let silence = as_of.since(self.last_seen_at);
        let usual = self.usual_gap.unwrap_or(DEFAULT_GAP_MS);
        silence > QUIET_AFTER_MS && silence > usual.saturating_mul(2)
    }

    /// Its silence relative to its usual gap, in thousandths.
    pub fn relative_silence(&self, as_of: Timestamp) -> i64 {
        as_of.since(self.last_seen_at) / (self.usual_gap.unwrap_or(DEFAULT_GAP_MS) / 1_000 + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;

    #[test]
    fn steps_within_sessions_do_not_change_the_usual_gap() {
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
