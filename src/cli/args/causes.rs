//! Arguments of `cdx errors`.

use crate::cli::args::output::filter_help;
use crate::cli::args::{JsonArgs, Listing, version_parser};
use clap::{Args, Subcommand};

/// `cdx errors`
#[derive(Debug, Args)]
#[command(after_help = "--since is about when the error occurred, by the reporter's clock.")]
#[command(args_conflicts_with_subcommands = true)]
pub struct ErrorsArgs {
    /// The action; without one the causes are listed
    #[command(subcommand)]
    pub action: Option<ErrorsAction>,
    /// Terms over the fields of the list; without them every row is listed.
    #[arg(long, value_name = "TERMS", allow_hyphen_values = true, help = filter_help!("store:LON* open>0 -text:timeout"))]
    pub filter: Option<String>,
    /// Which rows are printed, and in which format.
    #[command(flatten)]
    pub listing: Listing,
}

/// Actions on a cause.
#[derive(Debug, Subcommand)]
pub enum ErrorsAction {
    /// Show all operators that you work on a cause, until a time
    Take {
        /// The cause.
        #[command(flatten)]
        cause: CauseArg,
        /// When it ends by itself: 2h, 06:00, 2026-11-27 or RFC 3339; times are UTC
        #[arg(long, value_name = "TIME")]
        until: String,
        /// A remark, such as "waits for the DBA"
        #[arg(long, value_name = "TEXT", default_value = "")]
        remark: String,
        /// Even if another operator has taken it
        #[arg(long)]
        replace: bool,
        /// The format in which rows are printed.
        #[command(flatten)]
        format: JsonArgs,
    },
    /// End your work on a cause, or that of another operator
    GiveBack {
        /// The cause.
        #[command(flatten)]
        cause: CauseArg,
        /// The format in which rows are printed.
        #[command(flatten)]
        format: JsonArgs,
    },
    /// Set the note on a cause; an empty text removes it
    Note {
        /// The cause.
        #[command(flatten)]
        cause: CauseArg,
        /// The note
        #[arg(value_name = "TEXT", allow_hyphen_values = true)]
        text: String,
        /// Its version.
        #[command(flatten)]
        version: CauseVersion,
        /// The format in which rows are printed.
        #[command(flatten)]
        format: JsonArgs,
    },
    /// Mute a cause: it is listed last and hides nothing
    Mute {
        /// The cause.
        #[command(flatten)]
        cause: CauseArg,
        /// When it ends by itself: 2h, 06:00, 2026-11-27 or RFC 3339; times are UTC
        #[arg(long, value_name = "TIME", default_value = "7d")]
        until: String,
        /// Its version.
        #[command(flatten)]
        version: CauseVersion,
        /// The format in which rows are printed.
        #[command(flatten)]
        format: JsonArgs,
    },
    /// Unmute a cause
    Unmute {
        /// The cause.
        #[command(flatten)]
        cause: CauseArg,
        /// Its version.
        #[command(flatten)]
        version: CauseVersion,
        /// The format in which rows are printed.
        #[command(flatten)]
        format: JsonArgs,
    },
}

/// A cause on the command line.
#[derive(Debug, Args)]
pub struct CauseArg {
    /// The text of the cause as `cdx errors` prints it, or a part of it that no other cause has
    #[arg(value_name = "CAUSE")]
    pub cause: String,
}

/// The version of a cause that a change is based on.
#[derive(Debug, Args)]
pub struct CauseVersion {
    /// Refuse unless the cause still has this version, as `cdx errors --json` prints it
    #[arg(long, value_name = "N", value_parser = version_parser())]
    pub if_version: Option<i64>,
}
