//! A button.

use crate::console::view::hits::{Hit, Press};
use crate::console::view::layout::form_buttons;
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

/// The columns to the right of the buttons of a form, and between two of them.
const MARGIN: u16 = 3;
const GAP: u16 = 2;

/// Draws the buttons of a form below its `content` rows; returns their row.
pub fn draw_row<F: PartialEq>(
    painter: &mut Painter,
    content: u16,
    buttons: [(F, Button); 2],
    focus: Option<&F>,
    order: &[F],
) -> u16 {
    let widths = buttons.iter().map(|(_, button)| width(button.label));
    let needed = widths.fold(GAP + MARGIN, u16::saturating_add);
    let (mut x, y) = form_buttons((painter.width(), painter.height()), needed, content);
    for (field, button) in buttons {
        let used = button.draw(painter, x, y, focus == Some(&field));
        painter.hit_field((x, y), used, &field, order);
        x += used + GAP;
    }
    y
}
