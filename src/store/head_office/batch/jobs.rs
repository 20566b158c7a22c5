//! Batch jobs as operators submit, list, change and delete them.

use super::super::HeadOffice;
use crate::batch::{
    AfterError, BatchJob, BatchStatus, Claim, HistoryOutcome, JobSettings, LastRun, Missed, SaveHistory, StatusChange,
    Task, may_change,
};
use crate::domain::Timestamp;
use crate::recurrence::Rule;
use crate::store::StoreError;
use crate::store::connection::{NOW, Row};
use crate::store::value::{Value, values};

pub(super) const COLUMNS: &str = "job_id, description, batch_group, private, transfer, purge, recurrence, first_start, max_retries, \
    retry_pause_ms, after_error, missed, save_history, created_by, created_at, status, changed_at, changed_by, \
    changed_reason, next_start, retry_at, tries, claim_server, claim_incarnation, fencing, claim_since, claim_history_id, \
    claim_run_id, waits_for, last_outcome, last_took_ms, last_ended_at, interactive, for_server, confirm_purge";

/// Why a change was not made; nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// There is no such job.
    #[error("there is no batch job {0}; cdx batch jobs lists those there are")]
    Unknown(i64),
    /// Its status does not allow it.
    #[error("batch job {job_id} is {status}: {why}")]
    Status {
        /// Which job.
        job_id: i64,
        /// Its status.
        status: BatchStatus,
        /// Why not.
        why: &'static str,
    },
    /// Its recurrence never occurs.
    #[error("this recurrence never occurs after the scheduled start; nothing was submitted")]
    NeverStarts,
    /// There is no such batch group.
    #[error("there is no batch group {0:?}; make it first (System administration › Setup › Batch group)")]
    UnknownGroup(String),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Which jobs a list shows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct JobFilter {
    /// Of this operator alone.
    pub created_by: Option<String>,
    /// With this status alone.
    pub status: Option<BatchStatus>,
    /// Also the one-off runs asked for at a console.
    pub interactive: bool,
}

impl HeadOffice {
    /// Submits a job and says its number; durable when it returns.
    pub fn submit_job(&self, settings: &JobSettings, operator: &str) -> Result<i64, Refusal> {
        let start = settings.start().ok_or(Refusal::NeverStarts)?;
        self.insert_job(settings, start, operator, false, None, None)
    }

    /// Asks for one run now, on this server as long as it lives; the job goes with the run's end. Durable when it returns.
    pub fn ask_for_run(
        &self,
        settings: &JobSettings,
        operator: &str,
        server: Option<&str>,
        confirm_purge: Option<i64>,
    ) -> Result<i64, Refusal> {
        self.insert_job(settings, settings.first_start, operator, true, server, confirm_purge)
    }

    fn insert_job(
        &self,
        settings: &JobSettings,
        start: Timestamp,
        operator: &str,
        interactive: bool,
        server: Option<&str>,
        confirm_purge: Option<i64>,
    ) -> Result<i64, Refusal> {
        let transaction = self.connection.begin()?;
        self.check_group(&settings.batch_group)?;
        let rule = settings.recurrence.as_ref().map(Rule::to_json);
        let sql = format!(
            "insert into batch_job (description, batch_group, private, transfer, purge, recurrence, first_start,
                max_retries, retry_pause_ms, after_error, missed, save_history, created_by, created_at, status, changed_at,
                changed_by, next_start, due_at, interactive, for_server, confirm_purge)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, {NOW}, $14, {NOW}, $15, $16, $17, $18, $19, $20)
             returning job_id"
        );
        let job_id = self.connection.integer(
            &sql,
            values![
                &settings.description,
                &settings.batch_group,
                settings.private,
                settings.task.transfer,
                settings.task.purge,
                &rule,
                settings.first_start,
                settings.max_retries,
                settings.retry_pause_ms,
                settings.after_error.word(),
                settings.missed.word(),
                settings.save_history.word(),
                operator,
                BatchStatus::Waiting.number(),
                operator,
                start,
                start,
                interactive,
                server,
                confirm_purge
            ],
        )?;
        let what = if interactive { "ask for a run" } else { "submit batch job" };
        self.note_in_journal(operator, what, &format!("batch job {job_id}"), &settings.description, None)?;
        transaction.commit()?;
        Ok(job_id)
    }

    /// Changes what was submitted; the next start follows the recurrence anew. Durable when it returns.
    pub fn change_job(&self, job_id: i64, settings: &JobSettings, operator: &str) -> Result<BatchJob, Refusal> {
        let transaction = self.connection.begin()?;
        let job = self.known_job(job_id)?;
        if job.status.is_alive() {
            let why = "it runs; wait for its end, or set Canceling";
            return Err(Refusal::Status { job_id, status: job.status, why });
        }
        self.check_group(&settings.batch_group)?;
        let now = self.now()?;
        let from = JobSettings { first_start: settings.first_start.max(now), ..settings.clone() };
        let anew = settings.recurrence != job.settings.recurrence || settings.first_start != job.settings.first_start;
        let next = if anew { Some(from.start().ok_or(Refusal::NeverStarts)?) } else { job.next_start };
        let retry = job.retry_at.filter(|_| !anew);
        let rule = settings.recurrence.as_ref().map(Rule::to_json);
        self.connection.execute(
            "update batch_job set description = $1, batch_group = $2, private = $3, transfer = $4, purge = $5, recurrence = $6,
                first_start = $7, max_retries = $8, retry_pause_ms = $9, after_error = $10, missed = $11, save_history = $12,
                next_start = $13, retry_at = $14, due_at = $15, waits_for = null where job_id = $16",
            values![
                &settings.description,
                &settings.batch_group,
                settings.private,
                settings.task.transfer,
                settings.task.purge,
                &rule,
                settings.first_start,
                settings.max_retries,
                settings.retry_pause_ms,
                settings.after_error.word(),
                settings.missed.word(),
                settings.save_history.word(),
                next,
                retry,
                retry.or(next),
                job_id
            ],
        )?;
        self.note_in_journal(
            operator,
            "change batch job",
            &format!("batch job {job_id}"),
            &settings.description,
            None,
        )?;
        transaction.commit()?;
        self.known_job(job_id)
    }

    /// Changes the status as the matrix allows; durable when it returns. A job that is released with its start in the past is due at
    /// once; one that had no start any more gets its next one, or runs now if it is for once.
    pub fn change_job_status(
        &self,
        job_id: i64,
        to: BatchStatus,
        operator: &str,
        reason: Option<&str>,
    ) -> Result<BatchJob, Refusal> {
        let transaction = self.connection.begin()?;
        let job = self.known_job(job_id)?;
        may_change(job.status, to).map_err(|why| Refusal::Status { job_id, status: job.status, why })?;
        let (mut next, mut retry) = (job.next_start, job.retry_at);
        if to == BatchStatus::Waiting && next.is_none() {
            let now = self.now()?;
            next = match &job.settings.recurrence {
                Some(rule) => Some(rule.first_from(now).ok_or(Refusal::NeverStarts)?),
                None => Some(now),
            };
        }
        if to == BatchStatus::Canceled {
            (next, retry) = (None, None);
        }
        self.connection.execute(
            &format!(
                "update batch_job set status = $1, changed_at = {NOW}, changed_by = $2, changed_reason = $3, next_start = $4,
                    retry_at = $5, due_at = $6, waits_for = null,
                    tries = case when $7 = 1 then tries else 0 end,
                    withheld_at = case when $8 = 1 then {NOW} when status = 0 then withheld_at else null end
                 where job_id = $9"
            ),
            values![
                to.number(),
                operator,
                reason,
                next,
                retry,
                retry.or(next),
                to == BatchStatus::Canceling || retry.is_some(),
                to == BatchStatus::Withhold,
                job_id
            ],
        )?;
        let detail = format!("{} -> {to}{}", job.status, reason.map_or_else(String::new, |why| format!(": {why}")));
        self.note_in_journal(operator, "change status", &format!("batch job {job_id}"), &detail, None)?;
        transaction.commit()?;
        self.known_job(job_id)
    }

    /// Deletes jobs that do not run, with their alerts; their history stays. All of them or, with a refusal, none; durable when it returns.
    pub fn delete_jobs(&self, job_ids: &[i64], operator: &str) -> Result<usize, Refusal> {
        let transaction = self.connection.begin()?;
        for job_id in job_ids {
            let job = self.known_job(*job_id)?;
            if job.status.is_alive() {
                let why = "it runs; set Canceling and wait for its end";
                return Err(Refusal::Status { job_id: *job_id, status: job.status, why });
            }
            self.remove_job(*job_id)?;
            self.note_in_journal(
                operator,
                "delete batch job",
                &format!("batch job {job_id}"),
                &job.settings.description,
                None,
            )?;
        }
        transaction.commit()?;
        Ok(job_ids.len())
    }

    pub(super) fn remove_job(&self, job_id: i64) -> Result<(), StoreError> {
        self.connection.execute("delete from batch_alert where job_id = $1", values![job_id])?;
        self.connection.execute("delete from batch_job where job_id = $1", values![job_id])?;
        Ok(())
    }

    /// One job.
    pub fn job(&self, job_id: i64) -> Result<Option<BatchJob>, StoreError> {
        let sql = format!("select {COLUMNS} from batch_job where job_id = $1");
        self.connection.first(&sql, values![job_id], job)
    }

    pub(super) fn known_job(&self, job_id: i64) -> Result<BatchJob, Refusal> {
        self.job(job_id)?.ok_or(Refusal::Unknown(job_id))
    }

    /// Jobs by their next start, those without one last; up to `limit`.
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

    /// Jobs that wait and are due, or will be by `until`; the longest due first.
    pub fn due_jobs(&self, until: Timestamp, limit: i64) -> Result<Vec<BatchJob>, StoreError> {
        let sql = format!(
            "select {COLUMNS} from batch_job where status = $1 and due_at <= $2 order by due_at, job_id limit $3"
        );
        self.connection.query(&sql, values![BatchStatus::Waiting.number(), until, limit], job)
    }

    /// When the next waiting job is due, of those that are not yet at `after`.
    pub fn next_due(&self, after: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let sql = "select min(due_at) from batch_job where status = $1 and due_at > $2";
        let waiting = BatchStatus::Waiting.number();
        Ok(self.connection.first(sql, values![waiting, after], |row| row.opt_time(0))?.flatten())
    }

    /// Since when the job was withheld before it was released last; `None` if it was not.
    pub fn withheld_since(&self, job_id: i64) -> Result<Option<Timestamp>, StoreError> {
        let sql = "select withheld_at from batch_job where job_id = $1";
        Ok(self.connection.first(sql, values![job_id], |row| row.opt_time(0))?.flatten())
    }

    /// Notes what a due job waits for; an unchanged note is not written.
    pub fn note_waits_for(&self, job_id: i64, waits_for: Option<&str>) -> Result<(), StoreError> {
        self.connection.execute(
            "update batch_job set waits_for = $1 where job_id = $2 and coalesce(waits_for, '') <> coalesce($3, '')",
            values![waits_for, job_id, waits_for],
        )?;
        Ok(())
    }
}

pub(super) fn job(row: &Row) -> Result<BatchJob, StoreError> {
    let damaged = |what: &str, found: &str| row.damaged(format!("a batch job's {what} {found:?}"));
    let status = row.int(15)?;
    let [after_error, missed, save_history] = [row.text(10)?, row.text(11)?, row.text(12)?];
    let rule = row.opt_text(6)?;
    let rule = rule.map(|text| Rule::parse_json(&text).map_err(|error| damaged("recurrence", &error.to_string())));
    let claim = match row.opt_text(22)? {
        None => None,
        Some(server) => Some(Claim {
            server,
            incarnation: row.text(23)?,
            fencing: row.int(24)?,
            since: row.time(25)?,
            history_id: row.int(26)?,
            run_id: row.opt_int(27)?,
        }),
    };
    let last = match row.opt_text(29)?.and_then(|word| HistoryOutcome::from_word(&word)) {
        None => None,
        Some(outcome) => Some(LastRun { outcome, took_ms: row.int(30)?, ended_at: row.time(31)? }),
    };
    Ok(BatchJob {
        job_id: row.int(0)?,
        settings: JobSettings {
            description: row.text(1)?,
            batch_group: row.text(2)?,
            private: row.int(3)? != 0,
            task: Task { transfer: row.int(4)? != 0, purge: row.int(5)? != 0 },
            recurrence: rule.transpose()?,
            first_start: row.time(7)?,
            max_retries: row.int(8)?,
            retry_pause_ms: row.int(9)?,
            after_error: AfterError::from_word(&after_error).ok_or_else(|| damaged("after_error", &after_error))?,
            missed: Missed::from_word(&missed).ok_or_else(|| damaged("missed", &missed))?,
            save_history: SaveHistory::from_word(&save_history).ok_or_else(|| damaged("history", &save_history))?,
        },
        created_by: row.text(13)?,
        created_at: row.time(14)?,
        status: BatchStatus::from_number(status).ok_or_else(|| damaged("status", &status.to_string()))?,
        changed: StatusChange { at: row.time(16)?, by: row.text(17)?, reason: row.opt_text(18)? },
        next_start: row.opt_time(19)?,
        retry_at: row.opt_time(20)?,
        tries: row.int(21)?,
        claim,
        waits_for: row.opt_text(28)?,
        last,
        interactive: row.int(32)? != 0,
        for_server: row.opt_text(33)?,
        confirm_purge: row.opt_int(34)?,
    })
}
