//! The order and the columns of a list as the operator chose them, and the dialogs that choose
//! them.

use crate::console::protocol::column_layout::{ColumnLayout, items};
use crate::console::protocol::effect::{Effect, Pick, ScreenChange};
use crate::console::protocol::saved_state::ListState;
use crate::console::widgets::list::{Keyed, List};
use crate::console::widgets::table::{Column, Layout};
use crate::filter::Highlights;
use std::cmp::Reverse;

/// A sort key.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// Numbers and instants.
    Number(i64),
    /// Text, compared without case.
    Text(String),
}

impl Rank {
    /// A number that a row may lack; rows without it precede all others.
    pub fn optional(number: Option<i64>) -> Self {
        Self::Number(number.unwrap_or(i64::MIN))
    }
}

/// Text as a sort key.
pub fn words(text: &str) -> Rank {
    Rank::Text(text.to_lowercase())
}

/// A column that rows can be sorted by: its heading and the sort key of a row.
pub type SortOrder<R> = (&'static str, fn(&R) -> Rank);

/// Whether a column has texts, of which the first order is from A to Z.
pub fn is_text<R>(orders: &[SortOrder<R>], heading: &str, row: Option<&R>) -> bool {
    let rank = orders.iter().find(|(known, _)| *known == heading).map(|(_, rank)| rank);
    rank.zip(row).is_some_and(|(rank, row)| matches!(rank(row), Rank::Text(_)))
}

/// What differs between lists that hold all their rows.
pub struct Table<R: 'static> {
    /// The columns, left to right.
    pub columns: &'static [Column<R>],
    /// The orders.
    pub orders: &'static [SortOrder<R>],
    /// The order of the query in words, its column, and whether it ascends.
    pub default_order: (&'static str, &'static str, bool),
}

/// The choice for a list that holds all its rows.
#[derive(Debug, Default)]
pub struct Arrangement {
    /// The heading, and whether the order ascends; `None` is the order of the query.
    order: Option<(&'static str, bool)>,
    columns: ColumnLayout,
}

/// Offers the columns of a list.
pub fn pick_columns<R: Keyed>(columns: &'static [Column<R>], layout: &ColumnLayout, list: &List<R>) -> Effect {
    let headings: Vec<_> = columns.iter().map(|column| column.heading).collect();
    Effect::Columns(items(layout, &headings, list.drawn()))
}

/// Offers the orders of a list that reads the database: those that an index has, and the other
/// columns, which are sorted in memory. `sorted`: the column that it is sorted by in memory.
pub fn pick_indexed(
    orders: Vec<(String, bool)>,
    others: Vec<&'static str>,
    sorted: Option<(&'static str, bool)>,
) -> Effect {
    let possible = orders.len();
    let mut items = orders;
    items.extend(others.iter().map(|heading| match sorted {
        Some((by, ascending)) if by == *heading => (format!("{heading} {}", if ascending { '▲' } else { '▼' }), true),
        _ => ((*heading).to_owned(), false),
    }));
    let remark = if others.is_empty() { "" } else { "Columns: of lists with at most 10,000 rows" };
    Pick::remarked("Sort by", items, remark, move |line| {
        match line.checked_sub(possible).and_then(|at| others.get(at)) {
            Some(heading) => Effect::Screen(ScreenChange::SortBy(heading)),
            None => Effect::Screen(ScreenChange::Sort(line)),
        }
    })
}

impl Arrangement {
    /// The choice of a saved state.
    pub fn restored<R>(state: &ListState, table: &Table<R>) -> Self {
        let order = table.orders.iter().find(|(heading, _)| *heading == state.order);
        Self { order: order.map(|(heading, _)| (*heading, state.ascending)), columns: state.columns.clone() }
    }

    /// The choice as it is saved.
    pub fn list_state(&self) -> ListState {
        let (order, ascending) = self.order.unwrap_or(("", false));
        ListState { order: order.to_owned(), ascending, columns: self.columns.clone(), ..ListState::default() }
    }

    /// Whether the rows are in the order of the query.
    pub fn is_default(&self) -> bool {
        self.order.is_none()
    }

    /// The columns.
    pub fn columns(&self) -> &ColumnLayout {
        &self.columns
    }

    /// How the list is drawn.
    pub fn layout<'a, R>(&'a self, table: &Table<R>, highlights: Option<&'a Highlights>) -> Layout<'a> {
        let (_, heading, ascending) = table.default_order;
        Layout { columns: Some(&self.columns), sorted: self.order.or(Some((heading, ascending))), highlights }
    }

    /// Offers the orders.
    pub fn pick_order<R>(&self, table: &Table<R>) -> Effect {
        let mut items = vec![(table.default_order.0.to_owned(), self.order.is_none())];
        for (heading, _) in table.orders {
            for (ascending, shape) in [(false, '▼'), (true, '▲')] {
                items.push((format!("{heading} {shape}"), self.order == Some((heading, ascending))));
            }
        }
        Pick::sort(items)
    }

    /// Offers the columns.
    pub fn pick_columns<R: Keyed>(&self, table: &Table<R>, list: &List<R>) -> Effect {
        pick_columns(table.columns, &self.columns, list)
    }

    /// Sorts rows that are in the order of the query.
    pub fn sort<R>(&self, rows: &mut [R], table: &Table<R>) {
        let Some((heading, ascending)) = self.order else { return };
        match table.orders.iter().find(|(known, _)| *known == heading) {
            Some((_, rank)) if ascending => rows.sort_by_cached_key(rank),
            Some((_, rank)) => rows.sort_by_cached_key(|row| Reverse(rank(row))),
            None => {}
        }
    }

    /// Takes a change of order or columns; returns whether the rows are to be sorted again. `first`
    /// is a row of the list.
    pub fn take<R>(&mut self, change: ScreenChange, table: &Table<R>, first: Option<&R>) -> bool {
        match change {
            ScreenChange::Sort(line) => {
                // The first line is the order of the query.
                let chosen = line.checked_sub(1).and_then(|line| Some((table.orders.get(line / 2)?.0, line % 2 == 1)));
                self.order = chosen;
                true
            }
            ScreenChange::SortBy(heading) => {
                let (_, own, ascending) = table.default_order;
                let (present, ascending) = self.order.unwrap_or((own, ascending));
                let known = table.orders.iter().find(|(known, _)| *known == heading);
                let ascends = if present == heading { !ascending } else { is_text(table.orders, heading, first) };
                let order = known.map(|(known, _)| (*known, ascends));
                self.order = order.or(self.order);
                order.is_some()
            }
            ScreenChange::Columns(columns) => {
                self.columns = columns;
                false
            }
            _ => false,
        }
    }
}
