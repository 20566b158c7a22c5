//! When the steps of several sessions happened.

use crate::domain::{Direction, Status, Timestamp};
use crate::store::StoreError;
use crate::store::head_office::HeadOffice;
use crate::store::value::{Value, placeholders};

/// Messages that are read at most; a session has about five.
const MAX_MESSAGES: i64 = 5_000;

/// One step of a session, as a message reported it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionStep {
    /// The session.
    pub session_number: i64,
    /// The round in which it was reached.
    pub round: i64,
    /// The status reached.
    pub status: Status,
    /// When, by the reporter's clock.
    pub occurred_at: Timestamp,
    /// Its place among messages of the same instant.
    pub message_key: i64,
}

impl HeadOffice {
    /// The steps of sessions of one channel database, each session's in order of time.
    pub fn session_steps(
        &self,
        direction: Direction,
        channel_database: &str,
        session_numbers: &[i64],
    ) -> Result<Vec<SessionStep>, StoreError> {
        if session_numbers.is_empty() {
            return Ok(Vec::new());
        }
        // Not ordered by the database, so that the limit also bounds what is read.
        let sql = format!(
            "select session_number, round, status, occurred_at, message_key from status_message
             where direction = $1 and channel_database = $2 and session_number in {} limit {MAX_MESSAGES}",
            placeholders(2, session_numbers.len())
        );
        let mut values: Vec<Value> = vec![direction.number().into(), channel_database.into()];
        values.extend(session_numbers.iter().map(|number| Value::from(*number)));
        let mut steps = self.connection.query(&sql, &values, |row| {
            let number = row.int("status")?;
            let status = Status::from_number(direction, number)
                .ok_or_else(|| row.damaged(format!("a {direction} message with status {number}")))?;
            Ok(SessionStep {
                session_number: row.int("session_number")?,
                round: row.int("round")?,
                status,
                occurred_at: row.time("occurred_at")?,
                message_key: row.int("message_key")?,
            })
        })?;
        steps.sort_by_key(|step| (step.session_number, step.round, step.occurred_at, step.message_key));
        Ok(steps)
    }
}
