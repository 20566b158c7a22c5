//! The batch server: runs due batch jobs with nobody logged in.
//!
//! ```text
//!  signals, workers ── Wake ──►  the loop (life.rs): one connection, one wake-up a second at the most when idle
//!                                 │ heartbeat        every 5 s, so that others know that it lives
//!                                 │ looks            at what is due, when the hour or a change says so (due.rs)
//!                                 │ follows          what became of servers and of jobs that were canceled (watch.rs)
//!                                 ├─► a worker a job (worker.rs): claims → engine's run → end, history, alerts
//!                                 └─► the messenger (messenger.rs): e-mails and commands, tried again for some hours
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
mod main_loop;
mod messenger;
mod reaper;
#[cfg(test)]
mod simulation;
mod worker;

pub use events::ServerEvent;

use crate::batch::Ways;
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

/// However quiet it is: between two full looks, the safety net.
pub const SWEEP: Duration = Duration::from_mins(1);
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

/// Takes the server's events.
pub type EventListener = Arc<dyn Fn(ServerEvent) + Send + Sync>;

/// Runs until it is told to stop, or with `once` until nothing is due.
pub fn serve(
    options: &Options,
    wakes: (Sender<Wake>, Receiver<Wake>),
    tell: &EventListener,
) -> Result<Ended, ServerError> {
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
        told_alive: Instant::now(),
        others_execute: false,
        next_due: None,
        reached: None,
        judges_from: Timestamp::default(),
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
fn reach(options: &Options, woken: &Receiver<Wake>, tell: &EventListener) -> Result<Option<HeadOffice>, ServerError> {
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

#[allow(clippy::struct_excessive_bools)] // each says of one thing that it is so, independent of the others
struct Server {
    options: Options,
    office: HeadOffice,
    incarnation: String,
    wake: Sender<Wake>,
    tell: EventListener,
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
    told_alive: Instant,
    /// Another server executes a job: should it die, that is to be seen soon.
    others_execute: bool,
    /// When the next job is due, by the database's clock.
    next_due: Option<Timestamp>,
    /// When it last had an answer of head office, by the database's clock.
    reached: Option<Timestamp>,
    /// Before this instant the silence of others proves nothing: head office was out of reach for all, or all stood still.
    judges_from: Timestamp,
    /// Something is due that could not be started.
    blocked: bool,
    /// What was last told to be wrong.
    fault: Option<String>,
    superseded: bool,
    ended: Ended,
}
