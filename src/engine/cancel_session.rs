//! Canceling a session: asked of the agents first, then told to head office by the same message.

use super::process::Databases;
use super::transfer::Chunk;
use crate::domain::{Session, SessionKey, Status, may_cancel};
use crate::store::message_database::NewMessage;
use crate::store::{Access, HeadOffice, MessageDatabase, StoreError};

/// Why a session was not canceled; nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum CancelError {
    /// There is no such session at head office.
    #[error("there is no {} session {} of {:?} at head office", .0.direction, .0.session_number, .0.channel_database)]
    Unknown(SessionKey),
    /// Its state does not allow it.
    #[error("session {} of {:?} cannot be canceled: {why}", key.session_number, key.channel_database)]
    Refused {
        /// Which session.
        key: SessionKey,
        /// Why.
        why: &'static str,
    },
    /// Head office has never read this message database, so the session is none of its agents'.
    #[error("head office has never read {0}; run cdx process first")]
    NeverRead(crate::store::Location),
    /// A database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Cancels one session: the request and the message Canceled in one transaction of the message database, then the same
/// message at head office, so that it is seen at once. A crash between the two is healed by the next transfer, which finds the
/// guid known or brings it.
pub fn cancel_session(
    databases: &Databases,
    key: &SessionKey,
    reason: &str,
    operator: &str,
) -> Result<Session, CancelError> {
    let opening = databases.opening(Access::Existing);
    let office = HeadOffice::open(&databases.head_office, opening)?;
    let messages = MessageDatabase::open(&databases.message_database, opening)?;
    let session = office.session(key)?.ok_or_else(|| CancelError::Unknown(key.clone()))?;
    may_cancel(session.status()).map_err(|why| CancelError::Refused { key: key.clone(), why })?;
    let database_id = messages.exchange()?.database_id;
    let cursor = office.cursor(&database_id)?;
    let cursor = cursor.ok_or_else(|| CancelError::NeverRead(messages.location().clone()))?;
    let canceled = canceled(&session, reason, operator, &messages)?;
    let position = messages.request_cancel(&canceled, reason, operator)?;
    let stored = messages.read_at(position)?;
    // What was just written makes sense; should it be gone already, the next transfer tells.
    if let Some(Ok(message)) = stored.map(|incoming| incoming.content) {
        let mut chunk = Chunk::of(office.begin_retry(cursor.source_id, 0)?);
        chunk.apply(&[(position, message)])?;
        chunk.commit_canceled(key, reason, operator)?;
    }
    Ok(office.session(key)?.unwrap_or(session))
}

/// The message that says so: of the session's own round and attempts, for a cancel never counts as a new one.
fn canceled(
    session: &Session,
    reason: &str,
    operator: &str,
    messages: &MessageDatabase,
) -> Result<NewMessage, StoreError> {
    let (key, fold) = (&session.key, &session.fold);
    Ok(NewMessage {
        message_guid: uuid::Uuid::now_v7().to_string(),
        direction: key.direction.number(),
        session_number: key.session_number,
        channel_database: key.channel_database.clone(),
        job_name: fold.job_name.clone(),
        channel_data_group: fold.channel_data_group.clone(),
        distribution_schedule: fold.distribution_schedule.clone(),
        status: Status::Canceled.number(key.direction).unwrap_or_default(),
        occurred_at: messages.now()?,
        posted_by: Some(operator.to_owned()),
        round: fold.round,
        try_count: fold.winner.try_count,
        message: Some(format!("Canceled: {reason}")),
        ..NewMessage::default()
    })
}
