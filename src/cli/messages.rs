//! `cdx messages`: lists status messages at head office.

use crate::cli::args::MessagesArgs;
use crate::cli::context::Context;
use crate::cli::exit::{CommandResult, Exit};
use crate::cli::filter;
use crate::cli::output::{List, one_more};
use crate::cli::since;
use crate::clock::{Clock, SystemClock};
use crate::domain::to_json;
use crate::filter::lists;
use crate::store::head_office::{MessageFilter, TransferredMessage};

const LIST: List<TransferredMessage> = List {
    columns: &[
        "Occurred (UTC)",
        "Direction",
        "Status",
        "Job name",
        "Session number",
        "Channel database",
        "Round",
        "Try count",
        "Message",
    ],
    cells: |message| {
        vec![
            message.occurred_at.to_table().into(),
            message.direction.word().into(),
            message.status.label().into(),
            message.job_name.clone().into(),
            message.session_number.into(),
            message.channel_database.clone().into(),
            message.round.into(),
            message.try_count.into(),
            message.message.clone().into(),
        ]
    },
    json: to_json,
};

/// Lists the messages.
pub fn run(context: &Context, args: &MessagesArgs) -> CommandResult {
    let since = args.listing.since.as_deref().map(|text| since::parse(text, SystemClock.now())).transpose()?;
    let filter = MessageFilter {
        direction: args.direction.map(Into::into),
        session_number: args.session,
        channel_database: args.store.clone(),
        job_name: args.job.clone(),
        since,
        limit: one_more(&args.listing),
        ..MessageFilter::default()
    };
    let filter = filter.with_terms(&filter::parse(args.filter.as_deref(), lists::MESSAGES)?);
    let messages = context.head_office_to_read()?.messages(&filter)?;
    LIST.print(messages, &args.listing, context.style())?;
    Ok(Exit::Done)
}
