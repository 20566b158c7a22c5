//! Restores sessions from the trash.

use crate::domain::{SessionKey, Timestamp};
use crate::guard::Attempt;
use crate::store::StoreError;
use crate::store::head_office::journal::{Operation, sessions_object};
use crate::store::head_office::permit::{MAX_NAMED_ROWS, names};
use crate::store::head_office::trash::{MARK, TrashedSession};
use crate::store::head_office::{HeadOffice, Permit, message_row, sessions};
use crate::store::value::values;
use std::collections::BTreeSet;
use std::fmt;
use uuid::Uuid;

/// The action, as the journal names it.
const RESTORE: &str = "restore session";

/// The most runs that the journal's row names.
const MAX_NAMED_RUNS: usize = 10;

/// A restore that was permitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestorePermit {
    permit: Permit,
    /// The operation of the journal's entry.
    operation_id: String,
    detail: String,
}

/// Why a session stays in the trash, or is no longer there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RestoreRefusal {
    /// It was restored or deleted meanwhile.
    NotInTrash,
    /// A session of this number is at head office.
    Exists,
    /// One of its messages arrived again.
    MessageExists,
}

/// The result of restoring sessions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Restored {
    /// Sessions restored.
    pub sessions: i64,
    /// Their messages.
    pub messages: i64,
    /// The sessions that were not restored, and why.
    pub refused: Vec<(SessionKey, RestoreRefusal)>,
}

impl fmt::Display for RestoreRefusal {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Self::NotInTrash => "it is no longer in the trash",
            Self::Exists => "a session of this number is at head office",
            Self::MessageExists => "one of its messages arrived again",
        })
    }
}

impl Restored {
    /// Adds what another part restored.
    pub fn add(&mut self, part: Self) {
        self.sessions += part.sessions;
        self.messages += part.messages;
        self.refused.extend(part.refused);
    }
}

/// `run 1`, or `runs 1, 2 and 5 more`.
fn runs_in_words(runs: &BTreeSet<i64>) -> String {
    let named: Vec<_> = runs.iter().take(MAX_NAMED_RUNS).map(i64::to_string).collect();
    let more = runs.len().saturating_sub(MAX_NAMED_RUNS);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("run{} {}{more}", if runs.len() == 1 { "" } else { "s" }, named.join(", "))
}

impl HeadOffice {
    /// Decides about a restore before its first session.
    pub fn permit_restore(&self, operator: &str, chosen: &[TrashedSession]) -> Result<RestorePermit, StoreError> {
        let scoped = self.authority().has_scope(&[RESTORE]);
        let subjects: Vec<_> = chosen.iter().filter(|_| scoped).map(TrashedSession::guarded).collect();
        let rows = i64::try_from(chosen.len()).unwrap_or(i64::MAX);
        let object = sessions_object(rows, chosen.first().map(|session| &session.key));
        let named = names(chosen.iter().map(|session| &session.key), MAX_NAMED_ROWS);
        // Numbers in the trash begin again when it is empty.
        let identity = |session: &TrashedSession| format!("{:?} of run {}", session.key, session.purged_by_run);
        let identity = chosen.iter().map(identity).collect::<Vec<_>>().join(",");
        let keys: Vec<_> = chosen.iter().map(|session| &session.key).collect();
        let attempt =
            Attempt { rows, subjects: &subjects, sessions: &keys, ..Attempt::new(operator, RESTORE, &object) };
        let permit = self.permit(&Attempt { detail: &named, identity: Some(&identity), ..attempt })?;
        let runs: BTreeSet<_> = chosen.iter().map(|session| session.purged_by_run).collect();
        let detail = format!("purged by {}", runs_in_words(&runs));
        Ok(RestorePermit { permit, operation_id: Uuid::now_v7().to_string(), detail })
    }

    /// Restores sessions with their messages and marks in one transaction, and writes the journal,
    /// in which all parts of a permitted restore are one entry; durable when it returns. A session
    /// that exists again is not overwritten. The retention of those restored begins now.
    pub fn restore(
        &self,
        chosen: &[TrashedSession],
        operator: &str,
        permit: &RestorePermit,
    ) -> Result<Restored, StoreError> {
        let transaction = self.connection.begin()?;
        let now = self.now()?;
        let mut restored = Restored::default();
        let mut done = Vec::new();
        for session in chosen {
            match self.restorable(session)? {
                Err(refusal) => restored.refused.push((session.key.clone(), refusal)),
                Ok(round) => {
                    restored.messages += self.restore_rows(session.trash_id, &session.key, now)?;
                    done.push((session.key.clone(), round));
                }
            }
        }
        restored.sessions = i64::try_from(done.len()).unwrap_or(i64::MAX);
        if !done.is_empty() {
            self.append_operation(&Operation {
                action: RESTORE,
                operator,
                detail: &permit.detail,
                reason: None,
                id: &permit.operation_id,
                at: None,
                sessions: &done,
                can_be_undone: false,
                permit: &permit.permit,
            })?;
        }
        transaction.commit()?;
        Ok(restored)
    }

    /// Whether a session can be restored without overwriting anything; returns its round.
    fn restorable(&self, session: &TrashedSession) -> Result<Result<i64, RestoreRefusal>, StoreError> {
        let TrashedSession { trash_id, key, purged_by_run, .. } = session;
        let [direction, number, store] = sessions::key_values(key);
        let here = "select round from trash_session where trash_id = $4 and purge_run_id = $5
                    and direction = $1 and session_number = $2 and channel_database = $3";
        let identity = [direction, number, store, (*trash_id).into(), (*purged_by_run).into()];
        let Some(round) = self.connection.scalar::<i64>(here, &identity)? else {
            return Ok(Err(RestoreRefusal::NotInTrash));
        };
        let exists = "select 1 from session where direction = $1 and session_number = $2 and channel_database = $3";
        if self.connection.exists(exists, &[direction, number, store])? {
            return Ok(Err(RestoreRefusal::Exists));
        }
        let arrived = if self.connection.session().is_some() {
            "select 1 from trash_status_message as t join status_message as s on s.message_guid = t.message_guid
             where t.trash_id = $1"
        } else {
            "select 1 from trash_status_message as t join message_guid as g on g.guid = unhex(t.message_guid, '-')
             where t.trash_id = $1"
        };
        let arrived = self.connection.exists(arrived, values![*trash_id])?;
        Ok(if arrived { Err(RestoreRefusal::MessageExists) } else { Ok(round) })
    }

    /// Moves the rows of a session back; returns the messages. They keep their numbers unless one
    /// of them was given to another row: a file reuses those of rows deleted from its end.
    fn restore_rows(&self, trash_id: i64, key: &SessionKey, now: Timestamp) -> Result<i64, StoreError> {
        let number = |table: &str, column: &str| {
            let sql = format!(
                "select 1 from trash_{table} as t join {table} as s on s.{column} = t.{column} where t.trash_id = $1"
            );
            let taken = self.connection.exists(&sql, values![trash_id])?;
            Ok::<_, StoreError>(if taken { String::new() } else { format!("{column}, ") })
        };
        let (columns, id) = (sessions::COLUMNS, number("session", "session_id")?);
        self.connection.execute(
            &format!(
                "insert into session ({id}{columns}, restored_at) select {id}{columns}, $2
                 from trash_session where trash_id = $1"
            ),
            values![trash_id, now],
        )?;
        let (columns, id) = (message_row::COLUMNS, number("status_message", "message_key")?);
        let messages = self.connection.execute(
            &format!(
                "insert into status_message ({id}{columns}) select {id}{columns}
                 from trash_status_message where trash_id = $1 order by trash_status_message.message_key"
            ),
            values![trash_id],
        )?;
        if self.connection.session().is_none() {
            let sql = "insert into message_guid (guid) select unhex(message_guid, '-') from trash_status_message
                       where trash_id = $1 order by 1";
            self.connection.execute(sql, values![trash_id])?;
        }
        self.restore_marks(trash_id, key)?;
        let of_key = "where direction = $1 and session_number = $2 and channel_database = $3";
        self.connection.execute(&format!("delete from session_tombstone {of_key}"), &sessions::key_values(key))?;
        for table in ["trash_session", "trash_status_message", "trash_session_rerun"] {
            self.connection.execute(&format!("delete from {table} where trash_id = $1"), values![trash_id])?;
        }
        Ok(i64::try_from(messages).unwrap_or(i64::MAX))
    }

    /// Restores the mark of a session, and removes the note that it repeated another one: it shows
    /// that itself again.
    fn restore_marks(&self, trash_id: i64, key: &SessionKey) -> Result<(), StoreError> {
        let sql = format!(
            "insert into session_rerun ({MARK}) select {MARK} from trash_session_rerun where trash_id = $1
             on conflict (direction, session_number, channel_database) do nothing"
        );
        self.connection.execute(&sql, values![trash_id])?;
        let repeated = self
            .connection
            .scalar::<Option<i64>>("select rerun_for from trash_session where trash_id = $1", values![trash_id])?;
        let Some(repeated) = repeated.flatten() else { return Ok(()) };
        for table in ["session_rerun", "trash_session_rerun"] {
            let sql = format!(
                "update {table} set repeated_by = null
                 where direction = $1 and session_number = $2 and channel_database = $3 and repeated_by = $4"
            );
            let (direction, store) = (key.direction.number(), &key.channel_database);
            self.connection.execute(&sql, values![direction, repeated, store, key.session_number])?;
        }
        Ok(())
    }
}
