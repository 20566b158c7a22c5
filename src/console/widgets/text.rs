//! A field for free text.

use crate::console::protocol::key::Key;
use crate::console::view::painter::{Painter, cells};
use crate::console::view::theme::Role;
use crate::console::widgets::field::{Field, LocalNow, between};
use crate::console::widgets::input::TextInput;

/// Text of any length, of which `width` columns are visible.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextField {
    input: TextInput,
    width: u16,
}

impl TextField {
    /// Creates an empty field, `width` columns wide inside its brackets.
    pub fn new(width: u16) -> Self {
        Self { input: TextInput::default(), width }
    }

    /// Sets the width in columns.
    pub fn resize(&mut self, width: u16) {
        self.width = width;
    }

    /// Returns the text as typed.
    pub fn text(&self) -> String {
        self.input.text()
    }

    /// Marks `length` characters from `at` on as wrong. The field must have been drawn at the same
    /// place. Does nothing if the text is longer than the field.
    pub fn shade(&self, painter: &mut Painter, x: u16, y: u16, focused: bool, (at, length): (usize, usize)) {
        let text = self.text();
        if cells(&text) >= usize::from(self.width) {
            return;
        }
        let wide = |from: usize, to: usize| cells(&text.chars().skip(from).take(to - from).collect::<String>());
        let cursor = self.input.halves().0.chars().count();
        // The cursor occupies a cell of its own.
        let shift = usize::from(focused && cursor <= at);
        let inside = usize::from(focused && (at + 1..at + length).contains(&cursor));
        let start = 2 + wide(0, at) + shift;
        let fits = |number: usize| u16::try_from(number).unwrap_or(0);
        painter.shade(x + fits(start), y, fits(wide(at, at + length) + inside), Role::Bad);
    }

    /// Sets the text.
    pub fn set(&mut self, text: &str) {
        self.input = TextInput::with(text);
    }
}

impl Field for TextField {
    fn key(&mut self, key: &Key, _: &LocalNow) -> bool {
        self.input.key(key)
    }

    fn draw(&self, painter: &mut Painter, x: u16, y: u16, focused: bool) -> u16 {
        // The brackets and the arrows of the focus take four cells.
        let width = usize::from(self.width.min(painter.width().saturating_sub(x + 4)));
        let text = self.input.visible(width, focused);
        let gap = " ".repeat(width.saturating_sub(cells(&text)));
        between(painter, x, y, focused, &format!("[{text}{gap}]"))
    }
}
