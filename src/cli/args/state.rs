//! Arguments of the commands about the state of the exchange: freshness, runs, schedules,
//! connections, notifications.

use crate::cli::args::output::filter_help;
use crate::cli::args::{JsonArgs, Listing, ShortListing, version_parser};
use crate::engine::WatchPosition;
use clap::{Args, Subcommand};

/// `cdx runs`
#[derive(Debug, Args)]
#[command(after_help = "--since is about when the run began.")]
pub struct RunsArgs {
    /// Terms over the fields of the list; without them every row is listed.
    #[arg(long, value_name = "TERMS", allow_hyphen_values = true, help = filter_help!("status:failed took>5m -by:console"))]
    pub filter: Option<String>,
    /// Which rows are printed, and in which format.
    #[command(flatten)]
    pub listing: Listing,
}

/// `cdx schedules`
#[derive(Debug, Args)]
#[command(after_help = "cdx batch starts lists the scheduled starts of batch jobs.")]
pub struct SchedulesArgs {
    /// Terms over the fields of the list; without them every row is listed.
    #[arg(long, value_name = "TERMS", allow_hyphen_values = true, help = filter_help!("open>0 age<1d"))]
    pub filter: Option<String>,
    /// Which rows are printed, and in which format.
    #[command(flatten)]
    pub listing: ShortListing,
}

/// `cdx connections`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct ConnectionsArgs {
    /// The action; without one they are listed, the silent ones first
    #[command(subcommand)]
    pub action: Option<ConnectionsAction>,
    /// Terms over the fields of the list; without them every row is listed.
    #[arg(long, value_name = "TERMS", allow_hyphen_values = true, help = filter_help!("quiet:yes store:LON*"))]
    pub filter: Option<String>,
    /// Which rows are printed, and in which format.
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
        /// The format in which rows are printed.
        #[command(flatten)]
        format: JsonArgs,
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
        /// The format in which rows are printed.
        #[command(flatten)]
        format: JsonArgs,
    },
}

/// `cdx notifications`
#[derive(Debug, Args)]
pub struct NotificationsArgs {
    /// Only those that you have not read
    #[arg(long)]
    pub unread: bool,
    /// Terms over the fields of the list; without them every row is listed.
    #[arg(long, value_name = "TERMS", allow_hyphen_values = true, help = filter_help!("event:error age<1d"))]
    pub filter: Option<String>,
    /// Which rows are printed, and in which format.
    #[command(flatten)]
    pub listing: ShortListing,
}

/// `cdx watch`
#[derive(Debug, Args)]
#[command(after_help = "It ends with 130 when it is interrupted, and with 0 when the reader of its output is gone.")]
pub struct WatchArgs {
    /// One JSON object per line
    #[arg(long)]
    pub json: bool,
    /// Continue after the line with this position, instead of beginning now
    #[arg(long, value_name = "POSITION")]
    pub from: Option<WatchPosition>,
    /// Seconds between two polls
    #[arg(long, value_name = "SECONDS", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub interval: u64,
    /// Print what has changed since --from, then exit
    #[arg(long)]
    pub once: bool,
}
