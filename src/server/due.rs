//! Due jobs: starts them, or notes what they wait for.

use crate::batch::{
    BatchJob, BatchServer, ClaimHolder, Reason, SchedulingState, SkipReason, WhyLate, reasons, waits_for,
};
use crate::domain::{LeaseHolder, Timestamp};
use crate::server::worker::Worker;
use crate::server::{Server, ServerEvent};
use crate::store::head_office::Claimed;
use crate::store::{HeadOffice, StoreError};
use std::time::Instant;

/// Due jobs checked in one step.
const MAX_DUE_JOBS: i64 = 500;

/// A longer gap between polls, in milliseconds, means that the process was suspended or could not
/// reach head office; its longest sleep is a fifth of this.
const SUSPENDED_MS: i64 = 30_000;

/// A claimed job, and how late it was.
#[derive(Debug)]
pub(super) struct Started {
    pub(super) job: Box<BatchJob>,
    pub(super) late_ms: i64,
}

/// The result of checking the due jobs.
#[derive(Debug, Default)]
pub(super) struct DueCheck {
    pub(super) started: Vec<Started>,
    pub(super) skipped: Vec<i64>,
    /// Whether a job that this server would start has to wait.
    pub(super) blocked: bool,
    /// The error that stopped the check.
    pub(super) fault: Option<StoreError>,
}

/// Claims the jobs that `server` should start at `now`. `polled_last` is the time of the previous
/// check. While it is `busy` with a job, which may not have the lease yet, it claims no other that
/// needs the lease. What a job waits for is noted at head office, unless it waits for another
/// server.
pub(super) fn claim_due(
    office: &HeadOffice,
    server: &str,
    incarnation: &str,
    now: Timestamp,
    polled_last: Option<Timestamp>,
    busy: bool,
) -> Result<DueCheck, StoreError> {
    let mut check = DueCheck::default();
    let due = office.due_jobs(now, server, MAX_DUE_JOBS)?;
    if due.is_empty() {
        return Ok(check);
    }
    let mut scheduling = office.scheduling_state(now)?;
    if busy {
        scheduling.lease.get_or_insert_with(|| held_by(server));
    }
    for job in due {
        if let Err(fault) = check_job(office, &job, (server, incarnation), polled_last, &mut scheduling, &mut check) {
            // Claimed jobs are started whatever happened to the next one.
            check.blocked = true;
            check.fault = Some(fault);
            break;
        }
    }
    Ok(check)
}

fn check_job(
    office: &HeadOffice,
    job: &BatchJob,
    (server, incarnation): (&str, &str),
    polled_last: Option<Timestamp>,
    scheduling: &mut SchedulingState,
    check: &mut DueCheck,
) -> Result<(), StoreError> {
    let now = scheduling.now;
    if let Some(own) = waits_for(job, scheduling, server) {
        check.blocked |= !matches!(own, Reason::Served { .. } | Reason::Private(_) | Reason::Unserved { .. });
        if let Some(reason) = noted_reason(job, &own, scheduling) {
            office.note_waits_for(job.job_id, &reason.text(&Timestamp::in_utc), now)?;
        }
        return Ok(());
    }
    let why = why_late(office, job, scheduling, polled_last)?;
    let late_ms = job.due().map_or(0, |due| now.since(due));
    match office.claim_job(job, &ClaimHolder::batch_server(server, incarnation), why, now)? {
        Claimed::Mine(job) => {
            // One run at a time: other due jobs wait for the lease of this one.
            scheduling.lease = Some(held_by(server));
            check.blocked = true;
            check.started.push(Started { job, late_ms });
        }
        Claimed::Skipped => check.skipped.push(job.job_id),
        Claimed::Gone => {}
    }
    Ok(())
}

/// The reason to note for a job that this server cannot start because of its `own` reason: the same
/// on every server, so that no two of them keep replacing each other's note. `None` if another
/// server can start the job or reports its reason.
fn noted_reason(job: &BatchJob, own: &Reason, scheduling: &SchedulingState) -> Option<Reason> {
    let reason = reasons(job, scheduling).into_iter().find(|reason| !reason.holds())?;
    match own {
        Reason::Served { .. } | Reason::Private(_) => None,
        Reason::Unserved { .. } => Some(reason).filter(|reason| matches!(reason, Reason::Unserved { .. })),
        _ => Some(reason),
    }
}

/// The lease as held by a job of this server whose run may not have begun yet.
fn held_by(server: &str) -> LeaseHolder {
    LeaseHolder { holder: format!("batch server {server}"), since: None, run_id: None }
}

/// Why a late start was not made in time, as far as head office knows.
fn why_late(
    office: &HeadOffice,
    job: &BatchJob,
    scheduling: &SchedulingState,
    polled_last: Option<Timestamp>,
) -> Result<WhyLate, StoreError> {
    let Some(due) = job.due() else { return Ok(SkipReason::Blocked.into()) };
    let now = scheduling.now;
    let mut held = Vec::new();
    if let Some(since) = office.withheld_since(job.job_id)? {
        held.push((since, job.changed.at, SkipReason::Withheld(since, job.changed.at)));
    }
    let serves = |server: &&BatchServer| server.is_alive() && server.serves(&job.settings.batch_group);
    let serving: Vec<_> = scheduling.servers.iter().filter(serves).collect();
    // A server was already running when it was noted that the job waits for something else.
    let first = serving.iter().map(|server| server.started_at).min();
    if let Some(first) = first.filter(|first| job.waits_since.is_none_or(|noted| noted >= *first)) {
        held.push((Timestamp(i64::MIN), first, SkipReason::NoServer(first)));
    }
    if let Some(last) = polled_last.filter(|last| now.since(*last) > SUSPENDED_MS) {
        held.push((last, now, SkipReason::ServerSuspended(last, now)));
    }
    held.extend(all_closed(&serving, due, now));
    Ok(WhyLate::of(&held, SkipReason::Blocked))
}

/// The spans in which the windows of all these servers were closed.
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
    closed
        .into_iter()
        .map(|(from, until)| (from, until, SkipReason::OutsideWindow { servers: names.clone() }))
        .collect()
}

impl Server {
    /// Starts the jobs that are due at `now`.
    pub(super) fn start_due(&mut self, now: Timestamp) -> Result<(), StoreError> {
        let check = claim_due(
            &self.office,
            &self.options.name,
            &self.incarnation,
            now,
            self.reached,
            !self.workers.is_empty(),
        )?;
        self.blocked = check.blocked;
        for job_id in check.skipped {
            (self.emit)(ServerEvent::Skipped { job_id });
        }
        for Started { job, late_ms } in check.started {
            (self.emit)(ServerEvent::JobStarted {
                job_id: job.job_id,
                description: job.settings.description.clone(),
                history_id: job.claim.as_ref().map_or(0, |claim| claim.history_id),
                late_ms,
            });
            let (job_id, claim) = (job.job_id, job.claim.clone());
            match Worker::start(&self.options, *job, self.wake.clone(), &self.emit) {
                Ok(worker) => drop(self.workers.insert(job_id, worker)),
                Err(error) => {
                    let fault = format!("a thread could not be started: {error}");
                    if let Some(claim) = claim {
                        self.office.return_claim(job_id, &claim, &fault, now)?;
                    }
                    self.refused_at = Some(Instant::now());
                    (self.emit)(ServerEvent::Unreachable { fault });
                }
            }
        }
        check.fault.map_or(Ok(()), Err)
    }
}
