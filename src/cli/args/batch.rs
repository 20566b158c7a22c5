//! Arguments of `cdx batch-server` and `cdx batch`.

use crate::batch::LONGEST_RETRY_PAUSE;
use crate::cli::args::output::filter_help;
use crate::cli::args::{
    BatchAlertsArgs, Format, JsonArgs, JsonLinesArgs, Listing, ShortListing, id_parser, version_parser,
};
use crate::domain::parse_age;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// `cdx batch-server`
#[derive(Debug, Args)]
pub struct BatchServerArgs {
    /// Its name, to which its windows and groups belong [default: this machine's name]
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Run the jobs that are due now, then exit
    #[arg(long)]
    pub once: bool,
    /// Format of the log on stderr
    #[arg(long, value_enum, default_value_t = LogForm::Text)]
    pub log: LogForm,
    /// Serve /metrics, /healthz and /readyz over HTTP at this address, such as 127.0.0.1:9464
    #[arg(long, value_name = "ADDRESS:PORT", value_parser = socket_address, conflicts_with = "once")]
    pub metrics: Option<std::net::SocketAddr>,
}

fn socket_address(text: &str) -> Result<std::net::SocketAddr, &'static str> {
    text.parse().map_err(|_| "use an IP address and a port, such as 127.0.0.1:9464")
}

/// Format of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogForm {
    /// A line for people.
    Text,
    /// One JSON object a line.
    Json,
}

/// `cdx batch`
#[derive(Debug, Args)]
pub struct BatchArgs {
    /// The form
    #[command(subcommand)]
    pub action: BatchAction,
}

/// The batch forms.
#[derive(Debug, Subcommand)]
pub enum BatchAction {
    /// List batch jobs by their next start
    Jobs(JobsArgs),
    /// List the scheduled starts of all batch jobs, the next first
    Starts(StartsArgs),
    /// Show why a batch job is not running: every condition in the order of evaluation
    Why(WhyArgs),
    /// List the batch job history: one row per start, including skipped starts
    History(HistoryArgs),
    /// Print the log of one row of the history
    Log(LogArgs),
    /// Submit Process status messages as a batch job
    Submit(Box<SubmitArgs>),
    /// Change the status of a batch job
    ChangeStatus(ChangeStatusArgs),
    /// Delete batch jobs that are not running; their history is kept
    Delete(DeleteArgs),
    /// Show or set the alerts of a batch job
    Alerts(BatchAlertsArgs),
    /// List batch servers
    Servers(JsonLinesArgs),
    /// Set the windows of a batch server and the groups it serves
    Server(ServerArgs),
    /// List batch groups
    Groups(JsonLinesArgs),
    /// Create, describe or delete a batch group
    Group(GroupArgs),
}

/// `cdx batch jobs`
#[derive(Debug, Args)]
pub struct JobsArgs {
    /// Only jobs that this login submitted
    #[arg(long)]
    pub mine: bool,
    /// Only jobs with this status: withhold, waiting, executing, error, ended, canceling, canceled
    #[arg(long, value_name = "STATUS")]
    pub status: Option<String>,
    /// Terms over the fields of the list; without them every row is listed.
    #[arg(long, value_name = "TERMS", allow_hyphen_values = true, help = filter_help!("status:error,withhold group:NIGHT"))]
    pub filter: Option<String>,
    /// The format in which rows are printed.
    #[command(flatten)]
    pub format: Format,
}

/// `cdx batch starts`
#[derive(Debug, Args)]
pub struct StartsArgs {
    /// Only starts before this time from now, such as 90m, 24h, 7d
    #[arg(long, value_name = "AGE", default_value = "24h", value_parser = parse_time_ahead)]
    pub within: i64,
    /// Which rows are printed, and in which format.
    #[command(flatten)]
    pub listing: ShortListing,
}

/// Parses a time ahead into milliseconds.
fn parse_time_ahead(text: &str) -> Result<i64, &'static str> {
    parse_age(text).ok_or("it is a time such as 90m, 24h or 7d")
}

/// `cdx batch why`
#[derive(Debug, Args)]
pub struct WhyArgs {
    /// The batch job's number
    #[arg(value_parser = id_parser())]
    pub job: i64,
    /// One JSON object per condition
    #[arg(long)]
    pub json: bool,
}

/// `cdx batch history`
#[derive(Debug, Args)]
#[command(after_help = "--since is about the scheduled start.")]
pub struct HistoryArgs {
    /// Only this batch job
    #[arg(long, value_name = "JOB", value_parser = id_parser())]
    pub job: Option<i64>,
    /// Terms over the fields of the list; without them every row is listed.
    #[arg(long, value_name = "TERMS", allow_hyphen_values = true, help = filter_help!("status:failed took>5m -text:timeout"))]
    pub filter: Option<String>,
    /// Which rows are printed, and in which format.
    #[command(flatten)]
    pub listing: Listing,
}

/// `cdx batch log`
#[derive(Debug, Args)]
pub struct LogArgs {
    /// The number of the history row, as `cdx batch history` prints it
    #[arg(value_parser = id_parser())]
    pub history: i64,
    /// One JSON object per line
    #[arg(long)]
    pub json: bool,
}

/// `cdx batch submit`
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools)] // these are flags
pub struct SubmitArgs {
    /// Task description
    #[arg(long, value_name = "TEXT", default_value = "Process status messages")]
    pub description: String,
    /// Batch group [default: the default group]
    #[arg(long, value_name = "GROUP", default_value = "")]
    pub group: String,
    /// Scheduled start, RFC 3339 [default: now]
    #[arg(long, value_name = "T")]
    pub start: Option<String>,
    /// Recurrence: "every 15 min on weekdays", "last friday monthly 23:30" or a cron line
    #[arg(long, value_name = "WORDS", conflicts_with = "rule")]
    pub recurrence: Option<String>,
    /// Time zone of a recurrence in words [default: TZ, or this machine's]
    #[arg(long, value_name = "ZONE")]
    pub zone: Option<String>,
    /// Recurrence as a rule in JSON, from a file or - for standard input
    #[arg(long, value_name = "FILE")]
    pub rule: Option<PathBuf>,
    /// Only purge
    #[arg(long, conflicts_with = "no_purge")]
    pub no_transfer: bool,
    /// Only transfer
    #[arg(long)]
    pub no_purge: bool,
    /// Runs only while a console of its creator is open; no batch server takes it
    #[arg(long)]
    pub private: bool,
    /// Maximum retries of a failed run
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(i64).range(0..=100))]
    pub retries: i64,
    /// Pause before the first retry, from 0s to 15m, such as 30s; further pauses are longer
    #[arg(long, value_name = "AGE", default_value = "30s", value_parser = retry_pause)]
    pub retry_pause: i64,
    /// After an error: go_on at the next start, or stop the recurrence
    #[arg(long, value_name = "WORD", default_value = "go_on")]
    pub after_error: String,
    /// After missed starts: run_once (one run immediately), or skip to the next start
    #[arg(long, value_name = "WORD", default_value = "run_once")]
    pub missed: String,
    /// Save job to history: always, errors_only, never
    #[arg(long, value_name = "WORD", default_value = "always")]
    pub history: String,
    /// Print the job as one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Parses a pause before a retry into milliseconds.
fn retry_pause(text: &str) -> Result<i64, &'static str> {
    let within = |pause: &i64| (0..=LONGEST_RETRY_PAUSE).contains(pause);
    parse_age(text).filter(within).ok_or("it is from 0s to 15m, such as 30s or 5m")
}

/// `cdx batch change-status`
#[derive(Debug, Args)]
pub struct ChangeStatusArgs {
    /// The batch job's number
    #[arg(value_parser = id_parser())]
    pub job: i64,
    /// The new status: withhold, waiting, canceling or canceled
    #[arg(value_name = "STATUS")]
    pub status: String,
    /// Reason, for the journal and for `cdx batch why`
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Refuse unless the job still has this version, as `cdx batch jobs --json` prints it
    #[arg(long, value_name = "N", value_parser = version_parser())]
    pub if_version: Option<i64>,
    /// Print the job as one JSON object
    #[arg(long)]
    pub json: bool,
}

/// `cdx batch delete`
#[derive(Debug, Args)]
pub struct DeleteArgs {
    /// Numbers of batch jobs
    #[arg(value_name = "JOB", required_unless_present = "status", conflicts_with = "status", value_parser = id_parser())]
    pub jobs: Vec<i64>,
    /// All jobs with this status: withhold, waiting, error, ended or canceled
    #[arg(long, value_name = "STATUS")]
    pub status: Option<String>,
    /// Refuse unless the one job still has this version, as `cdx batch jobs --json` prints it
    #[arg(long, value_name = "N", conflicts_with = "status", value_parser = version_parser())]
    pub if_version: Option<i64>,
    /// The format in which rows are printed.
    #[command(flatten)]
    pub format: JsonArgs,
}

/// `cdx batch server`
#[derive(Debug, Args)]
pub struct ServerArgs {
    /// The batch server's name
    pub name: String,
    /// The groups it serves from now on, separated by commas; an empty name is the default group
    #[arg(long, value_name = "GROUPS", value_delimiter = ',')]
    pub groups: Option<Vec<String>>,
    /// Its windows from now on, with threads: 20:00-02:00=4; several separated by commas
    #[arg(long, value_name = "WINDOWS", value_delimiter = ',')]
    pub windows: Option<Vec<String>>,
    /// The time zone of its windows, such as Europe/Amsterdam
    #[arg(long, value_name = "ZONE")]
    pub zone: Option<String>,
    /// Whether it may run batch jobs: true or false
    #[arg(long, value_name = "BOOL")]
    pub is_batch_server: Option<bool>,
    /// Refuse unless its settings still have this version, as `cdx batch servers --json` prints it
    #[arg(long, value_name = "N", value_parser = version_parser())]
    pub if_version: Option<i64>,
    /// The format in which rows are printed.
    #[command(flatten)]
    pub format: JsonArgs,
}

/// `cdx batch group`
#[derive(Debug, Args)]
pub struct GroupArgs {
    /// The batch group's name
    pub name: String,
    /// Its description
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub description: String,
    /// Delete it; refused while it contains a batch job
    #[arg(long)]
    pub delete: bool,
    /// Refuse unless the group still has this version, as `cdx batch groups --json` prints it
    #[arg(long, value_name = "N", value_parser = version_parser())]
    pub if_version: Option<i64>,
    /// The format in which rows are printed.
    #[command(flatten)]
    pub format: JsonArgs,
}
