//! Changes to batch jobs, groups, servers and alerts that an operator makes from a screen.

use crate::batch::{AlertEvent, AlertSettings, BatchServer, JobSettings, Task};
use crate::console::protocol::batch_query::Watched;
use crate::console::protocol::effect::RunRequest;
use crate::console::protocol::mutation::BatchMutation;
use crate::console::protocol::mutation::{AfterMutation, MutationResult};
use crate::console::protocol::route::Route;
use crate::domain::Timestamp;
use crate::engine::Databases;
use crate::store::head_office::{Edit, NewNotification, Refusal};
use crate::store::{Access, HeadOffice, Opening};

/// Makes the change and says what it came to; durable when it returns.
pub fn perform(databases: &Databases, operator: &str, act: &BatchMutation) -> Result<MutationResult, Refusal> {
    let opening = Opening { access: Access::Create, allow_network_file_system: databases.allow_network_file_system };
    let office = HeadOffice::open(&databases.head_office, opening)?;
    Ok(match act {
        BatchMutation::Submit(settings, alerts, start) => {
            let job_id = office.submit_job(settings, operator)?;
            if let Some(fault) = alerts.as_ref().and_then(|alerts| office.set_alerts(job_id, alerts).err()) {
                // To say that it failed would have it submitted twice.
                let said = format!("! Batch job {job_id} submitted, but its alerts were not set: {fault}");
                return Ok(MutationResult { said, leads: AfterMutation::Back });
            }
            MutationResult {
                said: format!("Batch job {job_id} submitted, {start}; 7 shows it."),
                leads: AfterMutation::Back,
            }
        }
        BatchMutation::AskForRun(settings, server, rows) => {
            let job_id = office.ask_for_run(settings, operator, server.as_deref(), *rows)?;
            let whom = server.as_deref().unwrap_or("a batch server");
            MutationResult {
                said: format!("A run is asked for at {whom}."),
                leads: AfterMutation::To(Route::Watch(Watched::OfJob(job_id))),
            }
        }
        BatchMutation::ChangeStatus(job_id, to, reason, version) => {
            let reason = Some(reason.trim()).filter(|reason| !reason.is_empty());
            let job = office.change_job_status(*job_id, *to, Edit::of_version(operator, *version), reason)?;
            let undo = if job.status.is_alive() { "" } else { " u takes it back until it has run." };
            MutationResult::said(format!("Batch job {job_id} {}: {}.{undo}", job.settings.description, job.status))
        }
        BatchMutation::Change(job_id, settings, version) => {
            let job = office.change_job(*job_id, settings, Edit::of_version(operator, *version))?;
            let next = if job.next_start.is_some() { "" } else { "; no start comes any more" };
            MutationResult {
                said: format!("Batch job {job_id} was changed{next}; u takes it back until it has run."),
                leads: AfterMutation::Stay,
            }
        }
        BatchMutation::Delete(jobs) => {
            let deleted = office.delete_jobs(jobs, operator)?;
            MutationResult::said(match jobs.as_slice() {
                [(job_id, _)] => format!("Batch job {job_id} was deleted; its history stays. u brings it back."),
                _ => format!("{deleted} batch jobs were deleted; their history stays. u brings each back."),
            })
        }
        BatchMutation::SetAlerts(job_id, settings) => {
            office.set_alerts(*job_id, settings)?;
            MutationResult {
                said: format!("Alerts of batch job {job_id}: {}.", settings.words()),
                leads: AfterMutation::Back,
            }
        }
        BatchMutation::TestAlerts(job_id, settings) => MutationResult::said(test(&office, *job_id, settings)?),
        BatchMutation::NoteRead(up_to) => {
            office.note_read(operator, *up_to)?;
            MutationResult::said(String::new())
        }
        BatchMutation::ChangeServer(server) => {
            office.change_server(server, Edit::of_version(operator, Some(server.settings_version)))?;
            MutationResult::said(format!("Batch server {} was changed; it goes by that at once.", server.name))
        }
        BatchMutation::SaveGroup(group, description, version) => {
            office.save_group(group, description, Edit::of_version(operator, *version))?;
            MutationResult::said(format!("Batch group {group} was saved."))
        }
        BatchMutation::DeleteGroup(group, version) => {
            if office.delete_group(group, Edit::of_version(operator, *version))? {
                MutationResult::said(format!("Batch group {group} was deleted."))
            } else {
                MutationResult::said(format!("! Batch group {group} was not deleted: a batch job is in it."))
            }
        }
    })
}

fn test(office: &HeadOffice, job_id: Option<i64>, settings: &AlertSettings) -> Result<String, Refusal> {
    let of = job_id.map_or_else(String::new, |job_id| format!(" of batch job {job_id}"));
    let text = format!("Test of the alerts{of}, by {}.", settings.operator);
    let event = AlertEvent::Ended;
    office.notify(&NewNotification { settings, event, job_id, history_id: None, text: &text })?;
    let by_server = settings.email.is_some() || settings.command;
    let alive = office.servers()?.iter().any(BatchServer::is_alive);
    Ok(match (by_server, alive) {
        (true, false) => "A test was written down; no batch server runs that could send it.".to_owned(),
        (true, true) => "A test is on its way; the form says in a moment how it went.".to_owned(),
        (false, _) => "A test stands in the list behind !.".to_owned(),
    })
}

/// What a run asked for now is to do.
pub fn run_now(settings: &JobSettings, now: Timestamp) -> Box<JobSettings> {
    Box::new(JobSettings { recurrence: None, first_start: now, private: false, max_retries: 0, ..settings.clone() })
}

/// Asks a batch server for the rest of a run; durable when it returns.
pub fn ask_for_rest(databases: &Databases, operator: &str, choice: RunRequest, server: &str) -> Result<i64, Refusal> {
    let opening = Opening { access: Access::Existing, allow_network_file_system: databases.allow_network_file_system };
    let office = HeadOffice::open(&databases.head_office, opening)?;
    let settings = JobSettings {
        task: Task { transfer: choice.transfer, purge: choice.purge },
        ..JobSettings::new(office.now()?)
    };
    office.ask_for_run(&settings, operator, Some(server), choice.confirm_purge)
}

/// Tells of starts that do not come and of runs that take long; that it could not shows at the next look.
pub fn tell_overdue(databases: &Databases) {
    let opening = Opening { access: Access::Existing, allow_network_file_system: databases.allow_network_file_system };
    let office = HeadOffice::open(&databases.head_office, opening);
    let _ = office.and_then(|office| office.tell_overdue(office.now()?));
}
