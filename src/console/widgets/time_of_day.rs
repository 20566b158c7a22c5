//! A time field: digits are typed over the mask, + and - step the part under the cursor. After
//! digits, - separates the parts.

use crate::console::protocol::key::Key;
use crate::console::view::painter::Painter;
use crate::console::widgets::field::{Field, LocalNow};
use crate::console::widgets::masked::{Masked, Wanted};
use chrono::{NaiveTime, TimeDelta};

/// A time of day such as `02:30`, empty or half typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeField(Masked);

impl TimeField {
    /// Creates an empty field; faults begin with the label.
    pub fn new(label: &'static str) -> Self {
        let wanted = Wanted { label, noun: "time", example: "14:30", present: "now" };
        Self(Masked::new("__:__", wanted))
    }

    /// Returns the text as typed.
    pub fn text(&self) -> String {
        self.0.text()
    }

    /// Sets the time; text that is no time clears the field.
    pub fn set(&mut self, text: &str) {
        self.0.set(text);
    }

    /// Returns the time, or why there is none.
    pub fn value(&self) -> Result<NaiveTime, String> {
        self.0.value(self.time())
    }

    /// Returns the time, or `None` while it is incomplete or does not exist.
    fn time(&self) -> Option<NaiveTime> {
        NaiveTime::parse_from_str(&self.text(), "%H:%M").ok().filter(|_| self.0.is_complete())
    }

    /// Steps the part under the cursor, wrapping at midnight. An empty field becomes the current
    /// time; an incomplete or impossible time stays as typed.
    fn step(&mut self, by: i64, now: NaiveTime) {
        let step = if self.0.part() == 0 { TimeDelta::hours(by) } else { TimeDelta::minutes(by) };
        let now = Some(now).filter(|_| self.text().is_empty());
        if let Some(time) = self.time().map(|time| time + step).or(now) {
            self.set(&time.format("%H:%M").to_string());
        }
    }
}

impl Field for TimeField {
    fn key(&mut self, key: &Key, now: &LocalNow) -> bool {
        match key {
            key if self.0.steps(key) => self.step(if *key == Key::Char('+') { 1 } else { -1 }, now.time),
            Key::Char('t') => self.set(&now.time.format("%H:%M").to_string()),
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
        self.0.fault(self.time())
    }
}
