//! The rules of recurrence, against the cases, a naive model, and every change of clocks in twenty
//! zones.

mod cron;
mod naive;
mod preview;
mod rules;
mod words;
mod zones;

use crate::domain::Timestamp;
use crate::recurrence::Rule;

/// A rule from its JSON.
pub fn rule(json: &str) -> Rule {
    Rule::parse_json(json).unwrap_or_else(|error| panic!("{error}: {json}"))
}

/// The first occurrences, as RFC 3339 without milliseconds.
pub fn first(rule: &Rule, number: usize) -> Vec<String> {
    after(rule, Timestamp(i64::MIN), number).into_iter().map(|at| at.to_rfc3339().replace(".000Z", "Z")).collect()
}

/// Occurrences one after the other.
pub fn after(rule: &Rule, from: Timestamp, number: usize) -> Vec<Timestamp> {
    let next = |at: &Timestamp| rule.next_after(*at);
    std::iter::successors(next(&from), next).take(number).collect()
}
