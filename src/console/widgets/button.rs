//! A button.

use crate::console::view::hits::{Hit, Press};
use crate::console::view::painter::{Painter, cells};
use crate::console::widgets::field::between;

/// A button. Only keys press it, unless it is made [by click](Button::by_click).
#[derive(Debug, Clone, Copy)]
pub struct Button<'l> {
    label: &'l str,
    by_click: bool,
}

impl<'l> Button<'l> {
    /// A button that only keys press.
    pub fn new(label: &'l str) -> Self {
        Self { label, by_click: false }
    }

    /// The button, which a click presses, too: one that changes no data and sends no message.
    #[must_use]
    pub fn by_click(self) -> Self {
        Self { by_click: true, ..self }
    }

    /// Draws `[ label ]` from the column of its left focus arrow on and returns the columns used.
    pub fn draw(self, painter: &mut Painter, x: u16, y: u16, focused: bool) -> u16 {
        let used = between(painter, x, y, focused, &format!("[ {} ]", self.label));
        if self.by_click {
            painter.hit((x, y), (used, 1), Hit::Press(Press::Enter));
        }
        used
    }
}

/// Returns the columns that a button takes, including both focus arrows.
pub fn width(label: &str) -> u16 {
    u16::try_from(cells(label)).unwrap_or(u16::MAX).saturating_add(6)
}
