//! The operator who has taken a cause, and until when.

use crate::domain::Timestamp;
use crate::store::StoreError;
use crate::store::connection::Row;
use crate::store::head_office::edits::{Edit, EditError, EditedObject};
use crate::store::head_office::journal::{Change, Undo};
use crate::store::head_office::{CauseLine, HeadOffice};
use crate::store::value::values;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// The most causes that are searched for a text.
const MAX_SEARCHED_CAUSES: i64 = 100_000;

/// An operator's work on a cause. It ends by itself at its time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taking {
    /// The operator's login.
    pub by: String,
    /// When the work is expected to end.
    pub until: Timestamp,
    /// A remark, such as `waits for the DBA`.
    pub remark: Option<String>,
}

/// A cause that an operator works on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TakenCause {
    /// The masked text.
    pub cause: String,
    /// The operator who has taken it, until when, and the remark.
    #[serde(flatten)]
    pub taking: Taking,
}

/// A cause by its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CauseName {
    /// Its key.
    pub digest: i64,
    /// The masked text.
    pub masked: String,
}

impl Taking {
    /// An operator's work until an instant; an empty remark is none.
    pub fn of(operator: &str, until: Timestamp, remark: &str) -> Self {
        let remark = remark.trim();
        Self { by: operator.to_owned(), until, remark: (!remark.is_empty()).then(|| remark.to_owned()) }
    }

    /// The assignment in words, for the journal and for errors; times are UTC.
    pub fn words(&self) -> String {
        let remark = self.remark.as_ref().map_or_else(String::new, |remark| format!(": {remark}"));
        format!("{} until {}{remark}", self.by, self.until.in_utc())
    }
}

impl CauseLine {
    /// The operator who has taken it, at `now`.
    pub fn taken_at(&self, now: Timestamp) -> Option<&Taking> {
        self.taken.as_ref().filter(|taken| taken.until > now)
    }
}

impl HeadOffice {
    /// The causes whose text is this one, or contains it, ignoring the case of ASCII letters; at
    /// most `limit`.
    pub fn find_causes(&self, text: &str, limit: usize) -> Result<Vec<CauseName>, StoreError> {
        let read = |row: &Row| Ok(CauseName { digest: row.int("digest")?, masked: row.text("masked")? });
        let sql = "select digest, masked from cause where masked = $1 limit 1";
        if let Some(same) = self.connection.first(sql, values![text], read)? {
            return Ok(vec![same]);
        }
        let sql = "select digest, masked from cause order by masked, digest limit $1";
        let wanted = text.to_ascii_lowercase();
        let mut found = self.connection.query(sql, values![MAX_SEARCHED_CAUSES], read)?;
        found.retain(|cause| cause.masked.to_ascii_lowercase().contains(&wanted));
        found.truncate(limit);
        Ok(found)
    }

    /// The causes that operators work on at `now`, those that end soonest first.
    pub fn taken_causes(&self, now: Timestamp, limit: i64) -> Result<Vec<TakenCause>, StoreError> {
        let sql = "select masked, taken_by, taken_until, taken_remark from cause
                   where taken_until is not null and taken_until > $1 order by taken_until, digest limit $2";
        let taken = self.connection.query(sql, values![now, limit], |row| {
            let cause = row.text("masked")?;
            Ok(taking(row)?.map(|taking| TakenCause { cause, taking }))
        })?;
        Ok(taken.into_iter().flatten().collect())
    }

    /// Sets who works on a cause, in place of who did before; `None` gives it back. Durable when it
    /// returns.
    pub fn take_cause<'a>(
        &self,
        cause: i64,
        taken: Option<&Taking>,
        edit: impl Into<Edit<'a>>,
    ) -> Result<(), EditError> {
        let edit = edit.into();
        let transaction = self.connection.begin()?;
        let sql = "select masked, taken_by, taken_until, taken_remark from cause where digest = $1";
        let before = self.connection.first(sql, values![cause], |row| Ok((taking(row)?, row.text("masked")?)))?;
        if let Some((before, masked)) = before {
            let sql = "update cause set taken_by = $2, taken_until = $3, taken_remark = $4 where digest = $1";
            let by = taken.map(|taken| taken.by.as_str());
            let remark = taken.and_then(|taken| taken.remark.as_deref());
            self.connection.execute(sql, values![cause, by, taken.map(|taken| taken.until), remark])?;
            let words = |taken: Option<&Taking>| taken.map(Taking::words);
            let (was, is) = (words(before.as_ref()), words(taken));
            let undo = Undo::Taking(cause, before);
            let until = taken.map(|taken| taken.until);
            let identity = json!([masked, by, remark]).to_string();
            let change =
                Change::new(edit.operator, "take cause", &masked).detail(is.as_deref().unwrap_or("given back"));
            let change = change.values(was.as_deref(), is.as_deref()).undo(Some(&undo)).also(edit.also());
            let entry_id = self.append(&change.instant(until, &identity))?;
            self.new_version(EditedObject::Cause(cause, &masked), edit, entry_id)?;
        }
        transaction.commit()?;
        Ok(())
    }
}

/// Who works on a cause, from its columns.
pub(super) fn taking(row: &Row) -> Result<Option<Taking>, StoreError> {
    let until = row.opt_time("taken_until")?.zip(row.opt_text("taken_by")?);
    let remark = row.opt_text("taken_remark")?;
    Ok(until.map(|(until, by)| Taking { by, until, remark }))
}
