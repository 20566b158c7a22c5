//! Open screens, and recently visited ones that a filter or a row led to, which the palette offers.

use crate::console::app::App;
use crate::console::app::explanation::OpenExplanation;
use crate::console::app::screen_refresh::ScreenRefresh;
use crate::console::overlay::palette::Entry;
use crate::console::protocol::effect::Effect;
use crate::console::protocol::route::Route;
use crate::console::protocol::saved_view::SavedView;
use crate::console::screens::screen::Screen;

/// Screens that are remembered.
const MAX_RECENT: usize = 12;

/// A screen that is open, or that `Esc` leads back to.
pub(super) struct Visit {
    pub id: u64,
    pub screen: Box<dyn Screen>,
    pub refresh: ScreenRefresh,
    /// The head office on which a dialog was opened. What was entered there is for no other one.
    pub opened_on: Option<String>,
    /// The view that opened it.
    pub view: Option<Box<SavedView>>,
    /// The explanation that is open over it or beside it.
    pub explanation: Option<OpenExplanation>,
}

impl App {
    /// The screen that is shown.
    pub(super) fn screen(&self) -> Option<&dyn Screen> {
        self.visits.last().map(|visit| visit.screen.as_ref())
    }

    /// Screens of this session that a filter or a row led to, newest first.
    pub(super) fn recent_entries(&self) -> Vec<Entry> {
        let here = self.current_route();
        let recent = self.recent.iter().rev().filter(|(_, route)| Some(route) != here.as_ref());
        recent.map(|(name, route)| Entry::new(name.clone(), Effect::Go(route.clone())).detail("visited")).collect()
    }

    /// Remembers a screen that a filter or a row led to.
    pub(super) fn keep_recent(&mut self) {
        let Some(screen) = self.screen() else { return };
        let Some(route) = self.current_route() else { return };
        let name = screen.path().last().copied().unwrap_or("");
        let of = match &route {
            Route::View(opened) => opened.name.clone(),
            Route::Sessions(_, filter)
            | Route::Messages(filter)
            | Route::ErrorsWith(filter)
            | Route::RunsWith(filter)
            | Route::MatrixWith(filter)
            | Route::BatchHistory(filter)
            | Route::Journal(filter) => filter.clone(),
            Route::History(_, schedule, _) => schedule.clone(),
            Route::Store(name) => name.clone(),
            Route::Session(key) => format!("{} {}", key.session_number, key.channel_database),
            Route::Run(run_id) => run_id.to_string(),
            _ => String::new(),
        };
        if !of.is_empty() {
            self.recent.retain(|(_, known)| *known != route);
            self.recent.push((format!("{name} · {of}"), route));
            self.recent.drain(..self.recent.len().saturating_sub(MAX_RECENT));
        }
    }
}
