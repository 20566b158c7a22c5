//! Reads the matrix of stores and jobs in time slices.

use crate::console::backend::search::SEARCH_ROWS;
use crate::console::protocol::matrix::{EXAMINED, MatrixPiece, STORES};
use crate::console::protocol::query::Place;
use crate::domain::{Direction, Seek};
use crate::store::{HeadOffice, StoreError};
use std::collections::HashSet;
use std::time::{Duration, Instant};

/// Time after which an answer says what was found, so that other queries get their turn.
const TIME_SLICE: Duration = Duration::from_millis(120);

/// Reads from `seek` on until the slice is used up, the table ends, or [`EXAMINED`] sessions were
/// examined.
pub fn read(
    office: &HeadOffice,
    direction: Direction,
    seek: Seek<Place>,
    examined: i64,
) -> Result<MatrixPiece, StoreError> {
    let began = Instant::now();
    let rows = usize::try_from(SEARCH_ROWS).unwrap_or(1);
    let is_first = direction == Direction::Download && seek == Seek::First;
    let limit = i64::try_from(STORES).unwrap_or(i64::MAX);
    let stores = is_first.then(|| office.channel_database_names(limit)).transpose()?;
    let mut piece = MatrixPiece { direction, states: Vec::new(), reached: None, examined, stores };
    let mut known: HashSet<(String, String)> = HashSet::new();
    let mut from = seek;
    loop {
        let found = office.session_states(direction, from, rows)?;
        let reached = found.last().map(|state| state.place).filter(|_| found.len() == rows);
        piece.examined += i64::try_from(found.len()).unwrap_or(0);
        for state in found {
            if known.insert((state.channel_database.clone(), state.job_name.clone())) {
                piece.states.push(state);
            }
        }
        match reached {
            Some(place) if piece.examined < EXAMINED && began.elapsed() < TIME_SLICE => from = Seek::After(place),
            reached => {
                piece.reached = reached;
                return Ok(piece);
            }
        }
    }
}
