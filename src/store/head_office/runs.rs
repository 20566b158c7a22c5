//! Runs: a row from the start, updated by every chunk, closed exactly once.

use crate::domain::{
    Counts, FinishedPurge, Notice, Outcome, Purged, QuotedPreview, Run, Step, Timestamp, Trigger, counted, grouped,
};
use crate::guard::PURGE;
use crate::store::StoreError;
use crate::store::connection::Row;
use crate::store::dialect::NOW;
use crate::store::head_office::expired_rows::purged_table;
use crate::store::head_office::journal::Change;
use crate::store::head_office::{HeadOffice, RunClaim};
use crate::store::row::columns;
use crate::store::value::values;

columns!(mod column:
    run_id, trigger, outcome, read, inserted, repeated, rejected, sessions_changed, purged, kept_unresolved,
    started_at, ended_at, notices, error, purge_held, job_id, preview_id, preview_rows,
);
pub(super) use column::LIST as RUN_COLUMNS;

/// The last reported progress of a running run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunProgress {
    /// The run's number.
    pub run_id: i64,
    /// Its step.
    pub step: Step,
    /// Rows of the step that are done.
    pub done: i64,
    /// Rows of the step in all; 0 while unknown.
    pub total: i64,
    /// Rows per second; 0 while it is not settled.
    pub rate: i64,
}

/// A purge that an operator confirmed, for the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConfirmedPurge<'a> {
    /// The operator.
    pub operator: &'a str,
    /// The rows that have expired.
    pub rows: i64,
    /// The rows that were confirmed.
    pub confirmed: i64,
}

impl HeadOffice {
    /// Adds a chunk's counts in the caller's transaction.
    pub(super) fn add_counts(&self, claim: &RunClaim, counts: &Counts) -> Result<(), StoreError> {
        let sql = "update run set read = read + $1, inserted = inserted + $2, repeated = repeated + $3,
                   rejected = rejected + $4, sessions_changed = sessions_changed + $5 where run_id = $6";
        let Counts { read, inserted, repeated, rejected, sessions_changed } = *counts;
        self.connection.execute(sql, values![read, inserted, repeated, rejected, sessions_changed, claim.run_id])?;
        Ok(())
    }

    /// Records the message database and the step of the run; durable when it returns.
    pub fn note_step(&self, claim: &RunClaim, database_id: &str, step: Step) -> Result<(), StoreError> {
        let transaction = self.connection.begin()?;
        self.hold_lease(claim)?;
        // What the step before had done is not progress of this one.
        let sql = "update run set database_id = $1, step = $2, progress_done = null, progress_total = null,
                   progress_rate = null where run_id = $3";
        self.connection.execute(sql, values![database_id, step.word(), claim.run_id])?;
        transaction.commit()
    }

    /// Records the retention of the purge, and the preview that it quotes, before the first row is
    /// deleted; a confirmed purge is a row of the journal. Durable when it returns.
    pub fn note_purge(
        &self,
        claim: &RunClaim,
        retention_days: i64,
        preview: Option<QuotedPreview>,
        confirmed: Option<&ConfirmedPurge>,
    ) -> Result<(), StoreError> {
        let transaction = self.connection.begin()?;
        self.hold_lease(claim)?;
        if let Some(ConfirmedPurge { operator, rows, confirmed }) = confirmed {
            let detail = format!("{} expired, up to {} confirmed", counted(*rows, "row"), grouped(*confirmed));
            let object = format!("run {}", claim.run_id);
            self.append(&Change::new(operator, PURGE, &object).detail(&detail).decided())?;
        }
        let sql = format!(
            "update run set retention_days = $1, preview_id = $2, preview_rows = $3, purge_started_at = {NOW}
             where run_id = $4"
        );
        let (preview_id, rows) = (preview.map(|of| of.preview_id), preview.map(|of| of.rows));
        self.connection.execute(&sql, values![retention_days, preview_id, rows, claim.run_id])?;
        transaction.commit()
    }

    /// Records progress for display, and renews the lease; durable when it returns.
    pub fn note_progress(&self, claim: &RunClaim, done: i64, total: i64, rate: i64) -> Result<(), StoreError> {
        let transaction = self.connection.begin()?;
        self.hold_lease(claim)?;
        let sql = "update run set progress_done = $1, progress_total = $2, progress_rate = $3 where run_id = $4";
        self.connection.execute(sql, values![done, total, rate, claim.run_id])?;
        transaction.commit()
    }

    /// Closes the run and releases the lease; durable when it returns. A run that lost its lease
    /// keeps its mark, and one whose job was taken over is interrupted, because the job's next run
    /// continues it.
    pub fn end_run(
        &self,
        claim: &RunClaim,
        outcome: Outcome,
        run: &Run,
        purge_finished: bool,
    ) -> Result<Run, StoreError> {
        let transaction = self.connection.begin()?;
        let taken = self.has_lost_claim(claim)?.then(|| StoreError::ClaimLost.to_string());
        let outcome = if taken.is_some() { Outcome::Interrupted } else { outcome };
        let sql = format!(
            "update run set step = 'done', outcome = $1, ended_at = {NOW}, purged = $2, purged_rows = $3, kept_unresolved = $4,
             notices = $5, error = $6, purge_finished = $7, purge_held = $8 where run_id = $9 and outcome is null"
        );
        let notices: Vec<_> = run.notices.iter().map(|notice| &notice.0).collect();
        self.connection.execute(
            &sql,
            values![
                outcome.word(),
                &purged_to_text(&run.purged),
                run.purged.total(),
                run.kept_unresolved,
                &serde_json::json!(notices).to_string(),
                taken.as_ref().or(run.error.as_ref()),
                purge_finished,
                run.purge_held,
                claim.run_id
            ],
        )?;
        if purge_finished {
            self.end_held_purges(claim.run_id)?;
        }
        self.release_lease(claim)?;
        transaction.commit()?;
        let ended = self.run(claim.run_id)?;
        ended.ok_or_else(|| StoreError::Damaged {
            location: self.location().clone(),
            what: "the row of the run that just ended is missing".to_owned(),
        })
    }

    /// Marks every run that never ended; in the caller's transaction.
    pub(super) fn interrupt_unfinished(&self) -> Result<Vec<i64>, StoreError> {
        let unfinished =
            self.connection.scalars::<i64>("select run_id from run where outcome is null order by run_id", &[])?;
        self.connection
            .execute(&format!("update run set outcome = 'interrupted', ended_at = {NOW} where outcome is null"), &[])?;
        Ok(unfinished)
    }

    /// Returns a run; `None` if there is none of this number.
    pub fn run(&self, run_id: i64) -> Result<Option<Run>, StoreError> {
        let sql = format!("select {RUN_COLUMNS} from run where run_id = $1");
        self.connection.first(&sql, values![run_id], run)
    }

    /// The step that a run executes; `None` if it is not running.
    pub fn run_step(&self, run_id: i64) -> Result<Option<Step>, StoreError> {
        let sql = "select step from run where run_id = $1 and outcome is null";
        Ok(self.connection.scalar::<String>(sql, values![run_id])?.and_then(|word| Step::from_word(&word)))
    }

    /// The progress of a run; `None` if it is not running or has not reported yet.
    pub fn run_progress(&self, run_id: i64) -> Result<Option<RunProgress>, StoreError> {
        let sql = "select step, progress_done, progress_total, coalesce(progress_rate, 0) as rate from run
            where run_id = $1 and outcome is null and progress_done is not null and progress_total is not null";
        self.connection.first(sql, values![run_id], |row| {
            Ok(RunProgress {
                run_id,
                step: Step::from_word(&row.text("step")?).unwrap_or(Step::Transfer),
                done: row.int("progress_done")?,
                total: row.int("progress_total")?,
                rate: row.int("rate")?,
            })
        })
    }

    /// The newest runs, newest first.
    pub fn runs(&self, limit: i64) -> Result<Vec<Run>, StoreError> {
        self.runs_since(Timestamp(i64::MIN), limit)
    }

    /// The newest runs that were started since an instant, newest first.
    pub fn runs_since(&self, since: Timestamp, limit: i64) -> Result<Vec<Run>, StoreError> {
        let sql = format!("select {RUN_COLUMNS} from run where started_at >= $1 order by run_id desc limit $2");
        self.connection.query(&sql, values![since, limit], run)
    }

    /// The latest instant recorded by a run before this one; `None` before the first run.
    pub fn last_run_at(&self, before: Option<&RunClaim>) -> Result<Option<Timestamp>, StoreError> {
        let sql = "select max(coalesce(ended_at, started_at)) from run where run_id < $1";
        let below = before.map_or(i64::MAX, |claim| claim.run_id);
        Ok(self.connection.scalar::<Option<Timestamp>>(sql, values![below])?.flatten())
    }

    /// When the last finished purge ended; `None` before the first.
    pub fn last_purge_at(&self) -> Result<Option<Timestamp>, StoreError> {
        let sql =
            "select ended_at from run where purge_finished = 1 and ended_at is not null order by run_id desc limit 1";
        self.connection.scalar::<Timestamp>(sql, &[])
    }

    /// The number of messages and sessions, counted one by one.
    pub fn count_rows(&self) -> Result<i64, StoreError> {
        self.connection.integer("select (select count(*) from status_message) + (select count(*) from session)", &[])
    }

    /// The last ten finished purges, newest first.
    pub fn last_purges(&self) -> Result<Vec<FinishedPurge>, StoreError> {
        let sql = "select retention_days, purged_rows from run where purge_finished = 1 order by run_id desc limit 10";
        self.connection.query(sql, &[], |row| {
            Ok(FinishedPurge { retention_days: row.int("retention_days")?, rows: row.int("purged_rows")? })
        })
    }
}

pub(super) fn run(row: &Row) -> Result<Run, StoreError> {
    let trigger = row.text(column::trigger)?;
    let notices: Vec<String> = serde_json::from_str(&row.text(column::notices)?).unwrap_or_default();
    Ok(Run {
        run_id: row.int(column::run_id)?,
        trigger: Trigger::from_word(&trigger).ok_or_else(|| row.damaged(format!("a run's trigger {trigger:?}")))?,
        job_id: row.opt_int(column::job_id)?,
        outcome: row.opt_text(column::outcome)?.and_then(|word| Outcome::from_word(&word)),
        counts: Counts {
            read: row.int(column::read)?,
            inserted: row.int(column::inserted)?,
            repeated: row.int(column::repeated)?,
            rejected: row.int(column::rejected)?,
            sessions_changed: row.int(column::sessions_changed)?,
        },
        purged: purged_from_text(&row.text(column::purged)?),
        kept_unresolved: row.int(column::kept_unresolved)?,
        started_at: row.time(column::started_at)?,
        ended_at: row.opt_time(column::ended_at)?,
        notices: notices.into_iter().map(Notice).collect(),
        error: row.opt_text(column::error)?,
        purge_held: row.flag(column::purge_held)?,
        preview: match (row.opt_int(column::preview_id)?, row.opt_int(column::preview_rows)?) {
            (Some(preview_id), Some(rows)) => Some(QuotedPreview { preview_id, rows }),
            _ => None,
        },
    })
}

fn purged_to_text(purged: &Purged) -> String {
    serde_json::json!([purged.message_database, purged.head_office, purged.trash]).to_string()
}

fn purged_from_text(text: &str) -> Purged {
    let parsed: Vec<Vec<(String, i64)>> = serde_json::from_str(text).unwrap_or_default();
    let tables = |at: usize| {
        let rows = parsed.get(at).map_or(&[][..], Vec::as_slice).iter();
        rows.filter_map(|(table, rows)| Some((purged_table(table)?, *rows))).collect()
    };
    Purged { message_database: tables(0), head_office: tables(1), trash: tables(2) }
}
