//! The arguments of `cdx approvals`.

use crate::cli::args::id_parser;
use clap::{Args, Subcommand};

/// `cdx approvals`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Approvals {
    /// The action; without one the changes that wait are listed
    #[command(subcommand)]
    pub action: Option<ApprovalsAction>,
    /// Include those that were approved or made, or have expired
    #[arg(long)]
    pub all: bool,
    /// One JSON object per line, with complete values
    #[arg(long, conflicts_with = "csv")]
    pub json: bool,
    /// Comma-separated values, safe to open in a spreadsheet
    #[arg(long)]
    pub csv: bool,
}

/// Actions on approvals.
#[derive(Debug, Subcommand)]
pub enum ApprovalsAction {
    /// Approve a change of another operator, within an hour of its request
    Approve {
        /// Its number, as listed
        #[arg(value_name = "APPROVAL", value_parser = id_parser())]
        approval: i64,
    },
}
