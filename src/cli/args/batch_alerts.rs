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
    /// by commas; none for none of them
    #[arg(long, value_name = "EVENTS", value_delimiter = ',')]
    pub on: Option<Vec<String>>,
    /// Alert when a due job has not started after this many minutes; 0 for never
    #[arg(long, value_name = "MINUTES", value_parser = clap::value_parser!(i64).range(0..=100_000))]
    pub not_started: Option<i64>,
    /// Alert when a run takes longer than this many minutes; 0 for never
    #[arg(long, value_name = "MINUTES", value_parser = clap::value_parser!(i64).range(0..=100_000))]
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

/// How alerts are sent, beside the list of notifications; what is not named stays as it is
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools)] // these are its flags
pub struct ChannelArgs {
    /// Send alerts by e-mail to this address
    #[arg(long, value_name = "ADDRESS", conflicts_with = "no_email")]
    pub email: Option<String>,
    /// Send none by e-mail any more
    #[arg(long)]
    pub no_email: bool,
    /// Send alerts by the command in the batch server's configuration
    #[arg(long, conflicts_with = "no_command")]
    pub command: bool,
    /// Send none by the command any more
    #[arg(long)]
    pub no_command: bool,
    /// Post alerts to the web address in the batch server's configuration
    #[arg(long, conflicts_with = "no_webhook")]
    pub webhook: bool,
    /// Post none to the web address any more
    #[arg(long)]
    pub no_webhook: bool,
    /// Write alerts to the system log of the batch server's machine
    #[arg(long, conflicts_with = "no_syslog")]
    pub syslog: bool,
    /// Write none to the system log any more
    #[arg(long)]
    pub no_syslog: bool,
}

impl ChannelArgs {
    /// Whether a channel is named.
    pub fn names_channel(&self) -> bool {
        let Self { email, no_email, command, no_command, webhook, no_webhook, syslog, no_syslog } = self;
        email.is_some()
            || [no_email, command, no_command, webhook, no_webhook, syslog, no_syslog].into_iter().any(|on| *on)
    }
}
