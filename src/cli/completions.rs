//! `cdx completions`: completion scripts for shells.

use crate::cli::args::{Cli, CompletionsArgs};
use crate::cli::exit::{CommandResult, Exit};
use clap::CommandFactory;
use std::io::Write;

/// Prints the script.
pub fn run(args: &CompletionsArgs) -> CommandResult {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "cdx", &mut script);
    std::io::stdout().write_all(&script)?;
    Ok(Exit::Done)
}
