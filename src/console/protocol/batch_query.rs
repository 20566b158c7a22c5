//! Queries about batch jobs, their history, servers and alerts, and their answers.

pub use crate::console::protocol::run_baseline::RunBaseline;
pub use crate::store::head_office::{
    BatchGroup, HistoryFilter, HistoryRow, JobChange, JobFilter, JobVersion, LastDelivery, LogLine, Notification,
    RunProgress, Severity, StartCounts, Withheld,
};

use crate::batch::{AlertSettings, BatchJob, RecentRuns, SchedulingState};
use crate::domain::{Run, Seek, Step, Timestamp};
use crate::engine::Failed;
use crate::store::head_office::DeliveryChannel;

/// The place of a row in the history.
pub type HistoryPlace = (Timestamp, i64);

/// A query.
#[derive(Debug, Clone, PartialEq)]
pub enum BatchQuery {
    /// Jobs, and what decides whether they start.
    Jobs(JobFilter),
    /// Details of a job.
    Job(i64),
    /// A job with the former versions of its settings.
    Versions(i64),
    /// A piece of the history.
    History(HistoryFilter, Seek<HistoryPlace>),
    /// The next of these rows that failed; if none is found, where the search continues.
    NextWrong(HistoryFilter, Seek<HistoryPlace>),
    /// How many of these rows come before a place, up to one more than
    /// [`MAX_NEWER`](crate::console::protocol::query::MAX_NEWER).
    NewerHistory(HistoryFilter, HistoryPlace),
    /// How many rows of the history a filter finds, up to
    /// [`COUNT_LIMIT`](crate::console::protocol::query::COUNT_LIMIT).
    CountHistory(HistoryFilter),
    /// The log of a history row with the baseline of its job, by the row's number, job and place.
    Log(i64, i64, HistoryPlace),
    /// Servers, groups and jobs, for the forms.
    Setup,
    /// An operator's alerts of a job, and the last deliveries of each channel.
    Alerts(Option<i64>, String),
    /// An operator's notifications.
    Notifications(String),
    /// The state of a requested run, or of any run.
    Watch(Watched),
}

/// Which run is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Watched {
    /// The present or latest run of a batch job.
    OfJob(i64),
    /// The run with this number.
    Run(i64),
}

/// The answer to a query.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)] // named like the queries
pub enum BatchAnswer {
    Jobs(Jobs),
    Job(i64, JobFacts),
    Versions(Option<Box<BatchJob>>, Vec<JobVersion>),
    History(Seek<HistoryPlace>, Vec<HistoryRow>, Option<HistoryPlace>),
    Log(i64, Vec<LogLine>, Option<RunBaseline>),
    Setup(Setup),
    Alerts(Box<AlertFacts>),
    Notifications(Vec<Notification>),
    Watch(Box<WatchFacts>),
}

/// Jobs as they are now.
#[derive(Debug, Clone, PartialEq)]
pub struct Jobs {
    /// The jobs, by their next start.
    pub jobs: Vec<BatchJob>,
    /// What decides whether they start.
    pub scheduling: SchedulingState,
    /// The progress of executing jobs.
    pub progress: Vec<RunProgress>,
}

/// Details of a job.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct JobFacts {
    /// Its last starts, the latest first.
    pub runs: Vec<HistoryRow>,
    /// How long its last successful runs took; `None` if none was.
    pub recent_runs: Option<RecentRuns>,
    /// The operators' alerts.
    pub alerts: Vec<AlertSettings>,
    /// Changes by operators, newest first.
    pub changes: Vec<JobChange>,
}

/// Servers, groups and jobs, for the forms.
#[derive(Debug, Clone, PartialEq)]
pub struct Setup {
    /// Servers, the lease, the time.
    pub scheduling: SchedulingState,
    /// Groups with their descriptions.
    pub groups: Vec<BatchGroup>,
    /// Every job.
    pub jobs: Vec<BatchJob>,
    /// As in [`JobFacts`], of all jobs together.
    pub recent_runs: Option<RecentRuns>,
}

/// An operator's alerts of a job.
#[derive(Debug, Clone, PartialEq)]
pub struct AlertFacts {
    /// The job; `None` before it is submitted.
    pub job: Option<BatchJob>,
    /// The present settings.
    pub settings: AlertSettings,
    /// The last deliveries by each channel.
    pub deliveries: Vec<(DeliveryChannel, LastDelivery)>,
}

/// The state of a watched run.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct WatchFacts {
    /// The job, until it is deleted.
    pub job: Option<BatchJob>,
    /// What its start waits for, and what shows whether it is running.
    pub scheduling: Option<SchedulingState>,
    /// The row of the history.
    pub history: Option<HistoryRow>,
    /// The run, once it has begun.
    pub run: Option<Run>,
    /// The progress that the run stored last.
    pub progress: Option<RunProgress>,
    /// Its step while it executes.
    pub step: Option<Step>,
    /// The failures that it transferred, counted up to one more than
    /// [`COUNT_LIMIT`](crate::console::protocol::query::COUNT_LIMIT).
    pub failures: i64,
    /// The newest of them, newest first.
    pub newest_failures: Vec<Failed>,
    /// The log of the row.
    pub log: Vec<LogLine>,
}

/// Whether a start failed.
pub fn went_wrong(row: &HistoryRow) -> bool {
    row.outcome.went_wrong()
}
