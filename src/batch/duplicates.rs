//! Warns that a job to be submitted exists already.

use crate::batch::{BatchJob, BatchStatus, JobSettings};

/// Returns a warning if one of these jobs has the same task and group and is not over. `keys`: the keys that release it, for the warning.
pub fn does_the_same(settings: &JobSettings, jobs: &[BatchJob], keys: &str) -> Option<String> {
    let over = |status| matches!(status, BatchStatus::Ended | BatchStatus::Canceled);
    let alike = |known: &JobSettings| known.task == settings.task && known.batch_group == settings.batch_group;
    let job = jobs.iter().find(|job| alike(&job.settings) && !over(job.status) && !job.interactive)?;
    let status = match job.status {
        BatchStatus::Withhold => format!("is withheld. Release it instead{keys}"),
        BatchStatus::Error => format!("is in Error. Release it instead{keys}"),
        status => format!("is {}", status.label().to_lowercase()),
    };
    Some(format!("job {} does the same and {status}", job.job_id))
}
