//! Applies the changes that an operator makes on a screen. Runs on a thread of its own, since it
//! may wait for locks.

use crate::cancel::Cancel;
use crate::console::backend::batch_mutations::{self};
use crate::console::backend::saved_views;
use crate::console::backend::trash_mutations;
use crate::console::protocol::effect::RunRequest;
use crate::console::protocol::key_table::Command;
use crate::console::protocol::keymap::Keymap;
use crate::console::protocol::mutation::{Mutation, MutationError, MutationResult, lacking};
use crate::domain::{Parameter, SessionAction, counted, grouped};
use crate::engine::{
    ActionRequest, ActionResult, Databases, LeftOut, RetryOutcome, SessionActionError, Undone, perform_session_action,
    retry_rejected, send_parameter, undo_entry,
};
use crate::filter::Names;
use crate::store::head_office::{Edit, EditError, Refusal, RejectedFilter, Taking};
use crate::store::{Access, HeadOffice, StoreError};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Applies the mutation and returns the sentence that reports it, or why it failed. Durable when it
/// returns. A mutation of many sessions stops between two transactions when `cancel` is tripped.
pub fn perform(
    databases: &Databases,
    operator: &str,
    mutation: &Mutation,
    keymap: &Keymap,
    cancel: &Cancel,
) -> Result<MutationResult, MutationError> {
    match mutation {
        Mutation::Consenting(consent, mutation) => {
            perform(&databases.with_consent(consent.clone()), operator, mutation, keymap, cancel)
        }
        Mutation::Batch(mutation) => {
            batch_mutations::perform(databases, operator, mutation, keymap).map_err(|error| MutationError {
                is_stale: matches!(error, Refusal::Stale(_)),
                lacks: if let Refusal::Store(error) = &error { lacking(error) } else { None },
                said: error.to_string(),
            })
        }
        Mutation::View(change) => saved_views::perform(databases, operator, change, keymap.key(Command::Undo)),
        mutation => change(databases, operator, mutation, keymap, cancel).map(MutationResult::said).map_err(|error| {
            MutationError {
                is_stale: matches!(error, SessionActionError::Stale(_)),
                lacks: if let SessionActionError::Store(error) = &error { lacking(error) } else { None },
                said: error.to_string(),
            }
        }),
    }
}

/// Sets a parameter and sends it to the agents; returns the sentence.
fn set_parameter(
    databases: &Databases,
    office: &HeadOffice,
    parameter: Parameter,
    value: i64,
    edit: Edit,
    undo: &str,
) -> Result<String, EditError> {
    let before = office.set_parameter(parameter, value, edit)?;
    let unsent = send_parameter(databases, office, parameter).map_or_else(String::new, |why| format!(" But {why}"));
    let what = match parameter {
        Parameter::RetentionDays => "Session history is kept",
        Parameter::UnresolvedRetentionDays => "Unresolved sessions are kept",
        Parameter::UploadRetentionDays => "Upload sessions are kept",
        Parameter::MessageRetentionDays => "Messages in the message database are kept",
        Parameter::HistoryRetentionDays => "Runs and their history are kept",
        Parameter::RejectedRetentionDays => "Dismissed messages are kept",
        Parameter::TrashHours => "Purged sessions are kept in the trash",
        Parameter::TryCount => "A failed stage is tried",
    };
    let words = |value: i64| match (value, parameter) {
        (0, Parameter::TrashHours) => "for no time".to_owned(),
        (_, Parameter::TrashHours) => counted(value, "hour"),
        (0, _) => parameter.zero().trim_start_matches("kept ").trim_start_matches("tried ").to_owned(),
        (1, Parameter::TryCount) => "once".to_owned(),
        (_, Parameter::TryCount) => format!("{value} times"),
        _ => counted(value, "day"),
    };
    let (now, then) = (words(value), words(before));
    Ok(format!("{what} {now} from now on; it was {then}. {undo} undoes it until the next run starts.{unsent}"))
}

fn change(
    databases: &Databases,
    operator: &str,
    mutation: &Mutation,
    keymap: &Keymap,
    cancel: &Cancel,
) -> Result<String, SessionActionError> {
    let office = |access| HeadOffice::open(&databases.head_office, databases.opening(access));
    let (undo, zones) = (keymap.key(Command::Undo), keymap.key(Command::Zone));
    match mutation {
        Mutation::Sessions(action, chosen, reason) => {
            let request = ActionRequest { action: *action, reason, operator };
            let acted = perform_session_action(databases, &request, chosen, cancel)?;
            Ok(summary(*action, &acted, undo))
        }
        Mutation::RetryRejected(ids) => Ok(retry(&office(Access::Existing)?, ids, operator)?),
        Mutation::DismissRejected(ids) => {
            let dismissed = office(Access::Existing)?.dismiss_rejected(ids, operator)?;
            Ok(format!("{} dismissed; the purge deletes them when their retention has passed.", grouped(dismissed)))
        }
        Mutation::Trash(mutation) => {
            Ok(trash_mutations::perform(&office(Access::Existing)?, operator, mutation, cancel)?)
        }
        Mutation::SetParameter(parameter, value, version) => {
            let edit = Edit::of_version(operator, *version);
            Ok(set_parameter(databases, &office(Access::Create)?, *parameter, *value, edit, undo)?)
        }
        Mutation::Note(cause, note, version) => {
            office(Access::Existing)?.set_cause_note(*cause, note, Edit::of_version(operator, *version))?;
            Ok(format!("The note was saved with its cause; {undo} undoes it."))
        }
        Mutation::DatabaseNote(name, note, version) => {
            office(Access::Existing)?.set_database_note(name, note, Edit::of_version(operator, *version))?;
            Ok(format!("The note was saved with {name}; {undo} undoes it."))
        }
        Mutation::DatabaseZone(name, zone, version) => {
            let edit = Edit::of_version(operator, *version);
            office(Access::Existing)?.set_database_zone(name, zone.as_deref(), edit)?;
            Ok(match zone {
                Some(zone) => format!("{name} is in {zone}; {zones} shows its times. {undo} undoes it."),
                None => format!("The time zone of {name} was removed; {undo} undoes it."),
            })
        }
        Mutation::Mute(cause, until, version) => {
            office(Access::Existing)?.mute_cause(*cause, *until, Edit::of_version(operator, *version))?;
            Ok(match until {
                Some(_) => format!("The cause is muted and listed last; {undo} undoes it."),
                None => "The cause is no longer muted.".to_owned(),
            })
        }
        Mutation::Take(cause, taken, version) => {
            let taken = taken.as_ref().map(|(until, remark)| Taking::of(operator, *until, remark));
            office(Access::Existing)?.take_cause(*cause, taken.as_ref(), Edit::of_version(operator, *version))?;
            Ok(match taken {
                Some(_) => format!("All operators see that you have taken it; {undo} undoes it."),
                None => "The cause was given back.".to_owned(),
            })
        }
        Mutation::Silence(filter, until, reason) => {
            let silence_id = office(Access::Existing)?.add_silence(filter, *until, reason, operator)?;
            Ok(format!("Silence {silence_id} holds back alerts that match {filter}."))
        }
        Mutation::Approve(approval_id) => {
            let approval = office(Access::Existing)?.approve(*approval_id, operator)?;
            Ok(format!("{} may make this change once, within an hour: {}.", approval.requested_by, approval.change()))
        }
        Mutation::CloseApproval(approval_id) => {
            let closed = office(Access::Existing)?.close_approval(*approval_id, operator)?;
            let what = if closed.requested_by == operator { "withdrawn" } else { "refused" };
            Ok(format!("The request is {what}: {}.", closed.change()))
        }
        Mutation::EndSilence(silence_id) => Ok(if office(Access::Existing)?.end_silence(*silence_id, operator)? {
            format!("Silence {silence_id} was ended; alerts are sent again.")
        } else {
            format!("! Silence {silence_id} had ended already.")
        }),
        Mutation::AddDeadline(job, stores, rule) => {
            let office = office(Access::Existing)?;
            let deadline_id = office.add_deadline(job, stores, rule, operator)?;
            let warning = unknown_job(&office, job)?;
            Ok(format!("Deadline {deadline_id}: job {job} by {}.{warning}", rule.words_with_end()))
        }
        Mutation::RemoveDeadline(deadline_id) => {
            Ok(if office(Access::Existing)?.remove_deadline(*deadline_id, operator)?.is_some() {
                format!("Deadline {deadline_id} was removed.")
            } else {
                format!("! Deadline {deadline_id} had been removed already.")
            })
        }
        Mutation::Batch(_) | Mutation::View(_) | Mutation::Consenting(..) => Ok(String::new()),
        Mutation::Undo(entry_id) => Ok(match undo_entry(databases, *entry_id, operator, cancel)? {
            Undone::Sessions(acted) => summary(SessionAction::Undo, &acted, undo),
            Undone::Value(entry) if entry.detail.is_empty() => format!("Undone: {}, {}.", entry.action, entry.object),
            Undone::Value(entry) => format!("Undone: {}, {} ({}).", entry.action, entry.object, entry.detail),
        }),
    }
}

/// A sentence that warns of a job which no session has had yet; empty for a known one.
fn unknown_job(office: &HeadOffice, job: &str) -> Result<String, StoreError> {
    let known = office.names_beginning(Names::Jobs, job, 1)?.names;
    let is_known = known.first().is_some_and(|name| name.eq_ignore_ascii_case(job));
    Ok(if is_known { String::new() } else { format!(" No session of job {job} is known so far.") })
}

/// Summarizes an action on sessions: `25 sessions canceled, 1 left out (changed meanwhile), journal
/// row 2,211; u undoes 25 until an agent takes them`.
fn summary(action: SessionAction, acted: &ActionResult, undo: &str) -> String {
    let verb = match action {
        SessionAction::Cancel => "canceled",
        SessionAction::Rerun => "to be run again",
        SessionAction::Undo => "undone",
    };
    let mut text = match acted.done {
        1 => format!("1 session {verb}"),
        done => format!("{} sessions {verb}", grouped(done)),
    };
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    for (_, reason) in &acted.left_out {
        let reason = match reason {
            LeftOut::Changed(_) => "changed since it was shown".to_owned(),
            LeftOut::Taken { by, .. } => format!("{by} took the request"),
            reason => reason.to_string(),
        };
        *reasons.entry(reason).or_default() += 1;
    }
    for (reason, count) in reasons.iter().take(3) {
        let _ = write!(text, ", {} left out ({reason})", grouped(*count));
    }
    if acted.not_reached > 0 {
        let _ = write!(text, ", {} not reached because you stopped it", grouped(acted.not_reached));
    }
    if let Some(entry_id) = acted.entry_id {
        let _ = write!(text, ", journal row {}", grouped(entry_id));
    }
    if action == SessionAction::Cancel && acted.done > 0 {
        let _ = write!(text, "; {undo} undoes {} until an agent takes them", grouped(acted.done));
    }
    text
}

fn retry(office: &HeadOffice, ids: &[i64], operator: &str) -> Result<String, StoreError> {
    let filter = RejectedFilter { ids: ids.to_vec(), limit: i64::MAX, ..RejectedFilter::default() };
    let (mut inserted, mut known, mut still) = (0, 0, 0);
    for outcome in retry_rejected(office, &office.rejected(&filter)?, operator)? {
        match outcome {
            RetryOutcome::Inserted => inserted += 1,
            RetryOutcome::Known => known += 1,
            RetryOutcome::Still(_) => still += 1,
        }
    }
    let [inserted, known, still] = [inserted, known, still].map(grouped);
    Ok(format!("{inserted} inserted, {known} already known, {still} still rejected."))
}

/// Requests a run on a batch server that completes the one this console stops. An error is ignored:
/// the terminal is gone, and any later run continues from the last committed chunk.
pub fn hand_over(databases: &Databases, operator: &str, request: &RunRequest, server: &str) {
    let databases = &databases.with_consent(request.consent.clone());
    let _ = batch_mutations::ask_for_rest(databases, operator, request, server);
}
