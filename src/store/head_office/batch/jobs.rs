//! Reading batch jobs.

use crate::batch::{
    AfterError, BatchJob, BatchStatus, Claim, ClaimHolder, HistoryOutcome, JobSettings, LastRun, Missed, PurgeConsent,
    SaveHistory, StatusChange, Task,
};
use crate::domain::Timestamp;
use crate::recurrence::Rule;
use crate::store::StoreError;
use crate::store::connection::Row;
use crate::store::head_office::HeadOffice;
use crate::store::head_office::batch::change::Refusal;
use crate::store::row::columns;
use crate::store::value::{Value, values};

columns!(mod column:
    job_id, description, batch_group, private, transfer, purge, recurrence, first_start, max_retries,
    retry_pause_ms, after_error, missed, save_history, created_by, created_at, status, changed_at,
    changed_by, changed_reason, next_start, retry_at, tries, claim_server, claim_incarnation, claim_login,
    fencing,
    claim_since, claim_history_id, claim_run_id, waits_for, last_outcome, last_took_ms, last_ended_at,
    interactive, for_server, confirm_purge, preview_id, edit_version, waits_since,
);
pub(super) use column::LIST as COLUMNS;

/// The filter of a list of jobs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct JobFilter {
    /// Only of this operator.
    pub created_by: Option<String>,
    /// Only with this status.
    pub status: Option<BatchStatus>,
    /// Also runs requested at a console.
    pub interactive: bool,
}

/// A job that cannot be read, and why.
pub(super) type Unreadable = (i64, String);

/// A row of the journal about a job.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)] // the columns of the table, one for one
pub struct JobChange {
    pub entry_id: i64,
    pub at: Timestamp,
    pub operator: String,
    pub action: String,
    /// The details, with the reason if one was given; text from outside.
    pub detail: String,
}

impl HeadOffice {
    /// Returns a batch job; `None` if there is none of this number.
    pub fn job(&self, job_id: i64) -> Result<Option<BatchJob>, StoreError> {
        let sql = format!("select {COLUMNS} from batch_job where job_id = $1");
        self.connection.first(&sql, values![job_id], job)
    }

    pub(super) fn known_job(&self, job_id: i64) -> Result<BatchJob, Refusal> {
        self.job(job_id)?.ok_or(Refusal::Unknown(job_id))
    }

    /// Jobs by their next start, those without one last; at most `limit`.
    pub fn jobs(&self, filter: &JobFilter, limit: i64) -> Result<Vec<BatchJob>, StoreError> {
        let mut conditions = vec!["1 = 1".to_owned()];
        let mut values: Vec<Value> = Vec::new();
        if let Some(operator) = &filter.created_by {
            values.push(operator.into());
            conditions.push(format!("created_by = ${}", values.len()));
        }
        if let Some(status) = filter.status {
            values.push(status.number().into());
            conditions.push(format!("status = ${}", values.len()));
        }
        if !filter.interactive {
            conditions.push("interactive = 0".to_owned());
        }
        values.push(limit.into());
        let sql = format!(
            "select {COLUMNS} from batch_job where {} order by next_start is null, next_start, job_id limit ${}",
            conditions.join(" and "),
            values.len()
        );
        self.connection.query(&sql, &values, job)
    }

    /// Waiting jobs that are due at `until`: first those of the groups that `server` serves, so
    /// that no number of others delays them; the longest due first. A job that cannot be read gets
    /// a note with the reason and does not block the others.
    pub fn due_jobs(&self, until: Timestamp, server: &str, limit: i64) -> Result<Vec<BatchJob>, StoreError> {
        let sql = format!(
            "select {COLUMNS} from batch_job where status = $1 and due_at <= $2 and private = 0
             order by case when batch_group in (select batch_group from batch_server_group where server = $3)
                then 0 else 1 end, due_at, job_id limit $4"
        );
        let (jobs, damaged) = self.readable(&sql, values![BatchStatus::Waiting.number(), until, server, limit])?;
        for (job_id, fault) in damaged {
            self.note_waits_for(job_id, &fault, until)?;
        }
        Ok(jobs)
    }

    /// The jobs of a query, and those that cannot be read with the reason.
    pub(super) fn readable(&self, sql: &str, values: &[Value]) -> Result<(Vec<BatchJob>, Vec<Unreadable>), StoreError> {
        let mut damaged = Vec::new();
        let jobs = self.connection.query(sql, values, |row| match job(row) {
            Err(StoreError::Damaged { what, .. }) => {
                damaged.push((row.int(column::job_id)?, format!("it cannot be read: {what}")));
                Ok(None)
            }
            read => read.map(Some),
        })?;
        Ok((jobs.into_iter().flatten().collect(), damaged))
    }

    /// The next due instant of a waiting job after `after`.
    pub fn next_due(&self, after: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let sql = "select min(due_at) from batch_job where status = $1 and due_at > $2";
        let waiting = BatchStatus::Waiting.number();
        Ok(self.connection.scalar::<Option<Timestamp>>(sql, values![waiting, after])?.flatten())
    }

    /// Since when the job was withheld before its last release; `None` if it was not.
    pub fn withheld_since(&self, job_id: i64) -> Result<Option<Timestamp>, StoreError> {
        let sql = "select withheld_at from batch_job where job_id = $1";
        Ok(self.connection.scalar::<Option<Timestamp>>(sql, values![job_id])?.flatten())
    }

    /// Operators' changes of the job, newest first.
    pub fn job_changes(&self, job_id: i64, limit: i64) -> Result<Vec<JobChange>, StoreError> {
        let sql = "select entry_id, at, operator, action, coalesce(detail, '') as detail from operator_journal where object = $1
            and coalesce(result, '') <> 'refused' order by entry_id desc limit $2";
        let object = format!("batch job {job_id}");
        self.connection.query(sql, values![&object, limit], |row| {
            Ok(JobChange {
                entry_id: row.int("entry_id")?,
                at: row.time("at")?,
                operator: row.text("operator")?,
                action: row.text("action")?,
                detail: row.text("detail")?,
            })
        })
    }

    /// Records what a due job waits for. An unchanged note is not written: PostgreSQL notifies
    /// every batch server of an update, even of one that changes no row.
    pub fn note_waits_for(&self, job_id: i64, waits_for: &str, now: Timestamp) -> Result<(), StoreError> {
        let sql = "select 1 from batch_job where job_id = $1 and coalesce(waits_for, '') <> $2";
        if self.connection.exists(sql, values![job_id, waits_for])? {
            let sql = "update batch_job set waits_for = $1, waits_since = coalesce(waits_since, $2) where job_id = $3";
            self.connection.execute(sql, values![waits_for, now, job_id])?;
        }
        Ok(())
    }
}

pub(super) fn job(row: &Row) -> Result<BatchJob, StoreError> {
    let job_id = row.int(column::job_id)?;
    let damaged = |what: &str, found: &str| row.damaged(format!("the {what} {found:?} of batch job {job_id}"));
    let status = row.int(column::status)?;
    let [after_error, missed, save_history] =
        [row.text(column::after_error)?, row.text(column::missed)?, row.text(column::save_history)?];
    let rule = row.opt_text(column::recurrence)?;
    let rule = rule.map(|text| Rule::parse_json(&text).map_err(|error| damaged("recurrence", &error.to_string())));
    let claim = match row.opt_text(column::claim_server)? {
        None => None,
        Some(server) => Some(Claim {
            holder: match (row.opt_text(column::claim_login)?, row.text(column::claim_incarnation)?) {
                (Some(login), incarnation) => ClaimHolder::Console { login, incarnation },
                (None, incarnation) => ClaimHolder::BatchServer { name: server, incarnation },
            },
            fencing_token: row.int(column::fencing)?,
            since: row.time(column::claim_since)?,
            history_id: row.int(column::claim_history_id)?,
            run_id: row.opt_int(column::claim_run_id)?,
        }),
    };
    let last = match row.opt_text(column::last_outcome)?.and_then(|word| HistoryOutcome::from_word(&word)) {
        None => None,
        Some(outcome) => Some(LastRun {
            outcome,
            took_ms: row.int(column::last_took_ms)?,
            ended_at: row.time(column::last_ended_at)?,
        }),
    };
    Ok(BatchJob {
        job_id,
        settings: JobSettings {
            description: row.text(column::description)?,
            batch_group: row.text(column::batch_group)?,
            private: row.flag(column::private)?,
            task: Task { transfer: row.flag(column::transfer)?, purge: row.flag(column::purge)? },
            recurrence: rule.transpose()?,
            first_start: row.time(column::first_start)?,
            max_retries: row.int(column::max_retries)?,
            retry_pause_ms: row.int(column::retry_pause_ms)?,
            after_error: AfterError::from_word(&after_error).ok_or_else(|| damaged("after_error", &after_error))?,
            missed: Missed::from_word(&missed).ok_or_else(|| damaged("missed", &missed))?,
            save_history: SaveHistory::from_word(&save_history).ok_or_else(|| damaged("history", &save_history))?,
        },
        created_by: row.text(column::created_by)?,
        created_at: row.time(column::created_at)?,
        status: BatchStatus::from_number(status).ok_or_else(|| damaged("status", &status.to_string()))?,
        changed: StatusChange {
            at: row.time(column::changed_at)?,
            by: row.text(column::changed_by)?,
            reason: row.opt_text(column::changed_reason)?,
        },
        next_start: row.opt_time(column::next_start)?,
        retry_at: row.opt_time(column::retry_at)?,
        tries: row.int(column::tries)?,
        claim,
        waits_for: row.opt_text(column::waits_for)?,
        last,
        interactive: row.flag(column::interactive)?,
        for_server: row.opt_text(column::for_server)?,
        purge_consent: PurgeConsent {
            rows: row.opt_int(column::confirm_purge)?,
            preview: row.opt_int(column::preview_id)?,
        },
        version: row.int(column::edit_version)?,
        waits_since: row.opt_time(column::waits_since)?,
    })
}
