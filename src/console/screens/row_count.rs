//! The number of rows of a long list, counted by an index, or else in the background.

use crate::console::protocol::effect::Effect;
use crate::console::protocol::groups::GroupQuery;
use crate::console::protocol::query::{COUNT_LIMIT, CountState, FilterCount, Query};
use crate::domain::{Seek, grouped};

/// How many rows a list has.
#[derive(Debug, Default)]
pub struct RowCount {
    /// The rows that were counted.
    rows: Option<i64>,
    /// Whether there may be more.
    is_minimum: bool,
    /// Whether rows are being counted in the background.
    is_counting: bool,
}

impl RowCount {
    /// The number of rows, or how many there are at least; `None` until rows were counted.
    pub fn rows(&self) -> Option<i64> {
        self.rows
    }

    /// The number in words, such as `5,319`, or `301+` if there may be more. `read`: the rows that
    /// the list has read, which may be more than were found among the newest.
    pub fn words(&self, read: usize) -> Option<String> {
        let read = i64::try_from(read).unwrap_or(i64::MAX);
        let rows = if self.is_minimum { self.rows.map(|rows| rows.max(read)) } else { self.rows };
        rows.map(|rows| match rows {
            rows if rows > COUNT_LIMIT => format!("more than {}", grouped(COUNT_LIMIT)),
            rows if self.is_minimum => format!("{}+", grouped(rows)),
            rows => grouped(rows),
        })
    }

    /// Takes what an index counted, up to one more than [`COUNT_LIMIT`].
    pub fn take(&mut self, rows: i64) {
        *self = Self { rows: Some(rows), ..Self::default() };
    }

    /// The query that counts rows that no index counts, from the newest on.
    pub fn search(&mut self, rows: GroupQuery) -> Effect {
        self.is_counting = true;
        let state = CountState::Searched(Box::new(rows), Seek::First, 0);
        Effect::Ask(Query::CountOn(Box::new(FilterCount { term: String::new(), rows: 0, state })))
    }

    /// Whether rows are being counted in the background.
    pub fn is_counting(&self) -> bool {
        self.is_counting
    }

    /// Takes what was counted in the background; returns the query that counts on. A former number
    /// stays until it is exceeded or all is counted.
    pub fn count_on(&mut self, count: FilterCount) -> Option<Effect> {
        if !self.is_counting {
            return None;
        }
        self.is_counting = count.is_pending();
        if !self.is_counting || self.rows.is_none_or(|rows| rows < count.rows) {
            (self.rows, self.is_minimum) = (Some(count.rows), count.state != CountState::Complete);
        }
        self.is_counting.then(|| Effect::Ask(Query::CountOn(Box::new(count))))
    }

    /// Stops counting: no answer will come.
    pub fn stop(&mut self) {
        self.is_counting = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::head_office::MessageFilter;

    fn counted(rows: i64, state: CountState) -> FilterCount {
        FilterCount { term: String::new(), rows, state }
    }

    #[test]
    fn a_number_grows_while_rows_are_counted_and_stays_while_they_are_counted_again() {
        let rows = || GroupQuery::Messages(MessageFilter::default());
        let pending = || CountState::Searched(Box::new(rows()), Seek::First, 5);
        let mut count = RowCount::default();
        assert_eq!(count.count_on(counted(1, CountState::Complete)).map(|_| ()), None, "nothing was asked");
        assert_eq!(count.words(10), None);
        let _ = count.search(rows());
        assert!(count.count_on(counted(1_200, pending())).is_some());
        assert_eq!(count.words(10).as_deref(), Some("1,200+"));
        assert!(count.count_on(counted(1_300, CountState::Complete)).is_none());
        assert_eq!(count.words(10).as_deref(), Some("1,300"));
        let _ = count.search(rows());
        assert!(count.count_on(counted(7, pending())).is_some());
        assert_eq!(count.words(10).as_deref(), Some("1,300"));
        assert!(count.count_on(counted(900, CountState::Capped)).is_none());
        assert_eq!(count.words(10).as_deref(), Some("900+"));
        assert_eq!(count.words(1_000).as_deref(), Some("1,000+"), "the list has more of them");
        count.take(COUNT_LIMIT + 1);
        assert_eq!(count.words(10), Some(format!("more than {}", grouped(COUNT_LIMIT))));
    }
}
