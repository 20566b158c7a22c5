//! The batch job history: one row for each start, and the log of each row.

use crate::batch::{HistoryOutcome, RecentRuns};
use crate::domain::{By, Counts, Order, Seek, Timestamp};
use crate::store::StoreError;
use crate::store::connection::Row;
use crate::store::dialect::NOW;
use crate::store::head_office::HeadOffice;
use crate::store::head_office::batch::history_filter::HistoryFilter;
use crate::store::head_office::keyset::{Keyset, Place};
use crate::store::row::columns;
use crate::store::value::values;

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
    /// The counts of the last try's run.
    pub counts: Option<StartCounts>,
}

/// The counts of a start's run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(missing_docs)] // the columns of the table, one for one
pub struct StartCounts {
    pub read: i64,
    pub inserted: i64,
    pub repeated: i64,
    pub rejected: i64,
    pub sessions_changed: i64,
    pub purged_rows: i64,
    pub kept_unresolved: i64,
}

impl StartCounts {
    /// Returns the counts in words, as the summary of the run has them.
    pub fn figures(&self) -> String {
        let Self { read, inserted, repeated, rejected, sessions_changed, purged_rows, kept_unresolved } = *self;
        Counts { read, inserted, repeated, rejected, sessions_changed }.figures(purged_rows, kept_unresolved)
    }
}

/// The severity of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// Nothing to act on.
    Information,
    /// It may need attention.
    Warning,
    /// A failure.
    Error,
}

impl Severity {
    /// Its word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Information => "information",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// When it was written.
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
    kept_unresolved = "r.kept_unresolved",
);
use column::LIST as COLUMNS;

pub(super) const KEYSET: Keyset = Keyset {
    table: "batch_job_history as h",
    column: "h.scheduled_at",
    id: "h.history_id",
    order: Order { by: By::Time, ascending: false },
};

/// The place of a row as a list's.
fn places(seek: Seek<(Timestamp, i64)>) -> Seek<Place> {
    let place = |(at, id): (Timestamp, i64)| (at.0, id);
    match seek {
        Seek::First => Seek::First,
        Seek::Last => Seek::Last,
        Seek::After(key) => Seek::After(place(key)),
        Seek::Before(key) => Seek::Before(place(key)),
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
        self.history_before(filter, (places(seek), None), rows)
    }

    /// Like [`Self::history_at`], but examines at most `stretch` rows; also returns the place
    /// reached, if that was neither the end nor enough.
    pub fn history_searched(
        &self,
        filter: &HistoryFilter,
        seek: Seek<Place>,
        rows: usize,
        stretch: i64,
    ) -> Result<(Vec<HistoryRow>, Option<Place>), StoreError> {
        let edge = KEYSET.edge(&self.connection, filter.indexed(), seek, stretch)?;
        let found = self.history_before(filter, (seek, edge), rows)?;
        let reached = edge.filter(|_| found.len() < rows);
        Ok((found, reached))
    }

    fn history_before(
        &self,
        filter: &HistoryFilter,
        stretch: (Seek<Place>, Option<Place>),
        rows: usize,
    ) -> Result<Vec<HistoryRow>, StoreError> {
        let select = format!("select {COLUMNS} from batch_job_history as h left join run as r on r.run_id = h.run_id");
        KEYSET.piece(&self.connection, &select, filter.conditions(), stretch, rows, history_row)
    }

    /// The newest row whose last try was this run.
    pub fn history_of_run(&self, run_id: i64) -> Result<Option<HistoryRow>, StoreError> {
        let sql = format!(
            "select {COLUMNS} from batch_job_history as h left join run as r on r.run_id = h.run_id
             where h.run_id = $1 order by h.history_id desc limit 1"
        );
        self.connection.first(&sql, values![run_id], history_row)
    }

    /// The number of rows that match, counted up to `most`.
    pub fn count_history(&self, filter: &HistoryFilter, most: i64) -> Result<i64, StoreError> {
        let (wheres, mut values) = filter.conditions();
        values.push(most.into());
        let sql = format!(
            "select count(*) from (select 1 from batch_job_history as h {} where {} limit ${}) as counted",
            filter.join(),
            wheres.join(" and "),
            values.len()
        );
        self.connection.integer(&sql, &values)
    }

    /// Whether the history has a row.
    pub fn has_start(&self, history_id: i64) -> Result<bool, StoreError> {
        self.connection.exists("select 1 from batch_job_history where history_id = $1", values![history_id])
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
        Some(read) => Some(StartCounts {
            read,
            inserted: row.int(column::inserted)?,
            repeated: row.int(column::repeated)?,
            rejected: row.int(column::rejected)?,
            sessions_changed: row.int(column::sessions_changed)?,
            purged_rows: row.int(column::purged_rows)?,
            kept_unresolved: row.int(column::kept_unresolved)?,
        }),
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
