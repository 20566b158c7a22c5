//! Arguments of the commands that print what screens of the console show.

use crate::cli::args::ShortListing;
use crate::cli::args::output::filter_help;
use clap::{Args, ValueEnum};

/// `cdx store`
#[derive(Debug, Args)]
pub struct StoreArgs {
    /// The channel database
    #[arg(value_name = "STORE")]
    pub name: String,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// `cdx totals`
#[derive(Debug, Args)]
pub struct TotalsArgs {
    /// The list
    #[arg(value_enum)]
    pub list: TotalsList,
    /// The field to count by, such as store, job, status or cause
    #[arg(long, value_name = "FIELD")]
    pub by: String,
    /// Terms over the fields of the list; without them every row is listed.
    #[arg(long, value_name = "TERMS", allow_hyphen_values = true, help = filter_help!("status:failed store:LON* age<1d"))]
    pub filter: Option<String>,
    /// Which rows are printed, and in which format.
    #[command(flatten)]
    pub listing: ShortListing,
}

/// A list that can be counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TotalsList {
    /// Download sessions
    Downloads,
    /// Upload sessions
    Uploads,
    /// Status messages
    Messages,
    /// Batch job history
    History,
    /// The journal
    Journal,
}
