//! The journal of operators' changes, and what can be undone.

mod append;
mod chain;
mod change;
mod list;
mod origin;
mod verify;

pub(super) use append::Operation;
pub(super) use chain::{chain_migrated_rows, chain_rows, sessions_object};
pub(super) use change::Change;
pub use list::{JournalFilter, JournalRow, NoteAuthor};
pub use verify::{ChainFault, ChainFaultKind, JournalHead, JournalProof};

use crate::domain::{Direction, SessionAction, SessionKey, Timestamp};
use crate::store::StoreError;
use crate::store::connection::Row;
use crate::store::dialect::NOW;
use crate::store::head_office::{ChunkWriter, HeadOffice, Permit, Taking};
use crate::store::value::values;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

/// The result of an undo that changed nothing.
const NOTHING: &str = "nothing";

/// How to undo an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Undo {
    /// Withdraws the requests of these sessions, unless an agent has taken them.
    Sessions,
    /// Restores a parameter, until the next run has begun.
    Parameter(i64),
    /// Restores the note on a cause.
    Note(i64, Option<String>),
    /// Restores the note on a channel database.
    DatabaseNote(Option<String>),
    /// Restores the zone of a channel database.
    DatabaseZone(Option<String>),
    /// Restores the mute of a cause.
    Mute(i64, Option<Timestamp>),
    /// Restores who works on a cause.
    Taking(i64, Option<Taking>),
    /// Restores a batch job's row, until it has run.
    Job(Json),
    /// Saves a deleted view again.
    View(DeletedView),
}

/// A view that was deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeletedView {
    /// Its operator.
    pub owner: String,
    /// Its name.
    pub name: String,
    /// The list with its filter and look, as JSON.
    pub definition: String,
}

/// An entry of the journal that can be undone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalEntry {
    /// Its number.
    pub entry_id: i64,
    /// When the change was made.
    pub at: Timestamp,
    /// The operator, as the environment stated it.
    pub operator: String,
    /// The action, such as `cancel session`.
    pub action: String,
    /// What was changed, such as `download 4711 S0042`.
    pub object: String,
    /// The reason, or the old and the new value.
    pub detail: String,
    /// How to undo it.
    pub undo: Undo,
}

/// A session action as executed at head office, for the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionNote<'a> {
    /// The action.
    pub act: SessionAction,
    /// The operator.
    pub operator: &'a str,
    /// The reason, as the operator stated it.
    pub reason: &'a str,
    /// The operation that the requests record; its parts are one entry.
    pub operation_id: &'a str,
    /// When it was requested; `None` for now.
    pub at: Option<Timestamp>,
    /// The sessions of this part, and the resulting round of each.
    pub sessions: &'a [(SessionKey, i64)],
    /// Uploads to mark for rerun, with the request of each in this message database.
    pub marks: &'a [(SessionKey, i64)],
    /// Uploads to unmark.
    pub unmarks: &'a [SessionKey],
    /// The message database of the requests.
    pub database_id: &'a str,
    /// Which guardrails it passed.
    pub permit: &'a Permit,
}

impl Undo {
    pub(super) fn to_json(&self) -> Json {
        match self {
            Self::Sessions => json!({"sessions": true}),
            Self::Parameter(before) => json!({"parameter": before}),
            Self::Note(cause, before) => json!({"cause": cause, "note": before}),
            Self::DatabaseNote(before) => json!({"database_note": before}),
            Self::DatabaseZone(before) => json!({"database_zone": before}),
            Self::Mute(cause, before) => json!({"cause": cause, "muted_until": before.map(|at| at.0)}),
            Self::Taking(cause, before) => json!({"cause": cause, "taken": before}),
            Self::Job(before) => json!({"batch_job": before}),
            Self::View(deleted) => json!({"view": deleted}),
        }
    }

    fn from_json(text: &str) -> Option<Self> {
        let json: Json = serde_json::from_str(text).ok()?;
        let cause = json["cause"].as_i64();
        match (json.get("note"), json.get("muted_until"), json["parameter"].as_i64()) {
            (Some(note), _, _) => Some(Self::Note(cause?, note.as_str().map(str::to_owned))),
            (_, Some(until), _) => Some(Self::Mute(cause?, until.as_i64().map(Timestamp))),
            (_, _, Some(before)) => Some(Self::Parameter(before)),
            _ if json.get("taken").is_some() => {
                Some(Self::Taking(cause?, serde_json::from_value(json["taken"].clone()).ok()?))
            }
            _ if json.get("database_note").is_some() => {
                Some(Self::DatabaseNote(json["database_note"].as_str().map(str::to_owned)))
            }
            _ if json.get("database_zone").is_some() => {
                Some(Self::DatabaseZone(json["database_zone"].as_str().map(str::to_owned)))
            }
            _ if json.get("view").is_some() => Some(Self::View(serde_json::from_value(json["view"].clone()).ok()?)),
            _ if json.get("batch_job").is_some() => Some(Self::Job(json["batch_job"].clone())),
            _ => json.get("sessions").map(|_| Self::Sessions),
        }
    }
}

impl HeadOffice {
    /// The newest entries that can be undone, newest first.
    pub fn undoable(&self, limit: i64) -> Result<Vec<JournalEntry>, StoreError> {
        let sql = "select entry_id, at, operator, action, object, coalesce(detail, '') as detail, undo from operator_journal
                   where undo is not null and undone_at is null and undo_outcome is null order by entry_id desc limit $1";
        Ok(self.connection.query(sql, values![limit], entry)?.into_iter().flatten().collect())
    }

    /// An entry that can be undone; `None` if there is none (any more).
    pub fn undoable_entry(&self, entry_id: i64) -> Result<Option<JournalEntry>, StoreError> {
        let sql =
            "select entry_id, at, operator, action, object, coalesce(detail, '') as detail, undo from operator_journal
                   where entry_id = $1 and undo is not null and undone_at is null and undo_outcome is null";
        Ok(self.connection.first(sql, values![entry_id], entry)?.flatten())
    }

    /// The number of a newer entry about the same object, if there is one; then the older one
    /// cannot be undone.
    pub fn newer_entry(&self, entry: &JournalEntry) -> Result<Option<i64>, StoreError> {
        let sql = "select min(entry_id) from operator_journal where entry_id > $1 and action = $2 and object = $3
            and coalesce(result, '') <> 'refused'";
        let found = self.connection.scalar::<Option<i64>>(sql, values![entry.entry_id, &entry.action, &entry.object]);
        Ok(found?.flatten())
    }

    /// The sessions of an entry, at most `limit`.
    pub fn journal_sessions(&self, entry_id: i64, limit: i64) -> Result<Vec<SessionKey>, StoreError> {
        let sql = "select direction, session_number, channel_database from journal_session where entry_id = $1
                   order by direction, session_number, channel_database limit $2";
        self.connection.query(sql, values![entry_id, limit], |row| {
            let direction = Direction::from_number(row.int("direction")?)
                .ok_or_else(|| row.damaged("a journal row without direction"))?;
            Ok(SessionKey {
                direction,
                session_number: row.int("session_number")?,
                channel_database: row.text("channel_database")?,
            })
        })
    }

    /// Records that undoing an entry changed nothing, and why; it is not offered again. Durable
    /// when it returns.
    pub fn note_nothing_undone(&self, entry: &JournalEntry, operator: &str, why: &str) -> Result<(), StoreError> {
        let transaction = self.connection.begin()?;
        let sql = "update operator_journal set undo_outcome = 'nothing' where entry_id = $1";
        self.connection.execute(sql, values![entry.entry_id])?;
        let (object, detail) = (format!("journal row {}", entry.entry_id), format!("nothing could be undone: {why}"));
        self.append(&Change::new(operator, "undo", &object).detail(&detail).result(NOTHING).decided())?;
        transaction.commit()
    }

    /// Records that the undo of sessions changed none of them, and why; the first session names
    /// them. Durable when it returns.
    pub fn note_no_session_undone(
        &self,
        first: &SessionKey,
        count: i64,
        operator: &str,
        why: &str,
    ) -> Result<(), StoreError> {
        let transaction = self.connection.begin()?;
        let (object, detail) = (sessions_object(count, Some(first)), format!("nothing could be undone: {why}"));
        self.append(&Change::new(operator, "undo session", &object).detail(&detail).result(NOTHING).decided())?;
        transaction.commit()
    }

    /// Records that an entry was undone; durable when it returns, or with the caller's transaction.
    pub fn note_undone(&self, entry_id: i64, operator: &str) -> Result<(), StoreError> {
        let sql = format!("update operator_journal set undone_at = {NOW}, undone_by = $2 where entry_id = $1");
        self.connection.execute(&sql, values![entry_id, operator])?;
        Ok(())
    }
}

impl ChunkWriter<'_> {
    /// Commits a part of a session action with its marks and journal entry. When it returns, it
    /// survives a power cut. Returns the entry's number.
    pub fn commit_action(self, note: &ActionNote) -> Result<i64, StoreError> {
        let entry_id = self.office.note_act(note)?;
        self.transaction.commit()?;
        Ok(entry_id)
    }
}

impl HeadOffice {
    fn note_act(&self, note: &ActionNote) -> Result<i64, StoreError> {
        let entry_id = self.append_action(note)?;
        for (key, request_id) in note.marks {
            self.mark_for_rerun(key, note.database_id, *request_id)?;
        }
        for key in note.unmarks {
            self.unmark(key)?;
        }
        Ok(entry_id)
    }
}

/// `None` for an entry of a newer program.
fn entry(row: &Row) -> Result<Option<JournalEntry>, StoreError> {
    let undo = Undo::from_json(&row.text("undo")?);
    Ok(match undo {
        None => None,
        Some(undo) => Some(JournalEntry {
            entry_id: row.int("entry_id")?,
            at: row.time("at")?,
            operator: row.text("operator")?,
            action: row.text("action")?,
            object: row.text("object")?,
            detail: row.text("detail")?,
            undo,
        }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_undoing_needs_comes_back_as_it_was_written() {
        for undo in [
            Undo::Sessions,
            Undo::Parameter(30),
            Undo::Note(-7, Some("ticket 4711".to_owned())),
            Undo::Note(7, None),
            Undo::DatabaseNote(None),
            Undo::DatabaseZone(Some("America/Chicago".to_owned())),
            Undo::DatabaseNote(Some("closed on Sundays".to_owned())),
            Undo::Mute(7, Some(Timestamp(5))),
            Undo::Mute(7, None),
            Undo::Taking(7, None),
            Undo::Taking(-7, Some(Taking { by: "m.jansen".to_owned(), until: Timestamp(5), remark: None })),
            Undo::View(DeletedView {
                owner: "r.vermeer".to_owned(),
                name: "mine".to_owned(),
                definition: "{}".to_owned(),
            }),
            Undo::Job(json!({"job_id": 7, "columns": {"status": 1}, "alerts": []})),
        ] {
            assert_eq!(Undo::from_json(&undo.to_json().to_string()), Some(undo));
        }
        assert_eq!(Undo::from_json("{\"of a newer program\": 1}"), None);
    }
}
