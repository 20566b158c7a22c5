//! The rule in words, with warnings.

use crate::batch::RecentRuns;
use crate::console::protocol::time::age;
use crate::console::view::theme::Role;
use crate::recurrence::{DraftFault, Occurrence, Rule};

/// The sentence, and the line under it.
pub(super) fn lines(
    rule: Result<&Rule, &[DraftFault]>,
    next: &[Occurrence],
    recent: Option<RecentRuns>,
) -> (String, Option<(String, Role)>) {
    let rule = match rule {
        Ok(rule) => rule,
        Err(faults) => {
            let more = if faults.len() > 1 { format!(", and {} more", faults.len() - 1) } else { String::new() };
            let first =
                faults.first().map_or_else(String::new, |fault| format!("{}: {}", fault.field.name(), fault.fault));
            return (String::new(), Some((format!("! No rule yet. {first}{more}."), Role::Bad)));
        }
    };
    let below = if next.is_empty() {
        Some(("! It never occurs from now on.".to_owned(), Role::Bad))
    } else {
        recent.map(|recent| against(recent, next))
    };
    (rule.sentence(), below)
}

/// How the interval compares with how long runs take.
fn against(recent: RecentRuns, next: &[Occurrence]) -> (String, Role) {
    let interval = next.windows(2).map(|pair| pair[1].at.since(pair[0].at)).min();
    let runs = if recent.count == 1 { "The last run".to_owned() } else { format!("The last {} runs", recent.count) };
    match interval {
        Some(interval) if interval < recent.longest_ms => {
            (format!("! {runs} took up to {}: starts during a run are skipped.", age(recent.longest_ms)), Role::Warn)
        }
        _ => (format!("{runs} took {}, so none will be skipped.", span(recent)), Role::Text),
    }
}

/// `6 to 41 s`, `40 s to 2 min`.
fn span(recent: RecentRuns) -> String {
    let (shortest, longest) = (age(recent.shortest_ms), age(recent.longest_ms));
    if shortest == longest {
        return longest;
    }
    match (shortest.split_once(' '), longest.split_once(' ')) {
        (Some((number, unit)), Some((_, other))) if unit == other => format!("{number} to {longest}"),
        _ => format!("{shortest} to {longest}"),
    }
}
