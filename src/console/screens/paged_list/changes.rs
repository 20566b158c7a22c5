//! Dialogs of a list: filter, dates, time, text search, order, columns.

use crate::console::protocol::effect::{Effect, GroupSource, Groups, Prompt, ScreenChange};
use crate::console::protocol::export::ExportSource;
use crate::console::protocol::export_columns::export_columns;
use crate::console::protocol::filter::{Terms, check_dates};
use crate::console::screens::paged_list::PagedList;
use crate::console::screens::paged_list::list_source::ListSource;
use crate::domain::Seek;
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
            check_dates(typed.text, typed.zone, typed.now)?;
            let terms = Terms::parse(&terms.with_dates(typed.text), fields, typed.zone, typed.now)?;
            Ok(vec![Effect::Screen(ScreenChange::FilterTerms { terms, is_own: false })])
        })
    }

    pub(super) fn prompt_find(&self) -> Effect {
        Prompt::line("Find:", &self.find, |typed| Ok(vec![Effect::Screen(ScreenChange::Find(typed.text.to_owned()))]))
    }

    pub(super) fn prompt_export(&self) -> Effect {
        let list = self.source.name().unwrap_or("sessions");
        let name = list.replace(' ', "-");
        let query = self.source.piece_query(&self.terms, self.all, self.order, Seek::First);
        let is_sorted = self.sort.shown().is_some();
        let rows: Vec<_> = self.list.window().filter(|_| is_sorted).map(|row| self.source.record(row)).collect();
        Prompt::export(format!("{name}.csv"), move || {
            if is_sorted {
                ExportSource::Rows(export_columns(list), rows.clone())
            } else {
                ExportSource::List(query.clone())
            }
        })
    }

    /// Changes what the list shows.
    pub(super) fn take_change(&mut self, change: ScreenChange) -> Vec<Effect> {
        if let Some(effects) = self.take_order(&change) {
            return effects;
        }
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
                (self.following, self.sort, self.goes_to) = (false, <_>::default(), true);
                let edge = if self.order.ascending { i64::MIN } else { i64::MAX };
                self.start(Seek::After((at.0, edge)))
            }
            ScreenChange::Find(text) => {
                self.find = text;
                if self.find.is_empty() { Vec::new() } else { self.find_in_pane(None, true) }
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
