//! Arguments of the commands about the state of the exchange: freshness, runs, schedules,
//! connections, notifications.

use crate::cli::args::{Listing, version_parser};
use crate::engine::WatchPosition;
use clap::{Args, Subcommand};

/// Output of a list that is read at once.
#[derive(Debug, Args)]
pub struct ShortListing {
    /// Print at most the first N rows
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(i64).range(1..=1_000_000_000))]
    pub limit: i64,
    /// One JSON object per line, with complete values
    #[arg(long, conflicts_with = "csv")]
    pub json: bool,
    /// Comma-separated values, safe to open in a spreadsheet
    #[arg(long)]
    pub csv: bool,
}

impl ShortListing {
    /// The same range and output for a list without an instant.
    pub fn listing(&self) -> Listing {
        Listing { since: None, limit: self.limit, json: self.json, csv: self.csv }
    }
}

/// `cdx freshness`
#[derive(Debug, Args)]
pub struct Freshness {
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// `cdx runs`
#[derive(Debug, Args)]
#[command(after_help = "--since is about when the run began.")]
pub struct Runs {
    /// Only rows that match these terms, as in the console: "status:failed took>5m -by:console";
    /// times are UTC
    #[arg(long, value_name = "TERMS", allow_hyphen_values = true)]
    pub filter: Option<String>,
    /// The list.
    #[command(flatten)]
    pub listing: Listing,
}

/// `cdx schedules`
#[derive(Debug, Args)]
#[command(after_help = "cdx batch starts lists the scheduled starts of batch jobs.")]
pub struct Schedules {
    /// Only rows that match these terms, as in the console: "open>0 age<1d"; times are UTC
    #[arg(long, value_name = "TERMS", allow_hyphen_values = true)]
    pub filter: Option<String>,
    /// The list.
    #[command(flatten)]
    pub listing: ShortListing,
}

/// `cdx connections`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Connections {
    /// The action; without one they are listed, the silent ones first
    #[command(subcommand)]
    pub action: Option<ConnectionsAction>,
    /// Only rows that match these terms, as in the console: "quiet:yes store:LON*"; times are UTC
    #[arg(long, value_name = "TERMS", allow_hyphen_values = true)]
    pub filter: Option<String>,
    /// The list.
    #[command(flatten)]
    pub listing: ShortListing,
}

/// Actions on a channel database.
#[derive(Debug, Subcommand)]
pub enum ConnectionsAction {
    /// Set the note on a channel database; an empty text removes it
    Note {
        /// The channel database
        #[arg(value_name = "STORE")]
        store: String,
        /// The note
        #[arg(value_name = "TEXT", allow_hyphen_values = true)]
        text: String,
        /// Refuse unless it still has this version, as `cdx connections --json` prints it
        #[arg(long, value_name = "N", value_parser = version_parser())]
        if_version: Option<i64>,
    },
    /// Set the time zone of a channel database's store; an empty name removes it
    Zone {
        /// The channel database
        #[arg(value_name = "STORE")]
        store: String,
        /// The zone, such as Europe/Amsterdam
        #[arg(value_name = "ZONE")]
        zone: String,
        /// Refuse unless it still has this version, as `cdx connections --json` prints it
        #[arg(long, value_name = "N", value_parser = version_parser())]
        if_version: Option<i64>,
    },
}

/// `cdx notifications`
#[derive(Debug, Args)]
pub struct Notifications {
    /// Only those that you have not read
    #[arg(long)]
    pub unread: bool,
    /// The list.
    #[command(flatten)]
    pub listing: ShortListing,
}

/// `cdx watch`
#[derive(Debug, Args)]
#[command(after_help = "It ends with 130 when it is interrupted, and with 0 when the reader of its output is gone.")]
pub struct Watch {
    /// One JSON object per line
    #[arg(long)]
    pub json: bool,
    /// Continue after the line with this position, instead of beginning now
    #[arg(long, value_name = "POSITION")]
    pub from: Option<WatchPosition>,
    /// Seconds between two looks
    #[arg(long, value_name = "SECONDS", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub interval: u64,
    /// Print what has changed since --from, then exit
    #[arg(long)]
    pub once: bool,
}
