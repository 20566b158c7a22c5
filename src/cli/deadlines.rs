//! `cdx deadlines`: lists deadlines, adds one, or removes one.

use crate::cli::args::{DeadlinesAction, DeadlinesArgs};
use crate::cli::context::{Context, named_zone, operator};
use crate::cli::exit::{CommandResult, Exit, Failure};
use crate::cli::output::{List, report};
use crate::cli::terminal::print_message;
use crate::clock::{Clock, SystemClock};
use crate::domain::{clean_line, to_json};
use crate::filter::{lists, parse};
use crate::recurrence::Rule;
use crate::store::Access;
use crate::store::head_office::Deadline;
use crate::text::time::Zone;

/// The most deadlines that are listed.
const MAX_LISTED: i64 = 10_000;

const LIST: List<Deadline> = List {
    columns: &["Deadline", "Job", "By", "Stores", "Made by", "Made (UTC)"],
    cells: |deadline| {
        let stores = if deadline.stores.is_empty() { "all" } else { &deadline.stores };
        vec![
            deadline.deadline_id.into(),
            deadline.job_name.clone().into(),
            deadline.recurrence.words_with_end().into(),
            stores.into(),
            deadline.created_by.clone().into(),
            deadline.created_at.to_table().into(),
        ]
    },
    json: to_json,
};

/// Lists the deadlines, or changes them.
pub fn run(context: &Context, args: &DeadlinesArgs) -> CommandResult {
    match &args.action {
        None => {
            let rows = context.head_office_to_read()?.deadlines(MAX_LISTED)?;
            let listing = args.format.listing(MAX_LISTED);
            LIST.print(rows, &listing, context.style())?;
            Ok(Exit::Done)
        }
        Some(DeadlinesAction::Add { job, by, stores, zone, format }) => {
            add(context, job, (by, zone.as_deref()), stores, format.json)
        }
        Some(DeadlinesAction::Remove { deadline, format }) => remove(context, *deadline, format.json),
    }
}

fn add(context: &Context, job: &str, (by, zone): (&str, Option<&str>), stores: &str, json: bool) -> CommandResult {
    context.refuse_if_read_only("deadlines add")?;
    let job = clean_line(job.trim());
    if job.is_empty() {
        return Err(Failure::usage("JOB must not be empty; it is the name of a job, such as 1020"));
    }
    let zone = named_zone(zone)?;
    let now = SystemClock.now();
    let rule = Rule::from_words(by, now, zone).map_err(|fault| Failure::usage(format!("--by: {fault}")))?;
    let Some(next) = rule.next_after(now) else { return Err(Failure::usage("--by never occurs")) };
    let terms = parse(stores, lists::STORES, Zone::Utc, now).map_err(|fault| Failure::usage(fault.to_string()))?;
    let office = context.head_office_to_change(Access::Existing)?;
    if !office.known_jobs(MAX_LISTED)?.iter().any(|known| known.name == job) {
        print_message(&format!("note: no message has named job {job} yet"));
    }
    if !office.channel_databases(MAX_LISTED)?.iter().any(|store| terms.matches(store)) {
        print_message("note: no channel database matches --stores");
    }
    let deadline_id = office.add_deadline(&job, &terms.to_string(), &rule, &operator())?;
    let words = rule.words_with_end();
    let sentence = format!("deadline {deadline_id}: job {job} by {words}, next {}", next.in_utc());
    report(json, &office.deadline(deadline_id)?, &sentence)?;
    Ok(Exit::Done)
}

fn remove(context: &Context, deadline_id: i64, json: bool) -> CommandResult {
    context.refuse_if_read_only("deadlines remove")?;
    let office = context.head_office_to_change(Access::Existing)?;
    let Some(removed) = office.remove_deadline(deadline_id, &operator())? else {
        let text = format!("there is no deadline {deadline_id}; cdx deadlines lists them");
        return Err(Failure::Message(Exit::Failed, text));
    };
    report(json, &removed, &format!("deadline {deadline_id} was removed"))?;
    Ok(Exit::Done)
}
