//! Acts of operators as the requests record them: head office's journal is completed from them after a kill between the two databases.

use crate::domain::{Direction, OperationPart, SessionAction, SessionKey};
use crate::store::StoreError;
use crate::store::connection::Row;
use crate::store::message_database::MessageDatabase;
use crate::store::value::values;

/// An act of an operator on one or many sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operation<'a> {
    /// Its own name, never used again.
    pub id: &'a str,
    /// What was done.
    pub act: SessionAction,
    /// Why.
    pub reason: &'a str,
    /// By whom.
    pub operator: &'a str,
}

/// The parts of operations, as rows of one form.
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

/// `None` for an act of a newer program.
fn part(row: &Row) -> Result<Option<OperationPart>, StoreError> {
    let (act, direction) = (SessionAction::from_word(&row.text(1)?), Direction::from_number(row.int(5)?));
    let Some((act, direction)) = act.zip(direction) else { return Ok(None) };
    Ok(Some(OperationPart {
        operation_id: row.text(0)?,
        act,
        operator: row.text(2)?,
        reason: row.text(3)?,
        at: row.time(4)?,
        key: SessionKey { direction, session_number: row.int(6)?, channel_database: row.text(7)? },
        round: row.int(8)?,
        request_id: row.int(9)?,
        message_guid: row.opt_text(10)?,
        withdraws: row.int(11)? != 0,
    }))
}
