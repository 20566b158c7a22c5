//! Digits in fixed places, such as a date has: what is typed goes over what is there.

use crate::console::protocol::key::Key;
use crate::console::view::painter::Painter;
use crate::console::view::theme::Role;
use crate::console::widgets::field::between;

/// The digits and the cursor over them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Masked {
    /// `_` is the place of a digit, anything else stands as it is.
    mask: &'static str,
    places: Vec<char>,
    /// A place of a digit, or past the end.
    cursor: usize,
}

impl Masked {
    /// An empty one.
    pub fn new(mask: &'static str) -> Self {
        let places = mask.chars().map(|c| if c == '_' { ' ' } else { c }).collect();
        Self { mask, places, cursor: 0 }
    }

    /// What is typed; nothing if no digit is.
    pub fn text(&self) -> String {
        if self.places.iter().any(char::is_ascii_digit) { self.places.iter().collect() } else { String::new() }
    }

    /// Puts a text there; clears it if the text does not fit the mask.
    pub fn set(&mut self, text: &str) {
        let fits = text.chars().count() == self.places.len()
            && text
                .chars()
                .zip(self.mask.chars())
                .all(|(c, mask)| if mask == '_' { c.is_ascii_digit() } else { c == mask });
        self.places = if fits { text.chars().collect() } else { Self::new(self.mask).places };
    }

    /// Which part the cursor is in, counted from 0.
    pub fn part(&self) -> usize {
        self.mask.chars().take(self.cursor.min(self.places.len() - 1)).filter(|c| *c != '_').count()
    }

    /// Brings the cursor to the front.
    pub fn home(&mut self) {
        self.cursor = 0;
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

    /// From one separator to the next around the cursor.
    fn part_bounds(&self) -> std::ops::Range<usize> {
        let at = self.cursor.min(self.places.len() - 1);
        let start = (0..at).rev().find(|place| !self.is_place(*place)).map_or(0, |place| place + 1);
        let end = (at..self.places.len()).find(|place| !self.is_place(*place)).unwrap_or(self.places.len());
        start..end
    }

    fn digit(&mut self, digit: char) {
        if self.is_place(self.cursor) {
            self.places[self.cursor] = digit;
            self.forward();
        }
    }

    /// The part is complete as it is: a single digit gets a nought before it.
    fn complete(&mut self) {
        let part = self.part_bounds();
        if part.len() == 2 && self.cursor == part.start + 1 {
            self.places[self.cursor] = self.places[part.start];
            self.places[part.start] = '0';
            self.forward();
        } else if self.cursor > part.start {
            self.cursor = part.end;
            self.forward();
        }
    }

    /// Takes a key that digits and a cursor have a use for.
    pub fn key(&mut self, key: &Key) -> bool {
        let end = self.places.len();
        match key {
            Key::Char(c) if c.is_ascii_digit() => self.digit(*c),
            Key::Char(':' | '.' | '/') => self.complete(),
            Key::Paste(text) => {
                self.home();
                text.chars().filter(char::is_ascii_digit).for_each(|digit| self.digit(digit));
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
                // All of it: what is typed goes over what is there, so the cursor mostly stands in front.
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

    /// Draws it in brackets, the cursor as a dark cell.
    pub fn draw(&self, painter: &mut Painter, x: u16, y: u16, focused: bool) -> u16 {
        let blank = self.text().is_empty();
        let inner: String = if blank { " ".repeat(self.places.len()) } else { self.places.iter().collect() };
        let used = between(painter, x, y, focused, &format!("[{inner}]"));
        if focused {
            let cursor = u16::try_from(self.cursor.min(self.places.len() - 1)).unwrap_or(0);
            painter.shade(x + 2 + cursor, y, 1, Role::Cursor);
        }
        used
    }
}
