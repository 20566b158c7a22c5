//! The course of a job's starts: which one a late run is, which ones are not made, and what follows an end.

use crate::batch::WhyLate;
use crate::batch::{AfterError, BatchJob, BatchStatus, HistoryOutcome, Missed, retry_pause};
use crate::domain::Timestamp;
use crate::recurrence::Rule;

/// A start that is made later than this, in milliseconds, was missed and is not simply a little late.
const LATE_MS: i64 = 60_000;

/// A start that lies further in the future than this, in milliseconds, when its run has ended was made by a clock that was wrong by so
/// much; the job then goes by the clock that was mended instead of waiting for that day.
const SET_BACK_MS: i64 = 24 * 3_600_000;
/// Servers that may die under a run that was asked for at a console before it is given up.
const MOST_LIVES: i64 = 5;

/// Starts that made no run: one row of the history, with their number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkippedStart {
    /// The first of them.
    pub scheduled_at: Timestamp,
    /// How many, at least 1.
    pub starts: u64,
    /// Why.
    pub why: SkipReason,
}

/// Why a start made no run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SkipReason {
    /// The start before it was still running or being tried.
    StillRunning(Timestamp),
    /// It was withheld from then until then.
    Withheld(Timestamp, Timestamp),
    /// No batch server for it was there before then.
    NoServer(Timestamp),
    /// The batch server was there and could not look from then until then: it stood still, or head office was out of reach.
    StoodStill(Timestamp, Timestamp),
    /// It was due while the windows of these servers, which would have taken it, were closed.
    OutsideWindow(String),
    /// It was due and something stood in the way.
    InTheWay,
}

impl SkipReason {
    /// What such a start is in the history.
    pub fn outcome(&self) -> HistoryOutcome {
        match self {
            Self::StillRunning(_) => HistoryOutcome::Skipped,
            Self::NoServer(_) | Self::StoodStill(..) => HistoryOutcome::Missed,
            Self::Withheld(..) | Self::OutsideWindow(_) | Self::InTheWay => HistoryOutcome::NotMade,
        }
    }
}

/// What follows in the course of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Course {
    /// Its status then.
    pub status: BatchStatus,
    /// Its next scheduled start.
    pub next_start: Option<Timestamp>,
    /// When it is tried again.
    pub retry_at: Option<Timestamp>,
    /// Starts that are passed over, one entry for each reason and time.
    pub passed: Vec<SkippedStart>,
}

/// The last occurrence in (`after`, `through`], by bisection over counts: as cheap for ten years as for a minute.
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

/// What a server does that could start a due job now: the scheduled start that the run is (`next_start` of the answer, its status
/// Executing), and what is passed over; with *skip to the next start* a late one is passed over whole and the job waits on.
///
/// A retry is a try of the same start: nothing is passed over.
pub fn at_start(job: &BatchJob, now: Timestamp, why: &WhyLate) -> Course {
    let executing = |next_start, passed| Course { status: BatchStatus::Executing, next_start, retry_at: None, passed };
    let (Some(due), None) = (job.next_start, job.retry_at) else { return executing(job.next_start, Vec::new()) };
    let rule = job.settings.recurrence.as_ref();
    if let (Missed::Skip, Some(rule)) = (job.settings.missed, rule)
        && now.since(due) > LATE_MS
    {
        // A late start is skipped; one that is due just now among those that passed is not late.
        let last = last_between(rule, due, now).filter(|last| now.since(*last) <= LATE_MS);
        return match last {
            Some(last) => executing(Some(last), passed(rule, due, Timestamp(last.0 - 1), why)),
            None => waiting(Some(rule), now, passed(rule, due, now, why)),
        };
    }
    match rule.and_then(|rule| Some((rule, last_between(rule, due, now)?))) {
        Some((rule, last)) => executing(Some(last), passed(rule, due, Timestamp(last.0 - 1), why)),
        None => executing(Some(due), Vec::new()),
    }
}

/// The starts from `due`, which is one, through `through`, by the reason that each was not made for.
fn passed(rule: &Rule, due: Timestamp, through: Timestamp, why: &WhyLate) -> Vec<SkippedStart> {
    let mut passed: Vec<SkippedStart> = Vec::new();
    let mut first = Some(due);
    for (until, why) in why.spans() {
        let Some(scheduled_at) = first.filter(|first| *first <= through) else { break };
        // A start at the very end of a span is the next one's.
        let end = until.map_or(through, |until| Timestamp(until.0.saturating_sub(1)).min(through));
        if scheduled_at > end {
            continue;
        }
        let starts = 1 + rule.count_between(scheduled_at, end);
        passed.push(SkippedStart { scheduled_at, starts, why: why.clone() });
        first = rule.next_after(end);
    }
    passed
}

/// What follows when a run of the job ended.
///
/// `tries`: of this start, the ended one included. An interrupted one is taken up again at once as long as tries remain; one that
/// was to be canceled is over, whether its cancel, its own end, a fault or its server's death came first.
///
/// A clock that was set back meanwhile makes no start due twice: what follows comes after the start that has just been made.
pub fn after_end(job: &BatchJob, outcome: HistoryOutcome, tries: i64, now: Timestamp) -> Course {
    let rule = job.settings.recurrence.as_ref();
    let made = job.next_start.filter(|start| start.since(now) <= SET_BACK_MS);
    let after = made.map_or(now, |start| start.max(now));
    let remain = tries <= job.settings.max_retries;
    if job.status == BatchStatus::Canceling {
        return canceled();
    }
    match outcome {
        HistoryOutcome::Error if remain => {
            let pause = retry_pause(job.settings.retry_pause_ms, tries);
            again(job, Timestamp(now.0.saturating_add(pause)))
        }
        // Whoever asked for a run at a console asked for its end, whatever dies meanwhile.
        HistoryOutcome::Interrupted if remain || (job.interactive && tries <= MOST_LIVES) => again(job, now),
        HistoryOutcome::Canceled => canceled(),
        HistoryOutcome::Error | HistoryOutcome::Interrupted
            if rule.is_none() || job.settings.after_error == AfterError::Stop =>
        {
            Course { status: BatchStatus::Error, next_start: None, retry_at: None, passed: Vec::new() }
        }
        _ => {
            let passed = rule.zip(job.next_start).and_then(|(rule, start)| {
                let starts = rule.count_between(start, now);
                let scheduled_at = rule.next_after(start).filter(|_| starts > 0)?;
                Some(SkippedStart { scheduled_at, starts, why: SkipReason::StillRunning(start) })
            });
            waiting(rule, after, passed.into_iter().collect())
        }
    }
}

fn canceled() -> Course {
    Course { status: BatchStatus::Canceled, next_start: None, retry_at: None, passed: Vec::new() }
}

fn again(job: &BatchJob, at: Timestamp) -> Course {
    Course { status: BatchStatus::Waiting, next_start: job.next_start, retry_at: Some(at), passed: Vec::new() }
}

/// Waits for the next occurrence, or has ended when there is none.
fn waiting(rule: Option<&Rule>, now: Timestamp, passed: Vec<SkippedStart>) -> Course {
    let next_start = rule.and_then(|rule| rule.next_after(now));
    let status = if next_start.is_some() { BatchStatus::Waiting } else { BatchStatus::Ended };
    Course { status, next_start, retry_at: None, passed }
}
