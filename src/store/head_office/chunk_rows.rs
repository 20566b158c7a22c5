//! Common parts of statements that chunks and purges execute row by row in SQLite and in bulk at a
//! server.

use crate::domain::{Expired, Fold, Presence, SessionKey, Timestamp};
use crate::store::StoreError;
use crate::store::connection::Row;

/// A session at head office.
#[derive(Debug)]
pub enum Found {
    /// Its state, and whether this run has changed it already.
    Live(Box<Fold>, bool),
    /// It was purged at this instant.
    Purged(Timestamp),
    /// It never existed, or its tombstone has been purged.
    Absent,
}

/// A session that a purge deletes.
pub(super) struct PurgedSession {
    pub(super) session_id: i64,
    pub(super) key: SessionKey,
    /// The number of its status, for its tombstone.
    pub(super) status: Option<i64>,
}

/// What purged sessions are marked with.
#[derive(Debug, Clone, Copy)]
pub(super) struct PurgeMark {
    pub(super) run_id: i64,
    pub(super) now: Timestamp,
}

/// Before and after the values of the statement that stores presences.
pub(super) const SAVE_PRESENCE: (&str, &str) = (
    "insert into channel_database (name, first_seen_at, last_seen_at, usual_gap)",
    "on conflict (name) do update set first_seen_at = excluded.first_seen_at, last_seen_at = excluded.last_seen_at,
        usual_gap = excluded.usual_gap",
);

/// Before and after the values of the statement that leaves tombstones.
pub(super) const LEAVE_TOMBSTONE: (&str, &str) = (
    // As `INSERT_ROWS`.
    "insert or fail into session_tombstone (direction, session_number, channel_database, status, purged_at)",
    "on conflict (direction, session_number, channel_database)
        do update set status = excluded.status, purged_at = excluded.purged_at",
);

/// Finds when a session was purged.
pub(super) const TOMBSTONE: &str =
    "select purged_at from session_tombstone where direction = $1 and session_number = $2 and channel_database = $3";

pub(super) fn expired(row: &Row) -> Result<Expired, StoreError> {
    Ok(Expired { rows: row.int("rows")?, oldest: row.opt_time("oldest")?, newest: row.opt_time("newest")? })
}

pub(super) fn count(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

/// The presence of a row of channel_database.
pub(super) fn presence(row: &Row) -> Result<Presence, StoreError> {
    let (first_seen_at, last_seen_at) = (row.time("first_seen_at")?, row.time("last_seen_at")?);
    Ok(Presence { first_seen_at, last_seen_at, usual_gap: row.opt_int("usual_gap")? })
}
