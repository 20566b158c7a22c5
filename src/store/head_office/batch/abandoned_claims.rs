//! Claims without a running process: returned because their run never began, or ended after a
//! crash.

use crate::batch::{BatchStatus, Claim, HistoryOutcome};
use crate::domain::{Outcome, Timestamp};
use crate::store::StoreError;
use crate::store::dialect::NOW;
use crate::store::head_office::HeadOffice;
use crate::store::head_office::batch::claim::EndOfRun;
use crate::store::value::values;

impl HeadOffice {
    /// Returns a claim whose run never began because another runner held head office's lease, as if
    /// it had not been made. A job that was canceled meanwhile ends. Durable when it returns.
    pub fn return_claim(&self, job_id: i64, claim: &Claim, waits_for: &str) -> Result<(), StoreError> {
        let transaction = self.connection.begin()?;
        let Some(found) = self.claimed_job(job_id, claim)? else { return Ok(()) };
        if found.status == BatchStatus::Canceling {
            let reason = "canceled before its run began";
            let end = EndOfRun { outcome: HistoryOutcome::Canceled, reason, to_be_continued: false };
            self.end_claim(job_id, claim, &end, self.now()?)?;
            return transaction.commit();
        }
        let again = found.tries > 1;
        self.connection.execute(
            &format!(
                "update batch_job set status = $1, claim_server = null, claim_incarnation = null, claim_login = null, claim_since = null,
                    claim_history_id = case when $2 = 1 then claim_history_id else null end, claim_run_id = null, tries = tries - 1,
                    retry_at = case when $3 = 1 then {NOW} else null end,
                    due_at = case when $4 = 1 then {NOW} else next_start end, waits_for = $5, waits_since = {NOW}
                 where job_id = $6"
            ),
            values![BatchStatus::Waiting.number(), again, again, again, waits_for, job_id],
        )?;
        if !again {
            self.delete_history(claim.history_id)?;
        }
        transaction.commit()
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
                let account = run.error.clone().unwrap_or_else(|| run.account());
                (HistoryOutcome::of(outcome, run.purge_held), account)
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
