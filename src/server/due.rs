//! What is due: each job is started, or what it waits for is noted where operators look.

use super::worker::Worker;
use super::{Server, ServerEvent};
use crate::batch::{BatchJob, BatchServer, Missing, Reason, World, waits_for};
use crate::domain::Timestamp;
use crate::store::head_office::Claimed;
use crate::store::{HeadOffice, StoreError};

/// Due jobs looked at in one step.
const MOST: i64 = 500;

/// A claimed job, and how late it was.
#[derive(Debug)]
pub(super) struct Started {
    pub(super) job: Box<BatchJob>,
    pub(super) late_ms: i64,
}

/// What one look at the due jobs came to.
#[derive(Debug, Default)]
pub(super) struct Looked {
    pub(super) started: Vec<Started>,
    pub(super) passed_over: Vec<i64>,
    /// Something that this server would start has to wait.
    pub(super) blocked: bool,
}

/// Claims what `server` is to start at `now`; nothing that needs the lease while it is `busy` with a job, which may not have it yet. What waits for something else than another server is told so at head office.
pub(super) fn claim_due(
    office: &HeadOffice,
    server: &str,
    incarnation: &str,
    now: Timestamp,
    busy: bool,
) -> Result<Looked, StoreError> {
    let mut looked = Looked::default();
    let due = office.due_jobs(now, MOST)?;
    if due.is_empty() {
        return Ok(looked);
    }
    let mut world = office.world(now)?;
    let own = || (format!("batch server {server}"), Some(now), None);
    if busy {
        world.lease.get_or_insert_with(own);
    }
    for job in due {
        if let Some(reason) = waits_for(&job, &world, server) {
            if !matches!(reason, Reason::Unserved(..) | Reason::Served(..) | Reason::Private(_)) {
                looked.blocked = true;
                let time = |at: Timestamp| format!("{} UTC", at.to_table());
                office.note_waits_for(job.job_id, Some(&reason.text(&time)))?;
            }
            continue;
        }
        let why = why_late(office, &job, &world)?;
        let late_ms = job.due().map_or(0, |due| now.since(due));
        match office.claim_job(&job, server, incarnation, why, now)? {
            Claimed::Mine(job) => {
                // One run at a time: whatever else is due waits for this one's lease.
                world.lease = Some(own());
                looked.blocked = true;
                looked.started.push(Started { job, late_ms });
            }
            Claimed::PassedOver => looked.passed_over.push(job.job_id),
            Claimed::Gone => {}
        }
    }
    Ok(looked)
}

/// Why a start that is late was not made in time, as far as head office can tell.
fn why_late(office: &HeadOffice, job: &BatchJob, world: &World) -> Result<Missing, StoreError> {
    let Some(due) = job.due() else { return Ok(Missing::InTheWay) };
    if let Some(since) = office.withheld_since(job.job_id)?
        && job.changed.at > due
    {
        return Ok(Missing::Withheld(since, job.changed.at));
    }
    let serves = |server: &&BatchServer| server.is_alive() && server.serves(&job.settings.batch_group);
    let first = world.servers.iter().filter(serves).map(|server| server.started_at).min();
    Ok(match first {
        Some(first) if first > due && job.waits_for.is_none() => Missing::NoServer(first),
        _ => Missing::InTheWay,
    })
}

impl Server {
    /// Starts what is due at `now`.
    pub(super) fn start_due(&mut self, now: Timestamp) -> Result<(), StoreError> {
        let looked = claim_due(&self.office, &self.options.name, &self.incarnation, now, !self.workers.is_empty())?;
        self.blocked = looked.blocked;
        for job_id in looked.passed_over {
            (self.tell)(ServerEvent::PassedOver { job_id });
        }
        for Started { job, late_ms } in looked.started {
            (self.tell)(ServerEvent::JobStarted {
                job_id: job.job_id,
                description: job.settings.description.clone(),
                history_id: job.claim.as_ref().map_or(0, |claim| claim.history_id),
                late_ms,
            });
            let job_id = job.job_id;
            match Worker::start(&self.options, *job, self.wake.clone(), &self.tell) {
                Ok(worker) => drop(self.workers.insert(job_id, worker)),
                // The claim is found without a worker at the next look, and ended as Interrupted.
                Err(error) => (self.tell)(ServerEvent::Unreachable { fault: error.to_string() }),
            }
        }
        Ok(())
    }
}
