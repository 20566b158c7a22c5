//! Questions about batch jobs, their history, servers and alerts, and their answers.

pub use crate::console::usual::Usual;
pub use crate::store::head_office::{
    HistoryFilter, HistoryRow, JobChange, JobFilter, LastDelivery, LogLine, Notification, RunProgress, Severity,
};

use crate::batch::{AlertSettings, BatchJob, HistoryOutcome, World};
use crate::console::query::{Answer, COUNT_LIMIT};
use crate::domain::{Run, Seek, Timestamp};
use crate::store::head_office::Way;
pub use crate::store::head_office::Withheld;
use crate::store::{HeadOffice, StoreError};

/// The place of a row in the history.
pub type HistoryPlace = (Timestamp, i64);

/// Jobs that a list shows; nobody has more.
const JOBS: i64 = 1_000;
/// Last runs that a job's pane shows.
const LAST_RUNS: usize = 40;
/// Changes of a job that are told.
const CHANGES: i64 = 50;
/// Lines of a log that its pane shows.
const LOG: i64 = 2_000;
const NOTIFICATIONS: i64 = 500;
/// Runs whose time tells how long the next one takes.
const RECENT: i64 = 20;

/// A question.
#[derive(Debug, Clone, PartialEq)]
pub enum BatchQuery {
    /// Jobs, and what a verdict on them looks at.
    Jobs(JobFilter),
    /// What else there is to know of a job.
    Job(i64),
    /// A piece of the history.
    History(HistoryFilter, Seek<HistoryPlace>),
    /// How many rows of the history a filter finds, up to [`COUNT_LIMIT`].
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
    Log(i64, Vec<LogLine>, Option<Usual>),
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
    pub groups: Vec<(String, String)>,
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

/// What the second line of every screen says of batch jobs.
pub(super) fn coming(office: &HeadOffice, operator: &str) -> Result<Coming, StoreError> {
    let (next_start, withheld) = office.next_start()?;
    let servers = office.servers()?.into_iter().filter(crate::batch::BatchServer::is_alive);
    Ok(Coming {
        next_start,
        withheld,
        servers: servers.map(|server| server.name).collect(),
        rhythm: office.rhythm()?,
        unread: office.count_unread(operator, 1_000)?,
        newest: office.newest_unread(operator)?,
        overdue: office.has_overdue(office.now()?)?,
    })
}

/// Answers a question.
pub(super) fn answer(office: &HeadOffice, query: BatchQuery, now: Timestamp) -> Result<Answer, StoreError> {
    let piece = crate::console::widgets::list::PIECE;
    Ok(Answer::Batch(Box::new(match query {
        BatchQuery::Jobs(filter) => BatchAnswer::Jobs(jobs(office, &filter, now)?),
        BatchQuery::Job(job_id) => BatchAnswer::Job(job_id, job_facts(office, job_id)?),
        BatchQuery::History(filter, seek) => BatchAnswer::History(seek, office.history_at(&filter, seek, piece)?),
        BatchQuery::CountHistory(filter) => {
            return Ok(Answer::Count(office.count_history(&filter, COUNT_LIMIT + 1)?));
        }
        BatchQuery::Log(history_id, job_id, place) => {
            let filter = HistoryFilter {
                job_id: Some(job_id),
                outcome: Some(HistoryOutcome::Ended),
                ..HistoryFilter::default()
            };
            let before = office.history_at(&filter, Seek::After(place), usize::try_from(RECENT).unwrap_or(20))?;
            BatchAnswer::Log(history_id, office.batch_log(history_id, LOG)?, Usual::of(&before))
        }
        BatchQuery::Setup => BatchAnswer::Setup(Setup {
            world: office.world(now)?,
            groups: office.groups()?,
            jobs: office.jobs(&JobFilter::default(), JOBS)?,
            durations: office.recent_durations(None, RECENT)?,
        }),
        BatchQuery::Alerts(job_id, operator) => BatchAnswer::Alerts(Box::new(alerts(office, job_id, operator)?)),
        BatchQuery::Notifications(operator) => {
            BatchAnswer::Notifications(office.notifications(&operator, NOTIFICATIONS)?)
        }
        BatchQuery::Watch(watched) => BatchAnswer::Watch(Box::new(watch(office, watched, now)?)),
    })))
}

fn jobs(office: &HeadOffice, filter: &JobFilter, now: Timestamp) -> Result<Jobs, StoreError> {
    let jobs = office.jobs(filter, JOBS)?;
    let mut progress = Vec::new();
    for run_id in jobs.iter().filter_map(|job| job.claim.as_ref()?.run_id) {
        progress.extend(office.run_progress(run_id)?);
    }
    Ok(Jobs { jobs, world: office.world(now)?, progress })
}

fn job_facts(office: &HeadOffice, job_id: i64) -> Result<JobFacts, StoreError> {
    let filter = HistoryFilter { job_id: Some(job_id), ..HistoryFilter::default() };
    Ok(JobFacts {
        runs: office.history_at(&filter, Seek::First, LAST_RUNS)?,
        durations: office.recent_durations(Some(job_id), RECENT)?,
        alerts: office.alerts(job_id)?,
        changes: office.job_changes(job_id, CHANGES)?,
    })
}

fn alerts(office: &HeadOffice, job_id: Option<i64>, operator: String) -> Result<AlertFacts, StoreError> {
    let job = job_id.map(|job_id| office.job(job_id)).transpose()?.flatten();
    let set = job_id.map(|job_id| office.alerts(job_id)).transpose()?.unwrap_or_default();
    let own = set.into_iter().find(|settings| settings.operator == operator);
    Ok(AlertFacts {
        job,
        settings: own.unwrap_or_else(|| AlertSettings { operator, popup: true, ..AlertSettings::default() }),
        email: office.last_delivery(Way::Email)?,
        command: office.last_delivery(Way::Command)?,
    })
}

fn watch(office: &HeadOffice, watched: Watched, now: Timestamp) -> Result<WatchFacts, StoreError> {
    let mut facts = WatchFacts { world: Some(office.world(now)?), ..WatchFacts::default() };
    let run_id = match watched {
        Watched::Run(run_id) => Some(run_id),
        Watched::OfJob(job_id) => {
            let filter = HistoryFilter { job_id: Some(job_id), ..HistoryFilter::default() };
            facts.job = office.job(job_id)?;
            facts.history = office.history_at(&filter, Seek::First, 1)?.pop();
            if let Some(row) = &facts.history {
                facts.log = office.batch_log(row.history_id, LOG)?;
            }
            let claimed = facts.job.as_ref().and_then(|job| job.claim.as_ref());
            claimed.and_then(|claim| claim.run_id).or_else(|| facts.history.as_ref().and_then(|row| row.run_id))
        }
    };
    if let Some(run_id) = run_id {
        facts.run = office.run(run_id)?;
        facts.progress = office.run_progress(run_id)?;
    }
    Ok(facts)
}
