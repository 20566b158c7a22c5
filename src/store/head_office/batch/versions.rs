//! Lists the former versions of a batch job's settings, as the journal keeps them, starts a job at
//! once, and notes a recurrence that an error stopped.

use crate::batch::{AfterError, BatchJob, BatchStatus, ClaimHolder, JobSettings, Missed, SaveHistory, Task};
use crate::domain::Timestamp;
use crate::recurrence::Rule;
use crate::store::StoreError;
use crate::store::head_office::HeadOffice;
use crate::store::head_office::Undo;
use crate::store::head_office::batch::change::Refusal;
use crate::store::head_office::edits::{Edit, EditedObject};
use crate::store::head_office::journal::Change;
use crate::store::value::values;
use serde_json::Value as Json;

/// The settings of a job until an operator changed them.
#[derive(Debug, Clone, PartialEq)]
pub struct JobVersion {
    /// The number of the journal row of that change.
    pub entry_id: i64,
    /// When they were changed.
    pub until: Timestamp,
    /// Who changed them.
    pub operator: String,
    /// What was changed; text from outside.
    pub detail: String,
    /// The settings before.
    pub settings: JobSettings,
}

impl HeadOffice {
    /// The former versions of a job's settings, newest first, at most `limit`.
    pub fn job_versions(&self, job_id: i64, limit: i64) -> Result<Vec<JobVersion>, StoreError> {
        let sql = "select entry_id, at, operator, coalesce(detail, '') as detail, undo from operator_journal
            where object = $1 and action = 'change batch job' and undo is not null order by entry_id desc limit $2";
        let rows = self.connection.query(sql, values![&EditedObject::Job(job_id).object(), limit], |row| {
            let undo: String = row.text("undo")?;
            let json: Option<Json> = serde_json::from_str(&undo).ok();
            let settings = json.and_then(|json| settings(&json["batch_job"]["columns"]));
            let (entry_id, until) = (row.int("entry_id")?, row.time("at")?);
            let (operator, detail) = (row.text("operator")?, row.text("detail")?);
            Ok(settings.map(|settings| JobVersion { entry_id, until, operator, detail, settings }))
        })?;
        Ok(rows.into_iter().flatten().collect())
    }

    /// Makes a waiting job due at once; its recurrence continues after that run. Durable when it
    /// returns.
    pub fn start_job_now<'a>(&self, job_id: i64, edit: impl Into<Edit<'a>>) -> Result<BatchJob, Refusal> {
        let edit = edit.into();
        let transaction = self.connection.begin()?;
        let job = self.known_job(job_id)?;
        let (undo, edited) = (self.job_before(job_id)?.map(Undo::Job), EditedObject::Job(job_id));
        let before = job.next_start.map_or_else(|| "none".to_owned(), Timestamp::in_utc);
        let detail = format!("next start: {before} -> now");
        let object = edited.object();
        let change = Change::new(edit.operator, "run batch job now", &object).job(job_id).detail(&detail);
        let change = change.values(Some(&before), Some("now")).starting_run(true);
        let entry_id = self.append(&change.undo(undo.as_ref()))?;
        self.new_version(edited, edit, entry_id)?;
        if job.status != BatchStatus::Waiting {
            let why = "only a waiting job can be started; release it first";
            return Err(Refusal::Status { job_id, status: job.status, why });
        }
        let now = self.now()?;
        self.give_up_retry(&job, false, edit.operator)?;
        self.connection.execute(
            "update batch_job set next_start = $1, retry_at = null, due_at = $2, waits_for = null, waits_since = null
             where job_id = $3",
            values![now, now, job_id],
        )?;
        transaction.commit()?;
        self.known_job(job_id)
    }

    /// Writes a journal row if an error has stopped the recurrence that an operator set; in the
    /// caller's transaction.
    pub(super) fn note_stopped_recurrence(
        &self,
        job: &BatchJob,
        to: BatchStatus,
        holder: &ClaimHolder,
        reason: &str,
    ) -> Result<(), StoreError> {
        if to != BatchStatus::Error || job.settings.recurrence.is_none() {
            return Ok(());
        }
        let (actor, object) = (holder.actor(), EditedObject::Job(job.job_id).object());
        let change = Change::new(&actor, "stop recurrence", &object).detail(&job.settings.description).decided();
        self.append(&change.values(Some("Waiting"), Some("Error")).reason(Some(reason)))?;
        Ok(())
    }
}

/// Reads the settings from the columns of a journal row; `None` if an older program wrote others.
fn settings(columns: &Json) -> Option<JobSettings> {
    let text = |name: &str| columns[name].as_str();
    let flag = |name: &str| Some(columns[name].as_i64()? != 0);
    let recurrence = match text("recurrence") {
        Some(json) => Some(Rule::parse_json(json).ok()?),
        None => None,
    };
    Some(JobSettings {
        description: text("description")?.to_owned(),
        batch_group: text("batch_group")?.to_owned(),
        private: flag("private")?,
        task: Task { transfer: flag("transfer")?, purge: flag("purge")? },
        recurrence,
        first_start: Timestamp(columns["first_start"].as_i64()?),
        max_retries: columns["max_retries"].as_i64()?,
        retry_pause_ms: columns["retry_pause_ms"].as_i64()?,
        after_error: AfterError::from_word(text("after_error")?)?,
        missed: Missed::from_word(text("missed")?)?,
        save_history: SaveHistory::from_word(text("save_history")?)?,
    })
}
