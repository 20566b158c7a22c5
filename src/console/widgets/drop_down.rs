//! One of many: a value with a list behind it, found by typing.

use crate::console::protocol::key::Key;
use crate::console::view::painter::{Painter, cells, cut};
use crate::console::view::theme::Role;
use crate::console::widgets::field::{Field, Present, between};
use crate::console::widgets::input::TextInput;

/// Rows of an open list, at the most.
const ROWS: usize = 8;
/// Columns of an open list at the least, for what is said in it.
const NARROWEST: usize = 20;

/// The value and, while it is open, the list.
#[derive(Debug, Clone)]
pub struct DropDown {
    value: String,
    width: u16,
    /// What a typed text finds, best first; the empty text finds all.
    search: fn(&str) -> Vec<String>,
    open: Option<(TextInput, usize)>,
}

impl DropDown {
    /// With that value; so many columns wide inside its brackets.
    pub fn new(value: &str, width: u16, search: fn(&str) -> Vec<String>) -> Self {
        Self { value: value.to_owned(), width, search, open: None }
    }

    /// The value chosen.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Chooses a value.
    pub fn set(&mut self, value: &str) {
        value.clone_into(&mut self.value);
        self.open = None;
    }

    /// Whether its list is open; then it takes Enter and Esc, too.
    pub fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Closes the list and leaves the value as it was.
    pub fn close(&mut self) {
        self.open = None;
    }

    fn open(&mut self, typed: &str) {
        let all = (self.search)(typed);
        let cursor = if typed.is_empty() { all.iter().position(|value| *value == self.value) } else { None };
        self.open = Some((TextInput::with(typed), cursor.unwrap_or(0)));
    }

    /// One further in the list without opening it, or one back.
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
            Key::PageUp => *cursor = cursor.saturating_sub(ROWS),
            Key::PageDown => *cursor = (*cursor + ROWS).min(found.len().saturating_sub(1)),
            key => {
                if input.key(key) {
                    *cursor = 0;
                }
            }
        }
    }

    /// Draws the open list over what is there: under the field at (x, y), or above it where there is no room.
    pub fn draw_list(&self, painter: &mut Painter, x: u16, y: u16) {
        let Some((input, cursor)) = &self.open else { return };
        let found = (self.search)(&input.text());
        let (above, below) = (y, painter.height().saturating_sub(y + 1));
        let most = usize::from(above.max(below).saturating_sub(2)).clamp(1, ROWS);
        let rows = found.len().clamp(1, most);
        let height = u16::try_from(rows).unwrap_or(0) + 2;
        let widest =
            found.iter().map(|value| cells(value)).max().unwrap_or(0).max(usize::from(self.width)).max(NARROWEST);
        let width = u16::try_from(widest).unwrap_or(0).saturating_add(5).min(painter.width().saturating_sub(x));
        let top = if height <= below { y + 1 } else { y.saturating_sub(height) };
        let typed = input.text();
        let title = if typed.is_empty() { "type to find".to_owned() } else { typed };
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
                list.shade(0, y, width, Role::Cursor);
            }
        }
    }
}

impl Field for DropDown {
    fn key(&mut self, key: &Key, _: &Present) -> bool {
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
