//! Input of digits into a fixed mask, such as a date. Typing overwrites.

use crate::console::protocol::key::Key;
use crate::console::view::painter::Painter;
use crate::console::widgets::field::between;

/// The characters and the cursor over them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Masked {
    /// `_` is a digit's position, any other character is fixed.
    mask: &'static str,
    places: Vec<char>,
    /// The position of a digit, or the end.
    cursor: usize,
    /// Whether the last key typed a part of a value, which `-` then ends.
    typing: bool,
}

impl Masked {
    /// Creates an empty input.
    pub fn new(mask: &'static str) -> Self {
        let places = mask.chars().map(|c| if c == '_' { ' ' } else { c }).collect();
        Self { mask, places, cursor: 0, typing: false }
    }

    /// Returns the text as typed; empty if it contains no digit.
    pub fn text(&self) -> String {
        if self.places.iter().any(char::is_ascii_digit) { self.places.iter().collect() } else { String::new() }
    }

    /// Sets the text, or clears it if the text does not match the mask.
    pub fn set(&mut self, text: &str) {
        let fits = text.chars().count() == self.places.len()
            && text
                .chars()
                .zip(self.mask.chars())
                .all(|(c, mask)| if mask == '_' { c.is_ascii_digit() } else { c == mask });
        self.places = if fits { text.chars().collect() } else { Self::new(self.mask).places };
        self.typing = false;
    }

    /// Whether every digit has been typed.
    pub fn is_complete(&self) -> bool {
        self.places.iter().all(|place| *place != ' ')
    }

    /// Whether `key` steps the part under the cursor: `-` does unless it ends a part that is being
    /// typed.
    pub fn steps(&self, key: &Key) -> bool {
        *key == Key::Char('+') || (*key == Key::Char('-') && !self.typing)
    }

    /// Returns the index of the part that contains the cursor, from 0.
    pub fn part(&self) -> usize {
        self.mask.chars().take(self.cursor.min(self.places.len() - 1)).filter(|c| *c != '_').count()
    }

    /// Moves the cursor to the start.
    pub fn home(&mut self) {
        (self.cursor, self.typing) = (0, false);
    }

    fn is_place(&self, at: usize) -> bool {
        self.mask.chars().nth(at) == Some('_')
    }

    fn forward(&mut self) {
        let end = self.places.len();
        self.cursor = (self.cursor + 1..end).find(|at| self.is_place(*at)).unwrap_or(end);
    }

    fn backward(&mut self) {
        self.cursor = (0..self.cursor).rev().find(|at| self.is_place(*at)).unwrap_or(0);
    }

    fn blank(&mut self, places: std::ops::Range<usize>) {
        for at in places {
            if self.is_place(at) {
                self.places[at] = ' ';
            }
        }
    }

    /// Returns the range between the separators around the cursor.
    fn part_bounds(&self) -> std::ops::Range<usize> {
        let at = self.cursor.min(self.places.len() - 1);
        let start = (0..at).rev().find(|place| !self.is_place(*place)).map_or(0, |place| place + 1);
        let end = (at..self.places.len()).find(|place| !self.is_place(*place)).unwrap_or(self.places.len());
        start..end
    }

    fn digit(&mut self, digit: char) {
        if self.is_place(self.cursor) {
            self.places[self.cursor] = digit;
            self.typing = true;
            self.forward();
        }
    }

    /// Ends the part after a separator was typed: a single digit of two gets a leading zero, and
    /// what is left of a longer part is cleared, as it belongs to the value that was typed over.
    fn complete(&mut self) {
        let part = self.part_bounds();
        if part.len() == 2 && self.cursor == part.start + 1 {
            self.places[self.cursor] = self.places[part.start];
            self.places[part.start] = '0';
            self.forward();
        } else if self.cursor > part.start {
            self.blank(self.cursor..part.end);
            self.cursor = part.end;
            self.forward();
        }
    }

    /// Handles a key; `false` if it neither edits nor moves the cursor.
    pub fn key(&mut self, key: &Key) -> bool {
        let end = self.places.len();
        let edits = matches!(key, Key::Char(_) | Key::Paste(_) | Key::Backspace | Key::Delete);
        self.typing &= edits;
        match key {
            Key::Char(c) if c.is_ascii_digit() => self.digit(*c),
            Key::Char('-' | ':' | '.' | '/') => self.complete(),
            Key::Paste(text) => {
                self.home();
                for c in text.trim().chars() {
                    if c.is_ascii_digit() { self.digit(c) } else { self.complete() }
                }
                self.complete();
            }
            Key::Left => self.backward(),
            Key::Right if self.cursor < end => self.forward(),
            Key::Right => {}
            Key::Home => self.home(),
            Key::End => self.cursor = end,
            Key::Backspace => {
                if self.cursor > 0 {
                    self.backward();
                    self.blank(self.cursor..self.cursor + 1);
                }
            }
            Key::Delete => self.blank(self.cursor..(self.cursor + 1).min(end)),
            Key::Ctrl('u') => {
                // Clear everything, not only what is before the cursor: when overwriting, the
                // cursor is usually at the start.
                self.blank(0..end);
                self.home();
            }
            Key::Ctrl('k') => self.blank(self.cursor..end),
            Key::Ctrl('w') => {
                let part = self.part_bounds();
                self.cursor = part.start;
                self.blank(part);
            }
            _ => return false,
        }
        true
    }

    /// Draws the input in brackets, with the cursor as a reversed cell.
    pub fn draw(&self, painter: &mut Painter, x: u16, y: u16, focused: bool) -> u16 {
        let blank = self.text().is_empty();
        let inner: String = if blank { " ".repeat(self.places.len()) } else { self.places.iter().collect() };
        let used = between(painter, x, y, focused, &format!("[{inner}]"));
        if focused {
            let cursor = u16::try_from(self.cursor.min(self.places.len() - 1)).unwrap_or(0);
            painter.caret(x + 2 + cursor, y);
        }
        used
    }
}
