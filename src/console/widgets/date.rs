//! A date field: digits are typed over the mask, + and - step the part under the cursor. After
//! digits, - separates the parts.

use crate::console::protocol::key::Key;
use crate::console::view::painter::Painter;
use crate::console::widgets::field::{Field, LocalNow};
use crate::console::widgets::masked::{Masked, Wanted};
use chrono::{Months, NaiveDate, TimeDelta};

/// A date such as `2026-12-06`, empty or half typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DateField(Masked);

impl DateField {
    /// Creates an empty field; faults begin with the label.
    pub fn new(label: &'static str) -> Self {
        let wanted = Wanted { label, noun: "date", example: "2026-11-24", present: "today" };
        Self(Masked::new("____-__-__", wanted))
    }

    /// Returns the text as typed.
    pub fn text(&self) -> String {
        self.0.text()
    }

    /// Sets the date; text that is no date clears the field.
    pub fn set(&mut self, text: &str) {
        self.0.set(text);
    }

    /// Returns the date, or why there is none.
    pub fn value(&self) -> Result<NaiveDate, String> {
        self.0.value(self.date())
    }

    /// Returns the date, or `None` while it is incomplete or does not exist.
    fn date(&self) -> Option<NaiveDate> {
        NaiveDate::parse_from_str(&self.text(), "%Y-%m-%d").ok().filter(|_| self.0.is_complete())
    }

    /// Increases or decreases the part under the cursor. An empty field becomes today; an
    /// incomplete or impossible date stays as typed.
    fn step(&mut self, forward: bool, today: NaiveDate) {
        let stepped = self.date().map(|date| match (self.0.part(), forward) {
            (0, true) => date.checked_add_months(Months::new(12)),
            (0, false) => date.checked_sub_months(Months::new(12)),
            (1, true) => date.checked_add_months(Months::new(1)),
            (1, false) => date.checked_sub_months(Months::new(1)),
            (_, forward) => date.checked_add_signed(TimeDelta::days(if forward { 1 } else { -1 })),
        });
        match stepped {
            None if self.text().is_empty() => self.set(&today.to_string()),
            None | Some(None) => {}
            Some(Some(date)) => self.set(&date.to_string()),
        }
    }
}

impl Field for DateField {
    fn key(&mut self, key: &Key, now: &LocalNow) -> bool {
        match key {
            key if self.0.steps(key) => self.step(*key == Key::Char('+'), now.today),
            Key::Char('t') => self.set(&now.today.to_string()),
            key => return self.0.key(key),
        }
        true
    }

    fn draw(&self, painter: &mut Painter, x: u16, y: u16, focused: bool) -> u16 {
        self.0.draw(painter, x, y, focused)
    }

    fn entered(&mut self) {
        self.0.home();
    }

    fn refusal(&self) -> Option<String> {
        self.0.refusal()
    }

    fn fault(&self) -> Option<String> {
        self.0.fault(self.date())
    }
}
