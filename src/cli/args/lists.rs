//! Arguments of the commands about sessions, messages, errors, rejected messages and requests.

use crate::cli::args::output::filter_help;
use crate::cli::args::{Format, JsonArgs, Listing};
use crate::store::head_office::JournalHead;
use clap::{Args, Subcommand, ValueEnum};

/// `cdx sessions`
#[derive(Debug, Args)]
#[command(after_help = "--since is about the last change of a session.")]
pub struct SessionsArgs {
    /// download or upload
    #[arg(value_enum)]
    pub direction: DirectionArg,
    /// Only these statuses, such as apply_failed; several separated by commas
    #[arg(long, value_name = "STATUS", value_delimiter = ',')]
    pub status: Vec<String>,
    /// Only this channel database
    #[arg(long, value_name = "STORE")]
    pub store: Option<String>,
    /// Only this job
    #[arg(long, value_name = "JOB")]
    pub job: Option<String>,
    /// Only this distribution schedule
    #[arg(long, value_name = "SCHEDULE")]
    pub schedule: Option<String>,
    /// Include sessions with status No data
    #[arg(long)]
    pub all: bool,
    /// Terms over the fields of the list; without them every row is listed.
    #[arg(long, value_name = "TERMS", allow_hyphen_values = true, help = filter_help!("status:failed store:LON* rows>10k -text:timeout"))]
    pub filter: Option<String>,
    /// Which rows are printed, and in which format.
    #[command(flatten)]
    pub listing: Listing,
}

/// `cdx messages`
#[derive(Debug, Args)]
#[command(after_help = "--since is about when the message was reported, by the reporter's clock.")]
pub struct MessagesArgs {
    /// Only this direction
    #[arg(long, value_enum)]
    pub direction: Option<DirectionArg>,
    /// Only this session
    #[arg(long, value_name = "NUMBER")]
    pub session: Option<i64>,
    /// Only this channel database
    #[arg(long, value_name = "STORE")]
    pub store: Option<String>,
    /// Only this job
    #[arg(long, value_name = "JOB")]
    pub job: Option<String>,
    /// Terms over the fields of the list; without them every row is listed.
    #[arg(long, value_name = "TERMS", allow_hyphen_values = true, help = filter_help!("status:failed store:LON* rows>10k -text:timeout"))]
    pub filter: Option<String>,
    /// Which rows are printed, and in which format.
    #[command(flatten)]
    pub listing: Listing,
}

/// `cdx views`
#[derive(Debug, Args)]
pub struct ViewsArgs {
    /// The format in which rows are printed.
    #[command(flatten)]
    pub format: Format,
}

/// `cdx journal`
#[derive(Debug, Args)]
#[command(after_help = "--since is about when the change was made.")]
#[command(args_conflicts_with_subcommands = true)]
pub struct JournalArgs {
    /// The action; without one the changes are listed
    #[command(subcommand)]
    pub action: Option<JournalAction>,
    /// Terms over the fields of the list; without them every row is listed.
    #[arg(long, value_name = "TERMS", allow_hyphen_values = true, help = filter_help!("by:m.jansen store:S0042 age<1d"))]
    pub filter: Option<String>,
    /// Which rows are printed, and in which format.
    #[command(flatten)]
    pub listing: Listing,
}

/// Actions on the journal.
#[derive(Debug, Subcommand)]
pub enum JournalAction {
    /// Prove that no row was changed, removed, inserted or moved, and print the head
    Verify {
        /// A head that was printed and kept earlier: prove that it is still part of the journal
        #[arg(long, value_name = "NUMBER:DIGEST")]
        head: Option<JournalHead>,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
}

/// `cdx rejected`
#[derive(Debug, Args)]
#[command(after_help = "--since is about when the message was rejected.")]
#[command(args_conflicts_with_subcommands = true)]
pub struct RejectedArgs {
    /// The action; without one they are listed
    #[command(subcommand)]
    pub action: Option<RejectedAction>,
    /// Include dismissed messages
    #[arg(long)]
    pub all: bool,
    /// Terms over the fields of the list; without them every row is listed.
    #[arg(long, value_name = "TERMS", allow_hyphen_values = true, help = filter_help!("age<1d text:guid"))]
    pub filter: Option<String>,
    /// Which rows are printed, and in which format.
    #[command(flatten)]
    pub listing: Listing,
}

/// Actions on rejected messages.
#[derive(Debug, Subcommand)]
pub enum RejectedAction {
    /// Check them again; those that are valid now are inserted at head office
    Retry(RejectedChange),
    /// Dismiss them: they leave the list, and are purged after their retention
    Dismiss(RejectedChange),
}

/// The rejected messages to act on.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct RejectedSelection {
    /// Their numbers, as listed
    #[arg(value_name = "ID", value_parser = crate::cli::args::id_parser())]
    pub ids: Vec<i64>,
    /// All that are not dismissed
    #[arg(long)]
    pub all: bool,
}

/// `cdx rejected retry` and `dismiss`
#[derive(Debug, Args)]
pub struct RejectedChange {
    /// The messages.
    #[command(flatten)]
    pub chosen: RejectedSelection,
    /// The format in which rows are printed.
    #[command(flatten)]
    pub format: JsonArgs,
}

/// A direction on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DirectionArg {
    /// Head office to stores
    Download,
    /// Stores to head office
    Upload,
}

impl From<DirectionArg> for crate::domain::Direction {
    fn from(direction: DirectionArg) -> Self {
        match direction {
            DirectionArg::Download => Self::Download,
            DirectionArg::Upload => Self::Upload,
        }
    }
}

/// `cdx session`
#[derive(Debug, Args)]
pub struct SessionArgs {
    /// The action
    #[command(subcommand)]
    pub action: SessionCommand,
}

/// Actions on a session.
#[derive(Debug, Subcommand)]
pub enum SessionCommand {
    /// Ask the agents to stop trying; head office shows it immediately
    Cancel(ActOnSessionArgs),
    /// Offer a download again, in its next round; mark an upload to be repeated by a new session
    Rerun(ActOnSessionArgs),
    /// Undo a cancel or the mark of an upload, until an agent has taken the request
    Undo(ActOnSessionArgs),
}

/// `cdx session cancel`, `rerun` and `undo`
#[derive(Debug, Args)]
pub struct ActOnSessionArgs {
    /// download or upload
    #[arg(value_enum)]
    pub direction: DirectionArg,
    /// The session's number
    #[arg(value_name = "NUMBER")]
    pub number: i64,
    /// The channel database; may be omitted if the session has only one
    #[arg(long, value_name = "STORE")]
    pub store: Option<String>,
    /// Reason, for the agents and for the journal
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// Print the session as one JSON object
    #[arg(long)]
    pub json: bool,
}

/// `cdx requests`
#[derive(Debug, Args)]
pub struct RequestsArgs {
    /// Take the waiting requests of the channel databases that this agent serves; no other agent
    /// gets them
    #[arg(long, value_name = "AGENT", conflicts_with = "hand_over")]
    pub take: Option<String>,
    /// With --take: the agent also serves this channel database from now on; refused if another
    /// agent does. Repeatable; an empty name takes requests about packages that no agent has
    /// reported
    #[arg(long, value_name = "STORE", requires = "take")]
    pub store: Vec<String>,
    /// For operators: assign this channel database to the agent named by --to
    #[arg(long, value_name = "STORE", requires = "to")]
    pub hand_over: Option<String>,
    /// With --hand-over: the agent that serves the channel database from now on
    #[arg(long, value_name = "AGENT", requires = "hand_over")]
    pub to: Option<String>,
    /// Terms over the fields of the list; without them every row is listed.
    #[arg(long, value_name = "TERMS", allow_hyphen_values = true, conflicts_with_all = ["take", "hand_over"],
        help = filter_help!("action:cancel store:LON*"))]
    pub filter: Option<String>,
    /// Which rows are printed, and in which format.
    #[command(flatten)]
    pub listing: Listing,
}
