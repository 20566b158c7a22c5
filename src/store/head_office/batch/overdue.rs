//! Alerts that the clock triggers: a due start that has not happened, a run that takes long.

use crate::batch::{AlertEvent, BatchJob, reasons};
use crate::domain::{MINUTE_MS, Timestamp};
use crate::store::StoreError;
use crate::store::head_office::HeadOffice;
use crate::store::head_office::batch::notifications::{About, NewNotification};
use crate::store::value::values;
use serde::Serialize;

/// Alerts that are overdue and not yet sent: the job, the operator, whether it is executing.
/// Divided instead of multiplied, because the configured minutes may overflow.
const OVERDUE: &str = "select a.job_id, a.operator, case when j.status in (2, 7) then 1 else 0 end as is_executing
    from batch_alert as a join batch_job as j on j.job_id = a.job_id
    where (j.status in (0, 1) and a.not_started_minutes is not null and j.due_at <= $1
            and ($1 - j.due_at) / 60000 >= a.not_started_minutes
            and coalesce(a.late_told_for, 0) <> j.due_at)
       or (j.status in (2, 7) and a.runs_long_minutes is not null and j.claim_since <= $2
            and ($2 - j.claim_since) / 60000 >= a.runs_long_minutes
            and coalesce(a.long_told_for, 0) <> j.claim_history_id)";

/// A start that did not happen, or a run that took long.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OverdueAlert {
    /// When it was first sent.
    pub at: Timestamp,
    /// `not_started` or `runs_long`.
    pub event: String,
    /// The batch job.
    pub job_id: Option<i64>,
    /// The sentence; text from outside.
    pub text: String,
}

impl HeadOffice {
    /// Whether an overdue alert must be sent now; writes nothing.
    pub fn has_overdue(&self, now: Timestamp) -> Result<bool, StoreError> {
        let sql = format!("{OVERDUE} limit 1");
        self.connection.exists(&sql, values![now, now])
    }

    /// Sends overdue alerts, each operator's once, after that operator's minutes. A batch server or
    /// a console calls it, because without a server nothing starts. Durable when it returns;
    /// returns how many were sent.
    pub fn notify_overdue(&self, now: Timestamp) -> Result<usize, StoreError> {
        if !self.has_overdue(now)? {
            return Ok(0);
        }
        let transaction = self.connection.begin()?;
        let read = |row: &crate::store::connection::Row| {
            Ok((row.int("job_id")?, row.text("operator")?, row.flag("is_executing")?))
        };
        let found = self.connection.query(OVERDUE, values![now, now], read)?;
        for (job_id, operator, runs) in &found {
            let job = self.job(*job_id);
            let settings = job.as_ref().ok().and_then(Option::as_ref).map(|job| job.settings.clone());
            let (event, history_id, text) = match job {
                Ok(Some(job)) if *runs => {
                    (AlertEvent::RunsLong, job.claim.as_ref().map(|claim| claim.history_id), takes_long(&job, now))
                }
                Ok(Some(job)) => (AlertEvent::NotStarted, None, self.does_not_start(&job, now)?),
                Ok(None) => continue,
                Err(StoreError::Damaged { what, .. }) => {
                    let (event, says) = if *runs {
                        (AlertEvent::RunsLong, "runs long")
                    } else {
                        (AlertEvent::NotStarted, "did not start")
                    };
                    (event, None, format!("Batch job {job_id}: {says}; it cannot be read: {what}."))
                }
                Err(error) => return Err(error),
            };
            let named = settings.as_ref().map_or(("", ""), |job| (job.description.as_str(), job.batch_group.as_str()));
            let about = About::Job { description: named.0, group: named.1 };
            let alerts = self.alerts(*job_id)?;
            if let Some(settings) = alerts.iter().find(|settings| settings.operator == *operator) {
                let job_id = Some(*job_id);
                self.notify(&NewNotification { settings, event, about, job_id, history_id, text: &text })?;
            }
            let (column, of) = if *runs { ("long_told_for", "claim_history_id") } else { ("late_told_for", "due_at") };
            let sql = format!(
                "update batch_alert set {column} = (select {of} from batch_job where job_id = $1)
                 where job_id = $2 and operator = $3"
            );
            self.connection.execute(&sql, values![*job_id, *job_id, operator])?;
        }
        transaction.commit()?;
        Ok(found.len())
    }

    /// What the clock triggered since an instant, to whichever login it was sent: starts that did
    /// not happen and runs that took long, newest first. Reads at most `limit` notifications.
    pub fn overdue_alerts(&self, since: Timestamp, limit: i64) -> Result<Vec<OverdueAlert>, StoreError> {
        let sql = "select min(at) as at, event, job_id, text
            from (select at, event, job_id, text from notification order by notification_id desc limit $1) as newest
            where at >= $2 and event in ($3, $4) group by event, job_id, text order by 1 desc";
        let (late, long) = (AlertEvent::NotStarted.word(), AlertEvent::RunsLong.word());
        self.connection.query(sql, values![limit, since, late, long], |row| {
            Ok(OverdueAlert {
                at: row.time("at")?,
                event: row.text("event")?,
                job_id: row.opt_int("job_id")?,
                text: row.text("text")?,
            })
        })
    }

    /// The sentence of a start that has not happened, with the reason that `cdx batch why` prints.
    fn does_not_start(&self, job: &BatchJob, now: Timestamp) -> Result<String, StoreError> {
        let scheduling = self.scheduling_state(now)?;
        let why = reasons(job, &scheduling)
            .into_iter()
            .find(|reason| !reason.holds())
            .map(|reason| reason.text(&Timestamp::in_utc));
        let why = why.or_else(|| job.waits_for.clone()).unwrap_or_else(|| "no batch server has taken it".to_owned());
        let (name, due) = (&job.settings.description, job.due().unwrap_or(now).in_utc());
        let what = if job.retry_at.is_some() { "was not tried again, due since" } else { "did not start, due since" };
        Ok(format!("Batch job {} {name}: {what} {due}; {why}.", job.job_id))
    }
}

fn takes_long(job: &BatchJob, now: Timestamp) -> String {
    let (name, job_id) = (&job.settings.description, job.job_id);
    let (minutes, server) = match &job.claim {
        Some(claim) => (now.since(claim.since) / MINUTE_MS, claim.holder.name()),
        None => (0, "no server".to_owned()),
    };
    format!("Batch job {job_id} {name}: runs for {minutes} min on {server}.")
}
