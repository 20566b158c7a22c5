//! Rows of messages at head office.

use crate::domain::{StatusMessage, Timestamp};
use crate::store::row::columns;
use crate::store::value::Value;

columns!(mod column:
    message_guid, direction, session_number, channel_database, job_name, channel_data_group,
    distribution_schedule, status, occurred_at, posted_at, posted_by, round, rerun_for, try_count,
    rows_affected, file_size, row_version, data_path, message, extra, source_id, message_id, run_id,
    transferred_at, cause, reported_at,
);
pub(super) use column::{COUNT as COLUMN_COUNT, LIST as COLUMNS};

/// Whether a row `message` is the one that a row `session` takes its status from, found by the
/// index of sessions.
pub(super) const IS_WINNER: &str = "message.session_number = session.session_number
    and message.channel_database = session.channel_database and message.direction = session.direction
    and message.message_guid = session.winner_guid";

/// A message to store.
#[derive(Debug, Clone, Copy)]
pub struct NewHere<'m> {
    /// As the transfer parsed it.
    pub message: &'m StatusMessage,
    /// Its id in the message database.
    pub message_id: i64,
    /// The key of a failure's cause.
    pub cause: Option<i64>,
}

/// Bytes of a GUID's text.
pub(super) const GUID_LENGTH: usize = uuid::fmt::Hyphenated::LENGTH;

/// Room for the text of a guid, see [`guid`].
pub(super) type GuidText = [u8; GUID_LENGTH];

/// Writes its GUID as stored into `text`.
pub(super) fn guid<'t>(new: &NewHere, text: &'t mut GuidText) -> &'t str {
    new.message.message_guid.hyphenated().encode_lower(text)
}

/// Its values in the order of [`COLUMNS`].
pub(super) fn values_of<'a>(
    new: &NewHere<'a>,
    guid: &'a str,
    source_id: i64,
    run_id: i64,
    now: Timestamp,
) -> [Value<'a>; COLUMN_COUNT] {
    let message = new.message;
    let key = &message.key;
    [
        guid.into(),
        key.direction.number().into(),
        key.session_number.into(),
        (&key.channel_database).into(),
        (&message.job_name).into(),
        (&message.channel_data_group).into(),
        (&message.distribution_schedule).into(),
        message.status.number(key.direction).into(),
        message.occurred_at.into(),
        message.posted_at.into(),
        (&message.posted_by).into(),
        message.round.into(),
        message.rerun_for.into(),
        message.try_count.into(),
        message.rows_affected.into(),
        message.file_size.into(),
        message.row_version.into(),
        (&message.data_path).into(),
        (&message.message).into(),
        (&message.extra).into(),
        source_id.into(),
        new.message_id.into(),
        run_id.into(),
        now.into(),
        new.cause.into(),
        message.reported_at.into(),
    ]
}
