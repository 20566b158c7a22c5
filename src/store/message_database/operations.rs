//! Operators' actions as the requests record them, from which head office's journal is completed
//! after a crash between the two databases.

use crate::domain::{Direction, OperationPart, SessionAction, SessionKey};
use crate::store::StoreError;
use crate::store::connection::Row;
use crate::store::message_database::MessageDatabase;
use crate::store::value::values;

/// An operator's action on one or many sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operation<'a> {
    /// Its unique identifier.
    pub id: &'a str,
    /// The action.
    pub act: SessionAction,
    /// The reason, as the operator stated it.
    pub reason: &'a str,
    /// The operator.
    pub operator: &'a str,
}

/// The parts of operations as rows.
const PARTS: &str = "select operation_id, act, requested_by, reason, requested_at, direction, session_number, channel_database, round,
        request_id, message_guid, 0 as withdraws from session_request where operation_id is not null
    union all select withdrawal_id, 'undo', coalesce(withdrawn_by, ''), coalesce(withdrawal_reason, ''), withdrawn_at, direction,
        session_number, channel_database, round, request_id, null, 1 from session_request where withdrawal_id is not null";

impl MessageDatabase {
    /// The newest parts of operations, newest request first.
    pub fn operation_parts(&self, limit: i64) -> Result<Vec<OperationPart>, StoreError> {
        let sql = format!("select * from ({PARTS}) as part order by request_id desc, withdraws desc limit $1");
        Ok(self.connection.query(&sql, values![limit], part)?.into_iter().flatten().collect())
    }

    /// The parts that concern one session, newest request first.
    pub fn parts_of(&self, key: &SessionKey) -> Result<Vec<OperationPart>, StoreError> {
        let sql = format!(
            "select * from ({PARTS}) as part where direction = $1 and session_number = $2 and channel_database = $3
             order by request_id desc, withdraws desc"
        );
        let values = values![key.direction.number(), key.session_number, &key.channel_database];
        Ok(self.connection.query(&sql, values, part)?.into_iter().flatten().collect())
    }
}

/// `None` for an action of a newer program.
fn part(row: &Row) -> Result<Option<OperationPart>, StoreError> {
    let (act, direction) = (SessionAction::from_word(&row.text("act")?), Direction::from_number(row.int("direction")?));
    let Some((act, direction)) = act.zip(direction) else { return Ok(None) };
    Ok(Some(OperationPart {
        operation_id: row.text("operation_id")?,
        act,
        operator: row.text("requested_by")?,
        reason: row.text("reason")?,
        at: row.time("requested_at")?,
        key: SessionKey {
            direction,
            session_number: row.int("session_number")?,
            channel_database: row.text("channel_database")?,
        },
        round: row.int("round")?,
        request_id: row.int("request_id")?,
        message_guid: row.opt_text("message_guid")?,
        withdraws: row.flag("withdraws")?,
    }))
}
