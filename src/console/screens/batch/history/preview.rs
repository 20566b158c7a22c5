//! The history follows a filter while it is typed, and returns to what it showed before.

use crate::console::protocol::batch_query::{BatchQuery, HistoryFilter, HistoryRow};
use crate::console::protocol::effect::Effect;
use crate::console::protocol::groups::GroupQuery;
use crate::console::protocol::query::{CountState, FilterCount, Query};
use crate::console::screens::batch::history::History;
use crate::console::screens::memory_sort::MemorySort;
use crate::console::screens::row_count::RowCount;
use crate::console::view::context::ViewContext;
use crate::console::widgets::list::List;
use crate::domain::Seek;
use crate::filter::{self, lists};

/// What the list showed before a filter was typed.
pub(super) struct Former {
    typed: String,
    filter: HistoryFilter,
    list: List<HistoryRow>,
    count: RowCount,
    sort: MemorySort<HistoryRow>,
    top: usize,
}

impl History {
    /// The query for the number of rows, in the background if no index counts them.
    pub(super) fn ask_count(&mut self) -> Effect {
        if self.filter.is_search() {
            return self.count.search(GroupQuery::History(self.filter.clone()));
        }
        Effect::Ask(Query::Batch(BatchQuery::CountHistory(self.filter.clone())))
    }

    /// Counts the rows again if they may have changed, unless they are being counted.
    pub(super) fn ask_count_again(&mut self) -> Option<Effect> {
        (!self.count.is_counting()).then(|| self.ask_count())
    }

    /// The query for the number of rows that other filters find, if the list is empty: without any
    /// term, and without each.
    pub(super) fn ask_why_empty(&mut self, view: &ViewContext) -> Option<Effect> {
        let is_empty = self.list.known_length() == Some(0) && self.awaited.is_none();
        if !is_empty || self.typed.is_empty() || !self.explanation.begin(&self.typed, view.freshness) {
            return None;
        }
        let filter = filter::parse(&self.typed, lists::HISTORY, view.zone, view.now).ok()?;
        let counts = FilterCount::begin(&filter, |filter| {
            let filter = HistoryFilter::default().with_terms(filter);
            if filter.is_search() {
                return CountState::Searched(Box::new(GroupQuery::History(filter)), Seek::First, 0);
            }
            CountState::Indexed(Box::new(Query::Batch(BatchQuery::CountHistory(filter))))
        });
        Some(Effect::Ask(Query::Counts(self.typed.clone(), counts)))
    }

    /// Takes the counts, and asks for what is missing.
    pub(super) fn take_counts(&mut self, typed: String, counts: Vec<FilterCount>, view: &ViewContext) -> Vec<Effect> {
        if self.typed != typed {
            self.explanation.outdate();
            return Vec::new();
        }
        let filter = filter::parse(&typed, lists::HISTORY, view.zone, view.now).unwrap_or_default();
        self.explanation.take(typed, counts, &filter).into_iter().collect()
    }

    /// Asks for the first rows of a filter that is being typed. The rows shown stay until they
    /// arrive.
    pub(super) fn preview(&mut self, typed: String, filter: HistoryFilter) -> Vec<Effect> {
        if self.former.as_ref().is_some_and(|former| former.typed == typed) {
            return self.restore_former();
        }
        if self.typed == typed {
            // The answer to the query for another filter must not be taken for this one's.
            return if self.awaited.take().is_some() { self.read_visible() } else { Vec::new() };
        }
        let query = BatchQuery::History(filter.clone(), Seek::First);
        self.awaited = Some((typed, filter));
        vec![Effect::Ask(Query::Batch(query))]
    }

    /// Turns to the filter whose first rows have arrived.
    pub(super) fn show_awaited(&mut self) -> Vec<Effect> {
        let Some((typed, filter)) = self.awaited.take() else { return Vec::new() };
        let former = Former {
            typed: std::mem::replace(&mut self.typed, typed),
            filter: std::mem::replace(&mut self.filter, filter),
            list: std::mem::take(&mut self.list),
            count: std::mem::take(&mut self.count),
            sort: std::mem::take(&mut self.sort),
            top: std::mem::take(&mut self.top),
        };
        self.former.get_or_insert(former);
        self.list.restart(Seek::First);
        vec![self.ask_count()]
    }

    /// Takes the filter that was entered: its rows stay if they are shown already.
    pub(super) fn take_filter(&mut self, typed: String, filter: HistoryFilter) -> Vec<Effect> {
        // An age such as `2h` is another instant by the time it is entered.
        let is_typed = self.former.take().is_some() && self.typed == typed;
        let is_shown = is_typed || (&self.typed, &self.filter) == (&typed, &filter);
        if self.awaited.take().is_none() && is_shown {
            return Vec::new();
        }
        (self.typed, self.filter) = (typed, filter);
        self.restart()
    }

    /// Returns to what was shown before a filter was typed, and reads it again.
    pub(super) fn restore_former(&mut self) -> Vec<Effect> {
        self.awaited = None;
        if let Some(former) = self.former.take() {
            (self.typed, self.filter, self.list) = (former.typed, former.filter, former.list);
            (self.count, self.top, self.sort) = (former.count, former.top, former.sort);
            self.count.stop();
        }
        self.read_visible()
    }
}
