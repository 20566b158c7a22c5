//! A list's rows, searched for piece by piece where no index leads to them.

use crate::console::protocol::query::PAGE_ROWS;
use crate::console::protocol::query::Piece;
use crate::console::protocol::query::Place;
use crate::domain::Seek;
use crate::store::StoreError;
use std::time::{Duration, Instant};

/// Rows that a search looks at in one statement: a few milliseconds, and as long can its end be late.
pub const STRETCH: i64 = 4_000;
/// How long a search looks before it tells how far it got; other questions take their turn then.
const PATIENCE: Duration = Duration::from_millis(120);

/// Looks at stretch after stretch until there is a whole piece, the end, or time to tell what was found so far.
pub fn search<R>(
    seek: Seek<Place>,
    look: impl FnMut(Seek<Place>, usize) -> Result<(Vec<R>, Option<Place>), StoreError>,
) -> Result<Piece<R>, StoreError> {
    search_for(PAGE_ROWS, seek, look)
}

/// The next row.
pub fn next<R>(
    seek: Seek<Place>,
    look: impl FnMut(Seek<Place>, usize) -> Result<(Vec<R>, Option<Place>), StoreError>,
) -> Result<Piece<R>, StoreError> {
    search_for(1, seek, look)
}

fn search_for<R>(
    wanted: usize,
    seek: Seek<Place>,
    mut look: impl FnMut(Seek<Place>, usize) -> Result<(Vec<R>, Option<Place>), StoreError>,
) -> Result<Piece<R>, StoreError> {
    let began = Instant::now();
    let (mut from, mut rows) = (seek, Vec::new());
    loop {
        let (mut found, reached) = look(from, wanted - rows.len())?;
        if seek.is_backward() {
            found.append(&mut rows);
            rows = found;
        } else {
            rows.append(&mut found);
        }
        match reached {
            Some(place) if rows.len() < wanted && began.elapsed() < PATIENCE => {
                from = if seek.is_backward() { Seek::Before(place) } else { Seek::After(place) };
            }
            reached => return Ok(Piece { seek, rows, reached }),
        }
    }
}
