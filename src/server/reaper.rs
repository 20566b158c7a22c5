//! What became of others: servers that died in the middle of a job, jobs that somebody canceled.

use crate::batch::{BatchServer, BatchStatus, Claim};
use crate::domain::Timestamp;
use crate::server::{Server, ServerEvent};
use crate::store::StoreError;

impl Server {
    /// Takes jobs away from servers that are gone, so that they are taken up again; tells what is overdue.
    pub(super) fn follow_servers(&mut self) -> Result<(), StoreError> {
        let now = self.office.now()?;
        self.office.tell_overdue(now)?;
        let executing = self.office.executing_jobs()?;
        self.others_execute &= !executing.is_empty();
        if executing.is_empty() {
            return Ok(());
        }
        let servers = self.office.servers()?;
        for job in executing {
            let Some(claim) = &job.claim else { continue };
            if !self.is_gone(claim, &servers, job.job_id, now) {
                continue;
            }
            let reason = format!("batch server {} is gone; the run is taken up again where it was", claim.server);
            let ended = self.office.end_orphan(job.job_id, claim, &reason, false, now)?;
            if let Some(outcome) = ended {
                let (job_id, run_id, server) = (job.job_id, claim.run_id, claim.server.clone());
                (self.tell)(ServerEvent::TakenOver { job_id, run_id, server, outcome: outcome.label() });
                self.looked = None;
            }
        }
        Ok(())
    }

    /// Whether nobody works under this claim any more.
    fn is_gone(&self, claim: &Claim, servers: &[BatchServer], job_id: i64, now: Timestamp) -> bool {
        if claim.server == self.options.name && claim.incarnation == self.incarnation {
            return !self.workers.contains_key(&job_id);
        }
        let Some(server) = servers.iter().find(|server| server.name == claim.server) else {
            return !claim.is_by_console();
        };
        if server.incarnation != claim.incarnation || server.stopped_at.is_some() {
            return true;
        }
        if !server.is_alive() && now >= self.judges_from {
            return true;
        }
        // On this machine its death frees its lock at once.
        server.host == self.options.host && self.office.server_lives(&server.name) == Some(false)
    }

    /// Lets jobs end that somebody canceled.
    pub(super) fn follow_jobs(&self) -> Result<(), StoreError> {
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
