//! The filter of a list of status messages, and its SQL conditions.

use crate::domain::{Direction, Order, Status, Timestamp};
use crate::filter::{CAUSE_TEXT, Filter, Pattern, Term, Test};
use crate::store::head_office::causes::cause_is_like;
use crate::store::head_office::filter_sql::{Fields, add_terms, is_shown, narrow, single_number};
use crate::store::head_office::keyset::{Conditions, HAS_TEXT, Keyset};
use crate::store::head_office::session_filter::{add_conditions, needs_text};
use crate::store::value::Value;

/// The filter of a list of messages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MessageFilter {
    /// Only this direction.
    pub direction: Option<Direction>,
    /// Only these statuses; all if empty.
    pub statuses: Vec<Status>,
    /// Only this session number.
    pub session_number: Option<i64>,
    /// Exactly this channel database.
    pub channel_database: Option<String>,
    /// Exactly this job.
    pub job_name: Option<String>,
    /// At or after this instant, by the reporter's clock.
    pub since: Option<Timestamp>,
    /// Before this instant, by the reporter's clock.
    pub until: Option<Timestamp>,
    /// Only failures of this cause.
    pub cause: Option<i64>,
    /// Only failures.
    pub failed: bool,
    /// Further terms of the operator's filter, which no index serves.
    pub terms: Vec<Term>,
    /// The order of [`HeadOffice::messages_at`](crate::store::HeadOffice::messages_at) and similar
    /// functions; by time only.
    pub order: Order,
    /// The most messages of [`HeadOffice::messages`](crate::store::HeadOffice::messages).
    pub limit: i64,
}

impl MessageFilter {
    /// The filter with the terms of the operator's filter added: those that an index serves in the
    /// fields for them.
    #[must_use]
    pub fn with_terms(mut self, filter: &Filter) -> Self {
        for term in &filter.terms {
            match &term.test {
                Test::Is("status", words) if !term.negated && self.statuses.is_empty() => {
                    self.statuses = statuses(words).collect();
                }
                Test::Is("direction", words) if !term.negated && self.direction.is_none() && words.len() == 1 => {
                    self.direction = Direction::ALL.into_iter().find(|direction| words[0] == direction.word());
                }
                Test::Within("session", ranges)
                    if !term.negated && self.session_number.is_none() && single_number(ranges).is_some() =>
                {
                    self.session_number = single_number(ranges);
                }
                Test::Within("cause", ranges)
                    if !term.negated && self.cause.is_none() && single_number(ranges).is_some() =>
                {
                    self.cause = single_number(ranges);
                }
                Test::Within("occurred", ranges) if !term.negated && ranges.len() == 1 => {
                    narrow(&mut self.since, &mut self.until, ranges[0]);
                }
                _ => self.terms.push(term.clone()),
            }
        }
        // The index of failures serves these.
        let of_cause = |term: &Term| !term.negated && term.test.needs_cause();
        self.failed |= self.cause.is_some()
            || self.terms.iter().any(of_cause)
            || (!self.statuses.is_empty() && self.statuses.iter().all(|status| status.is_failed()));
        self
    }

    /// Whether rows that do not match are between those that do, without an index to skip them.
    pub fn is_search(&self) -> bool {
        let rare = self.channel_database.is_some()
            || self.job_name.is_some()
            || !self.statuses.is_empty()
            || self.direction.is_some()
            || !self.terms.is_empty();
        rare && self.session_number.is_none()
    }

    pub(super) fn keyset(&self) -> Keyset {
        Keyset { table: "status_message", column: "occurred_at", id: "message_key", order: self.order }
    }

    /// The conditions that have an index, and the values that they number.
    pub(super) fn indexed(&self) -> Conditions<'_> {
        let (mut wheres, mut values) = (vec!["1 = 1".to_owned()], Vec::new());
        let dates =
            [("occurred_at >= ?", self.since.map(Value::from)), ("occurred_at < ?", self.until.map(Value::from))];
        add_conditions(dates, &mut wheres, &mut values);
        if self.terms.iter().any(needs_text) {
            wheres.push(HAS_TEXT.to_owned());
        }
        if self.failed {
            // The failures have an index.
            wheres.push("cause is not null".to_owned());
        }
        (wheres, values)
    }

    /// All conditions, and the values that they number.
    pub(super) fn conditions(&self) -> Conditions<'_> {
        let (mut wheres, mut values) = self.indexed();
        let conditions = [
            ("direction = ?", self.direction.map(|direction| direction.number().into())),
            ("session_number = ?", self.session_number.map(Value::from)),
            ("channel_database = ?", self.channel_database.as_deref().map(Value::from)),
            ("job_name = ?", self.job_name.as_deref().map(Value::from)),
            ("cause = ?", self.cause.map(Value::from)),
        ];
        add_conditions(conditions, &mut wheres, &mut values);
        if !self.statuses.is_empty() {
            wheres.push(in_statuses(&self.statuses));
        }
        add_terms(&MessageFields, &self.terms, &mut wheres, &mut values);
        (wheres, values)
    }
}

/// The statuses of words, each once.
fn statuses(words: &[&'static str]) -> impl Iterator<Item = Status> {
    let status = |word: &&str| Direction::ALL.into_iter().find_map(|direction| Status::from_word(direction, word));
    words.iter().filter_map(status)
}

/// The condition that a message has one of these statuses.
fn in_statuses(statuses: &[Status]) -> String {
    // A status has a different number in each direction.
    let of = |direction: Direction| {
        let numbers = statuses.iter().filter_map(move |status| status.number(direction));
        let list: Vec<_> = numbers.map(|number| number.to_string()).collect();
        (!list.is_empty()).then(|| format!("(direction = {} and status in ({}))", direction.number(), list.join(", ")))
    };
    let conditions: Vec<_> = Direction::ALL.into_iter().filter_map(of).collect();
    if conditions.is_empty() { "1 = 0".to_owned() } else { format!("({})", conditions.join(" or ")) }
}

/// The fields of the table of status messages.
struct MessageFields;

impl Fields for MessageFields {
    const TEXTS: &'static [&'static str] = &[
        "job_name",
        "channel_data_group",
        "channel_database",
        "cast(session_number as text)",
        "posted_by",
        "data_path",
        "message",
    ];

    fn column(&self, field: &str) -> &'static str {
        match field {
            "store" => "channel_database",
            "job" => "job_name",
            "session" => "session_number",
            "group" => "channel_data_group",
            "schedule" => "distribution_schedule",
            "path" => "data_path",
            "text" => "message",
            "cause" => "cause",
            "try" => "try_count",
            "rows" => "rows_affected",
            "size" => "file_size",
            "version" => "row_version",
            "agent" => "posted_by",
            "run" => "run_id",
            "occurred" => "occurred_at",
            "arrived" => "transferred_at",
            _ => "null",
        }
    }

    fn any_like(&self, field: &str, value: usize) -> Option<String> {
        (field == CAUSE_TEXT).then(|| cause_is_like("cause", value))
    }

    fn is(&self, field: &str, words: &[&'static str]) -> String {
        if field == "direction" {
            let numbers = Direction::ALL.into_iter().filter(|direction| words.contains(&direction.word()));
            let numbers: Vec<_> = numbers.map(|direction| direction.number().to_string()).collect();
            return format!("direction in ({})", numbers.join(", "));
        }
        in_statuses(&statuses(words).collect::<Vec<_>>())
    }

    fn shown(&self, pattern: &Pattern) -> Vec<String> {
        let all = Direction::ALL.into_iter().flat_map(Status::all);
        let shown: Vec<_> = all.filter(|status| pattern.matches(status.label())).collect();
        let directions = Direction::ALL.into_iter().filter(|direction| pattern.matches(direction.word()));
        let mut any = is_shown(pattern, &["rows_affected", "file_size", "row_version"]);
        any.extend(directions.map(|direction| format!("direction = {}", direction.number())));
        if !shown.is_empty() {
            any.push(in_statuses(&shown));
        }
        any
    }
}
