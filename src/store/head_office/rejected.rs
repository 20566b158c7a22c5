//! Rejected messages: listed, retried, dismissed.

use crate::domain::{Timestamp, json_or_text};
use crate::filter::{FieldValue, Subject};
use crate::store::StoreError;
use crate::store::connection::Row;
use crate::store::dialect::NOW;
use crate::store::head_office::journal::Change;
use crate::store::head_office::{HeadOffice, Permit};
use crate::store::row::columns;
use crate::store::value::{Value, values};
use serde::Serialize;

/// A rejected message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rejected {
    /// Its number here.
    pub rejected_id: i64,
    /// The number of its message database at head office.
    #[serde(skip)]
    pub source_id: i64,
    /// When it was rejected.
    pub rejected_at: Timestamp,
    /// Why it was rejected.
    pub reason: String,
    /// The message database it came from.
    pub database_id: String,
    /// Its id there.
    pub message_id: i64,
    /// The run that rejected it.
    pub run_id: i64,
    /// When it was dismissed.
    pub dismissed_at: Option<Timestamp>,
    /// The whole row as JSON.
    #[serde(serialize_with = "json_or_text")]
    pub raw: String,
}

/// The filter of a list of rejected messages.
#[derive(Debug, Clone, Default)]
pub struct RejectedFilter {
    /// Only these; empty is all.
    pub ids: Vec<i64>,
    /// Only messages rejected at or after this instant.
    pub since: Option<Timestamp>,
    /// Whether dismissed messages are included.
    pub dismissed: bool,
    /// The maximum number of messages.
    pub limit: i64,
}

impl Rejected {
    /// A value of the message as it was posted.
    fn posted(&self, key: &str) -> FieldValue<'static> {
        let raw: Option<serde_json::Value> = serde_json::from_str(&self.raw).ok();
        match raw.as_ref().and_then(|raw| raw.get(key)) {
            Some(serde_json::Value::String(text)) => FieldValue::Text(text.clone().into()),
            Some(serde_json::Value::Number(number)) => FieldValue::Text(number.to_string().into()),
            _ => FieldValue::Empty,
        }
    }
}

impl Subject for Rejected {
    fn field_value(&self, field: &str) -> FieldValue<'_> {
        match field {
            "id" => FieldValue::Number(self.rejected_id),
            "message" => FieldValue::Number(self.message_id),
            "run" => FieldValue::Number(self.run_id),
            "text" => FieldValue::text(Some(&self.reason)),
            "raw" => FieldValue::text(Some(&self.raw)),
            "rejected" => FieldValue::Number(self.rejected_at.0),
            "store" => self.posted("channel_database"),
            "job" => self.posted("job_name"),
            "session" => match self.posted("session_number") {
                FieldValue::Text(number) => FieldValue::number(number.parse().ok()),
                _ => FieldValue::Empty,
            },
            _ => FieldValue::Empty,
        }
    }

    fn any_text(&self, is_wanted: &dyn Fn(&str) -> bool) -> bool {
        is_wanted(&self.reason) || is_wanted(&self.raw) || is_wanted(&self.message_id.to_string())
    }
}

columns!(mod column:
    rejected_id, source_id, database_id, message_id, raw, reason, run_id, rejected_at, dismissed_at,
);
use column::LIST as COLUMNS;

/// The action, as the journal names it.
const RETRY: &str = "retry rejected message";

/// A retry of rejected messages that was permitted.
#[derive(Debug)]
pub struct Retry<'a> {
    operator: &'a str,
    permit: Permit,
}

impl HeadOffice {
    /// Decides about a retry of rejected messages.
    pub fn permit_retry<'a>(&self, operator: &'a str, ids: &[i64]) -> Result<Retry<'a>, StoreError> {
        Ok(Retry { operator, permit: self.permit_rejected(operator, RETRY, ids)? })
    }

    /// Rejected messages, newest first.
    pub fn rejected(&self, filter: &RejectedFilter) -> Result<Vec<Rejected>, StoreError> {
        let mut values: Vec<Value> = Vec::new();
        let mut wheres = vec!["1 = 1".to_owned()];
        if !filter.ids.is_empty() {
            let ids: Vec<_> = filter.ids.iter().map(i64::to_string).collect();
            wheres.push(format!("rejected_id in ({})", ids.join(", ")));
        }
        if let Some(since) = filter.since {
            values.push(since.into());
            wheres.push(format!("rejected_at >= ${}", values.len()));
        }
        if !filter.dismissed {
            wheres.push("dismissed_at is null".to_owned());
        }
        values.push(filter.limit.into());
        let sql = format!(
            "select {COLUMNS} from rejected_message where {} order by rejected_id desc limit ${}",
            wheres.join(" and "),
            values.len()
        );
        self.connection.query(&sql, &values, rejected)
    }

    /// The number of messages that are not dismissed.
    pub fn count_rejected(&self) -> Result<i64, StoreError> {
        self.connection.integer("select count(*) from rejected_message where dismissed_at is null", &[])
    }

    /// Dismisses messages, so that the purge may delete them, and writes the journal; durable when
    /// it returns. Returns how many were not dismissed before.
    pub fn dismiss_rejected(&self, ids: &[i64], operator: &str) -> Result<i64, StoreError> {
        let transaction = self.connection.begin()?;
        let permit = self.permit_rejected(operator, "dismiss rejected message", ids)?;
        let sql = format!(
            "update rejected_message set dismissed_at = {NOW}, dismissed_by = $1
             where rejected_id = $2 and dismissed_at is null"
        );
        let mut dismissed = 0;
        for id in ids {
            if self.connection.execute(&sql, values![operator, *id])? > 0 {
                self.append(&Change::new(operator, "dismiss rejected message", &id.to_string()).permitted(&permit))?;
                dismissed += 1;
            }
        }
        transaction.commit()?;
        Ok(dismissed)
    }

    /// Sets the reason of a retry that was rejected again, and writes the journal; durable when it
    /// returns.
    pub fn note_rejected_again(&self, rejected_id: i64, reason: &str, retry: &Retry) -> Result<(), StoreError> {
        let transaction = self.connection.begin()?;
        let sql = "update rejected_message set reason = $1 where rejected_id = $2";
        self.connection.execute(sql, values![reason, rejected_id])?;
        self.append_retry(rejected_id, retry, reason, "still rejected")?;
        transaction.commit()
    }

    /// Writes the journal row of a retry, in the caller's transaction.
    pub(super) fn append_retry(&self, id: i64, retry: &Retry, detail: &str, result: &str) -> Result<(), StoreError> {
        let object = id.to_string();
        let change = Change::new(retry.operator, RETRY, &object).detail(detail).result(result);
        self.append(&change.permitted(&retry.permit))?;
        Ok(())
    }
}

fn rejected(row: &Row) -> Result<Rejected, StoreError> {
    Ok(Rejected {
        rejected_id: row.int(column::rejected_id)?,
        source_id: row.int(column::source_id)?,
        database_id: row.text(column::database_id)?,
        message_id: row.int(column::message_id)?,
        raw: row.text(column::raw)?,
        reason: row.text(column::reason)?,
        run_id: row.int(column::run_id)?,
        rejected_at: row.time(column::rejected_at)?,
        dismissed_at: row.opt_time(column::dismissed_at)?,
    })
}
