//! The filter of a list whose rows are all in memory.

use crate::console::view::context::ViewContext;
use crate::filter::{self, Cell, FieldSet, Filter, Subject};

/// A filter, as it was typed and parsed.
#[derive(Debug, Default)]
pub struct RowFilter {
    typed: String,
    /// `None` until a restored text is parsed.
    filter: Option<Filter>,
}

/// A row as a filter sees it.
struct Shown<'r> {
    cell: &'r dyn Fn(&str) -> Cell<'r>,
    texts: &'r [String],
}

impl Subject for Shown<'_> {
    fn cell(&self, field: &str) -> Cell<'_> {
        (self.cell)(field)
    }

    fn any_text(&self, is_wanted: &dyn Fn(&str) -> bool) -> bool {
        self.texts.iter().any(|text| is_wanted(text))
    }
}

impl RowFilter {
    /// A filter that was typed before.
    pub fn restored(typed: String) -> Self {
        Self { typed, filter: None }
    }

    /// The text as typed.
    pub fn typed(&self) -> &str {
        &self.typed
    }

    /// Whether all rows match.
    pub fn is_empty(&self) -> bool {
        self.typed.is_empty()
    }

    /// Replaces it.
    pub fn set(&mut self, filter: Filter) {
        *self = Self { typed: filter.to_string(), filter: Some(filter) };
    }

    /// Parses a restored text; one that is not understood any more lists everything.
    pub fn parse(&mut self, fields: &FieldSet, view: &ViewContext) {
        if self.filter.is_none() {
            self.set(filter::parse(&self.typed, fields, view.zone, view.now).unwrap_or_default());
        }
    }

    /// Whether a row with these fields and texts matches.
    pub fn matches<'r>(&self, cell: &'r dyn Fn(&str) -> Cell<'r>, texts: &'r [String]) -> bool {
        self.filter.as_ref().is_none_or(|filter| filter.matches(&Shown { cell, texts }))
    }
}
