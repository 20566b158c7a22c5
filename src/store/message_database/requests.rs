//! What agents are asked to do: written with the message that says it, polled and taken by agents.

use crate::domain::{Direction, SessionKey, SessionRequest, Timestamp};
use crate::store::StoreError;
use crate::store::connection::Row;
use crate::store::dialect::NOW;
use crate::store::message_database::{Incoming, MessageDatabase, NewMessage, Operation};
use crate::store::value::values;

/// What agents are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestAction {
    /// To stop trying.
    Cancel,
    /// To offer the session again in the request's round; of an upload in its own round, to repeat it by a new session.
    Rerun,
}

/// A request to be written, and the message that says at head office what it leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRequest {
    /// Of which session.
    pub key: SessionKey,
    /// What.
    pub action: RequestAction,
    /// In which round.
    pub round: i64,
    /// `None` for a mark that no message tells.
    pub message: Option<NewMessage>,
    /// For the package itself: the agent that reported for the session, which alone gets the request.
    pub agent: Option<String>,
}

/// A request that takes the place of another one, which no agent has taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawal {
    /// Of which session.
    pub key: SessionKey,
    /// What was asked.
    pub action: RequestAction,
    /// In which round.
    pub round: i64,
    /// What is asked instead; `None` for nothing.
    pub instead: Option<NewRequest>,
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Requested {
    /// It is written, and its message stands there as the transfer will find it; `None` of a withdrawal without a new request.
    Written(Option<i64>, Option<Box<Incoming>>),
    /// The same was asked before and still waits.
    Already,
    /// There is nothing to be withdrawn.
    Nothing,
    /// It cannot be withdrawn: this agent has taken it at this instant.
    Taken(String, Timestamp),
}

pub(super) const COLUMNS: &str = "request_id, direction, session_number, channel_database, round, action, reason, requested_by, \
    requested_at, withdrawn_at, taken_by, taken_at, agent, \
    (select value from agent_parameter where name = 'try-count') as try_count_limit";

/// The condition that a request is this one, by the first five parameters.
const SAME: &str = "direction = $1 and session_number = $2 and channel_database = $3 and round = $4 and action = $5";

/// The condition that no agent has taken a request and nobody has withdrawn it, as the index of those puts it.
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
    /// Writes requests with their messages, all or nothing; when it returns they survive a power cut. The answers are in their order.
    pub fn request(&self, requests: &[NewRequest], operation: &Operation) -> Result<Vec<Requested>, StoreError> {
        let transaction = self.connection.begin()?;
        // One after the other, as in SQLite: of two operators who ask the same at once, the second one is told so.
        self.lock_exchange()?;
        let written = requests.iter().map(|request| self.request_one(request, operation));
        let written = written.collect::<Result<_, _>>()?;
        transaction.commit()?;
        Ok(written)
    }

    /// Withdraws requests that no agent has taken and writes what takes their place, each as a whole; durable when it returns. The
    /// answers are in their order.
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
        if self.connection.first(&asked, &same[..5], |_| Ok(()))?.is_some() {
            return Ok(Requested::Already);
        }
        let insert = format!(
            "insert into session_request (direction, session_number, channel_database, round, action, reason,
                requested_by, requested_at, agent, operation_id, act, message_guid)
             values ($1, $2, $3, $4, $5, $6, $7, {NOW}, $8, $9, $10, $11) returning request_id"
        );
        let request_id = self.connection.first(&insert, same, |row| row.int(0))?;
        let told = match message {
            Some(message) => {
                self.insert_one(message)?;
                self.find(&message.message_guid)?.map(Box::new)
            }
            None => None,
        };
        Ok(Requested::Written(request_id, told))
    }

    fn withdraw_one(&self, withdrawal: &Withdrawal, operation: &Operation) -> Result<Requested, StoreError> {
        let Withdrawal { key, action, round, instead } = withdrawal;
        let same = values![key.direction.number(), key.session_number, &key.channel_database, *round, action.word()];
        let sql = format!(
            "update session_request set withdrawn_at = {NOW}, withdrawn_by = $6, withdrawal_reason = $7, withdrawal_id = $8
             where {SAME} and {WAITS}"
        );
        // A request that takes its place records the operation itself.
        let id = instead.is_none().then_some(operation.id);
        let withdrawn = [&same[..], values![operation.operator, operation.reason, id]].concat();
        if self.connection.execute(&sql, &withdrawn)? > 0 {
            return match instead {
                Some(request) => self.request_one(request, operation),
                None => Ok(Requested::Written(None, None)),
            };
        }
        let sql = format!(
            "select coalesce(taken_by, ''), taken_at from session_request
             where {SAME} and taken_at is not null order by request_id desc limit 1"
        );
        let taken = self.connection.first(&sql, same, |row| Ok((row.text(0)?, row.time(1)?)))?;
        Ok(taken.map_or(Requested::Nothing, |(by, at)| Requested::Taken(by, at)))
    }

    /// Requests that no agent has taken and nobody has withdrawn, oldest first.
    pub fn waiting_requests(&self, limit: i64) -> Result<Vec<SessionRequest>, StoreError> {
        let sql = format!("select {COLUMNS} from session_request where {WAITS} order by request_id limit $1");
        self.connection.query(&sql, values![limit], request)
    }

    /// How many requests wait, and since when the oldest of them does.
    pub fn count_waiting_requests(&self) -> Result<(i64, Option<Timestamp>), StoreError> {
        let sql = format!("select count(*), min(requested_at) from session_request where {WAITS}");
        Ok(self.connection.first(&sql, &[], |row| Ok((row.int(0)?, row.opt_time(1)?)))?.unwrap_or_default())
    }

    /// The newest requests that uploads be repeated by new sessions, taken, withdrawn or neither, oldest of them first: what head
    /// office marks them by.
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
        request_id: row.int(0)?,
        direction: Direction::from_number(row.int(1)?).ok_or_else(|| row.damaged("a request without direction"))?,
        session_number: row.int(2)?,
        channel_database: row.text(3)?,
        round: row.int(4)?,
        action: row.text(5)?,
        reason: row.text(6)?,
        requested_by: row.text(7)?,
        requested_at: row.time(8)?,
        withdrawn_at: row.opt_time(9)?,
        taken_by: row.opt_text(10)?,
        taken_at: row.opt_time(11)?,
        agent: row.opt_text(12)?,
        try_count_limit: row.opt_int(13)?,
    })
}
