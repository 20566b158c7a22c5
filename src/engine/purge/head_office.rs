//! Purges head office: empties the trash, moves resolved sessions with their messages there, then
//! deletes expired rows of other tables.

use crate::domain::Step;
use crate::engine::context::{Context, Tally};
use crate::engine::event::{Progress, RunEvent, StepBegin};
use crate::engine::purge::pace::Pace;
use crate::engine::purge::plan::{Plan, add_rows};
use crate::engine::retry;
use crate::store::StoreError;
use crate::store::head_office::Emptying;

/// Purges; returns false if it was canceled.
pub(super) fn purge(context: &Context, tally: &mut Tally, plan: &Plan) -> Result<bool, StoreError> {
    let office = context.office;
    let database_id = plan.claim.as_ref().map_or_else(String::new, |claim| claim.database_id.clone());
    // First, so that a file uses its pages again for what is purged now.
    if plan.expired.rows_of_trash() > 0 {
        retry::with_reconnect(context, tally, |_| office.note_step(&context.claim, &database_id, Step::EmptyTrash))?;
        context.events.send(RunEvent::Step(Step::EmptyTrash));
        if !empty_trash(context, tally, plan)? {
            return Ok(false);
        }
    }
    retry::with_reconnect(context, tally, |_| office.note_step(&context.claim, &database_id, Step::PurgeHeadOffice))?;
    context.events.send(RunEvent::Step(Step::PurgeHeadOffice));
    let now = context.clock.now();
    let since = StepBegin::now(tally.purged.total_with_trash());
    office.keep_statements();
    let mut pace = Pace::new(office.writers_poll());
    let mut place = None;
    tally.kept_unresolved = 0;
    loop {
        let slice = retry::with_reconnect(context, tally, |_| {
            office.purge_sessions(&context.claim, &plan.cutoffs, now, &place, pace.hold())
        })?;
        place = slice.through;
        tally.kept_unresolved += slice.kept_unresolved;
        add_rows(&mut tally.purged.head_office, "status_message", slice.messages);
        add_rows(&mut tally.purged.head_office, "session", slice.sessions);
        let (done, total) = (tally.purged.total_with_trash(), plan.expired.rows_with_trash());
        context.progress(Progress::new(Step::PurgeHeadOffice, done, total, 0, since))?;
        let versions = retry::with_reconnect(context, tally, |_| versions(context))?;
        let canceled = pace.rest(versions, context.cancel);
        if slice.done {
            break;
        }
        if canceled {
            return Ok(false);
        }
    }
    loop {
        let deleted = retry::with_reconnect(context, tally, |_| {
            office.purge_expired_rows(&context.claim, &plan.cutoffs, pace.hold())
        })?;
        if deleted.is_empty() {
            return Ok(true);
        }
        for (table, rows) in deleted {
            add_rows(&mut tally.purged.head_office, table, rows);
        }
        let versions = retry::with_reconnect(context, tally, |_| versions(context))?;
        if pace.rest(versions, context.cancel) {
            return Ok(false);
        }
    }
}

/// Deletes for good the sessions that have been in the trash for `trash-hours`; returns false if it
/// was canceled.
fn empty_trash(context: &Context, tally: &mut Tally, plan: &Plan) -> Result<bool, StoreError> {
    let since = StepBegin::now(tally.purged.total_with_trash());
    context.office.keep_statements();
    let mut pace = Pace::new(context.office.writers_poll());
    loop {
        let emptied = retry::with_reconnect(context, tally, |_| {
            context.office.empty_trash(Emptying::Expired(&context.claim, plan.cutoffs.trash), pace.hold())
        })?;
        for (table, rows) in emptied.tables() {
            add_rows(&mut tally.purged.trash, table, rows);
        }
        if emptied.done {
            return Ok(true);
        }
        let (done, total) = (tally.purged.total_with_trash(), plan.expired.rows_with_trash());
        context.progress(Progress::new(Step::EmptyTrash, done, total, 0, since))?;
        let versions = retry::with_reconnect(context, tally, |_| versions(context))?;
        if pace.rest(versions, context.cancel) {
            return Ok(false);
        }
    }
}

/// Changes when another connection writes to either database: agents that write to the other one
/// wait for the same disk.
fn versions(context: &Context) -> Result<[i64; 2], StoreError> {
    Ok([context.office.contention()?, context.message_database.contention()?])
}
