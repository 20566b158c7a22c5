//! Executes one part of a session action: requests in the message database, then their messages at
//! head office.

use crate::domain::{
    Direction, Fold, NewState, Rerun, Session, SessionAction, SessionKey, Status, Timestamp, canceled_state,
    rerun_state, undone_state,
};
use crate::engine::session_actions::part_result::PartResult;
use crate::engine::session_actions::{ActionRequest, ActionResult, LeftOut, SelectedSession, SessionActionError};
use crate::engine::transfer::Chunk;
use crate::store::head_office::{ActionNote, MessageFilter, Permit, TransferredMessage};
use crate::store::message_database::{NewMessage, NewRequest, Operation, RequestAction, Requested, Withdrawal};
use crate::store::{HeadOffice, MessageDatabase, StoreError};
use uuid::Uuid;

/// Messages of a session that are searched for its state before the cancel.
const MAX_MESSAGES: i64 = 1_000;

/// The databases and the request.
pub(super) struct Executor<'a> {
    pub(super) office: HeadOffice,
    pub(super) messages: MessageDatabase,
    pub(super) request: &'a ActionRequest<'a>,
    pub(super) operation_id: String,
    pub(super) database_id: String,
    pub(super) source_id: i64,
    /// `None` if the change needs an approval that was not requested, because no session allows it.
    pub(super) permit: Option<Permit>,
}

/// Returns a selected session, or why it is left out.
pub(super) fn selected(
    office: &HeadOffice,
    action: SessionAction,
    chosen: &SelectedSession,
) -> Result<Result<Session, LeftOut>, StoreError> {
    let Some(session) = office.session(&chosen.key)? else { return Ok(Err(LeftOut::Unknown)) };
    if chosen.seen.is_some_and(|seen| seen != session.fold.winner.message_guid) {
        return Ok(Err(LeftOut::Changed(session.status())));
    }
    Ok(action.check_allowed(&session).map_err(LeftOut::Refused).map(|()| session))
}

/// The change in the message database for one session.
enum Ask {
    Request(NewRequest),
    Withdrawal(Withdrawal),
}

impl Executor<'_> {
    /// Writes into the journal that an undo changed nothing, with the reason of the first session.
    pub(super) fn note_if_nothing_undone(&self, acted: &ActionResult) -> Result<(), StoreError> {
        let ActionRequest { action, reason, operator } = *self.request;
        match (action, acted.done, acted.left_out.as_slice()) {
            (SessionAction::Undo, 0, [(key, why), ..]) if *why != LeftOut::Unknown => {
                let count = i64::try_from(acted.left_out.len()).unwrap_or(i64::MAX);
                self.office.note_no_session_undone(key, count, operator, &format!("{why} ({reason})"))
            }
            _ => Ok(()),
        }
    }

    /// Executes it for a part, in one transaction of each database.
    pub(super) fn part(&self, part: &[SelectedSession], acted: &mut ActionResult) -> Result<(), SessionActionError> {
        let now = self.messages.now()?;
        let (mut requests, mut withdrawals) = (Vec::new(), Vec::new());
        for chosen in part {
            match self.ask(chosen, now)? {
                Err(why) => acted.left_out.push((chosen.key.clone(), why)),
                Ok(Ask::Request(request)) => requests.push(request),
                Ok(Ask::Withdrawal(withdrawal)) => withdrawals.push(withdrawal),
            }
        }
        let Some(permit) = self.permit.as_ref().filter(|_| !(requests.is_empty() && withdrawals.is_empty())) else {
            return Ok(());
        };
        self.office.use_approval(permit)?;
        let ActionRequest { action: act, reason, operator } = *self.request;
        let operation = Operation { id: &self.operation_id, act, reason, operator };
        let requested = self.messages.request(&requests, &operation)?;
        let withdrawn = self.messages.withdraw(&withdrawals, &operation)?;
        let mut result = PartResult::default();
        for (request, became) in requests.into_iter().zip(requested) {
            if became == Requested::Already && self.complete(&request.key, acted)? {
                continue;
            }
            result.take(request.key, request.round, became, &mut acted.left_out);
        }
        for (withdrawal, became) in withdrawals.into_iter().zip(withdrawn) {
            if became == Requested::Nothing && self.complete(&withdrawal.key, acted)? {
                continue;
            }
            let round = withdrawal.instead.as_ref().map_or(withdrawal.round, |request| request.round);
            if withdrawal.instead.is_none() && matches!(became, Requested::Written { .. }) {
                result.unmarks.push(withdrawal.key.clone());
            }
            result.take(withdrawal.key, round, became, &mut acted.left_out);
        }
        if result.sessions.is_empty() {
            return Ok(());
        }
        acted.entry_id = Some(self.report_to_head_office(&result, permit).map_err(SessionActionError::NotReported)?);
        acted.done += result.sessions.len();
        Ok(())
    }

    /// Applies the requests' messages at head office and writes the journal; returns the journal's
    /// row.
    fn report_to_head_office(&self, result: &PartResult, permit: &Permit) -> Result<i64, StoreError> {
        let ActionRequest { action: act, reason, operator } = *self.request;
        let mut chunk = Chunk::of(self.office.begin_outside_run(self.source_id, 0)?);
        chunk.apply(&result.messages)?;
        chunk.commit_action(&ActionNote {
            act,
            operator,
            reason,
            operation_id: &self.operation_id,
            at: None,
            sessions: &result.sessions,
            marks: &result.marks,
            unmarks: &result.unmarks,
            database_id: &self.database_id,
            permit,
        })
    }

    /// Completes at head office the same action that was interrupted between the two databases
    /// earlier; returns false if there was none, or if it was another operator's.
    fn complete(&self, key: &SessionKey, acted: &mut ActionResult) -> Result<bool, SessionActionError> {
        let parts = self.messages.parts_of(key)?;
        let Some(part) = parts.into_iter().find(|part| part.act == self.request.action) else { return Ok(false) };
        if self.office.journal_has(&part.operation_id, key)? {
            return Ok(false);
        }
        let message = part.message_guid.as_deref().map(|guid| self.messages.find(guid)).transpose()?.flatten();
        let is_mark = message.is_none() && !part.withdraws;
        let marks = if is_mark { vec![(key.clone(), part.request_id)] } else { Vec::new() };
        let valid = message.into_iter().filter_map(|found| Some((found.position, found.content.ok()?)));
        let mut chunk = Chunk::of(self.office.begin_outside_run(self.source_id, 0)?);
        chunk.apply(&valid.collect::<Vec<_>>())?;
        let entry_id = chunk
            .commit_action(&ActionNote {
                act: part.act,
                operator: &part.operator,
                reason: &part.reason,
                operation_id: &part.operation_id,
                at: Some(part.at),
                sessions: &[(key.clone(), part.round)],
                marks: &marks,
                unmarks: if part.withdraws { std::slice::from_ref(key) } else { &[] },
                database_id: &self.database_id,
                permit: &Permit::UNASKED,
            })
            .map_err(SessionActionError::NotReported)?;
        // Another operator's action may still be running; it counts its own sessions.
        let is_own = part.operator == self.request.operator;
        if is_own {
            acted.entry_id.get_or_insert(entry_id);
            acted.done += 1;
        }
        Ok(is_own)
    }

    /// Returns the change for one session, or why there is none.
    fn ask(&self, chosen: &SelectedSession, now: Timestamp) -> Result<Result<Ask, LeftOut>, StoreError> {
        let session = match selected(&self.office, self.request.action, chosen)? {
            Ok(session) if self.permit.is_none() => return Ok(Err(LeftOut::Changed(session.status()))),
            Ok(session) => session,
            Err(why) => return Ok(Err(why)),
        };
        let (key, fold) = (&session.key, &session.fold);
        let agent = self.agent_of_package(&session)?;
        let request = |action, round, state: Option<(NewState, String)>| NewRequest {
            key: key.clone(),
            action,
            round,
            message: state.map(|(state, text)| self.message(&session, state, Some(text), now)),
            agent: agent.clone(),
        };
        let reason = self.request.reason;
        Ok(Ok(match self.request.action {
            SessionAction::Cancel => {
                let state = Some((canceled_state(fold), format!("Canceled: {reason}")));
                Ask::Request(request(RequestAction::Cancel, fold.round, state))
            }
            SessionAction::Rerun if key.direction == Direction::Upload => {
                Ask::Request(request(RequestAction::Rerun, fold.round, None))
            }
            SessionAction::Rerun => {
                let state = rerun_state(fold);
                Ask::Request(request(RequestAction::Rerun, state.round, Some((state, format!("Rerun: {reason}")))))
            }
            SessionAction::Undo if session.rerun == Rerun::Marked => Ask::Withdrawal(Withdrawal {
                key: key.clone(),
                action: RequestAction::Rerun,
                round: fold.round,
                instead: None,
            }),
            SessionAction::Undo => {
                let before = self.before(&session)?;
                let state = undone_state(fold, before.as_ref().map(|before| before.status));
                let message = match before {
                    Some(before) => NewMessage {
                        occurred_at: before.occurred_at,
                        ..self.message(&session, state, before.message, now)
                    },
                    None => self.message(&session, state, None, now),
                };
                let instead = NewRequest { message: Some(message), ..request(RequestAction::Rerun, state.round, None) };
                let (key, action) = (key.clone(), RequestAction::Cancel);
                Ask::Withdrawal(Withdrawal { key, action, round: fold.round, instead: Some(instead) })
            }
        }))
    }

    /// The agent that reported last for a package: a package has no channel database by which the
    /// agent would find the request.
    fn agent_of_package(&self, session: &Session) -> Result<Option<String>, StoreError> {
        if !session.key.channel_database.is_empty() {
            return Ok(None);
        }
        let messages = self.history(session)?;
        // Operators appear as reporters of cancels; they are no agents.
        let names = messages.iter().filter_map(|message| message.posted_by.as_deref());
        Ok(self.messages.known_agents(names)?.first().map(|name| (*name).to_owned()))
    }

    /// The newest messages of a session.
    fn history(&self, session: &Session) -> Result<Vec<TransferredMessage>, StoreError> {
        let filter = MessageFilter {
            direction: Some(session.key.direction),
            session_number: Some(session.key.session_number),
            channel_database: Some(session.key.channel_database.clone()),
            limit: MAX_MESSAGES,
            ..MessageFilter::default()
        };
        self.office.messages(&filter)
    }

    /// The message that decided the state of a canceled session before the cancel, in the same
    /// round.
    fn before(&self, session: &Session) -> Result<Option<TransferredMessage>, StoreError> {
        let round = session.fold.round;
        let messages = self.history(session)?;
        let of_round =
            messages.into_iter().filter(|message| message.round == round && message.status != Status::Canceled);
        Ok(of_round.max_by_key(|message| {
            (
                message.status.finality(),
                message.try_count,
                message.occurred_at,
                message.status.stage(session.key.direction),
            )
        }))
    }

    /// The message that reports the new state. Numbers belong to the highest round alone, so a new
    /// round repeats them.
    fn message(&self, session: &Session, state: NewState, text: Option<String>, now: Timestamp) -> NewMessage {
        let Session { key, fold, .. } = session;
        let fold: &Fold = fold;
        let again = state.round > fold.round;
        NewMessage {
            message_guid: Uuid::now_v7().to_string(),
            direction: key.direction.number(),
            session_number: key.session_number,
            channel_database: key.channel_database.clone(),
            job_name: fold.job_name.clone(),
            channel_data_group: fold.channel_data_group.clone(),
            distribution_schedule: fold.distribution_schedule.clone(),
            status: state.status.number(key.direction).unwrap_or_default(),
            occurred_at: now,
            posted_by: Some(self.request.operator.to_owned()),
            round: state.round,
            try_count: state.try_count,
            rows_affected: fold.rows_affected.filter(|_| again),
            file_size: fold.file_size.filter(|_| again),
            row_version: fold.row_version.filter(|_| again),
            message: text,
            ..NewMessage::default()
        }
    }
}
