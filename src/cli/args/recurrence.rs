//! Arguments of `cdx recurrence`.

use clap::{Args, Subcommand};
use std::path::PathBuf;

/// `cdx recurrence`
#[derive(Debug, Args)]
pub struct RecurrenceArgs {
    /// The question
    #[command(subcommand)]
    pub action: RecurrenceAction,
}

/// Actions on a rule.
#[derive(Debug, Subcommand)]
pub enum RecurrenceAction {
    /// Print a rule's next occurrences
    Next(NextOccurrencesArgs),
}

/// `cdx recurrence next`
#[derive(Debug, Args)]
pub struct NextOccurrencesArgs {
    /// File with the rule as JSON; - is standard input
    #[arg(long, value_name = "FILE", default_value = "-")]
    pub rule: PathBuf,
    /// The rule in words, or a cron line, such as "last friday monthly 23:30"
    #[arg(long, value_name = "WORDS", conflicts_with = "rule")]
    pub recurrence: Option<String>,
    /// Time zone of a rule in words [default: TZ, or this machine's]
    #[arg(long, value_name = "ZONE", requires = "recurrence")]
    pub zone: Option<String>,
    /// Only occurrences after this instant: RFC 3339, or a date (UTC) [default: now]
    #[arg(long, value_name = "T")]
    pub after: Option<String>,
    /// Number of occurrences
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=1_000))]
    pub count: u16,
    /// Print them as one JSON object
    #[arg(long)]
    pub json: bool,
    /// Print the rule for iCalendar instead: DTSTART and RRULE
    #[arg(long, conflicts_with_all = ["json", "after", "count"])]
    pub rrule: bool,
}
