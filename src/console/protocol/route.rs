//! The screens an operator can navigate to.

use crate::batch::JobSettings;
use crate::console::protocol::batch_query::{HistoryPlace, Watched};
use crate::domain::{Direction, SessionKey};

/// Where one can go.
#[derive(Debug, Clone, PartialEq)]
pub enum Route {
    /// The to-do list.
    Overview,
    /// Errors by cause.
    Errors,
    /// The dialog, or the run that lives.
    Process,
    /// The sessions of a form, with a filter typed in.
    Sessions(Direction, String),
    /// Sessions whose state is a failure of one cause.
    SessionsOfCause(Direction, i64, String),
    /// Distribution schedules.
    Schedules,
    /// The sessions of one distribution schedule, with a filter typed in.
    History(Direction, String, String),
    /// Agents and channel databases, when each was heard of.
    Connections,
    /// The same, only channel databases with a concern.
    ConnectionsOf(Concern),
    /// One session, what happened to it.
    Session(SessionKey),
    /// Status messages, with a filter typed in.
    Messages(String),
    /// Runs of Process status messages.
    Runs,
    /// One of them.
    Run(i64),
    /// Messages that make no sense.
    Rejected,
    /// Retail scheduler parameters.
    Parameters,
    /// Batch jobs, all or the operator's own.
    BatchJobs(JobScope),
    /// The batch job history, with a filter typed in.
    BatchHistory(String),
    /// The history of one job, from this row on.
    BatchHistoryAt(i64, HistoryPlace),
    /// Batch groups, the cursor on this one.
    BatchGroups(Option<String>),
    /// Server configuration, the cursor on this server.
    Servers(Option<String>),
    /// How often this job runs.
    JobRecurrence(i64),
    /// Who hears what of this job.
    JobAlerts(i64),
    /// The dialog's Batch tab with the settings of a job that is to be submitted once more.
    SubmitLike(Box<JobSettings>),
    /// A run as head office knows it, wherever it lives.
    Watch(Watched),
    /// What was told to the operator.
    Notifications,
}

/// What is wrong with a channel database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Concern {
    /// Silent for longer than is usual.
    Quiet,
    /// Its clock is ahead.
    ClockAhead,
}

/// Whose batch jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobScope {
    /// Everybody's.
    All,
    /// The operator's own.
    Own,
}

/// Returns the title of the session form of a direction.
pub fn form_title(direction: Direction) -> &'static str {
    match direction {
        Direction::Download => "Download sessions",
        Direction::Upload => "Upload sessions",
    }
}
