//! The batch server: runs due batch jobs without a user logged in.
//!
//! ```text
//!  signals, workers ── Wake ──► the loop (main_loop.rs): one connection, polls once a second
//!                                │ heartbeat   every 5 s
//!                                │ starts      what is due (due.rs)
//!                                │ follows     crashed servers and canceled jobs (reaper.rs)
//!                                ├─► one worker for each job (worker.rs): run, history, alerts
//!                                ├─► the messenger (messenger.rs): a worker for each alert channel
//!                                └─► the checker of alert rules (alert_checker.rs), once a minute
//! ```
//!
//! A claim carries a fencing token that grows with each claim of the job, and its run takes head
//! office's lease with a fencing token of its own, so a process that was suspended and resumes too
//! late changes nothing. A server proves that it is running by its heartbeat (by the database's
//! clock) and, on one machine, by an OS lock that a crash releases at once. A database server
//! notifies of changes (listener.rs); then the loop sleeps until the next due start, change or
//! heartbeat.

mod alert_checker;
mod certificate_fault;
mod command_alerts;
mod delivery_error;
mod due;
mod events;
mod http;
mod listener;
mod mail;
mod main_loop;
mod messenger;
mod ping;
#[cfg(test)]
mod protocol_model;
mod reaper;
#[cfg(test)]
mod simulation;
mod syslog;
mod webhook;
mod worker;

pub use delivery_error::DeliveryError;
pub use events::ServerEvent;
pub use ping::ping;

use crate::batch::DeliveryConfig;
use crate::clock::Clock;
use crate::domain::Timestamp;
use crate::engine::Databases;
use crate::store::head_office::ServerStart;
use crate::store::{Access, HeadOffice, StoreError};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};
use worker::Worker;

/// The interval of full checks, however quiet it is: the safety net.
pub const SWEEP: Duration = Duration::from_mins(1);
/// The pause between two attempts to reach head office, from the first up to the second.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// What wakes the server besides a due start.
#[derive(Debug)]
pub enum Wake {
    /// Stop: finish the chunk and leave the rest to other servers.
    Stop,
    /// The configuration was reloaded.
    Reload(Box<DeliveryConfig>),
    /// The worker of this job has finished.
    Finished(i64),
    /// Head office's database notified of a change.
    Changed,
}

/// The options of a server.
#[derive(Clone)]
pub struct Options {
    /// Its name.
    pub name: String,
    /// The two databases.
    pub databases: Databases,
    /// The clock that cutoffs go by.
    pub clock: Arc<dyn Clock>,
    /// The name of this machine, for the tables.
    pub host: String,
    /// The zone of this machine, the initial zone of the server's windows.
    pub zone: String,
    /// Run only what is due now, then exit.
    pub once: bool,
    /// How alerts are delivered.
    pub delivery: DeliveryConfig,
    /// The interval of full checks; usually [`SWEEP`].
    pub sweep: Duration,
}

/// Why the server did not start, or stopped.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// Another process of this server is running.
    #[error("a batch server {0:?} is running already; give this one another --name")]
    Runs(String),
    /// Head office could not be opened for a permanent reason.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Head office's file was replaced while the server was running.
    #[error("{0}")]
    Replaced(String),
    /// A thread could not be started.
    #[error("a thread of the batch server could not be started: {0}")]
    Thread(#[from] std::io::Error),
}

/// What the server did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerEnd {
    /// Batch jobs that it ran.
    pub jobs: u64,
    /// Batch jobs that failed.
    pub failed: u64,
}

/// Takes the server's events.
pub type EventListener = Arc<dyn Fn(ServerEvent) + Send + Sync>;

/// Runs until it is stopped, or with `once` until nothing is due.
pub fn serve(
    options: &Options,
    wakes: (Sender<Wake>, Receiver<Wake>),
    emit: &EventListener,
) -> Result<ServerEnd, ServerError> {
    let (wake, woken) = wakes;
    let Some(office) = reach(options, &woken, emit)? else { return Ok(ServerEnd { jobs: 0, failed: 0 }) };
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
    let messenger = messenger::Messenger::start(options, emit)?;
    emit(ServerEvent::Started { name: options.name.clone(), incarnation: incarnation.clone() });
    let mut server = Server {
        options: options.clone(),
        office,
        incarnation,
        wake,
        emit: Arc::clone(emit),
        messenger,
        checker: alert_checker::AlertChecker::start(options, emit)?,
        listener: listener::Listener::start(options, wake_of_changes)?,
        changed: false,
        workers: HashMap::new(),
        seen: None,
        checked_at: None,
        beaten: Instant::now(),
        checkpoint_at: Instant::now(),
        alive_reported_at: Instant::now(),
        others_execute: false,
        next_due: None,
        reached: None,
        judges_from: Timestamp::default(),
        blocked: false,
        refused_at: None,
        fault: None,
        superseded: false,
        replaced: None,
        ended: ServerEnd { jobs: 0, failed: 0 },
    };
    server.run(&woken);
    server.stop(&woken);
    drop(lock);
    match server.replaced {
        Some(fault) => Err(ServerError::Replaced(fault)),
        None if server.superseded => Err(ServerError::Runs(options.name.clone())),
        None => Ok(server.ended),
    }
}

/// Opens head office, creating or migrating it; retries while it is locked or out of reach. `None`
/// if stopped meanwhile.
fn reach(options: &Options, woken: &Receiver<Wake>, emit: &EventListener) -> Result<Option<HeadOffice>, ServerError> {
    let mut pause = FIRST_PAUSE;
    loop {
        let error = match HeadOffice::open(&options.databases.head_office, options.databases.opening(Access::Create)) {
            Ok(office) => return Ok(Some(office)),
            Err(error) if options.once || !error.is_transient() => return Err(error.into()),
            Err(error) => error,
        };
        if pause == FIRST_PAUSE {
            emit(ServerEvent::Unreachable { fault: error.to_string() });
        }
        match woken.recv_timeout(pause) {
            Ok(Wake::Stop) | Err(RecvTimeoutError::Disconnected) => return Ok(None),
            Ok(_) | Err(RecvTimeoutError::Timeout) => pause = (pause * 2).min(LONGEST_PAUSE),
        }
    }
}

#[allow(clippy::struct_excessive_bools)] // independent flags
struct Server {
    options: Options,
    office: HeadOffice,
    incarnation: String,
    wake: Sender<Wake>,
    emit: EventListener,
    messenger: messenger::Messenger,
    checker: alert_checker::AlertChecker,
    listener: listener::Listener,
    /// The database has notified of a change since the last poll.
    changed: bool,
    workers: HashMap<i64, Worker>,
    /// The database's version at the last poll.
    seen: Option<i64>,
    /// When everything was last checked.
    checked_at: Option<Instant>,
    beaten: Instant,
    /// When the write-ahead log was last written back.
    checkpoint_at: Instant,
    alive_reported_at: Instant,
    /// Another server is executing a job, so its heartbeat is checked often.
    others_execute: bool,
    /// When the next job is due, by the database's clock.
    next_due: Option<Timestamp>,
    /// When head office answered last, by the database's clock.
    reached: Option<Timestamp>,
    /// Until this instant the silence of other servers proves nothing: head office was out of reach
    /// for all, or all were suspended.
    judges_from: Timestamp,
    /// A due job could not be started.
    blocked: bool,
    /// When a claimed job last did not get the lease.
    refused_at: Option<Instant>,
    /// The error that was last reported.
    fault: Option<String>,
    superseded: bool,
    /// Why it cannot go on: another file is at head office's path.
    replaced: Option<String>,
    ended: ServerEnd,
}
