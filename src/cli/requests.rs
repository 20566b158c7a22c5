//! `cdx requests`: what agents are asked to do, and taking it.

use crate::cli::args::Requests;
use crate::cli::context::Context;
use crate::cli::exit::{Exit, Failure, Outcome};
use crate::cli::output::{List, one_more};
use crate::cli::since;
use crate::clock::{Clock, SystemClock};
use crate::domain::NAME_LIMIT;
use crate::store::Access;
use crate::store::message_database::SessionRequest;

const LIST: List<SessionRequest> = List {
    columns: &["Id", "Requested (UTC)", "Action", "Direction", "Session", "Database", "By", "Reason"],
    cells: |request| {
        vec![
            request.request_id.into(),
            request.requested_at.to_table().into(),
            request.action.clone().into(),
            request.direction.word().to_owned().into(),
            request.session_number.into(),
            request.channel_database.clone().into(),
            request.requested_by.clone().into(),
            request.reason.clone().into(),
        ]
    },
    json: SessionRequest::to_json,
};

/// Lists what waits, or takes it for an agent.
pub fn run(context: &Context, args: &Requests) -> Outcome {
    let requests = if let Some(agent) = &args.take {
        context.refuse_if_read_only("requests --take")?;
        if agent.trim().is_empty() || args.listing.since.is_some() {
            return Err(Failure::usage(
                "--take needs the agent's name, and takes whatever waits: --since has no place there",
            ));
        }
        if agent.len() > NAME_LIMIT {
            return Err(Failure::usage(&format!(
                "the agent's name is {} bytes long; a name has at most {NAME_LIMIT}",
                agent.len()
            )));
        }
        context.message_database(Access::Existing)?.take_requests(agent, args.listing.limit)?
    } else {
        let access = if context.config.read_only.value { Access::ReadOnly } else { Access::Existing };
        let since = args.listing.since.as_deref().map(|text| since::parse(text, SystemClock.now())).transpose()?;
        let mut waiting = context.message_database(access)?.waiting_requests(one_more(&args.listing))?;
        waiting.retain(|request| since.is_none_or(|since| request.requested_at >= since));
        waiting
    };
    LIST.print(requests, &args.listing, context.style())?;
    Ok(Exit::Done)
}
