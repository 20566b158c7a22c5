//! Views: opening them, and what of them the palette offers.

use crate::console::app::{App, RuntimeEffect, Visit, view};
use crate::console::overlay::Overlay;
use crate::console::overlay::palette::Entry;
use crate::console::protocol::effect::Action;
use crate::console::protocol::query::{Answer, Query};
use crate::console::protocol::route::Route;
use crate::console::protocol::saved_view::{SavedView, shipped};
use crate::console::screens::{Saving, open_view};
use crate::console::view::context::ViewContext;

impl Visit {
    /// The route that opens its screen again.
    pub(super) fn route(&self, context: &ViewContext) -> Route {
        let Some(opened) = &self.view else { return self.screen.route() };
        match self.listed(context) {
            Some(shown) if shown.shows_same(opened) => Route::View(opened.clone()),
            Some(shown) => Route::View(Box::new(SavedView { name: opened.name.clone(), ..shown })),
            None => self.screen.route(),
        }
    }

    /// Its list as a view without a name; `None` if it cannot be saved.
    fn listed(&self, context: &ViewContext) -> Option<SavedView> {
        let (list, look) = self.screen.list_view(context)?;
        Some(SavedView::of_list(list, look, context.zone)).filter(|shown| shown.fields().is_some())
    }

    /// The name of the view that it shows, unless the operator has changed the list since.
    pub(super) fn view_name(&self, context: &ViewContext) -> Option<&str> {
        let opened = self.view.as_deref()?;
        let is_same = self.listed(context).is_some_and(|shown| shown.shows_same(opened));
        is_same.then_some(opened.name.as_str())
    }
}

impl App {
    /// The route that opens the screen again.
    pub(super) fn current_route(&self) -> Option<Route> {
        let view = view!(self, self.freshness.as_ref().map(|(_, freshness)| freshness));
        self.visits.last().map(|visit| visit.route(&view))
    }

    /// Completes a route: the views are opened with the list that can be saved. Sets the zone of a
    /// view that is opened.
    pub(super) fn prepared(&mut self, target: Route) -> Route {
        match target {
            Route::Views(None) => {
                if let Some(here @ Route::Views(_)) = self.current_route() {
                    return here;
                }
                let view = view!(self, self.freshness.as_ref().map(|(_, freshness)| freshness));
                let listed = self.visits.last().and_then(|visit| visit.listed(&view));
                Route::Views(listed.map(Box::new))
            }
            Route::View(opened) => {
                let zone = opened.zone(self.zone, self.settings.home);
                if zone != self.zone {
                    self.zone = zone;
                    self.said = Some(format!("{}: times are shown in {}.", opened.name, zone.name(self.now)));
                }
                Route::View(opened)
            }
            target => target,
        }
    }

    /// Asks for the views that the palette offers.
    pub(super) fn ask_views(&mut self) -> Vec<RuntimeEffect> {
        let id = self.visits.last().map(|visit| visit.id);
        let query = Query::Views(self.settings.operator.clone(), self.settings.views_file.clone());
        self.ask(id, query)
    }

    /// Gives an open palette the views; returns an answer that the screen asked for.
    pub(super) fn take_views(&mut self, result: Result<Answer, String>) -> Option<Result<Answer, String>> {
        let saved = match &result {
            Ok(Answer::Views(saved)) => saved.clone(),
            // The palette still has the views of the program.
            _ => Vec::new(),
        };
        if result.is_ok() {
            self.take_theme(&saved);
        }
        let view = view!(self, self.freshness.as_ref().map(|(_, freshness)| freshness));
        let listed = self.visits.last().and_then(|visit| visit.listed(&view));
        let entries = entries(&saved, listed.as_ref(), &view);
        if let Some(Overlay::Palette(palette)) = self.overlays.last_mut() {
            palette.take_views(entries);
        }
        let is_listed = self.screen().is_some_and(|screen| matches!(screen.route(), Route::Views(_)));
        is_listed.then_some(result)
    }
}

/// The entries of views and of what changes them.
fn entries(saved: &[SavedView], listed: Option<&SavedView>, view: &ViewContext) -> Vec<Entry> {
    let saving = Saving::new(saved, view);
    let own = saved.iter().filter(|saved| saved.is_listed()).cloned();
    let views = own.chain(shipped(saved, view.last_here)).map(|opened| {
        let effect = open_view(&opened, view);
        Entry::new(format!("View {} · {}", opened.name, opened.list), effect)
            .detail(opened.filter)
            .synonyms("saved list")
    });
    let changes = listed.map(|listed| saving.save_list(listed)).into_iter().chain([saving.choose_stores()]);
    let changes = changes.filter(|action| action.refused.is_none());
    let changes = changes.filter_map(|Action { label, mut then, .. }| Some(Entry::new(label, then.pop()?)));
    views.chain(changes.map(|entry| entry.detail("views").synonyms("view bookmark filter"))).collect()
}
