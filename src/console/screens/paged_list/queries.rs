//! The queries of the list besides its rows: their count, and details of the row under the cursor.

use crate::console::protocol::effect::Effect;
use crate::console::protocol::filter::Terms;
use crate::console::protocol::query::{CountState, FilterCount, Place, Query};
use crate::console::screens::paged_list::PagedList;
use crate::console::screens::paged_list::list_source::ListSource;
use crate::console::view::context::ViewContext;
use crate::console::widgets::list::Keyed;
use crate::domain::Seek;

impl<S: ListSource> PagedList<S> {
    /// The query for a page.
    pub(super) fn ask_piece(&self, seek: Seek<Place>) -> Effect {
        Effect::Ask(self.source.piece_query(&self.terms, self.all, self.order, seek))
    }

    /// The query for the number of rows, in the background if no index counts them.
    pub(super) fn ask_count(&mut self) -> Effect {
        let indexed = self.source.count_query(&self.terms, self.all);
        indexed.map_or_else(|| self.count.search(self.source.groups(&self.terms, self.all).0), Effect::Ask)
    }

    /// Counts the rows again if they may have changed, unless they are being counted.
    pub(super) fn ask_count_again(&mut self) -> Option<Effect> {
        (!self.count.is_counting()).then(|| self.ask_count())
    }

    /// The query for the number of rows that other filters find, if the list is empty: without any
    /// term, and without each.
    pub(super) fn ask_why_empty(&mut self, view: &ViewContext) -> Option<Effect> {
        let is_empty = self.list.known_length() == Some(0) && self.awaited.is_none();
        let begins = |list: &mut Self| list.explanation.begin(&list.terms.typed, view.freshness);
        if !is_empty || self.terms.filter.is_empty() || !begins(self) {
            return None;
        }
        let counts = FilterCount::begin(&self.terms.filter, |filter| {
            let terms = Terms { typed: filter.to_string(), filter: filter.clone() };
            let search = || CountState::Searched(Box::new(self.source.groups(&terms, self.all).0), Seek::First, 0);
            let indexed = self.source.count_query(&terms, self.all);
            indexed.map_or_else(search, |query| CountState::Indexed(Box::new(query)))
        });
        Some(Effect::Ask(Query::Counts(self.terms.typed.clone(), counts)))
    }

    /// Takes the counts, and asks for what is missing.
    pub(super) fn take_counts(&mut self, typed: String, counts: Vec<FilterCount>) -> Vec<Effect> {
        if self.terms.typed != typed {
            self.explanation.outdate();
            return Vec::new();
        }
        self.explanation.take(typed, counts, &self.terms.filter).into_iter().collect()
    }

    /// The query for details of the row under the cursor, unless they are loaded.
    pub(super) fn ask_detail(&mut self) -> Vec<Effect> {
        let Some(row) = self.list.current() else { return Vec::new() };
        let is_same = self.detail_lines.as_ref().is_some_and(|(place, _)| *place == row.key());
        if is_same && !std::mem::take(&mut self.detail_is_old) {
            return Vec::new();
        }
        if !is_same {
            self.detail_lines = None;
        }
        self.source.detail_query(row).map(Effect::Ask).into_iter().collect()
    }

    pub(super) fn needed(&mut self) -> Vec<Effect> {
        self.list.need().map(|seek| self.ask_piece(seek)).into_iter().collect()
    }
}
