//! The filter of a list of sessions, and its SQL conditions.

use crate::domain::{By, Direction, Order, Status, Timestamp};
use crate::filter::{CAUSE_TEXT, Filter, Pattern, Term, Test};
use crate::store::head_office::causes::{cause_is_like, cause_of_session};
use crate::store::head_office::filter_sql::{Fields, add_terms, is_shown, narrow, single_number};
use crate::store::head_office::keyset::{Conditions, HAS_TEXT, Keyset};
use crate::store::head_office::reruns::REPEATED;
use crate::store::value::Value;

/// The filter of a list of sessions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionFilter {
    /// The direction.
    pub direction: Direction,
    /// Only these statuses; all if empty.
    pub statuses: Vec<Status>,
    /// Only this session number, on any channel database.
    pub session_number: Option<i64>,
    /// Exactly this channel database.
    pub channel_database: Option<String>,
    /// Exactly this job.
    pub job_name: Option<String>,
    /// Exactly this distribution schedule.
    pub schedule: Option<String>,
    /// Changed at or after, by `modified_at`.
    pub since: Option<Timestamp>,
    /// Changed before, by `modified_at`.
    pub until: Option<Timestamp>,
    /// Only in a failed state of this cause.
    pub cause: Option<i64>,
    /// Whether No data is shown; asking for that status shows it in any case.
    pub no_data: bool,
    /// Whether packages are shown: sessions without a channel database.
    pub packages: bool,
    /// Whether sessions are shown that another session repeats.
    pub repeated: bool,
    /// Further terms of the operator's filter, which no index serves.
    pub terms: Vec<Term>,
    /// The order of `HeadOffice::sessions_at` and similar functions.
    pub order: Order,
    /// The most sessions of `HeadOffice::sessions`.
    pub limit: i64,
}

impl SessionFilter {
    /// All sessions of a direction except No data.
    pub fn new(direction: Direction) -> Self {
        Self {
            direction,
            statuses: Vec::new(),
            session_number: None,
            channel_database: None,
            job_name: None,
            schedule: None,
            since: None,
            until: None,
            order: Order::default(),
            cause: None,
            no_data: false,
            packages: true,
            repeated: true,
            terms: Vec::new(),
            limit: i64::MAX,
        }
    }

    /// The filter with the terms of the operator's filter added: those that an index serves in the
    /// fields for them.
    #[must_use]
    pub fn with_terms(mut self, filter: &Filter) -> Self {
        for term in &filter.terms {
            match &term.test {
                Test::Is("status", words) if !term.negated && self.statuses.is_empty() => {
                    let status = |word: &&str| Status::from_word(self.direction, word);
                    self.statuses = words.iter().filter_map(status).collect();
                }
                Test::Is("packages", words) if !term.negated && *words == ["no"] => self.packages = false,
                Test::Is("repeated", words) if !term.negated && *words == ["no"] => self.repeated = false,
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
                Test::Within("modified", ranges) if !term.negated && ranges.len() == 1 => {
                    narrow(&mut self.since, &mut self.until, ranges[0]);
                }
                _ => self.terms.push(term.clone()),
            }
        }
        let mut terms = self.terms.iter().filter(|term| !term.negated).map(|term| &term.test);
        let has_cause = self.cause.is_some() || terms.any(Test::needs_cause);
        if has_cause && self.statuses.is_empty() {
            // Only failures have a cause, and there is an index of them.
            self.statuses = Status::all(self.direction).filter(|status| status.is_failed()).collect();
        }
        self
    }

    /// Whether rows that do not match are between those that do, without an index to skip them.
    pub fn is_search(&self) -> bool {
        (self.is_rare() || !self.packages || !self.repeated) && self.session_number.is_none()
    }

    /// Whether its rows can be counted quickly: packages and repeated sessions are skipped one by
    /// one.
    pub fn is_countable(&self) -> bool {
        !self.is_rare() || self.session_number.is_some()
    }

    fn is_rare(&self) -> bool {
        self.channel_database.is_some() || self.job_name.is_some() || self.cause.is_some() || !self.terms.is_empty()
    }

    /// Whether only sessions with an error text match, which have an index.
    fn needs_text(&self) -> bool {
        self.terms.iter().any(needs_text)
    }

    /// Returns this filter for each status alone: an index has the sessions of one status by time,
    /// but not those of several.
    pub(super) fn by_status(&self) -> Vec<Self> {
        if self.statuses.len() < 2 || self.order.by != By::Time {
            return vec![self.clone()];
        }
        self.statuses.iter().map(|status| Self { statuses: vec![*status], ..self.clone() }).collect()
    }

    pub(super) fn keyset(&self) -> Keyset {
        let column = match self.order.by {
            By::Time => "modified_at",
            By::Number => "session_number",
        };
        Keyset { table: "session", column, id: "session_id", order: self.order }
    }

    /// The conditions that have an index, and the values that they number.
    pub(super) fn indexed(&self) -> Conditions<'_> {
        let mut values: Vec<Value> = vec![self.direction.number().into()];
        // A schedule has few of the direction's sessions: the sign disables the direction's index,
        // so that the schedule's is used.
        let direction = if self.schedule.is_some() { "+direction = $1" } else { "direction = $1" };
        let mut wheres = vec![direction.to_owned()];
        if !self.statuses.is_empty() {
            let numbers = self.statuses.iter().filter_map(|status| status.number(self.direction));
            let list: Vec<_> = numbers.map(|number| number.to_string()).collect();
            wheres.push(format!("status in ({})", list.join(", ")));
        } else if !self.no_data
            && let Some(no_data) = Status::NoData.number(self.direction)
        {
            wheres.push(format!("status <> {no_data}"));
        }
        let conditions = [
            ("session_number = ?", self.session_number.map(Value::from)),
            ("distribution_schedule = ?", self.schedule.as_deref().map(Value::from)),
            ("modified_at >= ?", self.since.map(Value::from)),
            ("modified_at < ?", self.until.map(Value::from)),
        ];
        add_conditions(conditions, &mut wheres, &mut values);
        wheres.extend(self.needs_text().then(|| HAS_TEXT.to_owned()));
        (wheres, values)
    }

    /// All conditions, and the values that they number.
    pub(super) fn conditions(&self) -> Conditions<'_> {
        let (mut wheres, mut values) = self.indexed();
        let cause = format!("{} = ?", cause_of_session());
        let conditions = [
            ("channel_database = ?", self.channel_database.as_deref().map(Value::from)),
            ("job_name = ?", self.job_name.as_deref().map(Value::from)),
            (&cause, self.cause.map(Value::from)),
        ];
        add_conditions(conditions, &mut wheres, &mut values);
        if !self.packages {
            wheres.push("channel_database > ''".to_owned());
        }
        if !self.repeated {
            wheres.push(format!("not {REPEATED}"));
        }
        add_terms(&SessionFields(self.direction), &self.terms, &mut wheres, &mut values);
        (wheres, values)
    }
}

/// Whether a term matches only rows with an error text.
pub(super) fn needs_text(term: &Term) -> bool {
    !term.negated && matches!(&term.test, Test::Matches("text", _))
}

/// The fields of the table of sessions.
struct SessionFields(Direction);

impl Fields for SessionFields {
    const TEXTS: &'static [&'static str] =
        &["job_name", "channel_data_group", "channel_database", "cast(session_number as text)", "data_path", "message"];

    fn column(&self, field: &str) -> &'static str {
        match field {
            "store" => "channel_database",
            "job" => "job_name",
            "session" => "session_number",
            "group" => "channel_data_group",
            "schedule" => "distribution_schedule",
            "path" => "data_path",
            "text" => "message",
            "try" => "try_count",
            "rows" => "rows_affected",
            "size" => "file_size",
            "version" => "row_version",
            "modified" => "modified_at",
            "created" => "created_at",
            "applied" => "applied_at",
            "requested" => "requested_at",
            "downloaded" => "downloaded_at",
            "uploaded" => "uploaded_at",
            _ => "null",
        }
    }

    fn any_like(&self, field: &str, value: usize) -> Option<String> {
        (field == CAUSE_TEXT).then(|| cause_is_like(&cause_of_session(), value))
    }

    fn any_within(&self, field: &str, (low, high): (i64, i64)) -> Option<String> {
        if field == "cause" {
            return Some(format!("({} between {low} and {high})", cause_of_session()));
        }
        // Run 0 are the changes that operators make.
        let range = |table: &str| format!("{table}.run_id between {} and {high}", low.max(1));
        // The row has the last run that changed it, its messages have each of them.
        (field == "run").then(|| {
            format!(
                "({} or exists (select 1 from status_message as brought
                    where brought.session_number = session.session_number
                    and brought.channel_database = session.channel_database
                    and brought.direction = session.direction and {}))",
                range("session"),
                range("brought")
            )
        })
    }

    fn missing(&self, field: &str) -> String {
        match field {
            "cause" => format!("{} is null", cause_of_session()),
            "run" => "run_id = 0".to_owned(),
            field => format!("coalesce(cast({} as text), '') = ''", self.column(field)),
        }
    }

    fn is(&self, field: &str, words: &[&'static str]) -> String {
        let yes_or_no = |yes: String| match words {
            ["yes"] => yes,
            ["no"] => format!("not {yes}"),
            _ => "1 = 1".to_owned(),
        };
        match field {
            "packages" => yes_or_no("(channel_database = '')".to_owned()),
            "repeated" => yes_or_no(REPEATED.to_owned()),
            _ => {
                let statuses = words.iter().filter_map(|word| Status::from_word(self.0, word));
                let numbers = statuses.filter_map(|status| status.number(self.0)).map(|number| number.to_string());
                match numbers.collect::<Vec<_>>() {
                    numbers if numbers.is_empty() => "1 = 0".to_owned(),
                    numbers => format!("status in ({})", numbers.join(", ")),
                }
            }
        }
    }

    fn shown(&self, pattern: &Pattern) -> Vec<String> {
        let shown = Status::all(self.0).filter(|status| pattern.matches(status.label())).map(Status::word);
        let mut any = is_shown(pattern, &["rows_affected", "file_size", "row_version"]);
        let words: Vec<_> = shown.collect();
        if !words.is_empty() {
            any.push(self.is("status", &words));
        }
        any
    }
}

/// Adds the conditions that have a value, which replaces the `?`.
pub(super) fn add_conditions<'a, 'c>(
    conditions: impl IntoIterator<Item = (&'c str, Option<Value<'a>>)>,
    wheres: &mut Vec<String>,
    values: &mut Vec<Value<'a>>,
) {
    for (condition, value) in conditions {
        if let Some(value) = value {
            values.push(value);
            wheres.push(condition.replace('?', &format!("${}", values.len())));
        }
    }
}
