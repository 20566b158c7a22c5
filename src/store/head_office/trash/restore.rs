//! Restores sessions from the trash.

use crate::domain::{SessionKey, Timestamp};
use crate::guard::Attempt;
use crate::store::StoreError;
use crate::store::head_office::journal::{Change, sessions_object};
use crate::store::head_office::trash::{MARK, TrashedSession};
use crate::store::head_office::{HeadOffice, Permit, message_row, sessions};
use crate::store::value::values;
use std::fmt;

/// The action, as the journal names it.
const RESTORE: &str = "restore session";

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

impl HeadOffice {
    /// Decides about a restore before its first session.
    pub fn permit_restore(&self, operator: &str, chosen: &[TrashedSession]) -> Result<Permit, StoreError> {
        let scoped = self.authority().has_scope(RESTORE);
        let subjects: Vec<_> = chosen.iter().filter(|_| scoped).map(TrashedSession::guarded).collect();
        let rows = i64::try_from(chosen.len()).unwrap_or(i64::MAX);
        let object = sessions_object(rows, chosen.first().map(|session| &session.key));
        let identity: Vec<_> = chosen.iter().map(|session| session.trash_id.to_string()).collect();
        let identity = identity.join(",");
        let attempt = Attempt::new(operator, RESTORE, &object);
        self.permit(&Attempt { rows, subjects: &subjects, identity: Some(&identity), ..attempt })
    }

    /// Restores sessions with their messages and marks in one transaction, and writes the journal;
    /// durable when it returns. A session that exists again is not overwritten. The retention of
    /// those restored begins at `now`.
    pub fn restore(
        &self,
        chosen: &[TrashedSession],
        operator: &str,
        permit: &Permit,
        now: Timestamp,
    ) -> Result<Restored, StoreError> {
        let transaction = self.connection.begin()?;
        let mut restored = Restored::default();
        let mut done = Vec::new();
        for TrashedSession { trash_id, key, purged_by_run, .. } in chosen {
            if let Err(refusal) = self.restorable(*trash_id, key)? {
                restored.refused.push((key.clone(), refusal));
            } else {
                restored.messages += self.restore_rows(*trash_id, key, now)?;
                done.push((key, *purged_by_run));
            }
        }
        restored.sessions = i64::try_from(done.len()).unwrap_or(i64::MAX);
        if let Some((first, run)) = done.first() {
            let object = sessions_object(restored.sessions, Some(first));
            let detail = format!("purged by run {run}");
            self.append(&Change::new(operator, RESTORE, &object).detail(&detail).permitted(permit))?;
        }
        transaction.commit()?;
        Ok(restored)
    }

    /// Whether a session can be restored without overwriting anything.
    fn restorable(&self, trash_id: i64, key: &SessionKey) -> Result<Result<(), RestoreRefusal>, StoreError> {
        let [direction, number, store] = sessions::key_values(key);
        let here = "select 1 from trash_session
                    where trash_id = $4 and direction = $1 and session_number = $2 and channel_database = $3";
        if !self.connection.exists(here, &[direction, number, store, trash_id.into()])? {
            return Ok(Err(RestoreRefusal::NotInTrash));
        }
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
        let arrived = self.connection.exists(arrived, values![trash_id])?;
        Ok(if arrived { Err(RestoreRefusal::MessageExists) } else { Ok(()) })
    }

    /// Moves the rows of a session back; returns the messages.
    fn restore_rows(&self, trash_id: i64, key: &SessionKey, now: Timestamp) -> Result<i64, StoreError> {
        let at_server = self.connection.session().is_some();
        // A file reuses the numbers of rows deleted from its end.
        let number = |table: &str, column: &str| {
            if at_server {
                return format!("t.{column}");
            }
            format!(
                "case when exists (select 1 from {table} as s where s.{column} = t.{column}) then null else t.{column} end"
            )
        };
        let (columns, id) = (sessions::COLUMNS, number("session", "session_id"));
        self.connection.execute(
            &format!(
                "insert into session (session_id, {columns}, restored_at) select {id}, {columns}, $2
                 from trash_session as t where trash_id = $1"
            ),
            values![trash_id, now],
        )?;
        let (columns, id) = (message_row::COLUMNS, number("status_message", "message_key"));
        let messages = self.connection.execute(
            &format!(
                "insert into status_message (message_key, {columns}) select {id}, {columns}
                 from trash_status_message as t where trash_id = $1 order by t.message_key"
            ),
            values![trash_id],
        )?;
        if !at_server {
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
