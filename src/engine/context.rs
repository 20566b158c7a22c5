//! What the steps of a run share: its databases, claim and options, and the counts that it ends with.

use crate::batch::Claim;
use crate::cancel::Cancel;
use crate::clock::Clock;
use crate::domain::{Counts, Notice, Purged, Trigger};
use crate::engine::databases::Databases;
use crate::engine::event::{EventSink, Progress, RunEvent};
use crate::store::head_office::RunClaim;
use crate::store::{HeadOffice, Location, MessageDatabase, RunnerLock, StoreError};
use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

/// What a run is to do, and for whom.
#[derive(Debug, Clone)]
pub struct ProcessOptions {
    /// Whether messages are transferred.
    pub transfer: bool,
    /// Whether what has expired is purged.
    pub purge: bool,
    /// The most rows that a held purge may take.
    pub confirm_purge: Option<i64>,
    /// Purge although the clocks cannot be trusted.
    pub force: bool,
    /// Who asked.
    pub trigger: Trigger,
    /// The login that asked.
    pub requested_by: String,
    /// The machine it runs on.
    pub host: String,
    /// The batch job that it is a run of, and the claim on it: without that claim there is no run.
    pub for_job: Option<(i64, Claim)>,
}

impl ProcessOptions {
    /// All that a run can do, for whoever asks.
    pub fn new(trigger: Trigger, requested_by: impl Into<String>, host: impl Into<String>) -> Self {
        Self {
            transfer: true,
            purge: true,
            confirm_purge: None,
            force: false,
            trigger,
            requested_by: requested_by.into(),
            host: host.into(),
            for_job: None,
        }
    }
}

/// Everything a step of the run works with.
pub(super) struct Context<'a> {
    pub(super) databases: &'a Databases,
    pub(super) options: &'a ProcessOptions,
    pub(super) office: &'a HeadOffice,
    pub(super) message_database: &'a MessageDatabase,
    pub(super) claim: RunClaim,
    pub(super) clock: &'a dyn Clock,
    pub(super) cancel: &'a Cancel,
    pub(super) events: &'a dyn EventSink,
    /// When progress was last written down for those who watch from elsewhere.
    pub(super) noted: Cell<Option<Instant>>,
    /// What shows others that this process lives.
    pub(super) lock: RefCell<Option<RunnerLock>>,
}

/// Between two notes of progress at head office: each is a transaction of its own.
const NOTE: Duration = Duration::from_secs(1);

/// What the run has come to so far, for the row that it ends with.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) counts: Counts,
    pub(super) purged: Purged,
    pub(super) kept_unresolved: i64,
    pub(super) purge_finished: bool,
    pub(super) purge_held: bool,
    pub(super) notices: Vec<Notice>,
    /// How often a server was away.
    pub(super) outages: u32,
}

impl Context<'_> {
    /// Tells it at once and keeps it for the run's row.
    pub(super) fn notice(&self, tally: &mut Tally, text: impl Into<String>) {
        let text = text.into();
        self.events.send(RunEvent::Notice(text.clone()));
        tally.notices.push(Notice(text));
    }

    /// Tells how far a step has come, and from time to time those who watch from elsewhere, which renews the lease, too, and the lock.
    pub(super) fn progress(&self, progress: Progress) -> Result<(), StoreError> {
        self.events.send(RunEvent::Progress(progress));
        if self.noted.get().is_some_and(|noted| noted.elapsed() < NOTE) {
            return Ok(());
        }
        self.noted.set(Some(Instant::now()));
        #[allow(clippy::cast_possible_truncation)] // a figure for people
        let rate = progress.rate as i64;
        let note = |()| self.office.note_progress(&self.claim, progress.done, progress.total, rate);
        let noted = self.keep_lock().and_then(note);
        match noted {
            // Nobody need see it now; the next one is a second away.
            Err(StoreError::Locked { .. }) => Ok(()),
            // Whatever is done next finds out, and waits for the server.
            Err(error) if error.is_lost() => Ok(()),
            noted => noted,
        }
    }

    /// Re-acquires the runner lock if its PostgreSQL session has ended. That session is separate from the others, so it can end unnoticed;
    /// the lock on a file is held for as long as the process runs.
    pub(super) fn keep_lock(&self) -> Result<(), StoreError> {
        if matches!(self.databases.head_office, Location::Sqlite(_)) || self.office.runner_lives()? {
            return Ok(());
        }
        let lock = self.office.try_runner_lock()?;
        self.office.note_lock(&self.claim, lock.as_ref())?;
        *self.lock.borrow_mut() = lock;
        Ok(())
    }
}
