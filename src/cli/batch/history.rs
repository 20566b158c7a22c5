//! `cdx batch history` and `cdx batch log`.

use crate::cli::args::{HistoryArgs, LogArgs};
use crate::cli::context::Context;
use crate::cli::exit::{CommandResult, Exit, Failure};
use crate::cli::filter;
use crate::cli::output::{List, one_more, print_json};
use crate::cli::since;
use crate::clock::{Clock, SystemClock};
use crate::domain::{Seek, Timestamp, clean_line, to_json};
use crate::filter::lists;
use crate::store::head_office::{HistoryFilter, HistoryRow, Severity};
use serde::Serialize;
use std::io::Write;

/// Maximum number of log lines printed.
const MAX_LOG_LINES: i64 = 100_000;

const LIST: List<HistoryRow> = List {
    columns: &[
        "Row",
        "Job",
        "Job description",
        "Scheduled (UTC)",
        "Started (UTC)",
        "Took ms",
        "Outcome",
        "Server",
        "Tries",
        "Run",
        "What happened",
    ],
    cells: |row| {
        let outcome = if row.outcome.is_run() {
            row.outcome.label().to_owned()
        } else {
            format!("{} {}", row.starts, row.outcome.label())
        };
        vec![
            row.history_id.into(),
            row.job_id.into(),
            row.description.clone().into(),
            row.scheduled_at.to_table().into(),
            row.started_at.map(Timestamp::to_table).into(),
            row.started_at.zip(row.ended_at).map(|(from, to)| to.since(from)).into(),
            outcome.into(),
            row.server.clone().into(),
            row.tries.into(),
            row.run_id.into(),
            row.reason.clone().into(),
        ]
    },
    json: to_json,
};

/// A line of a job's log as JSON.
#[derive(Serialize)]
struct LogJson<'a> {
    at: Timestamp,
    severity: &'static str,
    text: &'a str,
}

/// Lists the history, newest scheduled start first.
pub fn list(context: &Context, args: &HistoryArgs) -> CommandResult {
    let since = args.listing.since.as_deref().map(|text| since::parse(text, SystemClock.now())).transpose()?;
    let filter = HistoryFilter { job_id: args.job, since, ..HistoryFilter::default() };
    let filter = filter.with_terms(&filter::parse(args.filter.as_deref(), lists::HISTORY)?);
    let rows = usize::try_from(one_more(&args.listing)).unwrap_or(usize::MAX);
    let rows = context.head_office_to_read()?.history_at(&filter, Seek::First, rows)?;
    LIST.print(rows, &args.listing, context.style())?;
    Ok(Exit::Done)
}

/// Prints the log of a history row, oldest line first.
pub fn log(context: &Context, args: &LogArgs) -> CommandResult {
    let office = context.head_office_to_read()?;
    if !office.has_start(args.history)? {
        let text = format!("the history has no row {}; cdx batch history lists them", args.history);
        return Err(Failure::Message(Exit::Failed, text));
    }
    for line in office.batch_log(args.history, MAX_LOG_LINES)? {
        let mark = match line.severity {
            Severity::Information => ' ',
            Severity::Warning => '!',
            Severity::Error => 'x',
        };
        if args.json {
            print_json(&LogJson { at: line.at, severity: line.severity.word(), text: &line.text })?;
        } else {
            writeln!(std::io::stdout(), "{} {mark} {}", line.at.to_table(), clean_line(&line.text))?;
        }
    }
    Ok(Exit::Done)
}
