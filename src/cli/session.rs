//! `cdx session cancel`, `rerun` and `undo`.

use crate::cancel::Cancel;
use crate::cli::args::{ActOnSessionArgs, SessionArgs, SessionCommand};
use crate::cli::context::{Context, operator};
use crate::cli::exit::{CommandResult, Exit, Failure};
use crate::cli::output::print_json;
use crate::cli::terminal::print_message;
use crate::domain::{Direction, Rerun, SessionAction, SessionKey};
use crate::engine::{ActionRequest, LeftOut, SelectedSession, SessionActionError, perform_session_action};
use crate::store::head_office::SessionFilter;

/// Performs the action on one session.
pub fn run(context: &Context, args: &SessionArgs) -> CommandResult {
    let (act, args): (_, &ActOnSessionArgs) = match &args.action {
        SessionCommand::Cancel(args) => (SessionAction::Cancel, args),
        SessionCommand::Rerun(args) => (SessionAction::Rerun, args),
        SessionCommand::Undo(args) => (SessionAction::Undo, args),
    };
    context.refuse_if_read_only(&format!("session {}", act.word()))?;
    if args.reason.trim().is_empty() {
        return Err(Failure::usage("--reason must not be empty; it is shown to agents and in the journal"));
    }
    let direction: Direction = args.direction.into();
    let key = SessionKey {
        direction,
        session_number: args.number,
        channel_database: match &args.store {
            Some(store) => store.clone(),
            None => only_store(context, direction, args.number)?,
        },
    };
    let request = ActionRequest { action: act, reason: &args.reason, operator: &operator() };
    let chosen = [SelectedSession { key, seen: None }];
    let acted = match perform_session_action(&context.databases(), &request, &chosen, &Cancel::new()) {
        Ok(acted) => acted,
        Err(SessionActionError::Store(error)) => return Err(error.into()),
        Err(error) => return Err(Failure::Message(Exit::Failed, error.to_string())),
    };
    let [SelectedSession { key, .. }] = chosen;
    let (number, store) = (key.session_number, &key.channel_database);
    if let Some((_, LeftOut::Unknown)) = acted.left_out.first() {
        let text = format!("head office has no {direction} session {number} of {store:?}");
        return Err(Failure::Message(Exit::Failed, text));
    }
    if let Some((_, why)) = acted.left_out.first() {
        let verb = match act {
            SessionAction::Cancel => "canceled",
            SessionAction::Rerun => "rerun",
            SessionAction::Undo => "undone",
        };
        let text = format!("{direction} session {number} of {store:?} cannot be {verb}: {why}");
        return Err(Failure::Message(Exit::Failed, text));
    }
    let session = context.head_office_to_read()?.session(&key)?;
    match session {
        Some(session) if args.json => print_json(&session)?,
        Some(session) => {
            let marked = if session.rerun == Rerun::Marked { ", marked for rerun" } else { "" };
            print_message(&format!("session {number} of {store:?}: {}{marked}", session.status()));
        }
        // The session was purged meanwhile; the request is stored in the message database.
        None => {}
    }
    Ok(Exit::Done)
}

/// Returns the only channel database with this session; fails if there are several.
fn only_store(context: &Context, direction: Direction, number: i64) -> Result<String, Failure> {
    let filter =
        SessionFilter { session_number: Some(number), no_data: true, limit: 100, ..SessionFilter::new(direction) };
    let stores: Vec<String> = context
        .head_office_to_read()?
        .sessions(&filter)?
        .into_iter()
        .map(|session| session.key.channel_database)
        .collect();
    match stores.as_slice() {
        [] => Err(Failure::Message(Exit::Failed, format!("head office has no {direction} session {number}"))),
        [store] => Ok(store.clone()),
        many => Err(Failure::usage(format!(
            "session {number} is on {} channel databases; name one with --store: {}",
            many.len(),
            many.iter().map(|store| format!("{store:?}")).collect::<Vec<_>>().join(", ")
        ))),
    }
}
