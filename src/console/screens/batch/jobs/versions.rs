//! The former versions of a job's settings, and the way back to one.

use crate::batch::BatchJob;
use crate::console::protocol::batch_query::JobVersion;
use crate::console::protocol::effect::{Confirm, Effect, Pick};
use crate::console::protocol::mutation::{BatchMutation, Mutation};
use crate::console::view::context::ViewContext;

/// Offers the former versions of a job; picking one asks before it is restored.
pub fn offer(job: Option<&BatchJob>, versions: Vec<JobVersion>, view: &ViewContext) -> Effect {
    let Some(job) = job else { return Effect::Say("! the job no longer exists".to_owned()) };
    if versions.is_empty() {
        return Effect::Say(format!("No operator has changed the settings of {}.", job.name()));
    }
    let item = |version: &JobVersion| {
        let until = view.zone.short(version.until, view.now);
        (format!("until {until}, {}: {}", version.operator, version.detail), false)
    };
    let items = versions.iter().map(item).collect();
    let job = job.clone();
    Pick::one("Former versions", items, move |at| revert(&job, &versions[at]))
}

/// Asks before a job gets the settings of a former version. The question shows what changes.
fn revert(job: &BatchJob, version: &JobVersion) -> Effect {
    if job.settings == version.settings {
        return Effect::Say(format!("The settings of {} are the same as that version.", job.name()));
    }
    let settings = Box::new(version.settings.clone());
    let change = Mutation::Batch(BatchMutation::Change(job.job_id, settings, Some(job.version)));
    let line = format!("{}.", job.settings.differences(&version.settings));
    Confirm::yes(format!("Revert {} to this version?", job.name()), line, vec![Effect::Mutation(change)])
}
