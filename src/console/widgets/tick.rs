//! A check box.

use crate::console::protocol::key::Key;
use crate::console::view::hits::{Hit, Press};
use crate::console::view::painter::Painter;
use crate::console::widgets::field::{Field, LocalNow, between};

/// A check box.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tick {
    /// Whether it is ticked.
    pub on: bool,
}

impl Field for Tick {
    fn key(&mut self, key: &Key, _: &LocalNow) -> bool {
        let is_space = *key == Key::Char(' ');
        self.on ^= is_space;
        is_space
    }

    fn draw(&self, painter: &mut Painter, x: u16, y: u16, focused: bool) -> u16 {
        let used = between(painter, x, y, focused, if self.on { "[x]" } else { "[ ]" });
        painter.hit((x, y), (used, 1), Hit::Press(Press::Space));
        used
    }
}
