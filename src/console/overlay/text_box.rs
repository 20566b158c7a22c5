//! A box that shows a text.

use crate::console::overlay::OverlayOutcome;
use crate::console::protocol::key::Key;
use crate::console::protocol::key_table::Command;
use crate::console::protocol::keymap::Keymap;
use crate::console::view::painter::{Painter, wrap};
use crate::console::view::theme::Role;

/// The text, scrolled.
#[derive(Debug)]
pub struct TextBox {
    title: String,
    lines: Vec<String>,
    top: usize,
}

impl TextBox {
    /// A box that shows the text from its beginning.
    pub fn new(title: String, lines: Vec<String>) -> Self {
        Self { title, lines, top: 0 }
    }

    /// Takes a key.
    pub fn key(&mut self, key: &Key, keymap: &Keymap) -> OverlayOutcome {
        match keymap.command(key) {
            Some(Command::Down) => self.top = (self.top + 1).min(self.lines.len()),
            Some(Command::Up) => self.top = self.top.saturating_sub(1),
            Some(Command::Back | Command::Open | Command::Explain | Command::Quit) => return OverlayOutcome::Close,
            _ => {}
        }
        OverlayOutcome::Stay
    }

    /// Draws it over the screen.
    pub fn draw(&mut self, painter: &mut Painter) {
        let (width, height) = (painter.width(), painter.height());
        let room = usize::from(width.saturating_sub(10).min(90));
        let lines: Vec<_> = self.lines.iter().flat_map(|line| wrap(line, room)).collect();
        let rows = u16::try_from(lines.len() + 2).unwrap_or(u16::MAX).min(height.saturating_sub(1)).max(3);
        let mut part = painter.part(3, 1, width.saturating_sub(6).min(94), rows);
        let mut inside = part.boxed(&self.title);
        self.top = self.top.min(lines.len().saturating_sub(usize::from(inside.height())));
        for (y, line) in (0..inside.height()).zip(lines.iter().skip(self.top)) {
            inside.text(1, y, 90, line, Role::Text);
        }
    }
}
