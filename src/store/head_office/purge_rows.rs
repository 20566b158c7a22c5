//! Deletes the rows of sessions that are purged, or moves them to the trash; counts them before.

use crate::domain::Expired;
use crate::store::StoreError;
use crate::store::connection::{Connection, Statement};
use crate::store::dialect::INSERT_ROWS;
use crate::store::head_office::chunk_rows::{LEAVE_TOMBSTONE, PurgeMark, PurgedSession, count, expired};
use crate::store::head_office::{bulk, message_row, sessions};
use crate::store::postgres::Session;
use crate::store::row::qualified;
use crate::store::value::values;

/// The sessions whose ids are the JSON array `$1`, in its order; `going.key` counts from 0. The
/// joins keep this order, so that no statement reads the whole table.
const SESSIONS: &str = "json_each($1) as going cross join session on session.session_id = going.value";
/// Their messages.
const MESSAGES: &str = "cross join status_message as message on message.session_number = session.session_number
    and message.channel_database = session.channel_database and message.direction = session.direction";

/// Purges several sessions at once.
pub(super) enum SessionPurger<'c> {
    InFile(Box<PurgeStatements<'c>>),
    AtServer(&'c Session, PurgeMark),
}

impl<'c> SessionPurger<'c> {
    pub(super) fn of(connection: &'c Connection, mark: PurgeMark) -> Result<Self, StoreError> {
        Ok(match connection.session() {
            Some(server) => Self::AtServer(server, mark),
            None => Self::InFile(Box::new(PurgeStatements::of(connection, mark)?)),
        })
    }

    /// Deletes sessions and returns the numbers of message and session rows. With `last_trashed` it
    /// moves them to the trash instead, numbered from the next one on.
    pub(super) fn purge(
        &mut self,
        going: &[PurgedSession],
        last_trashed: Option<i64>,
    ) -> Result<(i64, i64), StoreError> {
        match self {
            Self::InFile(statements) => statements.purge(going, last_trashed),
            Self::AtServer(server, mark) => bulk::purge(server, going, last_trashed, *mark),
        }
    }
}

/// The statements for a file.
pub(super) struct PurgeStatements<'c> {
    trash_messages: Statement<'c>,
    trash_sessions: Statement<'c>,
    tombstones: Statement<'c>,
    messages: Statement<'c>,
    sessions: Statement<'c>,
    mark: PurgeMark,
}

impl<'c> PurgeStatements<'c> {
    fn of(connection: &'c Connection, mark: PurgeMark) -> Result<Self, StoreError> {
        let (of_message, of_session) = (message_row::COLUMNS, sessions::COLUMNS);
        let (message, session) = (qualified("message", of_message), qualified("session", of_session));
        let tombstone = LEAVE_TOMBSTONE;
        Ok(Self {
            trash_messages: connection.prepare(&format!(
                "{INSERT_ROWS} trash_status_message (trash_id, message_key, {of_message})
                 select $2 + going.key, message.message_key, {message} from {SESSIONS} {MESSAGES}"
            ))?,
            trash_sessions: connection.prepare(&format!(
                "{INSERT_ROWS} trash_session (trash_id, messages, purge_run_id, purged_at, session_id, {of_session})
                 select $2 + going.key,
                    (select count(*) from trash_status_message where trash_status_message.trash_id = $2 + going.key),
                    $3, $4, session.session_id, {session} from {SESSIONS}"
            ))?,
            tombstones: connection.prepare(&format!(
                "{} select direction, session_number, channel_database, status, $2 from {SESSIONS} where true {}",
                tombstone.0, tombstone.1
            ))?,
            messages: connection.prepare(&format!(
                "delete from status_message where message_key in (select message.message_key from {SESSIONS} {MESSAGES})"
            ))?,
            sessions: connection
                .prepare("delete from session where session_id in (select value from json_each($1))")?,
            mark,
        })
    }

    fn purge(&mut self, going: &[PurgedSession], last_trashed: Option<i64>) -> Result<(i64, i64), StoreError> {
        let PurgeMark { run_id, now } = self.mark;
        let ids = &ids(going);
        if let Some(last) = last_trashed {
            self.trash_messages.execute(values![ids, last + 1])?;
            self.trash_sessions.execute(values![ids, last + 1, run_id, now])?;
        }
        self.tombstones.execute(values![ids, now])?;
        let messages = count(self.messages.execute(values![ids])?);
        Ok((messages, count(self.sessions.execute(values![ids])?)))
    }
}

/// The array that `SESSIONS` reads.
fn ids(going: &[PurgedSession]) -> String {
    going.iter().map(|going| going.session_id).collect::<serde_json::Value>().to_string()
}

/// Counts the messages of sessions.
pub(super) fn count_messages(connection: &Connection, going: &[PurgedSession]) -> Result<Expired, StoreError> {
    if let Some(server) = connection.session() {
        let _by_index = connection.begin_with(server, &format!("; {}", bulk::BY_INDEX))?;
        return bulk::count_messages(server, &connection.location, going);
    }
    let sql = format!(
        "select count(*) as rows, min(message.posted_at) as oldest, max(message.posted_at) as newest from {SESSIONS} {MESSAGES}"
    );
    Ok(connection.first(&sql, values![&ids(going)], expired)?.unwrap_or_default())
}
