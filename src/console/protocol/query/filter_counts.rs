//! How many rows other filters find than that of an empty list: without any term, and without each.

use crate::console::protocol::groups::GroupQuery;
use crate::console::protocol::query::{Place, Query};
use crate::domain::Seek;
use crate::filter::Filter;

/// Terms without which a list is counted.
const MAX_TERMS: usize = 6;

/// How many rows a filter finds without one of its terms.
#[derive(Debug, Clone, PartialEq)]
pub struct FilterCount {
    /// The term; empty for the list without any filter.
    pub term: String,
    /// The rows that were found.
    pub rows: i64,
    /// Whether these are all.
    pub state: CountState,
}

/// How far rows are counted.
#[derive(Debug, Clone, PartialEq)]
pub enum CountState {
    /// Not yet; this query counts them by an index.
    Indexed(Box<Query>),
    /// From a place on, of which this many rows were examined before.
    Searched(Box<GroupQuery>, Seek<Place>, i64),
    /// All were counted.
    Complete,
    /// Only this many were examined, the newest ones.
    Capped,
}

impl FilterCount {
    /// The counts of a list before they begin. `state` returns how the rows of a filter are
    /// counted.
    pub fn begin(filter: &Filter, state: impl Fn(&Filter) -> CountState) -> Vec<Self> {
        let count = |term: String, filter: &Filter| Self { term, rows: 0, state: state(filter) };
        let total = count(String::new(), &Filter::default());
        // Without its only term, a filter finds all rows.
        let terms = filter.terms.iter().enumerate().filter(|_| filter.terms.len() > 1).take(MAX_TERMS);
        let without = terms.map(|(at, term)| count(term.source.clone(), &filter.without(at)));
        std::iter::once(total).chain(without).collect()
    }

    /// Whether rows are still to be counted.
    pub fn is_pending(&self) -> bool {
        matches!(self.state, CountState::Indexed(_) | CountState::Searched(..))
    }
}
