//! What the steps of a run share: databases, claim, options, and the counts so far.

use crate::batch::JobClaim;
use crate::cancel::Cancel;
use crate::clock::Clock;
use crate::domain::{Counts, Notice, Purged, QuotedPreview, Trigger, counted};
use crate::engine::databases::Databases;
use crate::engine::event::{EventSink, Progress, RunEvent};
use crate::store::head_office::RunClaim;
use crate::store::{HeadOffice, Location, MessageDatabase, RunnerLock, StoreError};
use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

/// The options of a run.
#[derive(Debug, Clone)]
pub struct ProcessOptions {
    /// Whether to transfer messages.
    pub transfer: bool,
    /// Whether to purge what has expired.
    pub purge: bool,
    /// Largest purge, in rows, that the operator confirmed.
    pub confirm_purge: Option<i64>,
    /// The number of the preview with which the purge is compared.
    pub preview: Option<i64>,
    /// Whether to purge although the clocks cannot be trusted.
    pub force: bool,
    /// What started it.
    pub trigger: Trigger,
    /// The login that requested it.
    pub requested_by: String,
    /// The machine it runs on.
    pub host: String,
    /// The batch job of the run and the claim on it; the run is refused if the claim is lost.
    pub for_job: Option<JobClaim>,
}

impl ProcessOptions {
    /// A run of both steps.
    pub fn new(trigger: Trigger, requested_by: impl Into<String>, host: impl Into<String>) -> Self {
        Self {
            transfer: true,
            purge: true,
            confirm_purge: None,
            preview: None,
            force: false,
            trigger,
            requested_by: requested_by.into(),
            host: host.into(),
            for_job: None,
        }
    }

    /// The steps and options that the operator asked for, in words.
    pub(super) fn stated(&self) -> String {
        let steps = match (self.transfer, self.purge) {
            (true, true) => "transfer and purge",
            (true, false) => "transfer",
            (false, true) => "purge",
            (false, false) => "nothing",
        };
        let mut stated = steps.to_owned();
        if self.force {
            stated += ", although the clocks cannot be trusted";
        }
        if let Some(rows) = self.confirm_purge {
            stated = format!("{stated}, a purge of up to {} confirmed", counted(rows, "row"));
        }
        stated
    }

    /// Whether the run is a row of the journal even without a reason: an operator started it in a
    /// console, or stated more than a schedule does.
    pub(super) fn is_journaled(&self) -> bool {
        self.trigger == Trigger::Console || self.force || self.confirm_purge.is_some()
    }
}

pub(super) struct Context<'a> {
    pub(super) databases: &'a Databases,
    pub(super) options: &'a ProcessOptions,
    pub(super) office: &'a HeadOffice,
    pub(super) message_database: &'a MessageDatabase,
    pub(super) claim: RunClaim,
    pub(super) clock: &'a dyn Clock,
    pub(super) cancel: &'a Cancel,
    pub(super) events: &'a dyn EventSink,
    /// When progress was last written to head office.
    pub(super) noted: Cell<Option<Instant>>,
    /// The lock that proves that this process is running.
    pub(super) lock: RefCell<Option<RunnerLock>>,
}

/// The longest that a transaction holds the write lock while no other program writes: far below the
/// 250 ms that a writer may have to wait, because disks vary from commit to commit and a writer may
/// miss the first gap.
pub(super) const LONGEST_HOLD: Duration = Duration::from_millis(80);
/// The pause between two transactions in which another writer gets the lock; waiting writers retry
/// every few milliseconds.
pub(super) const WRITER_GAP: Duration = Duration::from_millis(6);
/// The interval of progress notes at head office: each is a transaction.
const NOTE_INTERVAL: Duration = Duration::from_secs(1);

/// The counts of a run so far, for its row.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) counts: Counts,
    pub(super) purged: Purged,
    pub(super) kept_unresolved: i64,
    pub(super) purge_finished: bool,
    pub(super) purge_held: bool,
    pub(super) preview: Option<QuotedPreview>,
    pub(super) notices: Vec<Notice>,
    /// How often a connection was lost.
    pub(super) outages: u32,
}

impl Context<'_> {
    /// Reports a notice and keeps it for the run's row.
    pub(super) fn notice(&self, tally: &mut Tally, text: impl Into<String>) {
        let text = text.into();
        self.events.send(RunEvent::Notice(text.clone()));
        tally.notices.push(Notice(text));
    }

    /// Reports progress, and once a second writes it to head office, which also renews the lease
    /// and the lock.
    pub(super) fn progress(&self, progress: Progress) -> Result<(), StoreError> {
        self.events.send(RunEvent::Progress(progress));
        if self.noted.get().is_some_and(|noted| noted.elapsed() < NOTE_INTERVAL) {
            return Ok(());
        }
        self.noted.set(Some(Instant::now()));
        self.note_progress(progress)
    }

    fn note_progress(&self, progress: Progress) -> Result<(), StoreError> {
        // Store the rate only once it has settled.
        #[allow(clippy::cast_possible_truncation)] // a figure for display
        let rate = progress.seconds_left.map_or(0, |_| progress.rate as i64);
        let note = |()| self.office.note_progress(&self.claim, progress.done, progress.total, rate);
        let noted = self.keep_lock().and_then(note);
        match noted {
            // The next note is a second away.
            Err(StoreError::Locked { .. }) => Ok(()),
            // The next statement fails too, and then waits for the server.
            Err(error) if error.is_lost() => Ok(()),
            noted => noted,
        }
    }

    /// Re-acquires the runner lock if its PostgreSQL session has ended. That session is separate
    /// from the others, so it can end unnoticed; the lock on a file is held for as long as the
    /// process runs.
    pub(super) fn keep_lock(&self) -> Result<(), StoreError> {
        if matches!(self.databases.head_office, Location::Sqlite(_)) || self.office.is_runner_running()? {
            return Ok(());
        }
        let lock = self.office.try_runner_lock()?;
        self.office.note_lock(&self.claim, lock.as_ref())?;
        *self.lock.borrow_mut() = lock;
        Ok(())
    }
}
