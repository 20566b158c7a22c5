//! Arguments of the commands that print what screens of the console show.

use crate::cli::args::ShortListing;
use clap::{Args, ValueEnum};

/// `cdx overview`
#[derive(Debug, Args)]
pub struct Json {
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// `cdx store`
#[derive(Debug, Args)]
pub struct Store {
    /// The channel database
    #[arg(value_name = "STORE")]
    pub name: String,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// `cdx totals`
#[derive(Debug, Args)]
pub struct Totals {
    /// The list
    #[arg(value_enum)]
    pub list: TotalsList,
    /// The field to count by, such as store, job, status or cause
    #[arg(long, value_name = "FIELD")]
    pub by: String,
    /// Only rows that match these terms, as in the console: "status:failed store:LON* age<1d";
    /// times are UTC
    #[arg(long, value_name = "TERMS", allow_hyphen_values = true)]
    pub filter: Option<String>,
    /// The list.
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
