//! `cdx session cancel`: acts on one session.

use super::args::{Session, SessionAction};
use super::context::{Context, operator, say};
use super::exit::{Exit, Failure, Outcome};
use super::output::print_json;
use crate::domain::{Direction, SessionKey};
use crate::engine::{CancelError, cancel_session};
use crate::store::head_office::SessionFilter;

/// Cancels it.
pub fn run(context: &Context, args: &Session) -> Outcome {
    let SessionAction::Cancel(args) = &args.action;
    context.refuse_if_read_only("session cancel")?;
    if args.reason.trim().is_empty() {
        return Err(Failure::usage("--reason must say why, for the agents and for the journal"));
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
    match cancel_session(&context.databases(), &key, &args.reason, &operator()) {
        Ok(session) if args.json => print_json(&session.to_json())?,
        Ok(session) => {
            let (number, store) = (key.session_number, &key.channel_database);
            say(&format!("session {number} of {store:?}: {}", session.status()));
        }
        Err(CancelError::Store(error)) => return Err(error.into()),
        Err(error) => return Err(Failure::Said(Exit::Failed, error.to_string())),
    }
    Ok(Exit::Done)
}

/// The one channel database that has the session; where there are several, one must be named.
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
        [] => Err(Failure::Said(Exit::Failed, format!("there is no {direction} session {number} at head office"))),
        [store] => Ok(store.clone()),
        many => Err(Failure::usage(format!(
            "session {number} is on {} channel databases; name one with --store: {}",
            many.len(),
            many.iter().map(|store| format!("{store:?}")).collect::<Vec<_>>().join(", ")
        ))),
    }
}
