//! Rules about silence: channel databases, jobs and directions without messages for longer than
//! usual.

use crate::batch::{AlertRule, Finding, FoundCondition};
use crate::domain::{Direction, Presence, Timestamp};
use crate::store::head_office::KnownJob;
use crate::store::{HeadOffice, StoreError};
use crate::text::time::age;
use std::collections::HashMap;
use std::collections::HashSet;

/// The most channel databases and jobs that are read.
const MAX_STORES: i64 = 20_000;
const MAX_JOBS: i64 = 10_000;
/// A job without a message for this many days is no longer in use.
const UNUSED_AFTER_DAYS: i64 = 30;

/// Channel databases that are silent for longer than usual, with the cause of their last message if
/// that was a failure.
pub(super) fn stores(office: &HeadOffice, as_of: Timestamp) -> Result<Finding, StoreError> {
    let (quiet, _) = office.quiet_databases(as_of, MAX_STORES)?;
    let causes = if quiet.is_empty() { HashMap::default() } else { office.last_causes(as_of)? };
    let conditions = quiet.into_iter().map(|quiet| {
        let presence = Presence {
            first_seen_at: quiet.last_seen_at,
            last_seen_at: quiet.last_seen_at,
            usual_gap: quiet.usual_gap,
        };
        let cause = causes.get(&quiet.name).filter(|(at, _)| *at == quiet.last_seen_at).map(|(_, cause)| *cause);
        FoundCondition {
            text: format!("{} has sent no message {}", quiet.name, since(&presence)),
            subject: quiet.name.clone(),
            store: Some(quiet.name),
            cause,
            ..FoundCondition::default()
        }
    });
    Ok(Finding::new(AlertRule::StoreSilent, conditions))
}

/// Directions that are silent for longer than usual, and silent jobs of the others.
pub(super) fn jobs(office: &HeadOffice, as_of: Timestamp) -> Result<Finding, StoreError> {
    let unused = as_of.minus_days(UNUSED_AFTER_DAYS);
    let mut jobs = office.known_jobs(MAX_JOBS)?;
    // A job whose usual gap is not known yet may run once a month.
    jobs.retain(|job| job.presence.usual_gap.is_some());
    let (jobs, old): (Vec<_>, Vec<_>) = jobs.into_iter().partition(|job| job.presence.last_seen_at >= unused);
    let ending = format!("no message for {UNUSED_AFTER_DAYS} days, so it counts as no longer in use");
    let endings = old.iter().map(|job| (subject(job), ending.clone())).collect();
    let mut conditions = Vec::new();
    let mut silent = HashSet::new();
    for direction in Direction::ALL {
        let of_it = || jobs.iter().filter(|job| job.direction == direction);
        let last = of_it().map(|job| job.presence).max_by_key(|presence| presence.last_seen_at);
        // The direction is as frequent as its most frequent job.
        let usual_gap = of_it().filter_map(|job| job.presence.usual_gap).min();
        if let Some(last) = last.map(|last| Presence { usual_gap, ..last })
            && last.is_quiet(as_of)
        {
            silent.insert(direction);
            conditions.push(FoundCondition {
                subject: direction.word().to_owned(),
                text: format!("no message about {}s has arrived {}", direction.word(), since(&last)),
                ..FoundCondition::default()
            });
        }
    }
    let quiet = |job: &&KnownJob| !silent.contains(&job.direction) && job.presence.is_quiet(as_of);
    conditions.extend(jobs.iter().filter(quiet).map(|job| FoundCondition {
        subject: subject(job),
        text: format!(
            "no message about job {} ({}) has arrived {}",
            job.name,
            job.direction.word(),
            since(&job.presence)
        ),
        ..FoundCondition::default()
    }));
    Ok(Finding { endings, ..Finding::new(AlertRule::NothingHappened, conditions) })
}

fn subject(job: &KnownJob) -> String {
    format!("{} {}", job.direction.word(), job.name)
}

fn since(presence: &Presence) -> String {
    let usual = presence.usual_gap.map_or_else(String::new, |gap| format!(", usually at most {} apart", age(gap)));
    format!("since {}{usual}", presence.last_seen_at.in_utc())
}
