//! Who wants to hear what of which job, and telling it.

use crate::batch::{AlertEvent, AlertSettings, BatchJob, HistoryOutcome, wanted};
use crate::store::StoreError;
use crate::store::connection::Row;
use crate::store::dialect::NOW;
use crate::store::head_office::HeadOffice;
use crate::store::head_office::batch::change::Refusal;
use crate::store::head_office::batch::claim::EndOfRun;
use crate::store::head_office::batch::history::Severity;
use crate::store::head_office::batch::notifications::NewNotification;
use crate::store::value::values;

const COLUMNS: &str =
    "operator, on_ended, on_error, on_canceled, not_started_minutes, runs_long_minutes, popup, email, command";

impl HeadOffice {
    /// What everybody wants to hear of a job.
    pub fn alerts(&self, job_id: i64) -> Result<Vec<AlertSettings>, StoreError> {
        let sql = format!("select {COLUMNS} from batch_alert where job_id = $1 order by operator");
        self.connection.query(&sql, values![job_id], settings)
    }

    /// Sets what one operator wants to hear of a job, replacing what was set before; nothing asked for deletes it. Durable when it
    /// returns.
    pub fn set_alerts(&self, job_id: i64, settings: &AlertSettings) -> Result<(), Refusal> {
        let transaction = self.connection.begin()?;
        self.known_job(job_id)?;
        self.connection.execute(
            "delete from batch_alert where job_id = $1 and operator = $2",
            values![job_id, &settings.operator],
        )?;
        if settings.is_any() {
            self.insert_alerts(job_id, settings)?;
        }
        let object = format!("batch job {job_id}");
        self.note_in_journal(&settings.operator, "set alerts", &object, &settings.words(), None)?;
        transaction.commit()?;
        Ok(())
    }

    /// Part of the caller's transaction.
    pub(super) fn insert_alerts(&self, job_id: i64, settings: &AlertSettings) -> Result<(), StoreError> {
        self.connection.execute(
            &format!("insert into batch_alert (job_id, {COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"),
            values![
                job_id,
                &settings.operator,
                settings.on_ended,
                settings.on_error,
                settings.on_canceled,
                settings.not_started_minutes,
                settings.runs_long_minutes,
                settings.popup,
                &settings.email,
                settings.command
            ],
        )?;
        Ok(())
    }

    /// Tells the end of a start to those who want to hear it; part of the caller's transaction.
    pub(super) fn tell_end(&self, job: &BatchJob, history_id: i64, end: &EndOfRun) -> Result<(), StoreError> {
        let Some(event) = AlertEvent::of(end.outcome) else { return Ok(()) };
        let sql = "select purge_held_since from batch_job where job_id = $1";
        let held_since = self.connection.first(sql, values![job.job_id], |row| row.opt_time(0))?.flatten();
        match (end.outcome, held_since) {
            // It was told when it began, and no operator has done anything about it since.
            (HistoryOutcome::PurgeHeld, Some(_)) => return Ok(()),
            (HistoryOutcome::PurgeHeld, None) => {
                let sql = format!("update batch_job set purge_held_since = {NOW} where job_id = $1");
                self.connection.execute(&sql, values![job.job_id])?;
            }
            (HistoryOutcome::Ended, Some(since)) if job.settings.task.purge => {
                let sql = "update batch_job set purge_held_since = null where job_id = $1";
                self.connection.execute(sql, values![job.job_id])?;
                let (job_id, name, since) = (job.job_id, &job.settings.description, since.to_table());
                let text = format!("Batch job {job_id} {name}: resolved: its purge, held since {since} UTC, was made.");
                self.tell(job, AlertEvent::Error, Some(history_id), &text)?;
            }
            _ => {}
        }
        let text =
            format!("Batch job {} {}: {}. {}", job.job_id, job.settings.description, end.outcome.label(), end.reason);
        self.tell(job, event, Some(history_id), &text)
    }

    /// A failed start that was to be tried again and no longer is, because an operator changed the job: its row of the history is closed for
    /// the next start not to go on in it, and who waits to hear of the failure hears of it. Part of the caller's transaction.
    pub(super) fn give_up_retry(&self, job: &BatchJob, is_kept: bool, operator: &str) -> Result<(), StoreError> {
        if is_kept || job.retry_at.is_none() {
            return Ok(());
        }
        let job_id = job.job_id;
        let sql = "select claim_history_id from batch_job where job_id = $1";
        let history_id = self.connection.first(sql, values![job_id], |row| row.opt_int(0))?.flatten();
        let sql = "update batch_job set claim_history_id = null, tries = 0 where job_id = $1";
        self.connection.execute(sql, values![job_id])?;
        let Some(history_id) = history_id else { return Ok(()) };
        let reason = format!("it is not tried again, because {operator} changed the job");
        self.log(history_id, Severity::Warning, &reason)?;
        let name = &job.settings.description;
        let text = format!("Batch job {job_id} {name}: {}; {reason}.", HistoryOutcome::Error.label());
        self.tell(job, AlertEvent::Error, Some(history_id), &text)
    }

    pub(super) fn tell(
        &self,
        job: &BatchJob,
        event: AlertEvent,
        history_id: Option<i64>,
        text: &str,
    ) -> Result<(), StoreError> {
        for settings in self.alerts(job.job_id)? {
            if wanted(&settings, event, job.settings.save_history) {
                self.notify(&NewNotification {
                    settings: &settings,
                    event,
                    job_id: Some(job.job_id),
                    history_id,
                    text,
                })?;
            }
        }
        Ok(())
    }
}

pub(super) fn settings(row: &Row) -> Result<AlertSettings, StoreError> {
    Ok(AlertSettings {
        operator: row.text(0)?,
        on_ended: row.int(1)? != 0,
        on_error: row.int(2)? != 0,
        on_canceled: row.int(3)? != 0,
        not_started_minutes: row.opt_int(4)?,
        runs_long_minutes: row.opt_int(5)?,
        popup: row.int(6)? != 0,
        email: row.opt_text(7)?,
        command: row.int(8)? != 0,
    })
}
