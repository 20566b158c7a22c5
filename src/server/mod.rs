//! The batch server: runs due batch jobs with nobody logged in.
//!
//! ```text
//!  signals, workers ── Wake ──►  the loop (this file): one connection, one wake-up a second at the most when idle
//!                                 │ heartbeat        every 5 s, so that others know that it lives
//!                                 │ looks            at what is due, when the hour or a change says so (due.rs)
//!                                 │ follows          what became of servers and of jobs that were canceled (watch.rs)
//!                                 ├─► a worker a job (worker.rs): claims → engine's run → end, history, alerts
//!                                 └─► the messenger (messenger.rs): e-mails and commands, tried again until they arrive
//! ```
//!
//! A claim carries a fencing number that grows with each claim of the job, and the run under it takes head office's lease with a
//! fencing number of its own, so a process that stood still and wakes up too late changes nothing. A server shows that it lives
//! by its heartbeat (by the database's clock) and, on one machine, by an OS lock that its death frees at once. A database server tells
//! of changes itself (listener.rs); then the loop sleeps until the next hour, change or sign of life.

mod command;
mod due;
mod events;
mod listener;
mod mail;
mod messenger;
#[cfg(test)]
mod simulation;
mod watch;
mod worker;

pub use events::ServerEvent;
pub use mail::{Smtp, SmtpSecurity};
pub use messenger::Ways;

use crate::cancel::Cancel;
use crate::clock::Clock;
use crate::domain::Timestamp;
use crate::engine::Databases;
use crate::store::head_office::ServerStart;
use crate::store::{Access, HeadOffice, Opening, StoreError};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};
use worker::Worker;

/// Between two looks whether anything has changed.
const LOOK: Duration = Duration::from_secs(1);
/// Between two signs of life.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// However quiet it is: between two full looks, the safety net.
pub const SWEEP: Duration = Duration::from_mins(1);
/// How long workers may take to reach the end of their chunk when the server is stopped.
const LAST_CHUNK: Duration = Duration::from_millis(4_500);
/// The same for what leaves the house, when it is all that is left to do.
const LAST_MAIL: Duration = Duration::from_secs(30);
/// Between two tries to reach head office, growing up to the second.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// What wakes the server besides the hour.
#[derive(Debug)]
pub enum Wake {
    /// Stop: finish the chunk at hand and leave the rest to others.
    Stop,
    /// The configuration was read again.
    Reload(Ways),
    /// A worker has ended its job.
    Finished(i64),
    /// Head office's database tells that something changed there.
    Changed,
}

/// What a server works with.
#[derive(Clone)]
pub struct Options {
    /// Its name.
    pub name: String,
    /// The two databases.
    pub databases: Databases,
    /// The clock that cutoffs go by.
    pub clock: Arc<dyn Clock>,
    /// The machine's name, for the books.
    pub host: String,
    /// The machine's zone, for windows that nobody has set yet.
    pub zone: String,
    /// Only what is due now, then end.
    pub once: bool,
    /// How alerts leave the house.
    pub ways: Ways,
    /// However quiet it is: between two full looks; [`SWEEP`] unless somebody knows better.
    pub sweep: Duration,
}

/// Why there is no server, or no longer.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// Another life of it runs.
    #[error("a batch server {0:?} runs already; give this one another --name")]
    Runs(String),
    /// Head office could not be opened for a reason that waiting does not mend.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A thread could not be started.
    #[error("a thread of the batch server could not be started: {0}")]
    Thread(#[from] std::io::Error),
}

/// How the server as a whole ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// Batch jobs that it ran.
    pub jobs: u64,
    /// Of these, those that failed.
    pub failed: u64,
}

/// Takes what the server tells.
pub type Teller = Arc<dyn Fn(ServerEvent) + Send + Sync>;

/// Runs until it is told to stop, or with `once` until nothing is due.
pub fn serve(options: &Options, wakes: (Sender<Wake>, Receiver<Wake>), tell: &Teller) -> Result<Ended, ServerError> {
    let (wake, woken) = wakes;
    let Some(office) = reach(options, &woken, tell)? else { return Ok(Ended { jobs: 0, failed: 0 }) };
    let Some(lock) = office.try_server_lock(&options.name)? else {
        return Err(ServerError::Runs(options.name.clone()));
    };
    let incarnation = uuid::Uuid::new_v4().to_string();
    office.register_server(&ServerStart {
        name: options.name.clone(),
        incarnation: incarnation.clone(),
        host: options.host.clone(),
        zone: options.zone.clone(),
    })?;
    let wake_of_changes = wake.clone();
    let messenger = messenger::Messenger::start(options, tell)?;
    tell(ServerEvent::Started { name: options.name.clone(), incarnation: incarnation.clone() });
    let mut server = Server {
        options: options.clone(),
        office,
        incarnation,
        wake,
        tell: Arc::clone(tell),
        messenger,
        listener: listener::Listener::start(options, wake_of_changes)?,
        told: false,
        workers: HashMap::new(),
        seen: None,
        looked: None,
        beaten: Instant::now(),
        next_due: None,
        reached: None,
        blocked: false,
        fault: None,
        superseded: false,
        ended: Ended { jobs: 0, failed: 0 },
    };
    server.live(&woken);
    server.leave(&woken);
    drop(lock);
    if server.superseded { Err(ServerError::Runs(options.name.clone())) } else { Ok(server.ended) }
}

/// Opens head office, creating or migrating it; while it is locked or out of reach it is tried again. `None` if stopped meanwhile.
fn reach(options: &Options, woken: &Receiver<Wake>, tell: &Teller) -> Result<Option<HeadOffice>, ServerError> {
    let allow = options.databases.allow_network_file_system;
    let opening = Opening { access: Access::Create, allow_network_file_system: allow };
    let mut pause = FIRST_PAUSE;
    loop {
        let error = match HeadOffice::open(&options.databases.head_office, opening) {
            Ok(office) => return Ok(Some(office)),
            Err(error) if options.once || !error.may_pass() => return Err(error.into()),
            Err(error) => error,
        };
        if pause == FIRST_PAUSE {
            tell(ServerEvent::Unreachable { fault: error.to_string() });
        }
        match woken.recv_timeout(pause) {
            Ok(Wake::Stop) | Err(RecvTimeoutError::Disconnected) => return Ok(None),
            Ok(_) | Err(RecvTimeoutError::Timeout) => pause = (pause * 2).min(LONGEST_PAUSE),
        }
    }
}

struct Server {
    options: Options,
    office: HeadOffice,
    incarnation: String,
    wake: Sender<Wake>,
    tell: Teller,
    messenger: messenger::Messenger,
    listener: listener::Listener,
    /// Head office's database has told of a change since the last look.
    told: bool,
    workers: HashMap<i64, Worker>,
    /// The database's version when it was last looked at.
    seen: Option<i64>,
    /// When it was last looked at whole.
    looked: Option<Instant>,
    beaten: Instant,
    /// When the next job is due, by the database's clock.
    next_due: Option<Timestamp>,
    /// When it last had an answer of head office, by the database's clock.
    reached: Option<Timestamp>,
    /// Something is due that could not be started.
    blocked: bool,
    /// What was last told to be wrong.
    fault: Option<String>,
    superseded: bool,
    ended: Ended,
}

impl Server {
    fn live(&mut self, woken: &Receiver<Wake>) {
        loop {
            let result = self.step();
            self.note_fault(result);
            if self.superseded || (self.options.once && self.workers.is_empty()) {
                return;
            }
            match woken.recv_timeout(self.pause()) {
                Ok(Wake::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                Ok(wake) => self.take(wake),
                Err(RecvTimeoutError::Timeout) => {}
            }
            while let Ok(wake) = woken.try_recv() {
                if matches!(wake, Wake::Stop) {
                    return;
                }
                self.take(wake);
            }
        }
    }

    fn take(&mut self, wake: Wake) {
        match wake {
            Wake::Reload(ways) => {
                self.options.ways = ways.clone();
                self.messenger.reload(ways);
                (self.tell)(ServerEvent::Reloaded);
            }
            Wake::Finished(job_id) => {
                if let Some(worker) = self.workers.remove(&job_id) {
                    let failed = worker.join();
                    self.ended.jobs += 1;
                    self.ended.failed += u64::from(failed);
                }
                // Its end may have freed a thread and the lease.
                self.looked = None;
            }
            Wake::Changed => self.told = true,
            Wake::Stop => {}
        }
    }

    /// How long it may sleep: to the next due start, but not longer than to its next look, or sign of life where changes are told.
    fn pause(&self) -> Duration {
        let heartbeat = HEARTBEAT.saturating_sub(self.beaten.elapsed());
        let longest = if self.listener.listens() && !self.blocked { heartbeat } else { LOOK };
        let now = self.office.now().unwrap_or_default();
        let due = self.next_due.map(|due| u64::try_from(due.since(now)).unwrap_or(0));
        due.map_or(longest, |ms| Duration::from_millis(ms).min(longest)).max(Duration::from_millis(1))
    }

    /// One look at the world.
    fn step(&mut self) -> Result<(), StoreError> {
        if self.beaten.elapsed() >= HEARTBEAT {
            self.superseded = !self.office.heartbeat(&self.options.name, &self.incarnation)?;
            self.beaten = Instant::now();
            (self.tell)(ServerEvent::Alive);
            if self.superseded {
                return Ok(());
            }
            self.follow_servers()?;
            if self.office.has_deliveries()? {
                self.messenger.ring();
            }
        }
        let told = std::mem::take(&mut self.told);
        let changed = if self.listener.listens() { told } else { told || self.differs()? };
        let now = self.office.now()?;
        let swept = self.looked.is_some_and(|looked| looked.elapsed() < self.options.sweep);
        let due = self.next_due.is_some_and(|due| due <= now);
        if !changed && swept && !due && !self.blocked {
            self.reached = Some(now);
            return Ok(());
        }
        if changed && self.office.has_deliveries()? {
            self.messenger.ring();
        }
        if !swept {
            self.follow_servers()?;
        }
        self.follow_jobs()?;
        self.start_due(now)?;
        self.looked = Some(Instant::now());
        self.reached = Some(now);
        self.next_due = self.office.next_due(now)?;
        Ok(())
    }

    /// Whether anybody has committed at head office since this was asked last.
    fn differs(&mut self) -> Result<bool, StoreError> {
        let version = self.office.data_version()?;
        Ok(self.seen.replace(version) != Some(version))
    }

    /// Tells a fault once, and its end.
    fn note_fault(&mut self, result: Result<(), StoreError>) {
        let fault = result.err().map(|error| error.to_string());
        match (&self.fault, &fault) {
            (before, Some(fault)) if before.as_ref() != Some(fault) => {
                (self.tell)(ServerEvent::Unreachable { fault: fault.clone() });
            }
            (Some(_), None) => (self.tell)(ServerEvent::Reached),
            _ => {}
        }
        self.fault = fault;
    }

    /// Stops in order: workers end at their chunk, their jobs wait to be continued, the server's row says that it stopped.
    fn leave(&mut self, woken: &Receiver<Wake>) {
        for worker in self.workers.values() {
            worker.cancel.hand_over();
        }
        let until = Instant::now() + LAST_CHUNK;
        while !self.workers.is_empty() {
            match woken.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(Wake::Finished(job_id)) => self.take(Wake::Finished(job_id)),
                Ok(_) => {}
                // What is not at its end now is taken up by another when the heartbeat is old.
                Err(_) => break,
            }
        }
        if self.workers.is_empty() && !self.superseded {
            let result = self.office.note_server_stopped(&self.options.name, &self.incarnation);
            self.note_fault(result);
        }
        // Who ran only for this waits for a slow mail server, for nobody else may come.
        let patience = if self.options.once { LAST_MAIL } else { Duration::ZERO };
        self.messenger.stop(until + patience);
        (self.tell)(ServerEvent::Stopped { running: self.workers.len() });
    }

    fn cancel_of(&self, job_id: i64) -> Option<&Cancel> {
        self.workers.get(&job_id).map(|worker| &worker.cancel)
    }
}
