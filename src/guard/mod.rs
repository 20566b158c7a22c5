//! Guardrails and roles: whether a change may be made, decided where it is made.
//!
//! [`decide()`] is the only decision. The store calls it in the transaction of each change, so that
//! no command, screen or batch server gets around it.

mod action;
mod decide;
mod guardrail;
mod role;

#[cfg(test)]
mod tests;

pub use action::{ACTIONS, APPROVE, Action, PROCESS, PURGE, REFUSED, Scope, UNDO};
pub use decide::{Decision, Refusal, Unmet, decide};
pub use guardrail::{Demand, Guardrail};
pub use role::{Role, Roles};

use crate::domain::{SessionKey, Timestamp};
use crate::filter::{FieldValue, Subject};
use std::sync::Arc;

/// The guardrails and roles of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rules {
    /// The guardrails, in the order of the file.
    pub guardrails: Vec<Guardrail>,
    /// Which login may take which actions.
    pub roles: Roles,
}

/// What the operator stated with a change.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Consent {
    /// The reason.
    pub reason: Option<String>,
    /// The number of rows that were confirmed.
    pub confirmed: Option<i64>,
    /// Whether the program asks the operator for what is missing, before it is a refusal.
    pub can_ask: bool,
}

/// The rules of this process, and the consent to the change that is to be made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Authority {
    /// Read when the program starts.
    pub rules: Arc<Rules>,
    /// The consent.
    pub consent: Consent,
}

/// A change that is to be made.
#[derive(Debug, Clone, Copy)]
pub struct Attempt<'a> {
    /// The login.
    pub operator: &'a str,
    /// The action, as the journal names it.
    pub action: &'a str,
    /// What is changed, as the journal names it.
    pub object: &'a str,
    /// What the change does to the object.
    pub detail: &'a str,
    /// How many rows it changes.
    pub rows: i64,
    /// The changed rows that a scope can match.
    pub subjects: &'a [Guarded],
    /// The reason, if the change carries one itself.
    pub reason: Option<&'a str>,
    /// The confirmed number of rows, if the change carries one itself.
    pub confirmed: Option<i64>,
    /// An instant that the change sets, such as its end; an approval admits one close to it.
    pub instant: Option<Timestamp>,
    /// What distinguishes the change from others, if object and detail do not.
    pub identity: Option<&'a str>,
    /// The sessions that it changes.
    pub sessions: &'a [&'a SessionKey],
    /// Whether a batch server makes it for a job that was submitted before.
    pub is_scheduled: bool,
    /// What else the change is: guardrails of these actions hold, too. An undo is also the action
    /// that it reverses, and a batch job without recurrence a run of Process status messages.
    pub also: &'a [&'a str],
}

/// A session, a batch job or a channel database as the scope of a guardrail sees it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Guarded {
    /// The channel database.
    pub store: String,
    /// The job of a session.
    pub job: String,
    /// The number of a batch job.
    pub job_id: Option<i64>,
    /// The description of a batch job.
    pub description: String,
    /// The channel data group of a session, or the batch group of a job.
    pub group: String,
    /// The distribution schedule of a session.
    pub schedule: String,
    /// The direction of a session.
    pub direction: &'static str,
}

impl Consent {
    /// This consent with what was given since.
    #[must_use]
    pub fn with(&self, given: Self) -> Self {
        let (reason, confirmed) = (self.reason.clone(), self.confirmed);
        let can_ask = self.can_ask || given.can_ask;
        Self { reason: given.reason.or(reason), confirmed: given.confirmed.or(confirmed), can_ask }
    }
}

impl Authority {
    /// Whether there is neither a guardrail nor a role.
    pub fn is_empty(&self) -> bool {
        self.rules.guardrails.is_empty() && self.rules.roles.default.is_none()
    }

    /// Whether a guardrail of one of these actions is limited to some rows.
    pub fn has_scope(&self, actions: &[&str]) -> bool {
        self.rules.guardrails.iter().any(|rail| rail.scope.is_some() && actions.contains(&rail.action.as_str()))
    }
}

impl<'a> Attempt<'a> {
    /// A change of one row.
    pub fn new(operator: &'a str, action: &'a str, object: &'a str) -> Self {
        let (detail, subjects, sessions, reason, confirmed) = ("", &[], &[], None, None);
        let (rows, instant, identity) = (1, None, None);
        let (is_scheduled, also) = (false, &[]);
        Self {
            operator,
            action,
            object,
            detail,
            rows,
            subjects,
            reason,
            confirmed,
            instant,
            identity,
            sessions,
            is_scheduled,
            also,
        }
    }
}

impl Subject for Guarded {
    fn field_value(&self, field: &str) -> FieldValue<'_> {
        match field {
            "store" => FieldValue::text(Some(&self.store)),
            "job" if self.job_id.is_some() => FieldValue::number(self.job_id),
            "job" => FieldValue::text(Some(&self.job)),
            "description" => FieldValue::text(Some(&self.description)),
            "group" => FieldValue::text(Some(&self.group)),
            "schedule" => FieldValue::text(Some(&self.schedule)),
            "direction" => FieldValue::Choice(self.direction),
            _ => FieldValue::Empty,
        }
    }

    fn any_text(&self, is_wanted: &dyn Fn(&str) -> bool) -> bool {
        let texts = [&self.store, &self.job, &self.description, &self.group, &self.schedule];
        texts.into_iter().any(|text| is_wanted(text))
    }
}
