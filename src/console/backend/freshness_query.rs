//! Answers that combine several reads: freshness, sessions chosen for an action, connection status,
//! activity over time.

use crate::console::backend::batch_query;
use crate::console::protocol::query::{Answer, COLUMN, COLUMN_LIMIT, COLUMNS, COUNT_LIMIT, MessageCounts};
use crate::console::protocol::query::{CHOSEN, Choose, Connection, Freshness};
use crate::domain::{Direction, Outcome, Position, Run, Session, SessionKey, Status, Timestamp};
use crate::store::head_office::{MessageFilter, SessionFilter};
use crate::store::message_database::Agent;
use crate::store::{HeadOffice, MessageDatabase, StoreError};
use std::cmp::Reverse;
use std::collections::HashMap;

/// Newest status messages in a session's pane.
const MESSAGES_OF_A_SESSION: i64 = 200;
/// Channel databases, and agents, on the connections screen.
const MAX_CONNECTIONS: i64 = 10_000;

/// Reads the connections. Quiet databases come first, by the length of their silence relative to
/// their usual gap; the others follow by name. If the agents cannot be read, the answer says why.
pub fn connections(office: &HeadOffice, messages: Result<MessageDatabase, StoreError>) -> Result<Answer, StoreError> {
    let as_of = office.last_cursor()?.and_then(|cursor| cursor.as_of);
    let (agents, fault) = match messages.and_then(|messages| messages.agents(MAX_CONNECTIONS)) {
        Ok(agents) => (agents, None),
        Err(error) => (Vec::new(), Some(error.to_string())),
    };
    // Agents are sorted by their last contact: for each database the newest one is kept.
    let mut by_database: HashMap<String, Agent> = HashMap::new();
    let mut others = Vec::new();
    for agent in agents {
        match agent.channel_database.clone().filter(|name| !name.is_empty()) {
            Some(name) => _ = by_database.entry(name).or_insert(agent),
            None => others.push(agent),
        }
    }
    let mut connections: Vec<_> = office
        .channel_databases(MAX_CONNECTIONS)?
        .into_iter()
        .map(|database| Connection {
            agent: by_database.remove(&database.name),
            quiet: as_of.is_some_and(|as_of| database.presence.is_quiet(as_of)),
            database: Some(database),
        })
        .collect();
    let without_database = by_database.into_values().chain(others);
    connections.extend(without_database.map(|agent| Connection { database: None, agent: Some(agent), quiet: false }));
    let order = |row: &Connection| {
        let quiet = row.database.as_ref().filter(|_| row.quiet);
        let silent = quiet.zip(as_of).map(|(database, as_of)| Reverse(database.presence.relative_silence(as_of)));
        let agent = row.agent.as_ref().map(|agent| agent.name.clone());
        (!row.quiet, silent, row.database.is_none(), row.name().to_owned(), agent)
    };
    connections.sort_by_cached_key(order);
    Ok(Answer::Connections(connections, as_of, fault))
}

/// Reads the current state of the sessions that an action was chosen for.
pub fn chosen(office: &HeadOffice, choose: &Choose) -> Result<Vec<Session>, StoreError> {
    let open = |filter: SessionFilter, direction| SessionFilter {
        statuses: Status::all(direction).filter(|status| status.is_failed()).collect(),
        limit: CHOSEN,
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

/// Reads the newest runs. One that has no end and no longer holds the lease is shown as
/// Interrupted, which is how the next run will mark it.
pub fn runs(office: &HeadOffice, limit: i64) -> Result<Vec<Run>, StoreError> {
    let holds = || -> Result<Option<i64>, StoreError> { Ok(office.running_lease()?.and_then(|held| held.run_id)) };
    // The lease is read before and after the runs, since a run may begin or end in between.
    let before = holds()?;
    let mut runs = office.runs(limit)?;
    let holders = [before, holds()?];
    for run in runs.iter_mut().filter(|run| run.outcome.is_none() && !holders.contains(&Some(run.run_id))) {
        run.outcome = Some(Outcome::Interrupted);
    }
    Ok(runs)
}

/// Reads how fresh the status is.
pub fn freshness(
    office: &HeadOffice,
    messages: Result<MessageDatabase, StoreError>,
    operator: &str,
) -> Result<Freshness, StoreError> {
    let cursor = office.last_cursor()?;
    // Each message database has its own cursor: a new one is read from its start.
    let waiting = messages.and_then(|messages| {
        let cursor = office.cursor(&messages.exchange()?.database_id)?;
        messages.count_waiting(cursor.as_ref(), COUNT_LIMIT + 1)
    });
    let messages_fault = waiting.as_ref().err().map(ToString::to_string);
    let (open, rejected) = (office.count_open()?, office.count_rejected()?);
    let running = office.running_lease()?.and_then(|held| Some((held.run_id?, held.holder)));
    let progress = running.as_ref().map(|(run_id, _)| office.run_progress(*run_id)).transpose()?.flatten();
    Ok(Freshness {
        // Read after the counts above: the screens then query again for any change in between.
        version: office.version()?,
        begun: cursor.as_ref().is_some_and(|cursor| cursor.position != Position::default()),
        as_of: cursor.and_then(|cursor| cursor.as_of),
        waiting: waiting.ok(),
        messages_fault,
        open,
        rejected,
        running,
        progress,
        coming: batch_query::coming(office, operator)?,
        try_count: Some(office.parameters()?.try_count),
    })
}

/// Calls `count` with the start and end of each column of the activity chart, from `from` on.
pub fn count_columns(
    from: Timestamp,
    count: impl Fn(Timestamp, Timestamp) -> Result<MessageCounts, StoreError>,
) -> Result<Answer, StoreError> {
    let columns = i64::try_from(COLUMNS).unwrap_or(0);
    let counts = (0..columns).map(|at| count(Timestamp(from.0 + at * COLUMN), Timestamp(from.0 + (at + 1) * COLUMN)));
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
        let messages = office.count_messages(&all, COLUMN_LIMIT)?;
        let statuses: Vec<_> = filter.statuses.iter().copied().filter(|status| status.is_failed()).collect();
        let none = messages == 0 || (statuses.is_empty() && !filter.statuses.is_empty());
        let failed = MessageFilter { statuses, failed: true, ..all };
        Ok(MessageCounts { messages, errors: if none { 0 } else { office.count_messages(&failed, COLUMN_LIMIT)? } })
    })
}

/// Counts the sessions that match a filter, by the time of their last change.
pub fn session_histogram(office: &HeadOffice, filter: &SessionFilter, from: Timestamp) -> Result<Answer, StoreError> {
    count_columns(from, |start, end| {
        let (since, until) = intersection((filter.since, filter.until), (start, end));
        let all = SessionFilter { since, until, ..filter.clone() };
        let messages = office.count_sessions(&all, COLUMN_LIMIT)?;
        let wanted = |status: &Status| filter.statuses.is_empty() || filter.statuses.contains(status);
        let statuses: Vec<_> =
            Status::all(filter.direction).filter(|status| status.is_failed()).filter(wanted).collect();
        let none = messages == 0 || statuses.is_empty();
        let failed = SessionFilter { statuses, ..all };
        Ok(MessageCounts { messages, errors: if none { 0 } else { office.count_sessions(&failed, COLUMN_LIMIT)? } })
    })
}

/// Reads one session and its newest messages.
pub fn session(office: &HeadOffice, key: &SessionKey) -> Result<Answer, StoreError> {
    let filter = MessageFilter {
        direction: Some(key.direction),
        session_number: Some(key.session_number),
        channel_database: Some(key.channel_database.clone()),
        limit: MESSAGES_OF_A_SESSION,
        ..MessageFilter::default()
    };
    Ok(Answer::Session(office.session(key)?.map(Box::new), office.messages(&filter)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cancel::Cancel;
    use crate::clock::SystemClock;
    use crate::domain::Trigger;
    use crate::engine::{self, Databases, ProcessOptions, RunEvent};
    use crate::store::message_database::NewMessage;
    use crate::store::{Access, Location};

    #[test]
    fn waiting_messages_count_from_the_cursor_of_their_database_and_killed_runs_show_as_interrupted() {
        let folder = tempfile::tempdir().expect("a folder");
        let databases = Databases::in_folder(folder.path());
        let post = |location: &Location, messages: u128| {
            let database = MessageDatabase::open(location, Access::Create).expect("a message database");
            let of = |number| NewMessage {
                message_guid: uuid::Uuid::from_u128(number).to_string(),
                ..NewMessage::default()
            };
            database.post(&(1..=messages).map(of).collect::<Vec<_>>()).expect("stored");
        };
        post(&databases.message_database, 30);
        let options = ProcessOptions { purge: false, ..ProcessOptions::new(Trigger::Command, "tester", "here") };
        engine::process(&databases, &options, &SystemClock, &Cancel::new(), &|_: RunEvent| {}).expect("a run");
        let office = HeadOffice::open(&databases.head_office, Access::ReadOnly).expect("head office");
        let waiting = |location: &Location| {
            let messages = MessageDatabase::open(location, Access::ReadOnly);
            freshness(&office, messages, "r.vermeer").expect("it answers").waiting
        };
        assert_eq!(waiting(&databases.message_database), Some(0));
        let other = Location::Sqlite(folder.path().join("other.db"));
        post(&other, 12);
        assert_eq!(waiting(&other), Some(12));
        let restored = rusqlite::Connection::open(folder.path().join("message.db")).expect("it opens");
        restored.execute("delete from status_message where message_id > 20", []).expect("restored");
        assert_eq!(waiting(&databases.message_database), Some(20), "all of it will be read again");
        assert_eq!(waiting(&Location::Sqlite(folder.path().join("not there.db"))), None);
        // A run that is killed writes no outcome, and holds the lease until it expires.
        let outcome = || runs(&office, 1).expect("it answers").first().and_then(|run| run.outcome);
        assert_eq!(outcome(), Some(Outcome::Ended));
        let killed = rusqlite::Connection::open(folder.path().join("head-office.db")).expect("it opens");
        killed.execute("update run set outcome = null, ended_at = null", []).expect("killed");
        assert_eq!(outcome(), Some(Outcome::Interrupted), "it does not show as executing");
        assert_eq!(office.runs(1).expect("runs")[0].outcome, None, "the row itself is unchanged");
    }
}
