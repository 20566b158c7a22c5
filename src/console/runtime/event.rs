//! What threads send to the event loop.

use crate::console::backend::query_worker::Reply;
use crate::console::protocol::effect::RunFault;
use crate::console::protocol::export::ExportProgress;
use crate::console::protocol::mutation::{MutationError, MutationResult};
use crate::domain::Run;
use crate::engine::RunEvent;
use std::time::Instant;

/// An event that a thread sends to the loop.
pub enum Event {
    /// Bytes from the terminal and when they were read. A busy loop must not take keys that were
    /// pressed at different times for one sequence.
    Bytes(Vec<u8>, Instant),
    /// The terminal was closed or disconnected.
    HungUp,
    /// A thread panicked; the terminal has been restored.
    Panicked,
    /// A reply of the query worker.
    Reply(Reply),
    /// An event of the run in this console.
    Run(RunEvent),
    /// The end of the run in this console.
    RunEnded(Box<Result<Run, RunFault>>),
    /// The result of a mutation.
    MutationDone(Result<MutationResult, MutationError>),
    /// Progress or the end of an export.
    ExportProgress(ExportProgress),
    /// The pager has ended, or could not be run.
    PagerEnded(Result<(), String>),
}
