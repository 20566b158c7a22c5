//! Restores sessions from the trash, and empties it, in short transactions.

use crate::cancel::Cancel;
use crate::clock::Clock;
use crate::store::head_office::{Emptied, Restored, TrashedSession};
use crate::store::{HeadOffice, StoreError};
use std::time::Duration;

/// Sessions restored in one transaction: other writers wait for each.
const SESSIONS_PER_TRANSACTION: usize = 200;
/// How long one transaction deletes.
const HOLD: Duration = Duration::from_millis(80);

/// Restores sessions with their messages; what a stop leaves in the trash can be restored later.
pub fn restore(
    office: &HeadOffice,
    chosen: &[TrashedSession],
    operator: &str,
    clock: &dyn Clock,
    cancel: &Cancel,
) -> Result<Restored, StoreError> {
    let mut restored = Restored::default();
    if chosen.is_empty() {
        return Ok(restored);
    }
    let permit = office.permit_restore(operator, chosen)?;
    for part in chosen.chunks(SESSIONS_PER_TRANSACTION) {
        if cancel.is_tripped() {
            break;
        }
        let part = office.restore(part, operator, &permit, clock.now())?;
        restored.sessions += part.sessions;
        restored.messages += part.messages;
        restored.refused.extend(part.refused);
    }
    Ok(restored)
}

/// Deletes everything in the trash for good; returns the rows deleted until it was stopped.
pub fn empty_trash(office: &HeadOffice, operator: &str, cancel: &Cancel) -> Result<Emptied, StoreError> {
    let mut emptied = Emptied { done: !office.has_trash()?, ..Emptied::default() };
    if !emptied.done {
        office.permit_emptying_trash(operator)?;
    }
    while !emptied.done && !cancel.is_tripped() {
        let part = office.empty_trash(None, None, HOLD)?;
        emptied.sessions += part.sessions;
        emptied.messages += part.messages;
        emptied.done = part.done;
    }
    Ok(emptied)
}
