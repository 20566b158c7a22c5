//! Requests to agents: written together with the message that reports them, polled and taken by
//! agents.

use crate::domain::{Direction, SessionKey, SessionRequest, Timestamp};
use crate::filter::{FieldValue, Subject};
use crate::store::StoreError;
use crate::store::connection::Row;
use crate::store::dialect::NOW;
use crate::store::message_database::{Incoming, MessageDatabase, NewMessage, Operation};
use crate::store::row::columns;
use crate::store::value::values;

/// The action that agents are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestAction {
    /// Stop trying.
    Cancel,
    /// Offer the session again in the request's round; for an upload in its own round, repeat it by
    /// a new session.
    Rerun,
}

/// A request to write, and the message that reports it to head office.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRequest {
    /// The session.
    pub key: SessionKey,
    /// The action.
    pub action: RequestAction,
    /// The round.
    pub round: i64,
    /// The message; `None` for a mark, which has none.
    pub message: Option<NewMessage>,
    /// For a package: the agent that reported for the session, which alone gets the request.
    pub agent: Option<String>,
}

/// The withdrawal of a request that no agent has taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawal {
    /// The session.
    pub key: SessionKey,
    /// The requested action.
    pub action: RequestAction,
    /// The round.
    pub round: i64,
    /// The new request; `None` for none.
    pub instead: Option<NewRequest>,
}

/// The result of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Requested {
    /// It is written.
    Written {
        /// Its number; `None` of a withdrawal without a new request.
        request_id: Option<i64>,
        /// Its message, as the transfer will read it; `None` if it has none.
        incoming: Option<Box<Incoming>>,
    },
    /// An equal request waits already.
    Already,
    /// There is no request to withdraw.
    Nothing,
    /// It cannot be withdrawn because an agent has taken it.
    Taken {
        /// The agent.
        by: String,
        /// When the agent took it.
        at: Timestamp,
    },
}

impl Subject for SessionRequest {
    fn field_value(&self, field: &str) -> FieldValue<'_> {
        match field {
            "action" => FieldValue::Choice(&self.action),
            "direction" => FieldValue::Choice(self.direction.word()),
            "store" => FieldValue::text(Some(&self.channel_database)),
            "session" => FieldValue::Number(self.session_number),
            "by" => FieldValue::text(Some(&self.requested_by)),
            "text" => FieldValue::text(Some(&self.reason)),
            "agent" => FieldValue::text(self.agent.as_deref()),
            "requested" => FieldValue::Number(self.requested_at.0),
            _ => FieldValue::Empty,
        }
    }

    fn any_text(&self, is_wanted: &dyn Fn(&str) -> bool) -> bool {
        let Self { action, channel_database, requested_by, reason, .. } = self;
        [action, channel_database, requested_by, reason].into_iter().any(|text| is_wanted(text))
            || is_wanted(&self.session_number.to_string())
    }
}

columns!(mod column:
    request_id, direction, session_number, channel_database, round, action, reason, requested_by,
    requested_at, withdrawn_at, taken_by, taken_at, agent,
    try_count_limit = "(select value from agent_parameter where name = 'try-count')",
);
pub(super) use column::LIST as COLUMNS;

/// Identifies a request by the first five parameters.
const SAME: &str = "direction = $1 and session_number = $2 and channel_database = $3 and round = $4 and action = $5";

/// Whether a request waits, worded as in the partial index.
pub(super) const WAITS: &str = "taken_at is null and withdrawn_at is null";

impl RequestAction {
    /// Its word in the table.
    pub fn word(self) -> &'static str {
        match self {
            Self::Cancel => "cancel",
            Self::Rerun => "rerun",
        }
    }
}

impl MessageDatabase {
    /// Writes requests with their messages, all or nothing; when it returns they survive a power
    /// cut. The results are in their order.
    pub fn request(&self, requests: &[NewRequest], operation: &Operation) -> Result<Vec<Requested>, StoreError> {
        let transaction = self.connection.begin()?;
        // One at a time, as in SQLite: the second of two equal requests is refused.
        self.lock_exchange()?;
        let written = requests.iter().map(|request| self.request_one(request, operation));
        let written = written.collect::<Result<_, _>>()?;
        transaction.commit()?;
        Ok(written)
    }

    /// Withdraws requests that no agent has taken and writes the new ones, each with its withdrawal
    /// or not at all; durable when it returns. The results are in their order.
    pub fn withdraw(&self, withdrawals: &[Withdrawal], operation: &Operation) -> Result<Vec<Requested>, StoreError> {
        let transaction = self.connection.begin()?;
        self.lock_exchange()?;
        let done = withdrawals.iter().map(|withdrawal| self.withdraw_one(withdrawal, operation));
        let done = done.collect::<Result<_, _>>()?;
        transaction.commit()?;
        Ok(done)
    }

    fn request_one(&self, request: &NewRequest, operation: &Operation) -> Result<Requested, StoreError> {
        let NewRequest { key, action, round, message, agent } = request;
        let same = values![
            key.direction.number(),
            key.session_number,
            &key.channel_database,
            *round,
            action.word(),
            operation.reason,
            operation.operator,
            agent,
            operation.id,
            operation.act.word(),
            message.as_ref().map(|message| message.message_guid.as_str())
        ];
        let asked = format!("select 1 from session_request where {SAME} and {WAITS}");
        if self.connection.exists(&asked, &same[..5])? {
            return Ok(Requested::Already);
        }
        let insert = format!(
            "insert into session_request (direction, session_number, channel_database, round, action, reason,
                requested_by, requested_at, agent, operation_id, act, message_guid)
             values ($1, $2, $3, $4, $5, $6, $7, {NOW}, $8, $9, $10, $11) returning request_id"
        );
        let request_id = self.connection.scalar::<i64>(&insert, same)?;
        let incoming = match message {
            Some(message) => {
                self.insert_one(message)?;
                self.find(&message.message_guid)?.map(Box::new)
            }
            None => None,
        };
        Ok(Requested::Written { request_id, incoming })
    }

    fn withdraw_one(&self, withdrawal: &Withdrawal, operation: &Operation) -> Result<Requested, StoreError> {
        let Withdrawal { key, action, round, instead } = withdrawal;
        let same = values![key.direction.number(), key.session_number, &key.channel_database, *round, action.word()];
        let sql = format!(
            "update session_request set withdrawn_at = {NOW}, withdrawn_by = $6, withdrawal_reason = $7, withdrawal_id = $8
             where {SAME} and {WAITS}"
        );
        // A new request records the operation itself.
        let id = instead.is_none().then_some(operation.id);
        let withdrawn = [&same[..], values![operation.operator, operation.reason, id]].concat();
        if self.connection.execute(&sql, &withdrawn)? > 0 {
            return match instead {
                Some(request) => self.request_one(request, operation),
                None => Ok(Requested::Written { request_id: None, incoming: None }),
            };
        }
        let sql = format!(
            "select coalesce(taken_by, '') as taken_by, taken_at from session_request
             where {SAME} and taken_at is not null order by request_id desc limit 1"
        );
        let taken = self
            .connection
            .first(&sql, same, |row| Ok((row.text(column::request_id)?, row.time(column::direction)?)))?;
        Ok(taken.map_or(Requested::Nothing, |(by, at)| Requested::Taken { by, at }))
    }

    /// Waiting requests, oldest first.
    pub fn waiting_requests(&self, since: Option<Timestamp>, limit: i64) -> Result<Vec<SessionRequest>, StoreError> {
        let sql = format!(
            "select {COLUMNS} from session_request where {WAITS} and requested_at >= $1 order by request_id limit $2"
        );
        self.connection.query(&sql, values![since.unwrap_or(Timestamp(i64::MIN)), limit], request)
    }

    /// The number of waiting requests, and the date of the oldest.
    pub fn count_waiting_requests(&self) -> Result<(i64, Option<Timestamp>), StoreError> {
        let sql =
            format!("select count(*) as requests, min(requested_at) as oldest from session_request where {WAITS}");
        Ok(self
            .connection
            .first(&sql, &[], |row| Ok((row.int(column::request_id)?, row.opt_time(column::direction)?)))?
            .unwrap_or_default())
    }

    /// The newest rerun requests for uploads in any state, oldest first; head office sets its marks
    /// by them.
    pub fn upload_reruns(&self, limit: i64) -> Result<Vec<SessionRequest>, StoreError> {
        let sql = format!(
            "select {COLUMNS} from session_request where direction = $1 and action = $2 order by request_id desc limit $3"
        );
        let values = values![Direction::Upload.number(), RequestAction::Rerun.word(), limit];
        let mut found = self.connection.query(&sql, values, request)?;
        found.reverse();
        Ok(found)
    }
}

pub(super) fn request(row: &Row) -> Result<SessionRequest, StoreError> {
    Ok(SessionRequest {
        request_id: row.int(column::request_id)?,
        direction: Direction::from_number(row.int(column::direction)?)
            .ok_or_else(|| row.damaged("a request without direction"))?,
        session_number: row.int(column::session_number)?,
        channel_database: row.text(column::channel_database)?,
        round: row.int(column::round)?,
        action: row.text(column::action)?,
        reason: row.text(column::reason)?,
        requested_by: row.text(column::requested_by)?,
        requested_at: row.time(column::requested_at)?,
        withdrawn_at: row.opt_time(column::withdrawn_at)?,
        taken_by: row.opt_text(column::taken_by)?,
        taken_at: row.opt_time(column::taken_at)?,
        agent: row.opt_text(column::agent)?,
        try_count_limit: row.opt_int(column::try_count_limit)?,
    })
}
