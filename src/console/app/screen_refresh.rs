//! Keeps the screen as new as the freshness line above it says: a screen is re-queried when head
//! office changes, and the line shows the newer state only once the screen has it.

use crate::console::app::{App, RuntimeEffect};
use crate::console::protocol::effect::Effect;
use crate::console::protocol::query::Freshness;
use crate::console::screens::screen::Screen;
use crate::console::view::context::ViewContext;
use std::collections::BTreeSet;

/// How new the rows of a visited screen are.
#[derive(Default)]
pub(super) struct ScreenRefresh {
    /// The first query of the last reload.
    from: u64,
    /// Queries of that reload, and for rows to sort, that are not answered yet.
    awaited: BTreeSet<u64>,
    /// The newest freshness when that reload was asked for; its answers are at least as new.
    known: Option<Freshness>,
    /// What the freshness line shows.
    shown: Option<Freshness>,
    /// The last query that had been answered when one of that reload failed: the rows are still the
    /// former ones.
    failed_at: Option<u64>,
}

impl ScreenRefresh {
    /// For a new screen, which shows no row yet that could be older than `newest`.
    pub(super) fn new(newest: Option<Freshness>) -> Self {
        Self { shown: newest, ..Self::default() }
    }

    /// Takes what the freshness line shows; [`Self::show`] puts it back.
    pub(super) fn take_shown(&mut self) -> Option<Freshness> {
        self.shown.take()
    }

    /// Sets what the freshness line shows.
    pub(super) fn show(&mut self, freshness: Option<Freshness>) {
        self.shown = freshness;
    }

    /// Waits for a query instead of those that it replaces.
    pub(super) fn replaced(&mut self, old: &[u64], new: u64) {
        let before = self.awaited.len();
        self.awaited.retain(|number| !old.contains(number));
        if self.awaited.len() < before {
            self.awaited.insert(new);
        }
    }

    /// Waits for a query.
    pub(super) fn awaits(&mut self, number: u64) {
        self.awaited.insert(number);
    }

    /// Records that a query was answered or dropped.
    pub(super) fn answered(&mut self, number: u64) {
        self.awaited.remove(&number);
    }

    /// Records that a query failed after `last` had been answered.
    pub(super) fn failed(&mut self, number: u64, last: u64) {
        if self.awaited.contains(&number) {
            self.failed_at = Some(last);
        }
    }
}

impl App {
    /// The identity of the head office whose rows the screen shows, or on which a dialog was
    /// opened. `None` before the first answer.
    pub fn shown_head_office(&self) -> Option<String> {
        let visit = self.visits.last()?;
        if visit.opened_on.is_some() {
            return visit.opened_on.clone();
        }
        let shown = visit.refresh.shown.as_ref();
        let shown = shown.or(self.freshness.as_ref().map(|(_, freshness)| freshness));
        shown.map(|freshness| freshness.head_office_id.clone()).filter(|id| !id.is_empty())
    }

    /// Performs the effects of `read`, and waits for the answers to the queries among them before
    /// it shows the new freshness.
    pub(super) fn read_again(
        &mut self,
        read: impl FnOnce(&mut dyn Screen, &ViewContext) -> Vec<Effect>,
    ) -> Vec<RuntimeEffect> {
        let from = self.next_number;
        let requested = self.with_screen(read).unwrap_or_default();
        if !requested.iter().any(|effect| matches!(effect, Effect::Ask(_))) {
            return self.perform(requested);
        }
        let effects = self.perform(requested);
        let asked = effects.iter().filter_map(|effect| match effect {
            RuntimeEffect::Ask(number, _) => Some(*number),
            _ => None,
        });
        let asked: Vec<_> = asked.collect();
        let known = self.freshness.as_ref().map(|(_, freshness)| freshness.clone());
        if let Some(visit) = self.visits.last_mut() {
            (visit.refresh.from, visit.refresh.known, visit.refresh.failed_at) = (from, known, None);
            visit.refresh.awaited.extend(asked);
        }
        effects
    }

    /// Shows the newest freshness if the screen has been queried since; re-queries the screen if
    /// head office has changed. One reload runs at a time, so that each completes however often
    /// head office changes.
    pub(super) fn keep_current(&mut self) -> Vec<RuntimeEffect> {
        let Some((answered, newest)) = &self.freshness else { return Vec::new() };
        let answered = *answered;
        let Some(visit) = self.visits.last_mut() else { return Vec::new() };
        let refresh = &mut visit.refresh;
        if !refresh.awaited.is_empty() {
            return Vec::new();
        }
        if let Some(failed_at) = refresh.failed_at {
            // They are read again after the next freshness, not at once, since they may fail again.
            if answered <= failed_at {
                return Vec::new();
            }
        } else {
            if let Some(known) = refresh.known.take() {
                refresh.shown = Some(known);
            }
            // Queries may overtake each other. The freshness is older than the reload only if it
            // was answered before each query of the reload.
            if answered < refresh.from || refresh.shown.as_ref().is_some_and(|shown| shown.is_as_new_as(newest)) {
                refresh.shown = Some(newest.clone());
                return Vec::new();
            }
        }
        // The row that an overlay was opened for must stay under the cursor, so the line waits as
        // well.
        if !self.overlays.is_empty() || visit.screen.holds_still() {
            return Vec::new();
        }
        // A screen without queries is current.
        refresh.from = self.next_number;
        let mut effects = self.read_again(|screen, view| screen.refresh(view));
        if effects.iter().any(|effect| matches!(effect, RuntimeEffect::Ask(..))) {
            effects.extend(self.explain_again());
            return effects;
        }
        let newest = self.freshness.as_ref().map(|(_, newest)| newest.clone());
        if let Some(visit) = self.visits.last_mut() {
            visit.refresh.show(newest);
        }
        effects
    }
}
