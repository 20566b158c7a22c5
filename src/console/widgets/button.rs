//! A button.

use crate::console::view::hits::{Hit, Press};
use crate::console::view::painter::{Painter, cells};
use crate::console::widgets::field::between;

/// Draws `[ label ]` from the column of its left focus arrow on and returns the columns used.
pub fn draw(painter: &mut Painter, x: u16, y: u16, focused: bool, label: &str) -> u16 {
    let used = between(painter, x, y, focused, &format!("[ {label} ]"));
    if !BY_KEY.contains(&label.trim()) {
        painter.hit((x, y), (used, 1), Hit::Press(Press::Enter));
    }
    used
}

/// What changes data or sends a message, which only a key presses.
const BY_KEY: [&str; 3] = ["OK", "Save", "Send a test"];

/// Returns the columns that a button takes, including both focus arrows.
pub fn width(label: &str) -> u16 {
    u16::try_from(cells(label)).unwrap_or(u16::MAX).saturating_add(6)
}
