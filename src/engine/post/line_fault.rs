//! Why a line of the input is not stored.

use crate::domain::{Direction, DirectionError, Reason, Status, TimestampError};
use crate::engine::post::lines::MAX_LINE_BYTES;

/// Why a line is not stored. The text names the key; it may hold text from outside.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)] // the sentences say it
pub enum LineFault {
    #[error("longer than {} MiB", MAX_LINE_BYTES >> 20)]
    TooLong,
    #[error("not UTF-8 at byte {at}")]
    NotUtf8 { at: usize },
    #[error("not JSON: {reason} at column {column}")]
    NotJson { reason: String, column: usize },
    #[error("{reason}")]
    Data { reason: String },
    #[error("not a JSON object")]
    NotAnObject,
    #[error("extra is no object")]
    ExtraNotAnObject,
    #[error("key {key:?} in extra does not begin with x_")]
    ExtraKey { key: String },
    #[error("key {key:?} appears twice: in the line and in extra")]
    TwiceInExtra { key: String },
    #[error("key {key:?} is given by the message database, not by the agent")]
    GivenByDatabase { key: String },
    #[error("unknown key {key:?}; the nearest is {nearest:?}")]
    UnknownKey { key: String, nearest: &'static str },
    #[error("key {key:?} is missing")]
    Missing { key: String },
    #[error("{key} is no text")]
    NotText { key: String },
    #[error("{key} is no 64-bit whole number")]
    NotInteger { key: String },
    #[error("{key} is neither RFC 3339 nor milliseconds")]
    NotInstant { key: String },
    #[error("{key}: {source}")]
    Instant { key: String, source: TimestampError },
    #[error(transparent)]
    Direction(#[from] DirectionError),
    #[error("status {word:?} is a word, but the direction {direction} has none")]
    StatusOfUnknownDirection { word: String, direction: i64 },
    #[error("status {word:?} is none of {direction}: {}", words_of(*direction))]
    Status { word: String, direction: Direction },
    #[error(transparent)]
    Rejected(#[from] Reason),
    #[error("this message_guid was posted before with other content; the first stays")]
    Conflict,
}

fn words_of(direction: Direction) -> String {
    Status::all(direction).map(Status::word).collect::<Vec<_>>().join(", ")
}
