//! Keeps what is on the screen as new as the line above it says: a screen is read again when head office has changed, and the line shows the
//! newer state only once the screen has it.

use crate::console::app::{App, RuntimeEffect};
use crate::console::protocol::effect::Effect;
use crate::console::protocol::query::Freshness;
use crate::console::screens::screen::Screen;
use crate::console::view::context::ViewContext;

/// How new the rows of a visited screen are.
#[derive(Default)]
pub(super) struct Currency {
    /// The first question of the last reading. Questions are answered in order: what a lower one found is no newer.
    from: u64,
    /// Questions of that reading that are not answered yet.
    awaited: Vec<u64>,
    /// What the line above the screen shows.
    shown: Option<Freshness>,
}

impl Currency {
    /// Of a screen that is about to be read for the first time: until then it shows no row that could be older than `newest`.
    pub(super) fn new(newest: Option<Freshness>) -> Self {
        Self { shown: newest, ..Self::default() }
    }

    /// Lends what the line above the screen shows; [`Self::show`] puts it back.
    pub(super) fn take_shown(&mut self) -> Option<Freshness> {
        self.shown.take()
    }

    /// Sets what the line above the screen shows.
    pub(super) fn show(&mut self, freshness: Option<Freshness>) {
        self.shown = freshness;
    }

    /// Waits for a question instead of those that it replaces.
    pub(super) fn replaced(&mut self, old: &[u64], new: u64) {
        let before = self.awaited.len();
        self.awaited.retain(|number| !old.contains(number));
        if self.awaited.len() < before {
            self.awaited.push(new);
        }
    }

    /// Notes that a question was answered, or given up.
    pub(super) fn answered(&mut self, number: u64) {
        self.awaited.retain(|awaited| *awaited != number);
    }
}

impl App {
    /// Performs the effects of `read`, and waits for the answers to the queries among them before it shows the new freshness.
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
        if let Some(visit) = self.visits.last_mut() {
            visit.currency.from = from;
            visit.currency.awaited.extend(asked);
        }
        effects
    }

    /// Shows the newest freshness if the screen has been read since; reads the screen again if head office has changed since. One reading
    /// at a time: however often head office changes, each is answered.
    pub(super) fn keep_current(&mut self) -> Vec<RuntimeEffect> {
        let Some((number, newest)) = &self.freshness else { return Vec::new() };
        let number = *number;
        let Some(visit) = self.visits.last_mut() else { return Vec::new() };
        let currency = &mut visit.currency;
        if !currency.awaited.is_empty() {
            return Vec::new();
        }
        if number < currency.from || currency.shown.as_ref().is_some_and(|shown| shown.is_as_new_as(newest)) {
            currency.shown = Some(newest.clone());
            return Vec::new();
        }
        // What a box over the screen was opened for must still be under the cursor when it is answered; the line waits, too.
        if !self.overlays.is_empty() || visit.screen.holds_still() {
            return Vec::new();
        }
        // A screen with nothing to read is current.
        currency.from = self.next_number;
        let effects = self.read_again(|screen, view| screen.refresh(view));
        if effects.iter().any(|effect| matches!(effect, RuntimeEffect::Ask(..))) {
            return effects;
        }
        let newest = self.freshness.as_ref().map(|(_, newest)| newest.clone());
        if let Some(visit) = self.visits.last_mut() {
            visit.currency.show(newest);
        }
        effects
    }
}
