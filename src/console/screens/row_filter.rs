//! The filter of a list whose rows are all in memory.

use crate::console::protocol::query::{CountState, FilterCount};
use crate::console::screens::no_match::NoMatch;
use crate::console::view::context::ViewContext;
use crate::filter::{self, CAUSE_TEXT, FieldSet, FieldValue, Filter, Highlights, Subject, Test};
use crate::text::cut;

/// Cells of the text of a cause at most.
const MAX_CAUSE_CELLS: usize = 32;

/// A filter, as it was typed and parsed.
#[derive(Debug, Default)]
pub struct RowFilter {
    typed: String,
    /// `None` until a restored text is parsed.
    filter: Option<Filter>,
    /// What it was before another one was typed, while that is previewed.
    former: Option<(String, Option<Filter>)>,
}

/// A row as a filter sees it.
struct FilteredRow<'r> {
    cell: &'r dyn Fn(&str) -> FieldValue<'r>,
    any_text: &'r AnyText<'r>,
}

/// Whether a text of a row is wanted.
pub type AnyText<'r> = dyn Fn(&dyn Fn(&str) -> bool) -> bool + 'r;

impl Subject for FilteredRow<'_> {
    fn field_value(&self, field: &str) -> FieldValue<'_> {
        (self.cell)(field)
    }

    fn any_text(&self, is_wanted: &dyn Fn(&str) -> bool) -> bool {
        (self.any_text)(is_wanted)
    }
}

/// A filter with the text of a cause that it names by its number.
pub fn in_words(filter: &Filter, digest: i64, masked: &str) -> String {
    let number = Test::Within("cause", vec![(digest, digest)]);
    let terms = filter.terms.iter().map(|term| {
        let is_number = !term.negated && term.test == number;
        if is_number { format!("cause:{}", cut(masked, MAX_CAUSE_CELLS)) } else { term.source.clone() }
    });
    terms.collect::<Vec<_>>().join(" ")
}

impl RowFilter {
    /// A filter that was typed before.
    pub fn restored(typed: String) -> Self {
        Self { typed, filter: None, former: None }
    }

    /// The text as typed.
    pub fn typed(&self) -> &str {
        &self.typed
    }

    /// The text with that of a cause which it names by its number; `row` returns the values of the
    /// row under the cursor.
    pub fn in_words<'r>(&self, row: impl Fn(&str) -> FieldValue<'r>) -> String {
        match (&self.filter, row("cause"), row(CAUSE_TEXT)) {
            (Some(filter), FieldValue::Number(digest), FieldValue::Text(masked)) => in_words(filter, digest, &masked),
            _ => self.typed.clone(),
        }
    }

    /// The texts that the filter matches, to be underlined.
    pub fn highlights(&self) -> Highlights {
        self.filter.as_ref().map_or_else(Highlights::default, |filter| Highlights::of(&filter.terms))
    }

    /// Whether all rows match.
    pub fn is_empty(&self) -> bool {
        self.typed.is_empty()
    }

    /// Replaces it.
    pub fn set(&mut self, filter: Filter) {
        *self = Self { typed: filter.to_string(), filter: Some(filter), former: None };
    }

    /// Replaces it while another one is typed.
    pub fn preview(&mut self, filter: Filter) {
        let former = self.former.take();
        let former = former.unwrap_or_else(|| (std::mem::take(&mut self.typed), self.filter.take()));
        self.set(filter);
        self.former = Some(former);
    }

    /// Whether it is replaced while another one is typed.
    pub fn is_preview(&self) -> bool {
        self.former.is_some()
    }

    /// Brings back the filter from before another one was typed.
    pub fn restore(&mut self) {
        if let Some((typed, filter)) = self.former.take() {
            (self.typed, self.filter) = (typed, filter);
        }
    }

    /// Parses a restored text; one that is not understood any more lists everything.
    pub fn parse(&mut self, fields: &FieldSet, view: &ViewContext) {
        if self.filter.is_none() {
            self.set(filter::parse(&self.typed, fields, view.zone, view.now).unwrap_or_default());
        }
    }

    /// Whether a row with these fields and texts matches.
    pub fn matches<'r>(&self, cell: &'r dyn Fn(&str) -> FieldValue<'r>, any_text: &'r AnyText<'r>) -> bool {
        self.filter.as_ref().is_none_or(|filter| filter.matches(&FilteredRow { cell, any_text }))
    }

    /// What an empty list says of it. `count` returns the number of rows that match another filter.
    pub fn no_match(&self, total: usize, count: impl Fn(&Self) -> usize) -> NoMatch {
        let complete = |term: String, rows: usize| {
            let rows = i64::try_from(rows).unwrap_or(i64::MAX);
            FilterCount { term, rows, state: CountState::Complete }
        };
        let filter = self.filter.clone().unwrap_or_default();
        let terms = filter.terms.iter().enumerate().filter(|_| filter.terms.len() > 1).map(|(at, term)| {
            let without = Self { filter: Some(filter.without(at)), ..Self::default() };
            complete(term.source.clone(), count(&without))
        });
        let counts = std::iter::once(complete(String::new(), total)).chain(terms).collect();
        NoMatch::new(counts, &filter)
    }
}
