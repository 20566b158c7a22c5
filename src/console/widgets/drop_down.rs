//! A drop-down field: a value and a list that is searched by typing.

use crate::console::protocol::key::Key;
use crate::console::view::painter::{Painter, cells, cut};
use crate::console::view::theme::{Role, Surface};
use crate::console::widgets::field::{Field, LocalNow, between};
use crate::console::widgets::input::TextInput;

/// Maximum rows of the open list.
const MAX_ROWS: usize = 8;
/// Minimum columns of the open list, so that its messages fit.
const MIN_COLUMNS: usize = 20;

/// The value and, while open, the list.
#[derive(Debug, Clone)]
pub struct DropDown {
    value: String,
    width: u16,
    /// Returns the values that match a text, best first; an empty text matches all.
    search: fn(&str) -> Vec<String>,
    open: Option<(TextInput, usize)>,
}

impl DropDown {
    /// Creates a closed field with a value, `width` columns wide inside its brackets.
    pub fn new(value: &str, width: u16, search: fn(&str) -> Vec<String>) -> Self {
        Self { value: value.to_owned(), width, search, open: None }
    }

    /// Returns the chosen value.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Chooses a value and closes the list.
    pub fn set(&mut self, value: &str) {
        value.clone_into(&mut self.value);
        self.open = None;
    }

    /// Whether the list is open. While it is, the field also handles Enter and Esc.
    pub fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Closes the list without changing the value.
    pub fn close(&mut self) {
        self.open = None;
    }

    fn open(&mut self, typed: &str) {
        let all = (self.search)(typed);
        let cursor = if typed.is_empty() { all.iter().position(|value| *value == self.value) } else { None };
        self.open = Some((TextInput::with(typed), cursor.unwrap_or(0)));
    }

    /// Chooses the next or the previous value without opening the list.
    fn step(&mut self, forward: bool) {
        let all = (self.search)("");
        let at = all.iter().position(|value| *value == self.value).unwrap_or(0);
        let to = if forward { (at + 1).min(all.len().saturating_sub(1)) } else { at.saturating_sub(1) };
        if let Some(value) = all.into_iter().nth(to) {
            self.value = value;
        }
    }

    fn open_key(&mut self, key: &Key) {
        let Some((input, cursor)) = &mut self.open else { return };
        let found = (self.search)(&input.text());
        match key {
            Key::Enter => {
                if let Some(value) = found.into_iter().nth(*cursor) {
                    self.set(&value);
                }
            }
            Key::Esc => self.open = None,
            Key::Up | Key::BackTab => *cursor = cursor.saturating_sub(1),
            Key::Down | Key::Tab => *cursor = (*cursor + 1).min(found.len().saturating_sub(1)),
            Key::PageUp => *cursor = cursor.saturating_sub(MAX_ROWS),
            Key::PageDown => *cursor = (*cursor + MAX_ROWS).min(found.len().saturating_sub(1)),
            key => {
                if input.key(key) {
                    *cursor = 0;
                }
            }
        }
    }

    /// Draws the open list as an overlay: below the field at (x, y), or above it if there is no
    /// room.
    pub fn draw_list(&self, painter: &mut Painter, x: u16, y: u16) {
        let Some((input, cursor)) = &self.open else { return };
        let found = (self.search)(&input.text());
        let (above, below) = (y, painter.height().saturating_sub(y + 1));
        let most = usize::from(above.max(below).saturating_sub(2)).clamp(1, MAX_ROWS);
        let rows = found.len().clamp(1, most);
        let height = u16::try_from(rows).unwrap_or(0) + 2;
        let widest =
            found.iter().map(|value| cells(value)).max().unwrap_or(0).max(usize::from(self.width)).max(MIN_COLUMNS);
        let width = u16::try_from(widest).unwrap_or(0).saturating_add(5).min(painter.width().saturating_sub(x));
        let top = if height <= below { y + 1 } else { y.saturating_sub(height) };
        let typed = input.text();
        let title = if typed.is_empty() { "type to search".to_owned() } else { typed };
        let mut list = painter.part(x, top, width, height);
        let mut list = list.boxed(&cut(&crate::domain::clean_line(&title), usize::from(width.saturating_sub(6))));
        if found.is_empty() {
            list.text(1, 0, width, "no match", Role::Warn);
        }
        let first = (cursor + 1).saturating_sub(rows);
        for (y, (index, value)) in (0..).zip(found.iter().enumerate().skip(first).take(rows)) {
            let is_cursor = index == *cursor;
            list.text(0, y, 1, if is_cursor { "►" } else { " " }, Role::Text);
            list.text(1, y, width.saturating_sub(4), value, Role::Text);
            if is_cursor {
                list.cover(0, y, width, Surface::Cursor);
            }
        }
    }
}

impl Field for DropDown {
    fn key(&mut self, key: &Key, _: &LocalNow) -> bool {
        if self.is_open() {
            self.open_key(key);
            return true;
        }
        match key {
            Key::Char(' ') => self.open(""),
            Key::Char('+') | Key::Right => self.step(true),
            Key::Char('-') | Key::Left => self.step(false),
            Key::Char(c) if c.is_alphabetic() => self.open(&c.to_string()),
            _ => return false,
        }
        true
    }

    fn draw(&self, painter: &mut Painter, x: u16, y: u16, focused: bool) -> u16 {
        let room = usize::from(self.width.saturating_sub(1));
        let value = cut(&self.value, room);
        let gap = " ".repeat(room.saturating_sub(cells(&value)));
        between(painter, x, y, focused, &format!("[{value}{gap}▼]"))
    }
}
