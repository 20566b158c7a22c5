//! `cdx rejected`: lists, retries and dismisses rejected messages.

use crate::cli::args::{RejectedAction, RejectedArgs, RejectedChange, RejectedSelection};
use crate::cli::context::{Context, operator};
use crate::cli::exit::{CommandResult, Exit, Failure};
use crate::cli::filter;
use crate::cli::output::{List, one_more, report};
use crate::cli::since;
use crate::cli::terminal::print_message;
use crate::clock::{Clock, SystemClock};
use crate::domain::{grouped, to_json};
use crate::engine::{RetryOutcome, retry_rejected};
use crate::filter::lists;
use crate::store::head_office::{Rejected, RejectedFilter};
use crate::store::{Access, HeadOffice};
use serde_json::json;

const LIST: List<Rejected> = List {
    columns: &["Id", "Rejected (UTC)", "Message id", "Run", "Reason", "Message"],
    cells: |rejected| {
        vec![
            rejected.rejected_id.into(),
            rejected.rejected_at.to_table().into(),
            rejected.message_id.into(),
            rejected.run_id.into(),
            rejected.reason.clone().into(),
            rejected.raw.clone().into(),
        ]
    },
    json: to_json,
};

/// Lists, retries or dismisses.
pub fn run(context: &Context, args: &RejectedArgs) -> CommandResult {
    match &args.action {
        None => list(context, args),
        Some(RejectedAction::Retry(chosen)) => retry(context, chosen),
        Some(RejectedAction::Dismiss(chosen)) => dismiss(context, chosen),
    }
}

fn list(context: &Context, args: &RejectedArgs) -> CommandResult {
    let since = args.listing.since.as_deref().map(|text| since::parse(text, SystemClock.now())).transpose()?;
    let office = context.head_office_to_read()?;
    let read = |limit| Ok(office.rejected(&RejectedFilter { ids: Vec::new(), since, dismissed: args.all, limit })?);
    let rejected = filter::keep_since(args.filter.as_deref(), lists::REJECTED, one_more(&args.listing), read)?;
    LIST.print(rejected, &args.listing, context.style())?;
    Ok(Exit::Done)
}

fn retry(context: &Context, args: &RejectedChange) -> CommandResult {
    context.refuse_if_read_only("rejected retry")?;
    let office = context.head_office_to_change(Access::Existing)?;
    let (mut inserted, mut known, mut still) = (0, 0, Vec::new());
    let chosen = chosen_messages(&office, &args.chosen)?;
    for (rejected, outcome) in chosen.iter().zip(retry_rejected(&office, &chosen, &operator())?) {
        match outcome {
            RetryOutcome::Inserted => inserted += 1,
            RetryOutcome::Known => known += 1,
            RetryOutcome::Still(reason) => {
                if !args.format.json {
                    print_message(&format!("{}: {reason}", rejected.rejected_id));
                }
                still.push(json!({"rejected_id": rejected.rejected_id, "reason": reason}));
            }
        }
    }
    let count = grouped(still.len());
    let sentence = format!("{} inserted, {} already known, {count} still rejected", grouped(inserted), grouped(known));
    let exit = if still.is_empty() { Exit::Done } else { Exit::Partial };
    report(args.format.json, &json!({"inserted": inserted, "known": known, "rejected": still}), &sentence)?;
    Ok(exit)
}

fn dismiss(context: &Context, args: &RejectedChange) -> CommandResult {
    context.refuse_if_read_only("rejected dismiss")?;
    let office = context.head_office_to_change(Access::Existing)?;
    let ids: Vec<_> = chosen_messages(&office, &args.chosen)?.iter().map(|rejected| rejected.rejected_id).collect();
    let dismissed = office.dismiss_rejected(&ids, &operator())?;
    report(args.format.json, &json!({"dismissed": dismissed}), &format!("{} dismissed", grouped(dismissed)))?;
    Ok(Exit::Done)
}

/// Returns the chosen messages; an unknown number is an error before anything is changed.
fn chosen_messages(office: &HeadOffice, chosen: &RejectedSelection) -> Result<Vec<Rejected>, Failure> {
    let filter = RejectedFilter { ids: chosen.ids.clone(), since: None, dismissed: !chosen.all, limit: i64::MAX };
    let found = office.rejected(&filter)?;
    for id in &chosen.ids {
        if !found.iter().any(|rejected| rejected.rejected_id == *id) {
            let text = format!("there is no rejected message {id}; cdx rejected lists them");
            return Err(Failure::Message(Exit::Failed, text));
        }
    }
    Ok(found)
}
