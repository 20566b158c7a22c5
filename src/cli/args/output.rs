//! Arguments that commands share: which rows they list, and in which format they print.

use clap::Args;

/// The help of `--filter`, with an example for the list.
macro_rules! filter_help {
    ($example:literal) => {
        concat!("Only rows that match these terms, as in the console: \"", $example, "\"; times are UTC")
    };
}
pub(super) use filter_help;

/// Format of a list; a table without them.
#[derive(Debug, Clone, Copy, Args)]
pub struct Format {
    /// One JSON object per line, with complete values
    #[arg(long, conflicts_with = "csv")]
    pub json: bool,
    /// Comma-separated values, safe to open in a spreadsheet
    #[arg(long)]
    pub csv: bool,
}

impl Format {
    /// Returns a listing of at most this many rows in this format.
    pub fn listing(self, limit: i64) -> Listing {
        Listing { since: None, limit, format: self }
    }
}

/// Range and output of a list.
#[derive(Debug, Args)]
pub struct Listing {
    /// Only rows since this instant: RFC 3339, a date (UTC), or an age such as 90m, 24h, 7d
    #[arg(long, value_name = "T")]
    pub since: Option<String>,
    /// Print at most the newest N rows
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(i64).range(1..=1_000_000_000))]
    pub limit: i64,
    /// The format in which rows are printed.
    #[command(flatten)]
    pub format: Format,
}

/// Output of a list that is read at once.
#[derive(Debug, Args)]
pub struct ShortListing {
    /// Print at most the first N rows
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(i64).range(1..=1_000_000_000))]
    pub limit: i64,
    /// The format in which rows are printed.
    #[command(flatten)]
    pub format: Format,
}

impl ShortListing {
    /// Returns this range and output for a list without an instant.
    pub fn listing(&self) -> Listing {
        self.format.listing(self.limit)
    }
}

/// Output of a command that prints one thing: `cdx overview`, `cdx freshness`.
#[derive(Debug, Args)]
pub struct JsonArgs {
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Output of a short list.
#[derive(Debug, Args)]
pub struct JsonLinesArgs {
    /// One JSON object per line
    #[arg(long)]
    pub json: bool,
}
