//! What a purge is about to delete, and the counts of what it has deleted.

use crate::domain::{Cutoffs, Expired};
use crate::engine::context::Context;
use crate::store::StoreError;
use crate::store::head_office::PurgePreview;
use crate::store::message_database::PurgeClaim;

/// Adds rows to a table's count.
pub(super) fn add_rows(counts: &mut Vec<(&'static str, i64)>, table: &'static str, rows: i64) {
    match counts.iter_mut().find(|(name, _)| *name == table) {
        Some((_, sum)) => *sum += rows,
        None if rows > 0 => counts.push((table, rows)),
        None => {}
    }
}

/// What a purge is about to delete.
pub(super) struct Plan {
    pub(super) cutoffs: Cutoffs,
    pub(super) message_database: Vec<(&'static str, Expired)>,
    pub(super) head_office: PurgePreview,
    pub(super) claim: Option<PurgeClaim>,
}

impl Plan {
    /// Counts what both databases would lose.
    pub(super) fn new(context: &Context, cutoffs: Cutoffs, claim: Option<PurgeClaim>) -> Result<Self, StoreError> {
        let message_database = match &claim {
            Some(claim) => context.message_database.count_expired(claim.position, claim.cutoff)?,
            None => Vec::new(),
        };
        Ok(Self { cutoffs, message_database, head_office: context.office.preview_purge(&cutoffs)?, claim })
    }

    /// Rows of all tables of both databases.
    pub(super) fn rows(&self) -> i64 {
        let tables = self.message_database.iter().chain(&self.head_office.tables);
        tables.map(|(_, expired)| expired.rows).sum()
    }
}
