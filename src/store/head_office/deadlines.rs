//! Deadlines: by when a job is to be applied in which stores.

use crate::domain::{Direction, Status, Timestamp};
use crate::filter::{FieldValue, Subject};
use crate::recurrence::Rule;
use crate::store::StoreError;
use crate::store::connection::Row;
use crate::store::dialect::NOW;
use crate::store::head_office::HeadOffice;
use crate::store::head_office::journal::Change;
use crate::store::head_office::presence::ChannelDatabase;
use crate::store::row::columns;
use crate::store::value::values;
use serde::{Serialize, Serializer};
use serde_json::json;

/// The most sessions of a job that are read.
const MAX_SESSIONS: i64 = 300_000;
/// The newest sessions of a job that show how long it usually takes.
const SAMPLE_SESSIONS: i64 = 2_000;

columns!(mod column: deadline_id, job_name, stores, recurrence, created_at, created_by,);
use column::LIST as COLUMNS;

/// A deadline.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Deadline {
    /// Its number.
    pub deadline_id: i64,
    /// The scheduler job, such as `1040`.
    pub job_name: String,
    /// The filter of the channel databases; empty for all.
    pub stores: String,
    /// When the job is to be applied.
    #[serde(serialize_with = "as_words")]
    pub recurrence: Rule,
    /// When it was made.
    pub created_at: Timestamp,
    /// The operator who made it.
    pub created_by: String,
}

fn as_words<S: Serializer>(rule: &Rule, serializer: S) -> Result<S::Ok, S::Error> {
    rule.words_with_end().serialize(serializer)
}

/// A session of a deadline's job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadlineSession {
    /// Its channel database.
    pub store: String,
    /// Its status.
    pub status: Status,
    /// When it was created.
    pub created_at: Timestamp,
}

impl Subject for ChannelDatabase {
    fn field_value(&self, field: &str) -> FieldValue<'_> {
        match field {
            "store" => FieldValue::text(Some(&self.name)),
            "zone" => FieldValue::text(self.zone.as_deref()),
            "note" => FieldValue::text(self.note.as_deref()),
            _ => FieldValue::Empty,
        }
    }

    fn any_text(&self, is_wanted: &dyn Fn(&str) -> bool) -> bool {
        [Some(self.name.as_str()), self.zone.as_deref(), self.note.as_deref()].into_iter().flatten().any(is_wanted)
    }
}

impl HeadOffice {
    /// The deadlines, at most `limit`.
    pub fn deadlines(&self, limit: i64) -> Result<Vec<Deadline>, StoreError> {
        let sql = format!("select {COLUMNS} from deadline order by deadline_id limit $1");
        self.connection.query(&sql, values![limit], deadline)
    }

    /// A deadline; `None` if there is none.
    pub fn deadline(&self, deadline_id: i64) -> Result<Option<Deadline>, StoreError> {
        let sql = format!("select {COLUMNS} from deadline where deadline_id = $1");
        self.connection.first(&sql, values![deadline_id], deadline)
    }

    /// Adds a deadline and returns its number; durable when it returns.
    pub fn add_deadline(
        &self,
        job_name: &str,
        stores: &str,
        recurrence: &Rule,
        operator: &str,
    ) -> Result<i64, StoreError> {
        let transaction = self.connection.begin()?;
        let sql = format!(
            "insert into deadline (job_name, stores, recurrence, created_at, created_by)
             values ($1, $2, $3, {NOW}, $4) returning deadline_id"
        );
        let json = recurrence.to_json();
        let deadline_id = self.connection.integer(&sql, values![job_name, stores, &json, operator])?;
        let (object, value) = (format!("deadline {deadline_id}"), words(job_name, stores, recurrence));
        let identity = json!([job_name, stores, recurrence.identity()]).to_string();
        let change = Change::new(operator, "add deadline", &object).unnumbered("a new deadline").detail(&value);
        self.append(&change.identity(&identity).values(None, Some(&value)))?;
        transaction.commit()?;
        Ok(deadline_id)
    }

    /// Removes a deadline and returns it; durable when it returns. `None` if it was not there.
    pub fn remove_deadline(&self, deadline_id: i64, operator: &str) -> Result<Option<Deadline>, StoreError> {
        let transaction = self.connection.begin()?;
        let Some(removed) = self.deadline(deadline_id)? else { return Ok(None) };
        self.connection.execute("delete from deadline where deadline_id = $1", values![deadline_id])?;
        let object = format!("deadline {deadline_id}");
        let value = words(&removed.job_name, &removed.stores, &removed.recurrence);
        self.append(&Change::new(operator, "remove deadline", &object).detail(&value).values(Some(&value), None))?;
        transaction.commit()?;
        Ok(Some(removed))
    }

    /// The sessions of a job on channel databases that were created after an instant.
    pub fn deadline_sessions(&self, job_name: &str, after: Timestamp) -> Result<Vec<DeadlineSession>, StoreError> {
        let sql = "select channel_database, status, created_at from
                   (select channel_database, status, created_at from session
                    where direction = $1 and job_name = $2 and modified_at >= $3
                    order by modified_at desc limit $4) as newest
                   where created_at > $3 and channel_database > ''";
        let mut sessions = Vec::new();
        for direction in Direction::ALL {
            sessions.extend(self.connection.query(
                sql,
                values![direction.number(), job_name, after, MAX_SESSIONS],
                |row| {
                    let number = row.int("status")?;
                    let status = Status::from_number(direction, number)
                        .ok_or_else(|| row.damaged(format!("a {direction} session with status {number}")))?;
                    let (store, created_at) = (row.text("channel_database")?, row.time("created_at")?);
                    Ok(DeadlineSession { store, status, created_at })
                },
            )?);
        }
        Ok(sessions)
    }

    /// How long a job usually takes from its creation until it is applied, in milliseconds: nine of
    /// ten sessions take no longer. `None` if it was not applied lately.
    pub fn usual_course(&self, job_name: &str) -> Result<Option<i64>, StoreError> {
        let sql = "select applied_at - created_at from
                   (select applied_at, created_at, status from session where direction = $1 and job_name = $2
                    order by modified_at desc limit $3) as newest
                   where status = $4 and applied_at >= created_at";
        let mut took = Vec::new();
        for direction in Direction::ALL {
            let Some(applied) = Status::Applied.number(direction) else { continue };
            let values = values![direction.number(), job_name, SAMPLE_SESSIONS, applied];
            took.extend(self.connection.scalars::<i64>(sql, values)?);
        }
        took.sort_unstable();
        Ok(took.get(took.len().saturating_sub(1) * 9 / 10).copied())
    }
}

fn words(job_name: &str, stores: &str, recurrence: &Rule) -> String {
    let stores = if stores.is_empty() { "all stores" } else { stores };
    format!("job {job_name} in {stores}, {}", recurrence.words_with_end())
}

fn deadline(row: &Row) -> Result<Deadline, StoreError> {
    let recurrence = row.text(column::recurrence)?;
    Ok(Deadline {
        deadline_id: row.int(column::deadline_id)?,
        job_name: row.text(column::job_name)?,
        stores: row.text(column::stores)?,
        recurrence: Rule::parse_json(&recurrence).map_err(|error| row.damaged(error.to_string()))?,
        created_at: row.time(column::created_at)?,
        created_by: row.text(column::created_by)?,
    })
}
