//! A field for a whole number, typed or stepped with + and -.

use crate::console::protocol::key::Key;
use crate::console::view::painter::Painter;
use crate::console::widgets::field::{Field, LocalNow, between};
use crate::console::widgets::input::TextInput;
use crate::domain::grouped;
use std::ops::RangeInclusive;

/// A number of a range, or an empty field. A number out of range is kept as typed. A key or a paste
/// of anything but digits types nothing, and the field has no value until the operator has deleted
/// something or moved in it: `1.5` must not be read as 15.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberField {
    label: &'static str,
    range: RangeInclusive<i64>,
    /// The cells inside the brackets, without that of the cursor.
    width: usize,
    input: TextInput,
    /// Whether a typed digit replaces the number, as after the field got the focus.
    replaces_on_digit: bool,
    /// Whether the last key was -, which steps and is no sign of the digits after it.
    after_minus: bool,
    /// Why a key typed nothing.
    refusal: Option<String>,
}

impl NumberField {
    /// Creates an empty field; faults begin with the label.
    pub fn new(label: &'static str, range: RangeInclusive<i64>, width: usize) -> Self {
        Self {
            label,
            range,
            width,
            input: TextInput::default(),
            replaces_on_digit: true,
            after_minus: false,
            refusal: None,
        }
    }

    /// Returns the text as typed.
    pub fn text(&self) -> String {
        self.input.text()
    }

    /// Returns the text before and after the cursor.
    pub fn halves(&self) -> (String, String) {
        self.input.halves()
    }

    /// Returns the number, or why the text is none.
    pub fn value(&self) -> Result<i64, String> {
        let number = self.text().parse().ok().filter(|number| self.range.contains(number));
        match &self.refusal {
            Some(refusal) => Err(refusal.clone()),
            None => number.ok_or_else(|| self.refused("a whole number")),
        }
    }

    /// Sets the number.
    pub fn set(&mut self, text: &str) {
        *self = Self { input: TextInput::with(text), ..Self::new(self.label, self.range.clone(), self.width) };
    }

    /// Handles a key; `false` if it does not edit the number.
    pub fn edit(&mut self, key: &Key) -> bool {
        let follows_minus = std::mem::take(&mut self.after_minus);
        let is_empty = self.text().is_empty();
        match key {
            Key::Char('+') => self.step(1),
            Key::Char('-') if !is_empty => {
                self.step(-1);
                self.after_minus = true;
            }
            Key::Char(c) if c.is_ascii_digit() && follows_minus => {
                self.after_minus = true;
                self.refusal = Some(format!("{}: - steps down and is no sign; delete first, then type", self.label));
            }
            Key::Char(c) if c.is_ascii_digit() => self.digits(&c.to_string()),
            // It opens the help.
            Key::Char('?') => return false,
            Key::Char(_) => {
                self.refusal = Some(self.refused("only digits"));
                return false;
            }
            Key::Paste(text) => self.digits(text.trim()),
            key => {
                let taken = self.input.key(key);
                if taken {
                    (self.replaces_on_digit, self.refusal) = (false, None);
                }
                return taken;
            }
        }
        true
    }

    fn step(&mut self, by: i64) {
        let number = self.text().parse().unwrap_or(0_i64).saturating_add(by);
        self.set(&number.clamp(*self.range.start(), *self.range.end()).to_string());
    }

    /// Types digits, at most one more than the greatest number has.
    fn digits(&mut self, digits: &str) {
        let kept = if self.replaces_on_digit { 0 } else { self.text().len() };
        if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            self.refusal = Some(self.refused("only digits"));
        } else if kept + digits.len() > self.range.end().to_string().len() + 1 {
            self.refusal = Some(self.refused("a whole number"));
        } else {
            if std::mem::take(&mut self.replaces_on_digit) {
                (self.input, self.refusal) = (TextInput::default(), None);
            }
            self.input.key(&Key::Paste(digits.to_owned()));
        }
    }

    fn refused(&self, wanted: &str) -> String {
        format!("{}: {wanted}, {} to {}", self.label, self.range.start(), grouped(*self.range.end()))
    }
}

impl Field for NumberField {
    fn key(&mut self, key: &Key, _: &LocalNow) -> bool {
        self.edit(key)
    }

    fn draw(&self, painter: &mut Painter, x: u16, y: u16, focused: bool) -> u16 {
        let (before, after) = self.input.halves();
        let width = self.width + 1;
        let text = if focused { format!("{before}█{after}") } else { self.text() };
        between(painter, x, y, focused, &format!("[{text:<width$}]"))
    }

    fn entered(&mut self) {
        (self.replaces_on_digit, self.after_minus) = (true, false);
    }

    fn refusal(&self) -> Option<String> {
        self.refusal.clone()
    }

    fn fault(&self) -> Option<String> {
        let is_empty = self.text().is_empty() && self.refusal.is_none();
        self.value().err().filter(|_| !is_empty)
    }
}
