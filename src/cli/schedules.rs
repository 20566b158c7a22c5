//! `cdx schedules`: lists distribution schedules.

use crate::cli::args::SchedulesArgs;
use crate::cli::context::Context;
use crate::cli::exit::{CommandResult, Exit};
use crate::cli::filter;
use crate::cli::output::{List, one_more};
use crate::domain::to_json;
use crate::filter::lists;
use crate::store::head_office::ScheduleLine;

const LIST: List<ScheduleLine> = List {
    columns: &["Schedule", "First message (UTC)", "Last message (UTC)", "Open", "Session", "Job", "Status"],
    cells: |line| {
        let newest = line.newest.first();
        vec![
            line.name.clone().into(),
            line.first_seen_at.to_table().into(),
            line.last_seen_at.to_table().into(),
            line.open.into(),
            newest.map(|session| session.key.session_number).into(),
            newest.map(|session| session.fold.job_name.clone()).into(),
            newest.map(|session| session.status().label()).into(),
        ]
    },
    json: to_json,
};

/// Lists the schedules, the one with the latest message first.
pub fn run(context: &Context, args: &SchedulesArgs) -> CommandResult {
    let listing = args.listing.listing();
    let office = context.head_office_to_read()?;
    let read = |limit| Ok(office.schedules(limit)?);
    let schedules = filter::keep(args.filter.as_deref(), lists::SCHEDULES, one_more(&listing), read)?;
    LIST.print(schedules, &listing, context.style())?;
    Ok(Exit::Done)
}
