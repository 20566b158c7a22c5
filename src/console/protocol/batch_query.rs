//! Queries about batch jobs, their history, servers and alerts, and their answers.

pub use crate::console::protocol::run_baseline::RunBaseline;
pub use crate::store::head_office::{
    BatchGroup, HistoryFilter, HistoryRow, JobChange, JobFilter, LastDelivery, LogLine, Notification, RunProgress,
    Severity, Withheld,
};

use crate::batch::{AlertSettings, BatchJob, World};
use crate::domain::{Run, Seek, Timestamp};

/// The place of a row in the history.
pub type HistoryPlace = (Timestamp, i64);

/// A question.
#[derive(Debug, Clone, PartialEq)]
pub enum BatchQuery {
    /// Jobs, and what a verdict on them looks at.
    Jobs(JobFilter),
    /// What else there is to know of a job.
    Job(i64),
    /// A piece of the history.
    History(HistoryFilter, Seek<HistoryPlace>),
    /// The next of these rows that did not go well, and from where to go on if there is none so far.
    NextWrong(HistoryFilter, Seek<HistoryPlace>),
    /// How many of these rows come before a place, up to one more than [`NEWER`](crate::console::protocol::query::NEWER).
    NewerHistory(HistoryFilter, HistoryPlace),
    /// How many rows of the history a filter finds, up to [`COUNT_LIMIT`](crate::console::protocol::query::COUNT_LIMIT).
    CountHistory(HistoryFilter),
    /// The log of one row of the history, and what its job is like usually: the row's number, its job, its place.
    Log(i64, i64, HistoryPlace),
    /// Servers, groups, jobs: what the forms weigh.
    Setup,
    /// What an operator wants to hear of a job, and how the ways have worked.
    Alerts(Option<i64>, String),
    /// What was told to an operator.
    Notifications(String),
    /// What became of a run that was asked for, or of any run.
    Watch(Watched),
}

/// Which run is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Watched {
    /// The present or latest one of a batch job.
    OfJob(i64),
    /// This one.
    Run(i64),
}

/// An answer.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)] // as the questions
pub enum BatchAnswer {
    Jobs(Jobs),
    Job(i64, JobFacts),
    History(Seek<HistoryPlace>, Vec<HistoryRow>),
    Log(i64, Vec<LogLine>, Option<RunBaseline>),
    Setup(Setup),
    Alerts(Box<AlertFacts>),
    Notifications(Vec<Notification>),
    Watch(Box<WatchFacts>),
}

/// Jobs as they are now.
#[derive(Debug, Clone, PartialEq)]
pub struct Jobs {
    /// By their next start.
    pub jobs: Vec<BatchJob>,
    /// What a verdict looks at.
    pub world: World,
    /// How far those that execute have come.
    pub progress: Vec<RunProgress>,
}

/// What else there is to know of a job.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct JobFacts {
    /// Its last starts, the latest first.
    pub runs: Vec<HistoryRow>,
    /// How many of its last runs ended well, and the shortest and longest of these, in milliseconds.
    pub durations: Option<(i64, i64, i64)>,
    /// Who wants to hear of it.
    pub alerts: Vec<AlertSettings>,
    /// What operators did to it, newest first.
    pub changes: Vec<JobChange>,
}

/// What the forms weigh.
#[derive(Debug, Clone, PartialEq)]
pub struct Setup {
    /// Servers, the lease, the time.
    pub world: World,
    /// Groups with their descriptions.
    pub groups: Vec<BatchGroup>,
    /// Every job.
    pub jobs: Vec<BatchJob>,
    /// As in [`JobFacts`], of all jobs together.
    pub durations: Option<(i64, i64, i64)>,
}

/// What an operator wants to hear of a job.
#[derive(Debug, Clone, PartialEq)]
pub struct AlertFacts {
    /// The job, if it is submitted already.
    pub job: Option<BatchJob>,
    /// What is set now.
    pub settings: AlertSettings,
    /// How e-mail has worked.
    pub email: LastDelivery,
    /// How the command has worked.
    pub command: LastDelivery,
}

/// What is known of a watched run.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct WatchFacts {
    /// The job, as long as it is there.
    pub job: Option<BatchJob>,
    /// What its start waits for, and what tells whether it lives.
    pub world: Option<World>,
    /// The row of the history.
    pub history: Option<HistoryRow>,
    /// The run, once it has begun.
    pub run: Option<Run>,
    /// How far it has come.
    pub progress: Option<RunProgress>,
    /// The log of the row.
    pub log: Vec<LogLine>,
}

/// What is coming by itself, and what was told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Coming {
    /// When a batch job starts next.
    pub next_start: Option<Timestamp>,
    /// The job withheld last of those that would start.
    pub withheld: Option<Withheld>,
    /// Batch servers that live, by name.
    pub servers: Vec<String>,
    /// Milliseconds between two starts of the job that transfers most often; `None` if none does by itself.
    pub rhythm: Option<i64>,
    /// Notifications that the operator has not read.
    pub unread: i64,
    /// The newest of these, and its number.
    pub newest: Option<(i64, String)>,
    /// Whether somebody is to be told of a start that does not come or of a run that takes long, and was not yet.
    pub overdue: bool,
}

/// Whether a start did not go well.
pub fn went_wrong(row: &HistoryRow) -> bool {
    use crate::batch::HistoryOutcome as O;
    !matches!(row.outcome, O::Ended | O::Executing | O::Canceled)
}
