//! The list follows a filter while it is typed, and returns to what it showed before.

use crate::console::protocol::effect::Effect;
use crate::console::protocol::filter::Terms;
use crate::console::screens::memory_sort::MemorySort;
use crate::console::screens::paged_list::list_source::ListSource;
use crate::console::screens::paged_list::{PagedList, histogram, marks::Marks};
use crate::console::screens::row_count::RowCount;
use crate::console::widgets::list::List;
use crate::domain::Seek;

/// What the list showed before a filter was typed.
pub(super) struct Former<S: ListSource> {
    pub(super) terms: Terms,
    pub(super) list: List<S::Row>,
    count: RowCount,
    sort: MemorySort<S::Row>,
    marks: Marks<S::Key>,
    histogram: Option<histogram::ListHistogram>,
    detail_top: usize,
}

impl<S: ListSource> PagedList<S> {
    /// Restarts the list from the top, as after another filter.
    pub(super) fn restart_list(&mut self) -> Vec<Effect> {
        let mut effects = self.restart_below();
        effects.extend(self.ask_histogram());
        effects
    }

    /// Queries the list again, but not its histogram.
    pub(super) fn restart_below(&mut self) -> Vec<Effect> {
        // Marked rows that the filter hides must not be acted on.
        self.marks.clear();
        (self.list, self.sort) = (List::default(), MemorySort::default());
        self.count = RowCount::default();
        self.explanation.outdate();
        let mut effects = self.start(Seek::First);
        effects.push(self.ask_count());
        effects
    }

    /// Asks for the first rows of a filter that is being typed. The rows shown stay until they
    /// arrive.
    pub(super) fn preview(&mut self, terms: Terms) -> Vec<Effect> {
        if self.former.as_ref().is_some_and(|former| former.terms.typed == terms.typed) {
            return self.restore_former();
        }
        if self.terms.typed == terms.typed {
            // The answer to the query for another filter must not be taken for this one's.
            return if self.awaited.take().is_some() { self.read_visible() } else { Vec::new() };
        }
        let query = self.source.piece_query(&terms, self.all, self.order, Seek::First);
        self.awaited = Some(terms);
        vec![Effect::Ask(query)]
    }

    /// Turns to the filter whose first rows have arrived.
    pub(super) fn show_awaited(&mut self) -> Vec<Effect> {
        let Some(terms) = self.awaited.take() else { return Vec::new() };
        let (terms, list) = (std::mem::replace(&mut self.terms, terms), std::mem::take(&mut self.list));
        let (count, marks) = (std::mem::take(&mut self.count), std::mem::take(&mut self.marks));
        let (detail_top, sort) = (std::mem::take(&mut self.detail_top), std::mem::take(&mut self.sort));
        if self.former.is_none() {
            self.former =
                Some(Former { terms, list, count, sort, marks, histogram: self.histogram.clone(), detail_top });
        }
        self.hit = None;
        self.list.restart(Seek::First);
        let mut effects = vec![self.ask_count()];
        effects.extend(self.ask_histogram());
        effects
    }

    /// Takes the filter that was entered: its rows stay if they are shown already.
    pub(super) fn take_filter(&mut self, terms: Terms) -> Vec<Effect> {
        // Entered later than it was typed, an age has another meaning.
        let is_typed = self.former.take().is_some() && self.terms.typed == terms.typed;
        let is_shown = is_typed || self.terms == terms;
        if self.awaited.take().is_none() && is_shown {
            return Vec::new();
        }
        self.terms = terms;
        self.restart_list()
    }

    /// Returns to what was shown before a filter was typed, and reads it again.
    pub(super) fn restore_former(&mut self) -> Vec<Effect> {
        self.awaited = None;
        if let Some(former) = self.former.take() {
            (self.terms, self.list, self.count) = (former.terms, former.list, former.count);
            self.count.stop();
            self.sort = former.sort;
            (self.marks, self.histogram, self.detail_top) = (former.marks, former.histogram, former.detail_top);
            self.hit = None;
        }
        self.read_visible()
    }
}
