//! The changes that can be undone, newest first.

use crate::console::overlay::OverlayOutcome;
use crate::console::overlay::confirm::YES_OR_NO;
use crate::console::protocol::effect::Effect;
use crate::console::protocol::key::Key;
use crate::console::protocol::key_table::Command;
use crate::console::protocol::keymap::Keymap;
use crate::console::protocol::mutation::Mutation;
use crate::console::protocol::query::JournalEntry;
use crate::console::protocol::time::Zone;
use crate::console::view::hits::Hit;
use crate::console::view::painter::Painter;
use crate::console::view::theme::Role;
use crate::domain::{Timestamp, grouped};

/// The changes, with a cursor.
#[derive(Debug)]
pub struct UndoList {
    entries: Vec<JournalEntry>,
    cursor: usize,
    /// Whether the change under the cursor was chosen and is to be confirmed.
    asks: bool,
    zone: Zone,
    now: Timestamp,
}

impl UndoList {
    /// A list of these entries.
    pub fn new(entries: Vec<JournalEntry>, zone: Zone, now: Timestamp) -> Self {
        Self { entries, cursor: 0, asks: false, zone, now }
    }

    /// Puts the cursor on a change, unless the one under it is to be confirmed.
    pub fn focus(&mut self, number: usize) {
        if !self.asks {
            self.cursor = number.min(self.entries.len().saturating_sub(1));
        }
    }

    /// Takes a key.
    pub fn key(&mut self, key: &Key, keymap: &Keymap) -> OverlayOutcome {
        if self.asks {
            let entry = self.entries.get(self.cursor).filter(|_| *key == Key::Char('y'));
            let undo = |entry: &JournalEntry| vec![Effect::Mutation(Mutation::Undo(entry.entry_id))];
            return entry.map_or(OverlayOutcome::Close, |entry| OverlayOutcome::Perform(undo(entry)));
        }
        let last = self.entries.len().saturating_sub(1);
        match keymap.command(key) {
            Some(Command::Up) => self.cursor = self.cursor.saturating_sub(1),
            Some(Command::Down) => self.cursor = (self.cursor + 1).min(last),
            Some(Command::First) => self.cursor = 0,
            Some(Command::Last) => self.cursor = last,
            Some(Command::Open) => self.asks = true,
            Some(Command::Back | Command::Undo) => return OverlayOutcome::Close,
            _ => {}
        }
        OverlayOutcome::Stay
    }

    /// Draws it over the screen.
    pub fn draw(&self, painter: &mut Painter) {
        let (width, height) = (painter.width(), painter.height());
        let rows = u16::try_from(self.entries.len()).unwrap_or(u16::MAX).saturating_add(4).min(height);
        let cells = width.saturating_sub(4).min(110);
        let mut part = painter.part(2, 0, cells, rows);
        let mut inside = part.boxed("What can be undone");
        let room = usize::from(inside.height().saturating_sub(1));
        let skip = (self.cursor + 1).saturating_sub(room);
        for (y, (index, entry)) in (0..).zip(self.entries.iter().enumerate().skip(skip).take(room)) {
            let mark = if index == self.cursor { '►' } else { ' ' };
            let line = format!(
                "{mark}{:>6}  {:<11}  {:<16} {}  {}",
                grouped(entry.entry_id),
                self.zone.short(entry.at, self.now),
                entry.action,
                entry.object,
                entry.detail
            );
            inside.text(0, y, cells.saturating_sub(2), &line, Role::Text);
            inside.hit((0, y), (cells, 1), Hit::Focus(index));
        }
        let ask = if self.asks { YES_OR_NO } else { "" };
        inside.text(1, inside.height().saturating_sub(1), cells, ask, Role::Title);
    }

    /// The sentence of the notice row.
    pub fn notice(&self) -> String {
        let Some(entry) = self.entries.get(self.cursor) else { return String::new() };
        let what = if entry.detail.is_empty() { &entry.object } else { &entry.detail };
        format!("{} by {}: {what}", entry.action, entry.operator)
    }

    /// Its keys, for the hint bar.
    pub fn hints(&self, keymap: &Keymap) -> String {
        if self.asks {
            " y yes  any other key no".to_owned()
        } else {
            keymap.named(" {open} undo…  {up} {down} choose  {back} close")
        }
    }
}
