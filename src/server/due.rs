//! What is due: each job is started, or what it waits for is noted where operators look.

use crate::batch::{BatchJob, BatchServer, Reason, SkipReason, WhyLate, World, waits_for};
use crate::domain::Timestamp;
use crate::server::worker::Worker;
use crate::server::{Server, ServerEvent};
use crate::store::head_office::Claimed;
use crate::store::{HeadOffice, StoreError};

/// Due jobs looked at in one step.
const MOST: i64 = 500;

/// Whoever has not looked for longer than this, in milliseconds, stood still or could not reach head office; its longest sleep is a fifth.
const STOOD_STILL_MS: i64 = 30_000;

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
    /// What broke the look off.
    pub(super) fault: Option<StoreError>,
}

/// Claims what `server` is to start at `now`, having `looked_last` at that instant; nothing that needs the lease while it is `busy` with a
/// job, which may not have it yet. What waits for something else than another server is told so at head office.
pub(super) fn claim_due(
    office: &HeadOffice,
    server: &str,
    incarnation: &str,
    now: Timestamp,
    looked_last: Option<Timestamp>,
    busy: bool,
) -> Result<Looked, StoreError> {
    let mut looked = Looked::default();
    let due = office.due_jobs(now, MOST)?;
    if due.is_empty() {
        return Ok(looked);
    }
    let mut world = office.world(now)?;
    if busy {
        world.lease.get_or_insert_with(|| (format!("batch server {server}"), Some(now), None));
    }
    for job in due {
        if let Err(fault) = look_at(office, &job, (server, incarnation), looked_last, &mut world, &mut looked) {
            // What is claimed already is started whatever became of the next one.
            looked.blocked = true;
            looked.fault = Some(fault);
            break;
        }
    }
    Ok(looked)
}

fn look_at(
    office: &HeadOffice,
    job: &BatchJob,
    (server, incarnation): (&str, &str),
    looked_last: Option<Timestamp>,
    world: &mut World,
    looked: &mut Looked,
) -> Result<(), StoreError> {
    let now = world.now;
    if let Some(reason) = waits_for(job, world, server) {
        let is_anothers = matches!(reason, Reason::Served(..) | Reason::Private(_));
        if let Reason::Unserved(group, _) = &reason {
            // Another one's to say, if there is one.
            if !world.servers.iter().any(|server| server.is_alive() && server.serves(group)) {
                office.note_waits_for(job.job_id, Some(&reason.text(&in_table)), now)?;
            }
        } else if !is_anothers {
            looked.blocked = true;
            office.note_waits_for(job.job_id, Some(&reason.text(&in_table)), now)?;
        }
        return Ok(());
    }
    let why = why_late(office, job, world, looked_last)?;
    let late_ms = job.due().map_or(0, |due| now.since(due));
    match office.claim_job(job, server, incarnation, why, now)? {
        Claimed::Mine(job) => {
            // One run at a time: whatever else is due waits for this one's lease.
            world.lease = Some((format!("batch server {server}"), Some(now), None));
            looked.blocked = true;
            looked.started.push(Started { job, late_ms });
        }
        Claimed::PassedOver => looked.passed_over.push(job.job_id),
        Claimed::Gone => {}
    }
    Ok(())
}

fn in_table(at: Timestamp) -> String {
    format!("{} UTC", at.to_table())
}

/// Why a start that is late was not made in time, as far as head office can tell.
fn why_late(
    office: &HeadOffice,
    job: &BatchJob,
    world: &World,
    looked_last: Option<Timestamp>,
) -> Result<WhyLate, StoreError> {
    let Some(due) = job.due() else { return Ok(SkipReason::InTheWay.into()) };
    let now = world.now;
    let mut held = Vec::new();
    if let Some(since) = office.withheld_since(job.job_id)? {
        held.push((since, job.changed.at, SkipReason::Withheld(since, job.changed.at)));
    }
    let serves = |server: &&BatchServer| server.is_alive() && server.serves(&job.settings.batch_group);
    let serving: Vec<_> = world.servers.iter().filter(serves).collect();
    // Some server was running already where it was noted that the job waits for something else.
    let first = serving.iter().map(|server| server.started_at).min();
    if let Some(first) = first.filter(|first| job.waits_since.is_none_or(|noted| noted >= *first)) {
        held.push((Timestamp(i64::MIN), first, SkipReason::NoServer(first)));
    }
    if let Some(last) = looked_last.filter(|last| now.since(*last) > STOOD_STILL_MS) {
        held.push((last, now, SkipReason::StoodStill(last, now)));
    }
    held.extend(all_closed(&serving, due, now));
    Ok(WhyLate::of(&held, SkipReason::InTheWay))
}

/// When the windows of all these servers were closed.
fn all_closed(servers: &[&BatchServer], from: Timestamp, until: Timestamp) -> Vec<(Timestamp, Timestamp, SkipReason)> {
    let mut closed = servers.iter().map(|server| server.closed_between(from, until));
    let first = closed.next().unwrap_or_default();
    let both = |some: Vec<(Timestamp, Timestamp)>, others: Vec<(Timestamp, Timestamp)>| {
        let overlap = |a: &(Timestamp, Timestamp), b: &(Timestamp, Timestamp)| (a.0.max(b.0), a.1.min(b.1));
        let pairs = some.iter().flat_map(|a| others.iter().map(|b| overlap(a, b)));
        pairs.filter(|(from, until)| from < until).collect::<Vec<_>>()
    };
    let names = servers.iter().map(|server| server.name.as_str()).collect::<Vec<_>>().join(", ");
    let closed = closed.fold(first, both);
    closed.into_iter().map(|(from, until)| (from, until, SkipReason::OutsideWindow(names.clone()))).collect()
}

impl Server {
    /// Starts what is due at `now`.
    pub(super) fn start_due(&mut self, now: Timestamp) -> Result<(), StoreError> {
        let looked = claim_due(
            &self.office,
            &self.options.name,
            &self.incarnation,
            now,
            self.reached,
            !self.workers.is_empty(),
        )?;
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
            let (job_id, claim) = (job.job_id, job.claim.clone());
            match Worker::start(&self.options, *job, self.wake.clone(), &self.tell) {
                Ok(worker) => drop(self.workers.insert(job_id, worker)),
                Err(error) => {
                    let fault = format!("a thread could not be started: {error}");
                    if let Some(claim) = claim {
                        self.office.return_claim(job_id, &claim, &fault)?;
                    }
                    (self.tell)(ServerEvent::Unreachable { fault });
                }
            }
        }
        looked.fault.map_or(Ok(()), Err)
    }
}
