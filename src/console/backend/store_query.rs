//! Answers the store card's query: everything known of one channel database.

use crate::console::backend::search::{SEARCH_ROWS, newest};
use crate::console::protocol::store_card::{Found, StoreCard};
use crate::domain::{Direction, Status, Timestamp};
use crate::store::head_office::SessionFilter;
use crate::store::{HeadOffice, MessageDatabase, StoreError};

/// Sessions of each direction that the card lists at most.
const RECENT: usize = 40;
/// Failed sessions, and waiting ones, of each direction that are counted at most.
const COUNTED: usize = 200;
/// Agents that are named.
const AGENTS: i64 = 4;

/// Reads the card of a channel database.
pub fn read(
    office: &HeadOffice,
    messages: Result<MessageDatabase, StoreError>,
    name: &str,
) -> Result<StoreCard, StoreError> {
    let as_of = office.last_cursor()?.and_then(|cursor| cursor.as_of);
    let (agents, agents_fault) = match messages.and_then(|messages| messages.agents_of(name, AGENTS)) {
        Ok(agents) => (agents, None),
        Err(error) => (Vec::new(), Some(error.to_string())),
    };
    let database = office.channel_database(name)?;
    let of_status = |is_wanted: fn(Status) -> bool| {
        Direction::ALL
            .map(|direction| (direction, Status::all(direction).filter(|status| is_wanted(*status)).collect()))
    };
    let mut recent = Found::default();
    for direction in Direction::ALL {
        recent.add(find(office, name, direction, Vec::new(), RECENT)?);
    }
    let mut failed = Found::default();
    for (direction, statuses) in of_status(Status::is_failed) {
        failed.add(find(office, name, direction, statuses, COUNTED)?);
    }
    let mut waiting = Found::default();
    for (direction, statuses) in of_status(is_on_its_way) {
        waiting.add(find(office, name, direction, statuses, COUNTED)?);
    }
    Ok(StoreCard {
        quiet: database.as_ref().zip(as_of).is_some_and(|(database, as_of)| database.presence.is_quiet(as_of)),
        database,
        agents,
        agents_fault,
        recent,
        failed,
        waiting,
    })
}

/// Whether a session with this status is expected to change without an operator.
fn is_on_its_way(status: Status) -> bool {
    !status.is_failed() && !matches!(status, Status::Applied | Status::Canceled | Status::NoData)
}

/// Searches for the newest sessions of the channel database, for a limited time.
fn find(
    office: &HeadOffice,
    name: &str,
    direction: Direction,
    statuses: Vec<Status>,
    rows: usize,
) -> Result<Found, StoreError> {
    let filter = SessionFilter {
        channel_database: Some(name.to_owned()),
        statuses,
        repeated: true,
        ..SessionFilter::new(direction)
    };
    let piece = newest(rows, |seek, rows| office.sessions_searched(&filter, seek, rows, SEARCH_ROWS))?;
    let is_more = piece.rows.len() >= rows;
    let reached = piece.reached.filter(|_| !is_more).map(|(at, _)| Timestamp(at));
    Ok(Found { rows: piece.rows, is_more, reached })
}
