//! Answers queries about batch jobs, their history, servers and alerts.

use crate::console::protocol::batch_query::{
    AlertFacts, BatchAnswer, BatchQuery, HistoryPlace, JobFacts, Jobs, Setup, WatchFacts, Watched, went_wrong,
};
pub use crate::console::protocol::run_baseline::RunBaseline;
pub use crate::store::head_office::{
    HistoryFilter, HistoryRow, JobChange, JobFilter, LastDelivery, LogLine, Notification, RunProgress, Severity,
};

use crate::batch::{AlertRule, AlertSettings, EXCHANGE, HistoryOutcome};
use crate::console::protocol::query::{Answer, COUNT_LIMIT, MAX_NEWER, Place};
use crate::domain::{Seek, Timestamp};
use crate::engine::Failed;
use crate::engine::inquiry::search::{EXAMINED_PER_STATEMENT, search};
pub use crate::store::head_office::Withheld;
use crate::store::head_office::{DeliveryChannel, TransferredMessage};
use crate::store::{HeadOffice, StoreError};

/// Rows of the job list; a head office has far fewer jobs.
const MAX_JOBS: i64 = 1_000;
/// Newest runs in a job's pane.
const MAX_LAST_RUNS: usize = 40;
/// Newest changes in a job's pane.
const MAX_CHANGES: i64 = 50;
/// Rows that one statement of the search for failed runs reads, and statements per answer.
const SEARCH_PAGE_ROWS: usize = 500;
const SEARCH_PAGES: usize = 20;
/// Lines in the pane of a log.
const MAX_LOG_LINES: i64 = 2_000;
const MAX_NOTIFICATIONS: i64 = 500;
/// Newest failures of a watched run.
const MAX_FAILURES: i64 = 100;
/// Newest runs from which the duration of the next one is estimated.
const BASELINE_RUNS: i64 = 20;

/// Answers a query.
pub fn answer(office: &HeadOffice, query: BatchQuery, now: Timestamp) -> Result<Answer, StoreError> {
    let page = crate::console::protocol::query::PAGE_ROWS;
    Ok(Answer::Batch(Box::new(match query {
        BatchQuery::Jobs(filter) => BatchAnswer::Jobs(jobs(office, &filter, now)?),
        BatchQuery::Job(job_id) => BatchAnswer::Job(job_id, job_facts(office, job_id)?),
        BatchQuery::History(filter, seek) if filter.is_search() => {
            let examine = |seek, rows| office.history_searched(&filter, seek, rows, EXAMINED_PER_STATEMENT);
            let found = search(seek_at(seek), examine)?;
            BatchAnswer::History(seek, found.rows, found.reached.map(|(at, id)| (Timestamp(at), id)))
        }
        BatchQuery::History(filter, seek) => BatchAnswer::History(seek, office.history_at(&filter, seek, page)?, None),
        BatchQuery::Versions(job_id) => {
            BatchAnswer::Versions(office.job(job_id)?.map(Box::new), office.job_versions(job_id, MAX_CHANGES)?)
        }
        BatchQuery::NextWrong(filter, seek) => return next_wrong(office, &filter, seek),
        BatchQuery::NewerHistory(filter, place) => {
            let before = seek_at(Seek::Before(place));
            return Ok(Answer::Newer(
                office.history_searched(&filter, before, MAX_NEWER + 1, EXAMINED_PER_STATEMENT)?.0.len(),
            ));
        }
        BatchQuery::CountHistory(filter) => {
            return Ok(Answer::Count(office.count_history(&filter, COUNT_LIMIT + 1)?));
        }
        BatchQuery::Log(history_id, job_id, place) => {
            let filter = HistoryFilter {
                job_id: Some(job_id),
                outcome: Some(HistoryOutcome::Ended),
                ..HistoryFilter::default()
            };
            let before =
                office.history_at(&filter, Seek::After(place), usize::try_from(BASELINE_RUNS).unwrap_or(20))?;
            BatchAnswer::Log(history_id, office.batch_log(history_id, MAX_LOG_LINES)?, RunBaseline::of(&before))
        }
        BatchQuery::Setup => BatchAnswer::Setup(Setup {
            scheduling: office.scheduling_state(now)?,
            groups: office.groups()?,
            jobs: office.jobs(&JobFilter::default(), MAX_JOBS)?,
            recent_runs: office.recent_runs(None, BASELINE_RUNS)?,
        }),
        BatchQuery::Alerts(job_id, operator) => BatchAnswer::Alerts(Box::new(alerts(office, job_id, operator)?)),
        BatchQuery::Notifications(operator) => {
            BatchAnswer::Notifications(office.notifications(&operator, MAX_NOTIFICATIONS)?)
        }
        BatchQuery::Watch(watched) => BatchAnswer::Watch(Box::new(watch(office, watched, now)?)),
    })))
}

/// A place of the history as a list's.
fn seek_at(seek: Seek<HistoryPlace>) -> Seek<Place> {
    let place = |(at, id): HistoryPlace| (at.0, id);
    match seek {
        Seek::First => Seek::First,
        Seek::Last => Seek::Last,
        Seek::After(key) => Seek::After(place(key)),
        Seek::Before(key) => Seek::Before(place(key)),
    }
}

/// Searches a bounded number of pages for the next run that went wrong. If none is found in them,
/// the answer carries the position at which the screen continues.
fn next_wrong(office: &HeadOffice, filter: &HistoryFilter, from: Seek<HistoryPlace>) -> Result<Answer, StoreError> {
    let place = |row: &HistoryRow| (row.scheduled_at, row.history_id);
    let plain = |(at, id): HistoryPlace| (at.0, id);
    let mut seek = from;
    for _ in 0..SEARCH_PAGES {
        let (rows, reached) =
            office.history_searched(filter, seek_at(seek), SEARCH_PAGE_ROWS, EXAMINED_PER_STATEMENT)?;
        let wrong = if from.is_backward() {
            rows.iter().rfind(|row| went_wrong(row))
        } else {
            rows.iter().find(|row| went_wrong(row))
        };
        let edge = if from.is_backward() { rows.first() } else { rows.last() };
        match (wrong, edge) {
            (Some(row), _) => return Ok(Answer::Next(Some(plain(place(row))), None)),
            (None, _) if let Some((at, id)) = reached => {
                let edge = (Timestamp(at), id);
                seek = if from.is_backward() { Seek::Before(edge) } else { Seek::After(edge) };
            }
            (None, Some(edge)) if rows.len() == SEARCH_PAGE_ROWS => {
                seek = if from.is_backward() { Seek::Before(place(edge)) } else { Seek::After(place(edge)) };
            }
            (None, _) => return Ok(Answer::Next(None, None)),
        }
    }
    let reached = match seek {
        Seek::After(place) | Seek::Before(place) => Some(plain(place)),
        Seek::First | Seek::Last => None,
    };
    Ok(Answer::Next(None, reached))
}

fn jobs(office: &HeadOffice, filter: &JobFilter, now: Timestamp) -> Result<Jobs, StoreError> {
    let jobs = office.jobs(filter, MAX_JOBS)?;
    let mut progress = Vec::new();
    for run_id in jobs.iter().filter_map(|job| job.claim.as_ref()?.run_id) {
        progress.extend(office.run_progress(run_id)?);
    }
    Ok(Jobs { jobs, scheduling: office.scheduling_state(now)?, progress })
}

fn job_facts(office: &HeadOffice, job_id: i64) -> Result<JobFacts, StoreError> {
    let filter = HistoryFilter { job_id: Some(job_id), ..HistoryFilter::default() };
    Ok(JobFacts {
        runs: office.history_at(&filter, Seek::First, MAX_LAST_RUNS)?,
        recent_runs: office.recent_runs(Some(job_id), BASELINE_RUNS)?,
        alerts: office.alerts(job_id)?,
        changes: office.job_changes(job_id, MAX_CHANGES)?,
    })
}

fn alerts(office: &HeadOffice, job_id: Option<i64>, operator: String) -> Result<AlertFacts, StoreError> {
    let job = job_id.map(|job_id| office.job(job_id)).transpose()?.flatten();
    let set = job_id.map(|job_id| office.alerts(job_id)).transpose()?.unwrap_or_default();
    let own = set.into_iter().find(|settings| settings.operator == operator);
    let rules = if job_id == Some(EXCHANGE) { AlertRule::USUAL.to_vec() } else { Vec::new() };
    Ok(AlertFacts {
        job,
        settings: own.unwrap_or_else(|| AlertSettings { operator, rules, popup: true, ..AlertSettings::default() }),
        deliveries: DeliveryChannel::ALL
            .into_iter()
            .map(|channel| Ok((channel, office.last_delivery(channel)?)))
            .collect::<Result<_, StoreError>>()?,
    })
}

fn watch(office: &HeadOffice, watched: Watched, now: Timestamp) -> Result<WatchFacts, StoreError> {
    let mut facts = WatchFacts { scheduling: Some(office.scheduling_state(now)?), ..WatchFacts::default() };
    let run_id = match watched {
        Watched::Run(run_id) => {
            read_job_of_run(office, run_id, &mut facts)?;
            Some(run_id)
        }
        Watched::OfJob(job_id) => {
            let filter = HistoryFilter { job_id: Some(job_id), ..HistoryFilter::default() };
            facts.job = office.job(job_id)?;
            facts.history = office.history_at(&filter, Seek::First, 1)?.pop();
            let claimed = facts.job.as_ref().and_then(|job| job.claim.as_ref());
            claimed.and_then(|claim| claim.run_id).or_else(|| facts.history.as_ref().and_then(|row| row.run_id))
        }
    };
    if let Some(row) = &facts.history {
        facts.log = office.batch_log(row.history_id, MAX_LOG_LINES)?;
    }
    if let Some(run_id) = run_id {
        facts.run = office.run(run_id)?;
        facts.step = office.run_step(run_id)?;
        facts.progress = office.run_progress(run_id)?;
        facts.failures = office.count_failures_of_run(run_id, COUNT_LIMIT + 1)?;
        facts.newest_failures = office.failures_of_run(run_id, MAX_FAILURES)?.into_iter().map(failed).collect();
    }
    Ok(facts)
}

/// Reads the job and the history row of a run that is watched by its number.
fn read_job_of_run(office: &HeadOffice, run_id: i64, facts: &mut WatchFacts) -> Result<(), StoreError> {
    facts.history = office.history_of_run(run_id)?;
    let job_id = office.run(run_id)?.and_then(|run| run.job_id);
    let job = job_id.map(|job_id| office.job(job_id)).transpose()?.flatten();
    // Otherwise the job waits for a later run, or has one.
    facts.job = job.filter(|job| job.claim.as_ref().is_some_and(|claim| claim.run_id == Some(run_id)));
    Ok(())
}

fn failed(message: TransferredMessage) -> Failed {
    Failed {
        key: message.session_key(),
        job_name: message.job_name,
        status: message.status,
        occurred_at: message.occurred_at,
        message: message.message,
    }
}
