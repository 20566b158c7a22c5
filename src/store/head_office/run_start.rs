//! The start of a run: whether an operator may start it, and its row of the journal.

use crate::batch::JobClaim;
use crate::domain::Trigger;
use crate::guard::{Attempt, PROCESS};
use crate::store::head_office::journal::Change;
use crate::store::head_office::{HeadOffice, Permit};
use crate::store::{RunnerLock, StoreError};

/// A new run.
#[derive(Debug)]
pub struct RunStart {
    /// What started it.
    pub trigger: Trigger,
    /// The login that requested it.
    pub requested_by: String,
    /// The machine it runs on.
    pub host: String,
    /// The lock that proves that this process is running.
    pub lock: Option<RunnerLock>,
    /// The batch job of the run and the claim on it; permitted and journaled when it was submitted.
    pub for_job: Option<JobClaim>,
    /// What the operator asked for, for the journal: `transfer and purge`, options.
    pub stated: String,
    /// Whether the journal has a row of the run even without a reason or an approval.
    pub is_journaled: bool,
}

#[cfg(test)]
impl RunStart {
    /// The start of a run by a command.
    pub fn by_command(lock: Option<RunnerLock>) -> Self {
        Self {
            trigger: Trigger::Command,
            requested_by: "a".into(),
            host: "b".into(),
            lock,
            for_job: None,
            stated: String::new(),
            is_journaled: false,
        }
    }
}

impl HeadOffice {
    /// Decides about a run that an operator starts, in the caller's transaction.
    pub(super) fn permit_run(&self, start: &RunStart) -> Result<Permit, StoreError> {
        if start.for_job.is_some() {
            return Ok(Permit::UNASKED);
        }
        let attempt = Attempt::new(&start.requested_by, PROCESS, "both databases");
        self.permit(&Attempt { detail: &start.stated, ..attempt })
    }

    /// Writes the journal row of a run that an operator starts, in the caller's transaction. A
    /// command without options, as `cron` runs it, is listed with the runs only.
    pub(super) fn journal_run(&self, start: &RunStart, run_id: i64, permit: &Permit) -> Result<(), StoreError> {
        let has_consent = permit.is_approved() || self.authority().consent.reason.is_some();
        if start.for_job.is_none() && (start.is_journaled || has_consent) {
            let object = format!("run {run_id}");
            let change = Change::new(&start.requested_by, PROCESS, &object);
            self.append(&change.detail(&start.stated).permitted(permit))?;
        }
        Ok(())
    }
}
