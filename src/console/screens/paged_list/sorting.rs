//! The order of the list: by an index, or in memory.

use crate::console::protocol::effect::{Effect, ScreenChange};
use crate::console::protocol::query::{Answer, Place, Query};
use crate::console::screens::arrangement::pick_indexed;
use crate::console::screens::memory_sort::{self, SortStep};
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

    fn sort_by_index(&mut self) -> Vec<Effect> {
        (self.sort, self.list) = (<_>::default(), List::default());
        self.start(Seek::First)
    }

    /// Sorts by a heading; if the list is sorted by it, the other way round.
    pub(super) fn sort_by(&mut self, heading: &'static str) -> Vec<Effect> {
        let orders = self.source.orders();
        if let Some(at) = orders.iter().position(|(_, known, _)| *known == heading) {
            let ascending = self.sorted_by() == Some((heading, false));
            return self.sort(at * 2 + usize::from(ascending));
        }
        let is_known = self.source.ranks().iter().any(|(known, _)| *known == heading);
        if !is_known || memory_sort::is_too_long(self.count) {
            return vec![memory_sort::refusal()];
        }
        self.following = false;
        self.sort.begin(heading, false);
        vec![self.piece_to_sort(Seek::First)]
    }

    fn piece_to_sort(&self, seek: Seek<Place>) -> Effect {
        Effect::Ask(Query::ToSort(Box::new(self.source.piece(&self.terms, self.all, Order::default(), seek))))
    }

    /// Reads the rows again, if they are sorted in memory.
    pub(super) fn sort_again(&mut self) -> Option<Vec<Effect>> {
        let piece = self.sort.again().then(|| self.piece_to_sort(Seek::First))?;
        self.more_is_old = true;
        Some(std::iter::once(piece).chain(self.ask_count()).collect())
    }

    /// Takes a piece of the rows to sort.
    pub(super) fn take_to_sort(&mut self, answer: Answer) -> Vec<Effect> {
        let Some(piece) = self.source.rows(answer) else { return Vec::new() };
        self.fault = None;
        match self.sort.accept(piece.rows, piece.reached, self.source.ranks()) {
            SortStep::Nothing => Vec::new(),
            SortStep::Read(seek) => vec![self.piece_to_sort(seek)],
            SortStep::Sorted(rows) => {
                self.list.take_whole(rows);
                // Both would list rows in the order of the index again.
                (self.looking, self.following) = (None, false);
                self.ask_more()
            }
            SortStep::TooMany => {
                // Rows were added since it was sorted.
                let mut effects = if self.sort.shown().is_some() { self.sort_by_index() } else { Vec::new() };
                effects.push(memory_sort::refusal());
                effects
            }
        }
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
