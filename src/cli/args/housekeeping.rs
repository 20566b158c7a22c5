//! Arguments of the commands about the program: checks, configuration, shift, completions, manual.

use clap::{Args, Subcommand};
use std::path::PathBuf;

/// `cdx doctor`
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Check both databases completely for damage, not only for some seconds each
    #[arg(long)]
    pub full: bool,
    /// One JSON object per check
    #[arg(long)]
    pub json: bool,
}

/// `cdx bundle`
#[derive(Debug, Args)]
#[command(after_help = "The bundle holds no passwords, and no sessions or messages; its MANIFEST lists what it holds.")]
pub struct BundleArgs {
    /// The file to write, which must not exist [default: cdx-bundle-TIME.tar.gz in this folder]
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Keep the texts of stores: error texts and rejected messages
    #[arg(long)]
    pub with_texts: bool,
    /// Print path, files, and what was left out as one JSON object
    #[arg(long)]
    pub json: bool,
}

/// `cdx handover`
#[derive(Debug, Args)]
pub struct HandoverArgs {
    /// The start of the shift: RFC 3339, a date (UTC), or an age such as 8h
    #[arg(long, value_name = "T", default_value = "8h")]
    pub since: String,
    /// Plain lines instead of Markdown
    #[arg(long, conflicts_with = "json")]
    pub text: bool,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// `cdx config`
#[derive(Debug, Args)]
pub struct ConfigArgs {
    /// The part to show
    #[command(subcommand)]
    pub action: ConfigAction,
}

/// Parts of the configuration.
#[derive(Debug, Subcommand)]
pub enum ConfigAction {
    /// Print every value and where it comes from
    Show {
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Print the path of the configuration file
    Path,
    /// Check the configuration
    Check,
}

/// `cdx completions`
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

/// `cdx man`
#[derive(Debug, Args)]
pub struct ManArgs {
    /// Write a page for every command into this folder
    #[arg(long, value_name = "FOLDER")]
    pub dir: Option<PathBuf>,
}
