//! `cdx sessions`: lists sessions as the forms Download sessions and Upload sessions do.

use crate::cli::args::SessionsArgs;
use crate::cli::context::Context;
use crate::cli::exit::{CommandResult, Exit, Failure};
use crate::cli::filter;
use crate::cli::output::{List, one_more};
use crate::cli::since;
use crate::clock::{Clock, SystemClock};
use crate::domain::{Direction, Session, Status, to_json};
use crate::filter::lists;
use crate::store::head_office::SessionFilter;

const LIST: List<Session> = List {
    columns: &[
        "Modified (UTC)",
        "Status",
        "Job name",
        "Session number",
        "Channel database",
        "Channel data group",
        "Try count",
        "Rows affected",
        "Message",
    ],
    cells: |session| {
        let fold = &session.fold;
        vec![
            fold.modified_at.to_table().into(),
            session.status().label().into(),
            fold.job_name.clone().into(),
            session.key.session_number.into(),
            session.key.channel_database.clone().into(),
            fold.channel_data_group.clone().into(),
            fold.winner.try_count.into(),
            fold.rows_affected.into(),
            fold.winner.message.clone().into(),
        ]
    },
    json: to_json,
};

/// Lists the sessions.
pub fn run(context: &Context, args: &SessionsArgs) -> CommandResult {
    let direction: Direction = args.direction.into();
    let since = args.listing.since.as_deref().map(|text| since::parse(text, SystemClock.now())).transpose()?;
    let filter = SessionFilter {
        statuses: statuses(direction, &args.status)?,
        channel_database: args.store.clone(),
        job_name: args.job.clone(),
        schedule: args.schedule.clone(),
        since,
        no_data: args.all,
        limit: one_more(&args.listing),
        ..SessionFilter::new(direction)
    };
    let filter = filter.with_terms(&filter::parse(args.filter.as_deref(), lists::sessions(direction))?);
    let sessions = context.head_office_to_read()?.sessions(&filter)?;
    LIST.print(sessions, &args.listing, context.style())?;
    Ok(Exit::Done)
}

fn statuses(direction: Direction, words: &[String]) -> Result<Vec<Status>, Failure> {
    let of = |word: &String| {
        Status::from_word(direction, word).ok_or_else(|| {
            let known: Vec<_> = Status::all(direction).map(Status::word).collect();
            let shown: String = word.chars().take(40).collect();
            Failure::usage(format!("--status {shown:?} is not a {direction} status; use {}", known.join(", ")))
        })
    };
    words.iter().map(of).collect()
}
