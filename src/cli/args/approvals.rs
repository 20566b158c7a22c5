//! The arguments of `cdx approvals`.

use crate::cli::args::output::filter_help;
use crate::cli::args::{JsonArgs, ShortListing, id_parser};
use clap::{Args, Subcommand};

/// `cdx approvals`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct ApprovalsArgs {
    /// The action; without one the changes that wait are listed
    #[command(subcommand)]
    pub action: Option<ApprovalsAction>,
    /// Include those that are approved, used, closed or expired
    #[arg(long)]
    pub all: bool,
    /// Terms over the fields of the list; without them every row is listed.
    #[arg(long, value_name = "TERMS", allow_hyphen_values = true, help = filter_help!("by:m.jansen change:purge"))]
    pub filter: Option<String>,
    /// Which rows are printed, and in which format.
    #[command(flatten)]
    pub listing: ShortListing,
}

/// Actions on approvals.
#[derive(Debug, Subcommand)]
pub enum ApprovalsAction {
    /// Approve a change of another operator, within an hour of its request
    Approve {
        /// Its number, as listed
        #[arg(value_name = "APPROVAL", value_parser = id_parser())]
        approval: i64,
        /// The format in which rows are printed.
        #[command(flatten)]
        format: JsonArgs,
    },
    /// Withdraw a request of one's own, or refuse that of another operator
    Refuse {
        /// Its number, as listed
        #[arg(value_name = "APPROVAL", value_parser = id_parser())]
        approval: i64,
        /// The format in which rows are printed.
        #[command(flatten)]
        format: JsonArgs,
    },
}
