//! The matrix of stores and jobs: the last state of each job at each store.

use crate::domain::{Direction, Seek};
use crate::engine::inquiry::search::{EXAMINED_PER_STATEMENT, TIME_SLICE};
use crate::store::head_office::{Place, SessionState};
use crate::store::{HeadOffice, StoreError};
use std::collections::HashSet;
use std::time::Instant;

/// Sessions of each direction that are examined at most, the last change first.
pub const MAX_EXAMINED_SESSIONS: i64 = 100_000;
/// Channel databases that are listed at most.
pub const MAX_MATRIX_STORES: usize = 10_000;

/// A part of the matrix: what one slice of the search found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatrixPiece {
    /// The direction of the sessions.
    pub direction: Direction,
    /// The newest session of each store and job among those examined, newest first.
    pub states: Vec<SessionState>,
    /// Up to where sessions were examined, unless that is the last one.
    pub reached: Option<Place>,
    /// How many sessions of the direction were examined so far.
    pub examined: i64,
    /// The channel databases by name, the first [`MAX_MATRIX_STORES`], and how many there are; only
    /// in the first piece.
    pub stores: Option<(Vec<String>, i64)>,
}

/// Reads the matrix from `seek` on until the slice is used up, the table ends, or
/// [`MAX_EXAMINED_SESSIONS`] sessions were examined.
pub fn matrix(
    office: &HeadOffice,
    direction: Direction,
    seek: Seek<Place>,
    examined: i64,
) -> Result<MatrixPiece, StoreError> {
    let began = Instant::now();
    let rows = usize::try_from(EXAMINED_PER_STATEMENT).unwrap_or(1);
    let is_first = direction == Direction::Download && seek == Seek::First;
    let limit = i64::try_from(MAX_MATRIX_STORES).unwrap_or(i64::MAX);
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
            Some(place) if piece.examined < MAX_EXAMINED_SESSIONS && began.elapsed() < TIME_SLICE => {
                from = Seek::After(place);
            }
            reached => {
                piece.reached = reached;
                return Ok(piece);
            }
        }
    }
}
