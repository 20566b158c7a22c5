//! A filter that is typed: the list follows it, and Esc brings back what was shown before.

use crate::console::app::{App, RuntimeEffect};
use crate::console::overlay::Overlay;
use crate::console::protocol::effect::{Effect, ScreenChange};
use crate::console::protocol::query::{Freshness, KnownNames, Query};
use crate::filter::Names;

/// What a screen showed before a filter was typed.
pub(super) struct BeforeFilter {
    /// The visit of the screen.
    visit: u64,
    /// What the freshness line said of the rows.
    freshness: Option<Freshness>,
}

impl App {
    /// Lets the list follow the filter that is typed; a long list waits until the keys have rested.
    pub(super) fn follow_filter(&mut self, debounced: bool) -> Vec<RuntimeEffect> {
        let Some(Overlay::Prompt(line)) = self.overlays.last_mut() else { return Vec::new() };
        let Some(change) = line.preview(debounced, self.zone, self.now) else { return Vec::new() };
        if self.before_filter.is_none()
            && let Some(visit) = self.visits.last_mut()
        {
            let freshness = visit.refresh.take_shown();
            visit.refresh.show(freshness.clone());
            self.before_filter = Some(BeforeFilter { visit: visit.id, freshness });
        }
        self.perform(vec![Effect::Screen(ScreenChange::Preview(Box::new(change)))])
    }

    /// Asks for the names that complete the filter.
    pub(super) fn filter_lookup(&mut self) -> Vec<RuntimeEffect> {
        let Some(Overlay::Prompt(line)) = self.overlays.last() else { return Vec::new() };
        let Some((names, text)) = line.lookup() else { return Vec::new() };
        let query = Query::Names(names, text);
        let is_asked = self.pending.iter().any(|pending| pending.awaits(&query));
        let id = self.visits.last().map(|visit| visit.id);
        if is_asked { Vec::new() } else { self.ask(id, query) }
    }

    /// Completes the filter with the names that head office knows; the list follows.
    pub(super) fn complete_filter(&mut self, names: Names, text: &str, known: &KnownNames) -> Vec<RuntimeEffect> {
        let is_changed = match self.overlays.last_mut() {
            Some(Overlay::Prompt(line)) => line.take_names(names, text, known),
            _ => false,
        };
        if is_changed { self.follow_filter(true) } else { Vec::new() }
    }

    /// Brings back what the screen showed before a filter was typed.
    pub(super) fn restore_filter(&mut self) -> Vec<RuntimeEffect> {
        let Some(before) = self.before_filter.take() else { return Vec::new() };
        let Some(visit) = self.visits.last_mut().filter(|visit| visit.id == before.visit) else { return Vec::new() };
        // The former rows are as old as they were then.
        visit.refresh.show(before.freshness);
        self.read_again(|screen, view| screen.change(ScreenChange::FormerFilter, view))
    }

    /// Closes the line of a filter before another screen opens.
    pub(super) fn close_filter(&mut self) -> Vec<RuntimeEffect> {
        self.overlays.retain(|overlay| !matches!(overlay, Overlay::Prompt(line) if line.is_filter()));
        self.restore_filter()
    }
}
