//! A status message that has passed the check: a status that a session reached on a channel
//! database.

use crate::domain::{Direction, RawMessage, Status, Timestamp};
use std::borrow::Cow;
use uuid::Uuid;

/// The key of a session row. An empty channel database means the package itself.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
pub struct SessionKey {
    /// The direction of the data.
    pub direction: Direction,
    /// The session's number, never negative.
    pub session_number: i64,
    /// The channel database; empty for the package before any channel database is involved.
    pub channel_database: String,
}

/// A position in the message database's order of arrival. Compared left to right; (0, 0) is before
/// every message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Hash)]
pub struct Position {
    /// The transaction that inserted the message; 0 where ids alone are the order of arrival, as in
    /// SQLite.
    pub origin_tx: i64,
    /// The message's own number.
    pub message_id: i64,
}

/// A status message whose direction, status, key and instants are valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusMessage {
    /// The producer's idempotency key.
    pub message_guid: Uuid,
    /// The session row that the message is about.
    pub key: SessionKey,
    /// Scheduler job, such as 1040 or P-0001.
    pub job_name: String,
    /// Channel data group, where known.
    pub channel_data_group: Option<String>,
    /// Distribution schedule, where known.
    pub distribution_schedule: Option<String>,
    /// The status reached; always one of the key's direction.
    pub status: Status,
    /// When, by the reporter's clock; the instant of arrival where that clock runs ahead (see
    /// [`super::effective_instant`]).
    pub occurred_at: Timestamp,
    /// What a clock that runs ahead stated; `None` if `occurred_at` is what the reporter stated.
    pub reported_at: Option<Timestamp>,
    /// When it arrived, by the message database's clock.
    pub posted_at: Timestamp,
    /// The agent instance that posted it.
    pub posted_by: Option<String>,
    /// The round of the session.
    pub round: i64,
    /// Upload: the number of the session that this one repeats.
    pub rerun_for: Option<i64>,
    /// Attempts so far.
    pub try_count: i64,
    /// Records in the package.
    pub rows_affected: Option<i64>,
    /// Bytes of the package.
    pub file_size: Option<i64>,
    /// Change-tracking version of the package.
    pub row_version: Option<i64>,
    /// Working folder path of the package.
    pub data_path: Option<String>,
    /// Error text.
    pub message: Option<String>,
    /// The agent's own JSON object, unchanged.
    pub extra: Option<String>,
}

impl StatusMessage {
    /// Converts the message back to a row of the message database.
    pub fn to_raw(&self, position: Position) -> RawMessage<'_> {
        let optional = |text: &Option<String>| text.clone().map(|text| Cow::Owned(text.into_bytes()));
        RawMessage {
            origin_tx: position.origin_tx,
            message_id: position.message_id,
            message_guid: Cow::Owned(self.message_guid.to_string().into_bytes()),
            direction: self.key.direction.number(),
            session_number: self.key.session_number,
            channel_database: Cow::Borrowed(self.key.channel_database.as_bytes()),
            job_name: Cow::Borrowed(self.job_name.as_bytes()),
            channel_data_group: optional(&self.channel_data_group),
            distribution_schedule: optional(&self.distribution_schedule),
            status: self.status.number(self.key.direction).unwrap_or(-1),
            occurred_at: self.reported_at.unwrap_or(self.occurred_at).0,
            posted_at: self.posted_at.0,
            posted_by: optional(&self.posted_by),
            round: self.round,
            rerun_for: self.rerun_for,
            try_count: self.try_count,
            rows_affected: self.rows_affected,
            file_size: self.file_size,
            row_version: self.row_version,
            data_path: optional(&self.data_path),
            message: optional(&self.message),
            extra: optional(&self.extra),
        }
    }

    /// Bytes of text in the message; limits batches.
    pub fn text_bytes(&self) -> usize {
        let optional = [
            &self.channel_data_group,
            &self.distribution_schedule,
            &self.posted_by,
            &self.data_path,
            &self.message,
            &self.extra,
        ];
        self.key.channel_database.len()
            + self.job_name.len()
            + optional.into_iter().flatten().map(String::len).sum::<usize>()
    }
}
