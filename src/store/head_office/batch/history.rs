//! The batch job history: one row for each start, and the log of each row.

use crate::batch::{HistoryOutcome, RecentRuns};
use crate::domain::{Seek, Timestamp};
use crate::store::StoreError;
use crate::store::connection::Row;
use crate::store::dialect::NOW;
use crate::store::head_office::HeadOffice;
use crate::store::head_office::session_filter::add_conditions;
use crate::store::row::columns;
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
    /// The number of skipped starts.
    pub starts: i64,
    pub tries: i64,
    pub server: Option<String>,
    pub run_id: Option<i64>,
    pub reason: Option<String>,
    /// The counts of the last try's run: read, inserted, repeated, rejected, sessions changed, rows
    /// purged.
    pub counts: Option<[i64; 6]>,
}

/// The filter of a list of history rows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HistoryFilter {
    /// Only of this job.
    pub job_id: Option<i64>,
    /// Only with this outcome.
    pub outcome: Option<HistoryOutcome>,
    /// Scheduled at or after.
    pub since: Option<Timestamp>,
}

/// The severity of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// For information.
    Information,
    /// It may need attention.
    Warning,
    /// A failure.
    Error,
}

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// When.
    pub at: Timestamp,
    /// Its severity.
    pub severity: Severity,
    /// The text; may hold text from outside.
    pub text: String,
}

columns!(mod column:
    history_id = "h.history_id", job_id = "h.job_id", description = "h.description",
    batch_group = "h.batch_group", created_by = "h.created_by", scheduled_at = "h.scheduled_at",
    started_at = "h.started_at", ended_at = "h.ended_at", outcome = "h.outcome", starts = "h.starts",
    tries = "h.tries", server = "h.server", run_id = "h.run_id", reason = "h.reason", read = "r.read",
    inserted = "r.inserted", repeated = "r.repeated", rejected = "r.rejected",
    sessions_changed = "r.sessions_changed", purged_rows = "r.purged_rows",
);
use column::LIST as COLUMNS;

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
    /// Reads at most `rows` rows from `seek` on, the latest scheduled first; the cost does not
    /// depend on the length of the history.
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

    /// The number of rows that match, counted up to `most`.
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

    /// The log of a row, oldest first, at most `limit` lines.
    pub fn batch_log(&self, history_id: i64, limit: i64) -> Result<Vec<LogLine>, StoreError> {
        let sql = "select at, severity, text from batch_log where history_id = $1 order by log_id limit $2";
        self.connection.query(sql, values![history_id, limit], |row| {
            let severity = match row.int("severity")? {
                0 => Severity::Information,
                1 => Severity::Warning,
                _ => Severity::Error,
            };
            Ok(LogLine { at: row.time("at")?, severity, text: row.text("text")? })
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

    /// Deletes a row and its log; in the caller's transaction.
    pub(super) fn delete_history(&self, history_id: i64) -> Result<(), StoreError> {
        self.connection.execute("delete from batch_log where history_id = $1", values![history_id])?;
        self.connection.execute("delete from batch_job_history where history_id = $1", values![history_id])?;
        Ok(())
    }

    /// How long the last successful runs of a job took, or of all jobs; at most `runs` of them.
    pub fn recent_runs(&self, job_id: Option<i64>, runs: i64) -> Result<Option<RecentRuns>, StoreError> {
        let sql = "select count(*) as runs, min(took) as shortest, max(took) as longest from (
                select ended_at - started_at as took from batch_job_history
                where outcome = 'ended' and started_at is not null and ended_at is not null and ($1 = 0 or job_id = $2)
                order by scheduled_at desc, history_id desc limit $3) as latest";
        let values = values![i64::from(job_id.is_some()), job_id.unwrap_or_default(), runs];
        let found = self.connection.first(sql, values, |row| {
            let durations = row.opt_int("shortest")?.zip(row.opt_int("longest")?);
            let count = row.int("runs")?;
            Ok(durations.map(|(shortest_ms, longest_ms)| RecentRuns { count, shortest_ms, longest_ms }))
        })?;
        Ok(found.flatten())
    }
}

fn history_row(row: &Row) -> Result<HistoryRow, StoreError> {
    let outcome = row.text(column::outcome)?;
    let counts = match row.opt_int(column::read)? {
        None => None,
        Some(read) => Some([
            read,
            row.int(column::inserted)?,
            row.int(column::repeated)?,
            row.int(column::rejected)?,
            row.int(column::sessions_changed)?,
            row.int(column::purged_rows)?,
        ]),
    };
    Ok(HistoryRow {
        history_id: row.int(column::history_id)?,
        job_id: row.int(column::job_id)?,
        description: row.text(column::description)?,
        batch_group: row.text(column::batch_group)?,
        created_by: row.text(column::created_by)?,
        scheduled_at: row.time(column::scheduled_at)?,
        started_at: row.opt_time(column::started_at)?,
        ended_at: row.opt_time(column::ended_at)?,
        outcome: HistoryOutcome::from_word(&outcome)
            .ok_or_else(|| row.damaged(format!("a history row's outcome {outcome:?}")))?,
        starts: row.int(column::starts)?,
        tries: row.int(column::tries)?,
        server: row.opt_text(column::server)?,
        run_id: row.opt_int(column::run_id)?,
        reason: row.opt_text(column::reason)?,
        counts,
    })
}
