//! What is typed below a list or picked over it: filter, dates, a time, a text to find, a file, an order, columns.

use crate::console::protocol::dialog::Pick;
use crate::console::protocol::effect::Effect;
use crate::console::protocol::export::ExportSource;
use crate::console::protocol::filter::Terms;
use crate::console::screens::paged_list::PagedList;
use crate::console::screens::paged_list::list_source::ListSource;
use crate::console::view::context::ViewContext;
use crate::console::widgets::list::List;
use crate::domain::{Order, Seek};

/// What the line at the bottom is being typed for.
pub(super) enum Typing {
    Filter,
    Find,
    Time,
    Dates,
    Export,
}

/// What is being picked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Picking {
    Order,
    Columns,
}

impl<S: ListSource> PagedList<S> {
    /// Asks for a line of text.
    pub(super) fn prompt(&mut self, typing: Typing, text: String) -> Vec<Effect> {
        let mark = match typing {
            Typing::Filter => "/",
            Typing::Find => "Find:",
            Typing::Time => "Go to (14:30, 2026-11-23, 2h):",
            Typing::Dates => "Dates (7d, 2026-11-20, 2026-11-20..2026-11-23; empty: all):",
            Typing::Export => "Export to (.csv or .jsonl):",
        };
        self.typing = typing;
        vec![Effect::Prompt(mark, text)]
    }

    /// Takes the line.
    pub(super) fn take_typed(&mut self, text: &str, view: &ViewContext) -> Result<Vec<Effect>, String> {
        let direction = self.source.direction();
        match &mut self.typing {
            Typing::Time => {
                let at = view
                    .zone
                    .parse(text, view.now)
                    .ok_or("no time; write 14:30, 2026-11-23, 2026-11-23 14:30 or 2h")?;
                self.following = false;
                let edge = if self.order.ascending { i64::MIN } else { i64::MAX };
                Ok(self.start(Seek::After((at.0, edge))))
            }
            Typing::Filter => {
                self.terms = Terms::parse(text, direction, view.zone, view.now)?;
                // From now on it is the operator's own.
                self.is_visit = false;
                Ok(self.anew())
            }
            Typing::Dates => {
                self.terms = Terms::parse(&self.terms.with_dates(text), direction, view.zone, view.now)?;
                Ok(self.anew())
            }
            Typing::Find => {
                text.clone_into(&mut self.find);
                Ok(if text.is_empty() { Vec::new() } else { self.look_for(None, true) })
            }
            Typing::Export => {
                let query = self.source.piece(&self.terms, self.all, self.order, Seek::First);
                Ok(vec![Effect::Export(ExportSource::List(query), text.trim().to_owned())])
            }
        }
    }

    /// Lets one of the orders be picked.
    pub(super) fn pick_order(&mut self) -> Vec<Effect> {
        self.picking = Picking::Order;
        let lines = self.source.orders().iter().flat_map(|(by, _, names)| {
            let is = |ascending| self.order == Order { by: *by, ascending };
            [(names[0].to_owned(), is(false)), (names[1].to_owned(), is(true))]
        });
        vec![Effect::Pick(Pick { title: "Sort by".to_owned(), lines: lines.collect(), many: false })]
    }

    /// Lets columns be picked.
    pub(super) fn pick_columns(&mut self) -> Vec<Effect> {
        self.picking = Picking::Columns;
        let lines = self.source.columns().iter().map(|column| {
            let shown = !self.hidden.iter().any(|hidden| hidden == column.heading);
            (column.heading.to_owned(), shown)
        });
        vec![Effect::Pick(Pick { title: "Columns, as far as they fit".to_owned(), lines: lines.collect(), many: true })]
    }

    /// Takes what was picked.
    pub(super) fn take_picked(&mut self, chosen: &[usize]) -> Vec<Effect> {
        match self.picking {
            Picking::Order => {
                let Some(line) = chosen.first() else { return Vec::new() };
                let Some((by, ..)) = self.source.orders().get(line / 2) else { return Vec::new() };
                self.order = Order { by: *by, ascending: line % 2 == 1 };
                self.following = false;
                self.list = List::default();
                self.start(Seek::First)
            }
            Picking::Columns => {
                if chosen.is_empty() {
                    return vec![Effect::Say("a list without columns shows nothing; they stay as they are".to_owned())];
                }
                let columns = self.source.columns().iter().enumerate();
                let hidden =
                    columns.filter(|(at, _)| !chosen.contains(at)).map(|(_, column)| column.heading.to_owned());
                self.hidden = hidden.collect();
                Vec::new()
            }
        }
    }
}
