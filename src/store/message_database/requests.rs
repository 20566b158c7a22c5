//! What agents are asked to do: written with the message that says it, polled and taken by agents.

use super::{MessageDatabase, NewMessage, order};
use crate::domain::{Direction, Position, Timestamp};
use crate::store::StoreError;
use crate::store::connection::{NOW, Row};
use crate::store::value::values;

/// One request.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    pub taken_by: Option<String>,
    pub taken_at: Option<Timestamp>,
}

const COLUMNS: &str = "request_id, direction, session_number, channel_database, round, action, reason, requested_by, \
    requested_at, taken_by, taken_at";

impl MessageDatabase {
    /// Writes the request to cancel a session and the message that it is canceled, both or neither; when it returns they survive
    /// a power cut. Returns where the message stands.
    pub fn request_cancel(&self, canceled: &NewMessage, reason: &str, operator: &str) -> Result<Position, StoreError> {
        let transaction = self.connection.begin()?;
        self.connection.execute(
            &format!(
                "insert into session_request (direction, session_number, channel_database, round, action, reason,
                    requested_by, requested_at) values ($1, $2, $3, $4, 'cancel', $5, $6, {NOW})"
            ),
            values![
                canceled.direction,
                canceled.session_number,
                &canceled.channel_database,
                canceled.round,
                reason,
                operator
            ],
        )?;
        self.insert_one(canceled)?;
        let sql = format!("select {} from status_message where message_guid = $1", self.order().columns);
        let guid = values![&canceled.message_guid];
        let position: Option<Position> = self.connection.first(&sql, guid, |row| order::position(row, 0))?;
        transaction.commit()?;
        Ok(position.unwrap_or_default())
    }

    /// Requests that no agent has taken and nobody has withdrawn, oldest first.
    pub fn waiting_requests(&self, limit: i64) -> Result<Vec<SessionRequest>, StoreError> {
        self.waiting(limit, "")
    }

    /// `lock`: what keeps others from taking the same ones.
    fn waiting(&self, limit: i64, lock: &str) -> Result<Vec<SessionRequest>, StoreError> {
        let sql = format!(
            "select {COLUMNS} from session_request where taken_at is null and withdrawn_at is null
             order by request_id limit $1{lock}"
        );
        self.connection.query(&sql, values![limit], request)
    }

    /// Takes the waiting requests for an agent, each of them once whoever else polls, and notes that the agent lives; durable when it
    /// returns.
    pub fn take_requests(&self, agent: &str, limit: i64) -> Result<Vec<SessionRequest>, StoreError> {
        let transaction = self.connection.begin()?;
        // At a server several agents poll at the same time; each passes over what another is just taking.
        let lock = if self.connection.session().is_some() { " for update skip locked" } else { "" };
        let mut taken = self.waiting(limit, lock)?;
        let sql = format!("update session_request set taken_by = $1, taken_at = {NOW} where request_id = $2");
        let now = self.connection.now()?;
        for request in &mut taken {
            self.connection.execute(&sql, values![agent, request.request_id])?;
            (request.taken_by, request.taken_at) = (Some(agent.to_owned()), Some(now));
        }
        let sql = format!(
            "insert into agent (name, last_seen_at) values ($1, {NOW})
             on conflict (name) do update set last_seen_at = excluded.last_seen_at"
        );
        self.connection.execute(&sql, values![agent])?;
        transaction.commit()?;
        Ok(taken)
    }
}

impl SessionRequest {
    /// The request as one JSON object.
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::json!({
            "request_id": self.request_id,
            "direction": self.direction.word(),
            "session_number": self.session_number,
            "channel_database": self.channel_database,
            "round": self.round,
            "action": self.action,
            "reason": self.reason,
            "requested_by": self.requested_by,
            "requested_at": self.requested_at.to_rfc3339(),
            "taken_by": self.taken_by,
            "taken_at": self.taken_at.map(Timestamp::to_rfc3339),
        })
    }
}

fn request(row: &Row) -> Result<SessionRequest, StoreError> {
    Ok(SessionRequest {
        request_id: row.int(0)?,
        direction: Direction::from_number(row.int(1)?).ok_or_else(|| row.damaged("a request without direction"))?,
        session_number: row.int(2)?,
        channel_database: row.text(3)?,
        round: row.int(4)?,
        action: row.text(5)?,
        reason: row.text(6)?,
        requested_by: row.text(7)?,
        requested_at: row.time(8)?,
        taken_by: row.opt_text(9)?,
        taken_at: row.opt_time(10)?,
    })
}
