//! Sorts a long list in memory by a column that no index has, if its filter leaves few rows: they
//! are read piece by piece in the background, and replace the list when all are there.

use crate::console::protocol::query::{Keyed, PAGE_ROWS};
use crate::console::screens::arrangement::SortOrder;
use crate::domain::Seek;
use std::cmp::Reverse;

/// Rows that are sorted at most.
pub const MOST_SORTED: i64 = 10_000;
/// Pieces that are read at most: a search may find few rows in each.
const MOST_PIECES: usize = 100;

/// Why a long list is not sorted by a column.
pub const NO_INDEX: &str =
    "no index at head office has this order, and more than 10,000 rows match: filter the list first";

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

/// What follows from a piece.
pub enum Taken<R: Keyed> {
    /// Nothing: it is not wanted any more.
    Nothing,
    /// The next piece is read.
    Read(Seek<R::Key>),
    /// These are the rows in their order.
    Sorted(Vec<R>),
    /// There are too many rows.
    TooMany,
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

    /// The heading that the list is being sorted by, and how many rows have been read.
    pub fn reading(&self) -> Option<(&'static str, usize)> {
        self.reading.as_ref().map(|reading| (reading.by.0, reading.rows.len()))
    }

    /// Begins to read the rows, sorted by the heading in the other direction than they are now;
    /// `ascending`: they are in descending order without it.
    pub fn begin(&mut self, heading: &'static str, ascending: bool) {
        let ascending = ascending || self.shown == Some((heading, false));
        self.reading = Some(Reading { by: (heading, ascending), rows: Vec::new(), pieces: 0 });
    }

    /// Begins to read the rows again in the order shown, unless they are being read.
    pub fn again(&mut self) -> bool {
        let by = self.shown.filter(|_| self.reading.is_none());
        self.reading = by.map(|by| Reading { by, rows: Vec::new(), pieces: 0 }).or(self.reading.take());
        by.is_some()
    }

    /// Stops reading; false if nothing was being read.
    pub fn stop(&mut self) -> bool {
        self.reading.take().is_some()
    }

    /// Takes a piece, and where a search has stopped in it.
    pub fn take(&mut self, rows: Vec<R>, reached: Option<R::Key>, orders: &[SortOrder<R>]) -> Taken<R> {
        let Some(mut reading) = self.reading.take() else { return Taken::Nothing };
        let last = rows.last().map(Keyed::key).filter(|_| rows.len() >= PAGE_ROWS);
        reading.rows.extend(rows);
        reading.pieces += 1;
        let next = reached.or(last);
        let is_bounded = i64::try_from(reading.rows.len()).is_ok_and(|rows| rows <= MOST_SORTED);
        if !is_bounded || (next.is_some() && reading.pieces >= MOST_PIECES) {
            return Taken::TooMany;
        }
        if let Some(place) = next {
            self.reading = Some(reading);
            return Taken::Read(Seek::After(place));
        }
        let Reading { by: (heading, ascending), mut rows, .. } = reading;
        match orders.iter().find(|(known, _)| *known == heading) {
            Some((_, rank)) if ascending => rows.sort_by_cached_key(rank),
            Some((_, rank)) => rows.sort_by_cached_key(|row| Reverse(rank(row))),
            None => {}
        }
        self.shown = Some((heading, ascending));
        Taken::Sorted(rows)
    }
}
