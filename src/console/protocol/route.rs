//! The screens an operator can navigate to.

use crate::batch::JobSettings;
use crate::console::protocol::batch_query::{HistoryPlace, Watched};
use crate::console::protocol::saved_view::SavedView;
use crate::domain::{Direction, SessionKey};
use crate::filter::quoted;

/// A screen to open.
#[derive(Debug, Clone, PartialEq)]
pub enum Route {
    /// Overview.
    Overview,
    /// Recent errors, by cause.
    Errors,
    /// Recent errors, with a filter typed in.
    ErrorsWith(String),
    /// The dialog, or the active run.
    Process,
    /// The sessions of a form, with a filter typed in.
    Sessions(Direction, String),
    /// Sessions whose state is a failure of one cause.
    SessionsOfCause(Direction, i64, String),
    /// Distribution schedules.
    Schedules,
    /// The sessions of one distribution schedule, with a filter typed in.
    History(Direction, String, String),
    /// Agents and channel databases, with the last message of each.
    Connections,
    /// Channel databases with a concern.
    ConnectionsOf(Concern),
    /// The last state of each job at each store.
    Matrix,
    /// The last states of jobs at stores, with a filter typed in.
    MatrixWith(String),
    /// The card of one channel database.
    Store(String),
    /// One session with its messages.
    Session(SessionKey),
    /// Status messages, with a filter typed in.
    Messages(String),
    /// The journal of operators' changes, with a filter typed in.
    Journal(String),
    /// Runs of Process status messages.
    Runs,
    /// Runs, with a filter typed in.
    RunsWith(String),
    /// The list of runs with the cursor on this one.
    Run(i64),
    /// Rejected messages.
    Rejected,
    /// Those that one run rejected.
    RejectedOfRun(i64),
    /// Purged sessions in the trash; those of one run if it is given.
    Trash(Option<i64>),
    /// Retail scheduler parameters.
    Parameters,
    /// Batch jobs, all or the operator's own.
    BatchJobs(JobScope),
    /// All batch jobs, with the cursor on this one.
    BatchJob(i64),
    /// The batch job history, with a filter typed in.
    BatchHistory(String),
    /// The history of one job, from this row on.
    BatchHistoryAt(i64, HistoryPlace),
    /// Batch groups, the cursor on this one.
    BatchGroups(Option<String>),
    /// Server configuration, the cursor on this server.
    Servers(Option<String>),
    /// The recurrence of a job.
    JobRecurrence(i64),
    /// The operator's alerts of a job.
    JobAlerts(i64),
    /// The settings of a job in this version, to be edited.
    EditJob(Box<EditedJob>),
    /// The dialog's Batch tab, filled with the settings of a job to submit again.
    SubmitLike(Box<JobSettings>),
    /// A run as head office records it, wherever it executes.
    Watch(Watched),
    /// The operator's notifications.
    Notifications,
    /// The silences of alerts.
    Silences,
    /// Changes that wait for a second login.
    Approvals,
    /// What alert rules found.
    Alerts,
    /// The rules that the operator is notified of.
    AlertRules,
    /// The deadlines.
    Deadlines,
    /// The views, with the list that can be saved as one.
    Views(Option<Box<SavedView>>),
    /// The list of a view.
    View(Box<SavedView>),
}

impl Route {
    /// The status messages of a session.
    pub fn messages_of(key: &SessionKey) -> Self {
        let store = if key.channel_database.is_empty() {
            String::new()
        } else {
            format!(" store:{}", quoted(&key.channel_database))
        };
        Self::Messages(format!("direction:{} session:{}{store}", key.direction, key.session_number))
    }
}

/// A job as an edit is based on.
#[derive(Debug, Clone, PartialEq)]
pub struct EditedJob {
    /// Its number.
    pub job_id: i64,
    /// Its version.
    pub version: i64,
    /// Its settings.
    pub settings: JobSettings,
}

/// A concern about a channel database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Concern {
    /// Silent for longer than usual.
    Quiet,
    /// Its clock is ahead.
    ClockAhead,
}

/// Which batch jobs are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobScope {
    /// All jobs.
    All,
    /// The jobs that the operator created.
    Own,
}

/// Returns the title of the session form of a direction.
pub fn form_title(direction: Direction) -> &'static str {
    match direction {
        Direction::Download => "Download sessions",
        Direction::Upload => "Upload sessions",
    }
}
