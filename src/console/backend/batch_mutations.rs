//! Changes to batch jobs, groups, servers and alerts that an operator makes from a screen.

use crate::batch::{AlertEvent, AlertSettings, BatchServer, EXCHANGE, JobSettings, PurgeConsent, Task};
use crate::console::protocol::batch_query::Watched;
use crate::console::protocol::effect::RunRequest;
use crate::console::protocol::key_table::Command;
use crate::console::protocol::keymap::Keymap;
use crate::console::protocol::mutation::BatchMutation;
use crate::console::protocol::mutation::{AfterMutation, MutationResult};
use crate::console::protocol::route::Route;
use crate::domain::{Timestamp, counted};
use crate::engine::Databases;
use crate::store::head_office::{About, Edit, NewNotification, Refusal};
use crate::store::{Access, HeadOffice};

/// Applies the mutation and returns the sentence that reports it. Durable when it returns.
pub fn perform(
    databases: &Databases,
    operator: &str,
    mutation: &BatchMutation,
    keymap: &Keymap,
) -> Result<MutationResult, Refusal> {
    let undo = keymap.key(Command::Undo);
    let opening = databases.opening(Access::Create);
    let office = HeadOffice::open(&databases.head_office, opening)?;
    Ok(match mutation {
        BatchMutation::Submit(settings, alerts, start) => {
            let job_id = office.submit_job(settings, operator)?;
            if let Some(fault) = alerts.as_ref().and_then(|alerts| office.set_alerts(job_id, alerts).err()) {
                // The job exists; reporting a failure would make the operator submit it again.
                let said = format!("! Batch job {job_id} submitted, but its alerts were not set: {fault}");
                return Ok(MutationResult { said, leads: AfterMutation::Back });
            }
            MutationResult {
                said: format!(
                    "Batch job {job_id} submitted, {start}; {} shows it.",
                    keymap.key(Command::Numbered('7'))
                ),
                leads: AfterMutation::Back,
            }
        }
        BatchMutation::AskForRun(settings, server, consent) => {
            let job_id = office.request_run(settings, operator, server.as_deref(), *consent)?;
            let target = server.as_deref().unwrap_or("a batch server");
            MutationResult {
                said: format!("Run requested on {target}."),
                leads: AfterMutation::To(Route::Watch(Watched::OfJob(job_id))),
            }
        }
        BatchMutation::RunOnce(of, settings) => {
            let job_id = office.request_run(settings, operator, None, PurgeConsent::default())?;
            MutationResult {
                said: format!("Run of job {of} requested as batch job {job_id}."),
                leads: AfterMutation::To(Route::Watch(Watched::OfJob(job_id))),
            }
        }
        BatchMutation::ChangeStatus(job_id, to, reason, version) => {
            let reason = Some(reason.trim()).filter(|reason| !reason.is_empty());
            let job = office.change_job_status(*job_id, *to, Edit::of_version(operator, *version), reason)?;
            let undo =
                if job.status.is_executing() { String::new() } else { format!(" {undo} undoes it until it has run.") };
            MutationResult::said(format!("Batch job {job_id} {}: {}.{undo}", job.settings.description, job.status))
        }
        BatchMutation::Change(job_id, settings, version) => {
            let job = office.change_job(*job_id, settings, Edit::of_version(operator, *version))?;
            let next = if job.next_start.is_some() { "" } else { "; no start is scheduled any more" };
            MutationResult {
                said: format!("Batch job {job_id} was changed{next}; {undo} undoes it until it has run."),
                leads: AfterMutation::Stay,
            }
        }
        BatchMutation::StartNow(job_id, version) => {
            let job = office.start_job_now(*job_id, Edit::of_version(operator, *version))?;
            MutationResult::said(format!("Batch job {job_id} {} is due now.", job.settings.description))
        }
        BatchMutation::Delete(jobs) => {
            let deleted = office.delete_jobs(jobs, operator)?;
            MutationResult::said(match jobs.as_slice() {
                [(job_id, _)] => format!("Batch job {job_id} was deleted; its history is kept. {undo} restores it."),
                _ => format!("Deleted {}; the history is kept. {undo} restores each.", counted(deleted, "batch job")),
            })
        }
        BatchMutation::SetAlerts(job_id, settings) => {
            let of = if *job_id == EXCHANGE {
                office.set_exchange_alerts(settings)?;
                "the exchange".to_owned()
            } else {
                office.set_alerts(*job_id, settings)?;
                format!("batch job {job_id}")
            };
            MutationResult { said: format!("Alerts of {of}: {}.", settings.summary()), leads: AfterMutation::Back }
        }
        BatchMutation::TestAlerts(job_id, settings) => MutationResult::said(test_alerts(&office, *job_id, settings)?),
        BatchMutation::NoteRead(up_to) => {
            office.note_read(operator, *up_to)?;
            MutationResult::said(String::new())
        }
        BatchMutation::ChangeServer(server) => {
            office.change_server(server, Edit::of_version(operator, Some(server.settings_version)))?;
            MutationResult::said(format!("Batch server {} was changed, effective immediately.", server.name))
        }
        BatchMutation::SaveGroup(group, description, version) => {
            office.save_group(group, description, Edit::of_version(operator, *version))?;
            MutationResult::said(format!("Batch group {group} was saved."))
        }
        BatchMutation::DeleteGroup(group, version) => {
            if office.delete_group(group, Edit::of_version(operator, *version))? {
                MutationResult::said(format!("Batch group {group} was deleted."))
            } else {
                MutationResult::said(format!("! Batch group {group} was not deleted: it contains a batch job."))
            }
        }
    })
}

/// Queues one test notification on every channel of the settings and returns what to tell the
/// operator.
fn test_alerts(office: &HeadOffice, job_id: Option<i64>, settings: &AlertSettings) -> Result<String, Refusal> {
    let of = match job_id {
        Some(EXCHANGE) => " of the exchange".to_owned(),
        Some(job_id) => format!(" of batch job {job_id}"),
        None => String::new(),
    };
    let text = format!("Test of the alerts{of}, by {}.", settings.operator);
    let event = AlertEvent::SelfTest;
    office.notify_now(&NewNotification {
        settings,
        event,
        about: About::Test,
        job_id: job_id.filter(|job_id| *job_id != EXCHANGE),
        history_id: None,
        text: &text,
    })?;
    let alive = office.servers()?.iter().any(BatchServer::is_alive);
    Ok(match (settings.needs_batch_server(), alive) {
        (true, false) => "A test is queued, but no batch server is running to send it.".to_owned(),
        (true, true) => "A test is being sent; the form shows the result in a moment.".to_owned(),
        (false, _) => "A test is in the notifications (!).".to_owned(),
    })
}

/// Returns the settings of a job that does once, now, what the given job does.
pub fn run_now(settings: &JobSettings, now: Timestamp) -> Box<JobSettings> {
    Box::new(JobSettings { recurrence: None, first_start: now, private: false, max_retries: 0, ..settings.clone() })
}

/// Requests a run on the batch server that completes an interrupted one. Durable when it returns.
pub fn ask_for_rest(databases: &Databases, operator: &str, request: &RunRequest, server: &str) -> Result<i64, Refusal> {
    let opening = databases.opening(Access::Existing);
    let office = HeadOffice::open(&databases.head_office, opening)?;
    let settings = JobSettings {
        task: Task { transfer: request.transfer, purge: request.purge },
        ..JobSettings::new(office.now()?)
    };
    office.request_run(&settings, operator, Some(server), request.purge_consent)
}

/// Writes notifications of overdue starts and long runs. An error is ignored: the next freshness
/// query still reports that something is overdue, and this is called again.
pub fn notify_overdue(databases: &Databases) {
    let opening = databases.opening(Access::Existing);
    let office = HeadOffice::open(&databases.head_office, opening);
    let _ = office.and_then(|office| office.notify_overdue(office.now()?));
}
