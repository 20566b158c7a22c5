//! Answers that combine several reads: sessions chosen for an action, a session with its messages.

use crate::console::protocol::query::{Answer, Choose, MAX_CHOSEN};
use crate::domain::{Direction, Session, SessionKey, Status};
use crate::store::head_office::{MessageFilter, SessionFilter};
use crate::store::{HeadOffice, StoreError};

/// Newest status messages in a session's pane.
const MAX_MESSAGES: i64 = 200;

/// Reads the current state of the sessions that an action was chosen for.
pub fn chosen(office: &HeadOffice, choose: &Choose) -> Result<Vec<Session>, StoreError> {
    let open = |filter: SessionFilter, direction| SessionFilter {
        statuses: Status::all(direction).filter(|status| status.is_failed()).collect(),
        limit: MAX_CHOSEN,
        ..filter
    };
    let mut sessions = Vec::new();
    match choose {
        Choose::Keys(keys, _) => {
            for key in keys {
                sessions.extend(office.session(key)?);
            }
        }
        Choose::OpenOf(cause) => {
            for direction in Direction::ALL {
                let filter = SessionFilter { cause: Some(*cause), ..SessionFilter::new(direction) };
                sessions.extend(office.sessions(&open(filter, direction))?);
            }
        }
        Choose::OpenOfSchedule(name) => {
            for direction in Direction::ALL {
                let filter = SessionFilter { schedule: Some(name.clone()), ..SessionFilter::new(direction) };
                sessions.extend(office.sessions(&open(filter, direction))?);
            }
        }
    }
    Ok(sessions)
}

/// Reads one session and its newest messages.
pub fn session(office: &HeadOffice, key: &SessionKey) -> Result<Answer, StoreError> {
    let filter = MessageFilter {
        direction: Some(key.direction),
        session_number: Some(key.session_number),
        channel_database: Some(key.channel_database.clone()),
        limit: MAX_MESSAGES,
        ..MessageFilter::default()
    };
    Ok(Answer::Session(office.session(key)?.map(Box::new), office.messages(&filter)?))
}
