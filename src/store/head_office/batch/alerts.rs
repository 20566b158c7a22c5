//! Who wants to hear what of which job, and telling it.

use super::super::HeadOffice;
use super::change::Refusal;
use super::claim::EndOfRun;
use super::notifications::NewNotification;
use crate::batch::{AlertEvent, AlertSettings, BatchJob, BatchStatus, wanted};
use crate::domain::Timestamp;
use crate::store::StoreError;
use crate::store::connection::Row;
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
            self.connection.execute(
                &format!(
                    "insert into batch_alert (job_id, {COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
                ),
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
        }
        let object = format!("batch job {job_id}");
        self.note_in_journal(&settings.operator, "set alerts", &object, &settings.words(), None)?;
        transaction.commit()?;
        Ok(())
    }

    /// Tells the end of a start to those who want to hear it; part of the caller's transaction.
    pub(super) fn tell_end(&self, job: &BatchJob, history_id: i64, end: &EndOfRun) -> Result<(), StoreError> {
        let Some(event) = AlertEvent::of(end.outcome) else { return Ok(()) };
        let text =
            format!("Batch job {} {}: {}. {}", job.job_id, job.settings.description, end.outcome.label(), end.reason);
        self.tell(job, event, Some(history_id), &text)
    }

    fn tell(&self, job: &BatchJob, event: AlertEvent, history_id: Option<i64>, text: &str) -> Result<(), StoreError> {
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

    /// Tells of starts that do not come and of runs that take long, each once; durable when it returns. Returns how many.
    pub fn tell_late_and_long(&self, now: Timestamp) -> Result<usize, StoreError> {
        let transaction = self.connection.begin()?;
        // Divided, for minutes that somebody asked for may be too many to be multiplied.
        let sql = "select distinct j.job_id, a.not_started_minutes, a.runs_long_minutes from batch_job as j
            join batch_alert as a on a.job_id = j.job_id
            where (j.status in (0, 1) and a.not_started_minutes is not null and j.next_start <= $1
                    and ($1 - j.next_start) / 60000 >= a.not_started_minutes and coalesce(j.late_told_for, 0) <> j.next_start)
               or (j.status in (2, 7) and a.runs_long_minutes is not null and j.claim_since <= $2
                    and ($2 - j.claim_since) / 60000 >= a.runs_long_minutes
                    and coalesce(j.long_told_for, 0) <> j.claim_history_id)";
        let found = self.connection.query(sql, values![now, now], |row| row.int(0))?;
        for job_id in &found {
            let job = match self.job(*job_id) {
                Ok(Some(job)) => job,
                Ok(None) => continue,
                Err(StoreError::Damaged { what, .. }) => {
                    self.tell_unreadable(*job_id, &what)?;
                    continue;
                }
                Err(error) => return Err(error),
            };
            if job.status.is_alive() {
                let Some(claim) = &job.claim else { continue };
                let minutes = now.since(claim.since) / 60_000;
                let name = &job.settings.description;
                let text = format!("Batch job {job_id} {name}: runs for {minutes} min on {}.", claim.server);
                self.tell(&job, AlertEvent::RunsLong, Some(claim.history_id), &text)?;
                let sql = "update batch_job set long_told_for = claim_history_id where job_id = $1";
                self.connection.execute(sql, values![*job_id])?;
            } else {
                let why = match (job.status, &job.waits_for) {
                    (BatchStatus::Withhold, _) => format!("it is withheld by {}", job.changed.by),
                    (_, Some(waits)) => waits.clone(),
                    (_, None) => "no batch server has taken it".to_owned(),
                };
                let due = job.next_start.unwrap_or(now);
                let text = format!(
                    "Batch job {job_id} {}: did not start, due since {} UTC; {why}.",
                    job.settings.description,
                    due.to_table()
                );
                self.tell(&job, AlertEvent::NotStarted, None, &text)?;
                let sql = "update batch_job set late_told_for = next_start where job_id = $1";
                self.connection.execute(sql, values![*job_id])?;
            }
        }
        transaction.commit()?;
        Ok(found.len())
    }

    /// Tells of a job that cannot start because it cannot be read; part of the caller's transaction.
    fn tell_unreadable(&self, job_id: i64, what: &str) -> Result<(), StoreError> {
        let text = format!("Batch job {job_id}: did not start; it cannot be read: {what}.");
        for settings in self.alerts(job_id)?.iter().filter(|settings| settings.not_started_minutes.is_some()) {
            let (event, job_id) = (AlertEvent::NotStarted, Some(job_id));
            self.notify(&NewNotification { settings, event, job_id, history_id: None, text: &text })?;
        }
        let sql = "update batch_job set late_told_for = next_start, long_told_for = claim_history_id where job_id = $1";
        self.connection.execute(sql, values![job_id])?;
        Ok(())
    }

    /// Whether any alert waits for the clock: a due start that does not come, or a long run.
    pub fn has_timed_alerts(&self) -> Result<bool, StoreError> {
        let sql =
            "select 1 from batch_alert where not_started_minutes is not null or runs_long_minutes is not null limit 1";
        Ok(self.connection.first(sql, &[], |_| Ok(()))?.is_some())
    }
}

fn settings(row: &Row) -> Result<AlertSettings, StoreError> {
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
