//! The form that chooses and arranges the columns of a list.

use crate::console::overlay::{OverlayOutcome, sizing};
use crate::console::protocol::column_layout::{ColumnItem, MAX_COLUMN_WIDTH, chosen};
use crate::console::protocol::effect::{DISCARD_OR_STAY, Effect, ScreenChange};
use crate::console::protocol::key::Key;
use crate::console::protocol::key_table::Command;
use crate::console::protocol::keymap::Keymap;
use crate::console::view::hits::Hit;
use crate::console::view::painter::{Painter, cells};
use crate::console::view::theme::{Role, Surface};

const TITLE: &str = "Columns (shown while they fit)";
/// Cells before a heading: the cursor's mark, the tick, a blank.
const MARK_CELLS: usize = 5;
/// Cells of the widths, with a blank before them.
const WIDTH_CELLS: usize = 15;
/// The width of a column that was never drawn, from which it is set wider or narrower.
const UNDRAWN_WIDTH: u16 = 12;

/// The columns from left to right, with a cursor.
#[derive(Debug)]
pub struct ColumnsForm {
    items: Vec<ColumnItem>,
    cursor: usize,
    /// What the form opened with.
    opened: Vec<ColumnItem>,
    /// Whether it asks to discard the changes.
    asks: bool,
}

impl ColumnsForm {
    /// The form with the cursor on the first column.
    pub fn new(items: Vec<ColumnItem>) -> Self {
        Self { opened: items.clone(), items, cursor: 0, asks: false }
    }

    /// Puts the cursor on a column.
    pub fn focus(&mut self, number: usize) {
        self.cursor = number.min(self.items.len().saturating_sub(1));
    }

    /// Takes a key.
    pub fn key(&mut self, key: &Key, keymap: &Keymap) -> OverlayOutcome {
        let last = self.items.len().saturating_sub(1);
        if std::mem::take(&mut self.asks) {
            return if *key == Key::Char('y') { OverlayOutcome::Close } else { OverlayOutcome::Stay };
        }
        match (keymap.command(key), key) {
            (Some(Command::Up), _) => self.cursor = self.cursor.saturating_sub(1),
            (Some(Command::Down), _) => self.cursor = (self.cursor + 1).min(last),
            (Some(Command::First), _) => self.cursor = 0,
            (Some(Command::Last), _) => self.cursor = last,
            (Some(Command::Left), _) => self.shift(self.cursor.saturating_sub(1)),
            (Some(Command::Right), _) => self.shift((self.cursor + 1).min(last)),
            (Some(Command::Grow), _) => self.resize(|width| width.saturating_add(1).min(MAX_COLUMN_WIDTH)),
            (Some(Command::Shrink), _) => self.resize(|width| width.saturating_sub(1).max(1)),
            (Some(Command::Mark), _) => {
                if let Some(item) = self.items.get_mut(self.cursor) {
                    item.is_shown = !item.is_shown;
                }
            }
            (Some(Command::Open), _) => return OverlayOutcome::Perform(vec![self.chosen()]),
            (Some(Command::Back), _) if self.items != self.opened => self.asks = true,
            (Some(Command::Back), _) => return OverlayOutcome::Close,
            (_, Key::Char('=')) => {
                if let Some(item) = self.items.get_mut(self.cursor) {
                    item.width = None;
                }
            }
            (_, Key::Char('0')) => self.restore(),
            _ => {}
        }
        OverlayOutcome::Stay
    }

    fn chosen(&self) -> Effect {
        if self.items.iter().any(|item| item.is_shown) {
            Effect::Screen(ScreenChange::Columns(chosen(&self.items)))
        } else {
            Effect::Say("A list needs at least one column; nothing was changed".to_owned())
        }
    }

    /// Moves the column under the cursor, and the cursor with it.
    fn shift(&mut self, to: usize) {
        if self.cursor < self.items.len() {
            self.items.swap(self.cursor, to);
            self.cursor = to;
        }
    }

    fn resize(&mut self, by: impl Fn(u16) -> u16) {
        if let Some(item) = self.items.get_mut(self.cursor) {
            item.width = Some(by(item.width.or(item.drawn).unwrap_or(UNDRAWN_WIDTH)));
        }
    }

    /// Shows all columns in the list's own order and widths.
    fn restore(&mut self) {
        self.items.sort_by_key(|item| item.at);
        for item in &mut self.items {
            (item.is_shown, item.width) = (true, None);
        }
    }

    /// What the form's own keys do, or the question before it is left.
    pub fn notice(&self) -> &'static str {
        if self.asks { DISCARD_OR_STAY } else { "= automatic width  0 all columns as at first" }
    }

    /// Its keys, for the hint bar.
    pub fn hints(keymap: &Keymap) -> String {
        keymap.named(" {open} apply  {back} cancel  {mark} show  {left} {right} move  {grow} {shrink} width")
    }

    /// Draws it over the screen.
    pub fn draw(&self, painter: &mut Painter) {
        let (width, height) = (painter.width(), painter.height());
        let widest = self.items.iter().map(|item| cells(item.heading)).max().unwrap_or(0) + MARK_CELLS + WIDTH_CELLS;
        let columns = sizing::columns(TITLE, widest, 0, width.saturating_sub(8));
        let rows = u16::try_from(self.items.len()).unwrap_or(u16::MAX).saturating_add(2).min(height);
        let mut part = painter.part(6, 1.min(height - rows), columns, rows);
        let mut inside = part.boxed(TITLE);
        let (room, listed) = (inside.width(), inside.height());
        let top = (self.cursor + 1).saturating_sub(usize::from(listed).max(1));
        for (y, (at, item)) in (0..listed).zip(self.items.iter().enumerate().skip(top)) {
            let mark = if at == self.cursor { '►' } else { ' ' };
            let tick = if item.is_shown { 'x' } else { ' ' };
            inside.text(0, y, room, &format!("{mark}[{tick}] {}", item.heading), Role::Text);
            inside.text_right(0, y, room.saturating_sub(1), &width_in_words(item), Role::Dim);
            inside.hit((0, y), (room, 1), Hit::Focus(at));
            if at == self.cursor {
                inside.cover(0, y, room, Surface::Cursor);
            }
        }
    }
}

fn width_in_words(item: &ColumnItem) -> String {
    match (item.width, item.drawn) {
        _ if !item.is_shown => String::new(),
        (Some(width), _) => format!("{width} cells"),
        (None, Some(drawn)) => format!("auto, {drawn}"),
        (None, None) => "auto, no room".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form() -> ColumnsForm {
        let item = |(at, (heading, drawn)): (usize, (&'static str, Option<u16>))| ColumnItem {
            heading,
            at,
            is_shown: true,
            width: None,
            drawn,
        };
        let columns = [("Job", Some(20)), ("Status", Some(9)), ("Rows", None)];
        ColumnsForm::new(columns.into_iter().enumerate().map(item).collect())
    }

    fn pressed(keys: &[Key]) -> String {
        let (mut form, keymap) = (form(), Keymap::default());
        for key in keys {
            assert!(matches!(form.key(key, &keymap), OverlayOutcome::Stay), "{key:?}");
        }
        format!("{:?}", form.key(&Key::Enter, &keymap))
    }

    #[test]
    fn columns_are_moved_resized_hidden_and_put_back() {
        let nothing = pressed(&[]);
        assert!(nothing.contains("hidden: [], sequence: [], widths: {}"), "{nothing}");
        let moved = pressed(&[Key::Down, Key::Left, Key::Char('+'), Key::Char('+'), Key::Char('G'), Key::Char('-')]);
        let wanted = r#"sequence: ["Status", "Job", "Rows"], widths: {"Rows": 11, "Status": 11}"#;
        assert!(moved.contains(wanted), "{moved}");
        let automatic = pressed(&[Key::Char('+'), Key::Char('=')]);
        assert_eq!(automatic, nothing);
        let keys = [Key::Right, Key::Char('+'), Key::Char(' ')];
        assert!(pressed(&keys).contains(r#"hidden: ["Job"]"#));
        assert_eq!(pressed(&[&keys[..], &[Key::Char('0')]].concat()), nothing);
        let none = pressed(&[Key::Char(' '), Key::Down, Key::Char(' '), Key::Down, Key::Char(' ')]);
        assert!(none.contains("at least one column"), "{none}");
        assert!(matches!(ColumnsForm::new(Vec::new()).key(&Key::Right, &Keymap::default()), OverlayOutcome::Stay));
    }
}
