//! Dialogs of a short list: order, columns, totals.

use crate::console::protocol::effect::{Effect, GroupSource, Groups, Pick, Prompt};
use crate::console::protocol::groups;
use crate::console::screens::small_list::{Row, SmallList};
use crate::console::widgets::table::Column;
use crate::domain::Timestamp;
use crate::filter::Cell;

impl<R: Row> SmallList<R> {
    /// Offers the orders.
    pub(super) fn pick_order(&self) -> Effect {
        let mut items = vec![(R::DEFAULT_ORDER.0.to_owned(), self.order.is_none())];
        for (heading, _) in R::orders() {
            for (ascending, shape) in [(false, '▼'), (true, '▲')] {
                items.push((format!("{heading} {shape}"), self.order == Some((heading, ascending))));
            }
        }
        Pick::sort(items)
    }

    /// Offers the columns.
    pub(super) fn pick_columns(&self) -> Effect {
        let is_shown = |heading: &str| !self.hidden.iter().any(|hidden| hidden == heading);
        let item = |column: &Column<R>| (column.heading.to_owned(), is_shown(column.heading));
        Pick::columns(R::columns().iter().map(item).collect())
    }

    /// Offers the fields that the rows shown can be counted by.
    pub(super) fn pick_groups(&self) -> Effect {
        let set = R::fields();
        let at = |row: &R| match groups::time_field(set).map(|field| row.cell(field)) {
            Some(Cell::Number(at)) => Some(Timestamp(at)),
            _ => None,
        };
        let count = |field| groups::count(self.list.window().map(|row| (row.cell(field), row.is_failure(), at(row))));
        let sources = groups::fields(set).into_iter().map(|field| (field, GroupSource::Counted(count(field))));
        let typed = self.filter.typed().to_owned();
        let rows = self.rows.len();
        Groups::pick(R::NAME, sources.collect(), move || Prompt::rows(&typed, set, rows))
    }
}
