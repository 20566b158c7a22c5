//! A stream of changes at head office: runs, new causes, sessions that fail or are resolved, batch
//! servers, alerts.
//!
//! The changes of sessions are computed from the messages in the order of their arrival: each
//! message is folded onto those before it. So the stream does not depend on when it is polled, and
//! a failure that was resolved between two polls is in it.

mod change;
mod position;
mod servers;
mod sessions;

pub use change::{Change, DownReason, SessionChange};
pub use position::{NoPosition, WatchPosition};

use crate::domain::{Outcome, Run, Step, Timestamp};
use crate::store::head_office::{ChangeVersion, RunProgress};
use crate::store::{HeadOffice, StoreError};
use position::RunEnd;
use std::collections::HashSet;

/// Messages that one poll examines at most.
const MAX_MESSAGES: i64 = 2_000;
/// Runs that one poll reads at most.
const MAX_RUNS: i64 = 100;
/// Notifications that one poll reads at most.
const MAX_NOTIFICATIONS: i64 = 500;
/// Causes that are remembered as known.
const MAX_REMEMBERED_CAUSES: usize = 10_000;

/// What one poll found.
#[derive(Debug, Default)]
pub struct Polled {
    /// The changes, each with the position after it.
    pub changes: Vec<(Change, WatchPosition)>,
    /// Whether the next poll will find more at once.
    pub more: bool,
}

/// Follows the changes from a position on.
#[derive(Debug, Clone, Default)]
pub struct Watcher {
    position: WatchPosition,
    version: Option<ChangeVersion>,
    /// The newest progress that was reported.
    progress: Option<Figures>,
    /// Causes that are not new.
    known: HashSet<i64>,
}

/// What a progress line shows of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Figures {
    run_id: i64,
    step: Option<Step>,
    progress: Option<RunProgress>,
    read: i64,
}

/// Whether a run is executing.
fn holds_lease(office: &HeadOffice, run_id: i64) -> Result<bool, StoreError> {
    Ok(office.running_lease()?.and_then(|held| held.run_id) == Some(run_id))
}

impl Watcher {
    /// Begins at the present.
    pub fn begin(office: &HeadOffice) -> Result<Self, StoreError> {
        let newest = office.runs(1)?.pop();
        let run_end = match &newest {
            Some(Run { outcome: None, run_id, .. }) if holds_lease(office, *run_id)? => RunEnd::Open,
            Some(Run { outcome: None, .. }) => RunEnd::ProcessGone,
            _ => RunEnd::Reported,
        };
        let position = WatchPosition {
            office: WatchPosition::office(&office.id()?),
            message: office.last_message_key()?,
            run: newest.as_ref().map_or(0, |run| run.run_id),
            run_end,
            notification: office.last_notification_id()?,
            servers: servers::running(office)?,
        };
        Ok(Self { position, ..Self::default() })
    }

    /// Continues at a position; also returns the event of rows that it names and that are missing.
    /// `None` if the position is of another head office.
    pub fn resume(
        office: &HeadOffice,
        mut position: WatchPosition,
    ) -> Result<Option<(Self, Option<Change>)>, StoreError> {
        if position.office != WatchPosition::office(&office.id()?) {
            return Ok(None);
        }
        let (message, run) = (office.last_message_key()?, office.runs(1)?.pop().map_or(0, |run| run.run_id));
        let notification = office.last_notification_id()?;
        let is_ahead = position.message > message || position.run > run || position.notification > notification;
        let restored = if is_ahead { Some(Change::Restored { at: office.now()? }) } else { None };
        position.message = position.message.min(message);
        position.notification = position.notification.min(notification);
        if position.run > run {
            (position.run, position.run_end) = (run, RunEnd::Reported);
        }
        Ok(Some((Self { position, ..Self::default() }, restored)))
    }

    /// Where the stream continues.
    pub fn position(&self) -> &WatchPosition {
        &self.position
    }

    /// Reads a bounded number of changes. After an error the next poll repeats the same piece.
    pub fn poll(&mut self, office: &HeadOffice) -> Result<Polled, StoreError> {
        // Read first: a change during the queries below changes the version of the next poll.
        let version = office.version()?;
        let mut next = self.clone();
        let mut polled = Polled::default();
        if self.version.as_ref() != Some(&version) {
            next.follow(office, &mut polled)?;
        }
        next.follow_run(office, &mut polled)?;
        next.follow_servers(office, &mut polled)?;
        next.version = (!polled.more).then_some(version);
        *self = next;
        Ok(polled)
    }

    /// Runs, messages and notifications.
    fn follow(&mut self, office: &HeadOffice, polled: &mut Polled) -> Result<(), StoreError> {
        let runs = office.runs_from(self.position.run, MAX_RUNS)?;
        polled.more |= i64::try_from(runs.len()).is_ok_and(|runs| runs == MAX_RUNS);
        let mut newest: Option<Run> = None;
        for run in runs {
            if let Some(former) = newest.take() {
                self.end(polled, former);
            }
            if run.run_id != self.position.run {
                (self.position.run, self.position.run_end) = (run.run_id, RunEnd::Open);
                let Run { started_at: at, run_id, trigger, job_id, .. } = run;
                self.add(polled, Change::RunBegan { at, run_id, trigger, job_id });
            }
            newest = Some(run);
        }
        self.follow_messages(office, polled)?;
        // What a run transferred comes before its end, unless the stream lags behind.
        if let Some(run) = newest.filter(|run| run.outcome.is_some() && !polled.more) {
            self.end(polled, run);
        }
        let notifications = office.notifications_after(self.position.notification, MAX_NOTIFICATIONS)?;
        polled.more |= i64::try_from(notifications.len()).is_ok_and(|rows| rows == MAX_NOTIFICATIONS);
        for row in notifications {
            self.position.notification = row.notification_id;
            let change = Change::Alert {
                at: row.at,
                notification_id: row.notification_id,
                about: row.event,
                operator: row.operator,
                job_id: row.job_id,
                history_id: row.history_id,
                rule: row.rule,
                condition_ids: row.about.condition_ids,
                stores: row.about.stores,
                text: row.text,
            };
            self.add(polled, change);
        }
        Ok(())
    }

    /// Reports the end of the newest run, once.
    fn end(&mut self, polled: &mut Polled, run: Run) {
        let is_known = match self.position.run_end {
            RunEnd::Open => false,
            RunEnd::Reported => true,
            RunEnd::ProcessGone => run.outcome == Some(Outcome::Interrupted),
        };
        self.position.run_end = RunEnd::Reported;
        if !is_known {
            let at = run.ended_at.unwrap_or(run.started_at);
            self.add(polled, Change::RunEnded { at, run: Box::new(run) });
        }
    }

    /// The progress of the newest run, or that its process is gone, which changes no row.
    fn follow_run(&mut self, office: &HeadOffice, polled: &mut Polled) -> Result<(), StoreError> {
        if self.position.run == 0 || self.position.run_end == RunEnd::Reported {
            return Ok(());
        }
        let run_id = self.position.run;
        // The lease is read before and after the run, since the run may end in between.
        let before = holds_lease(office, run_id)?;
        let Some(run) = office.run(run_id)?.filter(|run| run.outcome.is_none()) else { return Ok(()) };
        if before || holds_lease(office, run_id)? {
            self.position.run_end = RunEnd::Open;
            return self.progressed(office, polled, &run);
        }
        // It may have ended between the two.
        if self.position.run_end == RunEnd::Open && office.run(run_id)?.is_some_and(|run| run.outcome.is_none()) {
            self.position.run_end = RunEnd::ProcessGone;
            let run = Box::new(Run { outcome: Some(Outcome::Interrupted), ..run });
            self.add(polled, Change::RunEnded { at: office.now()?, run });
        }
        Ok(())
    }

    fn progressed(&mut self, office: &HeadOffice, polled: &mut Polled, run: &Run) -> Result<(), StoreError> {
        let (step, progress) = (office.run_step(run.run_id)?, office.run_progress(run.run_id)?);
        let figures = Figures { run_id: run.run_id, step, progress, read: run.counts.read };
        if self.progress.as_ref() == Some(&figures) {
            return Ok(());
        }
        let change = Change::RunProgressed {
            at: office.now()?,
            run_id: run.run_id,
            step: step.map(Step::word),
            done: progress.map(|progress| progress.done),
            total: progress.map(|progress| progress.total),
            rows_per_second: progress.map(|progress| progress.rate),
            counts: run.counts,
        };
        self.progress = Some(figures);
        self.add(polled, change);
        Ok(())
    }

    fn add(&self, polled: &mut Polled, change: Change) {
        polled.changes.push((change, self.position.clone()));
    }

    /// The line that begins a stream.
    pub fn beginning(&self, at: Timestamp) -> (Change, WatchPosition) {
        (Change::Watching { at }, self.position.clone())
    }
}
