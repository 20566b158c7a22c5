//! A guardrail: what an action needs, and for which rows.

use crate::filter::Filter;
use crate::guard::{Attempt, Guarded};

/// What a guardrail demands of an action, in the order in which it is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Demand {
    /// That it is not performed at all.
    Deny,
    /// That it changes at most this many rows.
    MaxRows(i64),
    /// That it has a reason.
    Reason,
    /// That the operator states how many rows it changes.
    Count,
    /// That a second login approves it.
    Approval,
}

/// A guardrail of the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guardrail {
    /// The action, as the journal names it.
    pub action: String,
    /// The rows that it is about; `None` is all.
    pub scope: Option<Filter>,
    /// What it demands, sorted.
    pub demands: Vec<Demand>,
    /// The sentence for the operator, without a full stop.
    pub sentence: String,
    /// Its line in the file.
    pub line: usize,
}

impl Guardrail {
    /// How many rows of a change it is about.
    pub(super) fn rows(&self, attempt: &Attempt) -> i64 {
        if self.action != attempt.action && !attempt.also.contains(&self.action.as_str()) {
            return 0;
        }
        let Some(scope) = &self.scope else { return attempt.rows };
        let is_in_scope = |subject: &&Guarded| scope.matches(*subject);
        i64::try_from(attempt.subjects.iter().filter(is_in_scope).count()).unwrap_or(i64::MAX)
    }

    /// Its action, scope and demands in words.
    pub fn words(&self) -> String {
        let scope = self.scope.as_ref().map_or_else(String::new, |scope| format!(" of {scope}"));
        let demands = self.demands.iter().map(|demand| match demand {
            Demand::Deny => "denied".to_owned(),
            Demand::MaxRows(rows) => format!("at most {rows}"),
            Demand::Reason => "reason".to_owned(),
            Demand::Count => "typed count".to_owned(),
            Demand::Approval => "two persons".to_owned(),
        });
        format!("{}{scope}: {}", self.action, demands.collect::<Vec<_>>().join(", "))
    }
}
