//! The run in this console, on the screen that started it.

use crate::console::protocol::effect::{Action, Confirm, Effect};
use crate::console::protocol::key_table::Command;
use crate::console::protocol::run_progress::LiveRun;
use crate::console::screens::process::job_fields::FieldId;
use crate::console::screens::process::{OpenForm, Process, Tab, batch_tab, general};
use crate::console::view::context::ViewContext;

impl Process {
    /// Takes a command while it shows the run.
    pub(super) fn run_command(&mut self, command: Command, view: &ViewContext) -> Option<Vec<Effect>> {
        match command {
            Command::Actions => {
                let refused = match view.run {
                    Some(run) if run.is_active() && !run.canceling => None,
                    Some(run) if run.is_active() => Some("it is stopping already".to_owned()),
                    _ => Some("it has ended".to_owned()),
                };
                let line = "It stops after this chunk; transferred messages are kept, and the next run continues.";
                let ask = Confirm::yes("Cancel this run?", line, vec![Effect::CancelRun]);
                let cancel = Action::new('c', "Cancel the run", vec![ask]).refused(refused);
                Some(vec![Effect::Actions("Actions on this run".to_owned(), vec![cancel])])
            }
            _ => self.focus_in_run.command(command, |at| view.run?.newest_failures.get(at)),
        }
    }

    /// The sentence of the notice row.
    pub(super) fn sentence(&self, view: &ViewContext) -> String {
        if self.shows_run {
            return if view.run.is_some_and(LiveRun::is_active) {
                view.keys("{back} leaves this screen; the run continues. ^C asks before it stops the run.")
            } else {
                view.keys("{back} leaves; the result is also listed in Runs.")
            };
        }
        match (&self.open_form, self.tab) {
            (Some(OpenForm::Recurrence(form)), _) => form.notice(view.now),
            (Some(OpenForm::Alerts(form)), _) => form.notice(),
            (None, Tab::General) => format!("{} PgDn Batch tab.", general::help(self.general.focused)),
            (None, Tab::Batch) if self.edited.is_some() && self.job.focused() == FieldId::Ok => {
                batch_tab::SAVE_HELP.to_owned()
            }
            (None, Tab::Batch) => self.job.fault().unwrap_or_else(|| batch_tab::help(self.job.focused()).to_owned()),
        }
    }
}
