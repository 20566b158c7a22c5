//! `cdx completions`: completion scripts for shells.

use super::args::{Cli, Completions};
use super::exit::{Exit, Outcome};
use clap::CommandFactory;
use std::io::Write;

/// Prints the script.
pub fn run(args: &Completions) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "cdx", &mut script);
    std::io::stdout().write_all(&script)?;
    Ok(Exit::Done)
}
