//! The scheduled starts of a job.

use crate::batch::{BatchJob, BatchStatus};
use crate::domain::Timestamp;
use crate::recurrence::Rule;

/// Returns the starts of a job up to an instant, at most `most`, the next first: a pending retry,
/// the next start, and the occurrences of its recurrence after that. A job that is not waiting or
/// executing has none until an operator releases it.
pub fn starts_until(job: &BatchJob, until: Timestamp, most: usize) -> Vec<Timestamp> {
    if !matches!(job.status, BatchStatus::Waiting | BatchStatus::Executing) {
        return Vec::new();
    }
    let rule = job.settings.recurrence.as_ref();
    let after = |at: &Timestamp| rule.and_then(|rule: &Rule| rule.next_after(*at));
    let scheduled = std::iter::successors(job.next_start, after);
    let mut starts: Vec<_> =
        job.retry_at.into_iter().chain(scheduled).take_while(|at| *at <= until).take(most).collect();
    starts.dedup();
    starts
}
