//! The arguments of `cdx trash`.

use crate::cli::args::{Listing, id_parser};
use clap::{Args, Subcommand};

/// `cdx trash`
#[derive(Debug, Args)]
#[command(after_help = "--since is about when the session was purged.")]
#[command(args_conflicts_with_subcommands = true)]
pub struct Trash {
    /// The action; without one the sessions in the trash are listed
    #[command(subcommand)]
    pub action: Option<TrashAction>,
    /// Only rows that match these terms, as in the console: "store:S0001 run:12"; times are UTC
    #[arg(long, value_name = "TERMS", allow_hyphen_values = true)]
    pub filter: Option<String>,
    /// The list.
    #[command(flatten)]
    pub listing: Listing,
}

/// Actions on the trash.
#[derive(Debug, Subcommand)]
pub enum TrashAction {
    /// Bring sessions back with their messages; their retention begins again
    Restore(Restore),
    /// Delete everything in the trash for good, before its hours are over
    Empty {
        /// One JSON object
        #[arg(long)]
        json: bool,
    },
}

/// The sessions to restore.
#[derive(Debug, Args)]
pub struct Restore {
    /// Session numbers, in all channel databases
    #[arg(value_name = "SESSION", value_parser = id_parser(), required_unless_present_any = ["run", "filter"])]
    pub sessions: Vec<i64>,
    /// Those that this run purged
    #[arg(long, value_name = "N", value_parser = id_parser())]
    pub run: Option<i64>,
    /// Only those that match these terms, as in the list
    #[arg(long, value_name = "TERMS", allow_hyphen_values = true)]
    pub filter: Option<String>,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
}
