//! Radio buttons, in rows or as single buttons.

use crate::console::protocol::key::Key;
use crate::console::view::hits::{Hit, Press};
use crate::console::view::painter::Painter;
use crate::console::view::theme::Role;
use crate::console::widgets::field::{Field, LocalNow, between};

/// Radio buttons in rows. Left and Right move the cursor, Space chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Radio {
    labels: &'static [&'static str],
    per_row: usize,
    button_width: u16,
    chosen: usize,
    cursor: usize,
}

impl Radio {
    /// Creates buttons, `per_row` side by side, `button_width` columns each, with the first chosen.
    pub fn new(labels: &'static [&'static str], per_row: usize, button_width: u16) -> Self {
        Self { labels, per_row: per_row.max(1), button_width, chosen: 0, cursor: 0 }
    }

    /// Returns the index of the chosen button.
    pub fn chosen(&self) -> usize {
        self.chosen
    }

    /// Chooses a button.
    pub fn choose(&mut self, chosen: usize) {
        self.chosen = chosen.min(self.labels.len().saturating_sub(1));
        self.cursor = self.chosen;
    }

    /// Draws one row of buttons, counted from 0; returns the columns used.
    pub fn draw_row(&self, painter: &mut Painter, x: u16, y: u16, row: usize, focused: bool) -> u16 {
        let mut at = x;
        for (index, label) in self.labels.iter().enumerate().skip(row * self.per_row).take(self.per_row) {
            let used = button(painter, at, y, focused && index == self.cursor, index == self.chosen, label);
            painter.hit((at, y), (used, 1), Hit::Press(Press::Choose(index)));
            at += self.button_width;
        }
        at - x
    }
}

impl Field for Radio {
    fn key(&mut self, key: &Key, _: &LocalNow) -> bool {
        let last = self.labels.len().saturating_sub(1);
        match key {
            Key::Left => self.cursor = self.cursor.saturating_sub(1),
            Key::Right => self.cursor = (self.cursor + 1).min(last),
            Key::Home => self.cursor = 0,
            Key::End => self.cursor = last,
            Key::Char(' ') => self.chosen = self.cursor,
            _ => return false,
        }
        true
    }

    fn draw(&self, painter: &mut Painter, x: u16, y: u16, focused: bool) -> u16 {
        let rows = self.labels.len().div_ceil(self.per_row);
        let used = (0..rows).zip(y..).map(|(row, y)| self.draw_row(painter, x, y, row, focused));
        used.max().unwrap_or(0)
    }

    fn entered(&mut self) {
        self.cursor = self.chosen;
    }
}

/// Draws one button and its label; `x` is the column of the left focus arrow. Returns the columns
/// used.
pub fn button(painter: &mut Painter, x: u16, y: u16, focused: bool, chosen: bool, label: &str) -> u16 {
    let used = between(painter, x, y, focused, if chosen { "(•)" } else { "( )" });
    let used = used + painter.text(x + used, y, painter.width(), label, Role::Text);
    if !chosen {
        painter.hit((x, y), (used, 1), Hit::Press(Press::Space));
    }
    used
}
