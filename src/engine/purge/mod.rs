//! The purge: message database first, then head office; counted, braked and guarded before the first row goes.

mod guard;
mod head_office;
mod message_database;
mod pace;

pub(super) use guard::all_rows;

use self::message_database::Right;
use crate::domain::{Cutoffs, Outcome, Purged, Step};
use crate::engine::event::RunEvent;
use crate::engine::process::{Context, Tally};
use crate::engine::retry;
use crate::store::StoreError;
use crate::store::head_office::PurgePreview;
use crate::store::message_database::{Expired, PurgeClaim};

/// Counts of one database, added table by table.
fn add(counts: &mut Vec<(&'static str, i64)>, table: &'static str, rows: i64) {
    match counts.iter_mut().find(|(name, _)| *name == table) {
        Some((_, sum)) => *sum += rows,
        None if rows > 0 => counts.push((table, rows)),
        None => {}
    }
}

/// What a purge is about to take.
pub(super) struct Plan {
    pub(super) cutoffs: Cutoffs,
    pub(super) message_database: Vec<(&'static str, Expired)>,
    pub(super) head_office: PurgePreview,
    claim: Option<PurgeClaim>,
}

impl Plan {
    /// Rows of all tables of both databases.
    pub(super) fn rows(&self) -> i64 {
        let tables = self.message_database.iter().chain(&self.head_office.tables);
        tables.map(|(_, expired)| expired.rows).sum()
    }
}

/// Purges what has expired, or says why not.
pub(super) fn purge(context: &Context, tally: &mut Tally) -> Result<Outcome, StoreError> {
    let parameters = retry::with_reconnect(context, tally, |_| context.office.parameters())?;
    let cutoffs = Cutoffs::new(&parameters, context.clock.now());
    if cutoffs.resolved.is_none() && cutoffs.unresolved.is_none() {
        return Ok(Outcome::Ended);
    }
    retry::with_reconnect(context, tally, |_| guard::check_clocks(context))?;
    context.events.send(RunEvent::Step(Step::Preview));
    let right = retry::with_reconnect(context, tally, |tally| message_database::right(context, tally, cutoffs))?;
    let claim = match right {
        Right::Claim(claim) => Some(claim),
        Right::NothingToTake => None,
        Right::Refused => return Ok(Outcome::Ended),
    };
    let plan = retry::with_reconnect(context, tally, |_| plan(context, cutoffs, claim.clone()))?;
    tally.kept_unresolved = plan.head_office.kept_unresolved;
    let held = retry::with_reconnect(context, tally, |_| guard::held(context, &plan, parameters.retention_days))?;
    if let Some(why) = held {
        tally.purge_held = true;
        context.notice(tally, why);
        return Ok(Outcome::Ended);
    }
    retry::with_reconnect(context, tally, |_| context.office.note_purge(&context.claim, parameters.retention_days))?;
    let finished = message_database::purge(context, tally, &plan)? && head_office::purge(context, tally, &plan)?;
    tally.purge_finished = finished;
    Ok(if finished { Outcome::Ended } else { Outcome::Canceled })
}

fn plan(context: &Context, cutoffs: Cutoffs, claim: Option<PurgeClaim>) -> Result<Plan, StoreError> {
    let message_database = match &claim {
        Some(claim) => context.message_database.count_expired(claim.position, claim.cutoff)?,
        None => Vec::new(),
    };
    Ok(Plan { cutoffs, message_database, head_office: context.office.preview_purge(&cutoffs)?, claim })
}

/// Rows purged so far.
fn done(purged: &Purged) -> i64 {
    purged.total()
}
