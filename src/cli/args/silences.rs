//! The arguments of `cdx silences`.

use crate::cli::args::output::filter_help;
use crate::cli::args::{JsonArgs, ShortListing, id_parser};
use clap::{Args, Subcommand};

/// `cdx silences`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct SilencesArgs {
    /// The action; without one the open silences are listed
    #[command(subcommand)]
    pub action: Option<SilencesAction>,
    /// Include those that have ended
    #[arg(long)]
    pub all: bool,
    /// Terms over the fields of the list; without them every row is listed.
    #[arg(long, value_name = "TERMS", allow_hyphen_values = true, help = filter_help!("by:m.jansen held>0"))]
    pub filter: Option<String>,
    /// Which rows are printed, and in which format.
    #[command(flatten)]
    pub listing: ShortListing,
}

/// Actions on silences.
#[derive(Debug, Subcommand)]
pub enum SilencesAction {
    /// Hold alerts back that match these terms; they are still listed
    Add {
        /// Which alerts: "job:3", "event:late group:NIGHT", "text:timeout"; "*" is every alert
        #[arg(value_name = "TERMS", allow_hyphen_values = true)]
        filter: String,
        /// When it ends by itself: 2h, 06:00, 2026-11-27 or RFC 3339; times are UTC
        #[arg(long, value_name = "TIME")]
        until: String,
        /// Why, for the other operators and for the journal
        #[arg(long, value_name = "TEXT")]
        reason: String,
        /// The format in which rows are printed.
        #[command(flatten)]
        format: JsonArgs,
    },
    /// End a silence before its time
    End {
        /// Its number, as listed
        #[arg(value_name = "SILENCE", value_parser = id_parser())]
        silence: i64,
        /// The format in which rows are printed.
        #[command(flatten)]
        format: JsonArgs,
    },
}
