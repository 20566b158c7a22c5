//! The filter of a list of sessions, and its SQL conditions.

use crate::domain::{By, Direction, Order, Status, Timestamp};
use crate::store::head_office::causes::cause_of_state;
use crate::store::head_office::contains::Contains;
use crate::store::head_office::keyset::{Conditions, HAS_TEXT, Keyset};
use crate::store::head_office::message_row::IS_WINNER;
use crate::store::head_office::reruns::REPEATED;
use crate::store::value::Value;

/// The filter of a list of sessions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionFilter {
    /// The direction.
    pub direction: Direction,
    /// Any of these; empty is all.
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
    /// Only with an error text that contains this.
    pub text: Option<Contains>,
    /// Only in a failed state of this cause.
    pub cause: Option<i64>,
    /// Whether No data is shown; asking for that status shows it in any case.
    pub no_data: bool,
    /// Whether packages are shown: sessions without a channel database.
    pub packages: bool,
    /// Whether sessions are shown that another session repeats.
    pub repeated: bool,
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
            text: None,
            cause: None,
            no_data: false,
            packages: true,
            repeated: true,
            limit: i64::MAX,
        }
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
        self.text.is_some() || self.channel_database.is_some() || self.job_name.is_some()
    }

    /// The same filter for each status alone: an index has the sessions of one status by time, but
    /// not those of several.
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
        wheres.extend(self.text.as_ref().map(|_| HAS_TEXT.to_owned()));
        (wheres, values)
    }

    /// All conditions, and the values that they number.
    pub(super) fn conditions(&self) -> Conditions<'_> {
        let (mut wheres, mut values) = self.indexed();
        let winner = format!(
            "exists (select 1 from status_message as message where {IS_WINNER} and {} = ?)",
            cause_of_state("message")
        );
        let conditions = [
            ("channel_database = ?", self.channel_database.as_deref().map(Value::from)),
            ("job_name = ?", self.job_name.as_deref().map(Value::from)),
            ("message like ? escape '\\'", self.text.as_ref().map(Value::from)),
            (&winner, self.cause.map(Value::from)),
        ];
        add_conditions(conditions, &mut wheres, &mut values);
        if !self.packages {
            wheres.push("channel_database > ''".to_owned());
        }
        if !self.repeated {
            wheres.push(format!("not {REPEATED}"));
        }
        (wheres, values)
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
