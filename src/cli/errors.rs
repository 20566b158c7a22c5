//! `cdx errors`: lists errors grouped by cause.

use crate::cli::args::Errors;
use crate::cli::context::Context;
use crate::cli::exit::{Exit, Outcome};
use crate::cli::filter;
use crate::cli::output::{List, one_more};
use crate::cli::since;
use crate::clock::{Clock, SystemClock};
use crate::domain::{Timestamp, to_json};
use crate::filter::lists;
use crate::store::head_office::CauseLine;

const LIST: List<CauseLine> = List {
    columns: &["Last (UTC)", "Open", "Errors", "Databases", "Cause (numbers, names and paths masked)"],
    cells: |line| {
        let cause = if line.masked.is_empty() { "(no error text)" } else { line.masked.as_str() };
        vec![
            line.last_at.to_table().into(),
            line.open.into(),
            line.errors.into(),
            line.channel_databases.into(),
            cause.into(),
        ]
    },
    json: to_json,
};

/// Lists the causes.
pub fn run(context: &Context, args: &Errors) -> Outcome {
    let since = match args.listing.since.as_deref() {
        Some(text) => since::parse(text, SystemClock.now())?,
        None => Timestamp(i64::MIN),
    };
    let office = context.head_office_to_read()?;
    let read = |limit| Ok(office.causes(since, SystemClock.now(), limit)?);
    let causes = filter::keep(args.filter.as_deref(), lists::CAUSES, one_more(&args.listing), read)?;
    LIST.print(causes, &args.listing, context.style())?;
    Ok(Exit::Done)
}
