//! Submitting, changing and deleting batch jobs.

use crate::batch::{
    BatchJob, BatchStatus, JobSettings, NextState, PurgeConsent, after_edit, after_status_change, may_change,
};
use crate::domain::Timestamp;
use crate::recurrence::Rule;
use crate::store::StoreError;
use crate::store::dialect::NOW;
use crate::store::head_office::HeadOffice;
use crate::store::head_office::Undo;
use crate::store::head_office::edits::{Edit, EditError, EditedObject};
use crate::store::head_office::journal::Change;
use crate::store::value::{Value, values};

/// Why a change was not made; nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// There is no such job.
    #[error("there is no batch job {0}; cdx batch jobs lists those there are")]
    Unknown(i64),
    /// Its status does not allow it.
    #[error("batch job {job_id} is {status}: {why}")]
    Status {
        /// The job's number.
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
    /// Another operator changed it after it was read; the sentence has the details.
    #[error("{0}")]
    Stale(String),
    /// The change cannot be undone any more.
    #[error("the change of batch job {0} cannot be undone: {1}")]
    NotUndone(i64, &'static str),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<EditError> for Refusal {
    fn from(error: EditError) -> Self {
        match error {
            EditError::Store(error) => Self::Store(error),
            stale @ EditError::Stale { .. } => Self::Stale(stale.to_string()),
        }
    }
}

/// The settings in the order of the columns that submitting and changing a job write.
fn stored<'a>(settings: &'a JobSettings, rule: Option<&'a str>) -> [Value<'a>; 12] {
    *values![
        &settings.description,
        &settings.batch_group,
        settings.private,
        settings.task.transfer,
        settings.task.purge,
        rule,
        settings.first_start,
        settings.max_retries,
        settings.retry_pause_ms,
        settings.after_error.word(),
        settings.missed.word(),
        settings.save_history.word(),
    ]
}

impl HeadOffice {
    /// Submits a job and returns its number; durable when it returns.
    pub fn submit_job(&self, settings: &JobSettings, operator: &str) -> Result<i64, Refusal> {
        let start = settings.start().ok_or(Refusal::NeverStarts)?;
        self.insert_job(settings, start, operator, false, None, PurgeConsent::default())
    }

    /// Requests one run now, preferably on this server; the job is deleted when the run ends.
    /// Durable when it returns.
    pub fn request_run(
        &self,
        settings: &JobSettings,
        operator: &str,
        server: Option<&str>,
        consent: PurgeConsent,
    ) -> Result<i64, Refusal> {
        self.insert_job(settings, settings.first_start, operator, true, server, consent)
    }

    fn insert_job(
        &self,
        settings: &JobSettings,
        start: Timestamp,
        operator: &str,
        interactive: bool,
        server: Option<&str>,
        consent: PurgeConsent,
    ) -> Result<i64, Refusal> {
        let transaction = self.connection.begin()?;
        self.check_group(&settings.batch_group)?;
        let rule = settings.recurrence.as_ref().map(Rule::to_json);
        let sql = format!(
            "insert into batch_job (description, batch_group, private, transfer, purge, recurrence, first_start,
                max_retries, retry_pause_ms, after_error, missed, save_history, created_by, created_at, status, changed_at,
                changed_by, next_start, due_at, interactive, for_server, confirm_purge, preview_id)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, {NOW}, $14, {NOW}, $15, $16, $17, $18, $19, $20, $21)
             returning job_id"
        );
        let job_id = self.connection.integer(
            &sql,
            &[
                &stored(settings, rule.as_deref())[..],
                values![
                    operator,
                    BatchStatus::Waiting.number(),
                    operator,
                    start,
                    start,
                    interactive,
                    server,
                    consent.rows,
                    consent.preview
                ],
            ]
            .concat(),
        )?;
        let what = if interactive { "request a run" } else { "submit batch job" };
        let confirmed = consent.rows.map(|rows| format!("a purge of {rows} rows is confirmed"));
        let object = format!("batch job {job_id}");
        let detail = [Some(settings.summary()), confirmed.clone()].into_iter().flatten().collect::<Vec<_>>().join("; ");
        let change = Change::new(operator, what, &object).job(job_id).detail(&detail).unnumbered("a new batch job");
        let identity = format!("{} {server:?} {}", confirmed.as_deref().unwrap_or_default(), settings.identity());
        let change = change.values(None, confirmed.as_deref()).instant(Some(start), &identity);
        self.append(&change.starting_run(settings.recurrence.is_none()))?;
        transaction.commit()?;
        Ok(job_id)
    }

    /// Changes a job's settings; the next start is computed again. Durable when it returns.
    pub fn change_job<'a>(
        &self,
        job_id: i64,
        settings: &JobSettings,
        edit: impl Into<Edit<'a>>,
    ) -> Result<BatchJob, Refusal> {
        let edit = edit.into();
        let transaction = self.connection.begin()?;
        let job = self.known_job(job_id)?;
        let undo = self.job_before(job_id)?.map(Undo::Job);
        let (edited, detail) = (EditedObject::Job(job_id), job.settings.differences(settings));
        let object = edited.object();
        let runs_once = settings.recurrence.is_none()
            && (job.settings.recurrence.is_some() || job.settings.first_start != settings.first_start);
        let state = |settings: &JobSettings| format!("{} {:?}", settings.identity(), settings.first_start);
        let identity = format!("{object} {} -> {}", state(&job.settings), state(settings));
        let change = Change::new(edit.operator, "change batch job", &object).job(job_id).detail(&detail);
        let entry_id = self.append(&change.starting_run(runs_once).identity(&identity).undo(undo.as_ref()))?;
        self.new_version(edited, edit, entry_id)?;
        if job.status.is_executing() {
            let why = "it is executing; wait for its end, or set Canceling";
            return Err(Refusal::Status { job_id, status: job.status, why });
        }
        self.check_group(&settings.batch_group)?;
        let now = self.now()?;
        let NextState { next_start, retry_at, .. } = after_edit(&job, settings, now).ok_or(Refusal::NeverStarts)?;
        self.give_up_retry(&job, retry_at.is_some(), edit.operator)?;
        let rule = settings.recurrence.as_ref().map(Rule::to_json);
        self.connection.execute(
            "update batch_job set description = $1, batch_group = $2, private = $3, transfer = $4, purge = $5, recurrence = $6,
                first_start = $7, max_retries = $8, retry_pause_ms = $9, after_error = $10, missed = $11, save_history = $12,
                next_start = $13, retry_at = $14, due_at = $15, waits_for = null, waits_since = null where job_id = $16",
            &[
                &stored(settings, rule.as_deref())[..],
                values![next_start, retry_at, retry_at.or(next_start), job_id],
            ].concat(),
        )?;
        transaction.commit()?;
        self.known_job(job_id)
    }

    /// Changes the status if the rules allow it; durable when it returns. A released job whose
    /// start has passed is due at once; one without a next start gets one, or runs now if it has no
    /// recurrence.
    pub fn change_job_status<'a>(
        &self,
        job_id: i64,
        to: BatchStatus,
        edit: impl Into<Edit<'a>>,
        reason: Option<&str>,
    ) -> Result<BatchJob, Refusal> {
        self.change_job_status_at(job_id, to, edit.into(), reason, self.now()?)
    }

    /// Changes the status of a job at a given instant.
    pub fn change_job_status_at(
        &self,
        job_id: i64,
        to: BatchStatus,
        edit: Edit,
        reason: Option<&str>,
        now: Timestamp,
    ) -> Result<BatchJob, Refusal> {
        let operator = edit.operator;
        let transaction = self.connection.begin()?;
        let job = self.known_job(job_id)?;
        let undo = self.job_before(job_id)?.map(Undo::Job);
        let edited = EditedObject::Job(job_id);
        let detail = format!("{} -> {to}{}", job.status, reason.map_or_else(String::new, |why| format!(": {why}")));
        let ([former, new], object) = ([job.status, to].map(|status| status.to_string()), edited.object());
        let runs_once = to == BatchStatus::Waiting && job.settings.recurrence.is_none();
        let change = Change::new(operator, "change status", &object).job(job_id).detail(&detail).reason(reason);
        let change = change.starting_run(runs_once);
        let entry_id = self.append(&change.values(Some(&former), Some(&new)).undo(undo.as_ref()))?;
        self.new_version(edited, edit, entry_id)?;
        may_change(job.status, to).map_err(|why| Refusal::Status { job_id, status: job.status, why })?;
        let NextState { next_start, retry_at, .. } = after_status_change(&job, to, now).ok_or(Refusal::NeverStarts)?;
        if to == BatchStatus::Canceled {
            self.give_up_retry(&job, false, operator)?;
        }
        self.connection.execute(
            "update batch_job set status = $1, changed_at = $10, changed_by = $2, changed_reason = $3, next_start = $4,
                    retry_at = $5, due_at = $6, waits_for = null, waits_since = null,
                    tries = case when $7 = 1 then tries else 0 end,
                    withheld_at = case when $8 = 1 then $11 when status = 0 then withheld_at else null end
                 where job_id = $9",
            values![
                to.number(),
                operator,
                reason,
                next_start,
                retry_at,
                retry_at.or(next_start),
                to == BatchStatus::Canceling || retry_at.is_some(),
                to == BatchStatus::Withhold,
                job_id,
                now,
                now
            ],
        )?;
        transaction.commit()?;
        self.known_job(job_id)
    }

    /// Deletes jobs that are not executing, with their alerts; their history is kept. After an
    /// error none is deleted; durable when it returns.
    ///
    /// Each with the version that the operator read; `None` deletes any version.
    pub fn delete_jobs(&self, jobs: &[(i64, Option<i64>)], operator: &str) -> Result<usize, Refusal> {
        let transaction = self.connection.begin()?;
        let ids: Vec<_> = jobs.iter().map(|(job_id, _)| *job_id).collect();
        let permit = self.permit_job_deletion(operator, &ids)?;
        for (job_id, version) in jobs {
            // Not the whole job: one that cannot be read can still be deleted.
            let sql = "select status, description from batch_job where job_id = $1";
            let found = self
                .connection
                .first(sql, values![*job_id], |row| Ok((row.int("status")?, row.text("description")?)))?;
            let (status, description) = found.ok_or(Refusal::Unknown(*job_id))?;
            if let Some(status) = BatchStatus::from_number(status).filter(|status| status.is_executing()) {
                let why = "it is executing; set Canceling and wait for its end";
                return Err(Refusal::Status { job_id: *job_id, status, why });
            }
            let (undo, edited) = (self.job_before(*job_id)?.map(Undo::Job), EditedObject::Job(*job_id));
            let object = edited.object();
            let change = Change::new(operator, "delete batch job", &object).detail(&description).permitted(&permit);
            let entry_id = self.append(&change.undo(undo.as_ref()))?;
            self.new_version(edited, Edit::of_version(operator, *version), entry_id)?;
            self.remove_job(*job_id)?;
        }
        transaction.commit()?;
        Ok(jobs.len())
    }

    pub(super) fn remove_job(&self, job_id: i64) -> Result<(), StoreError> {
        self.connection.execute("delete from batch_alert where job_id = $1", values![job_id])?;
        self.connection.execute("delete from batch_job where job_id = $1", values![job_id])?;
        Ok(())
    }
}
