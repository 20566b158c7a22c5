//! The filter language of every list: `status:failed store:LON* rows>10k age<2h !text:timeout`.
//!
//! A filter is a conjunction of terms. A list declares its fields in a [`FieldSet`]; [`parse()`]
//! reads the typed text, or names the word that it does not understand. Short lists match
//! their rows with [`Filter::matches`], long ones compile the terms to SQL in the store; both give
//! the same rows. Letters compare without case in ASCII; letters beyond ASCII match as they are
//! written.

mod cause;
pub mod complete;
mod condition;
mod fault;
mod field;
mod highlight;
mod hint;
pub mod lists;
mod matching;
mod parse;
mod pattern;
mod token;
mod value;

#[cfg(test)]
mod tests;

pub use cause::pattern_of_cause;
pub use fault::Fault;
pub use field::{Choice, Field, FieldSet, Kind, Names};
pub use highlight::Highlights;
pub use hint::hint;
pub use matching::{FieldValue, Subject};
pub use parse::parse;
pub use pattern::Pattern;
pub use value::grouped_number;

/// The longest filter, in bytes; long enough for the longest names of an exchange.
pub const MAX_FILTER_BYTES: usize = 4_000;
/// The name under which rows give the text of their cause.
pub const CAUSE_TEXT: &str = "cause_text";
/// The most terms of a filter.
pub const MAX_TERMS: usize = 40;

/// A conjunction of terms.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// The terms, in the order in which they were typed.
    pub terms: Vec<Term>,
}

/// One term.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// The term as it was typed.
    pub source: String,
    /// The name of the field that was typed; empty for a plain word.
    pub field: &'static str,
    /// Whether rows that pass the test are left out.
    pub negated: bool,
    /// The test that a row must pass, or fail if negated.
    pub test: Test,
}

/// What a row must pass. The first field is the name of a field of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// A column contains the text.
    Anywhere(Pattern),
    /// The field matches one of the patterns.
    Matches(&'static str, Vec<Pattern>),
    /// The field is a number in one of the ranges, both ends included. Instants count in
    /// milliseconds.
    Within(&'static str, Vec<(i64, i64)>),
    /// The field has no value.
    Missing(&'static str),
    /// The field is one of these words.
    Is(&'static str, Vec<&'static str>),
    /// One of these tests.
    Any(Vec<Test>),
}

impl Test {
    /// Whether only rows with a cause pass.
    pub fn needs_cause(&self) -> bool {
        match self {
            Self::Within("cause", _) | Self::Matches(CAUSE_TEXT, _) => true,
            Self::Any(tests) => !tests.is_empty() && tests.iter().all(Self::needs_cause),
            _ => false,
        }
    }
}

/// Quotes a value, so that a term matches the value as a whole. In place of control characters,
/// which no filter contains, it matches any text.
pub fn quoted(value: &str) -> String {
    let mut quoted = String::from("\"");
    for c in value.chars() {
        match c {
            '"' => quoted.push_str("\"\""),
            c if c.is_control() => quoted.push_str("\"*\""),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

impl Filter {
    /// Whether there is no term.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// The first term that gives a name as a whole, as one of the names that begin with it.
    pub fn beginning(&self) -> Option<String> {
        let is_whole = |term: &&Term| {
            let Test::Matches(_, patterns) = &term.test else { return false };
            !term.negated && matches!(&patterns[..], [pattern] if pattern.is_plain())
        };
        self.terms.iter().find(is_whole).map(|term| format!("{}*", term.source))
    }

    /// The filter without the term at an index.
    #[must_use]
    pub fn without(&self, at: usize) -> Self {
        let terms = self.terms.iter().enumerate().filter(|(index, _)| *index != at);
        Self { terms: terms.map(|(_, term)| term.clone()).collect() }
    }
}

impl std::fmt::Display for Filter {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, term) in self.terms.iter().enumerate() {
            write!(formatter, "{}{}", if index > 0 { " " } else { "" }, term.source)?;
        }
        Ok(())
    }
}
