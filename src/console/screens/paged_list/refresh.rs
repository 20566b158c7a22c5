//! Reads a list again in place, and finds the next failure, also beyond the rows read.

use crate::console::protocol::effect::Effect;
use crate::console::protocol::query::{Piece, Place};
use crate::console::screens::memory_sort::SortsInMemory;
use crate::console::screens::no_match;
use crate::console::screens::paged_list::PagedList;
use crate::console::screens::paged_list::list_source::ListSource;
use crate::console::view::context::ViewContext;
use crate::console::widgets::list::Keyed;
use crate::domain::{Seek, Timestamp};

/// A failure being looked for beyond the rows read.
#[derive(Debug, Clone, Copy)]
pub(super) struct FailureSearch {
    forward: bool,
    wrapped: bool,
    /// The place that the search has reached.
    pub(super) reached: Option<Place>,
}

impl<S: ListSource> PagedList<S> {
    /// Returns the place just before another one, so that reading from it includes that row.
    fn just_before(&self) -> impl Fn(Place) -> Place + use<S> {
        let ascending = self.order.ascending;
        move |(at, id)| (at, if ascending { id.saturating_sub(1) } else { id.saturating_add(1) })
    }

    /// Reads the visible rows again.
    pub(super) fn read_visible(&mut self) -> Vec<Effect> {
        if let Some(terms) = self.awaited.take() {
            return self.preview(terms);
        }
        if let Some(effects) = self.sort_again() {
            return effects;
        }
        let before = self.just_before();
        let seek = if self.following { self.list.restart(Seek::First) } else { self.list.refresh(before) };
        self.detail_is_old = true;
        let mut effects = vec![self.ask_piece(seek)];
        let newer = |head| Effect::Ask(self.source.count_newer_query(&self.terms, self.all, self.order, head));
        effects.extend(self.list.head().map(newer));
        effects.extend(self.ask_count_again());
        effects.extend(self.recount_histogram());
        effects
    }

    /// Takes rows; shows the last ones if the time that the operator asked for is beyond them.
    pub(super) fn take_rows(&mut self, piece: Piece<S::Row>, view: &ViewContext) -> Vec<Effect> {
        let seek = piece.seek;
        self.list.take(seek, piece.rows, piece.reached);
        if !std::mem::take(&mut self.goes_to) {
            return Vec::new();
        }
        if self.list.is_past_end() {
            self.goes_to = true;
            return self.start(Seek::Last);
        }
        let last = self.list.current().filter(|_| seek == Seek::Last).map(|row| row.key().0);
        last.map(|at| no_match::of_that_time(Timestamp(at), self.order.ascending, view)).into_iter().collect()
    }

    /// Moves the cursor to the next failure in a direction, wrapping around.
    pub(super) fn find_failure(&mut self, forward: bool) -> Vec<Effect> {
        let source = &self.source;
        if self.list.find(forward, |row| source.is_failure(row)) {
            self.detail_top = 0;
            return self.needed();
        }
        if self.sort.shown().is_some() {
            let none = "no failure in this list";
            let said = self.list.find_wrapping(forward, none, |row| source.is_failure(row));
            return said.map(Effect::Say).into_iter().collect();
        }
        let Some(place) = self.list.current().map(Keyed::key) else {
            return vec![Effect::Say("no failure in this list".to_owned())];
        };
        let seek = if forward { Seek::After(place) } else { Seek::Before(place) };
        self.search_on(FailureSearch { forward, wrapped: false, reached: None }, seek)
    }

    fn search_on(&mut self, failure_search: FailureSearch, seek: Seek<Place>) -> Vec<Effect> {
        match self.source.next_failure_query(&self.terms, self.all, self.order, seek) {
            Some(query) => {
                self.failure_search = Some(failure_search);
                vec![Effect::Ask(query)]
            }
            None => vec![Effect::Say("no failure in this list".to_owned())],
        }
    }

    /// Takes the place of the next failure, or where the search continues.
    pub(super) fn take_failure(&mut self, found: Option<Place>, reached: Option<Place>) -> Vec<Effect> {
        let Some(failure_search) = self.failure_search.take() else { return Vec::new() };
        let current = self.list.current().map(Keyed::key);
        match (found, reached) {
            (Some(place), _) if Some(place) == current => {
                vec![Effect::Say("this is the only failure in the list".to_owned())]
            }
            (Some(place), _) => {
                (self.following, self.detail_top) = (false, 0);
                let seek = Seek::After(self.just_before()(place));
                let mut effects = self.start(seek);
                if failure_search.wrapped {
                    let said = if failure_search.forward {
                        "no further failure below: on from the top"
                    } else {
                        "no further failure above: on from the end"
                    };
                    effects.push(Effect::Say(said.to_owned()));
                }
                effects
            }
            (None, Some(place)) => {
                let seek = if failure_search.forward { Seek::After(place) } else { Seek::Before(place) };
                self.search_on(FailureSearch { reached: Some(place), ..failure_search }, seek)
            }
            (None, None) if !failure_search.wrapped => {
                let seek = if failure_search.forward { Seek::First } else { Seek::Last };
                self.search_on(FailureSearch { wrapped: true, ..failure_search }, seek)
            }
            (None, None) => vec![Effect::Say("no failure in this list".to_owned())],
        }
    }
}
