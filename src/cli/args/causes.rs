//! Arguments of `cdx errors`.

use crate::cli::args::{Listing, version_parser};
use clap::{Args, Subcommand};

/// `cdx errors`
#[derive(Debug, Args)]
#[command(after_help = "--since is about when the error occurred, by the reporter's clock.")]
#[command(args_conflicts_with_subcommands = true)]
pub struct Errors {
    /// The action; without one the causes are listed
    #[command(subcommand)]
    pub action: Option<ErrorsAction>,
    /// Only rows that match these terms, as in the console: "store:LON* open>0 -text:timeout";
    /// times are UTC
    #[arg(long, value_name = "TERMS", allow_hyphen_values = true)]
    pub filter: Option<String>,
    /// The list.
    #[command(flatten)]
    pub listing: Listing,
}

/// Actions on a cause.
#[derive(Debug, Subcommand)]
pub enum ErrorsAction {
    /// Show all operators that you work on a cause, until a time
    Take {
        /// The text of the cause as `cdx errors` prints it, or a part of it that no other cause has
        #[arg(value_name = "CAUSE")]
        cause: String,
        /// When it ends by itself: 2h, 06:00, 2026-11-27 or RFC 3339; times are UTC
        #[arg(long, value_name = "TIME")]
        until: String,
        /// A remark, such as "waits for the DBA"
        #[arg(long, value_name = "TEXT", default_value = "")]
        remark: String,
        /// Even if another operator is on it
        #[arg(long)]
        replace: bool,
    },
    /// End your work on a cause, or that of another operator
    GiveBack {
        /// The text of the cause as `cdx errors` prints it, or a part of it that no other cause has
        #[arg(value_name = "CAUSE")]
        cause: String,
    },
    /// Set the note on a cause; an empty text removes it
    Note {
        /// The text of the cause as `cdx errors` prints it, or a part of it that no other cause has
        #[arg(value_name = "CAUSE")]
        cause: String,
        /// The note
        #[arg(value_name = "TEXT", allow_hyphen_values = true)]
        text: String,
        /// Refuse unless the cause still has this version, as `cdx errors --json` prints it
        #[arg(long, value_name = "N", value_parser = version_parser())]
        if_version: Option<i64>,
    },
    /// Mute a cause: it is listed last and hides nothing
    Mute {
        /// The text of the cause as `cdx errors` prints it, or a part of it that no other cause has
        #[arg(value_name = "CAUSE")]
        cause: String,
        /// When it ends by itself: 2h, 06:00, 2026-11-27 or RFC 3339; times are UTC
        #[arg(long, value_name = "TIME", default_value = "7d")]
        until: String,
        /// Refuse unless the cause still has this version, as `cdx errors --json` prints it
        #[arg(long, value_name = "N", value_parser = version_parser())]
        if_version: Option<i64>,
    },
    /// Unmute a cause
    Unmute {
        /// The text of the cause as `cdx errors` prints it, or a part of it that no other cause has
        #[arg(value_name = "CAUSE")]
        cause: String,
        /// Refuse unless the cause still has this version, as `cdx errors --json` prints it
        #[arg(long, value_name = "N", value_parser = version_parser())]
        if_version: Option<i64>,
    },
}
