//! `cdx metrics`: the state of the exchange for a monitoring system.

use crate::cli::context::Context;
use crate::cli::exit::{CommandResult, Exit};
use crate::cli::terminal::print_message;
use crate::clock::SystemClock;
use crate::engine::{self, CauseLabels, Metrics};
use std::io::Write;

/// Prints the metrics in Prometheus' text format. Fails if a database cannot be read; the samples
/// of the other one are printed.
pub fn run(context: &Context) -> CommandResult {
    let Metrics { text, faults } = engine::metrics(&context.databases(), &SystemClock, CauseLabels::Texts);
    std::io::stdout().write_all(text.as_bytes())?;
    let mut faults = faults.into_iter();
    let Some(first) = faults.next() else { return Ok(Exit::Done) };
    faults.for_each(|fault| print_message(&fault.to_string()));
    Err(first.into())
}
