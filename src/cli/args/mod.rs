//! The command line for clap: every command, flag and help text.

mod alerts;
mod approvals;
mod batch;
mod batch_alerts;
mod causes;
mod housekeeping;
mod lists;
mod output;
mod overview;
mod process;
mod recurrence;
mod silences;
mod state;
mod trash;

pub use alerts::{AlertSettingsArgs, AlertsAction, AlertsArgs, DeadlinesAction, DeadlinesArgs};
pub use approvals::{ApprovalsAction, ApprovalsArgs};
pub use batch::{
    BatchAction, BatchArgs, BatchServerArgs, ChangeStatusArgs, DeleteArgs, GroupArgs, HistoryArgs, JobsArgs, LogArgs,
    LogForm, ServerArgs, StartsArgs, SubmitArgs, WhyArgs,
};
pub use batch_alerts::{BatchAlertsArgs, ChannelArgs};
pub use causes::{CauseArg, CauseVersion, ErrorsAction, ErrorsArgs};
pub use housekeeping::{BundleArgs, CompletionsArgs, ConfigAction, ConfigArgs, DoctorArgs, HandoverArgs, ManArgs};

use clap::{Args, Parser, Subcommand};
pub use lists::{
    ActOnSessionArgs, DirectionArg, JournalAction, JournalArgs, MessagesArgs, RejectedAction, RejectedArgs,
    RejectedChange, RejectedSelection, RequestsArgs, SessionArgs, SessionCommand, SessionsArgs, ViewsArgs,
};
pub use output::{Format, JsonArgs, JsonLinesArgs, Listing, ShortListing};
pub use overview::{StoreArgs, TotalsArgs, TotalsList};
pub use process::ProcessArgs;
pub use recurrence::{NextOccurrencesArgs, RecurrenceAction, RecurrenceArgs};
pub use silences::{SilencesAction, SilencesArgs};
pub use state::{ConnectionsAction, ConnectionsArgs, NotificationsArgs, RunsArgs, SchedulesArgs, WatchArgs};
pub use trash::{RestoreArgs, TrashAction, TrashArgs};

use std::path::PathBuf;

/// Exchange console for Commerce Data Exchange.
///
/// Without a command, cdx opens the console, where you run Process status messages and watch every
/// session. The stores' agents post status messages into the message database; cdx transfers them
/// to head office, where operators read the state of each session, and purges expired rows from
/// both databases.
#[derive(Debug, Parser)]
#[command(name = "cdx", version, after_help = EXIT_CODES, max_term_width = 110)]
pub struct Cli {
    /// The global options.
    #[command(flatten)]
    pub global: Global,
    /// The command; `None` opens the console.
    #[command(subcommand)]
    pub command: Option<Command>,
}

const EXIT_CODES: &str = "Exit codes: 0 done, 1 failed, 2 usage or configuration, 3 done with rejected or bad lines, \
4 another runner holds the lease, a batch server of that name is running, or the database to copy is in use, \
130 interrupted.\n\nStart with: cdx demo";

/// Options of every command, before or after its name.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// Configuration file [env: CDX_CONFIG]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Head-office database, such as sqlite:/var/lib/cdx/head-office.db [env: CDX_HEAD_OFFICE]
    #[arg(long, global = true, value_name = "URL")]
    pub head_office: Option<String>,
    /// Message database, such as sqlite:/var/lib/cdx/message.db [env: CDX_MESSAGE_DATABASE]
    #[arg(long, global = true, value_name = "URL")]
    pub message_database: Option<String>,
    /// Open databases read-only and refuse every command that would change something
    #[arg(long, global = true)]
    pub read_only: bool,
    /// When to use colors: auto, always, never
    #[arg(long, global = true, value_name = "WHEN")]
    pub color: Option<String>,
    /// Theme of the console: auto, 24bit, 256, 16, mono [env: CDX_THEME]
    #[arg(long, global = true, value_name = "NAME")]
    pub theme: Option<String>,
    /// Reason for the change, for a guardrail that asks for one and for the journal
    #[arg(long, global = true, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Number of rows that the change is to make, for a guardrail that asks for it
    #[arg(long, global = true, value_name = "COUNT", value_parser = clap::value_parser!(i64).range(0..))]
    pub confirm: Option<i64>,
    /// Show the console as lines with numbered choices, for screen readers, dumb terminals and logs
    #[arg(long)]
    pub plain: bool,
    /// Draw the console with ASCII characters only
    #[arg(long, global = true)]
    pub ascii: bool,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Generate a demo exchange and open the console on it
    Demo(DemoArgs),
    /// Post status messages (JSON Lines) into the message database
    Post(PostArgs),
    /// Process status messages once, now: transfer them to head office, then purge expired rows
    Process(ProcessArgs),
    /// Show how old the status is, why it is stale, and what runs next
    Freshness(JsonArgs),
    /// Show what needs attention, as the Overview of the console does
    Overview(JsonArgs),
    /// Show the last state of each job at each store
    Matrix(ShortListing),
    /// Show everything of one channel database
    Store(StoreArgs),
    /// Count the rows of a list by a field
    Totals(TotalsArgs),
    /// List runs of Process status messages, newest first
    Runs(RunsArgs),
    /// List sessions, newest first
    Sessions(SessionsArgs),
    /// List status messages at head office, newest first
    Messages(MessagesArgs),
    /// List errors grouped by cause, note and mute causes, show that you work on one
    Errors(ErrorsArgs),
    /// List rejected messages, retry or dismiss them
    Rejected(RejectedArgs),
    /// List purged sessions in the trash, restore them, or delete them for good
    Trash(TrashArgs),
    /// Cancel or rerun a session, or undo that
    Session(SessionArgs),
    /// List requests to agents, or take them
    Requests(RequestsArgs),
    /// List distribution schedules with their open sessions
    Schedules(SchedulesArgs),
    /// List channel databases and agents, or set a note or a time zone
    Connections(ConnectionsArgs),
    /// List your notifications, newest first
    Notifications(NotificationsArgs),
    /// List saved and shipped views of the console's lists
    Views(ViewsArgs),
    /// List who changed what, or prove that the journal is complete
    Journal(JournalArgs),
    /// Run due batch jobs, no terminal needed
    BatchServer(BatchServerArgs),
    /// Manage batch jobs, their history, batch servers and groups
    Batch(BatchArgs),
    /// List what alert rules found, or set the rules that you are notified of
    Alerts(AlertsArgs),
    /// List deadlines, add or remove one
    Deadlines(DeadlinesArgs),
    /// List silences of alerts, start or end one
    Silences(SilencesArgs),
    /// List changes that wait for a second login, or approve one
    Approvals(ApprovalsArgs),
    /// Print when a recurrence occurs
    Recurrence(RecurrenceArgs),
    /// Show or set the Retail scheduler parameters
    Parameters(ParametersArgs),
    /// Copy a database to another location or engine, verified and resumable
    Copy(CopyArgs),
    /// Check program, databases and clocks
    Doctor(DoctorArgs),
    /// Write a support bundle: one file that says what state the exchange is in
    Bundle(BundleArgs),
    /// Print one page about a shift: runs, misses, new causes, changes, holds, what is stuck
    Handover(HandoverArgs),
    /// Print changes as they happen: runs, new causes, sessions, batch servers, alerts
    Watch(WatchArgs),
    /// Print the state of the exchange as Prometheus metrics
    Metrics,
    /// Show the configuration and where each value comes from
    Config(ConfigArgs),
    /// Print shell completions
    Completions(CompletionsArgs),
    /// Print the manual page, or write all of them
    Man(ManArgs),
}

/// Parses a number that the program assigns, from 1.
fn id_parser() -> clap::builder::RangedI64ValueParser<i64> {
    clap::value_parser!(i64).range(1..)
}

/// Parses the version of a row, which counts its changes.
fn version_parser() -> clap::builder::RangedI64ValueParser<i64> {
    clap::value_parser!(i64).range(0..)
}

/// `cdx demo`
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Folder for the demo exchange [default: demo in the program's data folder]; an earlier demo
    /// there is replaced
    #[arg(long, value_name = "FOLDER")]
    pub dir: Option<PathBuf>,
    /// Number of stores
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub stores: u32,
    /// Approximate number of messages
    #[arg(long, default_value_t = 200_000, value_parser = clap::value_parser!(u64).range(100..=50_000_000))]
    pub messages: u64,
    /// Seed of the random choices; the same seed makes the same exchange, dated back from now
    #[arg(long, default_value_t = 2012)]
    pub seed: u64,
    /// Process the messages and print the result instead of opening the console
    #[arg(long)]
    pub no_console: bool,
}

/// `cdx post`
#[derive(Debug, Args)]
pub struct PostArgs {
    /// Files of JSON Lines; - is standard input
    #[arg(value_name = "FILE", default_value = "-")]
    pub files: Vec<PathBuf>,
    /// Post nothing of a file that has a bad line
    #[arg(long)]
    pub strict: bool,
    /// Print the counts as one JSON object
    #[arg(long)]
    pub json: bool,
}

/// `cdx parameters`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct ParametersArgs {
    /// The change; without one they are listed
    #[command(subcommand)]
    pub action: Option<ParametersAction>,
    /// Print them as one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Changes of the parameters.
#[derive(Debug, Subcommand)]
pub enum ParametersAction {
    /// Set one parameter
    Set {
        /// Its name, as `cdx parameters` lists it, such as retention-days
        #[arg(value_name = "KEY")]
        key: String,
        /// A whole number; 0 keeps for ever, or tries without limit
        #[arg(value_name = "VALUE", allow_hyphen_values = true)]
        value: String,
        /// Refuse unless the parameter still has this version, as `cdx parameters --json` prints it
        #[arg(long, value_name = "N", value_parser = version_parser())]
        if_version: Option<i64>,
        /// Print what the next purge would delete with this value, and change nothing
        #[arg(long, conflicts_with = "if_version")]
        dry_run: bool,
        /// The format in which rows are printed.
        #[command(flatten)]
        format: JsonArgs,
    },
}

/// `cdx copy`
#[derive(Debug, Args)]
pub struct CopyArgs {
    /// The database to copy, head office or message database, such as
    /// sqlite:/var/lib/cdx/head-office.db
    #[arg(long, value_name = "URL")]
    pub from: String,
    /// An empty database, such as postgres://cdx@hq/head_office
    #[arg(long, value_name = "URL")]
    pub to: String,
    /// Print tables, rows and digests as one JSON object
    #[arg(long)]
    pub json: bool,
}

#[cfg(test)]
mod tests {
    use super::Cli;
    use clap::builder::ValueParser;
    use clap::error::ErrorKind;
    use clap::{Command, CommandFactory};

    #[test]
    fn the_command_line_is_valid() {
        super::Cli::command().debug_assert();
    }

    /// Visits every command with the words that lead to it.
    fn walk(command: &Command, path: &[String], visit: &mut dyn FnMut(&Command, &[String])) {
        visit(command, path);
        for sub in command.get_subcommands() {
            walk(sub, &[path, &[sub.get_name().to_owned()]].concat(), visit);
        }
    }

    fn refusal(words: Vec<String>) -> Option<ErrorKind> {
        Cli::command().try_get_matches_from(words).err().map(|error| error.kind())
    }

    #[test]
    fn every_number_is_refused_outside_of_its_limits() {
        let numbers: [ValueParser; 4] = [
            clap::value_parser!(i64).into(),
            clap::value_parser!(u64).into(),
            clap::value_parser!(u32).into(),
            clap::value_parser!(u16).into(),
        ];
        let mut seen = 0;
        walk(&Cli::command(), &["cdx".to_owned()], &mut |command, path| {
            for arg in command.get_arguments() {
                let is_number = numbers.iter().any(|number| number.type_id() == arg.get_value_parser().type_id());
                // A session number is assigned by the exchange and may be any number.
                if !is_number || ["session", "number"].contains(&arg.get_id().as_str()) {
                    continue;
                }
                for value in ["-1", "99999999999999999999", "1.5", "x"] {
                    let word = arg.get_long().map_or_else(|| value.to_owned(), |long| format!("--{long}={value}"));
                    let kind = refusal([path, std::slice::from_ref(&word)].concat());
                    assert!(
                        matches!(kind, Some(ErrorKind::ValueValidation | ErrorKind::UnknownArgument)),
                        "{path:?} {word}: {kind:?}"
                    );
                }
                seen += 1;
            }
        });
        assert!(seen >= 12, "only {seen} were found");
        for (pause, refused) in
            [("15m", false), ("1s", false), ("901s", true), ("16m", true), ("1h", true), ("0s", false), ("5", true)]
        {
            let kind = refusal(["cdx", "batch", "submit", "--retry-pause", pause].map(str::to_owned).to_vec());
            assert_eq!(kind == Some(ErrorKind::ValueValidation), refused, "{pause}");
        }
    }
}
