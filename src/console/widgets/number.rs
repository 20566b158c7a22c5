//! A field for a positive whole number, typed or stepped with + and -.

use crate::console::protocol::key::Key;
use crate::console::view::painter::Painter;
use crate::console::widgets::field::{Field, Present, between};
use crate::console::widgets::input::TextInput;

/// A number of at most `digits` digits, or an empty field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberField {
    input: TextInput,
    digits: usize,
    /// Whether a typed digit replaces the number, as after the field got the focus.
    replaces_on_digit: bool,
}

impl NumberField {
    /// Creates an empty field.
    pub fn new(digits: usize) -> Self {
        Self { input: TextInput::default(), digits, replaces_on_digit: true }
    }

    /// Returns the text as typed.
    pub fn text(&self) -> String {
        self.input.text()
    }

    /// Sets the number.
    pub fn set(&mut self, text: &str) {
        self.input = TextInput::with(text);
        self.replaces_on_digit = true;
    }

    fn step(&mut self, by: i64) {
        let number = (self.text().parse().unwrap_or(0_i64) + by).max(1).to_string();
        if number.len() <= self.digits {
            self.set(&number);
        }
    }

    fn digit(&mut self, digit: char) {
        if std::mem::take(&mut self.replaces_on_digit) {
            self.input = TextInput::default();
        }
        if self.text().len() < self.digits {
            self.input.key(&Key::Char(digit));
        }
    }
}

impl Field for NumberField {
    fn key(&mut self, key: &Key, _: &Present) -> bool {
        match key {
            Key::Char('+') => self.step(1),
            Key::Char('-') => self.step(-1),
            Key::Char(c) if c.is_ascii_digit() => self.digit(*c),
            Key::Char(_) => return false,
            Key::Paste(text) => text.chars().filter(char::is_ascii_digit).for_each(|digit| self.digit(digit)),
            key => {
                let taken = self.input.key(key);
                self.replaces_on_digit &= !taken;
                return taken;
            }
        }
        true
    }

    fn draw(&self, painter: &mut Painter, x: u16, y: u16, focused: bool) -> u16 {
        let (before, after) = self.input.halves();
        let width = self.digits + 1;
        let text = if focused { format!("{before}█{after}") } else { self.text() };
        between(painter, x, y, focused, &format!("[{text:<width$}]"))
    }

    fn entered(&mut self) {
        self.replaces_on_digit = true;
    }
}
