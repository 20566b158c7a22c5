//! The explanation of a session: on a wide terminal a pane beside the screen, which follows the
//! screen's cursor; on a narrow one a box over it.

use crate::console::app::{App, RuntimeEffect, frame};
use crate::console::overlay::{LinkedText, OverlayOutcome};
use crate::console::protocol::effect::LinkedLine;
use crate::console::protocol::key::Key;
use crate::console::protocol::key_table::Command;
use crate::console::protocol::query::Query;
use crate::console::screens::screen::Screen;
use crate::console::view::layout;
use crate::domain::SessionKey;

/// The number of its pane; those of a screen are smaller.
pub(super) const EXPLANATION_PANE: u8 = u8::MAX;

/// An explanation that is open.
pub(super) struct OpenExplanation {
    of: SessionKey,
    text: LinkedText,
    /// Whether keys reach it while it is beside the screen; as a box it always has them.
    is_focused: bool,
}

impl OpenExplanation {
    /// What a frame draws.
    pub(super) fn drawn(&mut self) -> (&mut LinkedText, bool) {
        (&mut self.text, self.is_focused)
    }

    /// Moves its cursor by this many lines.
    pub(super) fn scroll(&mut self, lines: i16) {
        self.text.scroll(lines);
    }

    /// Gives it the focus, with the cursor on a line.
    pub(super) fn focus_line(&mut self, line: usize) {
        self.text.focus(line);
        self.is_focused = true;
    }
}

impl App {
    pub(super) fn explanation(&mut self) -> Option<&mut OpenExplanation> {
        self.visits.last_mut()?.explanation.as_mut()
    }

    /// Whether an explanation is open.
    pub(super) fn explains(&self) -> bool {
        self.visits.last().is_some_and(|visit| visit.explanation.is_some())
    }

    /// Whether it is beside the screen.
    pub(super) fn explains_beside(&self) -> bool {
        self.explains() && layout::beside(frame::screen_size(&self.memory, self.size)).is_some()
    }

    /// Whether it gets the keys.
    pub(super) fn is_in_explanation(&self) -> bool {
        let is_focused = |open: &OpenExplanation| open.is_focused || !self.explains_beside();
        self.visits.last().and_then(|visit| visit.explanation.as_ref()).is_some_and(is_focused)
    }

    /// Opens an explanation, or shows it instead of another one.
    pub(super) fn show_explanation(&mut self, of: SessionKey, title: String, lines: Vec<LinkedLine>) {
        let Some(visit) = self.visits.last_mut() else { return };
        match &mut visit.explanation {
            Some(open) if open.of == of => open.text.renew(title, lines),
            Some(open) => (open.of, open.text) = (of, LinkedText::new(title, lines)),
            None => {
                let text = LinkedText::new(title, lines);
                visit.explanation = Some(OpenExplanation { of, text, is_focused: true });
            }
        }
    }

    /// Closes it; false if there is none.
    pub(super) fn close_explanation(&mut self) -> bool {
        self.visits.last_mut().is_some_and(|visit| visit.explanation.take().is_some())
    }

    /// Gives it the focus, or the screen.
    pub(super) fn focus_explanation(&mut self, is_focused: bool) {
        if let Some(open) = self.explanation() {
            open.is_focused = is_focused;
        }
    }

    /// Asks for the explanation of the session under the screen's cursor.
    pub(super) fn explain(&mut self) -> Vec<RuntimeEffect> {
        let key = self.screen().and_then(Screen::session);
        key.map_or_else(Vec::new, |key| self.ask_explanation(key))
    }

    fn ask_explanation(&mut self, key: SessionKey) -> Vec<RuntimeEffect> {
        let query = Query::Explain(key);
        let id = self.visits.last().map(|visit| visit.id);
        if self.pending.iter().any(|pending| pending.awaits(&query)) { Vec::new() } else { self.ask(id, query) }
    }

    /// Asks for that of another session, if the cursor has moved to one.
    pub(super) fn explain_current(&mut self) -> Vec<RuntimeEffect> {
        if !self.explains_beside() {
            return Vec::new();
        }
        let key = self.screen().and_then(Screen::session);
        let shown = self.explanation().map(|open| open.of.clone());
        key.filter(|key| Some(key) != shown.as_ref()).map_or_else(Vec::new, |key| self.ask_explanation(key))
    }

    /// Asks for it again, since head office may have changed.
    pub(super) fn explain_again(&mut self) -> Vec<RuntimeEffect> {
        if !self.explains_beside() {
            return Vec::new();
        }
        let key = self.screen().and_then(Screen::session);
        let key = key.or_else(|| self.explanation().map(|open| open.of.clone()));
        key.map_or_else(Vec::new, |key| self.ask_explanation(key))
    }

    /// Handles a key while it has the focus. Beside the screen, what it does not use is for the
    /// screen.
    pub(super) fn key_in_explanation(&mut self, key: &Key) -> Vec<RuntimeEffect> {
        let is_beside = self.explains_beside();
        let Some(open) = self.visits.last_mut().and_then(|visit| visit.explanation.as_mut()) else {
            return Vec::new();
        };
        match open.text.key(key, &self.settings.keymap) {
            OverlayOutcome::Page(text) => self.page(text),
            OverlayOutcome::Obey(command) if is_beside => self.perform_command(command),
            OverlayOutcome::Close => {
                self.close_explanation();
                Vec::new()
            }
            OverlayOutcome::Perform(effects) => {
                if !is_beside {
                    self.close_explanation();
                }
                let mut effects = self.perform(effects);
                effects.extend(self.explain_again());
                effects
            }
            _ if matches!(key, Key::Ctrl('c')) => {
                self.close_explanation();
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    /// Moves the focus between the screen's panes and the explanation beside them; `None` if the
    /// command is for the screen.
    pub(super) fn turn_to_explanation(&mut self, command: Command) -> Option<Vec<RuntimeEffect>> {
        let is_focused = self.is_in_explanation();
        if !self.explains_beside() {
            return None;
        }
        match command {
            Command::Explain => self.focus_explanation(true),
            Command::NextPane if is_focused => self.focus_explanation(false),
            Command::PreviousPane if is_focused => {
                self.focus_explanation(false);
                return None;
            }
            Command::PreviousPane if self.is_in_list() => self.focus_explanation(true),
            Command::NextPane => {
                let requested = self.with_screen(|screen, view| screen.command(command, view)).flatten();
                let is_focused = self.is_in_list();
                self.focus_explanation(is_focused);
                return Some(self.perform(requested.unwrap_or_default()));
            }
            _ => return None,
        }
        Some(Vec::new())
    }

    /// Whether the first pane of the screen has the focus.
    fn is_in_list(&mut self) -> bool {
        let pane = self.with_screen(|screen, _| {
            let pane = screen.focus(0);
            screen.focus(pane);
            pane
        });
        pane == Some(0)
    }
}
