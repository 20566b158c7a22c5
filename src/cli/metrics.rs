//! `cdx metrics`: the state of the exchange for a monitoring system.

use crate::cli::context::Context;
use crate::cli::exit::{CommandResult, Exit};
use crate::clock::SystemClock;
use crate::engine;
use std::io::Write;

/// Prints the metrics in Prometheus' text format.
pub fn run(context: &Context) -> CommandResult {
    let text = engine::metrics(&context.databases(), &SystemClock)?;
    std::io::stdout().write_all(text.as_bytes())?;
    Ok(Exit::Done)
}
