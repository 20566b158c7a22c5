//! The matrix of stores and jobs: the last state of each job at each store.

use crate::console::protocol::saved_state::Place;
use crate::domain::Direction;
use crate::store::head_office::SessionState;

/// Sessions of each direction that are examined at most, the last change first.
pub const EXAMINED: i64 = 100_000;
/// Channel databases that are listed at most.
pub const STORES: usize = 10_000;

/// A part of the matrix: what one slice of the search found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatrixPiece {
    /// Of which direction.
    pub direction: Direction,
    /// The newest session of each store and job among those examined, newest first.
    pub states: Vec<SessionState>,
    /// Up to where sessions were examined, unless that is the last one.
    pub reached: Option<Place>,
    /// How many sessions of the direction were examined so far.
    pub examined: i64,
    /// The channel databases by name, the first [`STORES`], and how many there are; only in the
    /// first piece.
    pub stores: Option<(Vec<String>, i64)>,
}
