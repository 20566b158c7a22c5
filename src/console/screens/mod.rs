//! One screen a file.

mod batch;
mod connections;
mod detail;
mod errors;
mod explain;
mod messages;
mod overview;
mod paged_list;
mod parameters;
mod process;
mod progress;
mod rejected;
mod run_monitor;
mod run_preview;
mod runs;
mod schedules;
pub mod screen;
mod session;
mod session_actions;
mod sessions;
mod small_list;

pub use paged_list::MARKED;
pub use sessions::form;

use crate::console::protocol::route::Target;
use crate::console::protocol::saved_state::Memory;
use crate::console::screens::screen::Screen;
use crate::console::view::context::View;
use crate::domain::{Direction, Status};

/// Makes the screen that a target means.
pub fn open(target: Target, memory: &Memory, view: &View) -> Box<dyn Screen> {
    match target {
        Target::Overview => Box::new(overview::Overview::new()),
        Target::Errors => Box::new(errors::Errors::new(memory)),
        Target::Process => Box::new(process::Process::new(view)),
        Target::Sessions(direction, filter) => {
            Box::new(paged_list::Browser::new(sessions::Sessions::new(direction), &filter, memory, view))
        }
        Target::SessionsOfCause(direction, cause, title) => {
            Box::new(paged_list::Browser::new(sessions::Sessions::of_cause(direction, cause, title), "", memory, view))
        }
        Target::Schedules => Box::new(schedules::Schedules::new(memory)),
        Target::History(direction, schedule) => {
            Box::new(paged_list::Browser::new(sessions::Sessions::of_schedule(direction, schedule), "", memory, view))
        }
        Target::Connections => Box::new(connections::Connections::new(memory)),
        Target::Session(key) => Box::new(session::OneSession::new(key)),
        Target::Messages(filter) => Box::new(paged_list::Browser::new(messages::Messages, &filter, memory, view)),
        Target::Rejected => Box::new(rejected::RejectedMessages::new(memory)),
        Target::Parameters => Box::new(parameters::Parameters::new()),
        Target::Runs => Box::new(runs::Runs::new(None, memory)),
        Target::Run(run_id) => Box::new(runs::Runs::new(Some(run_id), memory)),
        Target::BatchJobs(mine) => Box::new(batch::BatchJobs::new(mine)),
        Target::BatchHistory(filter) => Box::new(batch::History::new(&filter, view)),
        Target::BatchHistoryAt(job_id, place) => Box::new(batch::History::at(job_id, place, view)),
        Target::Watch(watched) => Box::new(run_monitor::Watch::new(watched)),
        Target::JobRecurrence(job_id) => Box::new(batch::JobForm::new(job_id, batch::Kind::Recurrence)),
        Target::JobAlerts(job_id) => Box::new(batch::JobForm::new(job_id, batch::Kind::Alerts)),
        Target::SubmitLike(settings) => Box::new(process::Process::like(&settings, view)),
        Target::Notifications => Box::new(batch::Notifications::new()),
        Target::BatchGroups(group) => Box::new(batch::Groups::new(group)),
        Target::Servers(server) => Box::new(batch::Servers::new(server)),
    }
}

/// What the help screen says of the filter.
pub const FILTER_LINES: [&str; 6] = [
    "/ takes terms; all of them must hold, and a value with blanks stands in double quotes:",
    crate::console::protocol::filter::HELP,
    "A bare number is a session, a bare word a channel database. Three examples:",
    "  status:failed age<24h            what failed since yesterday",
    "  store:S0042 job:1040             one store, one job",
    "  text:\"duplicate key\" from:2026-11-20   error texts since a day; searched piece by piece, Esc stops",
];

/// What the help screen says of the shapes.
pub const SHAPES: [&str; 2] = [
    "· Started  ○ Available  → Requested  ● Downloaded, Uploaded  √ Applied  × failed  – Canceled  □ No data",
    "◊ Interrupted   ► cursor   * marked   ▼ ▲ sorted by",
];

/// The statuses of both directions with the original's sentence.
pub fn status_lines() -> [(&'static str, Vec<String>); 2] {
    let lines = |direction: Direction| {
        let line = |status: Status| format!("{:<16} {}", status.label(), explain::status_help(direction, status));
        Status::all(direction).map(line).collect()
    };
    [("Statuses of downloads", lines(Direction::Download)), ("Statuses of uploads", lines(Direction::Upload))]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::protocol::keys::{Command, Scope, TABLE};
    use crate::console::protocol::route::Mine;
    use crate::console::protocol::time::Zone;
    use crate::domain::SessionKey;

    /// A screen of every kind that is no dialog.
    fn targets() -> Vec<Target> {
        let key =
            SessionKey { direction: Direction::Download, session_number: 1, channel_database: "S0001".to_owned() };
        let download = Direction::Download;
        vec![
            Target::Overview,
            Target::Errors,
            Target::Sessions(download, String::new()),
            Target::SessionsOfCause(Direction::Upload, 7, "a cause".to_owned()),
            Target::Schedules,
            Target::History(download, "Prices".to_owned()),
            Target::Connections,
            Target::Session(key),
            Target::Messages(String::new()),
            Target::Runs,
            Target::Run(1),
            Target::Rejected,
            Target::BatchJobs(Mine::All),
            Target::BatchJobs(Mine::Own),
            Target::BatchHistory(String::new()),
            Target::BatchGroups(None),
            Target::Servers(None),
            Target::Notifications,
        ]
    }

    #[test]
    fn what_hint_bar_and_help_offer_on_a_screen_is_what_it_does() {
        let view = View::empty(Zone::Utc);
        let mut faults = Vec::new();
        for target in targets() {
            for binding in TABLE.iter().filter(|binding| binding.scope != Scope::Everywhere) {
                let command = binding.command;
                let mut screen = open(target.clone(), &Memory::default(), &view);
                let offers = screen.offers(command);
                let does = screen.command(command, &view).is_some();
                // These need a row, and there is none yet; and these say that there is nothing to find.
                let needs_row = matches!(command, Command::Actions | Command::Explain | Command::Open | Command::Mark)
                    || matches!(command, Command::NextPane | Command::PreviousPane);
                let says_why = matches!(command, Command::NextHit | Command::PreviousHit);
                if offers != does && !(offers && needs_row) && !(does && says_why) {
                    faults.push(format!("{target:?} {command:?}: offered {offers}, done {does}"));
                }
            }
        }
        assert!(faults.is_empty(), "{faults:#?}");
    }
}
