//! One screen a file.

mod batch;
mod browser;
mod detail;
mod errors;
mod messages;
mod overview;
mod parameters;
mod process;
mod progress;
mod rejected;
mod runs;
mod session;
mod sessions;
mod source;
mod watch;

pub use browser::MARKED;
pub use sessions::form;

use super::screen::{Screen, Target, View};

/// Makes the screen that a target means.
pub fn open(target: Target, view: &View) -> Box<dyn Screen> {
    match target {
        Target::Overview => Box::new(overview::Overview::new()),
        Target::Errors => Box::new(errors::Errors::new()),
        Target::Process => Box::new(process::Process::new(view)),
        Target::Sessions(direction, filter) => {
            Box::new(browser::Browser::new(sessions::Sessions::new(direction), &filter, view))
        }
        Target::SessionsOfCause(direction, cause, title) => {
            Box::new(browser::Browser::new(sessions::Sessions::of_cause(direction, cause, title), "", view))
        }
        Target::Session(key) => Box::new(session::OneSession::new(key)),
        Target::Messages(filter) => Box::new(browser::Browser::new(messages::Messages, &filter, view)),
        Target::Rejected => Box::new(rejected::RejectedMessages::new()),
        Target::Parameters => Box::new(parameters::Parameters::new()),
        Target::Runs => Box::new(runs::Runs::new()),
        Target::BatchJobs(mine) => Box::new(batch::BatchJobs::new(mine)),
        Target::BatchHistory(filter) => Box::new(batch::History::new(&filter, view)),
        Target::Watch(watched) => Box::new(watch::Watch::new(watched)),
        Target::JobRecurrence(job_id) => Box::new(batch::JobForm::new(job_id, batch::Kind::Recurrence)),
        Target::JobAlerts(job_id) => Box::new(batch::JobForm::new(job_id, batch::Kind::Alerts)),
        Target::SubmitLike(settings) => Box::new(process::Process::like(&settings, view)),
        Target::Notifications => Box::new(batch::Notifications::new()),
        Target::BatchGroups(group) => Box::new(batch::Groups::new(group)),
        Target::Servers(server) => Box::new(batch::Servers::new(server)),
    }
}

/// What the help screen says of the filter and the shapes.
pub const FILTER_LINES: [&str; 4] = [
    "/ takes terms; all of them must hold:",
    super::filter::HELP,
    "Shapes  · Started  ○ Available  → Requested  ● Downloaded, Uploaded  √ Applied",
    "        × failed  – Canceled  □ No data  ◊ Interrupted   ► cursor",
];
