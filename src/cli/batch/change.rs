//! `cdx batch change-status` and `cdx batch delete`.

use crate::cli::args::{ChangeStatusArgs, DeleteArgs};
use crate::cli::batch::{parse_status, refusal_failure};
use crate::cli::context::{Context, operator};
use crate::cli::exit::{CommandResult, Exit, Failure};
use crate::cli::output::{print_json, report};
use crate::cli::terminal::print_message;
use crate::domain::counted;
use crate::store::Access;
use crate::store::head_office::{Edit, JobFilter};
use serde_json::json;

/// Changes the status if the transition is allowed.
pub fn status(context: &Context, args: &ChangeStatusArgs) -> CommandResult {
    context.refuse_if_read_only("batch change-status")?;
    let to = parse_status(&args.status)?;
    let office = context.head_office_to_change(Access::Existing)?;
    let reason = args.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty());
    let operator = operator();
    let edit = Edit::of_version(&operator, args.if_version);
    let job = office.change_job_status(args.job, to, edit, reason).map_err(refusal_failure)?;
    if args.json {
        print_json(&job)?;
    } else {
        let next = job.due().map_or_else(String::new, |at| format!(", next start {}", at.in_utc()));
        print_message(&format!("batch job {} is {}{next}", job.job_id, job.status));
    }
    Ok(Exit::Done)
}

/// Deletes jobs by number or by status, all or none.
pub fn delete(context: &Context, args: &DeleteArgs) -> CommandResult {
    context.refuse_if_read_only("batch delete")?;
    let office = context.head_office_to_change(Access::Existing)?;
    if args.if_version.is_some() && args.jobs.len() > 1 {
        return Err(Failure::usage("--if-version applies to a single batch job"));
    }
    let jobs: Vec<_> = match &args.status {
        None => args.jobs.iter().map(|job_id| (*job_id, args.if_version)).collect(),
        Some(word) => {
            let status = parse_status(word)?;
            if status.is_executing() {
                return Err(Failure::usage("a running job cannot be deleted; cancel it and wait for its end"));
            }
            let filter = JobFilter { status: Some(status), ..JobFilter::default() };
            office.jobs(&filter, i64::MAX)?.into_iter().map(|job| (job.job_id, Some(job.version))).collect()
        }
    };
    let deleted = office.delete_jobs(&jobs, &operator()).map_err(refusal_failure)?;
    let job_ids: Vec<_> = jobs.iter().map(|(job_id, _)| *job_id).collect();
    let sentence = format!("{} deleted; the history is kept", counted(deleted, "batch job"));
    report(args.format.json, &json!({"deleted": deleted, "job_ids": job_ids}), &sentence)?;
    Ok(Exit::Done)
}
