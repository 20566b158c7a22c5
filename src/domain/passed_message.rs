//! Messages below the transfer's position.

/// What identifies a message below the transfer's position.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)] // the columns of the public table, one for one
pub struct PassedMessage {
    pub message_id: i64,
    pub message_guid: String,
    pub direction: i64,
    pub session_number: i64,
    pub channel_database: String,
}
