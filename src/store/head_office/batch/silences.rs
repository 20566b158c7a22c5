//! Silences: which alerts are held back, until when, why, and by which operator.

use crate::batch::{AlertSubject, silence_filter};
use crate::domain::Timestamp;
use crate::filter::{FieldValue, Filter};
use crate::store::StoreError;
use crate::store::connection::Row;
use crate::store::dialect::NOW;
use crate::store::head_office::HeadOffice;
use crate::store::head_office::journal::Change;
use crate::store::row::columns;
use crate::store::value::values;
use serde::Serialize;

/// The most open silences that an alert is compared with.
const MAX_COMPARED: i64 = 1_000;

columns!(mod column:
    silence_id, filter, until, reason, created_at, created_by, ended_at, ended_by, held_back,
);
use column::LIST as COLUMNS;

/// A silence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Silence {
    /// Its number.
    pub silence_id: i64,
    /// The filter; alerts that match it are held back.
    pub filter: String,
    /// When it ends by itself.
    pub until: Timestamp,
    /// Why, as the operator stated it.
    pub reason: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// The operator who made it.
    pub created_by: String,
    /// When an operator ended it; `None` if none did.
    pub ended_at: Option<Timestamp>,
    /// The operator who ended it.
    pub ended_by: Option<String>,
    /// The number of alerts that it held back.
    pub held_back: i64,
}

impl Silence {
    /// Whether it holds alerts back at `now`.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.ended_at.is_none() && self.until > now
    }

    /// The value of a field of the list, in which it is listed as open or ended.
    pub fn field_value(&self, field: &str, is_open: bool) -> FieldValue<'_> {
        match field {
            "open" => FieldValue::Choice(if is_open { "yes" } else { "no" }),
            "by" => FieldValue::text(Some(&self.created_by)),
            "alerts" => FieldValue::text(Some(&self.filter)),
            "text" => FieldValue::text(Some(&self.reason)),
            "held" => FieldValue::Number(self.held_back),
            "until" => FieldValue::Number(self.ends_at().0),
            "created" => FieldValue::Number(self.created_at.0),
            _ => FieldValue::Empty,
        }
    }

    /// When it ended or will end.
    pub fn ends_at(&self) -> Timestamp {
        self.ended_at.map_or(self.until, |ended| ended.min(self.until))
    }
}

/// The filters of the open silences, by number.
pub(super) struct OpenSilences(Vec<(i64, Filter)>);

impl OpenSilences {
    /// The first silence that matches an alert.
    pub(super) fn first_match(&self, alert: &AlertSubject) -> Option<i64> {
        self.0.iter().find(|(_, filter)| filter.matches(alert)).map(|(silence_id, _)| *silence_id)
    }
}

impl HeadOffice {
    /// The silences that are open at `now`, those that end soonest first.
    pub fn open_silences(&self, now: Timestamp, limit: i64) -> Result<Vec<Silence>, StoreError> {
        let sql = format!(
            "select {COLUMNS} from silence where ended_at is null and until > $1 order by until, silence_id limit $2"
        );
        self.connection.query(&sql, values![now, limit], silence)
    }

    /// All silences, newest first.
    pub fn silences(&self, limit: i64) -> Result<Vec<Silence>, StoreError> {
        let sql = format!("select {COLUMNS} from silence order by silence_id desc limit $1");
        self.connection.query(&sql, values![limit], silence)
    }

    /// A silence; `None` if there is none.
    pub fn silence(&self, silence_id: i64) -> Result<Option<Silence>, StoreError> {
        let sql = format!("select {COLUMNS} from silence where silence_id = $1");
        self.connection.first(&sql, values![silence_id], silence)
    }

    /// Starts a silence and returns its number; durable when it returns. The filter must have been
    /// read by [`silence_filter`].
    pub fn add_silence(&self, filter: &str, until: Timestamp, reason: &str, operator: &str) -> Result<i64, StoreError> {
        let transaction = self.connection.begin()?;
        let sql = format!(
            "insert into silence (filter, until, reason, created_at, created_by) values ($1, $2, $3, {NOW}, $4)
             returning silence_id"
        );
        let silence_id = self.connection.integer(&sql, values![filter, until, reason, operator])?;
        let (object, value) = (object(silence_id), words(filter, until));
        let change = Change::new(operator, "silence alerts", &object).unnumbered("a new silence").detail(&value);
        self.append(&change.values(None, Some(&value)).reason(Some(reason)).instant(Some(until), filter))?;
        transaction.commit()?;
        Ok(silence_id)
    }

    /// Ends a silence before its time; durable when it returns. Returns whether it was open.
    pub fn end_silence(&self, silence_id: i64, operator: &str) -> Result<bool, StoreError> {
        let transaction = self.connection.begin()?;
        let sql = format!(
            "update silence set ended_at = {NOW}, ended_by = $2
             where silence_id = $1 and ended_at is null and until > {NOW}"
        );
        if self.connection.execute(&sql, values![silence_id, operator])? == 0 {
            return Ok(false);
        }
        if let Some(ended) = self.silence(silence_id)? {
            let (object, value) = (object(silence_id), words(&ended.filter, ended.until));
            let change = Change::new(operator, "end silence", &object).detail(&value);
            self.append(&change.values(Some(&value), None))?;
        }
        transaction.commit()?;
        Ok(true)
    }

    /// The first open silence that matches an alert; in the caller's transaction, it counts the
    /// alert.
    pub(super) fn hold_back(&self, alert: &AlertSubject) -> Result<Option<i64>, StoreError> {
        let silence_id = self.open_filters()?.first_match(alert);
        if let Some(silence_id) = silence_id {
            self.count_held_back(silence_id)?;
        }
        Ok(silence_id)
    }

    /// Counts an alert that a silence holds back; in the caller's transaction.
    pub(super) fn count_held_back(&self, silence_id: i64) -> Result<(), StoreError> {
        let sql = "update silence set held_back = held_back + 1 where silence_id = $1";
        self.connection.execute(sql, values![silence_id])?;
        Ok(())
    }

    /// The filters of the open silences, by number. A filter with a field of a newer program
    /// matches nothing: better one alert too many.
    pub(super) fn open_filters(&self) -> Result<OpenSilences, StoreError> {
        let sql = format!(
            "select silence_id, filter from silence where ended_at is null and until > {NOW} order by silence_id limit $1"
        );
        let read = |row: &Row| Ok((row.int("silence_id")?, row.text("filter")?));
        let open = self.connection.query(&sql, values![MAX_COMPARED], read)?;
        let readable =
            open.into_iter().filter_map(|(silence_id, text)| Some((silence_id, silence_filter(&text).ok()?)));
        Ok(OpenSilences(readable.collect()))
    }
}

/// Its name in the journal.
fn object(silence_id: i64) -> String {
    format!("silence {silence_id}")
}

/// Its terms in the journal; times are UTC.
fn words(filter: &str, until: Timestamp) -> String {
    format!("{filter} until {}", until.in_utc())
}

fn silence(row: &Row) -> Result<Silence, StoreError> {
    Ok(Silence {
        silence_id: row.int(column::silence_id)?,
        filter: row.text(column::filter)?,
        until: row.time(column::until)?,
        reason: row.text(column::reason)?,
        created_at: row.time(column::created_at)?,
        created_by: row.text(column::created_by)?,
        ended_at: row.opt_time(column::ended_at)?,
        ended_by: row.opt_text(column::ended_by)?,
        held_back: row.int(column::held_back)?,
    })
}
