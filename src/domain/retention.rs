//! What the purge may delete, when it needs a confirmation, and when it must not run at all.

use crate::domain::{Direction, Parameters, Status, Timestamp};

/// Rows up to which a purge never needs a confirmation.
const FREE_ROWS: i64 = 10_000;
/// How many times the largest recent purge a purge may take without a confirmation.
const LIMIT_FACTOR: i64 = 10;
/// Rows from which a purge of most of all rows needs a confirmation, even in a small exchange.
pub const SHARE_LIMIT_ROWS: i64 = 1_000;
/// How many times the largest recent purge a purge of most of all rows may take without a
/// confirmation.
const SHARE_FACTOR: i64 = 2;
/// Days after the last purge and the newest message beyond which the present date is doubted.
const JUMP_DAYS: i64 = 90;
/// Difference between two databases' clocks beyond which no date is trusted, in milliseconds.
const CLOCKS_APART: i64 = 3_600_000;

/// The cutoffs of a purge; `None` keeps for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cutoffs {
    /// For resolved download sessions, and for the tombstones of all.
    pub resolved: Option<Timestamp>,
    /// For resolved upload sessions.
    pub uploads: Option<Timestamp>,
    /// For unresolved sessions.
    pub unresolved: Option<Timestamp>,
    /// For the message database.
    pub messages: Option<Timestamp>,
    /// For runs, the batch history, notifications and alerts.
    pub history: Option<Timestamp>,
    /// For dismissed messages.
    pub rejected: Option<Timestamp>,
}

impl Cutoffs {
    /// The cutoffs as of `now`; a retention of 0 days keeps for ever.
    pub fn new(parameters: &Parameters, now: Timestamp) -> Self {
        let before = |days: i64| (days > 0).then(|| now.minus_days(days));
        let resolved = before(parameters.retention_days);
        Self {
            resolved,
            uploads: before(parameters.upload_retention_days).or(resolved),
            unresolved: before(parameters.unresolved_retention_days),
            // Messages that outlive the tombstones of their sessions would create them again if the
            // database is read again.
            messages: before(parameters.message_retention_days).max(resolved),
            history: before(parameters.history_retention_days).or(resolved),
            rejected: before(parameters.rejected_retention_days).or(resolved),
        }
    }

    /// The cutoff for resolved sessions of a direction.
    pub fn of_sessions(&self, direction: Direction) -> Option<Timestamp> {
        match direction {
            Direction::Download => self.resolved,
            Direction::Upload => self.uploads,
        }
    }

    /// The latest cutoff for sessions: newer ones are never purged.
    pub fn latest_of_sessions(&self) -> Option<Timestamp> {
        self.resolved.max(self.uploads).max(self.unresolved)
    }

    /// Whether nothing is ever purged.
    pub fn keep_everything(&self) -> bool {
        let Self { resolved, uploads, unresolved, messages, history, rejected } = self;
        [resolved, uploads, unresolved, messages, history, rejected].into_iter().all(Option::is_none)
    }
}

/// What decides about a session row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionFacts {
    /// Its direction.
    pub direction: Direction,
    /// Its status.
    pub status: Status,
    /// The greatest posted_at of its messages: a store's wrong clock must not purge a session on
    /// arrival.
    pub last_posted_at: Timestamp,
    /// Whether it is the row of the package itself (no channel database).
    pub is_package: bool,
    /// For a package: whether it has channel rows, purged ones included, and all of them are final.
    pub all_channels_final: bool,
    /// Whether it is marked to be run again.
    pub marked_for_rerun: bool,
}

/// The decision about a session row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PurgeDecision {
    /// It is deleted with its messages and leaves a tombstone.
    Purge,
    /// It stays because it changed since the cutoff.
    Young,
    /// It is old enough but stays because it is unresolved.
    Unresolved,
    /// It is old enough but stays because it is to be run again.
    MarkedForRerun,
}

/// Decides about one session row.
pub fn judge_session(facts: &SessionFacts, cutoffs: &Cutoffs) -> PurgeDecision {
    let before = |cutoff: Option<Timestamp>| cutoff.is_some_and(|cutoff| facts.last_posted_at < cutoff);
    let package_done =
        facts.is_package && facts.all_channels_final && matches!(facts.status, Status::Started | Status::Available);
    let resolved = facts.status.is_final() || package_done;
    let expired = before(cutoffs.of_sessions(facts.direction));
    if !expired && (resolved || !before(cutoffs.unresolved)) {
        PurgeDecision::Young
    } else if facts.marked_for_rerun {
        PurgeDecision::MarkedForRerun
    } else if resolved || before(cutoffs.unresolved) {
        PurgeDecision::Purge
    } else {
        PurgeDecision::Unresolved
    }
}

/// A finished purge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FinishedPurge {
    /// The retention that it used, in days; 0 is for ever.
    pub retention_days: i64,
    /// Rows that it deleted from all tables of both databases.
    pub rows: i64,
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
    /// It would delete most of all rows, and none of the last ten purges deleted nearly as many.
    #[error(
        "that is more than half of all {total} rows, and more than {SHARE_FACTOR} times the {largest} rows of the largest of the last ten \
         purges; a clock that runs ahead would do that, too"
    )]
    Share {
        /// Rows of both databases.
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

/// Returns why a purge of `rows` needs a confirmation, given the rows of both databases and the
/// last ten finished purges, newest first.
pub fn purge_limit(rows: i64, total: i64, retention_days: i64, last_ten: &[FinishedPurge]) -> Option<PurgeLimit> {
    let largest = last_ten.iter().map(|purge| purge.rows).max().unwrap_or(0);
    // The first purge has nothing to compare with; `check_clocks` compares it with the newest
    // message.
    let last = last_ten.first()?;
    let is_most = rows > total / 2 && rows > largest.saturating_mul(SHARE_FACTOR);
    let share = (rows >= SHARE_LIMIT_ROWS && is_most).then_some(PurgeLimit::Share { total, largest });
    if rows <= FREE_ROWS {
        return share;
    }
    let lowered = retention_days > 0 && (last.retention_days == 0 || retention_days < last.retention_days);
    if lowered {
        return Some(PurgeLimit::RetentionLowered { from: last.retention_days, to: retention_days });
    }
    (rows > largest.saturating_mul(LIMIT_FACTOR)).then_some(PurgeLimit::Unusual { largest }).or(share)
}

/// Why no date can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClockFault {
    /// The clocks of the two databases differ.
    #[error("the clocks of message database and head office differ by {} minutes", .milliseconds / 60_000)]
    Apart {
        /// By how much.
        milliseconds: i64,
    },
    /// The clock of this machine, which decides what has expired, agrees with neither database.
    #[error("the clocks of this machine and head office differ by {} minutes", .milliseconds / 60_000)]
    Own {
        /// By how much.
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
        /// What happened last.
        what: &'static str,
        /// When that was.
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
        |clock: Timestamp| Some(clock.since(head_office).saturating_abs()).filter(|apart| *apart > CLOCKS_APART);
    if let Some(milliseconds) = apart(message_database) {
        return Err(ClockFault::Apart { milliseconds });
    }
    if let Some(milliseconds) = apart(now) {
        return Err(ClockFault::Own { milliseconds });
    }
    if let Some(last_run) = last.run.filter(|last_run| head_office < *last_run) {
        return Err(ClockFault::BeforeLastRun { now: head_office, last_run });
    }
    if let Some(newest) = last.message.filter(|newest| newest.since(message_database) > CLOCKS_APART) {
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

    fn facts(status: Status, days_old: i64) -> SessionFacts {
        SessionFacts {
            direction: Direction::Download,
            status,
            last_posted_at: NOW.minus_days(days_old),
            is_package: false,
            all_channels_final: false,
            marked_for_rerun: false,
        }
    }

    fn after(retention_days: i64, unresolved_retention_days: i64) -> Cutoffs {
        Cutoffs::new(&Parameters { retention_days, unresolved_retention_days, ..Parameters::default() }, NOW)
    }

    #[test]
    fn only_what_is_final_and_older_than_the_retention_goes() {
        let cutoffs = after(30, 0);
        assert_eq!(judge_session(&facts(Status::Applied, 31), &cutoffs), PurgeDecision::Purge);
        assert_eq!(judge_session(&facts(Status::Applied, 30), &cutoffs), PurgeDecision::Young);
        assert_eq!(judge_session(&facts(Status::Uploaded, 3000), &cutoffs), PurgeDecision::Unresolved);
        assert_eq!(judge_session(&facts(Status::ApplyFailed, 29), &cutoffs), PurgeDecision::Young);
    }

    #[test]
    fn each_kind_has_a_retention_of_its_own_or_the_general_one() {
        let of = |change: fn(&mut Parameters)| {
            let mut parameters = Parameters::default();
            change(&mut parameters);
            (Cutoffs::new(&parameters, NOW), parameters.shortest_retention_days())
        };
        let days = |days| Some(NOW.minus_days(days));
        let (cutoffs, shortest) = of(|_| {});
        assert_eq!(
            (cutoffs.uploads, cutoffs.messages, cutoffs.history, cutoffs.rejected),
            (days(30), days(30), days(30), days(30))
        );
        assert_eq!((shortest, cutoffs.keep_everything()), (30, false));
        let (cutoffs, shortest) = of(|of| (of.upload_retention_days, of.history_retention_days) = (7, 400));
        assert_eq!((cutoffs.resolved, cutoffs.uploads, cutoffs.history, shortest), (days(30), days(7), days(400), 7));
        let upload = |age| SessionFacts { direction: Direction::Upload, ..facts(Status::Applied, age) };
        assert_eq!(judge_session(&upload(8), &cutoffs), PurgeDecision::Purge);
        assert_eq!(judge_session(&upload(6), &cutoffs), PurgeDecision::Young);
        assert_eq!(judge_session(&facts(Status::Applied, 8), &cutoffs), PurgeDecision::Young);
        // Messages never outlive the sessions.
        assert_eq!(of(|of| of.message_retention_days = 5).0.messages, days(5));
        assert_eq!(of(|of| of.message_retention_days = 50).0.messages, days(30));
        let (cutoffs, _) = of(|of| (of.retention_days, of.message_retention_days) = (0, 50));
        assert_eq!((cutoffs.resolved, cutoffs.messages, cutoffs.rejected), (None, days(50), None));
        assert!(of(|of| of.retention_days = 0).0.keep_everything());
    }

    #[test]
    fn zero_days_keep_for_ever() {
        assert_eq!(judge_session(&facts(Status::Applied, 30_000), &after(0, 0)), PurgeDecision::Young);
    }

    #[test]
    fn unresolved_sessions_go_only_by_their_own_retention() {
        assert_eq!(judge_session(&facts(Status::ApplyFailed, 91), &after(30, 90)), PurgeDecision::Purge);
        assert_eq!(judge_session(&facts(Status::ApplyFailed, 89), &after(30, 90)), PurgeDecision::Unresolved);
        assert_eq!(judge_session(&facts(Status::ApplyFailed, 91), &after(0, 90)), PurgeDecision::Purge);
        assert_eq!(judge_session(&facts(Status::Applied, 91), &after(0, 90)), PurgeDecision::Young);
    }

    #[test]
    fn a_package_is_done_when_all_its_channels_are() {
        let open = SessionFacts { is_package: true, ..facts(Status::Available, 31) };
        let done = SessionFacts { all_channels_final: true, ..open };
        assert_eq!(judge_session(&open, &after(30, 0)), PurgeDecision::Unresolved);
        assert_eq!(judge_session(&done, &after(30, 0)), PurgeDecision::Purge);
        let failed = SessionFacts { status: Status::CreateFailed, ..done };
        assert_eq!(judge_session(&failed, &after(30, 0)), PurgeDecision::Unresolved);
    }

    #[test]
    fn what_is_marked_for_rerun_stays() {
        let marked = SessionFacts { marked_for_rerun: true, ..facts(Status::Canceled, 31) };
        assert_eq!(judge_session(&marked, &after(30, 0)), PurgeDecision::MarkedForRerun);
    }

    #[test]
    fn the_purge_limit_notices_a_lowered_retention_and_an_unusual_size() {
        let usual = [FinishedPurge { retention_days: 30, rows: 2_000 }];
        let all = 1_000_000_000;
        let purge_limit = |rows, days, last: &[FinishedPurge]| purge_limit(rows, all, days, last);
        assert_eq!(purge_limit(10_000, 7, &usual), None);
        assert_eq!(purge_limit(10_001, 7, &usual), Some(PurgeLimit::RetentionLowered { from: 30, to: 7 }));
        assert_eq!(purge_limit(20_000, 30, &usual), None);
        assert_eq!(purge_limit(20_001, 60, &usual), Some(PurgeLimit::Unusual { largest: 2_000 }));
        assert_eq!(purge_limit(1_000_000, 30, &[]), None);
    }

    #[test]
    fn a_purge_of_most_of_a_small_exchange_waits_unless_such_purges_are_usual() {
        let usual = |rows| [FinishedPurge { retention_days: 30, rows }];
        assert_eq!(purge_limit(1_500, 2_999, 30, &usual(50)), Some(PurgeLimit::Share { total: 2_999, largest: 50 }));
        assert_eq!(purge_limit(1_500, 3_000, 30, &usual(50)), None, "half of them");
        assert_eq!(purge_limit(999, 999, 30, &usual(50)), None, "too few to ask");
        assert_eq!(purge_limit(1_500, 1_500, 30, &usual(750)), None, "usual here");
        assert_eq!(purge_limit(1_500, 1_500, 30, &[]), None, "the first one ever");
        assert_eq!(
            purge_limit(20_000, 20_000, 30, &usual(2_000)),
            Some(PurgeLimit::Share { total: 20_000, largest: 2_000 })
        );
    }

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
