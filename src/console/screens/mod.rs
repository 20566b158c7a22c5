//! The screens, one per file or folder.

mod alerts;
mod approvals;
mod arrangement;
mod batch;
mod connections;
mod deadlines;
mod detail;
mod errors;
mod journal;
mod matrix;
mod memory_sort;
mod messages;
mod no_match;
mod open_sessions;
mod other_runs;
mod overview;
mod paged_list;
mod parameters;
mod process;
mod progress;
mod rejected;
mod related;
mod row_count;
mod row_filter;
mod run_charts;
mod run_monitor;
mod run_preview;
mod runs;
mod schedules;
pub mod screen;
mod session;
mod session_actions;
mod session_explanation;
mod sessions;
mod silences;
mod small_list;
mod store_card;
mod trash;
mod views;

pub use batch::{job_actions, offer_versions};
pub use session_actions::edit_cause;
pub use session_explanation::explain as explain_session;
pub use views::{Saving, open as open_view};

use crate::console::protocol::route::Route;
use crate::console::protocol::saved_state::SavedState;
use crate::console::screens::screen::Screen;
use crate::console::screens::small_list::ListScreen;
use crate::console::view::context::ViewContext;

/// Opens the screen of a route.
pub fn open(target: Route, memory: &SavedState, view: &ViewContext) -> Box<dyn Screen> {
    match target {
        Route::Overview => Box::new(overview::Overview::new()),
        Route::Errors => Box::new(ListScreen::new(errors::Errors::default(), memory)),
        Route::ErrorsWith(filter) => Box::new(ListScreen::visit(errors::Errors::for_visit(), filter, memory)),
        Route::Process => Box::new(process::Process::new(view)),
        Route::Sessions(direction, filter) => {
            Box::new(paged_list::PagedList::new(sessions::Sessions::new(direction), &filter, memory, view))
        }
        Route::SessionsOfCause(direction, cause, title) => Box::new(paged_list::PagedList::new(
            sessions::Sessions::of_cause(direction, cause, title),
            "",
            memory,
            view,
        )),
        Route::Schedules => Box::new(ListScreen::new(schedules::Schedules, memory)),
        Route::History(direction, schedule, filter) => Box::new(paged_list::PagedList::new(
            sessions::Sessions::of_schedule(direction, schedule),
            &filter,
            memory,
            view,
        )),
        Route::Connections => Box::new(ListScreen::new(connections::ConnectionList::new(None), memory)),
        Route::ConnectionsOf(concern) => {
            let source = connections::ConnectionList::new(Some(concern));
            Box::new(ListScreen::visit(source, String::new(), memory))
        }
        Route::Matrix => Box::new(matrix::Matrix::new(String::new())),
        Route::MatrixWith(filter) => Box::new(matrix::Matrix::new(filter)),
        Route::Store(name) => Box::new(store_card::Store::new(name, memory)),
        Route::Session(key) => Box::new(session::OneSession::new(key)),
        Route::Messages(filter) => Box::new(paged_list::PagedList::new(messages::Messages, &filter, memory, view)),
        Route::Journal(filter) => Box::new(paged_list::PagedList::new(journal::Journal, &filter, memory, view)),
        Route::Rejected => Box::new(ListScreen::new(rejected::RejectedMessages::new(None), memory)),
        Route::RejectedOfRun(run_id) => {
            let source = rejected::RejectedMessages::new(Some(run_id));
            Box::new(ListScreen::visit(source, format!("run:{run_id}"), memory))
        }
        Route::Trash(None) => Box::new(ListScreen::new(trash::Trash::new(None), memory)),
        Route::Trash(Some(run_id)) => {
            let source = trash::Trash::new(Some(run_id));
            Box::new(ListScreen::visit(source, format!("run:{run_id}"), memory))
        }
        Route::Parameters => Box::new(parameters::Parameters::new()),
        Route::Runs => Box::new(ListScreen::new(runs::Runs::new(None), memory)),
        Route::RunsWith(filter) => Box::new(ListScreen::visit(runs::Runs::visit(), filter, memory)),
        Route::Run(run_id) => Box::new(ListScreen::visit(runs::Runs::new(Some(run_id)), String::new(), memory)),
        Route::BatchJobs(mine) => Box::new(batch::BatchJobs::new(mine, memory)),
        Route::BatchJob(job_id) => Box::new(batch::BatchJobs::at(job_id, memory)),
        Route::BatchHistory(filter) => Box::new(batch::History::new(&filter, memory, view)),
        Route::BatchHistoryAt(job_id, place) => Box::new(batch::History::at(job_id, place, memory, view)),
        Route::Watch(watched) => Box::new(run_monitor::RunMonitor::new(watched, view)),
        Route::JobRecurrence(job_id) => Box::new(batch::SettingsForm::new(job_id, batch::SettingsFormKind::Recurrence)),
        Route::JobAlerts(job_id) => Box::new(batch::SettingsForm::new(job_id, batch::SettingsFormKind::Alerts)),
        Route::SubmitLike(settings) => Box::new(process::Process::like(&settings, view)),
        Route::EditJob(edited) => Box::new(process::Process::edit(&edited, view)),
        Route::Views(shown) => Box::new(ListScreen::new(views::Views::new(shown), memory)),
        Route::View(opened) => {
            let (route, look) = views::list_of(&opened);
            let lists = [(opened.list, look)].into_iter().collect();
            open(route, &SavedState { lists, ..SavedState::default() }, view)
        }
        Route::Silences => Box::new(ListScreen::new(silences::Silences, memory)),
        Route::Approvals => Box::new(ListScreen::new(approvals::Approvals, memory)),
        Route::Alerts => Box::new(ListScreen::new(alerts::Alerts::default(), memory)),
        Route::AlertRules => Box::new(batch::SettingsForm::new(crate::batch::EXCHANGE, batch::SettingsFormKind::Rules)),
        Route::Deadlines => Box::new(ListScreen::new(deadlines::Deadlines, memory)),
        Route::Notifications => Box::new(ListScreen::new(batch::Notifications::default(), memory)),
        Route::BatchGroups(group) => Box::new(ListScreen::new(batch::Groups::new(group), memory)),
        Route::Servers(server) => Box::new(batch::Servers::new(server, memory)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::protocol::key_table::{Command, Scope, TABLE};
    use crate::console::protocol::route::{Concern, JobScope};
    use crate::console::protocol::time::Zone;
    use crate::domain::Direction;
    use crate::domain::SessionKey;

    /// A screen of every kind that is no dialog.
    fn targets() -> Vec<Route> {
        let key =
            SessionKey { direction: Direction::Download, session_number: 1, channel_database: "S0001".to_owned() };
        let download = Direction::Download;
        vec![
            Route::Overview,
            Route::Errors,
            Route::ErrorsWith("timeout".to_owned()),
            Route::Sessions(download, String::new()),
            Route::SessionsOfCause(Direction::Upload, 7, "a cause".to_owned()),
            Route::Schedules,
            Route::History(download, "Prices".to_owned(), String::new()),
            Route::Connections,
            Route::ConnectionsOf(Concern::Quiet),
            Route::Matrix,
            Route::MatrixWith("store:S0001".to_owned()),
            Route::Store("S0001".to_owned()),
            Route::Session(key),
            Route::Messages(String::new()),
            Route::Journal(String::new()),
            Route::Runs,
            Route::RunsWith("job:1".to_owned()),
            Route::Run(1),
            Route::Rejected,
            Route::RejectedOfRun(1),
            Route::Trash(None),
            Route::Trash(Some(1)),
            Route::BatchJobs(JobScope::All),
            Route::BatchJobs(JobScope::Own),
            Route::BatchJob(1),
            Route::BatchHistory(String::new()),
            Route::BatchGroups(None),
            Route::Servers(None),
            Route::Notifications,
            Route::Silences,
            Route::Approvals,
            Route::Alerts,
            Route::Deadlines,
            Route::Views(None),
        ]
    }

    #[test]
    fn what_hint_bar_and_help_offer_on_a_screen_is_what_it_does() {
        let view = ViewContext::empty(Zone::Utc);
        let mut faults = Vec::new();
        for target in targets() {
            for binding in TABLE.iter().filter(|binding| binding.scope != Scope::Everywhere) {
                let command = binding.command;
                let mut screen = open(target.clone(), &SavedState::default(), &view);
                let offers = screen.offers(command);
                let does = screen.command(command, &view).is_some();
                // These need a row, and there is none yet; and these say that there is nothing to
                // find.
                let needs_row = matches!(command, Command::Actions | Command::Explain | Command::Open | Command::Mark)
                    || command == Command::Related
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
