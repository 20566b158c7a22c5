//! Arguments of `cdx batch alerts`.

use crate::cli::args::id_parser;
use clap::Args;

/// `cdx batch alerts`
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools)] // these are its flags
pub struct BatchAlertsArgs {
    /// The batch job's number
    #[arg(value_parser = id_parser())]
    pub job: i64,
    /// Alert this login when a run ended, failed or was canceled: ended, error, canceled, separated
    /// by commas; none for no alerts
    #[arg(long, value_name = "EVENTS", value_delimiter = ',')]
    pub on: Option<Vec<String>>,
    /// Alert when a due job has not started after this many minutes
    #[arg(long, value_name = "MINUTES", value_parser = clap::value_parser!(i64).range(1..=100_000))]
    pub not_started: Option<i64>,
    /// Alert when a run takes longer than this many minutes
    #[arg(long, value_name = "MINUTES", value_parser = clap::value_parser!(i64).range(1..=100_000))]
    pub runs_long: Option<i64>,
    /// How alerts are sent.
    #[command(flatten)]
    pub channels: ChannelArgs,
    /// Send a test alert through every configured channel
    #[arg(long)]
    pub test: bool,
    /// One JSON object per login
    #[arg(long)]
    pub json: bool,
}

/// How alerts are sent, beside the list of notifications
#[derive(Debug, Args)]
pub struct ChannelArgs {
    /// Send alerts by e-mail to this address
    #[arg(long, value_name = "ADDRESS")]
    pub email: Option<String>,
    /// Send alerts by the command in the batch server's configuration
    #[arg(long)]
    pub command: bool,
    /// Post alerts to the web address in the batch server's configuration
    #[arg(long)]
    pub webhook: bool,
    /// Write alerts to the system log of the batch server's machine
    #[arg(long)]
    pub syslog: bool,
}
