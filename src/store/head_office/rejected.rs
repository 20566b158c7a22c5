//! Messages kept aside because they make no sense: listed, tried again, dismissed.

use crate::domain::Timestamp;
use crate::store::StoreError;
use crate::store::connection::Row;
use crate::store::dialect::NOW;
use crate::store::head_office::HeadOffice;
use crate::store::value::{Value, values};

/// One message kept aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// Its number here.
    pub rejected_id: i64,
    /// Short name of the message database it came from.
    pub source_id: i64,
    /// The message database it came from.
    pub database_id: String,
    /// Its number there.
    pub message_id: i64,
    /// The whole row as JSON.
    pub raw: String,
    /// Why it is here.
    pub reason: String,
    /// The run that put it here.
    pub run_id: i64,
    /// When.
    pub rejected_at: Timestamp,
    /// When somebody dismissed it.
    pub dismissed_at: Option<Timestamp>,
}

/// Which rejected messages a list wants.
#[derive(Debug, Clone, Default)]
pub struct RejectedFilter {
    /// Only these; empty is all.
    pub ids: Vec<i64>,
    /// Put aside at or after.
    pub since: Option<Timestamp>,
    /// Dismissed ones too.
    pub dismissed: bool,
    /// How many at most.
    pub limit: i64,
}

const COLUMNS: &str = "rejected_id, source_id, database_id, message_id, raw, reason, run_id, rejected_at, dismissed_at";

impl HeadOffice {
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

    /// How many wait for somebody to look at them.
    pub fn count_rejected(&self) -> Result<i64, StoreError> {
        self.connection.integer("select count(*) from rejected_message where dismissed_at is null", &[])
    }

    /// Dismisses them, so that the purge may take them, and writes down who did; durable when it returns.
    /// Returns how many were not dismissed before.
    pub fn dismiss_rejected(&self, ids: &[i64], operator: &str) -> Result<i64, StoreError> {
        let transaction = self.connection.begin()?;
        let sql = format!(
            "update rejected_message set dismissed_at = {NOW}, dismissed_by = $1
             where rejected_id = $2 and dismissed_at is null"
        );
        let mut dismissed = 0;
        for id in ids {
            if self.connection.execute(&sql, values![operator, *id])? > 0 {
                self.note_in_journal(operator, "dismiss rejected message", &id.to_string(), "", None)?;
                dismissed += 1;
            }
        }
        transaction.commit()?;
        Ok(dismissed)
    }

    /// Notes a newer reason why a message stays here; durable when it returns.
    pub fn note_reason(&self, rejected_id: i64, reason: &str) -> Result<(), StoreError> {
        let sql = "update rejected_message set reason = $1 where rejected_id = $2";
        self.connection.execute(sql, values![reason, rejected_id])?;
        Ok(())
    }
}

fn rejected(row: &Row) -> Result<Rejected, StoreError> {
    Ok(Rejected {
        rejected_id: row.int(0)?,
        source_id: row.int(1)?,
        database_id: row.text(2)?,
        message_id: row.int(3)?,
        raw: row.text(4)?,
        reason: row.text(5)?,
        run_id: row.int(6)?,
        rejected_at: row.time(7)?,
        dismissed_at: row.opt_time(8)?,
    })
}
