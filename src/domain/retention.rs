//! What the purge may delete: the cutoffs by retention, and the decision about a session.

use crate::domain::{Direction, Parameters, Status, Timestamp};

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
    /// For the trash: what was purged before is deleted for good; `None` is no trash.
    pub trash: Option<Timestamp>,
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
            trash: (parameters.trash_hours > 0).then(|| now.plus_hours(-parameters.trash_hours)),
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

    /// The cutoff for tombstones, which outlive their sessions in the trash.
    pub fn of_tombstones(&self) -> Option<Timestamp> {
        self.resolved.map(|resolved| self.trash.map_or(resolved, |trash| resolved.min(trash)))
    }

    /// Whether nothing is ever purged, the trash aside.
    pub fn keep_everything(&self) -> bool {
        let Self { resolved, uploads, unresolved, messages, history, rejected, trash: _ } = self;
        [resolved, uploads, unresolved, messages, history, rejected].into_iter().all(Option::is_none)
    }
}

/// What decides about a session row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionFacts {
    /// Its direction.
    pub direction: Direction,
    /// The current status.
    pub status: Status,
    /// The greatest posted_at of its messages, because a store's wrong clock must not purge a
    /// session on arrival; if it was restored from the trash later, that instant.
    pub changed_at: Timestamp,
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
    /// It moves to the trash with its messages and leaves a tombstone.
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
    let before = |cutoff: Option<Timestamp>| cutoff.is_some_and(|cutoff| facts.changed_at < cutoff);
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

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_800_000_000_000);

    fn facts(status: Status, days_old: i64) -> SessionFacts {
        SessionFacts {
            direction: Direction::Download,
            status,
            changed_at: NOW.minus_days(days_old),
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
}
