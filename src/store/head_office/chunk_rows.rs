//! What a chunk or a purge reads and writes row by row in SQLite and in bulk at a server: the statements' common parts.

use crate::domain::{Expired, Fold, Timestamp};
use crate::store::StoreError;
use crate::store::connection::Row;

/// What head office knows of a session.
#[derive(Debug)]
pub enum Found {
    /// Its state, and whether this run has changed it before.
    Live(Box<Fold>, bool),
    /// It was purged then.
    Purged(Timestamp),
    /// Nothing, or it was purged so long ago that nobody remembers.
    Neither,
}

/// What stands around the rows of the statement that stores presences.
pub(super) const SAVE_PRESENCE: (&str, &str) = (
    "insert into channel_database (name, first_seen_at, last_seen_at, usual_gap)",
    "on conflict (name) do update set first_seen_at = excluded.first_seen_at, last_seen_at = excluded.last_seen_at,
        usual_gap = excluded.usual_gap",
);

/// What stands around the rows of the statement that leaves tombstones.
pub(super) const BURY: (&str, &str) = (
    "insert into session_tombstone (direction, session_number, channel_database, status, purged_at)",
    "on conflict (direction, session_number, channel_database)
        do update set status = excluded.status, purged_at = excluded.purged_at",
);

/// Finds when a session was purged.
pub(super) const TOMBSTONE: &str =
    "select purged_at from session_tombstone where direction = $1 and session_number = $2 and channel_database = $3";

pub(super) fn expired(row: &Row) -> Result<Expired, StoreError> {
    Ok(Expired { rows: row.int(0)?, oldest: row.opt_time(1)?, newest: row.opt_time(2)? })
}

pub(super) fn count(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}
