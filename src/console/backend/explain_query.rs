//! Reads what explains a session: its messages, earlier sessions of its job and store, and what
//! helped before.

use crate::console::backend::activity_query;
use crate::console::protocol::explanation::{Explanation, MAX_COMPARED_SESSIONS, UsualSteps};
use crate::console::protocol::query::Answer;
use crate::domain::{By, Cause, Order, Seek, Session, SessionKey};
use crate::engine::inquiry::search::{EXAMINED_PER_STATEMENT, following};
use crate::store::head_office::SessionFilter;
use crate::store::{HeadOffice, StoreError};

/// Reads it; `None` if there is no such session.
pub fn read(office: &HeadOffice, key: &SessionKey) -> Result<Option<Explanation>, StoreError> {
    let Answer::Session(Some(session), mut messages) = activity_query::session(office, key)? else { return Ok(None) };
    messages.reverse();
    let usual = usual(office, &session)?;
    let status = session.status();
    let failed = status.is_failed().then(|| Cause::of(session.fold.winner.message.as_deref().unwrap_or("")));
    let remedies = failed.map(|cause| office.remedies(cause.digest, key)).transpose()?;
    Ok(Some(Explanation { session: *session, messages, usual, remedies }))
}

/// Reads the steps of the sessions before it, of the same job and channel database. The search
/// follows the session numbers downwards for a limited time.
fn usual(office: &HeadOffice, session: &Session) -> Result<UsualSteps, StoreError> {
    let key = &session.key;
    let filter = SessionFilter {
        channel_database: Some(key.channel_database.clone()),
        job_name: Some(session.fold.job_name.clone()),
        order: Order { by: By::Number, ascending: false },
        ..SessionFilter::new(key.direction)
    };
    let before = Seek::After((key.session_number, i64::MIN));
    let found = following(MAX_COMPARED_SESSIONS, before, |seek, rows| {
        office.sessions_searched(&filter, seek, rows, EXAMINED_PER_STATEMENT)
    })?;
    let numbers: Vec<_> = found.rows.iter().map(|row| row.session.key.session_number).collect();
    let steps = office.session_steps(key.direction, &key.channel_database, &numbers)?;
    let reached = found.reached.filter(|_| numbers.len() < MAX_COMPARED_SESSIONS).map(|(number, _)| number);
    Ok(UsualSteps::of(&steps, numbers.len(), reached))
}
