//! One run of Process status messages: the lease, then transfer, then purge, then the run's end whatever came before.

use crate::batch::Claim;
use crate::cancel::Cancel;
use crate::clock::Clock;
use crate::domain::{Counts, Notice, Outcome, Purged, Run, Timestamp, Trigger};
use crate::engine::event::{EventSink, Progress, RunEvent};
use crate::engine::{agent_parameters, purge, retry, transfer};
use crate::store::head_office::{Begun, Held, RunClaim, RunStart};
use crate::store::{Access, HeadOffice, Location, MessageDatabase, Opening, RunnerLock, StoreError};
use std::cell::{Cell, RefCell};
use std::path::Path;
use std::time::{Duration, Instant};

/// The two databases of an exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Databases {
    /// Where agents post.
    pub message_database: Location,
    /// Where operators read.
    pub head_office: Location,
    /// Whether network file systems are accepted.
    pub allow_network_file_system: bool,
}

/// What a run is to do, and for whom.
#[derive(Debug, Clone)]
pub struct ProcessOptions {
    /// Whether messages are transferred.
    pub transfer: bool,
    /// Whether what has expired is purged.
    pub purge: bool,
    /// The most rows that a braked purge may take.
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

/// Why there is no run at all.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    /// Another runner lives.
    #[error("{}", refusal(.0))]
    Held(Held),
    /// The batch job was taken from this claim, or canceled, before the run began.
    #[error("another has taken this batch job up meanwhile, or somebody has canceled it; nothing was run")]
    NotTheirs,
    /// A database could not be opened, or the run's row could not be written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn refusal(held: &Held) -> String {
    match held.since {
        Some(since) => format!(
            "another runner holds the lease: {}, run {}, since {}",
            held.holder,
            held.run_id.unwrap_or_default(),
            since.to_rfc3339()
        ),
        None => "another runner is just starting or ending; try again".to_owned(),
    }
}

impl Databases {
    /// Two files in a folder, under their usual names.
    pub fn in_folder(folder: &Path) -> Self {
        Self {
            message_database: Location::Sqlite(folder.join("message.db")),
            head_office: Location::Sqlite(folder.join("head-office.db")),
            allow_network_file_system: false,
        }
    }

    pub(super) fn opening(&self, access: Access) -> Opening {
        Opening { access, allow_network_file_system: self.allow_network_file_system }
    }

    /// Opens head office to write, creating it where it is missing.
    pub(super) fn open_head_office(&self) -> Result<HeadOffice, StoreError> {
        HeadOffice::open(&self.head_office, self.opening(Access::Create))
    }

    /// Opens the message database to write. It is created only where none was known before: where one was, its absence
    /// is a fault that a new empty one would hide.
    pub(super) fn open_message_database(&self, office: &HeadOffice) -> Result<MessageDatabase, StoreError> {
        let known = office.last_cursor()?.is_some();
        let access = if known { Access::Existing } else { Access::Create };
        MessageDatabase::open_to_purge(&self.message_database, self.opening(access))
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
    noted: Cell<Option<Instant>>,
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
}

/// Runs once, now. A run that fails or is canceled on the way is still a run, with its outcome; an error means there was none.
///
/// Whatever is killed when: what a chunk has committed stays, and the next run goes on from there.
pub fn process(
    databases: &Databases,
    options: &ProcessOptions,
    clock: &dyn Clock,
    cancel: &Cancel,
    events: &dyn EventSink,
) -> Result<Run, ProcessError> {
    let office = databases.open_head_office()?;
    let message_database = databases.open_message_database(&office)?;
    let start = RunStart {
        trigger: options.trigger,
        requested_by: options.requested_by.clone(),
        host: options.host.clone(),
        lock: office.try_runner_lock()?,
        for_job: options.for_job.clone(),
    };
    let (claim, interrupted) = match office.begin_run(&start)? {
        Begun::Granted(claim, interrupted) => (claim, interrupted),
        Begun::Refused(held) => return Err(ProcessError::Held(held)),
        Begun::NotTheirs => return Err(ProcessError::NotTheirs),
    };
    events.send(RunEvent::Begun { run_id: claim.run_id, interrupted });
    let context = Context {
        databases,
        options,
        office: &office,
        message_database: &message_database,
        claim,
        clock,
        cancel,
        events,
        noted: Cell::new(Some(Instant::now())),
        lock: RefCell::new(start.lock),
    };
    let mut tally = Tally::default();
    let result = steps(&context, &mut tally);
    let (outcome, error) = match result {
        Ok(Outcome::Canceled) if cancel.is_hand_over() => (Outcome::Interrupted, None),
        Ok(outcome) => (outcome, None),
        Err(taken @ (StoreError::Fenced { .. } | StoreError::JobTaken)) => {
            (Outcome::Interrupted, Some(taken.to_string()))
        }
        Err(error) => (Outcome::Error, Some(error.to_string())),
    };
    Ok(end(&context, outcome, error, tally))
}

/// What agents follow, transfer, then purge; not the purge when the transfer failed or was canceled.
fn steps(context: &Context, tally: &mut Tally) -> Result<Outcome, StoreError> {
    agent_parameters::refresh(context, tally);
    let mut may_purge = true;
    if context.options.transfer {
        let transferred = transfer::transfer(context, tally)?;
        may_purge = !transferred.head_office_was_restored;
        if transferred.canceled {
            return Ok(Outcome::Canceled);
        }
    }
    if context.options.purge && may_purge {
        return purge::purge(context, tally);
    }
    Ok(Outcome::Ended)
}

/// Writes the end of the run. If even that fails, the caller still gets the account, and the next run marks the row Interrupted.
fn end(context: &Context, outcome: Outcome, error: Option<String>, mut tally: Tally) -> Run {
    let purge_finished = tally.purge_finished;
    let claim = &context.claim;
    let run = account(context, outcome, error, std::mem::take(&mut tally));
    match retry::with_reconnect(context, &mut tally, |_| context.office.end_run(claim, outcome, &run, purge_finished)) {
        Ok(ended) if outcome != Outcome::Interrupted => ended,
        Ok(ended) => Run { started_at: ended.started_at, ended_at: ended.ended_at, ..run },
        Err(failed) => {
            let text = format!("the end of run {} could not be written: {failed}", run.run_id);
            let error = Some(run.error.clone().map_or(text.clone(), |first| format!("{first}; {text}")));
            Run { error, outcome: Some(Outcome::Error), started_at: context.clock.now(), ..run }
        }
    }
}

fn account(context: &Context, outcome: Outcome, error: Option<String>, tally: Tally) -> Run {
    Run {
        run_id: context.claim.run_id,
        trigger: context.options.trigger,
        outcome: Some(outcome),
        counts: tally.counts,
        purged: tally.purged,
        kept_unresolved: tally.kept_unresolved,
        started_at: Timestamp::default(),
        ended_at: None,
        notices: tally.notices,
        error,
        purge_held: tally.purge_held,
    }
}
