//! `cdx batch jobs` and `cdx batch why`.

use crate::batch::{BatchJob, reasons};
use crate::cli::args::{JobsArgs, WhyArgs};
use crate::cli::batch::parse_status;
use crate::cli::context::{Context, operator};
use crate::cli::exit::{CommandResult, Exit};
use crate::cli::filter;
use crate::cli::output::{Cell, List, print_json};
use crate::cli::terminal::print_message;
use crate::domain::{Timestamp, to_json};
use crate::filter::lists;
use crate::recurrence::Rule;
use crate::store::head_office::{JobFilter, Refusal};
use serde::Serialize;
use std::io::Write;

/// Maximum number of batch jobs listed; operators create them by hand.
const MAX_JOBS: i64 = 100_000;

const LIST: List<BatchJob> = List {
    columns: &["Job", "Status", "Job description", "Group", "Next start (UTC)", "Last run", "Recurrence", "By"],
    cells: |job| {
        let settings = &job.settings;
        vec![
            job.job_id.into(),
            job.status.label().into(),
            settings.description.clone().into(),
            settings.batch_group.clone().into(),
            job.due().map_or_else(|| job.no_start().to_owned(), Timestamp::to_table).into(),
            job.last.map(|last| last.outcome.label().to_owned()).into(),
            settings.recurrence.as_ref().map(Rule::words).into(),
            Cell::from(job.created_by.clone()),
        ]
    },
    json: to_json,
};

/// Lists batch jobs by their next start.
pub fn list(context: &Context, args: &JobsArgs) -> CommandResult {
    let filter = JobFilter {
        created_by: args.mine.then(operator),
        status: args.status.as_deref().map(parse_status).transpose()?,
        interactive: true,
    };
    let office = context.head_office_to_read()?;
    let jobs = filter::keep(args.filter.as_deref(), lists::JOBS, MAX_JOBS, |_| Ok(office.jobs(&filter, MAX_JOBS)?))?;
    let listing = args.format.listing(MAX_JOBS);
    LIST.print(jobs, &listing, context.style())?;
    Ok(Exit::Done)
}

/// A condition of a start, as JSON.
#[derive(Serialize)]
struct ReasonRow<'a> {
    holds: bool,
    answer: bool,
    text: &'a str,
}

/// Prints every condition of a job's start; the first that does not hold is the answer.
pub fn why(context: &Context, args: &WhyArgs) -> CommandResult {
    let office = context.head_office_to_read()?;
    let job = office.job(args.job)?.ok_or_else(|| crate::cli::batch::refusal_failure(Refusal::Unknown(args.job)))?;
    let reasons = reasons(&job, &office.scheduling_state(office.now()?)?);
    let mut answered = false;
    for reason in &reasons {
        let is_answer = !reason.holds() && !answered;
        answered |= is_answer;
        let text = reason.text(&Timestamp::in_utc);
        if args.json {
            print_json(&ReasonRow { holds: reason.holds(), answer: is_answer, text: &text })?;
        } else {
            let mark = if reason.holds() { " +" } else { " x" };
            writeln!(std::io::stdout(), "{}{mark} {text}", if is_answer { '>' } else { ' ' })?;
        }
    }
    if !answered && !args.json {
        print_message("nothing blocks it: a batch server can start it at once, after jobs that were due earlier");
    }
    Ok(Exit::Done)
}
