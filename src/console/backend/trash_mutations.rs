//! Applies the changes of the trash.

use crate::cancel::Cancel;
use crate::clock::SystemClock;
use crate::console::protocol::mutation::Mutation;
use crate::domain::counted;
use crate::engine::{empty_trash, restore};
use crate::store::head_office::{Restored, TrashFilter};
use crate::store::{HeadOffice, StoreError};

/// Restores sessions or empties the trash; returns the sentence that reports it.
pub fn perform(
    office: &HeadOffice,
    operator: &str,
    mutation: &Mutation,
    cancel: &Cancel,
) -> Result<String, StoreError> {
    let restore = |chosen: &[_]| restore(office, chosen, operator, &SystemClock, cancel).map(|done| summary(&done));
    match mutation {
        Mutation::Restore(chosen) => restore(chosen),
        Mutation::RestoreRun(run_id) => {
            let filter = TrashFilter { run: Some(*run_id), limit: i64::MAX, ..TrashFilter::default() };
            restore(&office.trash(&filter)?)
        }
        _ => {
            let emptied = empty_trash(office, operator, cancel)?;
            let (sessions, messages) = (counted(emptied.sessions, "session"), counted(emptied.messages, "message"));
            Ok(format!("{sessions} deleted for good with {messages}."))
        }
    }
}

/// `25 sessions restored with 75 messages, 1 left out (one of its messages arrived again).`
fn summary(restored: &Restored) -> String {
    let (sessions, messages) = (counted(restored.sessions, "session"), counted(restored.messages, "message"));
    let left = match restored.refused.as_slice() {
        [] => String::new(),
        [(_, why), ..] => format!(", {} left out ({why})", restored.refused.len()),
    };
    format!("{sessions} restored with {messages}{left}.")
}
