//! Alert settings of batch jobs and of the exchange, and the notifications of how a start ended.

use crate::batch::{AlertEvent, AlertSettings, BatchJob, EXCHANGE, HistoryOutcome, is_notified, rule_words, rules_of};
use crate::domain::Timestamp;
use crate::store::StoreError;
use crate::store::connection::Row;
use crate::store::dialect::NOW;
use crate::store::head_office::HeadOffice;
use crate::store::head_office::batch::change::Refusal;
use crate::store::head_office::batch::claim::EndOfRun;
use crate::store::head_office::batch::history::Severity;
use crate::store::head_office::batch::notifications::{About, NewNotification};
use crate::store::head_office::journal::Change;
use crate::store::row::columns;
use crate::store::value::values;

columns!(mod column:
    operator, on_ended, on_error, on_canceled, not_started_minutes, runs_long_minutes, popup, email, command,
    webhook, syslog, rules,
);
use column::LIST as COLUMNS;

impl HeadOffice {
    /// All alerts of a job.
    pub fn alerts(&self, job_id: i64) -> Result<Vec<AlertSettings>, StoreError> {
        let sql = format!("select {COLUMNS} from batch_alert where job_id = $1 order by operator");
        self.connection.query(&sql, values![job_id], settings)
    }

    /// Sets an operator's alerts of a job, replacing the former ones; if no event is chosen, they
    /// are deleted. Durable when it returns.
    pub fn set_alerts(&self, job_id: i64, settings: &AlertSettings) -> Result<(), Refusal> {
        let transaction = self.connection.begin()?;
        self.known_job(job_id)?;
        self.replace_alerts(job_id, &format!("batch job {job_id}"), settings)?;
        transaction.commit()?;
        Ok(())
    }

    /// The alerts of the exchange, by login.
    pub fn exchange_alerts(&self) -> Result<Vec<AlertSettings>, StoreError> {
        self.alerts(EXCHANGE)
    }

    /// Sets an operator's alerts of the exchange, replacing the former ones; if no rule is chosen,
    /// they are deleted. Durable when it returns.
    pub fn set_exchange_alerts(&self, settings: &AlertSettings) -> Result<(), StoreError> {
        let transaction = self.connection.begin()?;
        self.replace_alerts(EXCHANGE, "the exchange", settings)?;
        transaction.commit()
    }

    fn replace_alerts(&self, job_id: i64, object: &str, settings: &AlertSettings) -> Result<(), StoreError> {
        let former = self.alerts(job_id)?.into_iter().find(|known| known.operator == settings.operator);
        let (former, words) = (former.map(|former| former.in_full()), settings.in_full());
        self.connection.execute(
            "delete from batch_alert where job_id = $1 and operator = $2",
            values![job_id, &settings.operator],
        )?;
        if settings.has_events() {
            self.insert_alerts(job_id, settings)?;
        }
        let change = Change::new(&settings.operator, "set alerts", object).job(job_id).detail(&words);
        self.append(&change.values(former.as_deref(), Some(&words)))?;
        Ok(())
    }

    /// Inserts an operator's alerts of a job, in the caller's transaction.
    pub(super) fn insert_alerts(&self, job_id: i64, settings: &AlertSettings) -> Result<(), StoreError> {
        self.connection.execute(
            &format!(
                "insert into batch_alert (job_id, {COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
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
                settings.command,
                settings.webhook,
                settings.syslog,
                &rule_words(&settings.rules),
            ],
        )?;
        Ok(())
    }

    /// Notifies operators of how a start ended; in the caller's transaction.
    pub(super) fn notify_end(&self, job: &BatchJob, history_id: i64, end: &EndOfRun) -> Result<(), StoreError> {
        let Some(event) = AlertEvent::of(end.outcome) else { return Ok(()) };
        let sql = "select purge_held_since from batch_job where job_id = $1";
        let held_since = self.connection.scalar::<Option<Timestamp>>(sql, values![job.job_id])?.flatten();
        match (end.outcome, held_since) {
            // Operators were notified when the purge was first held.
            (HistoryOutcome::PurgeHeld, Some(_)) => return Ok(()),
            (HistoryOutcome::PurgeHeld, None) => {
                let sql = format!("update batch_job set purge_held_since = {NOW} where job_id = $1");
                self.connection.execute(&sql, values![job.job_id])?;
            }
            (HistoryOutcome::Ended, Some(since)) if job.settings.task.purge => {
                self.end_held_purge(job, since, Some(history_id))?;
            }
            _ => {}
        }
        let text =
            format!("Batch job {} {}: {}. {}", job.job_id, job.settings.description, end.outcome.label(), end.reason);
        self.notify_operators(job, event, Some(history_id), &text)
    }

    /// Marks the purges of other batch jobs as no longer held, because this run has purged.
    /// `notify_end` does it for the run's own job. In the caller's transaction.
    pub(in crate::store::head_office) fn end_held_purges(&self, run_id: i64) -> Result<(), StoreError> {
        let sql = "select job_id, purge_held_since from batch_job where purge_held_since is not null
            and job_id <> coalesce((select job_id from run where run_id = $1), 0)";
        let held = self
            .connection
            .query(sql, values![run_id], |row| Ok((row.int("job_id")?, row.time("purge_held_since")?)))?;
        for (job_id, since) in held {
            if let Some(job) = self.job(job_id)? {
                self.end_held_purge(&job, since, None)?;
            }
        }
        Ok(())
    }

    fn end_held_purge(&self, job: &BatchJob, since: Timestamp, history_id: Option<i64>) -> Result<(), StoreError> {
        let sql = "update batch_job set purge_held_since = null where job_id = $1";
        self.connection.execute(sql, values![job.job_id])?;
        let (job_id, name, since) = (job.job_id, &job.settings.description, since.in_utc());
        let text = format!("Batch job {job_id} {name}: resolved: the purge held since {since} has run.");
        self.notify_operators(job, AlertEvent::Error, history_id, &text)
    }

    /// Gives up the retry of a failed start because an operator changed the job: closes its row of
    /// the history, so that the next start gets its own, and notifies operators of the failure. In
    /// the caller's transaction.
    pub(super) fn give_up_retry(&self, job: &BatchJob, keeps_retry: bool, operator: &str) -> Result<(), StoreError> {
        if keeps_retry || job.retry_at.is_none() {
            return Ok(());
        }
        let job_id = job.job_id;
        let sql = "select claim_history_id from batch_job where job_id = $1";
        let history_id = self.connection.scalar::<Option<i64>>(sql, values![job_id])?.flatten();
        let sql = "update batch_job set claim_history_id = null, tries = 0 where job_id = $1";
        self.connection.execute(sql, values![job_id])?;
        let Some(history_id) = history_id else { return Ok(()) };
        let reason = format!("not retried: {operator} changed the job");
        self.log(history_id, Severity::Warning, &reason)?;
        let name = &job.settings.description;
        let text = format!("Batch job {job_id} {name}: {}; {reason}.", HistoryOutcome::Error.label());
        self.notify_operators(job, AlertEvent::Error, Some(history_id), &text)
    }

    pub(super) fn notify_operators(
        &self,
        job: &BatchJob,
        event: AlertEvent,
        history_id: Option<i64>,
        text: &str,
    ) -> Result<(), StoreError> {
        for settings in self.alerts(job.job_id)? {
            if is_notified(&settings, event, job.settings.save_history) {
                self.notify(&NewNotification {
                    settings: &settings,
                    event,
                    about: About::Job { description: &job.settings.description, group: &job.settings.batch_group },
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
        operator: row.text(column::operator)?,
        on_ended: row.flag(column::on_ended)?,
        on_error: row.flag(column::on_error)?,
        on_canceled: row.flag(column::on_canceled)?,
        not_started_minutes: row.opt_int(column::not_started_minutes)?,
        runs_long_minutes: row.opt_int(column::runs_long_minutes)?,
        popup: row.flag(column::popup)?,
        email: row.opt_text(column::email)?,
        command: row.flag(column::command)?,
        webhook: row.flag(column::webhook)?,
        syslog: row.flag(column::syslog)?,
        rules: rules_of(&row.text(column::rules)?),
    })
}
