//! Changes an operator makes, and their results.

use crate::batch::{AlertSettings, BatchServer, BatchStatus, JobSettings};
use crate::console::protocol::route::Route;
use crate::domain::{Parameter, SessionAction, Timestamp};
use crate::engine::Chosen;

/// The version that a change is based on; `None` where the screen did not show what is changed.
pub type Version = Option<i64>;

/// A change.
#[derive(Debug, Clone, PartialEq)]
pub enum Mutation {
    /// Try these rejected messages again.
    RetryRejected(Vec<i64>),
    /// Let the purge take these rejected messages.
    DismissRejected(Vec<i64>),
    /// Ask this of these sessions as they were seen, for this reason.
    Sessions(SessionAction, Vec<Chosen>, String),
    /// A retail scheduler parameter.
    SetParameter(Parameter, i64, Version),
    /// What an operator has to say about a cause.
    Note(i64, String, Version),
    /// What an operator has to say about a channel database.
    DatabaseNote(String, String, Version),
    /// The IANA zone of a channel database's store, or that it is not known.
    DatabaseZone(String, Option<String>, Version),
    /// Mute a cause until an instant, or no longer.
    Mute(i64, Option<Timestamp>, Version),
    /// Undo this row of the journal.
    Undo(i64),
    /// A change to batch jobs, groups, servers or alerts.
    Batch(BatchMutation),
}

/// What a change came to.
#[derive(Debug, Clone, PartialEq)]
pub struct MutationResult {
    /// The sentence.
    pub said: String,
    /// Where the console goes then.
    pub leads: AfterMutation,
}

/// Where the console goes after a change.
#[derive(Debug, Clone, PartialEq)]
pub enum AfterMutation {
    /// Nowhere.
    Stay,
    /// To the screen before.
    Back,
    /// To this place, instead of the screen that asked for the change.
    To(Route),
}

impl MutationResult {
    /// The sentence, and nothing else happens.
    pub fn said(said: String) -> Self {
        Self { said, leads: AfterMutation::Stay }
    }
}

/// A change.
#[derive(Debug, Clone, PartialEq)]
pub enum BatchMutation {
    /// Submit a job, with what its operator wants to hear of it; then this is said of its start.
    Submit(Box<JobSettings>, Option<AlertSettings>, String),
    /// One run now, on this server as long as it lives; a held purge may take so many rows.
    AskForRun(Box<JobSettings>, Option<String>, Option<i64>),
    /// Another status, and why.
    ChangeStatus(i64, BatchStatus, String, Version),
    /// Other settings.
    Change(i64, Box<JobSettings>, Version),
    /// These jobs go, each as it was seen.
    Delete(Vec<(i64, Version)>),
    /// What an operator wants to hear of a job.
    SetAlerts(i64, AlertSettings),
    /// A test by the ways of these settings.
    TestAlerts(Option<i64>, AlertSettings),
    /// The operator has read all up to this one.
    NoteRead(i64),
    /// Another schedule of a server, based on the version in it.
    ChangeServer(Box<BatchServer>),
    /// A batch group and its description.
    SaveGroup(String, String, Version),
    /// A batch group goes.
    DeleteGroup(String, Version),
}
