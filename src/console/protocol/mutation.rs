//! Changes an operator makes, and their results.

use crate::batch::{AlertSettings, BatchServer, BatchStatus, JobSettings, PurgeConsent};
use crate::console::protocol::route::Route;
use crate::console::protocol::saved_view::SavedView;
use crate::domain::{Parameter, SessionAction, Timestamp};
use crate::engine::SelectedSession;
use crate::guard::{Consent, Refusal};
use crate::recurrence::Rule;
use crate::store::StoreError;
use crate::store::head_office::{TrashExtent, TrashedSession};
use std::path::PathBuf;

/// The version that a change is based on; `None` if the screen did not show the value.
pub type Version = Option<i64>;

/// A change.
#[derive(Debug, Clone, PartialEq)]
pub enum Mutation {
    /// Try these rejected messages again.
    RetryRejected(Vec<i64>),
    /// Dismiss these rejected messages, so that the purge may delete them.
    DismissRejected(Vec<i64>),
    /// A change of the trash.
    Trash(TrashMutation),
    /// Request this action for these sessions in the state seen, for this reason.
    Sessions(SessionAction, Vec<SelectedSession>, String),
    /// Set a retail scheduler parameter.
    SetParameter(Parameter, i64, Version),
    /// Set the note on a cause.
    Note(i64, String, Version),
    /// Set the note on a channel database.
    DatabaseNote(String, String, Version),
    /// Set the IANA zone of a channel database's store; `None` is unknown.
    DatabaseZone(String, Option<String>, Version),
    /// Mute a cause until an instant; `None` unmutes it.
    Mute(i64, Option<Timestamp>, Version),
    /// Work on a cause until an instant, with a remark; `None` gives it back.
    Take(i64, Option<(Timestamp, String)>, Version),
    /// Hold back alerts that this filter matches, until an instant, for this reason.
    Silence(String, Timestamp, String),
    /// End a silence before its time.
    EndSilence(i64),
    /// Approve a change that another operator requested.
    Approve(i64),
    /// Withdraw a request for approval, or refuse that of another operator.
    CloseApproval(i64),
    /// Watch a job in the channel databases that this filter matches, by this recurrence.
    AddDeadline(String, String, Box<Rule>),
    /// Remove a deadline.
    RemoveDeadline(i64),
    /// Undo this row of the journal.
    Undo(i64),
    /// A change to batch jobs, groups, servers or alerts.
    Batch(BatchMutation),
    /// A change of the operator's saved views.
    View(ViewMutation),
    /// A change with what a guardrail asked of the operator.
    Consenting(Consent, Box<Mutation>),
}

/// A change of the trash.
#[derive(Debug, Clone, PartialEq)]
pub enum TrashMutation {
    /// Restore these sessions.
    Restore(Vec<TrashedSession>),
    /// Restore all sessions that this run purged.
    RestoreRun(i64),
    /// Delete what the screen counted for good.
    Empty(TrashExtent),
}

/// A change of saved views. The file is that of the state folder; `None` keeps nothing there.
#[derive(Debug, Clone, PartialEq)]
pub enum ViewMutation {
    /// Save it where it belongs, based on its version.
    Save(Box<SavedView>, Option<PathBuf>),
    /// Delete it.
    Delete(Box<SavedView>, Option<PathBuf>),
}

/// The result of a change.
#[derive(Debug, Clone, PartialEq)]
pub struct MutationResult {
    /// What was done, for the notice row.
    pub said: String,
    /// The screen to open then.
    pub leads: AfterMutation,
}

/// Why a change was not made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MutationError {
    /// What failed, and what to do.
    pub said: String,
    /// Whether it was based on values that another operator has changed since.
    pub is_stale: bool,
    /// What a guardrail asks before the change can be made.
    pub lacks: Option<Box<Refusal>>,
}

/// What a guardrail asks of the operator before the change can be made.
pub fn lacking(error: &StoreError) -> Option<Box<Refusal>> {
    match error {
        StoreError::Refused(refusal) if refusal.is_question() => Some(refusal.clone()),
        _ => None,
    }
}

impl From<String> for MutationError {
    fn from(said: String) -> Self {
        Self { said, is_stale: false, lacks: None }
    }
}

/// The screen to open after a change.
#[derive(Debug, Clone, PartialEq)]
pub enum AfterMutation {
    /// Stay on this screen.
    Stay,
    /// Return to the previous screen.
    Back,
    /// Open this screen in place of the one that made the change.
    To(Route),
}

impl Mutation {
    /// The change with a reason or a confirmed count, besides what was stated before.
    #[must_use]
    pub fn with_consent(self, given: Consent) -> Self {
        match self {
            Self::Consenting(consent, change) => Self::Consenting(consent.with(given), change),
            change => Self::Consenting(given, Box::new(change)),
        }
    }
}

impl MutationResult {
    /// A sentence, staying on this screen.
    pub fn said(said: String) -> Self {
        Self { said, leads: AfterMutation::Stay }
    }
}

/// A change.
#[derive(Debug, Clone, PartialEq)]
pub enum BatchMutation {
    /// Submit a job with the operator's alerts; the text describes its first start.
    Submit(Box<JobSettings>, Option<AlertSettings>, String),
    /// Request one run now, on this server while it is running; a purge over the limit may delete
    /// up to the number confirmed.
    AskForRun(Box<JobSettings>, Option<String>, PurgeConsent),
    /// Request one run of a job, as a batch job with these settings.
    RunOnce(i64, Box<JobSettings>),
    /// Change the status, with a reason.
    ChangeStatus(i64, BatchStatus, String, Version),
    /// Make a waiting job due at once.
    StartNow(i64, Version),
    /// Change the settings.
    Change(i64, Box<JobSettings>, Version),
    /// Delete these jobs, each in the version seen.
    Delete(Vec<(i64, Version)>),
    /// Set the operator's alerts of a job.
    SetAlerts(i64, AlertSettings),
    /// Send a test through the channels of these settings.
    TestAlerts(Option<i64>, AlertSettings),
    /// Mark the operator's notifications up to this one as read.
    NoteRead(i64),
    /// Change the settings of a server, based on the version in them.
    ChangeServer(Box<BatchServer>),
    /// Create a batch group or change its description.
    SaveGroup(String, String, Version),
    /// Delete a batch group.
    DeleteGroup(String, Version),
}
