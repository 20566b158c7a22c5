//! What is known of one channel database.

use crate::domain::{Session, Timestamp};
use crate::store::head_office::{ChannelDatabase, SessionPlaced};
use crate::store::message_database::Agent;

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
    /// Those in progress: neither failed nor finished.
    pub waiting: Found,
}

/// Sessions that a limited search found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Found {
    /// The sessions, newest first.
    pub rows: Vec<SessionPlaced>,
    /// Whether there may be more than were asked for.
    pub is_more: bool,
    /// Back to when the search went in its time; `None` if it reached the end.
    pub reached: Option<Timestamp>,
}

impl Found {
    /// The sessions.
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
