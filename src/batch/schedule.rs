//! The schedule of a job: which start a late run is for, which starts are skipped, and what follows
//! an end.

use crate::batch::WhyLate;
use crate::batch::{AfterError, BatchJob, BatchStatus, HistoryOutcome, JobSettings, Missed, retry_pause};
use crate::domain::{DAY_MS, MINUTE_MS, Timestamp};
use crate::recurrence::Rule;

/// Milliseconds after which a start counts as missed and not just as a little late.
pub const MISSED_AFTER_MS: i64 = MINUTE_MS;
/// Milliseconds after which a run that has begun counts as late; a server polls every second.
pub const LATE_AFTER_MS: i64 = 5_000;
/// Beyond this distance, in milliseconds, a scheduled start that is still ahead when its run ends
/// came from a fast clock; the next start then follows the corrected clock.
const SET_BACK_MS: i64 = DAY_MS;
/// Server crashes during a run requested at a console before it is given up.
const MAX_CRASHES: i64 = 5;

/// Skipped starts: one row of the history, with their number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkippedStart {
    /// The first of them.
    pub scheduled_at: Timestamp,
    /// Number of starts, at least 1.
    pub starts: u64,
    /// The reason, the same for all of them.
    pub why: SkipReason,
}

/// Why starts were skipped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SkipReason {
    /// The start before was still running or being retried.
    StillRunning(Timestamp),
    /// The job was withheld in this span.
    Withheld(Timestamp, Timestamp),
    /// No batch server for it was running before this instant.
    NoServer(Timestamp),
    /// In this span the batch server was suspended, or could not reach head office.
    ServerSuspended(Timestamp, Timestamp),
    /// It was due while the windows of the servers for it were closed.
    OutsideWindow {
        /// Their names.
        servers: String,
    },
    /// It was due, and something else blocked it.
    Blocked,
}

impl SkipReason {
    /// The outcome of such a start in the history.
    pub fn outcome(&self) -> HistoryOutcome {
        match self {
            Self::StillRunning(_) => HistoryOutcome::OverlapSkipped,
            Self::NoServer(_) | Self::ServerSuspended(..) => HistoryOutcome::NoServer,
            Self::Withheld(..) | Self::OutsideWindow { .. } | Self::Blocked => HistoryOutcome::Blocked,
        }
    }
}

/// The state that a job gets by an end, an edit or a change of its status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NextState {
    /// Its status; an edit keeps it.
    pub status: BatchStatus,
    /// Its next scheduled start.
    pub next_start: Option<Timestamp>,
    /// When it is retried.
    pub retry_at: Option<Timestamp>,
}

/// The decision about a due job that nothing blocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartDecision {
    /// What the job does now.
    pub action: StartAction,
    /// Skipped starts, one entry for each reason and span.
    pub skipped: Vec<SkippedStart>,
}

/// What a due job does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartAction {
    /// It runs, for this scheduled start.
    Run(Timestamp),
    /// It waits for its next start, or has ended.
    Skip(NextState),
}

/// The decision about a job whose run has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndDecision {
    /// The state that it gets.
    pub next: NextState,
    /// The starts that passed during the run.
    pub skipped: Option<SkippedStart>,
}

/// The last occurrence in (`after`, `through`], by bisection over counts: as fast for ten years as
/// for a minute.
fn last_between(rule: &Rule, after: Timestamp, through: Timestamp) -> Option<Timestamp> {
    let all = rule.count_between(after, through);
    if all == 0 {
        return None;
    }
    let (mut low, mut high) = (after.0, through.0);
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if rule.count_between(after, Timestamp(middle)) == all { high = middle } else { low = middle }
    }
    Some(Timestamp(high))
}

/// Decides about a due job that nothing blocks: run it, or skip to the next start.
///
/// A retry is another try of the same start: nothing is skipped.
pub fn at_start(job: &BatchJob, now: Timestamp, why: &WhyLate) -> StartDecision {
    let run = |scheduled_at, skipped| StartDecision { action: StartAction::Run(scheduled_at), skipped };
    let (Some(due), None) = (job.next_start, job.retry_at) else {
        return run(job.next_start.unwrap_or(now), Vec::new());
    };
    let rule = job.settings.recurrence.as_ref();
    if let (Missed::Skip, Some(rule)) = (job.settings.missed, rule)
        && now.since(due) > MISSED_AFTER_MS
    {
        // A late start is skipped, but not one that is due just now.
        let last = last_between(rule, due, now).filter(|last| now.since(*last) <= MISSED_AFTER_MS);
        return match last {
            Some(last) => run(last, skipped_starts(rule, due, Timestamp(last.0 - 1), why)),
            None => StartDecision {
                action: StartAction::Skip(next_start_state(Some(rule), now)),
                skipped: skipped_starts(rule, due, now, why),
            },
        };
    }
    match rule.and_then(|rule| Some((rule, last_between(rule, due, now)?))) {
        Some((rule, last)) => run(last, skipped_starts(rule, due, Timestamp(last.0 - 1), why)),
        None => run(due, Vec::new()),
    }
}

/// The starts from `due` through `through`, by the reason that they were skipped for.
fn skipped_starts(rule: &Rule, due: Timestamp, through: Timestamp, why: &WhyLate) -> Vec<SkippedStart> {
    let mut skipped: Vec<SkippedStart> = Vec::new();
    let mut first = Some(due);
    for (until, why) in why.spans() {
        let Some(scheduled_at) = first.filter(|first| *first <= through) else { break };
        // A start at the very end of a span belongs to the next span.
        let end = until.map_or(through, |until| Timestamp(until.0.saturating_sub(1)).min(through));
        if scheduled_at > end {
            continue;
        }
        let starts = 1 + rule.count_between(scheduled_at, end);
        skipped.push(SkippedStart { scheduled_at, starts, why: why.clone() });
        first = rule.next_after(end);
    }
    skipped
}

/// Decides what follows the end of a run.
///
/// `tries` counts this try. An interrupted run is retried at once while tries remain. A job in
/// Canceling ends as Canceled, however its run ended.
///
/// A clock that was set back makes no start due twice: the next start is after the one that just
/// ran.
pub fn after_end(job: &BatchJob, outcome: HistoryOutcome, tries: i64, now: Timestamp) -> EndDecision {
    let decision = |next| EndDecision { next, skipped: None };
    let rule = job.settings.recurrence.as_ref();
    let ran_start = job.next_start.filter(|start| start.since(now) <= SET_BACK_MS);
    let after = ran_start.map_or(now, |start| start.max(now));
    let remain = tries <= job.settings.max_retries;
    if job.status == BatchStatus::Canceling {
        return decision(canceled());
    }
    match outcome {
        HistoryOutcome::Error if remain => {
            let pause = retry_pause(job.settings.retry_pause_ms, tries);
            decision(retry_at(job, Timestamp(now.0.saturating_add(pause))))
        }
        // A run requested at a console has no retries of its own, but survives up to `MAX_CRASHES`
        // server crashes.
        HistoryOutcome::Interrupted if remain || (job.interactive && tries <= MAX_CRASHES) => {
            decision(retry_at(job, now))
        }
        HistoryOutcome::Canceled => decision(canceled()),
        HistoryOutcome::Error | HistoryOutcome::Interrupted
            if rule.is_none() || job.settings.after_error == AfterError::Stop =>
        {
            decision(NextState { status: BatchStatus::Error, next_start: None, retry_at: None })
        }
        _ => {
            let skipped = rule.zip(job.next_start).and_then(|(rule, start)| {
                let starts = rule.count_between(start, now);
                let scheduled_at = rule.next_after(start).filter(|_| starts > 0)?;
                Some(SkippedStart { scheduled_at, starts, why: SkipReason::StillRunning(start) })
            });
            EndDecision { next: next_start_state(rule, after), skipped }
        }
    }
}

/// What follows when an operator changes a job's settings; `None` if it would never start. Another
/// rule or first start applies from now on, and gives up a pending retry.
pub fn after_edit(job: &BatchJob, settings: &JobSettings, now: Timestamp) -> Option<NextState> {
    let state = |next_start, retry_at| NextState { status: job.status, next_start, retry_at };
    let keeps_schedule =
        settings.recurrence == job.settings.recurrence && settings.first_start == job.settings.first_start;
    if keeps_schedule {
        return Some(state(job.next_start, job.retry_at));
    }
    let from_now = JobSettings { first_start: settings.first_start.max(now), ..settings.clone() };
    Some(state(Some(from_now.start()?), None))
}

/// What follows when an operator changes a job's status; `None` if it would never start. A released
/// job keeps its start, which may have passed; without one it gets the next occurrence, or starts
/// now if it has no recurrence.
pub fn after_status_change(job: &BatchJob, to: BatchStatus, now: Timestamp) -> Option<NextState> {
    let (mut next_start, mut retry_at) = (job.next_start, job.retry_at);
    match to {
        BatchStatus::Waiting => {
            if next_start.is_none() {
                let rule = job.settings.recurrence.as_ref();
                next_start = Some(rule.map_or(Some(now), |rule| rule.first_from(now))?);
            }
            next_start = job.skipped_by_clock(now).or(next_start);
        }
        BatchStatus::Canceled => (next_start, retry_at) = (None, None),
        _ => {}
    }
    Some(NextState { status: to, next_start, retry_at })
}

fn canceled() -> NextState {
    NextState { status: BatchStatus::Canceled, next_start: None, retry_at: None }
}

fn retry_at(job: &BatchJob, at: Timestamp) -> NextState {
    NextState { status: BatchStatus::Waiting, next_start: job.next_start, retry_at: Some(at) }
}

/// The state with the next occurrence as its start, or Ended if there is none.
fn next_start_state(rule: Option<&Rule>, now: Timestamp) -> NextState {
    let next_start = rule.and_then(|rule| rule.next_after(now));
    let status = if next_start.is_some() { BatchStatus::Waiting } else { BatchStatus::Ended };
    NextState { status, next_start, retry_at: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::job::tests::job;

    const MINUTE: i64 = 60_000;

    fn every_15_minutes() -> Rule {
        Rule::from_words("every 15 min", Timestamp(0), chrono_tz::Tz::UTC).expect("a rule")
    }

    /// The start and the retry, in minutes.
    fn minutes(state: Option<NextState>) -> Option<(Option<i64>, Option<i64>)> {
        let minute = |at: Timestamp| at.0 / MINUTE;
        state.map(|state| (state.next_start.map(minute), state.retry_at.map(minute)))
    }

    #[test]
    fn an_edit_computes_the_start_again_only_if_it_is_about_the_start() {
        let mut edited = job();
        (edited.next_start, edited.retry_at) = (Some(Timestamp(0)), Some(Timestamp(5 * MINUTE)));
        let now = Timestamp(20 * MINUTE);
        let renamed = JobSettings { description: "Night".to_owned(), ..edited.settings.clone() };
        assert_eq!(minutes(after_edit(&edited, &renamed, now)), Some((Some(0), Some(5))));
        let recurs = JobSettings { recurrence: Some(every_15_minutes()), ..edited.settings.clone() };
        assert_eq!(minutes(after_edit(&edited, &recurs, now)), Some((Some(30), None)));
        let later = JobSettings { first_start: Timestamp(40 * MINUTE), ..edited.settings.clone() };
        assert_eq!(minutes(after_edit(&edited, &later, now)), Some((Some(40), None)));
        let once = r#"{"start":"1970-01-01T00:00","time_zone":"UTC","pattern":{"unit":"minutes","every":15},"end":{"after":1}}"#;
        let over = Rule::parse_json(once).expect("a rule");
        let never = JobSettings { recurrence: Some(over), ..edited.settings.clone() };
        assert_eq!(after_edit(&edited, &never, now), None);
    }

    #[test]
    fn a_released_job_keeps_its_start_or_gets_the_next_one_and_a_canceled_one_has_none() {
        let now = Timestamp(20 * MINUTE);
        let after = |job: &BatchJob, to| minutes(after_status_change(job, to, now));
        let mut withheld = job();
        withheld.retry_at = Some(Timestamp(5 * MINUTE));
        assert_eq!(after(&withheld, BatchStatus::Waiting), Some((Some(0), Some(5))));
        assert_eq!(after(&withheld, BatchStatus::Withhold), Some((Some(0), Some(5))));
        assert_eq!(after(&withheld, BatchStatus::Canceled), Some((None, None)));
        (withheld.next_start, withheld.retry_at) = (None, None);
        assert_eq!(after(&withheld, BatchStatus::Waiting), Some((Some(20), None)));
        withheld.settings.recurrence = Some(every_15_minutes());
        assert_eq!(after(&withheld, BatchStatus::Waiting), Some((Some(30), None)));
    }
}
