//! The event loop, the effect runner, and the terminal with its input decoder and frame compactor.

pub mod effect_runner;
pub mod event;
pub mod event_loop;
pub mod frame_compactor;
pub mod input;
pub mod key_reader;
pub mod pager;
pub mod scroll;
pub mod signals;
pub mod terminal;

use crate::clock::Clock;
use crate::console::app::Settings;
use crate::engine::Databases;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Everything needed to run a console.
pub struct Console {
    /// The two databases.
    pub databases: Databases,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Theme, key map, operator and other settings.
    pub settings: Settings,
    /// Timeout after which a lone Esc is a key.
    pub escape: Duration,
    /// The machine's name, recorded with runs.
    pub host: String,
    /// File of the saved list state; `None` disables it.
    pub memory: Option<PathBuf>,
}

/// How a console ended.
#[derive(Debug, PartialEq, Eq)]
pub enum ConsoleEnd {
    /// The operator quit.
    Quit,
    /// The terminal is gone or a signal ended the process. A run of this console was asked to stop
    /// after its chunk.
    Gone,
    /// A thread panicked. The terminal was restored and the message printed.
    Panicked,
}
