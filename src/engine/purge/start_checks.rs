//! What can stop a purge before its first row: clocks that cannot be trusted, and the limit for
//! unusual purges.

use crate::domain::{
    LastSeen, PurgeShare, SHARE_LIMIT_ROWS, Timestamp, check_clocks as compare, counted, grouped, purge_limit,
};
use crate::engine::context::Context;
use crate::engine::purge::plan::{ExpiredRows, Plan};
use crate::guard::{Attempt, Authority, Decision, PURGE, Refusal, decide};
use crate::store::{HeadOffice, MessageDatabase, StoreError};

/// Refuses clocks that disagree or ran backwards, unless forced.
pub(super) fn check_clocks(context: &Context, now: Timestamp) -> Result<(), StoreError> {
    if context.options.force {
        return Ok(());
    }
    let last = LastSeen {
        run: context.office.last_run_at(Some(&context.claim))?,
        purge: context.office.last_purge_at()?,
        message: context.message_database.last_posted_at()?,
    };
    compare(now, context.message_database.now()?, context.office.now()?, last)
        .map_err(|fault| StoreError::Clock { fault })
}

/// Returns why the purge needs a confirmation; `None` if it may start.
pub(super) fn held(context: &Context, plan: &Plan, retention_days: i64) -> Result<Option<String>, StoreError> {
    let rows = plan.expired.rows();
    // First: no confirmation permits what a guardrail forbids.
    if let Some(why) = refused(context, rows)? {
        return Ok(Some(why));
    }
    let taking = counted(rows, "row");
    let share = share(&plan.expired, context.office, context.message_database)?;
    let Some(why) = purge_limit(rows, share, retention_days, &context.office.last_purges()?) else {
        return Ok(None);
    };
    match context.options.confirm_purge {
        Some(confirmed) if rows <= confirmed => Ok(None),
        Some(confirmed) => Ok(Some(format!(
            "purge held: it would take {taking}, more than the {} that were confirmed ({why}); nothing was purged",
            grouped(confirmed)
        ))),
        None => Ok(Some(format!(
            "purge held: it would take {taking}, and {why}; nothing was purged. Look at it with --dry-run, \
             then confirm with --confirm-purge {rows}"
        ))),
    }
}

/// Whether an operator who typed `confirmed` has counted the rows: never less, because no more than
/// that are deleted, and at most one percent more, because rows expire meanwhile.
fn is_count(confirmed: i64, rows: i64) -> bool {
    confirmed >= rows && confirmed.abs_diff(rows).saturating_mul(100) <= rows.unsigned_abs()
}

/// Returns why a guardrail holds the purge; `None` if none does.
fn refused(context: &Context, rows: i64) -> Result<Option<String>, StoreError> {
    let options = context.options;
    let confirmed = options.confirm_purge.or(context.office.authority().consent.confirmed);
    let job = options.for_job.as_ref().map(|job| format!("batch job {}", job.job_id));
    let attempt = Attempt {
        rows,
        confirmed: confirmed.map(|confirmed| if is_count(confirmed, rows) { rows } else { confirmed }),
        is_scheduled: job.is_some(),
        ..Attempt::new(&options.requested_by, PURGE, job.as_deref().unwrap_or("both databases"))
    };
    match context.office.permit(&attempt) {
        Ok(_) => Ok(None),
        Err(StoreError::Refused(refusal)) => Ok(Some(format!("purge held: {refusal}; nothing was purged"))),
        Err(error) => Err(error),
    }
}

/// Returns the guardrail that would refuse a run, or hold its purge of this many rows, by any
/// operator.
pub(in crate::engine) fn guardrail(authority: &Authority, action: &str, rows: i64) -> Option<Refusal> {
    let attempt = Attempt { rows, is_scheduled: true, ..Attempt::new("", action, "both databases") };
    match decide(authority, &attempt) {
        Decision::Refused(refusal) => Some(refusal),
        Decision::Allowed | Decision::NeedsApproval(_) => None,
    }
}

/// The share of the messages and sessions of both databases that a purge would delete.
pub(in crate::engine) fn share(
    expired: &ExpiredRows,
    office: &HeadOffice,
    messages: &MessageDatabase,
) -> Result<PurgeShare, StoreError> {
    let expired = expired.messages_and_sessions();
    let total = if expired < SHARE_LIMIT_ROWS { 0 } else { office.count_rows()? + messages.count_rows()? };
    Ok(PurgeShare { expired, total })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_count_is_that_of_the_rows_within_one_percent() {
        for (confirmed, rows, is_it) in [
            (24, 24, true),
            (24, 25, false),
            (10_900, 10_801, true),
            (10_950, 10_801, false),
            (10_800, 10_801, false),
            (999_999_999_999, 10_801, false),
            (i64::MAX, 1, false),
            (0, 0, true),
        ] {
            assert_eq!(is_count(confirmed, rows), is_it, "{confirmed} of {rows}");
        }
    }
}
