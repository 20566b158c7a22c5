//! Reading again from the start: how messages of purged sessions are told apart, those that were at head office and those that never were.

use crate::domain::{Cursor, Position, StatusMessage, Timestamp};

/// A message database that is read again.
#[derive(Clone, Copy)]
pub(super) struct Reread {
    /// Up to here there may be some that were.
    until: Position,
    /// It is the one that was read before, and its dates of arrival are those of then.
    is_the_same: bool,
}

impl Reread {
    /// `None` when nothing is read again.
    pub(super) fn of(cursor: &Cursor) -> Option<Self> {
        // Whoever has been read to the end once is the same, restored; whoever has not took the place of another.
        cursor.reread_until.map(|until| Self { until, is_the_same: cursor.as_of.is_some() })
    }

    /// Whether the message was here before its session was purged. What had arrived within a day of that was not, nor what has arrived
    /// since: the session would have been too young to go, for no retention is shorter; and clocks an hour apart do not matter. In a new
    /// database, where agents post again what they have, what happened before may have been here.
    pub(super) fn was_here(self, position: Position, message: &StatusMessage, purged_at: Timestamp) -> bool {
        let before = |at: Timestamp| at < purged_at.minus_days(1);
        position <= self.until && (before(message.posted_at) || !self.is_the_same && before(message.occurred_at))
    }
}
