//! Matches rows in memory.

use crate::filter::{Filter, Term, Test};
use std::borrow::Cow;

/// The value of a field of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell<'a> {
    /// None.
    Empty,
    /// A text.
    Text(Cow<'a, str>),
    /// Several texts, any of which may match.
    Texts(Vec<Cow<'a, str>>),
    /// A number, or an instant in milliseconds.
    Number(i64),
    /// A word of a choice.
    Word(&'a str),
}

/// A row.
pub trait Subject {
    /// The value of one of the list's fields.
    fn cell(&self, field: &str) -> Cell<'_>;
    /// Whether a text that plain words search is wanted.
    fn any_text(&self, is_wanted: &dyn Fn(&str) -> bool) -> bool;
}

impl Cell<'_> {
    /// A text that may be missing.
    pub fn text(text: Option<&str>) -> Cell<'_> {
        text.map_or(Cell::Empty, |text| Cell::Text(Cow::Borrowed(text)))
    }

    /// A number that may be missing.
    pub fn number(number: Option<i64>) -> Self {
        number.map_or(Self::Empty, Self::Number)
    }
}

impl Filter {
    /// Whether a row passes every term.
    pub fn matches(&self, row: &impl Subject) -> bool {
        self.terms.iter().all(|term| term.matches(row))
    }
}

impl Term {
    fn matches(&self, row: &impl Subject) -> bool {
        let passes = match &self.test {
            Test::Word(pattern) => row.any_text(&|text| pattern.matches(text)),
            Test::Matches(field, patterns) => {
                let is_wanted = |text: &str| patterns.iter().any(|pattern| pattern.matches(text));
                match row.cell(field) {
                    Cell::Text(text) => is_wanted(&text),
                    Cell::Texts(texts) => texts.iter().any(|text| is_wanted(text)),
                    _ => false,
                }
            }
            Test::Within(field, ranges) => match row.cell(field) {
                Cell::Number(number) => ranges.iter().any(|(low, high)| (*low..=*high).contains(&number)),
                _ => false,
            },
            Test::Is(field, words) => matches!(row.cell(field), Cell::Word(word) if words.contains(&word)),
        };
        passes != self.negated
    }
}
