//! The actions on a batch job.

use crate::batch::{BatchJob, BatchStatus, JobSettings, PurgeConsent, SchedulingState, Task, may_change};
use crate::console::backend::batch_mutations::run_now;
use crate::console::protocol::batch_query::BatchQuery;
use crate::console::protocol::effect::{Action, Confirm, Effect, Prompt, RunRequest};
use crate::console::protocol::mutation::{BatchMutation, Mutation};
use crate::console::protocol::query::Query;
use crate::console::protocol::route::{EditedJob, Route};
use crate::console::protocol::run_progress::LiveRun;
use crate::console::screens::batch::jobs::columns::JobRow;
use crate::console::view::context::ViewContext;
use crate::guard::Consent;

/// The actions on a job, one of `all`; each says why it is refused.
pub fn on_job(job: &BatchJob, all: &[JobRow], scheduling: Option<&SchedulingState>, view: &ViewContext) -> Vec<Action> {
    let mut actions = on_one(job, scheduling, view);
    if !job.status.is_executing() {
        let refused = view.refusal();
        let label = format!("Delete all jobs with status {}…", job.status);
        actions.push(Action::new('e', label, delete_all(job.status, all)).refused(refused));
    }
    actions
}

/// The actions on a job that change no other. `scheduling`: the batch servers, if they are known.
pub fn on_one(job: &BatchJob, scheduling: Option<&SchedulingState>, view: &ViewContext) -> Vec<Action> {
    let unserved = scheduling.and_then(|scheduling| why_unserved(job, scheduling));
    let name = job.name();
    let executing = || job.status.is_executing().then(|| "it is executing".to_owned());
    let once = || job.settings.recurrence.is_none().then(|| "it has none".to_owned());
    let one_run = || job.interactive.then(|| "one run, requested at a console".to_owned());
    let refuse = |reason: Option<String>| view.refusal().or(reason);
    let go = |route| vec![Effect::Go(route)];
    vec![
        Action::copy('y', "Copy as command", format!("cdx batch why {}", job.job_id)),
        Action::new(
            's',
            "Change status…",
            vec![Effect::Actions(format!("New status of {name}"), statuses(job, &name))],
        )
        .refused(refuse(None)),
        Action::new('r', "Recurrence…", go(Route::JobRecurrence(job.job_id)))
            .refused(refuse(executing().or(one_run()))),
        Action::new('t', "Alerts…", go(Route::JobAlerts(job.job_id))).refused(refuse(one_run())),
        if job.settings.private {
            Action::new('g', "Run here now…", run_here(job, &name)).refused(refuse(why_not_here(job, view)))
        } else if job.status == BatchStatus::Waiting {
            Action::new('n', "Run now…", run_in_place(job, &name, unserved)).refused(refuse(one_run()))
        } else {
            Action::new('n', "Run once now…", run_once(job, &name, unserved, view))
                .refused(refuse(executing().or(one_run())))
        },
        Action::new('m', "Edit…", go(Route::EditJob(Box::new(edited(job))))).refused(refuse(executing().or(one_run()))),
        Action::new('v', "Former versions…", vec![Effect::Ask(Query::Batch(BatchQuery::Versions(job.job_id)))])
            .refused(refuse(one_run())),
        Action::new('o', "Copy the job…", go(Route::SubmitLike(Box::new(job.settings.clone()))))
            .refused(refuse(one_run())),
        Action::new('x', "Remove recurrence…", remove_recurrence(job, &name))
            .refused(refuse(executing().or(one_run()).or(once()))),
        Action::new('d', "Delete…", delete(job, &name)).refused(refuse(executing())),
    ]
}

fn change(change: BatchMutation) -> Vec<Effect> {
    vec![Effect::Mutation(Mutation::Batch(change))]
}

/// Why a private job cannot run in this console now.
fn why_not_here(job: &BatchJob, view: &ViewContext) -> Option<String> {
    match job.due() {
        _ if job.created_by != view.operator => Some(format!("it is private to {}", job.created_by)),
        _ if view.run.is_some_and(LiveRun::is_active) => Some("a run is active in this console".to_owned()),
        _ if job.status.is_executing() => None,
        _ if job.status != BatchStatus::Waiting => Some(format!("it is {}", job.status)),
        Some(at) if at > view.now => Some(format!("not due before {}", view.zone.short(at, view.now))),
        _ => None,
    }
}

fn run_here(job: &BatchJob, name: &str) -> Vec<Effect> {
    let Task { transfer, purge } = job.settings.task;
    let (purge_consent, consent) = (PurgeConsent::default(), Consent::default());
    let request = RunRequest { transfer, purge, purge_consent, job: Some(job.job_id), consent };
    let line = "If the console ends first, the run stops after its current chunk and the job stays due.";
    let then = vec![Effect::Start(request), Effect::Go(Route::Process)];
    vec![Confirm::yes(format!("Run {name} in this console?"), line, then)]
}

/// The version of the job that an edit starts from.
fn edited(job: &BatchJob) -> EditedJob {
    EditedJob { job_id: job.job_id, version: job.version, settings: job.settings.clone() }
}

/// Why no batch server would take a run of the job.
fn why_unserved(job: &BatchJob, scheduling: &SchedulingState) -> Option<String> {
    let group = &job.settings.batch_group;
    let is_served = scheduling.servers.iter().any(|server| server.is_alive() && server.serves(group));
    let name = if group.is_empty() { "the default group".to_owned() } else { format!("group {group}") };
    (!is_served).then(|| format!("! No running batch server serves {name}: it waits until one does."))
}

/// A question about a run, with what it would wait for.
fn ask(title: String, line: &str, unserved: Option<String>, then: Vec<Effect>) -> Vec<Effect> {
    let lines = unserved.into_iter().chain([line.to_owned()]).collect();
    vec![Effect::Confirm(Confirm { title, lines, word: "y".to_owned(), then })]
}

fn run_in_place(job: &BatchJob, name: &str, unserved: Option<String>) -> Vec<Effect> {
    let line = match job.settings.recurrence {
        Some(_) => "It starts as soon as a batch server takes it; its recurrence continues after that run.",
        None => "It starts as soon as a batch server takes it, instead of at its scheduled start.",
    };
    let then = change(BatchMutation::StartNow(job.job_id, Some(job.version)));
    ask(format!("Run {name} now?"), line, unserved, then)
}

fn run_once(job: &BatchJob, name: &str, unserved: Option<String>, view: &ViewContext) -> Vec<Effect> {
    let request = BatchMutation::RunOnce(job.job_id, run_now(&job.settings, view.now));
    let line = "Requests one run as a batch job of its own; the job itself stays as it is.";
    ask(format!("Run {name} once now?"), line, unserved, change(request))
}

fn remove_recurrence(job: &BatchJob, name: &str) -> Vec<Effect> {
    let settings = JobSettings { recurrence: None, ..job.settings.clone() };
    let then = change(BatchMutation::Change(job.job_id, Box::new(settings), Some(job.version)));
    let line = match job.status {
        BatchStatus::Waiting => "It runs once more, at its scheduled start, or at once if that has passed.",
        BatchStatus::Withhold => "It stays withheld. Once released it runs once, at its scheduled start or at once.",
        _ => "It does not run again unless its status is set to Waiting.",
    };
    vec![Confirm::yes(format!("Remove the recurrence of {name}?"), line, then)]
}

fn delete(job: &BatchJob, name: &str) -> Vec<Effect> {
    let then = change(BatchMutation::Delete(vec![(job.job_id, Some(job.version))]));
    let line = "Its schedule and alerts are deleted, its history stays. This can be undone.";
    vec![Confirm::yes(format!("Delete {name}?"), line, then)]
}

fn delete_all(status: BatchStatus, all: &[JobRow]) -> Vec<Effect> {
    let of_status = all.iter().filter(|row| row.job.status == status);
    let jobs: Vec<_> = of_status.map(|row| (row.job.job_id, Some(row.job.version))).collect();
    let count = jobs.len();
    let which = if count == 1 { "the only batch job".to_owned() } else { format!("all {count} batch jobs") };
    let title = format!("Delete {which} with status {status}?");
    let line = "Schedule and alerts are deleted, the history stays. Each deletion can be undone.";
    vec![Confirm::typed(count.to_string(), title, line, change(BatchMutation::Delete(jobs)))]
}

/// The statuses an operator can choose: letter, status, what it does, and what the question before
/// it says.
const STATUSES: [(char, BatchStatus, &str, &str); 4] = [
    ('w', BatchStatus::Withhold, "no run until it is released", "It will not run until it is released."),
    ('r', BatchStatus::Waiting, "releases it", "One missed run starts immediately."),
    (
        'e',
        BatchStatus::Canceling,
        "stops after the current chunk",
        "The run stops after its current chunk; transferred messages are kept. The recurrence stops.",
    ),
    (
        'c',
        BatchStatus::Canceled,
        "stops the recurrence",
        "The recurrence stops; setting the status to Waiting starts it again.",
    ),
];

/// The statuses an operator can choose; those that the present one does not allow say why.
fn statuses(job: &BatchJob, name: &str) -> Vec<Action> {
    let action = |(key, to, remark, line): &(char, BatchStatus, &str, &'static str)| {
        let (job_id, version, to, line) = (job.job_id, job.version, *to, *line);
        let title = format!("Set {name} to {to}?");
        let prompt = Prompt::line("Reason, for the journal (optional):", "", move |typed| {
            let then = change(BatchMutation::ChangeStatus(job_id, to, typed.text.to_owned(), Some(version)));
            Ok(vec![Confirm::yes(&title, line, then)])
        });
        let refused = may_change(job.status, to).err().map(str::to_owned);
        Action::new(*key, to.to_string(), vec![prompt]).remark(*remark).refused(refused)
    };
    STATUSES.iter().map(action).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_that_can_be_chosen_has_a_letter_that_moves_nothing() {
        for status in BatchStatus::CHOICES {
            let (letter, ..) = STATUSES.iter().find(|(_, known, ..)| *known == status).expect("a letter");
            assert!(!"ahjkl".contains(*letter));
        }
    }
}
