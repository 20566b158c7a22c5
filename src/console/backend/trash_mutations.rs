//! Applies the changes of the trash.

use crate::cancel::Cancel;
use crate::console::protocol::mutation::TrashMutation;
use crate::domain::counted;
use crate::engine::{MAX_RESTORED, empty_trash, restore};
use crate::filter::Filter;
use crate::store::head_office::{Emptied, Restored, TrashFilter};
use crate::store::{HeadOffice, StoreError};

/// Restores sessions or empties the trash; returns the sentence that reports it.
pub fn perform(
    office: &HeadOffice,
    operator: &str,
    mutation: &TrashMutation,
    cancel: &Cancel,
) -> Result<String, StoreError> {
    let restore = |chosen: &[_]| {
        let mut restored = Restored::default();
        let tried = restore(office, chosen, operator, cancel, &mut restored);
        report(tried, restored.sessions, summary(&restored))
    };
    match mutation {
        TrashMutation::Restore(chosen) => restore(chosen),
        TrashMutation::RestoreRun(run_id) => {
            let filter = TrashFilter { run: Some(*run_id), limit: MAX_RESTORED, ..TrashFilter::default() };
            let (chosen, more) = office.trash_matching(&filter, &Filter::default())?;
            let said = restore(&chosen)?;
            Ok(if more { format!("! {said} More of the run are in the trash: restore them next.") } else { said })
        }
        TrashMutation::Empty(extent) => {
            let mut emptied = Emptied::default();
            let tried = empty_trash(office, *extent, operator, cancel, &mut emptied);
            let (sessions, messages) = (counted(emptied.sessions, "session"), counted(emptied.messages, "message"));
            report(tried, emptied.sessions, format!("{sessions} deleted for good with {messages}."))
        }
    }
}

/// Reports what was done before an error, too.
fn report(tried: Result<(), StoreError>, done: i64, summary: String) -> Result<String, StoreError> {
    match tried {
        Err(error) if done > 0 => Ok(format!("! {summary} The rest failed: {error}")),
        tried => tried.map(|()| summary),
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
