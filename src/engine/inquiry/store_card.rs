//! What is known of one channel database.

use crate::domain::{Direction, Session, Status, Timestamp};
use crate::engine::inquiry::search::{EXAMINED_PER_STATEMENT, newest};
use crate::store::head_office::{ChannelDatabase, PlacedSession, SessionFilter};
use crate::store::message_database::Agent;
use crate::store::{HeadOffice, MessageDatabase, StoreError};

/// Sessions of each direction that the card lists at most.
const MAX_LISTED: usize = 40;
/// Failed sessions, and those in progress, of each direction that are counted at most.
const MAX_COUNTED: usize = 200;
/// Agents that are named.
const MAX_AGENTS: i64 = 4;

/// Everything of one channel database.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StoreCard {
    /// The facts from its messages; `None` if no message has named it.
    pub database: Option<ChannelDatabase>,
    /// Whether it has been silent for longer than usual, as of the last transfer that reached the
    /// end.
    pub quiet: bool,
    /// Its agents, the one seen last first.
    pub agents: Vec<Agent>,
    /// Why the agents cannot be read.
    pub agents_fault: Option<String>,
    /// Its newest sessions of both directions, newest first.
    pub recent: Found,
    /// Those in a failed state.
    pub failed: Found,
    /// Those in progress.
    pub in_progress: Found,
}

/// Sessions that a limited search found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Found {
    /// The sessions, newest first.
    pub rows: Vec<PlacedSession>,
    /// Whether there may be more than were asked for.
    pub is_more: bool,
    /// How far back the search got before its time was used up; `None` if it reached the end.
    pub reached: Option<Timestamp>,
}

impl Found {
    /// The sessions without their places in the list.
    pub fn sessions(&self) -> impl Iterator<Item = &Session> {
        self.rows.iter().map(|row| &row.session)
    }

    /// Adds what was found of another direction.
    pub fn add(&mut self, other: Self) {
        self.rows.extend(other.rows);
        self.is_more |= other.is_more;
        self.reached = self.reached.max(other.reached);
        self.rows.sort_by_key(|row| std::cmp::Reverse(row.place));
    }
}

/// Reads the card of a channel database.
pub fn store_card(
    office: &HeadOffice,
    messages: Result<MessageDatabase, StoreError>,
    name: &str,
) -> Result<StoreCard, StoreError> {
    let as_of = office.last_cursor()?.and_then(|cursor| cursor.as_of);
    let (agents, agents_fault) = match messages.and_then(|messages| messages.agents_of(name, MAX_AGENTS)) {
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
        recent.add(find(office, name, direction, Vec::new(), MAX_LISTED)?);
    }
    let mut failed = Found::default();
    for (direction, statuses) in of_status(Status::is_failed) {
        failed.add(find(office, name, direction, statuses, MAX_COUNTED)?);
    }
    let mut in_progress = Found::default();
    for (direction, statuses) in of_status(Status::is_in_progress) {
        in_progress.add(find(office, name, direction, statuses, MAX_COUNTED)?);
    }
    Ok(StoreCard {
        quiet: database.as_ref().zip(as_of).is_some_and(|(database, as_of)| database.presence.is_quiet(as_of)),
        database,
        agents,
        agents_fault,
        recent,
        failed,
        in_progress,
    })
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
    let piece = newest(rows, |seek, rows| office.sessions_searched(&filter, seek, rows, EXAMINED_PER_STATEMENT))?;
    let is_more = piece.rows.len() >= rows;
    let reached = piece.reached.filter(|_| !is_more).map(|(at, _)| Timestamp(at));
    Ok(Found { rows: piece.rows, is_more, reached })
}
