//! The order of the list: by an index, or in memory.

use crate::console::protocol::effect::{Effect, ScreenChange};
use crate::console::protocol::query::{Answer, Place, Query};
use crate::console::screens::arrangement::{SortOrder, pick_indexed};
use crate::console::screens::memory_sort::{MemorySort, SortsInMemory};
use crate::console::screens::paged_list::PagedList;
use crate::console::screens::paged_list::list_source::ListSource;
use crate::console::widgets::list::List;
use crate::domain::{Order, Seek};

impl<S: ListSource> PagedList<S> {
    /// The heading that the list is sorted by, and whether ascending.
    pub(super) fn sorted_by(&self) -> Option<(&'static str, bool)> {
        let indexed = || self.source.orders().iter().find(|(by, ..)| *by == self.order.by);
        self.sort.shown().or_else(|| indexed().map(|(_, heading, _)| (*heading, self.order.ascending)))
    }

    pub(super) fn pick_order(&self) -> Effect {
        let orders = self.source.orders();
        let ordered = orders.iter().flat_map(|(by, _, names)| {
            let is = |ascending| self.sort.shown().is_none() && self.order == Order { by: *by, ascending };
            [(names[0].to_owned(), is(false)), (names[1].to_owned(), is(true))]
        });
        let columns = self.source.columns().iter().map(|column| column.heading);
        let others = columns.filter(|heading| self.columns.shows(heading));
        let others = others.filter(|heading| orders.iter().all(|(_, known, _)| known != heading));
        pick_indexed(ordered.collect(), others.collect(), self.sort.shown())
    }

    /// Sorts by a line of the list of orders.
    pub(super) fn sort(&mut self, line: usize) -> Vec<Effect> {
        let Some((by, ..)) = self.source.orders().get(line / 2) else { return Vec::new() };
        self.order = Order { by: *by, ascending: line % 2 == 1 };
        self.following = false;
        self.sort_by_index()
    }

    /// Sorts by a heading; if the list is sorted by it, the other way round.
    pub(super) fn sort_by(&mut self, heading: &'static str) -> Vec<Effect> {
        let orders = self.source.orders();
        if let Some(at) = orders.iter().position(|(_, known, _)| *known == heading) {
            let ascending = self.sorted_by() == Some((heading, false));
            return self.sort(at * 2 + usize::from(ascending));
        }
        let effects = self.sort_in_memory(heading, false);
        self.following = self.following && !self.sort.is_active();
        effects
    }

    /// Takes a piece of the rows to sort.
    pub(super) fn take_to_sort(&mut self, answer: Answer) -> Vec<Effect> {
        let Some(piece) = self.source.rows(answer) else { return Vec::new() };
        self.fault = None;
        self.take_piece_to_sort(piece.rows, piece.reached)
    }

    /// Takes a choice of order.
    pub(super) fn take_order(&mut self, change: &ScreenChange) -> Option<Vec<Effect>> {
        match change {
            ScreenChange::SortBy(heading) => Some(self.sort_by(heading)),
            ScreenChange::Sort(line) => Some(self.sort(*line)),
            _ => None,
        }
    }
}

impl<S: ListSource> SortsInMemory for PagedList<S> {
    type Row = S::Row;

    fn memory_sort(&mut self) -> &mut MemorySort<S::Row> {
        &mut self.sort
    }

    fn ranks(&self) -> &'static [SortOrder<S::Row>] {
        self.source.ranks()
    }

    fn row_count(&self) -> Option<i64> {
        self.count.rows()
    }

    fn any_row(&self) -> Option<&S::Row> {
        self.list.current()
    }

    fn piece_to_sort(&self, seek: Seek<Place>) -> Effect {
        Effect::Ask(Query::ToSort(Box::new(self.source.piece_query(&self.terms, self.all, Order::default(), seek))))
    }

    fn sort_by_index(&mut self) -> Vec<Effect> {
        (self.sort, self.list) = (<_>::default(), List::default());
        self.start(Seek::First)
    }

    fn take_sorted(&mut self, rows: Vec<S::Row>, is_new: bool) -> Vec<Effect> {
        self.list.take_whole(rows);
        if is_new {
            self.list.to_top();
        }
        // Both would list rows in the order of the index again.
        (self.failure_search, self.following) = (None, false);
        self.ask_detail()
    }

    fn ask_beside_rows(&mut self) -> Vec<Effect> {
        self.detail_is_old = true;
        self.ask_count_again().into_iter().collect()
    }
}
