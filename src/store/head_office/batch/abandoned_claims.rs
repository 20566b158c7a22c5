//! Claims without a running process: returned because their run never began, or ended after a
//! crash.

use crate::batch::{BatchJob, BatchStatus, Claim, HistoryOutcome};
use crate::domain::{Outcome, Timestamp};
use crate::store::StoreError;
use crate::store::head_office::HeadOffice;
use crate::store::head_office::batch::claim::EndOfRun;
use crate::store::head_office::batch::history::Severity;
use crate::store::value::values;

impl HeadOffice {
    /// Returns a claim whose run never began because another runner held head office's lease, as if
    /// it had not been made: a retry or a continuation is due again at `now`, and a row of the
    /// history is again that of the failed tries before. A job that was canceled meanwhile ends.
    /// Durable when it returns.
    pub fn return_claim(&self, job_id: i64, claim: &Claim, waits_for: &str, now: Timestamp) -> Result<(), StoreError> {
        let transaction = self.connection.begin()?;
        let Some(found) = self.claimed_job(job_id, claim)? else { return Ok(()) };
        if found.status == BatchStatus::Canceling {
            let reason = "canceled before its run began";
            let end = EndOfRun { outcome: HistoryOutcome::Canceled, reason, to_be_continued: false };
            self.end_claim(job_id, claim, &end, now)?;
            return transaction.commit();
        }
        let retry_at = (found.tries > 1 || self.continues_interrupted(claim)?).then_some(now);
        let row = if self.restore_failed_row(&found, claim, waits_for)? {
            Some(claim.history_id)
        } else {
            self.delete_history(claim.history_id)?;
            None
        };
        self.connection.execute(
            "update batch_job set status = $1, claim_server = null, claim_incarnation = null, claim_login = null, claim_since = null,
                claim_history_id = $2, claim_run_id = null, tries = tries - 1, retry_at = $3, due_at = $4, waits_for = $5,
                waits_since = $6
             where job_id = $7",
            values![
                BatchStatus::Waiting.number(),
                row,
                retry_at,
                retry_at.or(found.next_start),
                waits_for,
                now,
                job_id
            ],
        )?;
        transaction.commit()
    }

    /// Whether the claimed start continues one that was interrupted, perhaps by an orderly stop,
    /// which is no try of its own.
    fn continues_interrupted(&self, claim: &Claim) -> Result<bool, StoreError> {
        let sql = "select 1 from batch_job_history as own join batch_job_history as earlier
                on earlier.job_id = own.job_id and earlier.scheduled_at = own.scheduled_at
            where own.history_id = $1 and earlier.history_id < own.history_id and earlier.outcome = 'interrupted'";
        self.connection.exists(sql, values![claim.history_id])
    }

    /// Makes the claim's row of the history that of the failed tries before; false if it has none.
    fn restore_failed_row(&self, job: &BatchJob, claim: &Claim, waits_for: &str) -> Result<bool, StoreError> {
        let history_id = claim.history_id;
        let restored = self.connection.execute(
            "update batch_job_history set outcome = 'error', ended_at = $1, tries = tries - 1,
                reason = (select text from batch_log where history_id = $2 and severity = 2 order by log_id desc limit 1)
             where history_id = $3 and tries > 1",
            values![job.last.as_ref().map(|last| last.ended_at), history_id, history_id],
        )?;
        if restored > 0 {
            self.log(history_id, Severity::Warning, waits_for)?;
        }
        Ok(restored > 0)
    }

    /// Whether a run may begin under this claim: the job still has it and is not canceled.
    pub(in crate::store::head_office) fn may_run(&self, job_id: i64, claim: &Claim) -> Result<bool, StoreError> {
        let found = self.claimed_job(job_id, claim)?;
        Ok(found.is_some_and(|job| job.status == BatchStatus::Executing))
    }

    /// Records the run of the claimed job; in the caller's transaction.
    pub(in crate::store::head_office) fn note_job_run(
        &self,
        job_id: i64,
        claim: &Claim,
        run_id: i64,
    ) -> Result<(), StoreError> {
        self.connection.execute("update batch_job set claim_run_id = $1 where job_id = $2", values![run_id, job_id])?;
        let sql = "update batch_job_history set run_id = $1 where history_id = $2";
        self.connection.execute(sql, values![run_id, claim.history_id])?;
        self.connection.execute("update run set job_id = $1 where run_id = $2", values![job_id, run_id])?;
        Ok(())
    }

    /// Ends a claim whose holder has exited. A run that had ended, but whose end its holder could
    /// not write, counts as what it was and is not repeated; any other is Interrupted, for this
    /// reason. Durable when it returns.
    ///
    /// `to_be_continued`: the interrupted try does not count. Returns `None` if the job no longer
    /// has the claim.
    pub fn end_abandoned_claim(
        &self,
        job_id: i64,
        claim: &Claim,
        reason: &str,
        to_be_continued: bool,
        now: Timestamp,
    ) -> Result<Option<HistoryOutcome>, StoreError> {
        // Read in the same transaction, so that the run's end cannot be written in between.
        let transaction = self.connection.begin()?;
        let run = claim.run_id.map(|run_id| self.run(run_id)).transpose()?.flatten();
        let over =
            run.as_ref().and_then(|run| Some((run, run.outcome.filter(|outcome| *outcome != Outcome::Interrupted)?)));
        let (outcome, reason) = match over {
            Some((run, outcome)) => {
                let summary = run.error.clone().unwrap_or_else(|| run.summary());
                (HistoryOutcome::of(outcome, run.purge_held), summary)
            }
            None => (HistoryOutcome::Interrupted, reason.to_owned()),
        };
        let end = EndOfRun {
            outcome,
            reason: &reason,
            to_be_continued: to_be_continued && outcome == HistoryOutcome::Interrupted,
        };
        let ended = self.end_claim(job_id, claim, &end, now)?.map(|_| outcome);
        transaction.commit()?;
        Ok(ended)
    }
}
