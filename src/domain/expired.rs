//! What a purge would delete.

use crate::domain::Timestamp;

/// The rows of one table that have expired.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Expired {
    /// Number of rows.
    pub rows: i64,
    /// The date of the oldest of them.
    pub oldest: Option<Timestamp>,
    /// The date of the newest of them.
    pub newest: Option<Timestamp>,
}
