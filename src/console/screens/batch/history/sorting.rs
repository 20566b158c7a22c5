//! The order of the history: newest first by an index, any other in memory.

use crate::console::protocol::batch_query::{BatchAnswer, BatchQuery, HistoryPlace, HistoryRow};
use crate::console::protocol::effect::Effect;
use crate::console::protocol::query::{Answer, Query};
use crate::console::screens::arrangement::{SortOrder, pick_indexed};
use crate::console::screens::batch::history::History;
use crate::console::screens::batch::history::columns::RANKS;
use crate::console::screens::memory_sort::{MemorySort, SortsInMemory};
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
        if line == 0 {
            return self.sort_by_index();
        }
        self.sort = MemorySort::default();
        self.sort_by(INDEXED)
    }

    /// Sorts by a heading; if the list is sorted by it, the other way round.
    pub(super) fn sort_by(&mut self, heading: &'static str) -> Vec<Effect> {
        if heading == INDEXED && self.sorted_by() != (INDEXED, false) {
            return self.sort_by_index();
        }
        self.sort_in_memory(heading, heading == INDEXED)
    }

    /// Takes a piece of the rows to sort.
    pub(super) fn take_to_sort(&mut self, answer: Answer) -> Vec<Effect> {
        let Answer::Batch(answer) = answer else { return Vec::new() };
        let BatchAnswer::History(_, rows, reached) = *answer else { return Vec::new() };
        self.fault = None;
        self.take_piece_to_sort(rows, reached)
    }
}

impl SortsInMemory for History {
    type Row = HistoryRow;

    fn memory_sort(&mut self) -> &mut MemorySort<HistoryRow> {
        &mut self.sort
    }

    fn ranks(&self) -> &'static [SortOrder<HistoryRow>] {
        &RANKS
    }

    fn row_count(&self) -> Option<i64> {
        self.count.rows()
    }

    fn any_row(&self) -> Option<&HistoryRow> {
        self.list.current()
    }

    fn piece_to_sort(&self, seek: Seek<HistoryPlace>) -> Effect {
        let piece = Query::Batch(BatchQuery::History(self.filter.clone(), seek));
        Effect::Ask(Query::ToSort(Box::new(piece)))
    }

    fn sort_by_index(&mut self) -> Vec<Effect> {
        self.sort = MemorySort::default();
        self.restart()
    }

    fn take_sorted(&mut self, rows: Vec<HistoryRow>, is_new: bool) -> Vec<Effect> {
        self.list.take_whole(rows);
        if is_new {
            self.list.to_top();
        }
        // The row found would be listed in the order of the index.
        self.looking = None;
        self.ask_log()
    }

    fn ask_beside_rows(&mut self) -> Vec<Effect> {
        self.ask_count_again().into_iter().chain(self.ask_log()).collect()
    }
}
