//! How far a message database has been read.

use crate::domain::{Position, Timestamp};

/// The transfer's position in one message database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// The number of the message database at head office.
    pub source_id: i64,
    /// The identity of the message database.
    pub database_id: String,
    /// The last message transferred.
    pub position: Position,
    /// The GUID of that message; `None` before the first.
    pub anchor_guid: Option<String>,
    /// While it is read again from the start: messages up to here may be repetitions.
    pub reread_until: Option<Position>,
    /// The start of the last read of a transfer that reached the end.
    pub as_of: Option<Timestamp>,
    /// The greatest position purged from the message database as last read; it decreases only if
    /// that database was restored.
    pub purged_seen: Position,
}
