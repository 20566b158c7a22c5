//! Rules that compare with the same hour of earlier weeks: the messages that the runs of an hour
//! transferred, and how long a batch job takes.

use crate::batch::{AlertRule, BatchJob, Finding, FoundCondition, HistoryOutcome};
use crate::domain::{HOUR_MS, MINUTE_MS, Timestamp, counted, grouped};
use crate::store::head_office::JobFilter;
use crate::store::{HeadOffice, StoreError};
use crate::text::time::took;
use chrono::{DateTime, Days, NaiveDateTime, TimeZone, Timelike};
use chrono_tz::Tz;

/// The earlier weeks that are compared.
const COMPARED_WEEKS: u64 = 8;
/// The earlier weeks with runs that a comparison needs.
const MIN_WEEKS: usize = 3;
/// A value is unusual if it is more than the greatest times this factor, or less than the least
/// divided by it.
const UNUSUAL_FACTOR: i64 = 3;
/// The minimum difference of an unusual hour, in messages.
const MIN_DIFFERENCE_MESSAGES: i64 = 100;
/// The minimum difference of an unusual duration, in milliseconds.
const MIN_DIFFERENCE_MS: i64 = MINUTE_MS;
/// The most batch jobs that are read.
const MAX_JOBS: i64 = 1_000;

/// A whole hour by the wall clock of a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hour {
    begins: NaiveDateTime,
    zone: Tz,
}

impl Hour {
    /// The last hour that was complete at an instant.
    pub(super) fn before(at: Timestamp, zone: Tz) -> Option<Self> {
        Self::of(Timestamp(at.0 - HOUR_MS), zone)
    }

    /// The hour that contains an instant.
    fn of(at: Timestamp, zone: Tz) -> Option<Self> {
        let wall = DateTime::from_timestamp_millis(at.0)?.with_timezone(&zone).naive_local();
        Some(Self { begins: wall.date().and_hms_opt(wall.hour(), 0, 0)?, zone })
    }

    /// Returns the begin and the end of this hour some weeks earlier; `None` if a clock change
    /// skips it.
    fn weeks_ago(self, weeks: u64) -> Option<(Timestamp, Timestamp)> {
        let begins = self.begins.checked_sub_days(Days::new(7 * weeks))?;
        let begins = Timestamp(self.zone.from_local_datetime(&begins).earliest()?.timestamp_millis());
        Some((begins, Timestamp(begins.0 + HOUR_MS)))
    }

    fn words(self) -> String {
        let ends = self.begins + chrono::TimeDelta::hours(1);
        let zone = crate::recurrence::city(self.zone);
        format!("{} to {} in {zone}", self.begins.format("%Y-%m-%d %H:%M"), ends.format("%H:%M"))
    }
}

/// What is unusual about the messages of an hour.
#[derive(Debug, Default)]
pub(super) struct Volume {
    /// There were none.
    pub(super) nothing: Option<FoundCondition>,
    /// There were unusually many or few.
    pub(super) unusual: Option<FoundCondition>,
}

/// Compares the new messages of the runs that began in an hour, rejected ones included, with those
/// of the same hour of earlier weeks. `None` while such a run is active.
pub(super) fn volume(office: &HeadOffice, hour: Hour) -> Result<Option<Volume>, StoreError> {
    let Some((from, to)) = hour.weeks_ago(0) else { return Ok(None) };
    let current = office.new_messages(from, to)?;
    if current.active > 0 {
        return Ok(None);
    }
    if current.runs == 0 {
        return Ok(Some(Volume::default()));
    }
    let mut usual = Vec::new();
    for (from, to) in (1..=COMPARED_WEEKS).filter_map(|weeks| hour.weeks_ago(weeks)) {
        let earlier = office.new_messages(from, to)?;
        if earlier.runs > 0 {
            usual.push(earlier.messages);
        }
    }
    let range = usual.iter().min().copied().zip(usual.iter().max().copied());
    let Some((least, most)) = range.filter(|_| usual.len() >= MIN_WEEKS) else {
        return Ok(Some(Volume::default()));
    };
    let found = |text: String| FoundCondition { subject: "volume".to_owned(), text, ..FoundCondition::default() };
    let compared = format!("usually {} to {} at that hour", grouped(least), grouped(most));
    let when = hour.words();
    let messages = current.messages;
    if messages == 0 {
        // Hours with a few messages may well have none for once.
        let nothing = (least > 0).then(|| found(format!("runs read nothing from {when}, {compared}")));
        return Ok(Some(Volume { nothing, unusual: None }));
    }
    let is_high = messages > most.saturating_mul(UNUSUAL_FACTOR) && messages - most >= MIN_DIFFERENCE_MESSAGES;
    let is_low = messages.saturating_mul(UNUSUAL_FACTOR) < least && least - messages >= MIN_DIFFERENCE_MESSAGES;
    let unusual = (is_high || is_low).then(|| {
        found(format!("runs that began from {when} transferred {}, {compared}", counted(messages, "message")))
    });
    Ok(Some(Volume { nothing: None, unusual }))
}

/// Batch jobs whose last or present run takes far longer than those of the same hour of earlier
/// weeks.
pub(super) fn duration(office: &HeadOffice, now: Timestamp, zone: Tz) -> Result<Finding, StoreError> {
    let mut conditions = Vec::new();
    for job in office.jobs(&JobFilter::default(), MAX_JOBS)? {
        let Some((began, took_ms, is_active)) = newest_run(&job, now) else { continue };
        let Some(hour) = Hour::of(began, zone) else { continue };
        let mut usual = Vec::new();
        for (from, to) in (1..=COMPARED_WEEKS).filter_map(|weeks| hour.weeks_ago(weeks)) {
            usual.extend(office.longest_run(job.job_id, from, to)?);
        }
        let Some(most) = usual.iter().max().copied().filter(|_| usual.len() >= MIN_WEEKS) else { continue };
        if took_ms <= most.saturating_mul(UNUSUAL_FACTOR) || took_ms - most < MIN_DIFFERENCE_MS {
            continue;
        }
        let (name, began, took_now) = (job.name(), began.in_utc(), took(took_ms));
        let what = if is_active {
            format!("batch {name} has been executing since {began}")
        } else {
            format!("the run of batch {name} that began at {began} took {took_now}")
        };
        conditions.push(FoundCondition {
            subject: job.job_id.to_string(),
            job_id: Some(job.job_id),
            text: format!("{what}; usually at most {}", took(most)),
            ..FoundCondition::default()
        });
    }
    Ok(Finding::new(AlertRule::UnusualDuration, conditions))
}

/// When the newest run of a job began, how long it has taken, and whether it is active. A run that
/// did not succeed has alerts of its own.
fn newest_run(job: &BatchJob, now: Timestamp) -> Option<(Timestamp, i64, bool)> {
    if let Some(claim) = &job.claim {
        return Some((claim.since, now.since(claim.since), true));
    }
    let last = job.last.filter(|last| last.outcome == HistoryOutcome::Ended)?;
    Some((Timestamp(last.ended_at.0 - last.took_ms), last.took_ms, false))
}
