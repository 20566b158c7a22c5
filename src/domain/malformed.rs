//! A row of a message database that is no valid message.

use crate::domain::Reason;

/// A message to reject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    /// What is wrong with it.
    pub reason: Reason,
    /// The whole row, see [`RawMessage::to_json`](crate::domain::RawMessage::to_json).
    pub raw: String,
}
