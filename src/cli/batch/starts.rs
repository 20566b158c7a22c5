//! `cdx batch starts`: the scheduled starts of all batch jobs.

use crate::batch::{BatchJob, BatchStatus, starts_until};
use crate::cli::args::StartsArgs;
use crate::cli::context::Context;
use crate::cli::exit::{CommandResult, Exit};
use crate::cli::output::{List, one_more};
use crate::domain::{Timestamp, to_json};
use crate::store::head_office::JobFilter;
use serde::Serialize;

/// Maximum number of batch jobs whose starts are listed; operators create them by hand.
const MAX_JOBS: i64 = 10_000;

/// A scheduled start, as JSON.
#[derive(Serialize)]
struct StartRow {
    at: Timestamp,
    job_id: i64,
    description: String,
    batch_group: String,
    status: BatchStatus,
    private: bool,
    retry: bool,
}

const LIST: List<StartRow> = List {
    columns: &["At (UTC)", "Job", "Job description", "Group", "Status", "Remark"],
    cells: |row| {
        let remark = match (row.retry, row.private) {
            (true, _) => Some("retry"),
            (false, true) => Some("private: only while a console of its creator is open"),
            (false, false) => None,
        };
        vec![
            row.at.to_table().into(),
            row.job_id.into(),
            row.description.clone().into(),
            row.batch_group.clone().into(),
            row.status.label().into(),
            remark.into(),
        ]
    },
    json: to_json,
};

/// Lists the starts, the next first. Jobs that are withheld, ended or stopped have none.
pub fn list(context: &Context, args: &StartsArgs) -> CommandResult {
    let listing = args.listing.listing();
    let office = context.head_office_to_read()?;
    let until = Timestamp(office.now()?.0.saturating_add(args.within));
    let most = usize::try_from(one_more(&listing)).unwrap_or(usize::MAX);
    let jobs = office.jobs(&JobFilter { interactive: true, ..JobFilter::default() }, MAX_JOBS)?;
    let mut rows: Vec<_> = jobs.iter().flat_map(|job| of_job(job, until, most)).collect();
    rows.sort_by_key(|row| (row.at, row.job_id));
    LIST.print(rows, &listing, context.style())?;
    Ok(Exit::Done)
}

fn of_job(job: &BatchJob, until: Timestamp, most: usize) -> Vec<StartRow> {
    let row = |at: Timestamp| StartRow {
        at,
        job_id: job.job_id,
        description: job.settings.description.clone(),
        batch_group: job.settings.batch_group.clone(),
        status: job.status,
        private: job.settings.private,
        retry: job.retry_at == Some(at),
    };
    starts_until(job, until, most).into_iter().map(row).collect()
}
