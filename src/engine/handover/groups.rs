//! Groups conditions of alert rules that have the same rule, cause, silence and end.

use crate::batch::{AlertCondition, AlertRule, cause_as_text, conditions_in_words};
use crate::domain::Timestamp;
use crate::store::{HeadOffice, StoreError};
use serde::Serialize;

/// Stores that a group names in words at most.
const MAX_NAMED_STORES: usize = 40;

/// Conditions of one rule and one cause that fire, or that were resolved together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConditionGroup {
    /// The rule; `None` for one of a newer program.
    pub rule: Option<AlertRule>,
    /// The cause of errors.
    #[serde(serialize_with = "cause_as_text")]
    pub cause: Option<i64>,
    /// The number of conditions.
    pub conditions: usize,
    /// Their channel databases, by name.
    pub stores: Vec<String>,
    /// When the first of them began.
    pub since: Timestamp,
    /// When they were resolved; `None` while they fire.
    pub resolved_at: Option<Timestamp>,
    /// The silence that holds their notices back.
    pub silence_id: Option<i64>,
    /// Why they ended without being resolved.
    pub ended: Option<String>,
    /// The group in words.
    pub text: String,
}

/// Groups conditions, in the order of the first of each group.
pub(super) fn groups(office: &HeadOffice, conditions: &[AlertCondition]) -> Result<Vec<ConditionGroup>, StoreError> {
    let key = |of: &AlertCondition| (of.rule, of.cause, of.silence_id, of.ended.clone(), of.resolved_at);
    let mut members: Vec<Vec<&AlertCondition>> = Vec::new();
    let mut known = std::collections::HashMap::new();
    for condition in conditions {
        let at = *known.entry(key(condition)).or_insert(members.len());
        match members.get_mut(at) {
            Some(group) => group.push(condition),
            None => members.push(vec![condition]),
        }
    }
    members.into_iter().map(|members| group(office, members)).collect()
}

fn group(office: &HeadOffice, mut members: Vec<&AlertCondition>) -> Result<ConditionGroup, StoreError> {
    members.sort_by(|one, other| one.subject.cmp(&other.subject));
    let first = members[0];
    let cause = first.cause.map_or(Ok(None), |digest| office.masked_text(digest))?;
    let text = match first.rule {
        Some(rule) => conditions_in_words(rule, &members, cause.as_deref(), MAX_NAMED_STORES),
        None => first.text.clone(),
    };
    Ok(ConditionGroup {
        rule: first.rule,
        cause: first.cause,
        conditions: members.len(),
        stores: members.iter().filter_map(|condition| condition.store.clone()).collect(),
        since: members.iter().map(|condition| condition.since).min().unwrap_or(first.since),
        resolved_at: first.resolved_at,
        silence_id: first.silence_id,
        ended: first.ended.clone(),
        text,
    })
}
