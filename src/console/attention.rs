//! What the Overview asks for: what needs attention, and how much happened when.

use crate::domain::Timestamp;
use crate::store::head_office::{Backlog, QuietDatabase};
use crate::store::{HeadOffice, StoreError};

/// A download nobody has taken for so long, in milliseconds, wants a look.
const TAKEN_WITHIN: i64 = 3_600_000;
/// Channel databases that the to-do list names.
const QUIET_NAMED: i64 = 3;
/// Columns of the histogram: a day.
pub const COLUMNS: usize = 72;
/// Milliseconds of one of them.
pub const COLUMN: i64 = 20 * 60_000;
/// Milliseconds of one stretch of a trend: twelve of them are a day.
pub const STRETCH_OF_TREND: i64 = 2 * 3_600_000;

/// Sessions and channel databases that somebody should look at.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Attention {
    /// Uploads in a failed state that no newer session repeats.
    pub uploads: Backlog,
    /// Downloads in a failed state.
    pub downloads: Backlog,
    /// Downloads that nobody has taken for an hour.
    pub available: Backlog,
    /// Channel databases that are silent for longer than is usual, and how many there are in all.
    pub quiet: (Vec<QuietDatabase>, i64),
}

/// Reads it, as of `now`.
pub fn read(office: &HeadOffice, now: Timestamp) -> Result<Attention, StoreError> {
    let since = Timestamp(now.0.saturating_sub(TAKEN_WITHIN));
    let as_of = office.last_cursor()?.and_then(|cursor| cursor.as_of);
    Ok(Attention {
        uploads: office.uploads_not_applied()?,
        downloads: office.downloads_failed()?,
        available: office.available_since(since)?,
        quiet: as_of.map_or(Ok((Vec::new(), 0)), |as_of| office.quiet_databases(as_of, QUIET_NAMED))?,
    })
}
