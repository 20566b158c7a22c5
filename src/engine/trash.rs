//! Restores sessions from the trash, and empties it, in short transactions.

use crate::cancel::Cancel;
use crate::engine::context::LONGEST_HOLD;
use crate::filter::Filter;
use crate::store::head_office::{Emptied, Emptying, Restored, TrashExtent, TrashFilter, TrashedSession};
use crate::store::{HeadOffice, StoreError};
use std::collections::BTreeSet;

/// The most sessions that one restore has in memory; the rest is restored by the next one.
pub const MAX_RESTORED: i64 = 50_000;
/// Sessions restored in one transaction: other writers wait for each.
const SESSIONS_PER_TRANSACTION: usize = 200;

/// The progress of a restore of the sessions that match.
#[derive(Debug, Default)]
pub struct Restoring {
    /// What was restored.
    pub restored: Restored,
    /// The numbers of the sessions that were found in the trash.
    pub found: BTreeSet<i64>,
    /// Whether more sessions match than were looked at.
    pub more: bool,
}

/// Restores the sessions in the trash that match, those purged last first, at most as many as the
/// filter's limit. If none of these can be restored, continues with those purged before them: a
/// repetition would find the same ones again.
pub fn restore_matching(
    office: &HeadOffice,
    filter: TrashFilter,
    terms: &Filter,
    operator: &str,
    cancel: &Cancel,
    restoring: &mut Restoring,
) -> Result<(), StoreError> {
    let mut filter = filter;
    loop {
        let (sessions, more) = office.trash_matching(&filter, terms)?;
        restoring.more = more;
        restoring.found.extend(sessions.iter().map(|session| session.key.session_number));
        restore(office, &sessions, operator, cancel, &mut restoring.restored)?;
        filter.before = sessions.last().map(|session| session.trash_id);
        if !more || filter.before.is_none() || restoring.restored.sessions > 0 || cancel.is_tripped() {
            return Ok(());
        }
    }
}

/// Restores sessions with their messages; what a stop leaves in the trash can be restored later.
/// What was restored is added to `restored`, also when a later part fails.
pub fn restore(
    office: &HeadOffice,
    chosen: &[TrashedSession],
    operator: &str,
    cancel: &Cancel,
    restored: &mut Restored,
) -> Result<(), StoreError> {
    if chosen.is_empty() {
        return Ok(());
    }
    let permit = office.permit_restore(operator, chosen)?;
    for part in chosen.chunks(SESSIONS_PER_TRANSACTION) {
        if cancel.is_tripped() {
            break;
        }
        restored.add(office.restore(part, operator, &permit)?);
    }
    Ok(())
}

/// Deletes what was counted in the trash for good, until it is stopped. What was deleted is added
/// to `emptied`, also when a later part fails. The journal has a row when it begins and one when it
/// ends: without the second one it was killed.
pub fn empty_trash(
    office: &HeadOffice,
    extent: TrashExtent,
    operator: &str,
    cancel: &Cancel,
    emptied: &mut Emptied,
) -> Result<(), StoreError> {
    if extent.sessions == 0 {
        emptied.done = true;
        return Ok(());
    }
    let entry_id = office.begin_emptying_trash(operator, &extent)?;
    let mut tried = Ok(());
    while !emptied.done && !cancel.is_tripped() {
        let left = TrashExtent { sessions: extent.sessions - emptied.sessions, ..extent };
        match office.empty_trash(Emptying::Counted(left), LONGEST_HOLD) {
            Ok(part) => {
                emptied.sessions += part.sessions;
                emptied.messages += part.messages;
                emptied.done = part.done;
            }
            Err(error) => {
                tried = Err(error);
                break;
            }
        }
    }
    let result = match (&tried, emptied.done) {
        (Err(_), _) => "failed",
        (Ok(()), true) => "done",
        (Ok(()), false) => "canceled",
    };
    let noted = office.end_emptying_trash(operator, entry_id, emptied, result);
    tried.and(noted)
}
