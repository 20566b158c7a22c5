//! Answers that take more than one look into the databases: how fresh they are, which sessions something is to be asked of, who was
//! heard of when.

use crate::console::backend::batch_query;
use crate::console::protocol::query::{Answer, Busy, COLUMN, COLUMN_LIMIT, COLUMNS, COUNT_LIMIT};
use crate::console::protocol::query::{CHOSEN, Choose, Connection, Freshness};
use crate::domain::{Direction, Outcome, Position, Run, Session, SessionKey, Status, Timestamp};
use crate::store::head_office::{MessageFilter, SessionFilter};
use crate::store::message_database::Agent;
use crate::store::{HeadOffice, MessageDatabase, StoreError};
use std::cmp::Reverse;
use std::collections::HashMap;

/// Status messages of one session that a pane shows.
const MESSAGES_OF_A_SESSION: i64 = 200;
/// Channel databases and agents that a screen shows.
const CONNECTIONS: i64 = 10_000;

/// The connections, quiet ones first, those silent for the longest time relative to their rhythm before the others; then by name. Why
/// there are no agents, if they cannot be read.
pub fn connections(office: &HeadOffice, messages: Result<MessageDatabase, StoreError>) -> Result<Answer, StoreError> {
    let as_of = office.last_cursor()?.and_then(|cursor| cursor.as_of);
    let (agents, fault) = match messages.and_then(|messages| messages.agents(CONNECTIONS)) {
        Ok(agents) => (agents, None),
        Err(error) => (Vec::new(), Some(error.to_string())),
    };
    // The one heard of last comes first and stays.
    let mut of: HashMap<String, Agent> = HashMap::new();
    let mut others = Vec::new();
    for agent in agents {
        match agent.channel_database.clone().filter(|name| !name.is_empty()) {
            Some(name) => _ = of.entry(name).or_insert(agent),
            None => others.push(agent),
        }
    }
    let mut connections: Vec<_> = office
        .channel_databases(CONNECTIONS)?
        .into_iter()
        .map(|database| Connection {
            agent: of.remove(&database.name),
            quiet: as_of.is_some_and(|as_of| database.presence.is_quiet(as_of)),
            database: Some(database),
        })
        .collect();
    let alone = of.into_values().chain(others);
    connections.extend(alone.map(|agent| Connection { database: None, agent: Some(agent), quiet: false }));
    let order = |row: &Connection| {
        let quiet = row.database.as_ref().filter(|_| row.quiet);
        let silent = quiet.zip(as_of).map(|(database, as_of)| Reverse(database.presence.relative_silence(as_of)));
        let agent = row.agent.as_ref().map(|agent| agent.name.clone());
        (!row.quiet, silent, row.database.is_none(), row.name().to_owned(), agent)
    };
    connections.sort_by_cached_key(order);
    Ok(Answer::Connections(connections, as_of, fault))
}

/// The sessions that something is to be asked of, as they are now.
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

/// The newest runs. One that has not ended and does not hold the lease any more is told as what the next run will mark it: interrupted.
pub fn runs(office: &HeadOffice, limit: i64) -> Result<Vec<Run>, StoreError> {
    let holds = || -> Result<Option<i64>, StoreError> { Ok(office.running_lease()?.and_then(|held| held.run_id)) };
    // Before and after, for it may begin or end while one looks.
    let before = holds()?;
    let mut runs = office.runs(limit)?;
    let holders = [before, holds()?];
    for run in runs.iter_mut().filter(|run| run.outcome.is_none() && !holders.contains(&Some(run.run_id))) {
        run.outcome = Some(Outcome::Interrupted);
    }
    Ok(runs)
}

/// How fresh the status is now.
pub fn freshness(
    office: &HeadOffice,
    messages: Result<MessageDatabase, StoreError>,
    operator: &str,
) -> Result<Freshness, StoreError> {
    let cursor = office.last_cursor()?;
    // By its own cursor: a database that took the place of another waits from its start.
    let waiting = messages.and_then(|messages| {
        let cursor = office.cursor(&messages.exchange()?.database_id)?;
        messages.count_waiting(cursor.as_ref(), COUNT_LIMIT + 1)
    });
    let messages_fault = waiting.as_ref().err().map(ToString::to_string);
    let (open, rejected) = (office.count_open()?, office.count_rejected()?);
    let running = office.running_lease()?;
    Ok(Freshness {
        // Read last: a change in between makes screens read again, and none is missed.
        version: office.version()?,
        begun: cursor.as_ref().is_some_and(|cursor| cursor.position != Position::default()),
        as_of: cursor.and_then(|cursor| cursor.as_of),
        waiting: waiting.ok(),
        messages_fault,
        open,
        rejected,
        running: running.and_then(|held| Some((held.run_id?, held.holder))),
        coming: batch_query::coming(office, operator)?,
        try_count: Some(office.parameters()?.try_count),
    })
}

/// How many in each column from `from` on, and how many failures: as `count` says for its beginning and end.
fn columns(
    from: Timestamp,
    count: impl Fn(Timestamp, Timestamp) -> Result<Busy, StoreError>,
) -> Result<Vec<Busy>, StoreError> {
    let columns = i64::try_from(COLUMNS).unwrap_or(0);
    (0..columns).map(|at| count(Timestamp(from.0 + at * COLUMN), Timestamp(from.0 + (at + 1) * COLUMN))).collect()
}

/// The part of a stretch of time that a filter asks for.
fn within(
    (since, until): (Option<Timestamp>, Option<Timestamp>),
    (start, end): (Timestamp, Timestamp),
) -> (Option<Timestamp>, Option<Timestamp>) {
    (Some(since.map_or(start, |since| since.max(start))), Some(until.map_or(end, |until| until.min(end))))
}

/// The messages that a filter finds, by when they happened.
pub fn busy_messages(office: &HeadOffice, filter: &MessageFilter, from: Timestamp) -> Result<Vec<Busy>, StoreError> {
    columns(from, |start, end| {
        let (since, until) = within((filter.since, filter.until), (start, end));
        let all = MessageFilter { since, until, ..filter.clone() };
        let messages = office.count_messages(&all, COLUMN_LIMIT)?;
        let statuses: Vec<_> = filter.statuses.iter().copied().filter(|status| status.is_failed()).collect();
        let none = messages == 0 || (statuses.is_empty() && !filter.statuses.is_empty());
        let failed = MessageFilter { statuses, failed: true, ..all };
        Ok(Busy { messages, errors: if none { 0 } else { office.count_messages(&failed, COLUMN_LIMIT)? } })
    })
}

/// The sessions that a filter finds, by when they changed last.
pub fn busy_sessions(office: &HeadOffice, filter: &SessionFilter, from: Timestamp) -> Result<Vec<Busy>, StoreError> {
    columns(from, |start, end| {
        let (since, until) = within((filter.since, filter.until), (start, end));
        let all = SessionFilter { since, until, ..filter.clone() };
        let messages = office.count_sessions(&all, COLUMN_LIMIT)?;
        let wanted = |status: &Status| filter.statuses.is_empty() || filter.statuses.contains(status);
        let statuses: Vec<_> =
            Status::all(filter.direction).filter(|status| status.is_failed()).filter(wanted).collect();
        let none = messages == 0 || statuses.is_empty();
        let failed = SessionFilter { statuses, ..all };
        Ok(Busy { messages, errors: if none { 0 } else { office.count_sessions(&failed, COLUMN_LIMIT)? } })
    })
}

/// One session and its newest messages.
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
    fn what_waits_in_a_database_that_took_the_place_of_another_and_runs_that_were_killed_are_told_as_they_are() {
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
        assert_eq!(waiting(&databases.message_database), Some(20), "it will be read again");
        assert_eq!(waiting(&Location::Sqlite(folder.path().join("not there.db"))), None);
        // A run that is killed writes no outcome, and holds the lease until it expires.
        let outcome = || runs(&office, 1).expect("it answers").first().and_then(|run| run.outcome);
        assert_eq!(outcome(), Some(Outcome::Ended));
        let killed = rusqlite::Connection::open(folder.path().join("head-office.db")).expect("it opens");
        killed.execute("update run set outcome = null, ended_at = null", []).expect("killed");
        assert_eq!(outcome(), Some(Outcome::Interrupted), "it is not told as if it ran");
        assert_eq!(office.runs(1).expect("runs")[0].outcome, None, "but only told");
    }
}
