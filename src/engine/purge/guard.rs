//! What stands between a plan and the first row: clocks that cannot be trusted, and the brake for unusual purges.

use crate::domain::{brake, check_clocks as compare, counted};
use crate::engine::process::Context;
use crate::engine::purge::Plan;
use crate::store::StoreError;

/// Refuses to go by clocks that disagree or ran backwards, unless forced.
pub(super) fn check_clocks(context: &Context) -> Result<(), StoreError> {
    if context.options.force {
        return Ok(());
    }
    let now = context.clock.now();
    let last_run = context.office.last_run_at(Some(&context.claim))?;
    compare(now, context.message_database.now()?, context.office.now()?, last_run)
        .map_err(|fault| StoreError::Clock { fault })
}

/// Why the purge must wait for a person; `None` if it may go on.
pub(super) fn held(context: &Context, plan: &Plan, retention_days: i64) -> Result<Option<String>, StoreError> {
    let rows = plan.rows();
    let taking = counted(rows, "row");
    let Some(why) = brake(rows, retention_days, &context.office.last_purges()?) else { return Ok(None) };
    match context.options.confirm_purge {
        Some(confirmed) if rows <= confirmed => Ok(None),
        Some(confirmed) => Ok(Some(format!(
            "purge held: it would take {taking}, more than the {confirmed} that were confirmed ({why}); nothing was purged"
        ))),
        None => Ok(Some(format!(
            "purge held: it would take {taking}, and {why}; nothing was purged. Look at it with --dry-run, \
             then confirm with --confirm-purge {rows}"
        ))),
    }
}
