//! Actions on sessions: requests to the agents first, then their messages at head office; one
//! session or many, in small parts.

mod executor;
mod part_result;

use crate::cancel::Cancel;
use crate::domain::{SessionAction, SessionKey, Status, Timestamp};
use crate::engine::databases::Databases;
use crate::store::{Access, HeadOffice, MessageDatabase, StoreError};
use executor::{Executor, selected};
use std::fmt;
use uuid::Uuid;

/// Sessions in one transaction: agents and the transfer wait for each transaction.
const SESSIONS_PER_TRANSACTION: usize = 200;

/// A session to act on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelectedSession {
    /// Direction, number and channel database.
    pub key: SessionKey,
    /// The winning message when the operator selected the session. If another message wins now, the
    /// session is skipped. `None`: no check.
    pub seen: Option<Uuid>,
}

/// Why the action was refused as a whole.
#[derive(Debug, thiserror::Error)]
pub enum SessionActionError {
    /// Head office has never read this message database, so its agents do not have these sessions.
    #[error("head office has never read {0}; run cdx process first")]
    NeverRead(crate::store::Location),
    /// The action is not allowed; the text says why.
    #[error("{0}")]
    Refused(String),
    /// Another operator changed the value after it was read; the sentence has the details.
    #[error("{0}")]
    Stale(String),
    /// The agents have the requests, but head office failed. Nothing is lost: the next transfer
    /// applies them.
    #[error("the agents have the requests, but head office shows them only after the next transfer: {0}")]
    NotReported(StoreError),
    /// A database failed. Earlier parts are kept and in the journal.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a session was left out; it was not changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LeftOut {
    /// Head office has no such session (any more).
    Unknown,
    /// Its state changed after the operator looked.
    Changed(Status),
    /// Its state does not allow it.
    Refused(&'static str),
    /// An equal request exists already; the next transfer shows it.
    AlreadyRequested,
    /// There is no request that could be withdrawn.
    NoRequest,
    /// An agent has taken the request.
    Taken {
        /// The agent.
        by: String,
        /// When the agent took it.
        at: Timestamp,
    },
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("there is no such session at head office"),
            Self::Changed(status) => write!(f, "its status is now {status}"),
            Self::Refused(why) => f.write_str(why),
            Self::AlreadyRequested => f.write_str("already requested; run cdx process to see it at head office"),
            Self::NoRequest => f.write_str("it has no request to withdraw"),
            Self::Taken { by, at } => write!(f, "{by} took the request at {}", at.to_rfc3339()),
        }
    }
}

/// The result of an action.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ActionResult {
    /// The number of changed sessions.
    pub done: usize,
    /// The sessions that were left out, and why.
    pub left_out: Vec<(SessionKey, LeftOut)>,
    /// The journal's entry; `None` if nothing was changed.
    pub entry_id: Option<i64>,
    /// Sessions that were not reached because the action was canceled.
    pub not_reached: usize,
}

/// The request of an operator.
#[derive(Debug, Clone, Copy)]
pub struct ActionRequest<'a> {
    /// The action.
    pub action: SessionAction,
    /// Why, for the agents and for the journal.
    pub reason: &'a str,
    /// The login, for the journal and the approvals.
    pub operator: &'a str,
}

/// Executes an action in parts, each with its requests and messages in one transaction of the
/// message database, then the same messages at head office, so that they are visible at once. After
/// a crash between the two, the next transfer reads the messages and writes the journal row.
/// Repeating the action also completes it. `cancel` stops between parts; earlier parts are kept.
///
/// An undo that changes nothing is noted in the journal with the reason of the first session.
pub fn perform_session_action(
    databases: &Databases,
    request: &ActionRequest,
    chosen: &[SelectedSession],
    cancel: &Cancel,
) -> Result<ActionResult, SessionActionError> {
    let executor = prepare(databases, request, chosen)?;
    let acted = in_parts(&executor, chosen, cancel)?;
    executor.note_if_nothing_undone(&acted)?;
    Ok(acted)
}

/// Like [`perform_session_action`], without the note of an undo that changes nothing.
pub(super) fn perform(
    databases: &Databases,
    request: &ActionRequest,
    chosen: &[SelectedSession],
    cancel: &Cancel,
) -> Result<ActionResult, SessionActionError> {
    in_parts(&prepare(databases, request, chosen)?, chosen, cancel)
}

fn in_parts(
    executor: &Executor,
    chosen: &[SelectedSession],
    cancel: &Cancel,
) -> Result<ActionResult, SessionActionError> {
    let mut acted = ActionResult::default();
    for part in chosen.chunks(SESSIONS_PER_TRANSACTION) {
        if cancel.is_tripped() {
            acted.not_reached += part.len();
        } else {
            executor.part(part, &mut acted)?;
        }
    }
    Ok(acted)
}

/// Opens the databases and checks that the action is permitted.
fn prepare<'a>(
    databases: &Databases,
    request: &'a ActionRequest<'a>,
    chosen: &[SelectedSession],
) -> Result<Executor<'a>, SessionActionError> {
    let opening = databases.opening(Access::Existing);
    let office = HeadOffice::open(&databases.head_office, opening.clone())?;
    let keys: Vec<_> = chosen.iter().map(|chosen| &chosen.key).collect();
    let mut sessions = chosen.iter();
    let mut changes_any = || loop {
        match sessions.next().map(|chosen| selected(&office, request.action, chosen)).transpose()? {
            None => return Ok(false),
            Some(Ok(_)) => return Ok(true),
            Some(Err(_)) => {}
        }
    };
    let permit = office.permit_sessions(request.operator, request.action, &keys, request.reason, &mut changes_any)?;
    let messages = MessageDatabase::open(&databases.message_database, opening)?;
    let database_id = messages.exchange()?.database_id;
    let cursor = office.cursor(&database_id)?;
    let cursor = cursor.ok_or_else(|| SessionActionError::NeverRead(messages.location().clone()))?;
    let operation_id = Uuid::now_v7().to_string();
    let source_id = cursor.source_id;
    Ok(Executor { office, messages, request, operation_id, database_id, source_id, permit })
}
