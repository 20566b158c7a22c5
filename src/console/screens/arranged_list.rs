//! A list that loads all its rows at once and has no filter: order, columns, cursor, the whole row.

use crate::console::protocol::effect::{Effect, ScreenChange};
use crate::console::protocol::key_table::Command;
use crate::console::protocol::saved_state::{ListState, SavedState};
use crate::console::screens::arrangement::{Arrangement, Table};
use crate::console::view::context::ViewContext;
use crate::console::view::painter::Painter;
use crate::console::widgets::list::{Keyed, List, Move};
use crate::console::widgets::table;
use crate::domain::to_json;
use serde::Serialize;

/// The list.
pub struct ArrangedList<R: Keyed + 'static> {
    /// The name under which its state is saved.
    name: &'static str,
    table: &'static Table<R>,
    list: List<R>,
    /// The rows in the order of the query.
    rows: Vec<R>,
    arrangement: Arrangement,
}

impl<R: Keyed + Clone + Serialize> ArrangedList<R> {
    /// The list in its saved state, before its first rows.
    pub fn new(name: &'static str, table: &'static Table<R>, memory: &SavedState) -> Self {
        let arrangement = memory.lists.get(name).map(|state| Arrangement::restored(state, table));
        let arrangement = arrangement.unwrap_or_default();
        Self { name, table, list: List::default(), rows: Vec::new(), arrangement }
    }

    /// Takes the rows in the order of the query.
    pub fn take(&mut self, rows: Vec<R>) {
        self.rows = rows;
        self.list.take_whole(self.arranged());
    }

    fn arranged(&self) -> Vec<R> {
        let mut rows = self.rows.clone();
        self.arrangement.sort(&mut rows, self.table);
        rows
    }

    /// The rows as they are listed, with a cursor.
    pub fn list(&self) -> &List<R> {
        &self.list
    }

    /// The row under the cursor.
    pub fn current(&self) -> Option<&R> {
        self.list.current()
    }

    /// Moves the cursor to the first row that is `wanted`, if there is one.
    pub fn place(&mut self, wanted: impl Fn(&R) -> bool) {
        if !self.list.current().is_some_and(&wanted) {
            self.list.find(true, wanted);
        }
    }

    /// Moves the cursor to the next row that is `wanted`, from the end to the first one; if there
    /// is none, says `none`.
    pub fn find_around(&mut self, forward: bool, none: &str, wanted: impl Fn(&R) -> bool) -> Vec<Effect> {
        self.list.find_wrapping(forward, none, wanted).map(Effect::Say).into_iter().collect()
    }

    /// Whether every list of this kind uses the command.
    pub fn offers(command: Command) -> bool {
        Move::of(command).is_some() || matches!(command, Command::Sort | Command::Columns | Command::Record)
    }

    /// Obeys a command; `None` if it does not use it.
    pub fn obey(&mut self, command: Command) -> Option<Vec<Effect>> {
        if let Some(step) = Move::of(command) {
            self.list.step(step);
            return Some(Vec::new());
        }
        match command {
            Command::Sort => Some(vec![self.arrangement.pick_order(self.table)]),
            Command::Columns => Some(vec![self.arrangement.pick_columns(self.table, &self.list)]),
            Command::Record => {
                let title = format!("Row of {}", self.name);
                let record = |row| Effect::ShowRecord { title, record: to_json(row) };
                Some(self.list.current().map(record).into_iter().collect())
            }
            _ => None,
        }
    }

    /// Takes a change of order or columns.
    pub fn change(&mut self, change: ScreenChange) {
        if self.arrangement.take(change, self.table) {
            self.list.take_arranged(self.arranged());
        }
    }

    /// Its state, with the name under which it is saved.
    pub fn list_state(&self, view: &ViewContext) -> (String, ListState) {
        (self.name.to_owned(), ListState { left_at: view.now.0, ..self.arrangement.list_state() })
    }

    /// Draws headings and rows; `sign` is drawn before a row.
    pub fn draw(&mut self, painter: &mut Painter, focused: bool, view: &ViewContext, sign: impl Fn(&R) -> char) {
        let layout = self.arrangement.layout(self.table, None);
        table::draw_with(painter, &mut self.list, self.table.columns, focused, view, (layout, sign));
    }
}
