//! Purges the message database: expired messages below the durable position.

use crate::domain::{Cutoffs, Step};
use crate::engine::context::{Context, Tally};
use crate::engine::event::{Progress, RunEvent, StepBegin};
use crate::engine::purge::pace::Pace;
use crate::engine::purge::plan::{Plan, add_rows};
use crate::engine::retry;
use crate::store::StoreError;
use crate::store::message_database::PurgeClaim;

/// Transactions between two checkpoints of the write-ahead log, alone and beside agents. An agent
/// that finds a long log runs the checkpoint itself and waits for the disk, so beside agents it is
/// kept short.
const CHECKPOINT_ALONE: u32 = 12;
const CHECKPOINT_POLITE: u32 = 4;
/// Free pages returned to the file system in one transaction, and the number of such transactions.
const PAGES_PER_RETURN: i64 = 64;
const MAX_RETURNS: u32 = 64;

/// Whether this run may purge the message database.
pub(super) enum PurgeRight {
    /// It may, up to the durable position.
    Claim(PurgeClaim),
    /// There is nothing to purge: nothing was read yet, or the retention is unlimited.
    NothingToTake,
    /// It may not, as a notice says; then head office is not purged either.
    Refused,
}

/// Checks the right to purge, by the durable position.
pub(super) fn purge_right(context: &Context, tally: &mut Tally, cutoffs: Cutoffs) -> Result<PurgeRight, StoreError> {
    let exchange = context.message_database.exchange()?;
    let head_office_id = context.office.id()?;
    let Some(cursor) = context.office.cursor(&exchange.database_id)? else {
        context.notice(tally, "nothing is purged: this message database has not been read yet");
        return Ok(PurgeRight::Refused);
    };
    if exchange.head_office_id.as_deref() != Some(&head_office_id) {
        let owner = exchange.head_office_id.unwrap_or_else(|| "none".to_owned());
        context.notice(
            tally,
            format!("nothing is purged: the message database belongs to another head office ({owner}), which alone may purge it"),
        );
        return Ok(PurgeRight::Refused);
    }
    if cursor.position < exchange.purged_through {
        context.notice(tally, "nothing is purged: messages that this head office has not read are missing");
        return Ok(PurgeRight::Refused);
    }
    let (Some(anchor_guid), Some(cutoff)) = (cursor.anchor_guid, cutoffs.messages) else {
        return Ok(PurgeRight::NothingToTake);
    };
    if context.message_database.guid_at(cursor.position)?.as_deref() != Some(&anchor_guid) {
        context.notice(tally, "nothing is purged: the message database is not as it was read");
        return Ok(PurgeRight::Refused);
    }
    let database_id = exchange.database_id;
    Ok(PurgeRight::Claim(PurgeClaim { database_id, head_office_id, position: cursor.position, anchor_guid, cutoff }))
}

/// Purges; returns false if it was canceled.
pub(super) fn purge(context: &Context, tally: &mut Tally, plan: &Plan) -> Result<bool, StoreError> {
    let Some(claim) = &plan.claim else { return Ok(true) };
    retry::with_reconnect(context, tally, |_| {
        context.office.note_step(&context.claim, &claim.database_id, Step::PurgeMessageDatabase)
    })?;
    context.events.send(RunEvent::Step(Step::PurgeMessageDatabase));
    let database = context.message_database;
    let since = StepBegin::now(tally.purged.total_with_trash());
    database.keep_statements();
    let mut pace = Pace::new(database.writers_poll());
    // Checked after taking the message database's lock: a process that was suspended while it
    // waited for the lock notices before it writes.
    let still_mine = || context.office.check_lease(&context.claim);
    let requests = retry::with_reconnect(context, tally, |_| database.purge_requests(claim, &still_mine))?;
    add_rows(&mut tally.purged.message_database, "session_request", requests);
    let Some((mut after, last)) = plan.range else { return Ok(true) };
    let mut slices = 0;
    loop {
        // If the connection fails during a commit that succeeds, the next attempt finds the slice
        // empty; only the count lacks its rows.
        let slice = retry::with_reconnect(context, tally, |_| {
            database.purge_slice(claim, (after, last), pace.hold(), &still_mine)
        })?;
        let Some(slice) = slice else {
            return Err(StoreError::Replaced { location: context.databases.message_database.clone() });
        };
        after = slice.through;
        slices += 1;
        add_rows(&mut tally.purged.message_database, "status_message", slice.deleted);
        let (done, total) = (tally.purged.total_with_trash(), plan.expired.rows_with_trash());
        context.progress(Progress::new(Step::PurgeMessageDatabase, done, total, 0, since))?;
        let version = retry::with_reconnect(context, tally, |_| database.contention())?;
        let canceled = pace.rest([version, 0], context.cancel);
        let often = if pace.is_polite() { CHECKPOINT_POLITE } else { CHECKPOINT_ALONE };
        if slices % often == 0 || slice.done {
            context.keeping_lease(|| database.checkpoint())?;
        }
        if slice.done {
            break;
        }
        if canceled {
            return Ok(false);
        }
    }
    context.keeping_lease(|| return_free_pages(context, pace))?;
    Ok(true)
}

/// Returns free pages to the file system while no other connection writes.
fn return_free_pages(context: &Context, mut pace: Pace) -> Result<(), StoreError> {
    for _ in 0..MAX_RETURNS {
        if pace.is_polite() || context.cancel.is_tripped() {
            return Ok(());
        }
        pace.hold();
        context.message_database.give_back(PAGES_PER_RETURN)?;
        pace.rest([context.message_database.contention()?, 0], context.cancel);
    }
    context.message_database.checkpoint()
}
