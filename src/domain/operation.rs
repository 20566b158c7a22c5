//! What an operator's action did, as the message database records it.

use crate::domain::{SessionAction, SessionKey, Timestamp};

/// What an operation did to one session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperationPart {
    /// The operation's identifier.
    pub operation_id: String,
    /// The action.
    pub act: SessionAction,
    /// The operator.
    pub operator: String,
    /// The reason, as the operator stated it.
    pub reason: String,
    /// When it was requested, by the message database's clock.
    pub at: Timestamp,
    /// The session that it applied to.
    pub key: SessionKey,
    /// The round of the request.
    pub round: i64,
    /// The request that was written or withdrawn.
    pub request_id: i64,
    /// The message that reports it, if one does.
    pub message_guid: Option<String>,
    /// Whether it withdrew the request without a new one.
    pub withdraws: bool,
}
