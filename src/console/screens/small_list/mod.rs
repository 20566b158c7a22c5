//! A list that loads all its rows at once: filter by words, order, columns, cursor, detail pane,
//! export.

pub use crate::console::screens::arrangement::{Rank, SortOrder, words};
pub use row::Row;
pub use screen::{ActionMenu, ListCommand, ListScreen, RowSource};
pub use view::{Details, ListFrame, newest_of};

use crate::console::protocol::effect::{Effect, Prompt, ScreenChange};
use crate::console::protocol::export::ExportSource;
use crate::console::protocol::export_columns::export_columns;
use crate::console::protocol::key_table::Command;
use crate::console::protocol::saved_state::{ListState, SavedState};
use crate::console::screens::arrangement::{Arrangement, Table};
use crate::console::screens::no_match::NoMatch;
use crate::console::screens::row_filter::RowFilter;
use crate::console::view::context::ViewContext;
use crate::console::view::layout;
use crate::console::view::pane::WrappedLines;
use crate::console::widgets::list::{List, Move};
use std::collections::BTreeSet;

/// What differs between short lists, apart from their rows.
fn table<R: Row>() -> Table<R> {
    let (words, heading) = R::DEFAULT_ORDER;
    Table { columns: R::COLUMNS, orders: R::ORDERS, default_order: (words, heading, R::ASCENDS) }
}

/// A list that has all its rows in memory, and sorts, filters and marks them there.
pub struct SmallList<R: Row> {
    list: List<R>,
    rows: Vec<R>,
    filter: RowFilter,
    arrangement: Arrangement,
    /// The marked rows, to which actions apply instead of the row under the cursor.
    marked: BTreeSet<R::Key>,
    in_detail: bool,
    top: usize,
    /// The lines of the detail pane.
    wrapped: WrappedLines,
    /// Lines of a page in the detail pane, as it was drawn last.
    page: isize,
    /// Rows added to the pane below the list, and columns added to the pane beside it.
    grown: i16,
    wider: i16,
    /// Whether the pane was drawn beside the list.
    is_beside: bool,
    fault: Option<String>,
    /// What is said of the filter while no row matches it.
    no_match: Option<NoMatch>,
}

impl<R: Row> SmallList<R> {
    /// The list in its saved state, before its first rows.
    pub fn new(memory: &SavedState) -> Self {
        let list_state = memory.lists.get(R::NAME).cloned().unwrap_or_default();
        Self {
            list: List::default(),
            rows: Vec::new(),
            arrangement: Arrangement::restored(&list_state, &table::<R>()),
            filter: RowFilter::restored(list_state.filter),
            marked: BTreeSet::new(),
            in_detail: false,
            top: 0,
            wrapped: WrappedLines::default(),
            page: 1,
            grown: 0,
            wider: 0,
            is_beside: false,
            fault: None,
            no_match: None,
        }
    }

    /// The list in its saved state, but with another filter.
    pub fn filtered(filter: String, memory: &SavedState) -> Self {
        Self { filter: RowFilter::restored(filter), ..Self::new(memory) }
    }

    /// Its state, with the name under which it is saved.
    pub fn list_state(&self, view: &ViewContext) -> (String, ListState) {
        let filter = self.filter.typed().to_owned();
        (R::NAME.to_owned(), ListState { filter, left_at: view.now.0, ..self.arrangement.list_state() })
    }

    /// Takes the rows, or the error.
    pub fn take(&mut self, rows: Result<Vec<R>, String>, view: &ViewContext) {
        match rows {
            Ok(rows) => {
                (self.rows, self.fault) = (rows, None);
                self.filter.parse(R::FIELDS, view);
                let arranged = self.arranged(view);
                self.list.take_whole(arranged);
                self.forget_hidden();
            }
            Err(fault) => self.fault = Some(fault),
        }
    }

    /// Gives the list (0) or its pane (1) the focus; returns which had it.
    pub fn focus(&mut self, pane: u8) -> u8 {
        u8::from(std::mem::replace(&mut self.in_detail, pane > 0))
    }

    /// The row under the cursor.
    pub fn current(&self) -> Option<&R> {
        self.list.current()
    }

    /// The rows that match the filter.
    pub fn shown(&self) -> impl Iterator<Item = &R> {
        self.list.window()
    }

    /// Its filter, as it was typed.
    pub fn typed(&self) -> &str {
        self.filter.typed()
    }

    /// Whether a filter is being typed.
    pub fn is_preview(&self) -> bool {
        self.filter.is_preview()
    }

    /// All rows, whether they match the filter or not.
    pub fn rows(&self) -> &[R] {
        &self.rows
    }

    /// Moves the cursor to the first row that is `wanted`, if there is one.
    pub fn place(&mut self, wanted: impl Fn(&R) -> bool) {
        if !self.list.current().is_some_and(&wanted) {
            self.list.find(true, wanted);
        }
    }

    /// Moves the cursor to the next row that is `wanted`; false if there is none.
    pub fn find(&mut self, forward: bool, wanted: impl Fn(&R) -> bool) -> bool {
        self.top = 0;
        self.list.find(forward, wanted)
    }

    /// Moves the cursor to the next wanted row, wrapping around with a notice; `none` is the notice
    /// if no row is wanted.
    pub fn find_around(&mut self, forward: bool, none: &str, wanted: impl Fn(&R) -> bool) -> Vec<Effect> {
        self.top = 0;
        self.list.find_wrapping(forward, none, wanted).map(Effect::Say).into_iter().collect()
    }

    fn arrange(&mut self, view: &ViewContext) {
        let arranged = self.arranged(view);
        self.list.take_arranged(arranged);
    }

    fn matching(&self, filter: &RowFilter, view: &ViewContext) -> impl Iterator<Item = &R> {
        self.rows.iter().filter(move |row| {
            let any_text = |is_wanted: &dyn Fn(&str) -> bool| {
                let mut columns = R::COLUMNS.iter();
                columns.any(|column| is_wanted(&(column.cell)(row, view).0)) || row.search_text().is_some_and(is_wanted)
            };
            filter.matches(&|field| row.field_value(field), &any_text)
        })
    }

    /// The rows that match the filter, in the chosen order.
    fn arranged(&mut self, view: &ViewContext) -> Vec<R> {
        let mut rows: Vec<_> = self.matching(&self.filter, view).cloned().collect();
        let explains = rows.is_empty() && !self.rows.is_empty();
        let count = |filter: &RowFilter| self.matching(filter, view).count();
        self.no_match = explains.then(|| self.filter.no_match(self.rows.len(), count));
        self.arrangement.sort(&mut rows, &table());
        rows
    }

    /// Whether every short list uses the command.
    pub fn offers(command: Command) -> bool {
        use Command as C;
        Move::of(command).is_some()
            || matches!(command, C::NextPane | C::PreviousPane | C::Grow | C::Shrink | C::Copy | C::Record)
            || matches!(command, C::Filter | C::Sort | C::Columns | C::Export | C::Totals)
    }

    /// Performs a command; `None` if it is not one of every short list.
    pub fn perform_command(&mut self, command: Command, view: &ViewContext) -> Option<Vec<Effect>> {
        let Some(step) = Move::of(command) else { return self.perform_other_command(command, view) };
        if self.in_detail {
            self.top = self.top.saturating_add_signed(step.rows(self.page));
        } else {
            self.top = 0;
            self.list.step(step);
        }
        Some(Vec::new())
    }

    fn perform_other_command(&mut self, command: Command, view: &ViewContext) -> Option<Vec<Effect>> {
        match command {
            Command::NextPane | Command::PreviousPane => self.in_detail = !self.in_detail,
            Command::Grow if self.is_beside => self.wider = (self.wider + layout::PANE_STEP).min(200),
            Command::Shrink if self.is_beside => self.wider = (self.wider - layout::PANE_STEP).max(-200),
            Command::Grow => self.grown = (self.grown + 1).min(40),
            Command::Shrink => self.grown = (self.grown - 1).max(-40),
            Command::Back if !self.marked.is_empty() => self.marked.clear(),
            Command::Back if self.in_detail => self.in_detail = false,
            Command::Back if !self.filter.is_empty() => {
                self.filter = RowFilter::default();
                self.arrange(view);
            }
            Command::Filter => {
                return Some(vec![Prompt::rows(self.filter.typed(), R::FIELDS, self.rows.len())]);
            }
            Command::Totals => return Some(vec![self.pick_groups()]),
            Command::Export => {
                let rows: Vec<_> = self.list.window().map(Row::to_json).collect();
                let name = format!("{}.csv", R::NAME.replace(' ', "-"));
                return Some(vec![Prompt::export(name, move || {
                    ExportSource::Rows(export_columns(R::NAME), rows.clone())
                })]);
            }
            Command::Sort => return Some(vec![self.arrangement.pick_order(&table::<R>())]),
            Command::Columns => return Some(vec![self.arrangement.pick_columns(&table::<R>(), &self.list)]),
            Command::Record => return Some(self.current().map(view::record).into_iter().collect()),
            _ => return None,
        }
        Some(Vec::new())
    }

    /// Changes what the list shows.
    pub fn change(&mut self, change: ScreenChange, view: &ViewContext) {
        match change {
            ScreenChange::FilterRows(filter) => {
                self.filter.set(filter);
                self.list.accept_preview();
                self.arrange(view);
            }
            ScreenChange::Preview(change) => {
                if let ScreenChange::FilterRows(filter) = *change {
                    self.filter.preview(filter);
                    let arranged = self.arranged(view);
                    self.list.take_preview(arranged);
                }
            }
            ScreenChange::FormerFilter => {
                self.filter.restore();
                let arranged = self.arranged(view);
                self.list.take_former(arranged);
            }
            ScreenChange::ClearMarks => self.marked.clear(),
            change => {
                if self.arrangement.take(change, &table::<R>(), self.rows.first()) {
                    self.arrange(view);
                    self.list.to_top();
                }
            }
        }
        self.forget_hidden();
    }

    /// The sentence of the notice row: about the marks, the filter, or `otherwise`.
    pub fn notice(&self, otherwise: String, view: &ViewContext) -> String {
        if !self.marked.is_empty() {
            return view.keys("Actions apply to the marked rows; {back} clears the marks.");
        }
        let clears = view.keys("({back} clears it)");
        if self.filter.is_empty() { otherwise } else { format!("Filter: {}  {clears}", self.filter_in_words()) }
    }

    /// The filter, with the text of a cause that it names by its number.
    fn filter_in_words(&self) -> String {
        let typed = || self.filter.typed().to_owned();
        self.current().map_or_else(typed, |row| self.filter.in_words(|field| row.field_value(field)))
    }
}

mod list_actions;
mod marks;
mod row;
mod screen;
mod view;
