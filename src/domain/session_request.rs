//! What agents are asked to do.

use crate::domain::{Direction, SessionKey, Timestamp};
use serde::Serialize;

/// One request to an agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[allow(missing_docs)] // the columns of the public table, one for one
pub struct SessionRequest {
    pub request_id: i64,
    pub direction: Direction,
    pub session_number: i64,
    pub channel_database: String,
    pub round: i64,
    pub action: String,
    pub reason: String,
    pub requested_by: String,
    pub requested_at: Timestamp,
    #[serde(skip)]
    pub withdrawn_at: Option<Timestamp>,
    pub taken_by: Option<String>,
    pub taken_at: Option<Timestamp>,
    pub agent: Option<String>,
    /// How often agents try a failed stage, 0 without limit; the same for the whole message
    /// database.
    pub try_count_limit: Option<i64>,
}

impl SessionRequest {
    /// The session that the request is about.
    pub fn key(&self) -> SessionKey {
        SessionKey {
            direction: self.direction,
            session_number: self.session_number,
            channel_database: self.channel_database.clone(),
        }
    }
}
