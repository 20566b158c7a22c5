//! The arguments of `cdx alerts` and `cdx deadlines`.

use crate::cli::args::output::filter_help;
use crate::cli::args::{ChannelArgs, Format, JsonArgs, ShortListing, id_parser};
use clap::{Args, Subcommand};

/// `cdx alerts`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct AlertsArgs {
    /// The action; without one, conditions that fire and those resolved lately are listed
    #[command(subcommand)]
    pub action: Option<AlertsAction>,
    /// Include those resolved since this instant: RFC 3339, a date (UTC), or an age such as 7d
    #[arg(long, value_name = "T", default_value = "24h")]
    pub since: String,
    /// Terms over the fields of the list; without them every row is listed.
    #[arg(long, value_name = "TERMS", allow_hyphen_values = true, help = filter_help!("rule:store_silent store:LON*"))]
    pub filter: Option<String>,
    /// Which rows are printed, and in which format.
    #[command(flatten)]
    pub listing: ShortListing,
}

/// Actions on the alerts of the exchange.
#[derive(Debug, Subcommand)]
pub enum AlertsAction {
    /// Set the rules that this login is notified of, and how
    Set(AlertSettingsArgs),
    /// Send a test by each channel that this login's alerts of the exchange use
    Test(JsonArgs),
    /// List the rules of all logins, and when each channel last worked
    Settings {
        /// One JSON object per login
        #[arg(long)]
        json: bool,
    },
}

/// `cdx alerts set`
#[derive(Debug, Args)]
pub struct AlertSettingsArgs {
    /// Rules separated by commas: `store_silent`, `nothing_happened`, `unusual_volume`,
    /// `unusual_duration`, `deadline`, `purge_held`, `clocks_apart`, `disk_low`; all or none
    /// [default: as before; at first all but the unusual ones]
    #[arg(long, value_name = "RULES", value_delimiter = ',')]
    pub rules: Option<Vec<String>>,
    /// How alerts are sent.
    #[command(flatten)]
    pub channels: ChannelArgs,
    /// Print the settings as one JSON object
    #[arg(long)]
    pub json: bool,
}

/// `cdx deadlines`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct DeadlinesArgs {
    /// The action; without one the deadlines are listed
    #[command(subcommand)]
    pub action: Option<DeadlinesAction>,
    /// The format in which rows are printed.
    #[command(flatten)]
    pub format: Format,
}

/// Actions on deadlines.
#[derive(Debug, Subcommand)]
pub enum DeadlinesAction {
    /// Add a deadline: a job applied in all stores by a time of day
    Add {
        /// The job, such as 1020
        #[arg(value_name = "JOB")]
        job: String,
        /// When: "daily 06:00", "weekdays 06:00", or a cron line
        #[arg(long, value_name = "WORDS")]
        by: String,
        /// Which stores, by terms over store, zone and note: "store:BER*", "zone:Europe/Berlin"
        /// [default: all]
        #[arg(long, value_name = "TERMS", default_value = "", hide_default_value = true)]
        stores: String,
        /// Time zone of the time of day, such as Europe/Berlin [default: this machine's]
        #[arg(long, value_name = "ZONE")]
        zone: Option<String>,
        /// The format in which rows are printed.
        #[command(flatten)]
        format: JsonArgs,
    },
    /// Remove a deadline
    Remove {
        /// Its number, as listed
        #[arg(value_name = "DEADLINE", value_parser = id_parser())]
        deadline: i64,
        /// The format in which rows are printed.
        #[command(flatten)]
        format: JsonArgs,
    },
}
