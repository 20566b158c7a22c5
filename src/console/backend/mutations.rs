//! Changes that an operator makes from a screen, each in transactions of its own, on a thread that may wait.

use crate::cancel::Cancel;
use crate::console::backend::batch_mutations::{self};
use crate::console::protocol::effect::RunRequest;
use crate::console::protocol::mutation::{Mutation, MutationResult};
use crate::domain::{Parameter, SessionAction, grouped};
use crate::engine::{
    Acted, Databases, LeftOut, Order, RetryOutcome, SessionActionError, Undone, perform_session_action, retry_rejected,
    send_parameter, undo_entry,
};
use crate::store::head_office::{Edit, RejectedFilter};
use crate::store::{Access, HeadOffice, Opening, StoreError};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Makes the change and says what it came to, or why it was not made; durable when it returns. An act on many sessions ends between two
/// parts when `cancel` is tripped.
pub fn perform(
    databases: &Databases,
    operator: &str,
    act: &Mutation,
    cancel: &Cancel,
) -> Result<MutationResult, String> {
    match act {
        Mutation::Batch(act) => batch_mutations::perform(databases, operator, act).map_err(|error| error.to_string()),
        act => change(databases, operator, act, cancel).map(MutationResult::said).map_err(|error| error.to_string()),
    }
}

fn change(
    databases: &Databases,
    operator: &str,
    act: &Mutation,
    cancel: &Cancel,
) -> Result<String, SessionActionError> {
    let office = |access| {
        let opening = Opening { access, allow_network_file_system: databases.allow_network_file_system };
        HeadOffice::open(&databases.head_office, opening)
    };
    match act {
        Mutation::Sessions(act, chosen, reason) => {
            let acted = perform_session_action(databases, &Order { act: *act, reason, operator }, chosen, cancel)?;
            Ok(told(*act, &acted))
        }
        Mutation::RetryRejected(ids) => Ok(retry(&office(Access::Existing)?, ids)?),
        Mutation::DismissRejected(ids) => {
            let dismissed = office(Access::Existing)?.dismiss_rejected(ids, operator)?;
            Ok(format!("{} dismissed; the purge takes them when they are past their retention.", grouped(dismissed)))
        }
        Mutation::SetParameter(parameter, value, version) => {
            let edit = Edit::of_version(operator, *version);
            let office = office(Access::Create)?;
            let before = office.set_parameter(*parameter, *value, edit)?;
            let unsent =
                send_parameter(databases, &office, *parameter).map_or_else(String::new, |why| format!(" But {why}"));
            let what = match parameter {
                Parameter::RetentionDays => "Session history is kept",
                Parameter::UnresolvedRetentionDays => "Unresolved sessions are kept",
                Parameter::TryCount => "A failed stage is tried",
            };
            let words = |value: i64| match (value, parameter) {
                (0, _) => parameter.zero().trim_start_matches("kept ").trim_start_matches("tried ").to_owned(),
                (_, Parameter::TryCount) => format!("{value} times"),
                _ => format!("{value} days"),
            };
            let (now, then) = (words(*value), words(before));
            Ok(format!("{what} {now} from now on; it was {then}. u takes it back until the next run starts.{unsent}"))
        }
        Mutation::Note(cause, note, version) => {
            office(Access::Existing)?.set_cause_note(*cause, note, Edit::of_version(operator, *version))?;
            Ok("The note stands with its cause; u takes it back.".to_owned())
        }
        Mutation::DatabaseNote(name, note, version) => {
            office(Access::Existing)?.set_database_note(name, note, Edit::of_version(operator, *version))?;
            Ok(format!("The note stands with {name}; u takes it back."))
        }
        Mutation::DatabaseZone(name, zone, version) => {
            let edit = Edit::of_version(operator, *version);
            office(Access::Existing)?.set_database_zone(name, zone.as_deref(), edit)?;
            Ok(match zone {
                Some(zone) => format!("{name} is in {zone}; z shows its times. u takes it back."),
                None => format!("Nobody knows the zone of {name} any more; u takes it back."),
            })
        }
        Mutation::Mute(cause, until, version) => {
            office(Access::Existing)?.mute_cause(*cause, *until, Edit::of_version(operator, *version))?;
            Ok(match until {
                Some(_) => "The cause is muted and listed last; u takes it back.",
                None => "The cause is no longer muted.",
            }
            .to_owned())
        }
        Mutation::Batch(_) => Ok(String::new()),
        Mutation::Undo(entry_id) => Ok(match undo_entry(databases, *entry_id, operator, cancel)? {
            Undone::Sessions(acted) => told(SessionAction::Undo, &acted),
            Undone::Value(entry) => format!("Undone: {}, {} ({}).", entry.action, entry.object, entry.detail),
        }),
    }
}

/// `25 sessions canceled, 1 left out (tried again), journal row 2,211; u undoes 25 until an agent takes them`.
pub fn told(act: SessionAction, acted: &Acted) -> String {
    let number = |count: usize| grouped(i64::try_from(count).unwrap_or(i64::MAX));
    let verb = match act {
        SessionAction::Cancel => "canceled",
        SessionAction::Rerun => "to be run again",
        SessionAction::Undo => "undone",
    };
    let mut text = match acted.done {
        1 => format!("1 session {verb}"),
        done => format!("{} sessions {verb}", number(done)),
    };
    let mut whys: BTreeMap<String, usize> = BTreeMap::new();
    for (_, why) in &acted.left_out {
        let why = match why {
            LeftOut::Changed(_) => "changed meanwhile".to_owned(),
            LeftOut::Taken(by, _) => format!("{by} took the request"),
            why => why.to_string(),
        };
        *whys.entry(why).or_default() += 1;
    }
    for (why, count) in whys.iter().take(3) {
        let _ = write!(text, ", {} left out ({why})", number(*count));
    }
    if acted.not_reached > 0 {
        let _ = write!(text, ", {} not reached because you stopped it", number(acted.not_reached));
    }
    if let Some(entry_id) = acted.entry_id {
        let _ = write!(text, ", journal row {}", grouped(entry_id));
    }
    if act == SessionAction::Cancel && acted.done > 0 {
        let _ = write!(text, "; u undoes {} until an agent takes them", number(acted.done));
    }
    text
}

fn retry(office: &HeadOffice, ids: &[i64]) -> Result<String, StoreError> {
    let filter = RejectedFilter { ids: ids.to_vec(), limit: i64::MAX, ..RejectedFilter::default() };
    let (mut inserted, mut known, mut still) = (0, 0, 0);
    for rejected in office.rejected(&filter)? {
        match retry_rejected(office, &rejected)? {
            RetryOutcome::Inserted => inserted += 1,
            RetryOutcome::Known => known += 1,
            RetryOutcome::Still(_) => still += 1,
        }
    }
    let [inserted, known, still] = [inserted, known, still].map(grouped);
    Ok(format!("{inserted} inserted, {known} known already, {still} still rejected."))
}

/// Asks a batch server for the rest of a run that this console stops; nobody is there any more to hear of a fault, and then the next run
/// goes on where this one ended.
pub fn hand_over(databases: &Databases, operator: &str, choice: RunRequest, server: &str) {
    let _ = batch_mutations::ask_for_rest(databases, operator, choice, server);
}
