//! The decision about a change.

use crate::domain::{counted, grouped, is_blank};
use crate::guard::{Action, Attempt, Authority, Demand, Guardrail, PURGE, Role};
use std::fmt;

/// Whether a change may be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It may.
    Allowed,
    /// It may once a second login has approved it; the sentence of the guardrail.
    NeedsApproval(String),
    /// It may not.
    Refused(Refusal),
}

/// What a change lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unmet {
    /// The role of the login is less than the action needs.
    Role {
        /// The role of the login.
        own: Role,
        /// The least role that may perform the action.
        needed: Role,
    },
    /// The action is denied.
    Denied,
    /// It changes more rows than this.
    TooMany(i64),
    /// A reason.
    Reason,
    /// The number of rows, which the operator states; the number stated instead, if any.
    Count(Option<i64>),
    /// The approval of a second login, which was requested under this number.
    Approval(i64),
}

/// Why a change was refused; nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The login.
    pub operator: String,
    /// The action.
    pub action: String,
    /// How many rows it would change.
    pub rows: i64,
    /// The role, reason, count or approval that is missing.
    pub unmet: Unmet,
    /// The sentence of the guardrail; empty for a role.
    pub sentence: String,
}

impl Refusal {
    /// Whether the operator can give what is missing and continue at once.
    pub fn is_question(&self) -> bool {
        matches!(self.unmet, Unmet::Reason | Unmet::Count(None))
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { operator, action, sentence, .. } = self;
        let rows = grouped(self.rows);
        let flag = if action == PURGE { "--confirm-purge" } else { "--confirm" };
        match &self.unmet {
            Unmet::Role { own, needed } => write!(
                f,
                "{action} refused: {operator} is {}, and it needs {}; an administrator can change [roles]",
                own.word(),
                needed.word()
            ),
            Unmet::Denied => write!(f, "{action} refused: {sentence}; only a change of the guardrail allows it"),
            Unmet::TooMany(most) if action == PURGE => {
                let most = counted(*most, "row");
                write!(
                    f,
                    "{action} refused: {sentence}; at most {most} at once, and {rows} have expired: lengthen the \
                     retention, or change the guardrail"
                )
            }
            Unmet::TooMany(most) => {
                let most = grouped(*most);
                write!(f, "{action} refused: {sentence}; at most {most} at once, and these are {rows}: choose fewer")
            }
            Unmet::Reason => write!(f, "{action} needs a reason: {sentence}; give it with --reason"),
            Unmet::Count(None) => {
                write!(f, "{action} needs a confirmation: {sentence}; it changes {rows}: {flag} {}", self.rows)
            }
            Unmet::Count(Some(stated)) => {
                let stated = grouped(*stated);
                write!(
                    f,
                    "{action} refused: {sentence}; {stated} confirmed, but it changes {rows}: {flag} {}",
                    self.rows
                )
            }
            Unmet::Approval(number) => write!(
                f,
                "{action} waits for a second login: {sentence}; another operator approves it within an hour with \
                 cdx approvals approve {number}, then repeat it unchanged"
            ),
        }
    }
}

/// Decides about a change. Roles come first, then the guardrails by what they demand: a change that
/// is denied anyway is not asked for a reason.
pub fn decide(authority: &Authority, attempt: &Attempt) -> Decision {
    let refused = |unmet, rail: Option<&Guardrail>| {
        let sentence = rail.map_or_else(String::new, |rail| rail.sentence.clone());
        let (operator, action) = (attempt.operator.to_owned(), attempt.action.to_owned());
        Decision::Refused(Refusal { operator, action, rows: attempt.rows, unmet, sentence })
    };
    let rules = &authority.rules;
    let needed = Action::of(attempt.action).map_or(Role::Operator, |action| action.role);
    let own = rules.roles.role_of(attempt.operator);
    if own < needed && !attempt.is_scheduled {
        return refused(Unmet::Role { own, needed }, None);
    }
    let rails = rules.guardrails.iter().map(|rail| (rail, rail.rows(attempt))).filter(|(_, rows)| *rows > 0);
    let mut demands: Vec<_> =
        rails.flat_map(|(rail, rows)| rail.demands.iter().map(move |demand| (*demand, rail, rows))).collect();
    demands.sort_by_key(|(demand, _, _)| *demand);
    let confirmed = attempt.confirmed.or(authority.consent.confirmed);
    let reason = attempt.reason.or(authority.consent.reason.as_deref());
    let has_reason = reason.is_some_and(|reason| !is_blank(reason));
    for (demand, rail, rows) in demands {
        let unmet = match demand {
            Demand::Deny => Unmet::Denied,
            Demand::MaxRows(most) if rows > most => {
                let Decision::Refused(refusal) = refused(Unmet::TooMany(most), Some(rail)) else { continue };
                return Decision::Refused(Refusal { rows, ..refusal });
            }
            Demand::Reason if !has_reason => Unmet::Reason,
            Demand::Count if confirmed != Some(attempt.rows) => Unmet::Count(confirmed),
            Demand::Approval => return Decision::NeedsApproval(rail.sentence.clone()),
            Demand::MaxRows(_) | Demand::Reason | Demand::Count => continue,
        };
        return refused(unmet, Some(rail));
    }
    Decision::Allowed
}
