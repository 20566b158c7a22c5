//! A box that shows a text.

use crate::console::overlay::{OverlayOutcome, sizing};
use crate::console::protocol::key::Key;
use crate::console::protocol::key_table::Command;
use crate::console::protocol::keymap::Keymap;
use crate::console::view::painter::{Painter, cells, wrap};
use crate::console::view::theme::Role;

/// The least columns of the box, and the most cells of a line that is not wrapped.
const LEAST: u16 = 48;
const MOST: usize = 110;
/// Lines that a page scrolls.
const PAGE: usize = 10;

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
            Some(Command::Down) => self.top = self.top.saturating_add(1),
            Some(Command::Up) => self.top = self.top.saturating_sub(1),
            Some(Command::PageDown) => self.top = self.top.saturating_add(PAGE),
            Some(Command::PageUp) => self.top = self.top.saturating_sub(PAGE),
            Some(Command::First) => self.top = 0,
            Some(Command::Last) => self.top = usize::MAX,
            Some(Command::Back | Command::Open | Command::Explain | Command::Quit) => return OverlayOutcome::Close,
            _ => {}
        }
        OverlayOutcome::Stay
    }

    /// Draws it over the screen.
    pub fn draw(&mut self, painter: &mut Painter) {
        let (width, height) = (painter.width(), painter.height());
        let widest = self.lines.iter().map(|line| cells(line)).max().unwrap_or(0);
        let columns = sizing::columns(&self.title, widest.min(MOST), LEAST, width.saturating_sub(6));
        let room = usize::from(columns.saturating_sub(4));
        let lines: Vec<_> = self.lines.iter().flat_map(|line| wrap(line, room)).collect();
        let rows = u16::try_from(lines.len() + 2).unwrap_or(u16::MAX).min(height.saturating_sub(1)).max(3);
        let mut part = painter.part(3, 1, columns, rows);
        let mut inside = part.boxed(&self.title);
        self.top = self.top.min(lines.len().saturating_sub(usize::from(inside.height())));
        for (y, line) in (0..inside.height()).zip(lines.iter().skip(self.top)) {
            inside.text(1, y, columns, line, Role::Text);
        }
    }
}
