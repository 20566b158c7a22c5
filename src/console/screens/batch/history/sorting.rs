//! The order of the history: newest first by an index, any other in memory.

use crate::console::protocol::batch_query::{BatchAnswer, BatchQuery, HistoryPlace};
use crate::console::protocol::effect::Effect;
use crate::console::protocol::query::{Answer, Query};
use crate::console::screens::arrangement::pick_indexed;
use crate::console::screens::batch::history::History;
use crate::console::screens::batch::history::columns::RANKS;
use crate::console::screens::memory_sort::{self, MemorySort, SortStep};
use crate::domain::Seek;

/// The column of the index.
const INDEXED: &str = "Scheduled";

impl History {
    /// The heading that the list is sorted by, and whether ascending.
    pub(super) fn sorted_by(&self) -> (&'static str, bool) {
        self.sort.shown().unwrap_or((INDEXED, false))
    }

    pub(super) fn pick_order(&self) -> Effect {
        let headings = self.headings().into_iter().filter(|heading| self.columns.shows(heading));
        let others: Vec<_> = headings.filter(|heading| *heading != INDEXED).collect();
        let indexed = (format!("{INDEXED}, newest first"), self.sort.shown().is_none());
        let oldest = (format!("{INDEXED}, oldest first"), self.sort.shown() == Some((INDEXED, true)));
        pick_indexed(vec![indexed, oldest], others, self.sort.shown())
    }

    /// Sorts by a line of the list of orders.
    pub(super) fn sort(&mut self, line: usize) -> Vec<Effect> {
        self.sort = MemorySort::default();
        if line == 0 { self.restart() } else { self.sort_by(INDEXED) }
    }

    /// Sorts by a heading; if the list is sorted by it, the other way round.
    pub(super) fn sort_by(&mut self, heading: &'static str) -> Vec<Effect> {
        if heading == INDEXED && self.sorted_by() != (INDEXED, false) {
            return self.sort(0);
        }
        if memory_sort::is_too_long(self.count) {
            return vec![memory_sort::refusal()];
        }
        self.sort.begin(heading, heading == INDEXED);
        vec![self.piece_to_sort(Seek::First)]
    }

    fn piece_to_sort(&self, seek: Seek<HistoryPlace>) -> Effect {
        let piece = Query::Batch(BatchQuery::History(self.filter.clone(), seek));
        Effect::Ask(Query::ToSort(Box::new(piece)))
    }

    /// Reads the rows again, if they are sorted in memory.
    pub(super) fn sort_again(&mut self) -> Option<Vec<Effect>> {
        let piece = self.sort.again().then(|| self.piece_to_sort(Seek::First))?;
        Some(std::iter::once(piece).chain(self.ask_count()).chain(self.ask_log()).collect())
    }

    /// Takes a piece of the rows to sort.
    pub(super) fn take_to_sort(&mut self, answer: Answer) -> Vec<Effect> {
        let Answer::Batch(answer) = answer else { return Vec::new() };
        let BatchAnswer::History(_, rows, reached) = *answer else { return Vec::new() };
        self.fault = None;
        match self.sort.accept(rows, reached, &RANKS) {
            SortStep::Nothing => Vec::new(),
            SortStep::Read(seek) => vec![self.piece_to_sort(seek)],
            SortStep::Sorted(rows) => {
                self.list.take_whole(rows);
                // The row found would be listed in the order of the index.
                self.looking = None;
                self.ask_log()
            }
            SortStep::TooMany => {
                // Rows were added since it was sorted.
                let mut effects = if self.sort.shown().is_some() { self.sort(0) } else { Vec::new() };
                effects.push(memory_sort::refusal());
                effects
            }
        }
    }
}
