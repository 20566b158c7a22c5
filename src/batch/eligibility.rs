//! Whether a batch job may start: every condition in the order in which the batch server tests it.

use crate::batch::{BatchJob, BatchServer, BatchStatus, Claim, SILENT_AFTER_MS};
use crate::domain::{LeaseHolder, Timestamp, clean_line};

/// What decides about batch jobs besides the jobs themselves, at one instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchedulingState {
    /// The present instant by head office's clock.
    pub now: Timestamp,
    /// Every batch server.
    pub servers: Vec<BatchServer>,
    /// The holder of head office's lease; `None` if it is free.
    pub lease: Option<LeaseHolder>,
}

impl SchedulingState {
    /// Whether the process that made a claim is still running: its run holds the lease, or its
    /// batch server sends heartbeats. A claim without a run yet is given [`SILENT_AFTER_MS`].
    pub fn is_active(&self, claim: &Claim) -> bool {
        let of_claim = |server: &BatchServer| claim.holder.is_process(&server.name, &server.incarnation);
        let begins = claim.run_id.is_none() && self.now.since(claim.since).abs() < SILENT_AFTER_MS;
        begins
            || claim.run_id.is_some_and(|run_id| self.is_running(run_id))
            || self.servers.iter().any(|server| of_claim(server) && server.is_alive())
    }

    /// Whether a run holds the lease.
    pub fn is_running(&self, run_id: i64) -> bool {
        self.lease.as_ref().is_some_and(|lease| lease.run_id == Some(run_id))
    }
}

/// One condition and its state.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)] // fields named after what they hold
pub enum Reason {
    /// Its status lets it start, or does not.
    Status { status: BatchStatus, since: Timestamp, by: String, why: Option<String> },
    /// It is due; `passed` further starts were due since.
    Due { since: Timestamp, passed: u64 },
    /// It is due later.
    NotDue { at: Timestamp, is_retry: bool },
    /// It is due later although its recurrence occurs at `next` already: head office's clock was
    /// ahead when it ran last.
    ClockWasAhead { at: Timestamp, next: Timestamp },
    /// It has no further start.
    NoStart(&'static str),
    /// No batch server runs it, only a console of this operator.
    Private(String),
    /// Batch servers run it.
    NotPrivate,
    /// These running servers serve its group.
    Served { group: String, servers: Vec<String> },
    /// No running server serves its group; these would, but are silent or stopped.
    Unserved { group: String, silent: Vec<String> },
    /// This server's window is open.
    Open(String),
    /// Every server that serves it is closed; `server` opens first, at `until`.
    Closed { server: String, until: Option<Timestamp> },
    /// This server has free threads.
    Threads { server: String, free: i64, threads: i64 },
    /// No thread is free.
    NoThread { server: String, threads: i64 },
    /// Head office's lease is free.
    LeaseFree,
    /// Head office's lease is held.
    LeaseHeld(LeaseHolder),
}

/// Where an operator sees the evidence for a reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Evidence {
    /// The job itself.
    Job,
    /// A batch server's form.
    Server(String),
    /// Batch groups.
    Group(String),
    /// A run.
    Run(i64),
}

impl Reason {
    /// Whether it lets the job start.
    pub fn holds(&self) -> bool {
        match self {
            Self::Status { status, .. } => matches!(status, BatchStatus::Waiting | BatchStatus::Ready),
            Self::Due { .. }
            | Self::NotPrivate
            | Self::Served { .. }
            | Self::Open(_)
            | Self::Threads { .. }
            | Self::LeaseFree => true,
            _ => false,
        }
    }

    /// Where its evidence is.
    pub fn evidence(&self) -> Evidence {
        match self {
            Self::Served { group, .. } | Self::Unserved { group, .. } => Evidence::Group(group.clone()),
            Self::Open(server)
            | Self::Closed { server, .. }
            | Self::Threads { server, .. }
            | Self::NoThread { server, .. } => Evidence::Server(server.clone()),
            Self::LeaseHeld(LeaseHolder { run_id: Some(run_id), .. }) => Evidence::Run(*run_id),
            _ => Evidence::Job,
        }
    }

    /// The sentence, without a full stop, cleaned; `time` formats an instant.
    pub fn text(&self, time: &dyn Fn(Timestamp) -> String) -> String {
        let named =
            |group: &str| if group.is_empty() { "the default group".to_owned() } else { format!("group {group}") };
        let text = match self {
            Self::Status { status, since, by, why } => {
                let why = why.as_ref().map_or_else(String::new, |why| format!(": \"{why}\""));
                format!("status is {status} since {}, {by}{why}", time(*since))
            }
            Self::Due { since, passed: 0 } => format!("due since {}", time(*since)),
            Self::Due { since, passed } => {
                format!("due since {}; {passed} further starts have passed", time(*since))
            }
            Self::NotDue { at, is_retry: true } => format!("not due: it is tried again at {}", time(*at)),
            Self::NotDue { at, is_retry: false } => format!("not due before {}", time(*at)),
            Self::ClockWasAhead { at, next } => format!(
                "not due before {}, because the clock was ahead when it ran last; withhold and release it to continue from {}",
                time(*at),
                time(*next)
            ),
            Self::NoStart(why) => format!("no further start: {why}"),
            Self::Private(by) => format!("private: it runs only from My batch jobs in a console of {by}"),
            Self::NotPrivate => "not private: a batch server takes it".to_owned(),
            Self::Served { group, servers } => format!("{} is served by {}", named(group), servers.join(", ")),
            Self::Unserved { group, silent } if silent.is_empty() => {
                format!("no batch server serves {}", named(group))
            }
            Self::Unserved { group, silent } => {
                format!("{} is served by {}, which is not running", named(group), silent.join(", "))
            }
            Self::Open(server) => format!("the window of {server} is open"),
            Self::Closed { server, until: Some(at) } => format!("the window of {server} is closed until {}", time(*at)),
            Self::Closed { server, until: None } => format!("{server} has no open window"),
            Self::Threads { server, free, threads } => format!("{free} of {threads} threads of {server} are free"),
            Self::NoThread { server, threads } => format!("no free thread: all {threads} of {server} are busy"),
            Self::LeaseFree => "head office's lease is free".to_owned(),
            Self::LeaseHeld(LeaseHolder { holder, since, run_id }) => {
                let run = run_id.map_or_else(String::new, |run_id| format!(" for run {run_id}"));
                let since = since.map_or_else(String::new, |since| format!(" since {}", time(since)));
                format!("head office's lease is held by {holder}{run}{since}")
            }
        };
        clean_line(&text).into_owned()
    }
}

/// Every condition of a job, in order; the first that does not hold is why it does not run.
pub fn reasons(job: &BatchJob, scheduling: &SchedulingState) -> Vec<Reason> {
    let changed = &job.changed;
    let mut reasons = vec![Reason::Status {
        status: job.status,
        since: changed.at,
        by: changed.by.clone(),
        why: changed.reason.clone(),
    }];
    reasons.push(match job.due() {
        None => Reason::NoStart(job.no_start()),
        Some(at) if at > scheduling.now => match job.skipped_by_clock(scheduling.now) {
            Some(next) => Reason::ClockWasAhead { at, next },
            None => Reason::NotDue { at, is_retry: job.retry_at.is_some() },
        },
        Some(since) => {
            let rule = job.settings.recurrence.as_ref().filter(|_| job.retry_at.is_none());
            Reason::Due { since, passed: rule.map_or(0, |rule| rule.count_between(since, scheduling.now)) }
        }
    });
    if job.settings.private {
        reasons.push(Reason::Private(job.created_by.clone()));
    } else {
        reasons.push(Reason::NotPrivate);
        reasons.extend(server_reasons(&job.settings.batch_group, job.for_server.as_deref(), scheduling));
    }
    reasons.push(scheduling.lease.clone().map_or(Reason::LeaseFree, Reason::LeaseHeld));
    reasons
}

/// Group, window and threads of the servers that could run a job of this group, or of `for_server`
/// if that one is running.
pub fn server_reasons(group: &str, for_server: Option<&str>, scheduling: &SchedulingState) -> Vec<Reason> {
    let serving: Vec<_> = scheduling.servers.iter().filter(|server| server.serves(group)).collect();
    let mut alive: Vec<_> = serving.iter().copied().filter(|server| server.is_alive()).collect();
    if let Some(meant) = alive.iter().copied().find(|server| Some(server.name.as_str()) == for_server) {
        alive = vec![meant];
    }
    let names = |servers: &[&BatchServer]| servers.iter().map(|server| server.name.clone()).collect::<Vec<_>>();
    let Some(first) = alive.first() else {
        return vec![Reason::Unserved { group: group.to_owned(), silent: names(&serving) }];
    };
    let mut reasons = vec![Reason::Served { group: group.to_owned(), servers: names(&alive) }];
    let open: Vec<_> = alive.iter().copied().filter(|server| server.threads_at(scheduling.now) > 0).collect();
    let Some(first_open) = open.first() else {
        let opening = alive
            .iter()
            .filter_map(|server| Some((server.opens_after(scheduling.now)?, server)))
            .min_by_key(|(at, _)| *at);
        reasons.push(match opening {
            Some((at, server)) => Reason::Closed { server: server.name.clone(), until: Some(at) },
            None => Reason::Closed { server: first.name.clone(), until: None },
        });
        return reasons;
    };
    let free = |server: &BatchServer| server.threads_at(scheduling.now) - server.executing;
    let best = open.iter().copied().max_by_key(|server| free(server)).unwrap_or(first_open);
    reasons.push(Reason::Open(best.name.clone()));
    let (server, threads) = (best.name.clone(), best.threads_at(scheduling.now));
    reasons.push(match free(best) {
        free if free > 0 => Reason::Threads { server, free, threads },
        _ => Reason::NoThread { server, threads },
    });
    reasons
}

/// What a due job waits for, as one server sees it; `None` if that server is to start it now.
pub fn waits_for(job: &BatchJob, scheduling: &SchedulingState, server: &str) -> Option<Reason> {
    let own = scheduling.servers.iter().find(|known| known.name == server);
    let group = &job.settings.batch_group;
    let Some(own) = own.filter(|own| own.serves(group)) else {
        // Outside this server's groups; the server that serves the group reports it.
        return Some(Reason::Unserved { group: group.clone(), silent: Vec::new() });
    };
    let meant = job.for_server.as_ref().and_then(|meant| scheduling.servers.iter().find(|known| known.name == *meant));
    if let Some(meant) = meant.filter(|meant| meant.name != own.name && meant.is_alive() && meant.serves(group)) {
        return Some(Reason::Served { group: group.clone(), servers: vec![meant.name.clone()] });
    }
    let alone = SchedulingState { now: scheduling.now, servers: vec![own.clone()], lease: scheduling.lease.clone() };
    reasons(job, &alone).into_iter().find(|reason| !reason.holds())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::job::tests::job;
    use crate::batch::server::tests::server;
    use crate::batch::{ClaimHolder, Window};

    fn scheduling(servers: Vec<BatchServer>) -> SchedulingState {
        SchedulingState { now: Timestamp(1_000), servers, lease: None }
    }

    fn first_fault(job: &BatchJob, scheduling: &SchedulingState) -> Option<String> {
        let time = |at: Timestamp| at.0.to_string();
        reasons(job, scheduling).into_iter().find(|reason| !reason.holds()).map(|reason| reason.text(&time))
    }

    #[test]
    fn a_claim_is_active_while_its_run_has_the_lease_or_its_server_sends_heartbeats() {
        let held = |holder, run_id| Claim { holder, fencing_token: 1, since: Timestamp(0), history_id: 1, run_id };
        let of = |server: &str, incarnation: &str, run_id| held(ClaimHolder::batch_server(server, incarnation), run_id);
        let mut scheduling = scheduling(vec![server("aos-1")]);
        let incarnation = scheduling.servers[0].incarnation.clone();
        let claim = of("aos-1", &incarnation, Some(7));
        assert!(scheduling.is_active(&claim) && !scheduling.is_active(&of("aos-1", "another life", Some(7))));
        scheduling.servers[0].silent_ms = SILENT_AFTER_MS;
        assert!(!scheduling.is_active(&claim) && !scheduling.is_running(7));
        scheduling.lease = Some(LeaseHolder { holder: "aos-1".to_owned(), since: None, run_id: Some(7) });
        assert!(scheduling.is_active(&claim) && !scheduling.is_active(&of("aos-1", &incarnation, Some(8))));
        // It may be about to begin, but not for ever.
        let begins = held(ClaimHolder::console("r.vermeer", &1), None);
        assert!(scheduling.is_active(&begins));
        scheduling.now = Timestamp(SILENT_AFTER_MS);
        assert!(!scheduling.is_active(&begins));
    }

    #[test]
    fn the_first_condition_that_does_not_hold_is_the_answer() {
        let mut job = job();
        let mut scheduling = scheduling(vec![server("aos-1")]);
        assert_eq!(first_fault(&job, &scheduling), None);
        scheduling.lease =
            Some(LeaseHolder { holder: "x on hq".to_owned(), since: Some(Timestamp(5)), run_id: Some(7) });
        assert_eq!(
            first_fault(&job, &scheduling).as_deref(),
            Some("head office's lease is held by x on hq for run 7 since 5")
        );
        scheduling.servers[0].executing = 8;
        assert_eq!(first_fault(&job, &scheduling).as_deref(), Some("no free thread: all 8 of aos-1 are busy"));
        scheduling.servers[0].windows = vec![Window { from: 120, to: 180, max_threads: 1 }];
        assert_eq!(first_fault(&job, &scheduling).as_deref(), Some("the window of aos-1 is closed until 3600000"));
        scheduling.servers[0].silent_ms = 15_000;
        assert_eq!(
            first_fault(&job, &scheduling).as_deref(),
            Some("the default group is served by aos-1, which is not running")
        );
        job.settings.batch_group = "NIGHT".to_owned();
        assert_eq!(first_fault(&job, &scheduling).as_deref(), Some("no batch server serves group NIGHT"));
        job.settings.private = true;
        assert!(first_fault(&job, &scheduling).is_some_and(|text| text.contains("a console of r.vermeer")));
        job.next_start = Some(Timestamp(2_000));
        assert_eq!(first_fault(&job, &scheduling).as_deref(), Some("not due before 2000"));
        job.status = BatchStatus::Withhold;
        job.changed.reason = Some("AOS \u{1b}patch".to_owned());
        assert_eq!(
            first_fault(&job, &scheduling).as_deref(),
            Some("status is Withhold since 0, m.jansen: \"AOS <1B>patch\"")
        );
    }

    #[test]
    fn a_server_starts_what_it_serves_and_leaves_to_another_what_is_meant_for_that_one() {
        let mut job = job();
        let mut night = server("aos-2");
        night.groups = vec!["NIGHT".to_owned()];
        let mut scheduling = scheduling(vec![server("aos-1"), night, server("aos-3")]);
        assert_eq!(waits_for(&job, &scheduling, "aos-1"), None);
        assert!(waits_for(&job, &scheduling, "aos-2").is_some());
        assert!(waits_for(&job, &scheduling, "unknown").is_some());
        job.for_server = Some("aos-3".to_owned());
        assert!(waits_for(&job, &scheduling, "aos-1").is_some());
        assert_eq!(waits_for(&job, &scheduling, "aos-3"), None);
        scheduling.servers[2].silent_ms = 20_000;
        assert_eq!(waits_for(&job, &scheduling, "aos-1"), None, "the one it was meant for is silent");
    }

    #[test]
    fn a_job_is_due_from_its_start_on_and_meant_for_a_server_only_while_that_runs() {
        let mut job = job();
        let mut scheduling = scheduling(vec![server("aos-1"), server("aos-2")]);
        job.next_start = Some(scheduling.now);
        assert_eq!(first_fault(&job, &scheduling), None);
        assert!(matches!(reasons(&job, &scheduling)[1], Reason::Due { passed: 0, .. }));
        let servers = |scheduling: &SchedulingState| {
            let served = server_reasons("", Some("aos-2"), scheduling).swap_remove(0);
            if let Reason::Served { servers, .. } = served { servers } else { panic!("{served:?}") }
        };
        assert_eq!(servers(&scheduling), ["aos-2"]);
        scheduling.servers[1].silent_ms = 20_000;
        assert_eq!(servers(&scheduling), ["aos-1"]);
    }

    #[test]
    fn each_reason_names_where_its_evidence_is() {
        let (group, server) = ("EU".to_owned(), "aos-1".to_owned());
        let of_server = || Evidence::Server("aos-1".to_owned());
        let held = |run_id| Reason::LeaseHeld(LeaseHolder { holder: "x".to_owned(), since: None, run_id });
        for (reason, evidence) in [
            (Reason::Served { group: group.clone(), servers: Vec::new() }, Evidence::Group(group.clone())),
            (Reason::Unserved { group: group.clone(), silent: Vec::new() }, Evidence::Group(group.clone())),
            (Reason::Open(server.clone()), of_server()),
            (Reason::Closed { server: server.clone(), until: None }, of_server()),
            (Reason::Threads { server: server.clone(), free: 1, threads: 8 }, of_server()),
            (Reason::NoThread { server, threads: 8 }, of_server()),
            (held(Some(7)), Evidence::Run(7)),
            (held(None), Evidence::Job),
            (Reason::NotPrivate, Evidence::Job),
        ] {
            assert_eq!(reason.evidence(), evidence, "{reason:?}");
        }
    }
}
