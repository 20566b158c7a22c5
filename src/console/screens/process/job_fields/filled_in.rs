//! What the Batch tab contains, and whether that was changed.

use crate::batch::AlertSettings;
use crate::console::screens::process::job_fields::JobFields;
use crate::recurrence::Rule;

/// What is filled in, without cursors and focus.
#[derive(Default, PartialEq, Eq)]
pub(super) struct FilledIn {
    texts: [String; 4],
    group: String,
    ticks: [bool; 2],
    choices: [usize; 3],
    recurrence: Option<Rule>,
    alerts: AlertSettings,
}

impl JobFields {
    /// Returns what is filled in.
    pub(super) fn filled_in(&self) -> FilledIn {
        FilledIn {
            texts: [self.description.text(), self.date.text(), self.time.text(), self.retries.text()],
            group: self.group.value().to_owned(),
            ticks: [self.batch.on, self.private.on],
            choices: [self.after_error.chosen(), self.missed.chosen(), self.history.chosen()],
            recurrence: self.recurrence.clone(),
            alerts: self.alerts.clone(),
        }
    }

    /// Whether anything was changed since it was opened.
    pub fn is_changed(&self) -> bool {
        self.filled_in() != self.opened_with
    }
}
