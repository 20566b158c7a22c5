//! Deletes the rows of a session that is purged, or moves them to the trash, row by row in a file.

use crate::domain::{SessionKey, Timestamp};
use crate::store::StoreError;
use crate::store::connection::{Connection, Statement};
use crate::store::dialect::INSERT_ROWS;
use crate::store::head_office::chunk_rows::{LEAVE_TOMBSTONE, count};
use crate::store::head_office::sessions::key_values;
use crate::store::head_office::{message_row, sessions};

const OF_KEY: &str = "where direction = $1 and session_number = $2 and channel_database = $3";

/// A session that a purge deletes.
pub(super) struct Going {
    pub(super) key: SessionKey,
    /// The number of its status, for its tombstone.
    pub(super) status: Option<i64>,
}

/// What purged sessions are marked with.
#[derive(Debug, Clone, Copy)]
pub(super) struct PurgeMark {
    pub(super) run_id: i64,
    pub(super) now: Timestamp,
}

/// The statements for one session.
pub(super) struct PurgeStatements<'c> {
    trash_messages: Statement<'c>,
    trash_session: Statement<'c>,
    messages: Statement<'c>,
    session: Statement<'c>,
    tombstone: Statement<'c>,
    mark: PurgeMark,
}

impl<'c> PurgeStatements<'c> {
    pub(super) fn of(connection: &'c Connection, mark: PurgeMark) -> Result<Self, StoreError> {
        let (of_message, of_session) = (message_row::COLUMNS, sessions::COLUMNS);
        Ok(Self {
            trash_messages: connection.prepare(&format!(
                "{INSERT_ROWS} trash_status_message (trash_id, message_key, {of_message})
                 select $4, message_key, {of_message} from status_message {OF_KEY}"
            ))?,
            trash_session: connection.prepare(&format!(
                "{INSERT_ROWS} trash_session (trash_id, messages, purge_run_id, purged_at, session_id, {of_session})
                 select $4, $5, $6, $7, session_id, {of_session} from session {OF_KEY}"
            ))?,
            messages: connection.prepare(&format!("delete from status_message {OF_KEY}"))?,
            session: connection.prepare(&format!("delete from session {OF_KEY}"))?,
            tombstone: connection
                .prepare(&format!("{} values ($1, $2, $3, $4, $5) {}", LEAVE_TOMBSTONE.0, LEAVE_TOMBSTONE.1))?,
            mark,
        })
    }

    /// Purges a session, into the trash if that gives it a number; returns the rows of messages and
    /// of sessions.
    pub(super) fn purge(&mut self, going: &Going, trash_id: Option<i64>) -> Result<(i64, i64), StoreError> {
        let PurgeMark { run_id, now } = self.mark;
        let [direction, number, store] = key_values(&going.key);
        if let Some(trash_id) = trash_id {
            let trash_id = trash_id.into();
            let messages = count(self.trash_messages.execute(&[direction, number, store, trash_id])?);
            let marked = [messages.into(), run_id.into(), now.into()];
            self.trash_session.execute(&[&[direction, number, store, trash_id][..], &marked].concat())?;
        }
        let messages = count(self.messages.execute(&[direction, number, store])?);
        let sessions = count(self.session.execute(&[direction, number, store])?);
        self.tombstone.execute(&[direction, number, store, going.status.into(), now.into()])?;
        Ok((messages, sessions))
    }
}
