//! Input of digits into a fixed mask, such as a date. Typing overwrites.
//!
//! A key or a paste that does not fit types nothing and is refused, until the operator has deleted
//! something, moved, or begun again at the start: `1x30` typed over `14:00` must not be read as
//! 13:00.

use crate::console::protocol::key::Key;
use crate::console::view::painter::Painter;
use crate::console::widgets::field::between;

/// What may be typed between the parts of a value.
const SEPARATORS: [char; 4] = ['-', ':', '.', '/'];

/// The value that a mask is for, as refusals word it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// The label of the field.
    pub label: &'static str,
    /// What the value is, such as `date`.
    pub noun: &'static str,
    /// A value, such as `2026-11-24`.
    pub example: &'static str,
    /// What `t` fills in.
    pub present: &'static str,
}

/// The characters and the cursor over them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Masked {
    wanted: Wanted,
    /// `_` is a digit's position, any other character is fixed.
    mask: &'static str,
    places: Vec<char>,
    /// The position of a digit, or the end.
    cursor: usize,
    /// Whether the last key typed a part of a value, which `-` then ends.
    typing: bool,
    /// Whether a key or a paste was refused.
    refused: bool,
}

impl Masked {
    /// Creates an empty input.
    pub fn new(mask: &'static str, wanted: Wanted) -> Self {
        Self { wanted, mask, places: blank(mask), cursor: 0, typing: false, refused: false }
    }

    /// Returns why a key or a paste typed nothing.
    pub fn refusal(&self) -> Option<String> {
        let Wanted { label, example, present, .. } = self.wanted;
        self.refused.then(|| format!("{label}: only digits, such as {example}; t is {present}"))
    }

    /// Returns the value that was read from the text, or why there is none.
    pub fn value<T>(&self, read: Option<T>) -> Result<T, String> {
        if let Some(refusal) = self.refusal() {
            return Err(refusal);
        }
        read.ok_or_else(|| {
            let Wanted { label, noun, example, .. } = self.wanted;
            if self.text().is_empty() {
                return format!("{label}: fill in a {noun} such as {example}");
            }
            let what = if self.is_complete() { "no such" } else { "incomplete" };
            format!("{label}: {what} {noun}; write one such as {example}")
        })
    }

    /// Returns the refusal, or why a complete text has no value.
    pub fn fault<T>(&self, read: Option<T>) -> Option<String> {
        self.value(read).err().filter(|_| self.refused || self.is_complete())
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
        self.places = if fits { text.chars().collect() } else { blank(self.mask) };
        (self.typing, self.refused) = (false, false);
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

    /// Types a digit; refused at the end.
    fn digit(&mut self, digit: char) {
        self.refused &= self.cursor > 0;
        if self.is_place(self.cursor) {
            self.places[self.cursor] = digit;
            self.typing = true;
            self.forward();
        } else {
            self.refused = true;
        }
    }

    /// Types a whole value; what does not fit leaves the text as it was.
    fn paste(&mut self, text: &str) {
        let mut pasted = Self { places: blank(self.mask), cursor: 0, refused: false, ..self.clone() };
        for c in text.chars() {
            if c.is_ascii_digit() { pasted.digit(c) } else { pasted.complete() }
        }
        pasted.complete();
        if text.is_empty() || pasted.refused || text.contains(|c: char| !c.is_ascii_digit() && !SEPARATORS.contains(&c))
        {
            self.refused = true;
        } else {
            *self = pasted;
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
        let edits = matches!(key, Key::Char(_) | Key::Paste(_) | Key::Backspace | Key::Delete);
        self.typing &= edits;
        match key {
            Key::Char(c) if c.is_ascii_digit() => self.digit(*c),
            Key::Char(c) if SEPARATORS.contains(c) => self.complete(),
            // It opens the help.
            Key::Char('?') => return false,
            Key::Char(_) => {
                self.refused = true;
                return false;
            }
            Key::Paste(text) => self.paste(text.trim()),
            key => {
                let taken = self.move_or_delete(key);
                self.refused &= !taken;
                return taken;
            }
        }
        true
    }

    fn move_or_delete(&mut self, key: &Key) -> bool {
        let end = self.places.len();
        match key {
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

/// The places of a mask without digits.
fn blank(mask: &str) -> Vec<char> {
    mask.chars().map(|c| if c == '_' { ' ' } else { c }).collect()
}
