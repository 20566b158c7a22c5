//! The filter of the batch job history, and its SQL conditions.

use crate::batch::{HistoryOutcome, LATE_AFTER_MS};
use crate::domain::Timestamp;
use crate::filter::{Filter, Pattern, Term, Test};
use crate::store::head_office::filter_sql::{Fields, add_terms, is_shown, narrow};
use crate::store::head_office::session_filter::add_conditions;
use crate::store::value::Value;

/// The filter of a list of history rows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HistoryFilter {
    /// Only of this job.
    pub job_id: Option<i64>,
    /// Only with this outcome.
    pub outcome: Option<HistoryOutcome>,
    /// Scheduled at or after.
    pub since: Option<Timestamp>,
    /// Scheduled before.
    pub until: Option<Timestamp>,
    /// Further terms of the operator's filter, which no index serves.
    pub terms: Vec<Term>,
}

impl HistoryFilter {
    /// Adds the operator's terms; those that an index serves become fields.
    #[must_use]
    pub fn with_terms(mut self, filter: &Filter) -> Self {
        for term in &filter.terms {
            match &term.test {
                Test::Within("job", ranges) if !term.negated && self.job_id.is_none() => match ranges.as_slice() {
                    [(number, same)] if number == same => self.job_id = Some(*number),
                    _ => self.terms.push(term.clone()),
                },
                Test::Within("scheduled", ranges) if !term.negated && ranges.len() == 1 => {
                    narrow(&mut self.since, &mut self.until, ranges[0]);
                }
                _ => self.terms.push(term.clone()),
            }
        }
        self
    }

    /// Whether the filter needs a scan: no index skips the rows that do not match.
    pub fn is_search(&self) -> bool {
        self.outcome.is_some() || !self.terms.is_empty()
    }

    /// The join that the conditions need besides the history.
    pub(super) fn join(&self) -> &'static str {
        if self.terms.is_empty() { "" } else { "left join run as r on r.run_id = h.run_id" }
    }

    /// The conditions that have an index, and the values that they number.
    pub(super) fn indexed(&self) -> (Vec<String>, Vec<Value<'_>>) {
        let mut wheres = vec!["1 = 1".to_owned()];
        let mut values = Vec::new();
        let conditions = [
            ("h.job_id = ?", self.job_id.map(Value::from)),
            ("h.scheduled_at >= ?", self.since.map(Value::from)),
            ("h.scheduled_at < ?", self.until.map(Value::from)),
        ];
        add_conditions(conditions, &mut wheres, &mut values);
        (wheres, values)
    }

    /// All conditions, and the values that they number.
    pub(super) fn conditions(&self) -> (Vec<String>, Vec<Value<'_>>) {
        let (mut wheres, mut values) = self.indexed();
        let outcome = self.outcome.map(|outcome| Value::from(outcome.word()));
        add_conditions([("h.outcome = ?", outcome)], &mut wheres, &mut values);
        add_terms(&HistoryFields, &self.terms, &mut wheres, &mut values);
        (wheres, values)
    }
}

/// The fields of the history, joined with the run of its last try.
struct HistoryFields;

impl Fields for HistoryFields {
    const TEXTS: &'static [&'static str] =
        &["h.description", "h.batch_group", "h.created_by", "h.server", "h.reason", "cast(h.job_id as text)"];

    fn column(&self, field: &str) -> &'static str {
        match field {
            "job" => "h.job_id",
            "description" => "h.description",
            "group" => "h.batch_group",
            "by" => "h.created_by",
            "server" => "h.server",
            "text" => "h.reason",
            "took" => "(h.ended_at - h.started_at)",
            "late" => "(h.started_at - h.scheduled_at)",
            "tries" => "h.tries",
            "run" => "h.run_id",
            "read" => "r.read",
            "rejected" => "r.rejected",
            "repeated" => "r.repeated",
            "purged" => "r.purged_rows",
            "scheduled" => "h.scheduled_at",
            "started" => "h.started_at",
            "ended" => "h.ended_at",
            _ => "null",
        }
    }

    fn is(&self, _: &str, words: &[&'static str]) -> String {
        let known = HistoryOutcome::ALL.iter().copied().map(HistoryOutcome::word).filter(|word| words.contains(word));
        let list: Vec<_> = known.map(|word| format!("'{word}'")).collect();
        if list.is_empty() { "1 = 0".to_owned() } else { format!("h.outcome in ({})", list.join(", ")) }
    }

    fn shown(&self, pattern: &Pattern) -> Vec<String> {
        let shown = HistoryOutcome::ALL.iter().copied().filter(|outcome| pattern.matches(outcome.label()));
        let words: Vec<_> = shown.map(HistoryOutcome::word).collect();
        let mut any = is_shown(pattern, &["r.read", "r.repeated", "r.rejected", "r.purged_rows"]);
        if !words.is_empty() {
            any.push(self.is("status", &words));
        }
        let is_part_of = |shown: &str| {
            pattern.word().is_some_and(|word| !word.is_empty() && shown.contains(&word.to_ascii_lowercase()))
        };
        // As the column What happened shows them.
        any.extend(is_part_of("late").then(|| format!("{} > {LATE_AFTER_MS}", self.column("late"))));
        any.extend(is_part_of("tries").then(|| "h.tries > 1".to_owned()));
        any
    }
}
