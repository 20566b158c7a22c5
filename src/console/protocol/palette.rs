//! What the palette looks up at head office.

use crate::batch::BatchJob;
use crate::domain::Direction;

/// The most channel databases that one lookup returns.
pub const MAX_STORES: i64 = 30;
/// Sessions of one number are counted up to this; a number is used once per channel database.
pub const MAX_SESSIONS: i64 = 1_000;

/// The most jobs, groups and causes of each kind that one lookup returns.
pub const MAX_NAMES: usize = 10;

/// What a text may name at head office.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LookedUp {
    /// What was looked up, as the palette had it when it asked.
    pub text: String,
    /// Channel databases with these letters in this order, the best first.
    pub stores: Vec<String>,
    /// Directions that have sessions of this number, with how many.
    pub sessions: Vec<(Direction, i64)>,
    /// The run of this number.
    pub run: Option<i64>,
    /// Jobs of the exchange with these names, and the direction of each.
    pub data_jobs: Vec<(String, Direction)>,
    /// Channel data groups whose names begin with it.
    pub data_groups: Vec<String>,
    /// Batch groups whose names begin with it.
    pub batch_groups: Vec<String>,
    /// The batch job of this number, if only its history is left.
    pub former_job: Option<i64>,
    /// Causes of errors that contain it, up to [`MAX_NAMES`].
    pub causes: i64,
    /// Every batch job; `None` unless the text is empty.
    pub jobs: Option<Vec<BatchJob>>,
}

/// The number that a text asks for: `1084971`, `session 1084971`, `run 812`.
pub fn number_in(text: &str) -> Option<i64> {
    let word = text.split_whitespace().next_back()?;
    word.parse().ok().filter(|number| *number >= 0)
}
