//! The handover sheet: what happened in a shift, what is open, and who works on what. Each part
//! reads a bounded number of rows.

mod groups;
mod stuck;
mod words;

pub use groups::ConditionGroup;

use crate::batch::{AlertCondition, BatchStatus};
use crate::domain::{Outcome, Run, Seek, Timestamp};
use crate::store::head_office::{
    CauseLine, HistoryFilter, JobFilter, JournalFilter, JournalRow, ListedApproval, NoteAuthor, OverdueAlert, Silence,
    TakenCause, TrashOfRun,
};
use crate::store::{HeadOffice, StoreError};
use serde::Serialize;

/// Rows that each part reads at most.
const MAX_RUNS: i64 = 2_000;
const MAX_STARTS: usize = 500;
const MAX_CAUSES: i64 = 500;
const MAX_CHANGES: usize = 500;
const MAX_HOLDS: i64 = 100;
const MAX_NOTES: i64 = 100;
const MAX_TAKEN: i64 = 100;
const MAX_SILENCES: i64 = 100;
const MAX_FIRING: i64 = 10_000;
const MAX_APPROVALS: i64 = 100;
const MAX_TRASHED: i64 = 100_000;
const MAX_NOTIFICATIONS: i64 = 5_000;

/// The handover sheet of a shift.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Handover {
    /// The start of the shift.
    pub from: Timestamp,
    /// The end of the shift: when the sheet was made.
    pub to: Timestamp,
    /// The runs of the shift.
    pub runs: Runs,
    /// Starts that made no run, or whose run failed, newest first.
    pub missed_starts: Vec<Start>,
    /// Causes first seen in the shift, the one with the newest error first.
    pub new_causes: Vec<NewCause>,
    /// Changes by operators, newest first.
    pub changes: Vec<JournalRow>,
    /// Whether a list was cut at its limit.
    pub cut: bool,
    /// What is withheld or waits for a confirmation now.
    pub holds: Vec<String>,
    /// Changes that wait for a second login now, newest first.
    pub approvals: Vec<ListedApproval>,
    /// What can be restored from the trash now, by the run that purged it, newest first.
    pub trash: Vec<TrashOfRun>,
    /// Causes that operators work on now.
    pub taken: Vec<TakenCause>,
    /// Causes that are muted now.
    pub mutes: Vec<Mute>,
    /// Starts that did not happen and runs that took long, of which an operator was alerted, newest
    /// first.
    pub overdue: Vec<OverdueAlert>,
    /// Conditions of alert rules that fire now, newest first.
    pub firing: Vec<AlertCondition>,
    /// The conditions, grouped.
    pub firing_groups: Vec<ConditionGroup>,
    /// Conditions that were resolved in the shift, the last first.
    pub resolved: Vec<AlertCondition>,
    /// The conditions, grouped.
    pub resolved_groups: Vec<ConditionGroup>,
    /// Silences of alerts that are open now.
    pub silences: Vec<Silence>,
    /// Notes on causes and channel databases, and who wrote them.
    pub notes: Vec<Remark>,
    /// What is stuck now.
    pub stuck: Vec<String>,
}

/// The runs of a shift.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Runs {
    /// Their number.
    pub count: i64,
    /// Messages read.
    pub read: i64,
    /// Messages that were new.
    pub inserted: i64,
    /// Messages that were rejected.
    pub rejected: i64,
    /// Rows purged.
    pub purged: i64,
    /// Those that failed or were interrupted, newest first.
    pub failed: Vec<FailedRun>,
    /// The run that is active.
    pub active: Option<i64>,
    /// When the last one ended.
    pub last_ended_at: Option<Timestamp>,
}

/// A run that failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FailedRun {
    /// Its number.
    pub run_id: i64,
    /// When it began.
    pub started_at: Timestamp,
    /// Its outcome in one word.
    pub outcome: &'static str,
    /// Why; text from outside.
    pub error: Option<String>,
}

/// A start that went wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Start {
    /// Its batch job.
    pub job_id: i64,
    /// The job's description; text from outside.
    pub description: String,
    /// When it was due.
    pub scheduled_at: Timestamp,
    /// Its outcome in one word.
    pub outcome: &'static str,
    /// The number of starts that the row stands for.
    pub starts: i64,
    /// Why; text from outside.
    pub reason: Option<String>,
}

/// A cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewCause {
    /// Its text, masked.
    pub cause: String,
    /// Errors in the shift.
    pub errors: i64,
    /// Sessions that are open because of it.
    pub open: i64,
    /// Channel databases that reported it.
    pub channel_databases: i64,
    /// When it was first seen.
    pub first_seen_at: Timestamp,
}

/// A muted cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mute {
    /// Its text, masked.
    pub cause: String,
    /// When the mute ends.
    pub until: Timestamp,
    /// The operator who muted it.
    pub by: String,
}

/// A note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Remark {
    /// What it is on; text from outside.
    pub on: String,
    /// The note.
    pub note: String,
    /// Who wrote it, if the journal has that.
    pub by: Option<String>,
    /// When it was written, if the journal has that.
    pub at: Option<Timestamp>,
}

/// Makes the sheet of the time from `from` to `now`.
pub fn handover(office: &HeadOffice, from: Timestamp, now: Timestamp) -> Result<Handover, StoreError> {
    let newest = office.runs(MAX_RUNS)?;
    let mut holds = withheld(office)?;
    holds.extend(office.held_purge()?.map(|held| {
        format!("The purge of run {} is held: cdx process --dry-run says why, and what allows it", held.run_id)
    }));
    let starts =
        office.history_at(&HistoryFilter { since: Some(from), ..HistoryFilter::default() }, Seek::First, MAX_STARTS)?;
    let causes = office.causes_and_open(from, now, MAX_CAUSES)?;
    let changes = JournalFilter { since: Some(from), ..JournalFilter::default() };
    let changes = office.journal_at(&changes, Seek::First, MAX_CHANGES)?;
    let (firing, resolved) = (office.firing_conditions(MAX_FIRING)?, office.resolved_conditions(from, MAX_FIRING)?);
    let is_cut = [
        (newest.len(), MAX_RUNS),
        (causes.len(), MAX_CAUSES),
        (firing.len(), MAX_FIRING),
        (resolved.len(), MAX_FIRING),
    ];
    let is_cut = is_cut.iter().any(|(found, limit)| i64::try_from(*found).is_ok_and(|found| found >= *limit));
    Ok(Handover {
        from,
        to: now,
        cut: is_cut || starts.len() >= MAX_STARTS || changes.len() >= MAX_CHANGES,
        runs: runs(newest.iter().filter(|run| run.ended_at.unwrap_or(now) >= from)),
        missed_starts: starts
            .into_iter()
            .filter(|row| row.outcome.went_wrong())
            .map(|row| Start {
                job_id: row.job_id,
                description: row.description,
                scheduled_at: row.scheduled_at,
                outcome: row.outcome.word(),
                starts: row.starts,
                reason: row.reason,
            })
            .collect(),
        new_causes: causes.iter().filter(|cause| cause.first_seen_at >= from).map(new_cause).collect(),
        taken: office.taken_causes(now, MAX_TAKEN)?,
        mutes: causes.iter().filter_map(mute).collect(),
        overdue: office.overdue_alerts(from, MAX_NOTIFICATIONS)?,
        firing_groups: groups::groups(office, &firing)?,
        firing,
        resolved_groups: groups::groups(office, &resolved)?,
        resolved,
        silences: office.open_silences(now, MAX_SILENCES)?,
        notes: notes(office, &causes)?,
        changes,
        holds,
        approvals: approvals(office)?,
        trash: office.count_trash_by_run(MAX_TRASHED)?,
        stuck: stuck::stuck(office, now)?,
    })
}

/// The changes that wait for a second login; they expire by head office's clock.
fn approvals(office: &HeadOffice) -> Result<Vec<ListedApproval>, StoreError> {
    let now = office.now()?;
    let waiting = office.waiting_approvals(now, MAX_APPROVALS)?;
    Ok(waiting.into_iter().map(|approval| ListedApproval::new(approval, now)).collect())
}

fn runs<'a>(shift: impl Iterator<Item = &'a Run>) -> Runs {
    let mut runs = Runs::default();
    for run in shift {
        runs.count += 1;
        runs.read += run.counts.read;
        runs.inserted += run.counts.inserted;
        runs.rejected += run.counts.rejected;
        runs.purged += run.purged.total();
        runs.last_ended_at = runs.last_ended_at.max(run.ended_at);
        match run.outcome {
            None => runs.active = Some(run.run_id),
            Some(Outcome::Ended | Outcome::Canceled) => {}
            Some(outcome) => runs.failed.push(FailedRun {
                run_id: run.run_id,
                started_at: run.started_at,
                outcome: outcome.word(),
                error: run.error.clone(),
            }),
        }
    }
    runs
}

fn new_cause(cause: &CauseLine) -> NewCause {
    NewCause {
        cause: cause.masked.clone(),
        errors: cause.errors,
        open: cause.open,
        channel_databases: cause.channel_databases,
        first_seen_at: cause.first_seen_at,
    }
}

fn mute(cause: &CauseLine) -> Option<Mute> {
    let (until, by) = cause.muted.clone()?;
    Some(Mute { cause: cause.masked.clone(), until, by })
}

/// The batch jobs that are withheld, with the reason.
fn withheld(office: &HeadOffice) -> Result<Vec<String>, StoreError> {
    let filter = JobFilter { status: Some(BatchStatus::Withhold), ..JobFilter::default() };
    let jobs = office.jobs(&filter, MAX_HOLDS)?.into_iter().map(|job| {
        let reason = job.changed.reason.as_ref().map_or_else(String::new, |reason| format!(": {reason}"));
        format!("Batch {} is withheld by {}{reason}", job.name(), job.changed.by)
    });
    Ok(jobs.collect())
}

fn notes(office: &HeadOffice, causes: &[CauseLine]) -> Result<Vec<Remark>, StoreError> {
    let mut notes = Vec::new();
    let note = |on: String, note: String, author: Option<NoteAuthor>| {
        let (by, at) = author.map_or((None, None), |author| (Some(author.operator), Some(author.at)));
        Remark { on, note, by, at }
    };
    let limit = usize::try_from(MAX_NOTES).unwrap_or(usize::MAX);
    for cause in causes.iter().filter(|cause| cause.note.is_some()).take(limit) {
        let author = office.note_author("note on cause", &cause.masked)?;
        notes.push(note(cause.masked.clone(), cause.note.clone().unwrap_or_default(), author));
    }
    for (name, text) in office.noted_databases(MAX_NOTES)? {
        let author = office.note_author("note on channel database", &name)?;
        notes.push(note(name, text, author));
    }
    Ok(notes)
}
