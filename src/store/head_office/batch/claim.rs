//! Claims due jobs and ends them. Each step is one transaction that checks the claim's fencing
//! token, so a process that resumes too late changes nothing.

use crate::batch::{
    BatchJob, BatchStatus, Claim, ClaimHolder, EndDecision, HistoryOutcome, LATE_AFTER_MS, NextState, SaveHistory,
    SkipReason, SkippedStart, StartAction, WhyLate, after_end, at_start,
};
use crate::domain::Timestamp;
use crate::store::StoreError;
use crate::store::dialect::NOW;
use crate::store::head_office::HeadOffice;
use crate::store::head_office::batch::history::Severity;
use crate::store::head_office::batch::jobs::COLUMNS;
use crate::store::value::values;
use crate::text::time::age;

/// The result of claiming a due job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claimed {
    /// The claim was made: the job with its claim.
    Mine(Box<BatchJob>),
    /// Its late starts were skipped; it waits for the next one.
    Skipped,
    /// The job has changed: another server claimed it, or an operator changed it.
    Gone,
}

/// The end of a claimed job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndOfRun<'a> {
    /// The outcome.
    pub outcome: HistoryOutcome,
    /// The text for the history: what was done, or why it failed.
    pub reason: &'a str,
    /// It was stopped in order and will be continued: the try does not count.
    pub to_be_continued: bool,
}

impl HeadOffice {
    /// Claims a job that is due at `now`, skipping the starts before this one; durable when it
    /// returns.
    ///
    /// `why`: why it was not started in time, if it is late.
    pub fn claim_job(
        &self,
        seen: &BatchJob,
        holder: &ClaimHolder,
        why: impl Into<WhyLate>,
        now: Timestamp,
    ) -> Result<Claimed, StoreError> {
        let name = holder.name();
        let transaction = self.connection.begin()?;
        let Some(found) = self.job(seen.job_id)? else { return Ok(Claimed::Gone) };
        let is_due = found.status == BatchStatus::Waiting && found.due().is_some_and(|due| due <= now);
        if !is_due || found.version != seen.version {
            return Ok(Claimed::Gone);
        }
        let why = why.into();
        let decision = at_start(&found, now, &why);
        for skipped in &decision.skipped {
            self.note_skipped_starts(&found, skipped)?;
        }
        let scheduled = match decision.action {
            StartAction::Run(scheduled) => scheduled,
            StartAction::Skip(next) => {
                self.follow_schedule(&found, next, 0)?;
                transaction.commit()?;
                return Ok(Claimed::Skipped);
            }
        };
        let history_id = self.open_history(&found, scheduled, &name, now)?;
        let (late, why) = (now.since(scheduled), why.at(scheduled));
        if found.retry_at.is_none() && late > LATE_AFTER_MS && *why != SkipReason::Blocked {
            let text = format!("It starts {} late: {}", age(late), reason_of(why, &found));
            self.log(history_id, Severity::Warning, &text)?;
        }
        let claimed = self.connection.execute(
            &format!(
                "update batch_job set status = $1, fencing = fencing + 1, claim_server = $2, claim_login = $3,
                    claim_incarnation = $4, claim_since = $5, claim_history_id = $6, claim_run_id = null, next_start = $7,
                    retry_at = null, due_at = null, tries = tries + 1, waits_for = null, waits_since = null, withheld_at = null,
                    changed_at = {NOW}, changed_by = $8, changed_reason = null
                 where job_id = $9 and status = 1"
            ),
            values![
                BatchStatus::Executing.number(),
                &name,
                holder.login(),
                holder.incarnation(),
                now,
                history_id,
                scheduled,
                &holder.actor(),
                found.job_id
            ],
        )?;
        if claimed == 0 {
            return Ok(Claimed::Gone);
        }
        let mine = self.job(found.job_id)?;
        transaction.commit()?;
        Ok(mine.map_or(Claimed::Gone, |mine| Claimed::Mine(Box::new(mine))))
    }

    /// Ends a claimed job at `now`: its row of the history, what follows, and the alerts, in one
    /// transaction. Durable when it returns.
    ///
    /// Returns `None` if the job no longer has the claim; then nothing was changed.
    pub fn end_job(
        &self,
        job_id: i64,
        claim: &Claim,
        end: &EndOfRun,
        now: Timestamp,
    ) -> Result<Option<NextState>, StoreError> {
        let transaction = self.connection.begin()?;
        let next = self.end_claim(job_id, claim, end, now)?;
        transaction.commit()?;
        Ok(next)
    }

    /// Ends a claim in the caller's transaction.
    pub(super) fn end_claim(
        &self,
        job_id: i64,
        claim: &Claim,
        end: &EndOfRun,
        now: Timestamp,
    ) -> Result<Option<NextState>, StoreError> {
        let Some(found) = self.claimed_job(job_id, claim)? else { return Ok(None) };
        let is_canceled = found.status == BatchStatus::Canceling && end.outcome == HistoryOutcome::Interrupted;
        let end = &EndOfRun { outcome: if is_canceled { HistoryOutcome::Canceled } else { end.outcome }, ..*end };
        let tries = if end.to_be_continued { 0 } else { found.tries };
        let EndDecision { next, skipped } = after_end(&found, end.outcome, tries, now);
        let is_final = next.retry_at.is_none();
        self.close_history(&found, claim, end, is_final, now)?;
        if let Some(skipped) = skipped {
            self.note_skipped_starts(&found, &skipped)?;
        }
        if is_final {
            self.notify_end(&found, claim.history_id, end)?;
        }
        let took = now.since(claim.since).max(0);
        self.connection.execute(
            "update batch_job set last_outcome = $1, last_took_ms = $2, last_ended_at = $3 where job_id = $4",
            values![end.outcome.word(), took, now, job_id],
        )?;
        if found.interactive && is_final {
            self.remove_job(job_id)?;
        } else {
            self.note_stopped_recurrence(&found, next.status, &claim.holder, end.reason)?;
            self.follow_schedule(&found, next, if is_final || end.to_be_continued { 0 } else { found.tries })?;
            // A retry continues the row that it began in; an interrupted start gets a new one.
            if is_final || end.outcome == HistoryOutcome::Interrupted {
                let sql = "update batch_job set claim_history_id = null where job_id = $1";
                self.connection.execute(sql, values![job_id])?;
            }
        }
        Ok(Some(next))
    }

    /// Jobs that are executing now; those that cannot be read are left out.
    pub fn executing_jobs(&self) -> Result<Vec<BatchJob>, StoreError> {
        let sql = format!("select {COLUMNS} from batch_job where status in (2, 7) order by job_id");
        Ok(self.readable(&sql, &[])?.0)
    }

    /// The job, if it still has the claim.
    pub(super) fn claimed_job(&self, job_id: i64, claim: &Claim) -> Result<Option<BatchJob>, StoreError> {
        let found = self.job(job_id)?;
        Ok(found.filter(|job| job.claim.as_ref().is_some_and(|now| now.fencing_token == claim.fencing_token)))
    }

    /// Applies what follows to the job's row; in the caller's transaction.
    fn follow_schedule(&self, job: &BatchJob, next: NextState, tries: i64) -> Result<(), StoreError> {
        let NextState { status, next_start, retry_at } = next;
        self.connection.execute(
            &format!(
                "update batch_job set status = $1, next_start = $2, retry_at = $3, due_at = $4, tries = $5, claim_server = null,
                    claim_incarnation = null, claim_login = null, claim_since = null, claim_run_id = null, waits_for = null, waits_since = null,
                    changed_at = case when status = $6 then changed_at else {NOW} end
                 where job_id = $7"
            ),
            values![status.number(), next_start, retry_at, retry_at.or(next_start), tries, status.number(), job.job_id],
        )?;
        Ok(())
    }

    /// Writes a row for skipped starts; in the caller's transaction.
    fn note_skipped_starts(&self, job: &BatchJob, skipped: &SkippedStart) -> Result<(), StoreError> {
        if job.settings.save_history == SaveHistory::Never {
            return Ok(());
        }
        self.connection.execute(
            "insert into batch_job_history (job_id, description, batch_group, created_by, scheduled_at, outcome, starts, reason)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
            values![
                job.job_id,
                &job.settings.description,
                &job.settings.batch_group,
                &job.created_by,
                skipped.scheduled_at,
                skipped.why.outcome().word(),
                i64::try_from(skipped.starts).unwrap_or(i64::MAX),
                &reason_of(&skipped.why, job)
            ],
        )?;
        Ok(())
    }

    /// The row of the start: that of its earlier tries, or a new one.
    fn open_history(
        &self,
        job: &BatchJob,
        scheduled: Timestamp,
        server: &str,
        now: Timestamp,
    ) -> Result<i64, StoreError> {
        let sql = "select claim_history_id from batch_job where job_id = $1";
        let earlier = self.connection.scalar::<Option<i64>>(sql, values![job.job_id])?.flatten();
        if let Some(history_id) = earlier {
            self.connection.execute(
                "update batch_job_history set outcome = 'executing', ended_at = null, tries = tries + 1, server = $1, reason = null
                 where history_id = $2",
                values![server, history_id],
            )?;
            self.log(history_id, Severity::Information, &format!("Try {} on {server}", job.tries + 1))?;
            return Ok(history_id);
        }
        let history_id = self.connection.integer(
            "insert into batch_job_history (job_id, description, batch_group, created_by, scheduled_at, started_at, outcome,
                tries, server) values ($1, $2, $3, $4, $5, $6, 'executing', 1, $7) returning history_id",
            values![
                job.job_id,
                &job.settings.description,
                &job.settings.batch_group,
                &job.created_by,
                scheduled,
                now,
                server
            ],
        )?;
        self.log(history_id, Severity::Information, &format!("Try {} on {server}", job.tries + 1))?;
        if let Some(waited) = &job.waits_for {
            self.log(history_id, Severity::Warning, &format!("It was due and waited: {waited}"))?;
        }
        Ok(history_id)
    }

    fn close_history(
        &self,
        job: &BatchJob,
        claim: &Claim,
        end: &EndOfRun,
        is_final: bool,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let severity = match end.outcome {
            HistoryOutcome::Error => Severity::Error,
            HistoryOutcome::Ended | HistoryOutcome::Executing => Severity::Information,
            _ => Severity::Warning,
        };
        self.log(claim.history_id, severity, end.reason)?;
        let kept = match job.settings.save_history {
            SaveHistory::Always => true,
            SaveHistory::ErrorsOnly => end.outcome != HistoryOutcome::Ended,
            SaveHistory::Never => false,
        };
        if is_final && !kept {
            return self.delete_history(claim.history_id);
        }
        self.connection.execute(
            "update batch_job_history set outcome = $1, ended_at = $2, reason = $3 where history_id = $4",
            values![end.outcome.word(), now, end.reason, claim.history_id],
        )?;
        Ok(())
    }
}

/// The sentence of why a start was not made in time.
fn reason_of(why: &SkipReason, job: &BatchJob) -> String {
    match why {
        SkipReason::StillRunning(start) => {
            format!("the start of {} was still running or being tried", start.to_table())
        }
        SkipReason::Withheld(from, to) => format!("withheld from {} to {}", from.to_table(), to.in_utc()),
        SkipReason::NoServer(until) => format!("no batch server was running before {}", until.in_utc()),
        SkipReason::OutsideWindow { servers } => format!("outside the server's window ({servers})"),
        SkipReason::ServerSuspended(from, to) => format!(
            "the batch server was suspended or could not reach head office from {} to {}",
            from.to_table(),
            to.in_utc()
        ),
        SkipReason::Blocked => job.waits_for.clone().unwrap_or_else(|| "it could not be started".to_owned()),
    }
}
