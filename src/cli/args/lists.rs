//! The flags of the lists.

use clap::{Args, Subcommand, ValueEnum};

/// How a list is printed and where it ends.
#[derive(Debug, Args)]
pub struct Listing {
    /// Only since then: RFC 3339, a date (UTC), or an age such as 90m, 24h, 7d
    #[arg(long, value_name = "T")]
    pub since: Option<String>,
    /// The newest so many
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(i64).range(1..=1_000_000_000))]
    pub limit: i64,
    /// One JSON object per line, with every value whole
    #[arg(long, conflicts_with = "csv")]
    pub json: bool,
    /// Comma-separated values, safe to open in a spreadsheet
    #[arg(long)]
    pub csv: bool,
}

/// `cdx sessions`
#[derive(Debug, Args)]
pub struct Sessions {
    /// Which form
    #[arg(value_enum)]
    pub direction: DirectionArg,
    /// Only these statuses, such as apply_failed; several with commas
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
    /// Show No data, too
    #[arg(long)]
    pub all: bool,
    /// The list itself; --since looks at when the session was last modified
    #[command(flatten)]
    pub listing: Listing,
}

/// `cdx messages`
#[derive(Debug, Args)]
pub struct Messages {
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
    /// The list itself; --since looks at when it happened, by the reporter's clock
    #[command(flatten)]
    pub listing: Listing,
}

/// `cdx errors`
#[derive(Debug, Args)]
pub struct Errors {
    /// The list itself; --since looks at when the error happened, by the reporter's clock
    #[command(flatten)]
    pub listing: Listing,
}

/// `cdx rejected`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Rejected {
    /// What to do with them; nothing lists them
    #[command(subcommand)]
    pub action: Option<RejectedAction>,
    /// Dismissed ones, too
    #[arg(long)]
    pub all: bool,
    /// The list itself; --since looks at when the message was put aside
    #[command(flatten)]
    pub listing: Listing,
}

/// What to do with rejected messages.
#[derive(Debug, Subcommand)]
pub enum RejectedAction {
    /// Try them again; those that make sense now come to head office
    Retry(Chosen),
    /// Dismiss them: they leave the list, and go with the next purge past their retention
    Dismiss(Chosen),
}

/// Which rejected messages.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct Chosen {
    /// Their numbers, as listed
    #[arg(value_name = "ID", value_parser = crate::cli::args::number())]
    pub ids: Vec<i64>,
    /// All that are not dismissed
    #[arg(long)]
    pub all: bool,
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
pub struct Session {
    /// What to do with it
    #[command(subcommand)]
    pub action: SessionCommand,
}

/// What can be done with a session.
#[derive(Debug, Subcommand)]
pub enum SessionCommand {
    /// Ask the agents to stop trying; shown at head office at once
    Cancel(ActOnSession),
    /// Offer a download again, in its next round; mark an upload to be repeated by a new session
    Rerun(ActOnSession),
    /// Take a cancel or the mark of an upload back, as long as no agent has taken the request
    Undo(ActOnSession),
}

/// `cdx session cancel`, `rerun` and `undo`
#[derive(Debug, Args)]
pub struct ActOnSession {
    /// Which form
    #[arg(value_enum)]
    pub direction: DirectionArg,
    /// The session's number
    #[arg(value_name = "NUMBER")]
    pub number: i64,
    /// On which channel database; may be left out when there is only one
    #[arg(long, value_name = "STORE")]
    pub store: Option<String>,
    /// Why, for the agents and for the journal
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// Print the session as one JSON object
    #[arg(long)]
    pub json: bool,
}

/// `cdx requests`
#[derive(Debug, Args)]
pub struct Requests {
    /// Take what waits for this agent: requests of the channel databases that it serves, so that no other agent gets them
    #[arg(long, value_name = "AGENT", conflicts_with = "hand_over")]
    pub take: Option<String>,
    /// With --take: the agent also serves this channel database from now on; refused where another agent does. May be repeated; an
    /// empty name takes requests about packages for which no agent is known
    #[arg(long, value_name = "STORE", requires = "take")]
    pub store: Vec<String>,
    /// For operators: make the agent of --to serve this channel database, whichever agent did before
    #[arg(long, value_name = "STORE", requires = "to")]
    pub hand_over: Option<String>,
    /// With --hand-over: the agent that serves the channel database from now on
    #[arg(long, value_name = "AGENT", requires = "hand_over")]
    pub to: Option<String>,
    /// The list itself
    #[command(flatten)]
    pub listing: Listing,
}
