//! What a purge is about to delete, and the counts of what it has deleted.

use crate::domain::{Cutoffs, Expired, Position};
use crate::engine::context::Context;
use crate::store::StoreError;
use crate::store::head_office::PurgePreview;
use crate::store::message_database::{ExpiredMessages, PurgeClaim};

/// Adds rows to a table's count.
pub(super) fn add_rows(counts: &mut Vec<(&'static str, i64)>, table: &'static str, rows: i64) {
    match counts.iter_mut().find(|(name, _)| *name == table) {
        Some((_, sum)) => *sum += rows,
        None if rows > 0 => counts.push((table, rows)),
        None => {}
    }
}

/// The rows that a purge would delete, counted before it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExpiredRows {
    /// By table of the message database; only messages transferred already.
    pub message_database: Vec<(&'static str, Expired)>,
    /// Those of head office.
    pub head_office: PurgePreview,
}

impl ExpiredRows {
    /// Each table with rows to purge: database, name, rows.
    pub fn tables(&self) -> impl Iterator<Item = (&'static str, &'static str, Expired)> + '_ {
        let of =
            |database: &'static str| move |(table, expired): &(&'static str, Expired)| (database, *table, *expired);
        let messages = self.message_database.iter().map(of("message database"));
        let tables = messages.chain(self.head_office.tables.iter().map(of("head office")));
        tables.filter(|(_, _, expired)| expired.rows > 0)
    }

    /// Rows of all tables of both databases, without those that leave the trash.
    pub fn rows(&self) -> i64 {
        self.tables().map(|(_, _, expired)| expired.rows).sum()
    }

    /// Those that are messages and sessions.
    pub fn messages_and_sessions(&self) -> i64 {
        let of_exchange = |table| ["status_message", "session"].contains(&table);
        self.tables().filter(|(_, table, _)| of_exchange(*table)).map(|(_, _, expired)| expired.rows).sum()
    }

    /// Rows that leave the trash for good.
    pub fn rows_of_trash(&self) -> i64 {
        self.head_office.trash.iter().map(|(_, expired)| expired.rows).sum()
    }

    /// All of these: what the progress of a purge counts.
    pub(super) fn rows_with_trash(&self) -> i64 {
        self.rows() + self.rows_of_trash()
    }
}

/// What a purge is about to do.
pub(super) struct Plan {
    pub(super) cutoffs: Cutoffs,
    pub(super) expired: ExpiredRows,
    pub(super) claim: Option<PurgeClaim>,
    /// Where the expired messages are, if there are any.
    pub(super) range: Option<(Position, Position)>,
}

impl Plan {
    /// Counts what both databases would lose.
    pub(super) fn new(context: &Context, cutoffs: Cutoffs, claim: Option<PurgeClaim>) -> Result<Self, StoreError> {
        let messages = match &claim {
            Some(claim) => context.message_database.count_expired(claim.position, claim.cutoff)?,
            None => ExpiredMessages::default(),
        };
        let head_office = context.office.preview_purge(&cutoffs)?;
        let expired = ExpiredRows { message_database: messages.tables, head_office };
        Ok(Self { cutoffs, expired, claim, range: messages.range })
    }
}
