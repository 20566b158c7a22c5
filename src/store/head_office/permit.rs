//! Applies the guardrails and roles to a change, and journals attempts that they refuse.

use crate::domain::{Rerun, SessionAction, SessionKey, Status};
use crate::guard::{Attempt, Authority, Decision, Guarded, REFUSED, Refusal, UNDO, decide};
use crate::store::StoreError;
use crate::store::head_office::journal::{Change, sessions_object};
use crate::store::head_office::{HeadOffice, Permit};
use crate::store::value::values;
use std::collections::BTreeSet;

/// The most rows that an object names.
pub(super) const MAX_NAMED_ROWS: usize = 20;

impl HeadOffice {
    /// The guardrails and roles, and the operator's consent.
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// Decides about a change. If it is refused, an open transaction is rolled back, and the
    /// attempt is a row of the journal, durable when it returns; a question that the operator can
    /// answer is no attempt yet.
    pub fn permit(&self, attempt: &Attempt) -> Result<Permit, StoreError> {
        match decide(&self.authority, attempt) {
            Decision::Allowed => Ok(Permit::UNASKED),
            Decision::Refused(refusal) => Err(self.refuse(attempt, refusal)?),
            Decision::NeedsApproval(sentence) => self.approved(attempt, sentence),
        }
    }

    /// Decides about an action on sessions before anything is requested. `None` if it needs an
    /// approval and `changes_any` says that it changes nothing: then no approval is requested.
    pub fn permit_sessions(
        &self,
        operator: &str,
        act: SessionAction,
        keys: &[&SessionKey],
        reason: &str,
        changes_any: &mut dyn FnMut() -> Result<bool, StoreError>,
    ) -> Result<Option<Permit>, StoreError> {
        let action = format!("{} session", act.word());
        let (mut subjects, mut also) = (Vec::new(), BTreeSet::new());
        if act == SessionAction::Undo {
            also.insert(UNDO);
        }
        let is_guarded_undo = act == SessionAction::Undo && !self.authority.rules.guardrails.is_empty();
        if is_guarded_undo || self.authority.has_scope(&[&action]) {
            for key in keys {
                let Some(session) = self.session(key)? else { continue };
                match act {
                    SessionAction::Undo if session.rerun == Rerun::Marked => also.insert("rerun session"),
                    SessionAction::Undo if session.status() == Status::Canceled => also.insert("cancel session"),
                    _ => false,
                };
                subjects.push(Guarded {
                    store: session.key.channel_database,
                    job: session.fold.job_name,
                    group: session.fold.channel_data_group.unwrap_or_default(),
                    schedule: session.fold.distribution_schedule.unwrap_or_default(),
                    direction: session.key.direction.word(),
                    ..Guarded::default()
                });
            }
        }
        let also: Vec<_> = also.into_iter().collect();
        let rows = count(keys.len());
        let object = sessions_object(rows, keys.first().copied());
        let named = |most| names(keys.iter().copied(), most);
        let (detail, identity) = (
            named(MAX_NAMED_ROWS),
            format!("{} {}", keys.first().map_or("", |key| key.direction.word()), named(usize::MAX)),
        );
        let attempt = Attempt {
            detail: &detail,
            rows,
            subjects: &subjects,
            sessions: keys,
            reason: Some(reason),
            identity: Some(&identity),
            also: &also,
            ..Attempt::new(operator, &action, &object)
        };
        let needs_approval = matches!(decide(&self.authority, &attempt), Decision::NeedsApproval(_));
        if needs_approval && !changes_any()? { Ok(None) } else { self.permit(&attempt).map(Some) }
    }

    /// Decides about an action on rejected messages.
    pub(super) fn permit_rejected(&self, operator: &str, action: &str, ids: &[i64]) -> Result<Permit, StoreError> {
        let object = listed("rejected message", ids);
        let identity = identity(ids);
        let attempt = Attempt::new(operator, action, &object);
        self.permit(&Attempt { rows: count(ids.len()), identity: Some(&identity), ..attempt })
    }

    /// Decides about the deletion of batch jobs.
    pub(super) fn permit_job_deletion(&self, operator: &str, ids: &[i64]) -> Result<Permit, StoreError> {
        const DELETE: &str = "delete batch job";
        let subjects = if self.authority.has_scope(&[DELETE]) { self.guarded_jobs(ids)? } else { Vec::new() };
        let object = listed("batch job", ids);
        let (identity, attempt) = (identity(ids), Attempt::new(operator, DELETE, &object));
        self.permit(&Attempt { rows: count(ids.len()), subjects: &subjects, identity: Some(&identity), ..attempt })
    }

    /// Batch jobs as scopes see them.
    pub(super) fn guarded_jobs(&self, ids: &[i64]) -> Result<Vec<Guarded>, StoreError> {
        let sql = "select description, batch_group from batch_job where job_id = $1";
        let mut guarded = Vec::new();
        for id in ids {
            let found = self.connection.first(sql, values![*id], |row| {
                let (description, group) = (row.text("description")?, row.text("batch_group")?);
                Ok(Guarded { job_id: Some(*id), description, group, ..Guarded::default() })
            })?;
            guarded.extend(found);
        }
        Ok(guarded)
    }

    /// Whether the last refusal of an action on an object said the same, but for its numbers: a
    /// schedule repeats it with each start.
    fn was_refused_like_this(&self, attempt: &Attempt, detail: &str) -> Result<bool, StoreError> {
        let sql = "select detail from operator_journal where action = $1 and object = $2 and result = $3
            order by entry_id desc limit 1";
        let last = self.connection.scalar::<String>(sql, values![attempt.action, attempt.object, REFUSED])?;
        Ok(last.is_some_and(|last| letters(&last) == letters(detail)))
    }

    pub(super) fn refuse(&self, attempt: &Attempt, refusal: Refusal) -> Result<StoreError, StoreError> {
        self.connection.roll_back();
        let detail = refusal.to_string();
        let is_asked = refusal.is_question() && self.authority.consent.can_ask;
        let is_known = attempt.is_scheduled && self.was_refused_like_this(attempt, &detail)?;
        if !(is_asked || is_known) {
            let transaction = self.connection.begin()?;
            let change = Change::new(attempt.operator, attempt.action, attempt.object).detail(&detail);
            let change = change.reason(attempt.reason).result(REFUSED).decided();
            self.append_refused(&change, attempt.sessions)?;
            transaction.commit()?;
        }
        Ok(StoreError::Refused(Box::new(refusal)))
    }
}

/// A sentence without its numbers.
fn letters(sentence: &str) -> String {
    sentence.chars().filter(|character| character.is_alphabetic()).collect()
}

fn count(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

/// The sessions of a change, `most` of them: `7 of S0001, 8 of S0002`.
pub(super) fn names<'k>(keys: impl Iterator<Item = &'k SessionKey>, most: usize) -> String {
    let named = keys.take(most).map(|key| format!("{} of {}", key.session_number, key.channel_database));
    named.collect::<Vec<_>>().join(", ")
}

/// All rows of a change.
fn identity(ids: &[i64]) -> String {
    ids.iter().map(i64::to_string).collect::<Vec<_>>().join(",")
}

/// The object of a change of several rows: `batch jobs 3, 4`.
fn listed(what: &str, ids: &[i64]) -> String {
    let plural = if ids.len() == 1 { "" } else { "s" };
    let more = ids.len().saturating_sub(MAX_NAMED_ROWS);
    let named: Vec<_> = ids.iter().take(MAX_NAMED_ROWS).map(i64::to_string).collect();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{what}{plural} {}{more}", named.join(", "))
}
