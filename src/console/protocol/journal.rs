//! Queries about the journal.

pub use crate::store::head_office::{JournalFilter, JournalRow, TimeColumns, view_in_words};

use crate::console::protocol::saved_state::Place;
use crate::domain::{HOUR_MS, Seek};

/// Sessions of a row that are shown.
pub const MAX_SESSIONS_OF_CHANGE: i64 = 200;
/// Journal entries that can be undone and are shown.
pub const MAX_UNDOABLE: i64 = 50;
/// Milliseconds of the shift that the handover sheet is about.
pub const SHIFT_MS: i64 = 8 * HOUR_MS;

/// A query about the journal.
#[derive(Debug, Clone, PartialEq)]
pub enum JournalQuery {
    /// A piece of its rows.
    Rows(JournalFilter, Seek<Place>),
    /// How many rows come before a place in the list, up to a limit.
    Newer(JournalFilter, Place),
    /// How many rows a filter finds, up to a limit.
    Count(JournalFilter),
    /// How many rows a filter finds in each column.
    Histogram(JournalFilter, TimeColumns),
    /// The sessions of a row, up to [`MAX_SESSIONS_OF_CHANGE`].
    Sessions(i64),
    /// The handover sheet of the last [`SHIFT_MS`] milliseconds.
    Handover,
}
