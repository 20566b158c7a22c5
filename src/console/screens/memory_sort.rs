//! Sorts a long list in memory by a column that no index has, if its filter leaves few rows: they
//! are read piece by piece in the background, and replace the list when all are there.

use crate::console::protocol::effect::Effect;
use crate::console::protocol::query::{Keyed, PAGE_ROWS};
use crate::console::screens::arrangement::{SortOrder, is_text};
use crate::console::view::context::ViewContext;
use crate::domain::{Seek, grouped};
use std::cmp::Reverse;

/// Rows that are sorted at most.
const MAX_SORTED: i64 = 10_000;
/// Pieces that are read at most: a search may find few rows in each.
const MAX_PIECES: usize = 100;

/// Says why a long list is not sorted by a column.
fn refusal() -> Effect {
    let why = "no index has this order, and the list is too long to sort in memory";
    Effect::Say(format!("not sorted: {why}; narrow the filter"))
}

/// A heading, and whether the order ascends.
pub type SortedBy = (&'static str, bool);

/// The order of a list that is sorted in memory, and the rows read for one.
#[derive(Debug)]
pub struct MemorySort<R> {
    shown: Option<SortedBy>,
    reading: Option<Reading<R>>,
}

#[derive(Debug)]
struct Reading<R> {
    by: SortedBy,
    rows: Vec<R>,
    pieces: usize,
}

/// What to do after a piece was read.
enum SortStep<R: Keyed> {
    /// Nothing: it is not wanted any more.
    Nothing,
    /// The next piece is read.
    Read(Seek<R::Key>),
    /// These are the rows in their order.
    Sorted(Vec<R>),
    /// There are too many rows.
    TooMany,
}

/// A long list that can be sorted in memory.
pub trait SortsInMemory {
    /// A row of the list.
    type Row: Keyed + 'static;

    /// The order in memory.
    fn memory_sort(&mut self) -> &mut MemorySort<Self::Row>;
    /// What rows are sorted by, for each column.
    fn ranks(&self) -> &'static [SortOrder<Self::Row>];
    /// The number of rows that the filter finds, if it is known.
    fn row_count(&self) -> Option<i64>;
    /// The query for a piece of the rows to sort.
    fn piece_to_sort(&self, seek: Seek<<Self::Row as Keyed>::Key>) -> Effect;
    /// Lists the rows in the order of an index again.
    fn sort_by_index(&mut self) -> Vec<Effect>;
    /// Lists the sorted rows, from the top if their order is new; returns what the row under the
    /// cursor needs.
    fn take_sorted(&mut self, rows: Vec<Self::Row>, is_new: bool) -> Vec<Effect>;
    /// What is read again beside the rows.
    fn ask_beside_rows(&mut self) -> Vec<Effect>;

    /// A row of the list.
    fn any_row(&self) -> Option<&Self::Row>;

    /// Begins to sort by a heading, texts from A to Z; if the list is sorted by it, the other way
    /// round.
    fn sort_in_memory(&mut self, heading: &'static str, ascending: bool) -> Vec<Effect> {
        let is_known = self.ranks().iter().any(|(known, _)| *known == heading);
        if !is_known || self.row_count().is_some_and(|count| count > MAX_SORTED) {
            return vec![refusal()];
        }
        let ascending = ascending || is_text(self.ranks(), heading, self.any_row());
        self.memory_sort().begin(heading, ascending);
        vec![self.piece_to_sort(Seek::First)]
    }

    /// Reads the rows again, if they are sorted in memory.
    fn sort_again(&mut self) -> Option<Vec<Effect>> {
        let piece = self.memory_sort().again().then(|| self.piece_to_sort(Seek::First))?;
        Some(std::iter::once(piece).chain(self.ask_beside_rows()).collect())
    }

    /// Takes a piece of the rows to sort; `reached` is where its search stopped early.
    fn take_piece_to_sort(&mut self, rows: Vec<Self::Row>, reached: Option<<Self::Row as Keyed>::Key>) -> Vec<Effect> {
        let (ranks, before) = (self.ranks(), self.memory_sort().shown());
        match self.memory_sort().accept(rows, reached, ranks) {
            SortStep::Nothing => Vec::new(),
            SortStep::Read(seek) => vec![self.piece_to_sort(seek)],
            SortStep::Sorted(rows) => {
                let is_new = self.memory_sort().shown() != before;
                self.take_sorted(rows, is_new)
            }
            SortStep::TooMany => {
                // Rows were added since it was sorted.
                let is_sorted = self.memory_sort().shown().is_some();
                let mut effects = if is_sorted { self.sort_by_index() } else { Vec::new() };
                effects.push(refusal());
                effects
            }
        }
    }
}

impl<R> Default for MemorySort<R> {
    fn default() -> Self {
        Self { shown: None, reading: None }
    }
}

impl<R: Keyed> MemorySort<R> {
    /// The order in which the rows are listed; `None` if it is that of an index.
    pub fn shown(&self) -> Option<SortedBy> {
        self.shown
    }

    /// Whether the rows are sorted in memory, or are being read for it.
    pub fn is_active(&self) -> bool {
        self.shown.is_some() || self.reading.is_some()
    }

    /// The sentence of the notice row while rows are read and the list has the order of an index.
    pub fn notice(&self, view: &ViewContext) -> Option<String> {
        let Reading { by: (heading, _), rows, .. } = self.reading.as_ref().filter(|_| self.shown.is_none())?;
        let rows = grouped(rows.len());
        Some(format!("Reading the rows to sort by {heading}, {rows} so far; {}", view.keys("{back} stops.")))
    }

    /// Begins to read the rows to sort them by the heading: ascending or not, or the other way
    /// round if they are in an order of that heading.
    fn begin(&mut self, heading: &'static str, ascending: bool) {
        let shown = self.shown.filter(|(shown, _)| *shown == heading);
        let ascending = shown.map_or(ascending, |(_, ascends)| !ascends);
        self.reading = Some(Reading { by: (heading, ascending), rows: Vec::new(), pieces: 0 });
    }

    /// Begins to read the rows again if they are sorted in memory: in the order shown, or in the
    /// one that they were being read for. Otherwise stops reading.
    fn again(&mut self) -> bool {
        let read_for = self.reading.take().map(|reading| reading.by);
        let by = self.shown.map(|shown| read_for.unwrap_or(shown));
        self.reading = by.map(|by| Reading { by, rows: Vec::new(), pieces: 0 });
        by.is_some()
    }

    /// Stops reading after a query failed. Sorted rows are read again at the next refresh.
    pub fn fail(&mut self) {
        if self.shown.is_none() {
            self.reading = None;
        }
    }

    /// Stops reading; false if nothing was being read.
    pub fn stop(&mut self) -> bool {
        self.reading.take().is_some()
    }

    /// Takes a piece.
    fn accept(&mut self, rows: Vec<R>, reached: Option<R::Key>, orders: &[SortOrder<R>]) -> SortStep<R> {
        let Some(mut reading) = self.reading.take() else { return SortStep::Nothing };
        let last = rows.last().map(Keyed::key).filter(|_| rows.len() >= PAGE_ROWS);
        reading.rows.extend(rows);
        reading.pieces += 1;
        let next = reached.or(last);
        let is_bounded = i64::try_from(reading.rows.len()).is_ok_and(|rows| rows <= MAX_SORTED);
        if !is_bounded || (next.is_some() && reading.pieces >= MAX_PIECES) {
            return SortStep::TooMany;
        }
        if let Some(place) = next {
            self.reading = Some(reading);
            return SortStep::Read(Seek::After(place));
        }
        let Reading { by: (heading, ascending), mut rows, .. } = reading;
        match orders.iter().find(|(known, _)| *known == heading) {
            Some((_, rank)) if ascending => rows.sort_by_cached_key(rank),
            Some((_, rank)) => rows.sort_by_cached_key(|row| Reverse(rank(row))),
            None => {}
        }
        self.shown = Some((heading, ascending));
        SortStep::Sorted(rows)
    }
}
