//! Searches for the rows of a list in bounded steps where no index can be used.

use crate::domain::Seek;
use crate::store::StoreError;
use crate::store::head_office::Place;
use std::time::{Duration, Instant};

/// Rows that one query returns to a paged list.
pub const PAGE_ROWS: usize = 200;
/// Rows that one statement of a search examines, which takes a few milliseconds.
pub const EXAMINED_PER_STATEMENT: i64 = 4_000;
/// Time after which a search replies with what it has found, so that other queries get their turn.
pub const TIME_SLICE: Duration = Duration::from_millis(120);

/// A piece of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Piece<R> {
    /// Where the piece begins.
    pub seek: Seek<Place>,
    /// The rows found.
    pub rows: Vec<R>,
    /// Where the search continues, if it stopped before the end and before the piece was full.
    pub reached: Option<Place>,
}

/// Searches for one page of rows. `examine` is called with a position and the number of rows
/// wanted, and returns the rows found and where it stopped, `None` at the end of the table. The
/// result is shorter than a page at that end or when the time slice is used up.
pub fn search<R>(
    seek: Seek<Place>,
    examine: impl FnMut(Seek<Place>, usize) -> Result<(Vec<R>, Option<Place>), StoreError>,
) -> Result<Piece<R>, StoreError> {
    search_for(PAGE_ROWS, seek, examine)
}

/// Searches for the newest rows, at most `rows`.
pub fn newest<R>(
    rows: usize,
    examine: impl FnMut(Seek<Place>, usize) -> Result<(Vec<R>, Option<Place>), StoreError>,
) -> Result<Piece<R>, StoreError> {
    search_for(rows, Seek::First, examine)
}

/// Searches for rows from a position on, at most `rows`.
pub fn following<R>(
    rows: usize,
    seek: Seek<Place>,
    examine: impl FnMut(Seek<Place>, usize) -> Result<(Vec<R>, Option<Place>), StoreError>,
) -> Result<Piece<R>, StoreError> {
    search_for(rows, seek, examine)
}

/// Searches for the next row.
pub fn next<R>(
    seek: Seek<Place>,
    examine: impl FnMut(Seek<Place>, usize) -> Result<(Vec<R>, Option<Place>), StoreError>,
) -> Result<Piece<R>, StoreError> {
    search_for(1, seek, examine)
}

fn search_for<R>(
    wanted: usize,
    seek: Seek<Place>,
    mut examine: impl FnMut(Seek<Place>, usize) -> Result<(Vec<R>, Option<Place>), StoreError>,
) -> Result<Piece<R>, StoreError> {
    let began = Instant::now();
    let (mut from, mut rows) = (seek, Vec::new());
    loop {
        let (mut found, reached) = examine(from, wanted - rows.len())?;
        if seek.is_backward() {
            found.append(&mut rows);
            rows = found;
        } else {
            rows.append(&mut found);
        }
        match reached {
            Some(place) if rows.len() < wanted && began.elapsed() < TIME_SLICE => {
                from = if seek.is_backward() { Seek::Before(place) } else { Seek::After(place) };
            }
            reached => return Ok(Piece { seek, rows, reached }),
        }
    }
}
