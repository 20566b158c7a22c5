//! A list to pick one item from.

use crate::console::overlay::{OverlayOutcome, sizing};
use crate::console::protocol::effect::Pick;
use crate::console::protocol::key::Key;
use crate::console::protocol::key_table::Command;
use crate::console::protocol::keymap::Keymap;
use crate::console::view::hits::Hit;
use crate::console::view::painter::{Painter, cells, wrap};
use crate::console::view::theme::{Role, Surface};

/// The least columns of the box.
const MIN_WIDTH: u16 = 34;
/// Cells before an item: the cursor's mark, the tick, a blank.
const MARKS: usize = 5;

/// Items, with a cursor.
#[derive(Debug)]
pub struct PickList {
    pick: Pick,
    cursor: usize,
}

impl PickList {
    /// A list with the cursor on the present choice, else on the first item.
    pub fn new(pick: Pick) -> Self {
        let cursor = pick.items.iter().position(|(_, is_chosen)| *is_chosen).unwrap_or(0);
        Self { pick, cursor }
    }

    /// Puts the cursor on an item.
    pub fn focus(&mut self, number: usize) {
        self.cursor = number.min(self.pick.items.len().saturating_sub(1));
    }

    /// Takes a key.
    pub fn key(&mut self, key: &Key, keymap: &Keymap) -> OverlayOutcome {
        let last = self.pick.items.len().saturating_sub(1);
        match keymap.command(key) {
            Some(Command::Up) => self.cursor = self.cursor.saturating_sub(1),
            Some(Command::Down) => self.cursor = (self.cursor + 1).min(last),
            Some(Command::First) => self.cursor = 0,
            Some(Command::Last) => self.cursor = last,
            Some(Command::Open | Command::Mark) => return OverlayOutcome::Perform(vec![(self.pick.then)(self.cursor)]),
            Some(Command::Back) => return OverlayOutcome::Close,
            _ => {}
        }
        OverlayOutcome::Stay
    }

    /// Its keys, for the hint bar.
    pub fn hints(keymap: &Keymap) -> String {
        keymap.named(" {up} {down} move  {open} choose  {back} cancel")
    }

    /// Draws it over the screen.
    pub fn draw(&self, painter: &mut Painter) {
        let (width, height) = (painter.width(), painter.height());
        let widest = self.pick.items.iter().map(|(item, _)| cells(item) + MARKS).max().unwrap_or(0);
        let widest_text = widest.max(cells(self.pick.remark));
        let columns = sizing::columns(self.pick.title, widest_text, MIN_WIDTH, width.saturating_sub(8));
        // An item that is too long is shown whole below the list.
        let wrapped = |item: &str| wrap(item, usize::from(columns).saturating_sub(3).max(1));
        let is_cut = widest + 2 > usize::from(columns);
        let longest = self.pick.items.iter().map(|(item, _)| wrapped(item).len()).max().filter(|_| is_cut);
        let below = longest.map_or(0, |lines| u16::try_from(lines + 1).unwrap_or(u16::MAX)).min(height / 3);
        let rows = u16::try_from(self.pick.items.len()).unwrap_or(u16::MAX);
        let remark = u16::from(!self.pick.remark.is_empty());
        let rows = rows.saturating_add(2).saturating_add(below + remark).min(height);
        let mut part = painter.part(6, 1.min(height - rows), columns, rows);
        let mut inside = part.boxed(self.pick.title);
        let listed = inside.height().saturating_sub(below + remark);
        inside.text(1, inside.height().saturating_sub(remark), columns, self.pick.remark, Role::Dim);
        if let Some((item, _)) = self.pick.items.get(self.cursor).filter(|_| below > 0) {
            inside.rule(listed, "", "", false);
            for (y, line) in (listed + 1..inside.height() - remark).zip(wrapped(item)) {
                inside.text(1, y, columns, &line, Role::Text);
            }
        }
        let top = (self.cursor + 1).saturating_sub(usize::from(listed).max(1));
        for (y, (at, (item, is_chosen))) in (0..listed).zip(self.pick.items.iter().enumerate().skip(top)) {
            let mark = if at == self.cursor { '►' } else { ' ' };
            let tick = if *is_chosen { "(•)" } else { "( )" };
            inside.text(0, y, columns, &format!("{mark}{tick} {item}"), Role::Text);
            inside.hit((0, y), (columns, 1), Hit::Focus(at));
            if at == self.cursor {
                inside.cover(0, y, columns, Surface::Cursor);
            }
        }
        let hidden = self.pick.items.len().saturating_sub(top + usize::from(listed));
        if hidden > 0 && listed > 0 {
            let mark = format!("▼ {hidden} more");
            inside.text_right(0, listed - 1, columns.saturating_sub(3), &mark, Role::Dim);
        }
    }
}
