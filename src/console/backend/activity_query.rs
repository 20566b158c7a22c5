//! Answers that combine several reads: sessions chosen for an action, activity over time.

use crate::console::protocol::query::{Answer, FINEST_COLUMN_MS, FINEST_COLUMNS, MessageCounts, column_limit};
use crate::console::protocol::query::{Choose, MAX_CHOSEN};
use crate::domain::{Direction, Session, SessionKey, Status, Timestamp};
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

/// Calls `count` with the start and end of each column of the activity chart, from `from` on.
pub fn count_columns(
    from: Timestamp,
    count: impl Fn(Timestamp, Timestamp) -> Result<MessageCounts, StoreError>,
) -> Result<Answer, StoreError> {
    let columns = i64::try_from(FINEST_COLUMNS).unwrap_or(0);
    let column = |at: i64| Timestamp(from.0 + at * FINEST_COLUMN_MS);
    let counts = (0..columns).map(|at| count(column(at), column(at + 1)));
    Ok(Answer::Histogram(from, counts.collect::<Result<_, _>>()?))
}

/// Intersects the time range of a filter with that of a column.
pub fn intersection(
    (since, until): (Option<Timestamp>, Option<Timestamp>),
    (start, end): (Timestamp, Timestamp),
) -> (Option<Timestamp>, Option<Timestamp>) {
    (Some(since.map_or(start, |since| since.max(start))), Some(until.map_or(end, |until| until.min(end))))
}

/// Counts the messages that match a filter, by the time when they occurred.
pub fn message_histogram(office: &HeadOffice, filter: &MessageFilter, from: Timestamp) -> Result<Answer, StoreError> {
    count_columns(from, |start, end| {
        let (since, until) = intersection((filter.since, filter.until), (start, end));
        let all = MessageFilter { since, until, ..filter.clone() };
        let messages = office.count_messages(&all, column_limit(FINEST_COLUMNS))?;
        let statuses: Vec<_> = filter.statuses.iter().copied().filter(|status| status.is_failed()).collect();
        let none = messages == 0 || (statuses.is_empty() && !filter.statuses.is_empty());
        let failed = MessageFilter { statuses, failed: true, ..all };
        Ok(MessageCounts {
            messages,
            errors: if none { 0 } else { office.count_messages(&failed, column_limit(FINEST_COLUMNS))? },
        })
    })
}

/// Counts the sessions that match a filter, by the time of their last change.
pub fn session_histogram(office: &HeadOffice, filter: &SessionFilter, from: Timestamp) -> Result<Answer, StoreError> {
    count_columns(from, |start, end| {
        let (since, until) = intersection((filter.since, filter.until), (start, end));
        let all = SessionFilter { since, until, ..filter.clone() };
        let messages = office.count_sessions(&all, column_limit(FINEST_COLUMNS))?;
        let wanted = |status: &Status| filter.statuses.is_empty() || filter.statuses.contains(status);
        let statuses: Vec<_> =
            Status::all(filter.direction).filter(|status| status.is_failed()).filter(wanted).collect();
        let none = messages == 0 || statuses.is_empty();
        let failed = SessionFilter { statuses, ..all };
        Ok(MessageCounts {
            messages,
            errors: if none { 0 } else { office.count_sessions(&failed, column_limit(FINEST_COLUMNS))? },
        })
    })
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
