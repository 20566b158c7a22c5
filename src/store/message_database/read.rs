//! Reading messages in order of arrival, in batches bounded by rows and bytes.

use crate::domain::{Cursor, Malformed, Position, RawMessage, StatusMessage, Timestamp};
use crate::store::StoreError;
use crate::store::connection::Row;
use crate::store::message_database::MessageDatabase;
use crate::store::message_database::order::{self, ArrivalOrder};
use crate::store::row::{At, columns};
use crate::store::value::values;
use std::borrow::Cow;

/// One message as the transfer reads it: valid, or complete with the reason why it is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incoming {
    /// Its position in the order of arrival.
    pub position: Position,
    /// The message, or what was wrong with it.
    pub content: Result<StatusMessage, Malformed>,
}

/// Consecutive messages.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Batch {
    /// The messages, in order of arrival.
    pub messages: Vec<Incoming>,
    /// The GUID of the last one as stored, which identifies a restored database.
    pub anchor_guid: String,
    /// Whether there were no more messages.
    pub reached_end: bool,
}

columns!(mod column:
    message_guid, direction, session_number, channel_database, job_name, channel_data_group,
    distribution_schedule, status, occurred_at, posted_at, posted_by, round, rerun_for, try_count,
    rows_affected, file_size, row_version, data_path, message, extra,
);
use column::{COUNT as COLUMN_COUNT, LIST as COLUMNS};

/// The columns of the position follow the list.
const ORIGIN_TX: At = At(COLUMN_COUNT);
const MESSAGE_ID: At = At(COLUMN_COUNT + 1);

impl MessageDatabase {
    /// The messages after `position`, until `rows` or `bytes` of text are reached (at least one
    /// message, if there is one).
    pub fn read_after(&self, position: Position, rows: usize, bytes: usize) -> Result<Batch, StoreError> {
        let ArrivalOrder { columns, after, settled, forward, .. } = self.order();
        let sql = format!(
            "select {COLUMNS}, {columns} from status_message where {after} and {settled} order by {forward} limit $3"
        );
        let limit = i64::try_from(rows).unwrap_or(i64::MAX);
        let mut batch = Batch { messages: Vec::with_capacity(rows.min(4_096)), ..Batch::default() };
        let mut taken = 0;
        let mut anchor = Vec::new();
        let mut cut = false;
        let at_server = self.connection.session().is_some();
        self.connection.prepare(&sql)?.each(values![position.origin_tx, position.message_id, limit], |row| {
            if taken >= bytes {
                cut = true;
                return Ok(false);
            }
            let raw = raw_message(row, at_server)?;
            anchor.clear();
            anchor.extend_from_slice(&raw.message_guid);
            let content = checked(&raw);
            taken += match &content {
                Ok(message) => message.text_bytes(),
                Err(malformed) => malformed.raw.len(),
            };
            batch.messages.push(Incoming { position: raw.position(), content });
            Ok(true)
        })?;
        batch.anchor_guid = String::from_utf8_lossy(&anchor).into_owned();
        batch.reached_end = !cut && batch.messages.len() < rows;
        Ok(batch)
    }

    /// The GUID of the message at `position`, as it is stored; `None` if it is gone.
    pub fn guid_at(&self, position: Position) -> Result<Option<String>, StoreError> {
        let sql = format!("select message_guid from status_message where {}", self.order().at);
        self.connection.scalar::<String>(&sql, values![position.origin_tx, position.message_id])
    }

    /// One message by its GUID, as the transfer reads it, even if it is not settled yet; `None` if
    /// there is none.
    pub fn find(&self, guid: &str) -> Result<Option<Incoming>, StoreError> {
        let at_server = self.connection.session().is_some();
        let sql = format!("select {COLUMNS}, {} from status_message where message_guid = $1", self.order().columns);
        self.connection.first(&sql, values![guid], |row| {
            let raw = raw_message(row, at_server)?;
            Ok(Incoming { position: raw.position(), content: checked(&raw) })
        })
    }

    /// The position of the last message; (0, 0) if there is none.
    pub fn end(&self) -> Result<Position, StoreError> {
        let ArrivalOrder { columns, backward, .. } = self.order();
        let sql = format!("select {columns} from status_message order by {backward} limit 1");
        Ok(self.connection.first(&sql, &[], order::position)?.unwrap_or_default())
    }

    /// When the message at `position` was posted; `None` if there is none.
    pub fn posted_at(&self, position: Position) -> Result<Option<Timestamp>, StoreError> {
        let sql = format!("select posted_at from status_message where {}", self.order().at);
        self.connection.scalar::<Timestamp>(&sql, values![position.origin_tx, position.message_id])
    }

    /// How many messages follow `position`; counted one by one up to `most`.
    pub fn count_after(&self, position: Position, most: i64) -> Result<i64, StoreError> {
        let after = self.order().after;
        let sql = format!("select count(*) from (select 1 from status_message where {after} limit $3) as counted");
        self.connection.integer(&sql, values![position.origin_tx, position.message_id, most])
    }

    /// Whether the database is as it was read: the message at the cursor's position is the same,
    /// and purged messages are still gone. If not, it was restored or emptied, and the next run
    /// reads it from the start.
    pub fn is_as_read(&self, cursor: &Cursor) -> Result<bool, StoreError> {
        let found = match cursor.anchor_guid {
            Some(_) => self.guid_at(cursor.position)?,
            None => None,
        };
        // Purged messages return only by a restore, even if the anchor is the same.
        Ok(found == cursor.anchor_guid && self.exchange()?.purged_through >= cursor.purged_seen)
    }

    /// How many messages wait for a transfer at `cursor`; all of them if there is none, or if the
    /// database will be read again. Counted like [`Self::count_after`].
    pub fn count_waiting(&self, cursor: Option<&Cursor>, most: i64) -> Result<i64, StoreError> {
        let position = match cursor {
            Some(cursor) if self.is_as_read(cursor)? => cursor.position,
            _ => Position::default(),
        };
        self.count_after(position, most)
    }

    /// When the last message arrived, by its own clock.
    pub fn last_posted_at(&self) -> Result<Option<Timestamp>, StoreError> {
        let sql = format!("select posted_at from status_message order by {} limit 1", self.order().backward);
        self.connection.scalar::<Timestamp>(&sql, &[])
    }
}

fn checked(raw: &RawMessage) -> Result<StatusMessage, Malformed> {
    raw.check().map_err(|reason| Malformed { reason, raw: raw.to_json() })
}

fn raw_message<'r>(row: &'r Row, at_server: bool) -> Result<RawMessage<'r>, StoreError> {
    let text = |column: At| row.bytes(column).map(Cow::Borrowed);
    // A server's text cannot hold an agent's NUL; U+FFFD replaces it (see `postgres::Value`) and
    // means the same in a key.
    let key = |column: At| {
        let bytes = row.bytes(column)?;
        Ok::<_, StoreError>(match std::str::from_utf8(bytes) {
            Ok(text) if at_server && text.contains('\u{FFFD}') => {
                Cow::Owned(text.replace('\u{FFFD}', "\0").into_bytes())
            }
            _ => Cow::Borrowed(bytes),
        })
    };
    let opt_text = |column: At| Ok::<_, StoreError>(row.opt_bytes(column)?.map(Cow::Borrowed));
    Ok(RawMessage {
        origin_tx: row.int(ORIGIN_TX)?,
        message_id: row.int(MESSAGE_ID)?,
        message_guid: text(column::message_guid)?,
        direction: row.int(column::direction)?,
        session_number: row.int(column::session_number)?,
        channel_database: key(column::channel_database)?,
        job_name: key(column::job_name)?,
        channel_data_group: opt_text(column::channel_data_group)?,
        distribution_schedule: opt_text(column::distribution_schedule)?,
        status: row.int(column::status)?,
        occurred_at: row.int(column::occurred_at)?,
        posted_at: row.int(column::posted_at)?,
        posted_by: opt_text(column::posted_by)?,
        round: row.int(column::round)?,
        rerun_for: row.opt_int(column::rerun_for)?,
        try_count: row.int(column::try_count)?,
        rows_affected: row.opt_int(column::rows_affected)?,
        file_size: row.opt_int(column::file_size)?,
        row_version: row.opt_int(column::row_version)?,
        data_path: opt_text(column::data_path)?,
        message: opt_text(column::message)?,
        extra: opt_text(column::extra)?,
    })
}
