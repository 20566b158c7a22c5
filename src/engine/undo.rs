//! Undoes journal entries: session actions until an agent has taken the request, parameters until
//! the next run has begun, changes of batch jobs until the job has run; notes, mutes, takings and
//! time zones until they are changed again; the deletion of a saved view until it is saved again.

use crate::cancel::Cancel;
use crate::domain::{Parameter, SessionAction};
use crate::engine::agent_parameters::send_parameter;
use crate::engine::databases::Databases;
use crate::engine::session_actions::{ActionRequest, ActionResult, SelectedSession, SessionActionError, perform};
use crate::store::head_office::{ApprovalError, Edit, EditError, JournalEntry, Refusal, Undo};
use crate::store::{Access, HeadOffice};

/// The result of an undo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Undone {
    /// Session actions, some of which may be left out.
    Sessions(ActionResult),
    /// A value was restored.
    Value(JournalEntry),
}

impl From<Refusal> for SessionActionError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Store(error) => Self::Store(error),
            Refusal::Stale(sentence) => Self::Stale(sentence),
            refusal => Self::Refused(refusal.to_string()),
        }
    }
}

impl From<ApprovalError> for SessionActionError {
    fn from(error: ApprovalError) -> Self {
        match error {
            ApprovalError::Store(error) => Self::Store(error),
            refused => Self::Refused(refused.to_string()),
        }
    }
}

impl From<EditError> for SessionActionError {
    fn from(error: EditError) -> Self {
        Refusal::from(error).into()
    }
}

/// Undoes one entry of the journal. If that is no longer possible, it is refused with the reason
/// and nothing is changed.
pub fn undo_entry(
    databases: &Databases,
    entry_id: i64,
    operator: &str,
    cancel: &Cancel,
) -> Result<Undone, SessionActionError> {
    let office = HeadOffice::open(&databases.head_office, databases.opening(Access::Existing))?;
    let entry = office.undoable_entry(entry_id)?;
    let entry = entry.ok_or_else(|| {
        SessionActionError::Refused(format!("journal row {entry_id} is undone already, or cannot be"))
    })?;
    if !matches!(entry.undo, Undo::Sessions | Undo::Job(_))
        && let Some(newer) = office.newer_entry(&entry)?
    {
        let why = format!("{} was changed again since then (journal row {newer}); undo that one first", entry.object);
        return Err(SessionActionError::Refused(why));
    }
    let edit = Edit::undoing(operator);
    match &entry.undo {
        Undo::Sessions => {
            let chosen = office.journal_sessions(entry_id, i64::MAX)?;
            let chosen: Vec<_> = chosen.into_iter().map(|key| SelectedSession { key, seen: None }).collect();
            let reason = format!("journal row {entry_id}");
            let request = ActionRequest { action: SessionAction::Undo, reason: &reason, operator };
            let acted = perform(databases, &request, &chosen, cancel)?;
            // Requests taken by agents stay taken: another try has the same result.
            match acted.left_out.first() {
                _ if acted.not_reached > 0 => {}
                Some((_, why)) if acted.done == 0 => office.note_nothing_undone(&entry, operator, &why.to_string())?,
                _ => office.note_undone(entry_id, operator)?,
            }
            return Ok(Undone::Sessions(acted));
        }
        Undo::Job(before) => {
            office.undo_job_change(&entry, before, operator)?;
            return Ok(Undone::Value(entry));
        }
        Undo::View(deleted) => {
            if !office.restore_view(deleted, operator)? {
                let why = format!("{} was saved again since then; delete that view first", entry.object);
                return Err(SessionActionError::Refused(why));
            }
        }
        Undo::Parameter(before) => {
            if office.runs(1)?.first().is_some_and(|run| run.started_at > entry.at) {
                return Err(SessionActionError::Refused(
                    "a run has begun since then; set the parameter itself".to_owned(),
                ));
            }
            let parameter: Parameter = entry.object.parse().map_err(|_| {
                SessionActionError::Refused(format!(
                    "there is no parameter {:?}; it was set by a newer program",
                    entry.object
                ))
            })?;
            office.set_parameter(parameter, *before, edit)?;
            // The next run sends what cannot be sent now.
            _ = send_parameter(databases, &office, parameter);
        }
        Undo::Note(cause, before) => office.set_cause_note(*cause, before.as_deref().unwrap_or(""), edit)?,
        Undo::DatabaseNote(before) => {
            office.set_database_note(&entry.object, before.as_deref().unwrap_or(""), edit)?;
        }
        Undo::DatabaseZone(before) => office.set_database_zone(&entry.object, before.as_deref(), edit)?,
        Undo::Mute(cause, before) => office.mute_cause(*cause, *before, edit)?,
        Undo::Taking(cause, before) => office.take_cause(*cause, before.as_ref(), edit)?,
    }
    office.note_undone(entry_id, operator)?;
    Ok(Undone::Value(entry))
}
