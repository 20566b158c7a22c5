//! The purge: message database first, then head office; counted and checked before the first row is
//! deleted.

mod head_office;
mod message_database;
mod pace;
mod plan;
mod receipt;
mod start_checks;

pub use plan::ExpiredRows;
pub(super) use start_checks::{guardrail, share};

use self::message_database::PurgeRight;
use self::plan::Plan;
use crate::domain::{Cutoffs, Outcome, QuotedPreview, Step};
use crate::engine::context::{Context, Tally};
use crate::engine::event::RunEvent;
use crate::engine::retry;
use crate::store::StoreError;
use crate::store::head_office::{ConfirmedPurge, PurgeReceipt};

/// Purges what has expired, or reports why not.
pub(super) fn purge(context: &Context, tally: &mut Tally) -> Result<Outcome, StoreError> {
    let parameters = retry::with_reconnect(context, tally, |_| context.office.parameters())?;
    // Once: the cutoffs are of the instant that is compared with the clocks of the databases.
    let now = context.clock.now();
    let cutoffs = Cutoffs::new(&parameters, now);
    if cutoffs.keep_everything() && !retry::with_reconnect(context, tally, |_| context.office.has_trash())? {
        return Ok(Outcome::Ended);
    }
    retry::with_reconnect(context, tally, |_| start_checks::check_clocks(context, now))?;
    retry::with_reconnect(context, tally, |_| {
        let database_id = context.message_database.exchange()?.database_id;
        context.office.note_step(&context.claim, &database_id, Step::Preview)
    })?;
    context.events.send(RunEvent::Step(Step::Preview));
    let right = retry::with_reconnect(context, tally, |tally| message_database::purge_right(context, tally, cutoffs))?;
    let claim = match right {
        PurgeRight::Claim(claim) => Some(claim),
        PurgeRight::NothingToTake => None,
        PurgeRight::Refused => return Ok(Outcome::Ended),
    };
    let plan = retry::with_reconnect(context, tally, |_| {
        context.keeping_lease(|| Plan::new(context, cutoffs, claim.clone()))
    })?;
    tally.kept_unresolved = plan.expired.head_office.kept_unresolved;
    let held = retry::with_reconnect(context, tally, |_| {
        context.keeping_lease(|| start_checks::held(context, &plan, parameters.shortest_retention_days()))
    })?;
    if let Some(why) = held {
        tally.purge_held = true;
        context.notice(tally, why);
        return Ok(Outcome::Ended);
    }
    let preview = quoted(context, tally)?;
    let quote = preview.as_ref().map(|of| QuotedPreview { preview_id: of.preview_id, rows: of.rows });
    tally.preview = quote;
    let rows = plan.expired.rows();
    // A guardrail's count confirms a purge as --confirm-purge does.
    let confirmed = context.options.confirm_purge.or(context.databases.authority.consent.confirmed);
    let confirmed = confirmed.filter(|_| rows > 0);
    let confirmed =
        confirmed.map(|confirmed| ConfirmedPurge { operator: &context.options.requested_by, rows, confirmed });
    retry::with_reconnect(context, tally, |_| {
        context.office.note_purge(&context.claim, parameters.shortest_retention_days(), quote, confirmed.as_ref())
    })?;
    let finished = message_database::purge(context, tally, &plan)? && head_office::purge(context, tally, &plan)?;
    tally.purge_finished = finished;
    if let Some(preview) = preview {
        let compared = receipt::compare(&preview, &tally.purged, finished);
        context.notice(tally, compared);
    }
    Ok(if finished { Outcome::Ended } else { Outcome::Canceled })
}

/// The preview that the run quotes.
fn quoted(context: &Context, tally: &mut Tally) -> Result<Option<PurgeReceipt>, StoreError> {
    let Some(number) = context.options.preview else { return Ok(None) };
    let preview = retry::with_reconnect(context, tally, |_| context.office.purge_preview(number))?;
    if preview.is_none() {
        context.notice(tally, format!("preview {number} does not exist or has expired; the purge was not compared"));
    }
    Ok(preview)
}
