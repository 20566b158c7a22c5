//! Dialogs of a list: filter, dates, time, text search, order, columns.

use crate::console::protocol::effect::{Effect, GroupSource, Groups, Prompt, ScreenChange};
use crate::console::protocol::export::ExportSource;
use crate::console::protocol::filter::Terms;
use crate::console::screens::arrangement::{NO_INDEX, pick_indexed};
use crate::console::screens::paged_list::PagedList;
use crate::console::screens::paged_list::list_source::ListSource;
use crate::console::widgets::list::List;
use crate::domain::{Order, Seek};
use crate::filter::FieldSet;

/// Asks for the filter. `is_own`: the operator types all of it.
fn prompt(typed: &str, fields: &'static FieldSet, is_own: bool) -> Effect {
    Prompt::filter(typed, fields, move |typed| {
        let terms = Terms::parse(typed.text, fields, typed.zone, typed.now)?;
        Ok(ScreenChange::FilterTerms { terms, is_own })
    })
}

impl<S: ListSource> PagedList<S> {
    pub(super) fn prompt_filter(&self) -> Effect {
        prompt(&self.terms.typed, self.source.fields(), true)
    }

    /// Offers the fields that the list can be counted by.
    pub(super) fn pick_groups(&self) -> Effect {
        let (query, by) = self.source.groups(&self.terms, self.all);
        let sources = by.iter().map(|field| (*field, GroupSource::Query(query.clone()))).collect();
        let (fields, typed) = (self.source.fields(), self.terms.typed.clone());
        let list = self.source.name().unwrap_or("sessions");
        Groups::pick(list, sources, move || prompt(&typed, fields, false))
    }

    pub(super) fn prompt_dates(&self) -> Effect {
        let (fields, terms) = (self.source.fields(), self.terms.clone());
        Prompt::line("Dates (7d, 2026-11-20, 2026-11-20..2026-11-23; empty: all):", "", move |typed| {
            let terms = Terms::parse(&terms.with_dates(typed.text), fields, typed.zone, typed.now)?;
            Ok(vec![Effect::Screen(ScreenChange::FilterTerms { terms, is_own: false })])
        })
    }

    pub(super) fn prompt_find(&self) -> Effect {
        Prompt::line("Find:", &self.find, |typed| Ok(vec![Effect::Screen(ScreenChange::Find(typed.text.to_owned()))]))
    }

    pub(super) fn prompt_export(&self) -> Effect {
        let name = self.source.name().unwrap_or("sessions").replace(' ', "-");
        let query = self.source.piece(&self.terms, self.all, self.order, Seek::First);
        Prompt::export(format!("{name}.csv"), move || ExportSource::List(query.clone()))
    }

    pub(super) fn pick_order(&self) -> Effect {
        let orders = self.source.orders();
        let ordered = orders.iter().flat_map(|(by, _, names)| {
            let is = |ascending| self.order == Order { by: *by, ascending };
            [(names[0].to_owned(), is(false)), (names[1].to_owned(), is(true))]
        });
        let columns = self.source.columns().iter().map(|column| column.heading);
        let others = columns.filter(|heading| self.columns.shows(heading));
        pick_indexed(ordered.collect(), others.filter(|heading| orders.iter().all(|(_, known, _)| known != heading)))
    }

    /// Changes what the list shows.
    pub(super) fn take_change(&mut self, change: ScreenChange) -> Vec<Effect> {
        match change {
            ScreenChange::FilterTerms { terms, is_own } => {
                self.is_visit &= !is_own;
                self.take_filter(terms)
            }
            ScreenChange::Preview(change) => match *change {
                ScreenChange::FilterTerms { terms, .. } => self.preview(terms),
                _ => Vec::new(),
            },
            ScreenChange::FormerFilter => self.restore_former(),
            ScreenChange::GoTo(at) => {
                self.following = false;
                let edge = if self.order.ascending { i64::MIN } else { i64::MAX };
                self.start(Seek::After((at.0, edge)))
            }
            ScreenChange::Find(text) => {
                self.find = text;
                if self.find.is_empty() { Vec::new() } else { self.look_for(None, true) }
            }
            ScreenChange::SortBy(heading) => {
                let orders = self.source.orders();
                let Some(at) = orders.iter().position(|(_, known, _)| *known == heading) else {
                    return vec![Effect::Say(NO_INDEX.to_owned())];
                };
                let ascending = orders[at].0 == self.order.by && !self.order.ascending;
                self.take_change(ScreenChange::Sort(at * 2 + usize::from(ascending)))
            }
            ScreenChange::Sort(line) => {
                let Some((by, ..)) = self.source.orders().get(line / 2) else { return Vec::new() };
                self.order = Order { by: *by, ascending: line % 2 == 1 };
                self.following = false;
                self.list = List::default();
                self.start(Seek::First)
            }
            ScreenChange::Columns(columns) => {
                self.columns = columns;
                Vec::new()
            }
            ScreenChange::ClearMarks => {
                self.marks.clear();
                Vec::new()
            }
            _ => Vec::new(),
        }
    }
}
