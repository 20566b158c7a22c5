//! Follows others: ends the jobs of crashed servers, and stops jobs that were canceled.

use crate::batch::{BatchServer, BatchStatus, Claim, ClaimHolder};
use crate::domain::Timestamp;
use crate::server::{Server, ServerEvent};
use crate::store::StoreError;

impl Server {
    /// Ends the jobs of crashed servers, so that they are continued, and sends overdue alerts.
    pub(super) fn end_jobs_of_crashed_servers(&mut self) -> Result<(), StoreError> {
        let now = self.office.now()?;
        self.office.notify_overdue(now)?;
        let executing = self.office.executing_jobs()?;
        self.others_execute &= !executing.is_empty();
        if executing.is_empty() {
            return Ok(());
        }
        let servers = self.office.servers()?;
        for job in executing {
            let Some(claim) = &job.claim else { continue };
            if !self.has_exited(claim, &servers, job.job_id, now) {
                continue;
            }
            let reason = format!("batch server {} is gone", claim.holder.name());
            let ended = self.office.end_abandoned_claim(job.job_id, claim, &reason, false, now)?;
            if let Some(outcome) = ended {
                let (job_id, run_id, server) = (job.job_id, claim.run_id, claim.holder.name());
                (self.emit)(ServerEvent::TakenOver { job_id, run_id, server, outcome: outcome.label() });
                self.checked_at = None;
            }
        }
        Ok(())
    }

    /// Whether the process that made a claim has exited.
    fn has_exited(&self, claim: &Claim, servers: &[BatchServer], job_id: i64, now: Timestamp) -> bool {
        let ClaimHolder::BatchServer { name, incarnation } = &claim.holder else { return false };
        if *name == self.options.name && *incarnation == self.incarnation {
            return !self.workers.contains_key(&job_id);
        }
        let Some(server) = servers.iter().find(|server| server.name == *name) else { return true };
        if server.incarnation != *incarnation || server.stopped_at.is_some() {
            return true;
        }
        if !server.is_alive() && now >= self.judges_from {
            return true;
        }
        // On the same machine, a crash releases its lock at once.
        server.host == self.options.host && self.office.is_server_running(&server.name) == Some(false)
    }

    /// Stops the jobs of this server that were canceled.
    pub(super) fn stop_canceled_jobs(&self) -> Result<(), StoreError> {
        if self.workers.is_empty() {
            return Ok(());
        }
        for job in self.office.executing_jobs()? {
            if job.status == BatchStatus::Canceling
                && let Some(cancel) = self.cancel_of(job.job_id)
            {
                cancel.trip();
            }
        }
        Ok(())
    }
}
