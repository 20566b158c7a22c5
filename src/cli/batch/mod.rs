//! `cdx batch`: the batch forms for scripts.

mod alerts;
mod change;
mod history;
mod jobs;
mod servers;
mod starts;
mod submit;

pub use alerts::{own_settings, say_last_deliveries, set_channels, test};

use crate::batch::BatchStatus;
use crate::cli::args::{BatchAction, BatchArgs};
use crate::cli::context::Context;
use crate::cli::exit::{CommandResult, Exit, Failure};
use crate::store::head_office::{EditError, Refusal};

/// Runs the command of one form.
pub fn run(context: &Context, args: &BatchArgs) -> CommandResult {
    match &args.action {
        BatchAction::Jobs(args) => jobs::list(context, args),
        BatchAction::Starts(args) => starts::list(context, args),
        BatchAction::Why(args) => jobs::why(context, args),
        BatchAction::History(args) => history::list(context, args),
        BatchAction::Log(args) => history::log(context, args),
        BatchAction::Submit(args) => submit::run(context, args),
        BatchAction::ChangeStatus(args) => change::status(context, args),
        BatchAction::Delete(args) => change::delete(context, args),
        BatchAction::Alerts(args) => alerts::run(context, args),
        BatchAction::Servers(args) => servers::list(context, args),
        BatchAction::Server(args) => servers::set(context, args),
        BatchAction::Groups(args) => servers::groups(context, args),
        BatchAction::Group(args) => servers::group(context, args),
    }
}

/// Converts a refusal of the store: a usage error if an argument is wrong, otherwise a failure.
fn refusal_failure(refusal: Refusal) -> Failure {
    match refusal {
        Refusal::Store(error) => error.into(),
        Refusal::UnknownGroup(_) | Refusal::NeverStarts => Failure::usage(refusal.to_string()),
        Refusal::Unknown(_) | Refusal::Status { .. } | Refusal::Stale(_) | Refusal::NotUndone(..) => {
            Failure::Message(Exit::Failed, refusal.to_string())
        }
    }
}

/// Converts the refusal of an edit of something other than a batch job.
pub(super) fn edit_failure(error: EditError) -> Failure {
    refusal_failure(error.into())
}

fn parse_status(word: &str) -> Result<BatchStatus, Failure> {
    BatchStatus::from_word(word).ok_or_else(|| {
        let known: Vec<_> = BatchStatus::ALL.into_iter().map(BatchStatus::word).collect();
        let shown: String = word.chars().take(40).collect();
        Failure::usage(format!("{shown:?} is not a batch job status; use {}", known.join(", ")))
    })
}
