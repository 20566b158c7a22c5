//! Reading messages in order of arrival, in batches bounded by rows and bytes.

use super::MessageDatabase;
use crate::domain::{Position, RawMessage, Reason, StatusMessage, Timestamp};
use crate::store::StoreError;
use crate::store::connection::Row;
use crate::store::value::values;
use std::borrow::Cow;

/// One message as the transfer gets it: sound, or whole and with the reason why it is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incoming {
    /// Where it stands in the order of arrival.
    pub position: Position,
    /// What it is.
    pub content: Result<StatusMessage, Nonsense>,
}

/// A message that makes no sense.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nonsense {
    /// Why.
    pub reason: Reason,
    /// The whole row, see [`RawMessage::to_json`].
    pub raw: String,
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

const COLUMNS: &str = "message_id, message_guid, direction, session_number, channel_database, job_name, \
    channel_data_group, distribution_schedule, status, occurred_at, posted_at, posted_by, round, rerun_for, try_count, \
    rows_affected, file_size, row_version, data_path, message, extra";

impl MessageDatabase {
    /// The messages after `position`, until `rows` or `bytes` of text are reached (at least one message, if there is one).
    pub fn read_after(&self, position: Position, rows: usize, bytes: usize) -> Result<Batch, StoreError> {
        // In SQLite one writer at a time hands out ids, so ids alone are the order of commits and origin_tx says nothing.
        let sql = format!("select {COLUMNS} from status_message where message_id > $1 order by message_id limit $2");
        let limit = i64::try_from(rows).unwrap_or(i64::MAX);
        let mut batch = Batch { messages: Vec::with_capacity(rows.min(4_096)), ..Batch::default() };
        let mut taken = 0;
        let mut anchor = Vec::new();
        let mut cut = false;
        self.connection.prepare(&sql)?.each(values![position.message_id, limit], |row| {
            if taken >= bytes {
                cut = true;
                return Ok(false);
            }
            let raw = raw_message(row)?;
            anchor.clear();
            anchor.extend_from_slice(&raw.message_guid);
            let content = raw.check().map_err(|reason| Nonsense { reason, raw: raw.to_json() });
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
        let sql = "select message_guid from status_message where message_id = $1";
        self.connection.first(sql, values![position.message_id], |row| row.text(0))
    }

    /// One message by its guid, as the transfer gets it; `None` if there is none.
    pub(super) fn find(&self, guid: &str) -> Result<Option<Incoming>, StoreError> {
        let sql = format!("select {COLUMNS} from status_message where message_guid = $1");
        self.connection.first(&sql, values![guid], |row| {
            let raw = raw_message(row)?;
            let content = raw.check().map_err(|reason| Nonsense { reason, raw: raw.to_json() });
            Ok(Incoming { position: raw.position(), content })
        })
    }

    /// The position of the last message; (0, 0) if there is none.
    pub fn end(&self) -> Result<Position, StoreError> {
        let message_id = self.connection.integer("select max(message_id) from status_message", &[])?;
        Ok(Position { origin_tx: 0, message_id })
    }

    /// When the message at `position` was posted; `None` if there is none.
    pub fn posted_at(&self, position: Position) -> Result<Option<Timestamp>, StoreError> {
        let sql = "select posted_at from status_message where message_id = $1";
        self.connection.first(sql, values![position.message_id], |row| row.time(0))
    }

    /// How many messages follow `position`; counts them one by one, but not beyond `most`.
    pub fn count_after(&self, position: Position, most: i64) -> Result<i64, StoreError> {
        let sql = "select count(*) from (select 1 from status_message where message_id > $1 limit $2) as counted";
        self.connection.integer(sql, values![position.message_id, most])
    }

    /// When the last message arrived, by its own clock.
    pub fn last_posted_at(&self) -> Result<Option<Timestamp>, StoreError> {
        let sql = "select posted_at from status_message order by message_id desc limit 1";
        self.connection.first(sql, &[], |row| row.time(0))
    }
}

fn raw_message<'r>(row: &'r Row) -> Result<RawMessage<'r>, StoreError> {
    let text = |column| row.bytes(column).map(Cow::Borrowed);
    let opt_text = |column| Ok::<_, StoreError>(row.opt_bytes(column)?.map(Cow::Borrowed));
    Ok(RawMessage {
        origin_tx: 0,
        message_id: row.int(0)?,
        message_guid: text(1)?,
        direction: row.int(2)?,
        session_number: row.int(3)?,
        channel_database: text(4)?,
        job_name: text(5)?,
        channel_data_group: opt_text(6)?,
        distribution_schedule: opt_text(7)?,
        status: row.int(8)?,
        occurred_at: row.int(9)?,
        posted_at: row.int(10)?,
        posted_by: opt_text(11)?,
        round: row.int(12)?,
        rerun_for: row.opt_int(13)?,
        try_count: row.int(14)?,
        rows_affected: row.opt_int(15)?,
        file_size: row.opt_int(16)?,
        row_version: row.opt_int(17)?,
        data_path: opt_text(18)?,
        message: opt_text(19)?,
        extra: opt_text(20)?,
    })
}
