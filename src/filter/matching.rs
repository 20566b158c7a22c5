//! Matches rows in memory.

use crate::filter::{Filter, Term, Test, grouped_number};
use std::borrow::Cow;

/// The value of a field of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldValue<'a> {
    /// The row has no value.
    Empty,
    /// A text.
    Text(Cow<'a, str>),
    /// Several texts, any of which may match.
    Texts(Vec<Cow<'a, str>>),
    /// A number, or an instant in milliseconds.
    Number(i64),
    /// One word of a fixed choice.
    Choice(&'a str),
}

/// A row.
pub trait Subject {
    /// The value of one of the list's fields.
    fn field_value(&self, field: &str) -> FieldValue<'_>;
    /// Whether a text that plain words search is wanted.
    fn any_text(&self, is_wanted: &dyn Fn(&str) -> bool) -> bool;
}

impl FieldValue<'_> {
    /// A text that may be missing.
    pub fn text(text: Option<&str>) -> FieldValue<'_> {
        text.map_or(FieldValue::Empty, |text| FieldValue::Text(Cow::Borrowed(text)))
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
        self.test.passes(row) != self.negated
    }
}

impl Test {
    fn passes(&self, row: &impl Subject) -> bool {
        match self {
            // 59699 also finds the number that rows show as 59,699.
            Self::Anywhere(pattern) => row.any_text(&|text| {
                pattern.matches(text) || grouped_number(text).is_some_and(|number| pattern.matches(&number.to_string()))
            }),
            Self::Matches(field, patterns) => {
                let is_wanted = |text: &str| patterns.iter().any(|pattern| pattern.matches(text));
                match row.field_value(field) {
                    FieldValue::Text(text) => is_wanted(&text),
                    FieldValue::Texts(texts) => texts.iter().any(|text| is_wanted(text)),
                    _ => false,
                }
            }
            Self::Within(field, ranges) => match row.field_value(field) {
                FieldValue::Number(number) => ranges.iter().any(|(low, high)| (*low..=*high).contains(&number)),
                _ => false,
            },
            Self::Missing(field) => match row.field_value(field) {
                FieldValue::Empty => true,
                FieldValue::Text(text) => text.is_empty(),
                FieldValue::Texts(texts) => texts.iter().all(|text| text.is_empty()),
                FieldValue::Number(_) | FieldValue::Choice(_) => false,
            },
            Self::Is(field, words) => {
                matches!(row.field_value(field), FieldValue::Choice(word) if words.contains(&word))
            }
            Self::Any(tests) => tests.iter().any(|test| test.passes(row)),
        }
    }
}
