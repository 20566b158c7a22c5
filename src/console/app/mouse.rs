//! The mouse: a wheel scrolls, a click selects, sorts or presses a hint that changes nothing. In
//! boxes it moves the cursor, in forms the focus; there it also ticks, chooses, changes the tab and
//! presses buttons that change no data.

use crate::console::app::explanation::EXPLANATION_PANE;
use crate::console::app::{App, Input, RuntimeEffect, frame};
use crate::console::overlay::OverlayOutcome;
use crate::console::protocol::effect::ScreenChange;
use crate::console::protocol::key::Key;
use crate::console::protocol::key_table::Command;
use crate::console::protocol::mouse::{Mouse, MouseAction};
use crate::console::screens::screen::Screen;
use crate::console::view::hits::{Hit, Hits, Press};
use crate::domain::Timestamp;
use std::cell::RefCell;

/// Rows that one step of the wheel scrolls.
const WHEEL_ROWS: i16 = 3;
/// The longest time between the clicks of a double click, in milliseconds.
const DOUBLE_CLICK_MS: i64 = 400;

/// What the console knows of the mouse.
#[derive(Debug, Default)]
pub(super) struct MouseState {
    /// Whether the terminal reports it.
    pub is_on: bool,
    /// What the last frame drew where. Empty once something has happened that may have moved it.
    pub hits: RefCell<Hits>,
    /// The row that was clicked last, and when.
    clicked: Option<(Timestamp, u16)>,
}

impl App {
    /// Switches the mouse on if the configuration has it.
    pub(super) fn start_mouse(&mut self) -> Option<RuntimeEffect> {
        self.mouse.is_on = self.settings.mouse;
        self.mouse.is_on.then_some(RuntimeEffect::Mouse(true))
    }

    /// Forgets what was drawn where if it may be elsewhere in the next frame.
    pub(super) fn forget_hits(&mut self, input: &Input) {
        if matches!(input, Input::Key(_) | Input::Reply(_) | Input::MutationDone(_) | Input::RunEnded(_)) {
            self.mouse.hits.get_mut().clear();
        }
    }

    /// Switches the mouse on or off.
    pub(super) fn use_mouse(&mut self, is_on: bool) -> Vec<RuntimeEffect> {
        self.mouse.is_on = is_on;
        let text = if is_on { "The mouse is on; Shift selects text as before." } else { "The mouse is off." };
        self.said = Some(text.to_owned());
        vec![RuntimeEffect::Mouse(is_on)]
    }

    /// Handles the mouse. Questions and prompts leave it alone: no click changes anything.
    pub(super) fn mouse(&mut self, mouse: Mouse) -> Vec<RuntimeEffect> {
        self.held.clear();
        let last = self.mouse.clicked.take();
        let is_ignored = !self.mouse.is_on || frame::is_too_small(self.size) || !self.question_seen;
        if is_ignored || self.awaits_question() {
            return Vec::new();
        }
        if let Some(overlay) = self.overlays.last_mut() {
            let outcome = match mouse.action {
                MouseAction::WheelUp => overlay.scroll(true, &self.settings.keymap),
                MouseAction::WheelDown => overlay.scroll(false, &self.settings.keymap),
                MouseAction::Click => {
                    match self.mouse.hits.get_mut().take(mouse.x, mouse.y) {
                        // A click on the row of the cursor opens it, if that changes nothing.
                        Some(Hit::Focus(number)) if overlay.opens(number) => {
                            let outcome = overlay.key(&Key::Enter, &self.settings.keymap);
                            return self.outcome(outcome);
                        }
                        Some(Hit::Focus(number)) => overlay.focus(number),
                        Some(Hit::Row { below, .. }) => overlay.step(below),
                        _ => {}
                    }
                    return Vec::new();
                }
            };
            return if matches!(outcome, OverlayOutcome::Stay) { self.outcome(outcome) } else { Vec::new() };
        }
        let pane = self.mouse.hits.borrow().pane(mouse.x, mouse.y);
        if self.explains() && (pane == Some(EXPLANATION_PANE) || !self.explains_beside()) {
            self.mouse_in_explanation(mouse);
            return Vec::new();
        }
        if self.screen().is_some_and(Screen::is_dialog) {
            return if mouse.action == MouseAction::Click { self.click_in_form(mouse) } else { Vec::new() };
        }
        match mouse.action {
            MouseAction::WheelUp => self.wheel(pane, -WHEEL_ROWS),
            MouseAction::WheelDown => self.wheel(pane, WHEEL_ROWS),
            MouseAction::Click => self.click(mouse, pane, last),
        }
    }

    /// Scrolls a pane; the focus stays where it is.
    fn wheel(&mut self, pane: Option<u8>, rows: i16) -> Vec<RuntimeEffect> {
        let before = pane.and_then(|pane| self.with_screen(|screen, _| screen.focus(pane)));
        let effects = self.step(Command::Scroll(rows), rows);
        self.mouse.hits.borrow_mut().keep_panes();
        before.and_then(|before| self.with_screen(|screen, _| screen.focus(before)));
        effects
    }

    /// Lets the screen move by this many rows: at once, or if it does not know how, row by row.
    fn step(&mut self, command: Command, rows: i16) -> Vec<RuntimeEffect> {
        let mut requested = self.with_screen(|screen, view| screen.command(command, view)).flatten();
        if requested.is_none() {
            let step = if rows < 0 { Command::Up } else { Command::Down };
            for _ in 0..rows.unsigned_abs() {
                requested = self.with_screen(|screen, view| screen.command(step, view)).flatten();
            }
        }
        self.perform(requested.unwrap_or_default())
    }

    /// Gives the field the focus and, if it has it then, presses what is there, as its keys do.
    fn click_in_form(&mut self, mouse: Mouse) -> Vec<RuntimeEffect> {
        let (field, press) = self.mouse.hits.get_mut().take_field(mouse.x, mouse.y);
        let has_focus = field.and_then(|number| self.with_screen(|screen, _| screen.focus_field(number)));
        let press = press.filter(|press| has_focus == Some(true) || !press.needs_field());
        press.map_or_else(Vec::new, Press::keys).iter().flat_map(|key| self.key(key)).collect()
    }

    /// Scrolls the explanation, or moves its cursor to a line and gives it the focus.
    fn mouse_in_explanation(&mut self, mouse: Mouse) {
        let hit = self.mouse.hits.get_mut().at(mouse.x, mouse.y);
        let Some(open) = self.explanation() else { return };
        match (mouse.action, hit) {
            (MouseAction::WheelUp, _) => open.scroll(-WHEEL_ROWS),
            (MouseAction::WheelDown, _) => open.scroll(WHEEL_ROWS),
            (MouseAction::Click, Some(Hit::Focus(line))) => open.focus_line(line),
            (MouseAction::Click, _) => {}
        }
        self.mouse.hits.get_mut().keep_panes();
    }

    fn click(&mut self, mouse: Mouse, pane: Option<u8>, last: Option<(Timestamp, u16)>) -> Vec<RuntimeEffect> {
        (self.said, self.warned) = (None, None);
        let hit = self.mouse.hits.get_mut().take(mouse.x, mouse.y);
        self.focus_explanation(false);
        let focused = pane.and_then(|pane| self.with_screen(|screen, _| screen.focus(pane)));
        match hit {
            Some(Hit::Row { below: 0, focused: true }) if is_double(last, self.now, mouse.y) => {
                self.perform_command(Command::Open)
            }
            Some(Hit::Row { below, focused: has_focus }) if has_focus || focused.is_some() => {
                self.mouse.clicked = Some((self.now, mouse.y));
                if below == 0 { Vec::new() } else { self.step(Command::Rows(below), below) }
            }
            Some(Hit::Heading(heading)) => {
                let change = ScreenChange::SortBy(heading);
                let requested = self.with_screen(|screen, view| screen.change(change, view)).unwrap_or_default();
                self.perform(requested)
            }
            Some(Hit::Hint(command)) => self.perform_command(command),
            _ => Vec::new(),
        }
    }
}

/// Whether a click on a row follows one on the same row soon enough to open it.
fn is_double(last: Option<(Timestamp, u16)>, now: Timestamp, y: u16) -> bool {
    last.is_some_and(|(at, row)| row == y && (0..=DOUBLE_CLICK_MS).contains(&now.since(at)))
}
