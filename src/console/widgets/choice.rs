//! A field for one of a few values that are read from the database.

use crate::console::protocol::key::Key;
use crate::console::view::painter::{Painter, cells, cut};
use crate::console::widgets::field::{Field, LocalNow, between};
use crate::domain::clean_line;

/// The values and the index of the chosen one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    values: Vec<String>,
    at: usize,
    width: u16,
    /// Shown instead of an empty value.
    empty: &'static str,
    /// Keys pressed before the values were read; they count once these are known.
    early: Option<Vec<Key>>,
}

impl Choice {
    /// Creates a field, `width` columns wide inside its brackets, that shows one value until all
    /// are offered.
    pub fn new(value: String, width: u16, empty: &'static str) -> Self {
        Self { values: vec![value], at: 0, width, empty, early: Some(Vec::new()) }
    }

    /// Returns the chosen value; empty if there is none.
    pub fn value(&self) -> &str {
        self.values.get(self.at).map_or("", String::as_str)
    }

    /// Chooses a value, and adds it if it is missing.
    pub fn choose(&mut self, value: &str) {
        self.at = self.values.iter().position(|known| known == value).unwrap_or_else(|| {
            self.values.push(value.to_owned());
            self.values.len() - 1
        });
    }

    /// Replaces the values; the chosen one is kept.
    pub fn offer(&mut self, values: Vec<String>) {
        let chosen = self.value().to_owned();
        self.values = values;
        self.choose(&chosen);
        self.early.take().unwrap_or_default().iter().for_each(|key| _ = self.change(key));
    }

    /// Chooses another value by a key; `false` if the key is not for that.
    fn change(&mut self, key: &Key) -> bool {
        let count = self.values.len().max(1);
        let starts = |value: &String, c: char| value.chars().next().is_some_and(|first| first.eq_ignore_ascii_case(&c));
        match key {
            Key::Char(' ' | '+') | Key::Right => self.at = (self.at + 1) % count,
            Key::Char('-') | Key::Left => self.at = (self.at + count - 1) % count,
            Key::Char(c) if c.is_alphanumeric() => {
                let next = (1..=count).map(|step| (self.at + step) % count);
                let found = next.into_iter().find(|at| self.values.get(*at).is_some_and(|value| starts(value, *c)));
                self.at = found.unwrap_or(self.at);
            }
            _ => return false,
        }
        true
    }
}

impl Field for Choice {
    fn key(&mut self, key: &Key, _: &LocalNow) -> bool {
        let is_used = self.change(key);
        self.early.iter_mut().filter(|_| is_used).for_each(|early| early.push(key.clone()));
        is_used
    }

    fn draw(&self, painter: &mut Painter, x: u16, y: u16, focused: bool) -> u16 {
        let value = if self.value().is_empty() { self.empty } else { self.value() };
        let room = usize::from(self.width.saturating_sub(1));
        let value = cut(&clean_line(value), room);
        let gap = " ".repeat(room.saturating_sub(cells(&value)));
        between(painter, x, y, focused, &format!("[{value}{gap}▼]"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{NaiveDate, NaiveTime};

    #[test]
    fn space_cycles_through_the_values_and_a_letter_jumps_to_one() {
        let now = LocalNow { today: NaiveDate::MIN, time: NaiveTime::MIN };
        let values = ["", "CDX", "NIGHT"].map(str::to_owned).to_vec();
        let mut choice = Choice::new(String::new(), 10, "(default)");
        choice.offer(values.clone());
        let value_after = |choice: &mut Choice, key: Key| {
            assert!(choice.key(&key, &now));
            choice.value().to_owned()
        };
        assert_eq!(value_after(&mut choice, Key::Char('n')), "NIGHT");
        assert_eq!(value_after(&mut choice, Key::Char(' ')), "");
        assert_eq!(value_after(&mut choice, Key::Left), "NIGHT");
        choice.offer(vec!["CDX".to_owned()]);
        assert_eq!(choice.value(), "NIGHT", "new values keep the choice");
        assert!(!choice.key(&Key::Enter, &now));
        let mut early = Choice::new(String::new(), 10, "(default)");
        assert_eq!(value_after(&mut early, Key::Char(' ')), "", "nothing else is known yet");
        early.offer(values);
        assert_eq!(early.value(), "CDX", "a key that came before the values counts");
    }
}
