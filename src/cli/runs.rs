//! `cdx runs`: lists runs of Process status messages.

use crate::cli::args::RunsArgs;
use crate::cli::context::Context;
use crate::cli::exit::{CommandResult, Exit};
use crate::cli::filter;
use crate::cli::output::{List, one_more};
use crate::cli::since;
use crate::clock::{Clock, SystemClock};
use crate::domain::{Outcome, Run, Timestamp, to_json};
use crate::engine::inquiry;
use crate::filter::lists;

pub(super) const LIST: List<Run> = List {
    columns: &[
        "Run",
        "Started (UTC)",
        "Ended (UTC)",
        "Outcome",
        "By",
        "Job",
        "Read",
        "Inserted",
        "Repeated",
        "Rejected",
        "Purged",
        "Remark",
    ],
    cells: |run| {
        vec![
            run.run_id.into(),
            run.started_at.to_table().into(),
            run.ended_at.map(Timestamp::to_table).into(),
            run.outcome.map_or("running", Outcome::word).into(),
            run.trigger.word().into(),
            run.job_id.into(),
            run.counts.read.into(),
            run.counts.inserted.into(),
            run.counts.repeated.into(),
            run.counts.rejected.into(),
            run.purged.total().into(),
            run.remarks().next().map(str::to_owned).into(),
        ]
    },
    json: to_json,
};

/// Lists the runs, newest first. One whose process is gone is shown as Interrupted, as in the
/// console.
pub fn run(context: &Context, args: &RunsArgs) -> CommandResult {
    let since = args.listing.since.as_deref().map(|text| since::parse(text, SystemClock.now())).transpose()?;
    let office = context.head_office_to_read()?;
    let read = |limit| Ok(inquiry::runs(&office, since, limit)?);
    let runs = filter::keep_since(args.filter.as_deref(), lists::RUNS, one_more(&args.listing), read)?;
    LIST.print(runs, &args.listing, context.style())?;
    Ok(Exit::Done)
}
