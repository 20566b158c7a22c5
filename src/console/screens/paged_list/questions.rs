//! The queries of the list besides its rows: their count, and details of the row under the cursor.

use crate::console::protocol::effect::Effect;
use crate::console::protocol::filter::Terms;
use crate::console::protocol::query::Query;
use crate::console::screens::no_match::{MOST_COUNTED, NoMatch};
use crate::console::screens::paged_list::PagedList;
use crate::console::screens::paged_list::list_source::ListSource;
use crate::console::widgets::list::Keyed;
use crate::filter::Filter;

impl<S: ListSource> PagedList<S> {
    pub(super) fn ask_count(&self) -> Option<Effect> {
        self.source.count(&self.terms, self.all).map(Effect::Ask)
    }

    /// The query for the number of rows that other filters find, if the list is empty: without any
    /// term, and without each.
    pub(super) fn ask_why_empty(&self) -> Option<Effect> {
        let terms = &self.terms.filter.terms;
        let is_empty = self.list.known_length() == Some(0) && self.awaited.is_none();
        if !is_empty || terms.is_empty() {
            return None;
        }
        let count = |filter: Filter| self.source.count(&Terms { typed: filter.to_string(), filter }, self.all);
        let total = count(Filter::default()).map(|query| (String::new(), query));
        let terms = terms.iter().enumerate().filter(|_| terms.len() > 1).take(MOST_COUNTED);
        let without = terms.filter_map(|(at, term)| Some((term.source.clone(), count(self.terms.filter.without(at))?)));
        let queries: Vec<_> = total.into_iter().chain(without).collect();
        (!queries.is_empty()).then(|| Effect::Ask(Query::Counts(self.terms.typed.clone(), queries)))
    }

    /// Takes the answer.
    pub(super) fn take_counts(&mut self, typed: &str, counts: Vec<(String, i64)>) {
        if self.terms.typed == typed {
            self.no_match = Some((typed.to_owned(), NoMatch::of(counts, self.terms.filter.terms.len())));
        }
    }

    /// What is said of the filter of an empty list.
    pub(super) fn no_match(&self) -> Option<&NoMatch> {
        self.no_match.as_ref().filter(|(typed, _)| *typed == self.terms.typed).map(|(_, counted)| counted)
    }

    /// The query for details of the row under the cursor, unless they are loaded.
    pub(super) fn ask_more(&mut self) -> Vec<Effect> {
        let Some(row) = self.list.current() else { return Vec::new() };
        let is_same = self.more.as_ref().is_some_and(|(place, _)| *place == row.key());
        if is_same && !std::mem::take(&mut self.more_is_old) {
            return Vec::new();
        }
        if !is_same {
            self.more = None;
        }
        self.source.ask_more(row).map(Effect::Ask).into_iter().collect()
    }

    pub(super) fn needed(&mut self) -> Vec<Effect> {
        self.list.need().map(|seek| self.piece(seek)).into_iter().collect()
    }
}
