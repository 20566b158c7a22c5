//! Acts on sessions: asked of the agents first, then told to head office by the same messages; one or many, in small parts.

use crate::cancel::Cancel;
use crate::domain::{SessionAction, SessionKey, Status, Timestamp};
use crate::engine::databases::Databases;
use crate::store::{Access, HeadOffice, MessageDatabase, StoreError};
use executor::Executor;
use std::fmt;
use uuid::Uuid;

/// Sessions in one transaction: agents and the transfer wait for each.
const PART: usize = 200;

/// A session that something is asked of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// Which.
    pub key: SessionKey,
    /// The message that decided its state when the operator looked; another one now leaves it out. `None` takes it as it is.
    pub seen: Option<Uuid>,
}

/// Why nothing was asked at all.
#[derive(Debug, thiserror::Error)]
pub enum SessionActionError {
    /// Head office has never read this message database, so the sessions are none of its agents'.
    #[error("head office has never read {0}; run cdx process first")]
    NeverRead(crate::store::Location),
    /// What was to be undone cannot be.
    #[error("{0}")]
    Refused(String),
    /// The agents are asked, but head office failed before it was told. Nothing is lost: the next transfer tells it.
    #[error("the agents are asked, but head office does not show it before the next transfer: {0}")]
    NotTold(StoreError),
    /// A database failed. What was asked before that holds, and is counted in the journal.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why one session was left out; nothing was changed in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LeftOut {
    /// There is no such session at head office (any more).
    Unknown,
    /// It is no longer what the operator saw.
    Changed(Status),
    /// Its state does not allow it.
    Refused(&'static str),
    /// The same was asked before; the next transfer shows it.
    Already,
    /// There is no request that could be withdrawn.
    Nothing,
    /// An agent has taken the request.
    Taken(String, Timestamp),
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("there is no such session at head office"),
            Self::Changed(status) => write!(f, "it changed meanwhile and is {status} now"),
            Self::Refused(why) => f.write_str(why),
            Self::Already => f.write_str("that is asked already; cdx process shows it"),
            Self::Nothing => f.write_str("no request of it can be withdrawn"),
            Self::Taken(by, at) => write!(f, "{by} took the request at {}", at.to_rfc3339()),
        }
    }
}

/// What an act came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Acted {
    /// Sessions it was done to.
    pub done: usize,
    /// Those that were left out, and why.
    pub left_out: Vec<(SessionKey, LeftOut)>,
    /// The journal's entry; `None` if nothing was done.
    pub entry_id: Option<i64>,
    /// Sessions that were not reached because the act was broken off.
    pub not_reached: usize,
}

/// Who asks what, and why.
#[derive(Debug, Clone, Copy)]
pub struct Order<'a> {
    /// What.
    pub act: SessionAction,
    /// Why, for the agents and for the journal.
    pub reason: &'a str,
    /// Who.
    pub operator: &'a str,
}

/// Asks it of sessions: in parts, each with its requests and messages in one transaction of the message database, then the same
/// messages at head office, so that they are seen at once. A crash between the two is healed by the next transfer, which finds the
/// guids known or brings them and writes the journal, or by the same act again, which completes what the first one began. Broken off
/// between parts by `cancel`; what was asked by then holds.
///
/// An undo that undoes nothing is noted in the journal with the reason of the first session.
pub fn perform_session_action(
    databases: &Databases,
    order: &Order,
    chosen: &[Chosen],
    cancel: &Cancel,
) -> Result<Acted, SessionActionError> {
    let acted = perform(databases, order, chosen, cancel)?;
    if let (SessionAction::Undo, 0, [(key, why), ..]) = (order.act, acted.done, acted.left_out.as_slice())
        && *why != LeftOut::Unknown
    {
        let office = HeadOffice::open(&databases.head_office, databases.opening(Access::Existing))?;
        let why = format!("{why} ({})", order.reason);
        let count = i64::try_from(acted.left_out.len()).unwrap_or(i64::MAX);
        office.note_no_session_undone(key, count, order.operator, &why)?;
    }
    Ok(acted)
}

/// As [`perform_session_action`], without a note of an undo that undoes nothing.
pub(super) fn perform(
    databases: &Databases,
    order: &Order,
    chosen: &[Chosen],
    cancel: &Cancel,
) -> Result<Acted, SessionActionError> {
    let opening = databases.opening(Access::Existing);
    let office = HeadOffice::open(&databases.head_office, opening)?;
    let messages = MessageDatabase::open(&databases.message_database, opening)?;
    let database_id = messages.exchange()?.database_id;
    let cursor = office.cursor(&database_id)?;
    let cursor = cursor.ok_or_else(|| SessionActionError::NeverRead(messages.location().clone()))?;
    let operation_id = Uuid::now_v7().to_string();
    let desk = Executor { office, messages, order, operation_id, database_id, source_id: cursor.source_id };
    let mut acted = Acted::default();
    for part in chosen.chunks(PART) {
        if cancel.is_tripped() {
            acted.not_reached += part.len();
        } else {
            desk.part(part, &mut acted)?;
        }
    }
    Ok(acted)
}

mod executor;
