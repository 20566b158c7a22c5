//! How long the chunks of a run collect messages: the first briefly, each later one four times as
//! long.

use std::time::Duration;

/// How long the first chunk collects messages: short, so that even a run killed early makes
/// progress.
const FIRST_CHUNK: Duration = Duration::from_millis(100);
/// The longest time a chunk collects messages; each may take four times as long as the one before.
/// Longer chunks write each page of a random index less often. A cancel ends the chunk at once.
const LONGEST_CHUNK: Duration = Duration::from_secs(2);

/// How long the next chunk of a run may collect messages.
#[derive(Debug)]
pub(super) struct Ramp(Duration);

impl Ramp {
    pub(super) fn new() -> Self {
        Self(FIRST_CHUNK)
    }

    /// Returns the duration of the next chunk.
    pub(super) fn next(&mut self) -> Duration {
        let duration = self.0;
        self.0 = (duration * 4).min(LONGEST_CHUNK);
        duration
    }
}
