//! The lease: one runner at a time, by a fencing token that only grows and that every transaction
//! of a run checks.
//!
//! Two things distinguish a running runner from a crashed one. The lease row has an expiry by the
//! database's clock, renewed by every chunk. The OS lock beside the file is released the instant
//! its holder exits. So:
//!
//! | our lock attempt | lease row | then |
//! | --- | --- | --- |
//! | acquired | free, or its holder had the OS lock | holder crashed: take over at once |
//! | acquired | unexpired, its holder had no OS lock | wait until the lease expires |
//! | held by another | unexpired | the holder is running |
//! | held by another | free | another runner is starting or ending |
//! | held by another | expired | holder suspended: take over; its next chunk finds another token |
//!
//! A holder without the OS lock took over from a suspended process, which still has it.
//!
//! At a server the lock is that of a session (see `runner_lock.rs`), which may outlast its holder
//! behind a pooler; there a free lease is free regardless of the lock.

use crate::batch::JobClaim;
use crate::domain::LeaseHolder;
use crate::store::dialect::NOW;
use crate::store::head_office::{HeadOffice, RunStart};
use crate::store::value::values;
use crate::store::{RunnerLock, StoreError};

/// How long the lease lasts without being renewed, in milliseconds of the database's clock.
const LEASE_MS: i64 = 15_000;
const NAME: &str = "process status messages";
/// SQL condition: the run belongs to a batch job whose claim it has lost. Fencing alone is not
/// enough: a reclaimed job may not have a newer run yet.
const CLAIM_LOST: &str = "job_id is not null and not exists
    (select 1 from batch_job where batch_job.job_id = run.job_id and claim_run_id = run.run_id)";

/// The right to run, checked by every write of the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunClaim {
    /// The run's number.
    pub run_id: i64,
    /// Its fencing token.
    pub fencing_token: i64,
}

/// Why a run does not get the lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LeaseRefusal {
    /// Another runner holds it.
    Held(LeaseHolder),
    /// Another runner is just starting or ending.
    Starting,
}

/// The state of a lease that is not free.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaseStatus {
    /// Its holder.
    pub holder: LeaseHolder,
    /// Whether it has expired.
    pub is_expired: bool,
}

/// The result of starting a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunStartOutcome {
    /// The run exists.
    Granted {
        /// Its claim.
        claim: RunClaim,
        /// Earlier runs that never ended and are marked Interrupted.
        interrupted_runs: Vec<i64>,
    },
    /// Another runner holds the lease.
    Refused(LeaseRefusal),
    /// The batch job was taken from this claim, or canceled, before its run began.
    ClaimLost,
}

/// The stored lease.
pub(crate) struct LeaseRow {
    fencing: i64,
    held: Option<LeaseHolder>,
    /// The number of its holder's lock; 0 without one.
    lock: i64,
    expired: bool,
}

impl HeadOffice {
    /// Takes the lease and creates the run's row, or returns its holder; durable when it returns.
    pub fn begin_run(&self, start: &RunStart) -> Result<RunStartOutcome, StoreError> {
        let at_server = self.connection.session().is_some();
        let lock = start.lock.as_ref().map_or(0, RunnerLock::number);
        // A running chunk may hold the write lock for a while; a refusal need not wait for it.
        if let Some(refusal) = refusal(&self.lease_row()?, lock, at_server) {
            return Ok(RunStartOutcome::Refused(refusal));
        }
        let transaction = self.connection.begin()?;
        let lease = self.lease_row()?;
        if let Some(refusal) = refusal(&lease, lock, at_server) {
            return Ok(RunStartOutcome::Refused(refusal));
        }
        // The job may have been reclaimed if this process was suspended after its claim.
        if let Some(JobClaim { job_id, claim }) = &start.for_job
            && !self.may_run(*job_id, claim)?
        {
            return Ok(RunStartOutcome::ClaimLost);
        }
        let permit = self.permit_run(start)?;
        let interrupted_runs = self.interrupt_unfinished()?;
        let fencing = lease.fencing + 1;
        let process_id = i64::from(std::process::id());
        let holder = format!("{} on {}, process {process_id}", start.requested_by, start.host);
        let run_id = self.connection.integer(
            &format!(
                "insert into run (fencing, trigger, requested_by, host, process_id, program_version, step, started_at)
                 values ($1, $2, $3, $4, $5, $6, 'transfer', {NOW}) returning run_id"
            ),
            values![
                fencing,
                start.trigger.word(),
                &start.requested_by,
                &start.host,
                process_id,
                env!("CARGO_PKG_VERSION")
            ],
        )?;
        self.connection.execute(
            &format!(
                "update lease set fencing = $1, holder = $2, holds_os_lock = $3, process_id = $4, run_id = $5,
                 acquired_at = {NOW}, expires_at = {NOW} + {LEASE_MS} where name = '{NAME}'"
            ),
            values![fencing, &holder, lock, process_id, run_id],
        )?;
        if let Some(JobClaim { job_id, claim }) = &start.for_job {
            self.note_job_run(*job_id, claim, run_id)?;
        }
        self.journal_run(start, run_id, &permit)?;
        transaction.commit()?;
        Ok(RunStartOutcome::Granted { claim: RunClaim { run_id, fencing_token: fencing }, interrupted_runs })
    }

    /// Renews the lease in the caller's transaction; fails if the lease or the job's claim was
    /// lost.
    pub(super) fn hold_lease(&self, claim: &RunClaim) -> Result<(), StoreError> {
        let renewed = self.connection.execute(
            &format!(
                "update lease set expires_at = {NOW} + {LEASE_MS} where name = '{NAME}' and fencing = $1
                 and not exists (select 1 from run where run_id = lease.run_id and {CLAIM_LOST})"
            ),
            values![claim.fencing_token],
        )?;
        if renewed > 0 { Ok(()) } else { self.fail_as_lost(claim) }
    }

    /// Renews the lease; durable when it returns. Fails if the lease or the job's claim was lost.
    pub fn renew_lease(&self, claim: &RunClaim) -> Result<(), StoreError> {
        let transaction = self.connection.begin()?;
        self.hold_lease(claim)?;
        transaction.commit()
    }

    /// Records a new lock after the one taken with the lease was lost with its session; durable
    /// when it returns.
    pub fn note_lock(&self, claim: &RunClaim, lock: Option<&RunnerLock>) -> Result<(), StoreError> {
        let sql = format!("update lease set holds_os_lock = $1 where name = '{NAME}' and fencing = $2");
        self.connection.execute(&sql, values![lock.map_or(0, RunnerLock::number), claim.fencing_token])?;
        Ok(())
    }

    /// Fails if the lease or the job's claim was lost; writes nothing.
    pub fn check_lease(&self, claim: &RunClaim) -> Result<(), StoreError> {
        self.connection.check_in_place()?;
        let sql = format!(
            "select count(*) from lease where name = '{NAME}' and fencing = $1
             and not exists (select 1 from run where run_id = lease.run_id and {CLAIM_LOST})"
        );
        if self.connection.integer(&sql, values![claim.fencing_token])? > 0 { Ok(()) } else { self.fail_as_lost(claim) }
    }

    /// Whether the run belongs to a batch job that was taken from it.
    pub(super) fn has_lost_claim(&self, claim: &RunClaim) -> Result<bool, StoreError> {
        let sql = format!("select count(*) from run where run_id = $1 and {CLAIM_LOST}");
        Ok(self.connection.integer(&sql, values![claim.run_id])? > 0)
    }

    /// Releases the lease in the caller's transaction.
    pub(super) fn release_lease(&self, claim: &RunClaim) -> Result<(), StoreError> {
        self.connection.execute(
            &format!(
                "update lease set holder = null, holds_os_lock = 0, process_id = null, run_id = null, acquired_at = null,
                 expires_at = null where name = '{NAME}' and fencing = $1"
            ),
            values![claim.fencing_token],
        )?;
        Ok(())
    }

    /// Fails with the reason for which a run lost its lease or claim.
    fn fail_as_lost(&self, claim: &RunClaim) -> Result<(), StoreError> {
        let sql = format!("select fencing from lease where name = '{NAME}'");
        let now = self.connection.integer(&sql, &[])?;
        Err(if now == claim.fencing_token {
            StoreError::ClaimLost
        } else {
            StoreError::Fenced { mine: claim.fencing_token, now }
        })
    }

    fn lease_row(&self) -> Result<LeaseRow, StoreError> {
        let sql = format!(
            "select fencing, holder, acquired_at, run_id, holds_os_lock, case when expires_at > {NOW} then 0 else 1 end as expired
             from lease
             where name = '{NAME}'"
        );
        let found = self.connection.first(&sql, &[], |row| {
            let holder = row.opt_text("holder")?;
            let (since, run_id) = (row.opt_time("acquired_at")?, row.opt_int("run_id")?);
            Ok(LeaseRow {
                fencing: row.int("fencing")?,
                held: holder.map(|holder| LeaseHolder { holder, since, run_id }),
                lock: row.int("holds_os_lock")?,
                expired: row.flag("expired")?,
            })
        })?;
        found.ok_or_else(|| StoreError::Damaged {
            location: self.location().clone(),
            what: "the lease row is missing".to_owned(),
        })
    }

    /// The holder of the lease if it is running; `None` if the lease is free or expired, or its
    /// holder has crashed, which its lock shows at once.
    pub fn running_lease(&self) -> Result<Option<LeaseHolder>, StoreError> {
        let lease = self.lease_row()?;
        let Some(held) = lease.held.filter(|_| !lease.expired) else { return Ok(None) };
        Ok(if lease.lock != 0 && !self.is_runner_running()? { None } else { Some(held) })
    }

    /// The state of the lease; `None` if it is free.
    pub fn lease_status(&self) -> Result<Option<LeaseStatus>, StoreError> {
        let lease = self.lease_row()?;
        Ok(lease.held.map(|holder| LeaseStatus { holder, is_expired: lease.expired }))
    }
}

/// Returns why the lease may not be taken, or `None` if it may; implements the table in the module
/// documentation.
pub(crate) fn refusal(lease: &LeaseRow, lock: i64, at_server: bool) -> Option<LeaseRefusal> {
    // A lock taken in the very session that the holder recorded is the holder's own, passed on by a
    // pooler.
    let has_lock = lock != 0 && !(at_server && lease.held.is_some() && lock == lease.lock);
    let Some(holder) = &lease.held else {
        return (!has_lock && !at_server).then_some(LeaseRefusal::Starting);
    };
    let is_running = !lease.expired && (!has_lock || lease.lock == 0);
    is_running.then(|| LeaseRefusal::Held(holder.clone()))
}

#[cfg(test)]
impl LeaseRow {
    /// A lease as the tests need it; `lock` is 0 if its holder has no OS lock.
    pub(crate) fn of(is_held: bool, lock: i64, expired: bool) -> Self {
        let held = is_held.then(|| LeaseHolder { holder: "a".into(), since: None, run_id: Some(1) });
        Self { fencing: 1, held, lock, expired }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lease(held: bool, lock: i64, expired: bool) -> LeaseRow {
        LeaseRow::of(held, lock, expired)
    }

    #[test]
    fn a_crashed_holder_is_replaced_at_once_a_running_one_is_not() {
        assert!(refusal(&lease(true, 1, false), 1, false).is_none(), "it crashed: its OS lock is free");
        assert!(refusal(&lease(true, 1, false), 0, false).is_some(), "it runs");
        assert!(refusal(&lease(true, 0, false), 1, false).is_some(), "it runs without an OS lock");
        assert!(refusal(&lease(true, 0, true), 1, false).is_none());
    }

    #[test]
    fn a_stopped_holder_is_followed_when_its_lease_has_run_out() {
        assert!(refusal(&lease(true, 1, true), 0, false).is_none());
        assert!(refusal(&lease(false, 0, true), 0, false).is_some(), "another runner is just starting");
        assert!(refusal(&lease(false, 0, true), 1, false).is_none());
    }

    #[test]
    fn behind_a_pooler_the_lease_alone_counts() {
        assert!(refusal(&lease(true, 77, false), 77, true).is_some(), "the holder's own session, handed on");
        assert!(refusal(&lease(true, 77, false), 78, true).is_none(), "the holder's session is gone");
        assert!(refusal(&lease(false, 0, true), 0, true).is_none(), "a lock that outlasted its holder");
    }
}
