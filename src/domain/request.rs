//! What an operator may request of a session, by its state, and the status that reports it.

use crate::domain::{Direction, Fold, Rerun, Session, Status};

/// An operator's action on sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionAction {
    /// The agents stop trying.
    Cancel,
    /// A download is offered again in its next round; an upload is repeated by a new session.
    Rerun,
    /// The last request is withdrawn, unless an agent has taken it.
    Undo,
}

/// The state that an action's message reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewState {
    /// The status reached.
    pub status: Status,
    /// The round in which it was reached.
    pub round: i64,
    /// Number of attempts.
    pub try_count: i64,
}

impl SessionAction {
    /// The infinitive, for titles.
    pub fn word(self) -> &'static str {
        match self {
            Self::Cancel => "cancel",
            Self::Rerun => "rerun",
            Self::Undo => "undo",
        }
    }

    /// The action of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Cancel, Self::Rerun, Self::Undo].into_iter().find(|act| act.word() == word)
    }

    /// Returns why the action is not possible for this session; `Ok` if it is. Only the message
    /// database knows whether an agent has taken the request to undo.
    pub fn check_allowed(self, session: &Session) -> Result<(), &'static str> {
        // Uploads are repeated by a new session, and removing a mark needs no round.
        let asks_for_a_round = match self {
            Self::Cancel => false,
            Self::Rerun => session.direction() == Direction::Download,
            Self::Undo => session.rerun != Rerun::Marked,
        };
        if asks_for_a_round && session.fold.round == i64::MAX {
            return Err("an agent has reported the greatest round number, so no round can follow");
        }
        match self {
            Self::Cancel => may_cancel(session.status()),
            Self::Rerun => may_rerun(session.direction(), session.status(), session.rerun),
            Self::Undo if session.status() == Status::Canceled || session.rerun == Rerun::Marked => Ok(()),
            Self::Undo => Err("it is neither canceled nor marked for rerun"),
        }
    }
}

/// Why a session in this state cannot be canceled; `Ok` if it can.
pub fn may_cancel(status: Status) -> Result<(), &'static str> {
    match status {
        Status::Applied => Err("it is applied: nothing is left to stop"),
        Status::Canceled => Err("it is canceled already"),
        Status::NoData => Err("there was no data to carry"),
        _ => Ok(()),
    }
}

/// Why a session in this state cannot be run again; `Ok` if it can.
pub fn may_rerun(direction: Direction, status: Status, rerun: Rerun) -> Result<(), &'static str> {
    match (direction, status) {
        (Direction::Upload, _) if rerun == Rerun::Marked => Err("it is marked for rerun already"),
        (Direction::Upload, _) if rerun == Rerun::Executed => Err("a newer session repeats it; rerun that one"),
        (_, status) if status.is_in_progress() => Err("it is still in progress; cancel it first"),
        (_, Status::CreateFailed) => Err("no package was made; the next run of its schedule makes a new session"),
        (_, Status::NoData) => Err("there was no data to carry"),
        _ => Ok(()),
    }
}

/// The state that a cancel reports: the session's own round and attempts, because a cancel is no
/// attempt.
pub fn canceled_state(fold: &Fold) -> NewState {
    NewState { status: Status::Canceled, round: fold.round, try_count: fold.winner.try_count }
}

/// The state that a rerun reports: available in the next round, whatever still arrives of earlier
/// rounds.
pub fn rerun_state(fold: &Fold) -> NewState {
    NewState { status: Status::Available, round: fold.round.saturating_add(1), try_count: 0 }
}

/// The state that undoing a cancel reports: the status before the cancel, in the next round,
/// because Canceled is final in its own round. Available if the status before is not known any
/// more.
pub fn undone_state(fold: &Fold, before: Option<Status>) -> NewState {
    NewState { status: before.unwrap_or(Status::Available), ..rerun_state(fold) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fold::tests::{any_messages, fold};
    use crate::domain::{SessionKey, StatusMessage, Timestamp};
    use proptest::prelude::*;
    use uuid::Uuid;

    #[test]
    fn whatever_is_not_final_can_be_canceled_and_nothing_else() {
        for status in Direction::ALL.into_iter().flat_map(Status::all) {
            assert_eq!(may_cancel(status).is_ok(), !status.is_final(), "{status}");
        }
    }

    #[test]
    fn what_is_applied_canceled_or_failed_with_a_package_can_be_run_again_once() {
        for direction in Direction::ALL {
            for status in Status::all(direction) {
                let ended = matches!(status, Status::Applied | Status::Canceled) || status.is_failed();
                let expected = ended && status != Status::CreateFailed;
                assert_eq!(may_rerun(direction, status, Rerun::None).is_ok(), expected, "{direction} {status}");
                for rerun in [Rerun::Marked, Rerun::Executed] {
                    assert!(may_rerun(Direction::Upload, status, rerun).is_err(), "{status}");
                }
            }
        }
    }

    /// The message that an act posts.
    fn message(state: NewState, fold: &Fold, guid: u128, at: i64) -> StatusMessage {
        StatusMessage {
            message_guid: Uuid::from_u128(guid),
            key: SessionKey { direction: fold.direction, session_number: 1, channel_database: "S".into() },
            job_name: fold.job_name.clone(),
            channel_data_group: None,
            distribution_schedule: None,
            status: state.status,
            occurred_at: Timestamp(at),
            reported_at: None,
            posted_at: Timestamp(at),
            posted_by: None,
            round: state.round,
            rerun_for: None,
            try_count: state.try_count,
            rows_affected: fold.rows_affected,
            file_size: fold.file_size,
            row_version: fold.row_version,
            data_path: None,
            message: None,
            extra: None,
        }
    }

    fn session(fold: &Fold) -> Session {
        let key = SessionKey { direction: fold.direction, session_number: 1, channel_database: "S".into() };
        Session { key, fold: fold.clone(), rerun: Rerun::None }
    }

    proptest! {
        #[test]
        fn a_rerun_and_an_undone_cancel_end_as_the_rule_says_whatever_comes_in_whichever_order(
            before in any_messages(), late in any_messages(), at in 0i64..4, seed in any::<u64>(),
        ) {
            let known = fold(&before);
            // Late ones are of the rounds before: no agent knows of a newer round yet.
            let late: Vec<_> = late
                .into_iter()
                .filter(|message| message.key.direction == known.direction && message.round <= known.round)
                .map(|message| StatusMessage { message_guid: Uuid::from_u128(message.message_guid.as_u128() + 100), ..message })
                .collect();
            let mut posted = [before, late].concat();
            let mut expected = Vec::new();
            if SessionAction::Cancel.check_allowed(&session(&known)).is_ok() {
                let canceled = message(canceled_state(&known), &known, 1_000, at);
                posted.push(canceled.clone());
                let mut after = known.clone();
                after.absorb(&canceled);
                prop_assert_eq!(after.winner.status, Status::Canceled);
                prop_assert!(SessionAction::Undo.check_allowed(&session(&after)).is_ok());
                let state = undone_state(&after, Some(known.winner.status));
                posted.push(message(state, &after, 1_001, at));
                expected.push(state);
            } else if SessionAction::Rerun.check_allowed(&session(&known)).is_ok() {
                let state = rerun_state(&known);
                posted.push(message(state, &known, 1_002, at));
                expected.push(state);
            }
            fastrand::Rng::with_seed(seed).shuffle(&mut posted);
            let end = fold(&posted);
            for state in expected {
                prop_assert_eq!((end.winner.status, end.round, end.winner.try_count), (state.status, state.round, state.try_count));
            }
        }

        #[test]
        fn a_cancel_holds_against_all_but_an_applied_or_a_newer_round(
            before in any_messages(), late in any_messages(), at in 0i64..4, seed in any::<u64>(),
        ) {
            let known = fold(&before);
            prop_assume!(SessionAction::Cancel.check_allowed(&session(&known)).is_ok());
            let late: Vec<_> = late
                .into_iter()
                .filter(|message| message.key.direction == known.direction)
                .map(|message| StatusMessage { message_guid: Uuid::from_u128(message.message_guid.as_u128() + 100), ..message })
                .collect();
            let wins = late.iter().any(|message| {
                message.round > known.round || (message.round == known.round && message.status.is_final())
            });
            let mut posted = [before, late].concat();
            posted.push(message(canceled_state(&known), &known, 1_000, at));
            fastrand::Rng::with_seed(seed).shuffle(&mut posted);
            if !wins {
                prop_assert_eq!(fold(&posted).winner.status, Status::Canceled);
            }
        }
    }
}
