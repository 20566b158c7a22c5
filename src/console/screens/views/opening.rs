//! Opens the list of a view.

use crate::console::protocol::effect::Effect;
use crate::console::protocol::route::{JobScope, Route};
use crate::console::protocol::saved_state::ListState;
use crate::console::protocol::saved_view::SavedView;
use crate::console::view::context::ViewContext;
use crate::domain::Direction;

/// The effect of opening a view: its list, or the sentence why not.
pub fn open(opened: &SavedView, view: &ViewContext) -> Effect {
    match opened.refusal(opened.zone(view.zone, view.home), view.now) {
        Some(why) => Effect::Say(format!("! {why}")),
        None => Effect::Go(Route::View(Box::new(opened.clone()))),
    }
}

/// The route of its list, and the state in which the list opens.
pub fn list_of(opened: &SavedView) -> (Route, ListState) {
    let list = match opened.list.as_str() {
        "download sessions" => Route::Sessions(Direction::Download, String::new()),
        "upload sessions" => Route::Sessions(Direction::Upload, String::new()),
        "status messages" => Route::Messages(String::new()),
        "journal" => Route::Journal(String::new()),
        "batch jobs" => Route::BatchJobs(JobScope::All),
        "batch job history" => Route::BatchHistory(opened.filter.clone()),
        "runs" => Route::Runs,
        "rejected messages" => Route::Rejected,
        "trash" => Route::Trash(None),
        "recent errors" => Route::Errors,
        "distribution schedules" => Route::Schedules,
        "connections" => Route::Connections,
        _ => Route::Views(None),
    };
    (list, ListState { filter: opened.filter.clone(), is_view: true, ..opened.look.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::protocol::time::Zone;
    use crate::filter::lists;

    #[test]
    fn every_list_with_a_filter_can_be_a_view() {
        for (list, _) in lists::ALL {
            let opened = SavedView { list: list.to_owned(), ..SavedView::default() };
            assert_ne!(list_of(&opened).0, Route::Views(None), "{list}");
            assert!(matches!(open(&opened, &ViewContext::empty(Zone::Utc)), Effect::Go(_)), "{list}");
        }
    }
}
