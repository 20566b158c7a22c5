//! `cdx man`: manual pages, generated from the same source as `--help`.

use crate::cli::args::{Cli, ManArgs};
use crate::cli::exit::{CommandResult, Exit, Failure};
use clap::CommandFactory;
use std::io::Write;

/// Prints the page of `cdx`, or writes a page for every command into a folder.
pub fn run(args: &ManArgs) -> CommandResult {
    match &args.dir {
        None => {
            let mut page = Vec::new();
            clap_mangen::Man::new(Cli::command()).render(&mut page)?;
            std::io::stdout().write_all(&page)?;
        }
        Some(folder) => {
            let failed = |error: std::io::Error| {
                Failure::Message(Exit::Failed, format!("cannot write the manual into {}: {error}", folder.display()))
            };
            std::fs::create_dir_all(folder).map_err(failed)?;
            clap_mangen::generate_to(Cli::command(), folder).map_err(failed)?;
        }
    }
    Ok(Exit::Done)
}
