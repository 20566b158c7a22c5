//! Reading messages in order of arrival, in batches bounded by rows and bytes.

use crate::domain::{Cursor, Malformed, Position, RawMessage, StatusMessage, Timestamp};
use crate::store::StoreError;
use crate::store::connection::Row;
use crate::store::message_database::MessageDatabase;
use crate::store::message_database::order::{self, Order};
use crate::store::value::values;
use std::borrow::Cow;

/// One message as the transfer gets it: sound, or whole and with the reason why it is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incoming {
    /// Where it stands in the order of arrival.
    pub position: Position,
    /// What it is.
    pub content: Result<StatusMessage, Malformed>,
}

/// Messages that follow one another.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Batch {
    /// In order of arrival.
    pub messages: Vec<Incoming>,
    /// The guid of the last one, as it is stored, by which a restored database is recognized.
    pub anchor_guid: String,
    /// Whether nothing followed when it was read.
    pub reached_end: bool,
}

const COLUMNS: &str = "message_guid, direction, session_number, channel_database, job_name, \
    channel_data_group, distribution_schedule, status, occurred_at, posted_at, posted_by, round, rerun_for, try_count, \
    rows_affected, file_size, row_version, data_path, message, extra";

impl MessageDatabase {
    /// The messages after `position`, until `rows` or `bytes` of text are reached (at least one message, if there is one).
    pub fn read_after(&self, position: Position, rows: usize, bytes: usize) -> Result<Batch, StoreError> {
        let Order { columns, after, settled, forward, .. } = self.order();
        let sql = format!(
            "select {columns}, {COLUMNS} from status_message where {after} and {settled} order by {forward} limit $3"
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
                Err(nonsense) => nonsense.raw.len(),
            };
            batch.messages.push(Incoming { position: raw.position(), content });
            Ok(true)
        })?;
        batch.anchor_guid = String::from_utf8_lossy(&anchor).into_owned();
        batch.reached_end = !cut && batch.messages.len() < rows;
        Ok(batch)
    }

    /// The guid of the message at `position`, as it is stored; `None` if it is gone.
    pub fn guid_at(&self, position: Position) -> Result<Option<String>, StoreError> {
        let sql = format!("select message_guid from status_message where {}", self.order().at);
        self.connection.first(&sql, values![position.origin_tx, position.message_id], |row| row.text(0))
    }

    /// One message by its guid, as the transfer gets it, whether or not others may still come before it; `None` if there is none.
    pub fn find(&self, guid: &str) -> Result<Option<Incoming>, StoreError> {
        let at_server = self.connection.session().is_some();
        let sql = format!("select {}, {COLUMNS} from status_message where message_guid = $1", self.order().columns);
        self.connection.first(&sql, values![guid], |row| {
            let raw = raw_message(row, at_server)?;
            Ok(Incoming { position: raw.position(), content: checked(&raw) })
        })
    }

    /// The position of the last message; (0, 0) if there is none.
    pub fn end(&self) -> Result<Position, StoreError> {
        let Order { columns, backward, .. } = self.order();
        let sql = format!("select {columns} from status_message order by {backward} limit 1");
        Ok(self.connection.first(&sql, &[], |row| order::position(row, 0))?.unwrap_or_default())
    }

    /// When the message at `position` was posted; `None` if there is none.
    pub fn posted_at(&self, position: Position) -> Result<Option<Timestamp>, StoreError> {
        let sql = format!("select posted_at from status_message where {}", self.order().at);
        self.connection.first(&sql, values![position.origin_tx, position.message_id], |row| row.time(0))
    }

    /// How many messages follow `position`; counts them one by one, but not beyond `most`.
    pub fn count_after(&self, position: Position, most: i64) -> Result<i64, StoreError> {
        let after = self.order().after;
        let sql = format!("select count(*) from (select 1 from status_message where {after} limit $3) as counted");
        self.connection.integer(&sql, values![position.origin_tx, position.message_id, most])
    }

    /// Whether it still is as it was read: the message at the cursor's position is the same, and what was seen to be purged is gone. If
    /// not, it was restored or emptied, and the next run reads it from its start.
    pub fn is_as_read(&self, cursor: &Cursor) -> Result<bool, StoreError> {
        let found = match cursor.anchor_guid {
            Some(_) => self.guid_at(cursor.position)?,
            None => None,
        };
        // What was purged comes back only by a restore, even where the anchor is the same.
        Ok(found == cursor.anchor_guid && self.exchange()?.purged_through >= cursor.purged_seen)
    }

    /// How many messages wait for a transfer whose place here is `cursor`; all of them where that is none, or where the database will be
    /// read again. Counted as by [`Self::count_after`].
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
        self.connection.first(&sql, &[], |row| row.time(0))
    }
}

fn checked(raw: &RawMessage) -> Result<StatusMessage, Malformed> {
    raw.check().map_err(|reason| Malformed { reason, raw: raw.to_json() })
}

fn raw_message<'r>(row: &'r Row, at_server: bool) -> Result<RawMessage<'r>, StoreError> {
    let text = |column| row.bytes(column).map(Cow::Borrowed);
    // A server's text cannot hold the NUL that an agent wrote; where it stands, U+FFFD was put (see `postgres::Value`), and in a key it
    // means what the NUL means.
    let key = |column| {
        let bytes = row.bytes(column)?;
        Ok::<_, StoreError>(match std::str::from_utf8(bytes) {
            Ok(text) if at_server && text.contains('\u{FFFD}') => {
                Cow::Owned(text.replace('\u{FFFD}', "\0").into_bytes())
            }
            _ => Cow::Borrowed(bytes),
        })
    };
    let opt_text = |column| Ok::<_, StoreError>(row.opt_bytes(column)?.map(Cow::Borrowed));
    Ok(RawMessage {
        origin_tx: row.int(0)?,
        message_id: row.int(1)?,
        message_guid: text(2)?,
        direction: row.int(3)?,
        session_number: row.int(4)?,
        channel_database: key(5)?,
        job_name: key(6)?,
        channel_data_group: opt_text(7)?,
        distribution_schedule: opt_text(8)?,
        status: row.int(9)?,
        occurred_at: row.int(10)?,
        posted_at: row.int(11)?,
        posted_by: opt_text(12)?,
        round: row.int(13)?,
        rerun_for: row.opt_int(14)?,
        try_count: row.int(15)?,
        rows_affected: row.opt_int(16)?,
        file_size: row.opt_int(17)?,
        row_version: row.opt_int(18)?,
        data_path: opt_text(19)?,
        message: opt_text(20)?,
        extra: opt_text(21)?,
    })
}
