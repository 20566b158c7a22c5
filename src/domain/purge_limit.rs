//! The purge limit: when a purge needs a confirmation.

/// Rows up to which a purge never needs a confirmation.
const FREE_ROWS: i64 = 10_000;
/// How many times the largest recent purge a purge may take without a confirmation.
const LIMIT_FACTOR: i64 = 10;
/// Messages and sessions from which a purge of most of them needs a confirmation, even in a small
/// exchange. Other tables do not count: a log that expires does not empty the exchange.
pub const SHARE_LIMIT_ROWS: i64 = 1_000;
/// How many times the largest recent purge a purge of most of them may take without a confirmation.
const SHARE_FACTOR: i64 = 2;

/// A finished purge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FinishedPurge {
    /// The retention that it used, in days; 0 is for ever.
    pub retention_days: i64,
    /// Rows that it deleted from all tables of both databases.
    pub rows: i64,
}

/// The messages and sessions of both databases that a purge would delete, of how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PurgeShare {
    /// How many it would delete.
    pub expired: i64,
    /// How many there are; counted only from [`SHARE_LIMIT_ROWS`] expired ones on.
    pub total: i64,
}

/// Why a purge needs a confirmation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PurgeLimit {
    /// The retention was lowered since the last finished purge.
    #[error("retention was lowered from {} to {to} days since the last purge", if *.from == 0 { "for ever".to_owned() } else { .from.to_string() })]
    RetentionLowered {
        /// Days then; 0 is for ever.
        from: i64,
        /// Days now.
        to: i64,
    },
    /// It would delete most of the messages and sessions, and none of the last ten purges deleted
    /// nearly as many rows.
    #[error(
        "that is more than half of all {total} messages and sessions, and more than {SHARE_FACTOR} times the {largest} rows of the largest of the last ten \
         purges; a clock that runs ahead would do that, too"
    )]
    Share {
        /// Messages and sessions of both databases.
        total: i64,
        /// Rows of the largest of the last ten purges.
        largest: i64,
    },
    /// It would delete more than ten times the rows of any of the last ten purges.
    #[error("that is more than {LIMIT_FACTOR} times the {largest} rows of the largest of the last ten purges")]
    Unusual {
        /// Rows of the largest of them.
        largest: i64,
    },
}

/// Returns why a purge of `rows` needs a confirmation, given the share of the messages and sessions
/// among them, and the last ten finished purges, newest first.
pub fn purge_limit(
    rows: i64,
    share: PurgeShare,
    retention_days: i64,
    last_ten: &[FinishedPurge],
) -> Option<PurgeLimit> {
    let largest = last_ten.iter().map(|purge| purge.rows).max().unwrap_or(0);
    // The first purge has nothing to compare with; `check_clocks` compares it with the newest
    // message.
    let last = last_ten.first()?;
    let PurgeShare { expired, total } = share;
    let is_most = expired > total / 2 && expired > largest.saturating_mul(SHARE_FACTOR);
    let share = (expired >= SHARE_LIMIT_ROWS && is_most).then_some(PurgeLimit::Share { total, largest });
    if rows <= FREE_ROWS {
        return share;
    }
    let lowered = retention_days > 0 && (last.retention_days == 0 || retention_days < last.retention_days);
    if lowered {
        return Some(PurgeLimit::RetentionLowered { from: last.retention_days, to: retention_days });
    }
    (rows > largest.saturating_mul(LIMIT_FACTOR)).then_some(PurgeLimit::Unusual { largest }).or(share)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_purge_limit_notices_a_lowered_retention_and_an_unusual_size() {
        let usual = [FinishedPurge { retention_days: 30, rows: 2_000 }];
        let purge_limit = |rows, days, last: &[FinishedPurge]| {
            purge_limit(rows, PurgeShare { expired: rows, total: 1_000_000_000 }, days, last)
        };
        assert_eq!(purge_limit(10_000, 7, &usual), None);
        assert_eq!(purge_limit(10_001, 7, &usual), Some(PurgeLimit::RetentionLowered { from: 30, to: 7 }));
        assert_eq!(purge_limit(20_000, 30, &usual), None);
        assert_eq!(purge_limit(20_001, 60, &usual), Some(PurgeLimit::Unusual { largest: 2_000 }));
        assert_eq!(purge_limit(1_000_000, 30, &[]), None);
    }

    #[test]
    fn a_purge_of_most_of_a_small_exchange_waits_unless_such_purges_are_usual() {
        let limit = |rows, total, largest| {
            let usual = [FinishedPurge { retention_days: 30, rows: largest }];
            purge_limit(rows, PurgeShare { expired: rows, total }, 30, &usual)
        };
        assert_eq!(limit(1_500, 2_999, 50), Some(PurgeLimit::Share { total: 2_999, largest: 50 }));
        assert_eq!(limit(1_500, 3_000, 50), None, "half of them");
        assert_eq!(limit(999, 999, 50), None, "too few to ask");
        assert_eq!(limit(1_500, 1_500, 750), None, "usual here");
        assert_eq!(
            purge_limit(1_500, PurgeShare { expired: 1_500, total: 1_500 }, 30, &[]),
            None,
            "the first one ever"
        );
        assert_eq!(limit(20_000, 20_000, 2_000), Some(PurgeLimit::Share { total: 20_000, largest: 2_000 }));
    }

    #[test]
    fn a_log_that_expires_does_not_hold_the_purge_of_a_small_exchange() {
        let usual = [FinishedPurge { retention_days: 30, rows: 50 }];
        assert_eq!(purge_limit(4_000, PurgeShare { expired: 10, total: 12 }, 30, &usual), None);
    }
}
