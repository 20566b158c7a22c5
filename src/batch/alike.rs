//! Whether a job that is to be submitted is there already.

use crate::batch::{BatchJob, BatchStatus, JobSettings};

/// The warning that one of these jobs does the same in the same group and is not over; text from outside may be in it.
pub fn does_the_same(settings: &JobSettings, jobs: &[BatchJob]) -> Option<String> {
    let over = |status| matches!(status, BatchStatus::Ended | BatchStatus::Canceled);
    let alike = |known: &JobSettings| known.task == settings.task && known.batch_group == settings.batch_group;
    let job = jobs.iter().find(|job| alike(&job.settings) && !over(job.status) && !job.interactive)?;
    let status = match job.status {
        BatchStatus::Withhold => "is withheld: release it?".to_owned(),
        BatchStatus::Error => "is in Error: release it?".to_owned(),
        status => format!("is {}", status.label().to_lowercase()),
    };
    Some(format!("{} {} does the same and {status}", job.job_id, job.settings.description))
}
