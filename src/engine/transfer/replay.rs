//! Reading again from the start: distinguishes messages of purged sessions that were at head office
//! from those that never were.

use crate::domain::{Cursor, Position, StatusMessage, Timestamp};

/// A message database that is read again.
#[derive(Clone, Copy)]
pub(super) struct Reread {
    /// Messages up to here may have been read before.
    until: Position,
    /// Whether it is the same database, with the original dates of arrival.
    is_the_same: bool,
}

impl Reread {
    /// `None` if nothing is read again.
    pub(super) fn of(cursor: &Cursor) -> Option<Self> {
        // A database that has been read to its end before is the same one, restored; one that has
        // not replaced another.
        cursor.reread_until.map(|until| Self { until, is_the_same: cursor.as_of.is_some() })
    }

    /// Whether the message was at head office before its session was purged. A message that arrived
    /// less than a day before the purge, or after it, was not: the session would have been too
    /// young, because the shortest retention is a day and clocks may differ by an hour. In a new
    /// database, to which agents post again, anything that happened before may have been here.
    pub(super) fn was_here(self, position: Position, message: &StatusMessage, purged_at: Timestamp) -> bool {
        let before = |at: Timestamp| at < purged_at.minus_days(1);
        position <= self.until && (before(message.posted_at) || !self.is_the_same && before(message.occurred_at))
    }
}
