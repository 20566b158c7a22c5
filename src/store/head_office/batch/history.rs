//! The batch job history: one row for each start, and the log of each row.

use crate::batch::HistoryOutcome;
use crate::domain::{Seek, Timestamp};
use crate::store::StoreError;
use crate::store::connection::Row;
use crate::store::dialect::NOW;
use crate::store::head_office::HeadOffice;
use crate::store::head_office::session_filter::add_conditions;
use crate::store::value::{Value, values};

/// One row of the history.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)] // the columns of the table, one for one
pub struct HistoryRow {
    pub history_id: i64,
    pub job_id: i64,
    pub description: String,
    pub batch_group: String,
    pub created_by: String,
    pub scheduled_at: Timestamp,
    pub started_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub outcome: HistoryOutcome,
    /// Of starts that made no run: how many.
    pub starts: i64,
    pub tries: i64,
    pub server: Option<String>,
    pub run_id: Option<i64>,
    pub reason: Option<String>,
    /// Of the run of the last try: read, inserted, repeated, rejected, sessions changed, rows purged.
    pub counts: Option<[i64; 6]>,
}

/// Which rows a list shows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HistoryFilter {
    /// Of this job alone.
    pub job_id: Option<i64>,
    /// With this outcome alone.
    pub outcome: Option<HistoryOutcome>,
    /// Scheduled at or after.
    pub since: Option<Timestamp>,
}

/// How grave a line of the log is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// It went as it should.
    Information,
    /// Somebody may want to know.
    Warning,
    /// It failed.
    Error,
}

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// When.
    pub at: Timestamp,
    /// How grave.
    pub severity: Severity,
    /// What happened; text from outside may be in it.
    pub text: String,
}

const COLUMNS: &str = "h.history_id, h.job_id, h.description, h.batch_group, h.created_by, h.scheduled_at, h.started_at, h.ended_at, \
    h.outcome, h.starts, h.tries, h.server, h.run_id, h.reason, r.read, r.inserted, r.repeated, r.rejected, \
    r.sessions_changed, r.purged_rows";

impl HistoryFilter {
    fn conditions(&self) -> (Vec<String>, Vec<Value<'_>>) {
        let mut wheres = vec!["1 = 1".to_owned()];
        let mut values = Vec::new();
        let conditions = [
            ("h.job_id = ?", self.job_id.map(Value::from)),
            ("h.outcome = ?", self.outcome.map(|outcome| Value::from(outcome.word()))),
            ("h.scheduled_at >= ?", self.since.map(Value::from)),
        ];
        add_conditions(conditions, &mut wheres, &mut values);
        (wheres, values)
    }
}

impl HeadOffice {
    /// At most `rows` rows, the latest scheduled first, from where `seek` says; costs the same however long the history is.
    pub fn history_at(
        &self,
        filter: &HistoryFilter,
        seek: Seek<(Timestamp, i64)>,
        rows: usize,
    ) -> Result<Vec<HistoryRow>, StoreError> {
        let (mut wheres, mut values) = filter.conditions();
        let backward = seek.is_backward();
        if let Some((at, history_id)) = seek.limit() {
            values.extend(values![at, history_id]);
            let sign = if backward { '>' } else { '<' };
            let count = values.len();
            wheres.push(format!("(h.scheduled_at, h.history_id) {sign} (${}, ${count})", count - 1));
        }
        values.push(i64::try_from(rows).unwrap_or(i64::MAX).into());
        let order = if backward { "asc" } else { "desc" };
        let sql = format!(
            "select {COLUMNS} from batch_job_history as h left join run as r on r.run_id = h.run_id where {}
             order by h.scheduled_at {order}, h.history_id {order} limit ${}",
            wheres.join(" and "),
            values.len()
        );
        let mut found = self.connection.query(&sql, &values, history_row)?;
        if backward {
            found.reverse();
        }
        Ok(found)
    }

    /// How many rows the filter finds, counted up to `most`.
    pub fn count_history(&self, filter: &HistoryFilter, most: i64) -> Result<i64, StoreError> {
        let (wheres, mut values) = filter.conditions();
        values.push(most.into());
        let sql = format!(
            "select count(*) from (select 1 from batch_job_history as h where {} limit ${}) as counted",
            wheres.join(" and "),
            values.len()
        );
        self.connection.integer(&sql, &values)
    }

    /// The log of one row, oldest first, up to `limit` lines.
    pub fn batch_log(&self, history_id: i64, limit: i64) -> Result<Vec<LogLine>, StoreError> {
        let sql = "select at, severity, text from batch_log where history_id = $1 order by log_id limit $2";
        self.connection.query(sql, values![history_id, limit], |row| {
            let severity = match row.int(1)? {
                0 => Severity::Information,
                1 => Severity::Warning,
                _ => Severity::Error,
            };
            Ok(LogLine { at: row.time(0)?, severity, text: row.text(2)? })
        })
    }

    /// Adds a line to the log of a row; durable when it returns, or with the caller's transaction.
    pub fn log(&self, history_id: i64, severity: Severity, text: &str) -> Result<(), StoreError> {
        let severity = match severity {
            Severity::Information => 0,
            Severity::Warning => 1,
            Severity::Error => 2,
        };
        let sql = format!("insert into batch_log (history_id, at, severity, text) values ($1, {NOW}, $2, $3)");
        self.connection.execute(&sql, values![history_id, severity, text])?;
        Ok(())
    }

    /// Takes a row and its log out; part of the caller's transaction.
    pub(super) fn delete_history(&self, history_id: i64) -> Result<(), StoreError> {
        self.connection.execute("delete from batch_log where history_id = $1", values![history_id])?;
        self.connection.execute("delete from batch_job_history where history_id = $1", values![history_id])?;
        Ok(())
    }

    /// The shortest and the longest of the last runs that ended well, in milliseconds, and how many were looked at.
    pub fn recent_durations(&self, job_id: Option<i64>, runs: i64) -> Result<Option<(i64, i64, i64)>, StoreError> {
        let sql = "select count(*), min(took), max(took) from (
                select ended_at - started_at as took from batch_job_history
                where outcome = 'ended' and started_at is not null and ended_at is not null and ($1 = 0 or job_id = $2)
                order by scheduled_at desc, history_id desc limit $3) as latest";
        let values = values![i64::from(job_id.is_some()), job_id.unwrap_or_default(), runs];
        let found = self.connection.first(sql, values, |row| Ok((row.int(0)?, row.opt_int(1)?, row.opt_int(2)?)))?;
        Ok(found.and_then(|(count, shortest, longest)| Some((count, shortest?, longest?))))
    }
}

fn history_row(row: &Row) -> Result<HistoryRow, StoreError> {
    let outcome = row.text(8)?;
    let counts = match row.opt_int(14)? {
        None => None,
        Some(read) => Some([read, row.int(15)?, row.int(16)?, row.int(17)?, row.int(18)?, row.int(19)?]),
    };
    Ok(HistoryRow {
        history_id: row.int(0)?,
        job_id: row.int(1)?,
        description: row.text(2)?,
        batch_group: row.text(3)?,
        created_by: row.text(4)?,
        scheduled_at: row.time(5)?,
        started_at: row.opt_time(6)?,
        ended_at: row.opt_time(7)?,
        outcome: HistoryOutcome::from_word(&outcome)
            .ok_or_else(|| row.damaged(format!("a history row's outcome {outcome:?}")))?,
        starts: row.int(9)?,
        tries: row.int(10)?,
        server: row.opt_text(11)?,
        run_id: row.opt_int(12)?,
        reason: row.opt_text(13)?,
        counts,
    })
}
