//! `cdx requests`: lists requests to agents and takes them.

use crate::cli::args::RequestsArgs;
use crate::cli::context::{Context, operator};
use crate::cli::exit::{CommandResult, Exit, Failure};
use crate::cli::filter;
use crate::cli::output::{List, one_more, report};
use crate::cli::since;
use crate::cli::terminal::print_message;
use crate::clock::{Clock, SystemClock};
use crate::domain::{NAME_LIMIT, Parameter, SessionRequest, to_json};
use crate::filter::lists;
use crate::store::Access;
use crate::store::head_office::Permit;
use crate::store::message_database::TakeError;
use serde_json::json;

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
    json: to_json,
};

/// Lists waiting requests, takes them for an agent, or assigns a channel database to another agent.
pub fn run(context: &Context, args: &RequestsArgs) -> CommandResult {
    if let Some((store, agent)) = args.hand_over.as_deref().zip(args.to.as_deref()) {
        return hand_over(context, store, agent, args.listing.format.json);
    }
    let requests = if let Some(agent) = &args.take {
        context.refuse_if_read_only("requests --take")?;
        context.refuse_viewer("requests --take")?;
        if args.listing.since.is_some() {
            return Err(Failure::usage("--take takes all waiting requests: remove --since"));
        }
        check_name("--take", agent)?;
        for store in args.store.iter().filter(|store| !store.is_empty()) {
            check_name("--store", store)?;
        }
        let messages = context.message_database(Access::Existing)?;
        let taken = messages.take_requests(agent, &args.store, args.listing.limit).map_err(|error| match error {
            TakeError::ServedByOther(other) => Failure::Message(Exit::Failed, other.to_string()),
            TakeError::Store(error) => error.into(),
        })?;
        if taken.is_empty() && messages.count_served(agent)? == 0 {
            print_message(&format!(
                "agent {agent:?} serves no channel database: it gets requests after it was the first to report for one, \
                 or with --store NAME"
            ));
        }
        if let Some(tries) = messages.try_count()? {
            let parameter = Parameter::TryCount;
            let zero = if tries == 0 { format!(" ({})", parameter.zero()) } else { String::new() };
            print_message(&format!("{}: {tries}{zero}", parameter.name()));
        }
        taken
    } else {
        let access = if context.config.read_only.value { Access::ReadOnly } else { Access::Existing };
        let since = args.listing.since.as_deref().map(|text| since::parse(text, SystemClock.now())).transpose()?;
        let messages = context.message_database(access)?;
        let read = |limit| Ok(messages.waiting_requests(since, limit)?);
        filter::keep_since(args.filter.as_deref(), lists::REQUESTS, one_more(&args.listing), read)?
    };
    LIST.print(requests, &args.listing, context.style())?;
    Ok(Exit::Done)
}

fn hand_over(context: &Context, store: &str, agent: &str, json: bool) -> CommandResult {
    context.refuse_if_read_only("requests --hand-over")?;
    check_name("--hand-over", store)?;
    check_name("--to", agent)?;
    let office = match context.head_office_to_change(Access::Existing) {
        // Without guardrails, an unreachable head office does not prevent it.
        Err(unreachable) if !context.databases().authority.is_empty() => return Err(unreachable),
        opened => opened,
    };
    let permit = match &office {
        Ok(office) => office.permit_hand_over(store, agent, &operator())?,
        Err(_) => Permit::UNASKED,
    };
    let messages = context.message_database(Access::Existing)?;
    if let Ok(office) = &office {
        office.use_approval(&permit)?;
    }
    let before = messages.hand_over(store, agent)?;
    // The change is in the other database, so its row cannot be written with it.
    let noted =
        office.and_then(|office| Ok(office.note_hand_over(store, before.as_deref(), agent, &operator(), &permit)?));
    if let Err(Failure::Message(_, why)) = noted {
        print_message(&format!("this is not in the journal: {why}"));
    }
    let changed = json!({"channel_database": store, "agent": agent, "agent_before": before});
    let before = before.map_or_else(|| "no agent did".to_owned(), |before| format!("agent {before:?} did"));
    report(json, &changed, &format!("agent {agent:?} now serves channel database {store:?}; before, {before}"))?;
    Ok(Exit::Done)
}

/// Refuses a name that cannot be stored.
fn check_name(flag: &str, name: &str) -> Result<(), Failure> {
    if name.trim().is_empty() {
        return Err(Failure::usage(format!("{flag} needs a name")));
    }
    if name.len() > NAME_LIMIT {
        let length = name.len();
        return Err(Failure::usage(format!("{flag}: the name has {length} bytes; at most {NAME_LIMIT} are allowed")));
    }
    Ok(())
}
