//! The event loop and everything that touches the terminal: decoder, encoder, effect runner.

pub mod ansi_encoder;
pub mod effect_runner;
pub mod event_loop;
pub mod input;
pub mod scroll;
pub mod signals;
pub mod terminal;

use crate::clock::Clock;
use crate::console::app::Settings;
use crate::engine::Databases;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// What a console works with.
pub struct Console {
    /// The two databases.
    pub databases: Databases,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Its looks and manners.
    pub settings: Settings,
    /// How long the rest of an escape sequence is waited for.
    pub escape: Duration,
    /// The machine's name, for the books.
    pub host: String,
    /// Where is kept what the next console remembers; `None`: nowhere.
    pub memory: Option<PathBuf>,
}

/// How a console ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Ended {
    /// The operator left.
    Quit,
    /// The terminal is gone, or somebody asked the process to end; a run of this console was asked to stop at its chunk.
    Gone,
    /// A thread panicked; its words have been printed on the terminal, which is as it was before.
    Broken,
}
