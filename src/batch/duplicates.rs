//! Warns that a job to be submitted exists already.

use crate::batch::{BatchJob, BatchStatus, JobSettings};

/// Returns a warning if an unfinished job has the same task; a job of the same group is preferred.
/// `keys`: the keys that release it, shown in the warning.
pub fn duplicate_warning(settings: &JobSettings, jobs: &[BatchJob], keys: &str) -> Option<String> {
    let over = |status| matches!(status, BatchStatus::Ended | BatchStatus::Canceled);
    let alike = |job: &&BatchJob| job.settings.task == settings.task && !over(job.status) && !job.interactive;
    let job = jobs.iter().filter(alike).min_by_key(|job| job.settings.batch_group != settings.batch_group)?;
    let group = match job.settings.batch_group.as_str() {
        group if group == settings.batch_group => String::new(),
        "" => " in the default group".to_owned(),
        group => format!(" in group {group}"),
    };
    let status = match job.status {
        BatchStatus::Withhold => format!("is withheld. Release it instead{keys}"),
        BatchStatus::Error => format!("is in Error. Release it instead{keys}"),
        status => format!("is {}", status.label().to_lowercase()),
    };
    Some(format!("job {} does the same{group} and {status}", job.job_id))
}
