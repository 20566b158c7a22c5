//! What the console asks the event loop to do.

use crate::console::protocol::effect::RunRequest;
use crate::console::protocol::export::ExportSource;
use crate::console::protocol::mutation::Mutation;
use crate::console::protocol::query::Query;

/// What the event loop does for the console.
#[derive(Debug, Clone, PartialEq)]
pub enum RuntimeEffect {
    /// Run this query; its answer carries the number.
    Ask(u64, Query),
    /// Drop the query with this number: skip it if it waits, interrupt it if it is running.
    Forget(u64),
    /// Start a run.
    Start(RunRequest),
    /// Cancel the run after its current chunk.
    CancelRun,
    /// Stop the change after its current part.
    CancelAct,
    /// Make this change.
    Mutation(Mutation),
    /// Write these rows to a file; `true` overwrites an existing one.
    Export(ExportSource, String, bool),
    /// Stop the export.
    StopExport,
    /// Leave the terminal to this command, which gets the text.
    Page(String, String),
    /// Send this to the terminal's clipboard.
    Copy(String),
    /// Stop the run after its current chunk and request the rest from this batch server.
    HandOver(String),
    /// Repaint the whole screen.
    Repaint,
    /// Let the terminal report the mouse, or not.
    Mouse(bool),
    /// Ring the terminal's bell.
    Bell,
    /// Report overdue starts, because no batch server is running that would.
    TellOverdue,
    /// Restore the terminal and suspend the process.
    Suspend,
    /// End the console.
    Quit,
}
