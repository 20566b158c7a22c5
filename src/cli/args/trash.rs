//! The arguments of `cdx trash`.

use crate::cli::args::output::filter_help;
use crate::cli::args::{JsonArgs, Listing, id_parser};
use clap::{Args, Subcommand};

/// `cdx trash`
#[derive(Debug, Args)]
#[command(after_help = "--since is about when the session was purged.")]
#[command(args_conflicts_with_subcommands = true)]
pub struct TrashArgs {
    /// The action; without one the sessions in the trash are listed
    #[command(subcommand)]
    pub action: Option<TrashAction>,
    /// Terms over the fields of the list; without them every row is listed.
    #[arg(long, value_name = "TERMS", allow_hyphen_values = true, help = filter_help!("store:S0001 run:12"))]
    pub filter: Option<String>,
    /// Which rows are printed, and in which format.
    #[command(flatten)]
    pub listing: Listing,
}

/// Actions on the trash.
#[derive(Debug, Subcommand)]
pub enum TrashAction {
    /// Bring sessions back with their messages; their retention begins again
    Restore(RestoreArgs),
    /// Delete everything in the trash for good, before its hours are over; --confirm states
    /// how many sessions
    Empty(JsonArgs),
}

/// The sessions to restore.
#[derive(Debug, Args)]
pub struct RestoreArgs {
    /// Session numbers, in all channel databases
    #[arg(value_name = "SESSION", value_parser = id_parser(), required_unless_present_any = ["run", "filter"])]
    pub sessions: Vec<i64>,
    /// Those that this run purged
    #[arg(long, value_name = "N", value_parser = id_parser())]
    pub run: Option<i64>,
    /// Only those that match these terms, as in the list
    #[arg(long, value_name = "TERMS", allow_hyphen_values = true)]
    pub filter: Option<String>,
    /// The format in which rows are printed.
    #[command(flatten)]
    pub format: JsonArgs,
}
