//! Refuses a purge when the clocks cannot be trusted: when this machine's or the message database's
//! differs from head office's by more than an hour; when head office's is behind the last run, or
//! the message database's more than an hour behind the newest message; or when the last purge
//! (without one, the newest message) is more than 90 days ago.

use crate::domain::{HOUR_MS, MINUTE_MS, Timestamp};

/// Days after the last purge and the newest message beyond which the present date is doubted.
const JUMP_DAYS: i64 = 90;
/// Difference between two databases' clocks beyond which no date is trusted, in milliseconds.
const CLOCKS_APART_MS: i64 = HOUR_MS;

/// Why no date can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClockFault {
    /// The clocks of the two databases differ.
    #[error("the clocks of message database and head office differ by {} minutes", .milliseconds / MINUTE_MS)]
    Apart {
        /// The difference.
        milliseconds: i64,
    },
    /// The clock of this machine, which decides what has expired, agrees with neither database.
    #[error("the clocks of this machine and head office differ by {} minutes", .milliseconds / MINUTE_MS)]
    Own {
        /// The difference.
        milliseconds: i64,
    },
    /// A clock was set back, or was ahead.
    #[error("it is {}, which is before the last run ({})", .now.to_rfc3339(), .last_run.to_rfc3339())]
    BeforeLastRun {
        /// The present by head office's clock, which dated that run: two machines may differ by a
        /// few seconds.
        now: Timestamp,
        /// When the last run started or ended.
        last_run: Timestamp,
    },
    /// A clock is behind, or was ahead when the message arrived.
    #[error("it is {}, which is before the newest message arrived ({})", .now.to_rfc3339(), .newest.to_rfc3339())]
    BeforeNewest {
        /// The present by the message database's clock.
        now: Timestamp,
        /// When the newest message arrived.
        newest: Timestamp,
    },
    /// A clock is far ahead, or nothing happened for a long time.
    #[error("it is {}, more than {JUMP_DAYS} days after {what} ({})", .now.to_rfc3339(), .last.to_rfc3339())]
    Ahead {
        /// The present by head office's clock.
        now: Timestamp,
        /// The latest event with a date, such as the last run.
        what: &'static str,
        /// The date of that event.
        last: Timestamp,
    },
}

/// The latest known events, which the present must not precede; `None` if there was none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LastSeen {
    /// When the last run started or ended.
    pub run: Option<Timestamp>,
    /// When the last finished purge ended.
    pub purge: Option<Timestamp>,
    /// When the newest message arrived in the message database.
    pub message: Option<Timestamp>,
}

/// Returns an error if the clocks cannot be trusted: `now` of this machine, those of the two
/// databases, and the latest events.
pub fn check_clocks(
    now: Timestamp,
    message_database: Timestamp,
    head_office: Timestamp,
    last: LastSeen,
) -> Result<(), ClockFault> {
    let apart =
        |clock: Timestamp| Some(clock.since(head_office).saturating_abs()).filter(|apart| *apart > CLOCKS_APART_MS);
    if let Some(milliseconds) = apart(message_database) {
        return Err(ClockFault::Apart { milliseconds });
    }
    if let Some(milliseconds) = apart(now) {
        return Err(ClockFault::Own { milliseconds });
    }
    if let Some(last_run) = last.run.filter(|last_run| head_office < *last_run) {
        return Err(ClockFault::BeforeLastRun { now: head_office, last_run });
    }
    if let Some(newest) = last.message.filter(|newest| newest.since(message_database) > CLOCKS_APART_MS) {
        return Err(ClockFault::BeforeNewest { now: message_database, newest });
    }
    // An exchange that still purges may well be idle for a long time.
    let message = last.message.map(|at| ("the newest message arrived", at));
    if let Some((what, last)) = last.purge.map(|at| ("the last purge", at)).or(message)
        && last < head_office.minus_days(JUMP_DAYS)
    {
        return Err(ClockFault::Ahead { now: head_office, what, last });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_800_000_000_000);

    #[test]
    fn clocks_that_disagree_or_run_backwards_are_noticed() {
        let hour = Timestamp(NOW.0 + 3_600_001);
        let run = |run| LastSeen { run, ..LastSeen::default() };
        assert!(check_clocks(NOW, NOW, NOW, run(Some(NOW))).is_ok());
        assert!(matches!(check_clocks(NOW, hour, NOW, run(None)), Err(ClockFault::Apart { .. })));
        assert!(matches!(check_clocks(hour, NOW, NOW, run(None)), Err(ClockFault::Own { .. })));
        assert!(matches!(check_clocks(NOW.minus_days(365), NOW, NOW, run(None)), Err(ClockFault::Own { .. })));
        let a_second_behind = Timestamp(NOW.0 - 1_000);
        assert!(check_clocks(a_second_behind, NOW, NOW, run(Some(NOW))).is_ok(), "no two machines agree to the second");
        assert!(matches!(check_clocks(NOW, NOW, NOW, run(Some(hour))), Err(ClockFault::BeforeLastRun { .. })));
    }

    #[test]
    fn clocks_that_all_jumped_are_noticed_by_what_happened_last() {
        let check = |purge, message| check_clocks(NOW, NOW, NOW, LastSeen { run: Some(NOW), purge, message });
        let (recent, old) = (Some(NOW.minus_days(89)), Some(NOW.minus_days(91)));
        assert!(check(recent, recent).is_ok());
        assert!(check(None, None).is_ok());
        assert!(matches!(check(old, recent), Err(ClockFault::Ahead { what: "the last purge", .. })));
        assert!(check(recent, old).is_ok(), "an idle exchange");
        assert!(matches!(check(None, old), Err(ClockFault::Ahead { what: "the newest message arrived", .. })));
        let ahead = Some(Timestamp(NOW.0 + 3_600_001));
        assert!(matches!(check(recent, ahead), Err(ClockFault::BeforeNewest { .. })));
    }
}
