//! Why a batch job runs, or does not: every condition in the order in which the batch server tests it.

use crate::batch::{BatchJob, BatchServer, BatchStatus, Claim, SILENT_AFTER_MS};
use crate::domain::{Timestamp, clean_line};

/// What a verdict looks at besides the job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct World {
    /// The present instant by head office's clock.
    pub now: Timestamp,
    /// Every batch server.
    pub servers: Vec<BatchServer>,
    /// Who holds head office's lease, since when, for which run; `None` if it is free.
    pub lease: Option<(String, Option<Timestamp>, Option<i64>)>,
}

impl World {
    /// Whether anybody still works under a claim: its run holds the lease, or the batch server that made it gives signs of life. A claim
    /// whose run has not begun yet is given [`SILENT_AFTER_MS`].
    pub fn lives(&self, claim: &Claim) -> bool {
        let of_claim = |server: &BatchServer| server.name == claim.server && server.incarnation == claim.incarnation;
        let begins = claim.run_id.is_none() && self.now.since(claim.since).abs() < SILENT_AFTER_MS;
        begins
            || claim.run_id.is_some_and(|run_id| self.runs(run_id))
            || self.servers.iter().any(|server| of_claim(server) && server.is_alive())
    }

    /// Whether a run holds the lease.
    pub fn runs(&self, run_id: i64) -> bool {
        self.lease.as_ref().is_some_and(|(_, _, held)| *held == Some(run_id))
    }
}

/// One condition, and how it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// Its status lets it start, or does not: who set it so, when, why.
    Status(BatchStatus, Timestamp, String, Option<String>),
    /// It is due since then; so many further starts have passed.
    Due(Timestamp, u64),
    /// It is due only then; the second says that this is a retry.
    NotDue(Timestamp, bool),
    /// It is due only then although its recurrence occurs at the second instant already, for head office's clock was ahead when it ran last.
    ClockWasAhead(Timestamp, Timestamp),
    /// No start comes any more.
    NoStart(&'static str),
    /// No batch server takes it, only a console of this operator.
    Private(String),
    /// Servers take it.
    NotPrivate,
    /// These living servers serve its group.
    Served(String, Vec<String>),
    /// No living server does; these would, but are silent or stopped.
    Unserved(String, Vec<String>),
    /// This server's window is open.
    Open(String),
    /// Every server that serves it is closed; the first opens then.
    Closed(String, Option<Timestamp>),
    /// This server has so many of so many threads free.
    Threads(String, i64, i64),
    /// No thread is free.
    NoThread(String, i64),
    /// Nobody holds head office's lease.
    LeaseFree,
    /// Somebody does.
    LeaseHeld(String, Option<Timestamp>, Option<i64>),
}

/// Where the evidence for a reason is to be seen.
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
            Self::Status(status, ..) => matches!(status, BatchStatus::Waiting | BatchStatus::Ready),
            Self::Due(..)
            | Self::NotPrivate
            | Self::Served(..)
            | Self::Open(_)
            | Self::Threads(..)
            | Self::LeaseFree => true,
            _ => false,
        }
    }

    /// Where its evidence is.
    pub fn evidence(&self) -> Evidence {
        match self {
            Self::Served(group, _) | Self::Unserved(group, _) => Evidence::Group(group.clone()),
            Self::Open(name) | Self::Closed(name, _) | Self::Threads(name, ..) | Self::NoThread(name, _) => {
                Evidence::Server(name.clone())
            }
            Self::LeaseHeld(_, _, Some(run_id)) => Evidence::Run(*run_id),
            _ => Evidence::Job,
        }
    }

    /// The sentence, without a full stop, cleaned; `time` writes an instant.
    pub fn text(&self, time: &dyn Fn(Timestamp) -> String) -> String {
        let group =
            |group: &str| if group.is_empty() { "the default group".to_owned() } else { format!("group {group}") };
        let text = match self {
            Self::Status(status, at, by, why) => {
                let why = why.as_ref().map_or_else(String::new, |why| format!(": \"{why}\""));
                format!("status is {status} since {}, {by}{why}", time(*at))
            }
            Self::Due(at, 0) => format!("due since {}", time(*at)),
            Self::Due(at, passed) => format!("due since {}; {passed} further starts have passed", time(*at)),
            Self::NotDue(at, true) => format!("not due: it is tried again at {}", time(*at)),
            Self::NotDue(at, false) => format!("not due before {}", time(*at)),
            Self::ClockWasAhead(at, next) => format!(
                "not due before {}, for the clock was ahead when it ran last; withheld and released, it goes on from {}",
                time(*at),
                time(*next)
            ),
            Self::NoStart(why) => format!("no start comes any more: {why}"),
            Self::Private(by) => format!("private: it runs only from My batch jobs in a console of {by}"),
            Self::NotPrivate => "not private: a batch server takes it".to_owned(),
            Self::Served(name, servers) => format!("{} is served by {}", group(name), servers.join(", ")),
            Self::Unserved(name, silent) if silent.is_empty() => format!("no batch server serves {}", group(name)),
            Self::Unserved(name, silent) => {
                format!("{} is served by {}, which does not run", group(name), silent.join(", "))
            }
            Self::Open(name) => format!("the window of {name} is open"),
            Self::Closed(name, Some(at)) => format!("the window of {name} is closed until {}", time(*at)),
            Self::Closed(name, None) => format!("{name} has no window in which it is open"),
            Self::Threads(name, free, of) => format!("{free} of {of} threads of {name} are free"),
            Self::NoThread(name, of) => format!("no free thread: all {of} of {name} are busy"),
            Self::LeaseFree => "nobody holds head office's lease".to_owned(),
            Self::LeaseHeld(holder, since, run_id) => {
                let run = run_id.map_or_else(String::new, |run_id| format!(" for run {run_id}"));
                let since = since.map_or_else(String::new, |since| format!(" since {}", time(since)));
                format!("head office's lease is held by {holder}{run}{since}")
            }
        };
        clean_line(&text).into_owned()
    }
}

/// Every condition of a job, in order; the first that does not hold is why it does not run.
pub fn reasons(job: &BatchJob, world: &World) -> Vec<Reason> {
    let changed = &job.changed;
    let mut reasons = vec![Reason::Status(job.status, changed.at, changed.by.clone(), changed.reason.clone())];
    reasons.push(match job.due() {
        None => Reason::NoStart(job.no_start()),
        Some(at) if at > world.now => match job.skipped_by_clock(world.now) {
            Some(next) => Reason::ClockWasAhead(at, next),
            None => Reason::NotDue(at, job.retry_at.is_some()),
        },
        Some(at) => {
            let rule = job.settings.recurrence.as_ref().filter(|_| job.retry_at.is_none());
            Reason::Due(at, rule.map_or(0, |rule| rule.count_between(at, world.now)))
        }
    });
    if job.settings.private {
        reasons.push(Reason::Private(job.created_by.clone()));
    } else {
        reasons.push(Reason::NotPrivate);
        reasons.extend(of_servers(job, world));
    }
    reasons.push(match &world.lease {
        None => Reason::LeaseFree,
        Some((holder, since, run_id)) => Reason::LeaseHeld(holder.clone(), *since, *run_id),
    });
    reasons
}

/// Group, window and threads of the servers that come into question.
fn of_servers(job: &BatchJob, world: &World) -> Vec<Reason> {
    let group = &job.settings.batch_group;
    let serving: Vec<_> = world.servers.iter().filter(|server| server.serves(group)).collect();
    let mut alive: Vec<_> = serving.iter().copied().filter(|server| server.is_alive()).collect();
    if let Some(meant) = alive.iter().copied().find(|server| Some(&server.name) == job.for_server.as_ref()) {
        alive = vec![meant];
    }
    let names = |servers: &[&BatchServer]| servers.iter().map(|server| server.name.clone()).collect::<Vec<_>>();
    let Some(first) = alive.first() else { return vec![Reason::Unserved(group.clone(), names(&serving))] };
    let mut reasons = vec![Reason::Served(group.clone(), names(&alive))];
    let open: Vec<_> = alive.iter().copied().filter(|server| server.threads_at(world.now) > 0).collect();
    let Some(first_open) = open.first() else {
        let opening =
            alive.iter().filter_map(|server| Some((server.opens_after(world.now)?, server))).min_by_key(|(at, _)| *at);
        reasons.push(match opening {
            Some((at, server)) => Reason::Closed(server.name.clone(), Some(at)),
            None => Reason::Closed(first.name.clone(), None),
        });
        return reasons;
    };
    let free = |server: &BatchServer| server.threads_at(world.now) - server.executing;
    let best = open.iter().copied().max_by_key(|server| free(server)).unwrap_or(first_open);
    reasons.push(Reason::Open(best.name.clone()));
    let threads = best.threads_at(world.now);
    reasons.push(match free(best) {
        free if free > 0 => Reason::Threads(best.name.clone(), free, threads),
        _ => Reason::NoThread(best.name.clone(), threads),
    });
    reasons
}

/// What a due job waits for, as one server sees it; `None` if that server is to start it now.
pub fn waits_for(job: &BatchJob, world: &World, server: &str) -> Option<Reason> {
    let own = world.servers.iter().find(|known| known.name == server);
    let group = &job.settings.batch_group;
    let Some(own) = own.filter(|own| own.serves(group)) else {
        // Another one's to say.
        return Some(Reason::Unserved(group.clone(), Vec::new()));
    };
    let meant = job.for_server.as_ref().and_then(|meant| world.servers.iter().find(|known| known.name == *meant));
    if let Some(meant) = meant.filter(|meant| meant.name != own.name && meant.is_alive() && meant.serves(group)) {
        return Some(Reason::Served(group.clone(), vec![meant.name.clone()]));
    }
    let alone = World { now: world.now, servers: vec![own.clone()], lease: world.lease.clone() };
    reasons(job, &alone).into_iter().find(|reason| !reason.holds())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::server::tests::server;
    use crate::batch::{JobSettings, StatusChange, Window};

    fn job() -> BatchJob {
        BatchJob {
            job_id: 1,
            settings: JobSettings::new(Timestamp(0)),
            created_by: "r.vermeer".to_owned(),
            created_at: Timestamp(0),
            status: BatchStatus::Waiting,
            changed: StatusChange { at: Timestamp(0), by: "m.jansen".to_owned(), reason: None },
            next_start: Some(Timestamp(0)),
            retry_at: None,
            tries: 0,
            claim: None,
            waits_for: None,
            waits_since: None,
            last: None,
            interactive: false,
            for_server: None,
            confirm_purge: None,
            version: 0,
        }
    }

    fn world(servers: Vec<BatchServer>) -> World {
        World { now: Timestamp(1_000), servers, lease: None }
    }

    fn first_fault(job: &BatchJob, world: &World) -> Option<String> {
        let time = |at: Timestamp| at.0.to_string();
        reasons(job, world).into_iter().find(|reason| !reason.holds()).map(|reason| reason.text(&time))
    }

    #[test]
    fn a_claim_lives_as_long_as_its_run_has_the_lease_or_its_server_gives_signs_of_life() {
        let of = |server: &str, incarnation: &str, run_id| Claim {
            server: server.to_owned(),
            incarnation: incarnation.to_owned(),
            fencing: 1,
            since: Timestamp(0),
            history_id: 1,
            run_id,
        };
        let mut world = world(vec![server("aos-1")]);
        let incarnation = world.servers[0].incarnation.clone();
        let claim = of("aos-1", &incarnation, Some(7));
        assert!(world.lives(&claim) && !world.lives(&of("aos-1", "another life", Some(7))));
        world.servers[0].silent_ms = SILENT_AFTER_MS;
        assert!(!world.lives(&claim) && !world.runs(7));
        world.lease = Some(("aos-1".to_owned(), None, Some(7)));
        assert!(world.lives(&claim) && !world.lives(&of("aos-1", &incarnation, Some(8))));
        // It may be about to begin, but not for ever.
        let begins = of("console of r.vermeer", "console 1", None);
        assert!(world.lives(&begins));
        world.now = Timestamp(SILENT_AFTER_MS);
        assert!(!world.lives(&begins));
    }

    #[test]
    fn the_first_condition_that_does_not_hold_is_the_answer() {
        let mut job = job();
        let mut world = world(vec![server("aos-1")]);
        assert_eq!(first_fault(&job, &world), None);
        world.lease = Some(("x on hq".to_owned(), Some(Timestamp(5)), Some(7)));
        assert_eq!(
            first_fault(&job, &world).as_deref(),
            Some("head office's lease is held by x on hq for run 7 since 5")
        );
        world.servers[0].executing = 8;
        assert_eq!(first_fault(&job, &world).as_deref(), Some("no free thread: all 8 of aos-1 are busy"));
        world.servers[0].windows = vec![Window { from: 120, to: 180, max_threads: 1 }];
        assert_eq!(first_fault(&job, &world).as_deref(), Some("the window of aos-1 is closed until 3600000"));
        world.servers[0].silent_ms = 15_000;
        assert_eq!(
            first_fault(&job, &world).as_deref(),
            Some("the default group is served by aos-1, which does not run")
        );
        job.settings.batch_group = "NIGHT".to_owned();
        assert_eq!(first_fault(&job, &world).as_deref(), Some("no batch server serves group NIGHT"));
        job.settings.private = true;
        assert!(first_fault(&job, &world).is_some_and(|text| text.contains("a console of r.vermeer")));
        job.next_start = Some(Timestamp(2_000));
        assert_eq!(first_fault(&job, &world).as_deref(), Some("not due before 2000"));
        job.status = BatchStatus::Withhold;
        job.changed.reason = Some("AOS \u{1b}patch".to_owned());
        assert_eq!(
            first_fault(&job, &world).as_deref(),
            Some("status is Withhold since 0, m.jansen: \"AOS <1B>patch\"")
        );
    }

    #[test]
    fn a_server_starts_what_it_serves_and_leaves_to_another_what_is_meant_for_that_one() {
        let mut job = job();
        let mut night = server("aos-2");
        night.groups = vec!["NIGHT".to_owned()];
        let mut world = world(vec![server("aos-1"), night, server("aos-3")]);
        assert_eq!(waits_for(&job, &world, "aos-1"), None);
        assert!(waits_for(&job, &world, "aos-2").is_some());
        assert!(waits_for(&job, &world, "nobody").is_some());
        job.for_server = Some("aos-3".to_owned());
        assert!(waits_for(&job, &world, "aos-1").is_some());
        assert_eq!(waits_for(&job, &world, "aos-3"), None);
        world.servers[2].silent_ms = 20_000;
        assert_eq!(waits_for(&job, &world, "aos-1"), None, "the one it was meant for is silent");
    }
}
