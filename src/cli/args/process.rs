//! The arguments of `cdx process`.

use crate::cli::args::id_parser;
use clap::Args;

/// `cdx process`
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools)] // these are flags
pub struct ProcessArgs {
    /// Only purge
    #[arg(long, conflicts_with = "no_purge")]
    pub no_transfer: bool,
    /// Only transfer
    #[arg(long)]
    pub no_purge: bool,
    /// Transfer and purge nothing; print what waits, what would be purged and what is kept
    #[arg(long)]
    pub dry_run: bool,
    /// Allow a purge over the purge limit if it deletes at most N rows; otherwise nothing is purged
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(i64).range(0..))]
    pub confirm_purge: Option<i64>,
    /// Compare the purge with this preview, by the number that --dry-run printed
    #[arg(long, value_name = "N", value_parser = id_parser(), conflicts_with_all = ["dry_run", "no_purge"])]
    pub preview: Option<i64>,
    /// Purge even if the clocks disagree
    #[arg(long)]
    pub force: bool,
    /// Print the run as one JSON object
    #[arg(long)]
    pub json: bool,
}
