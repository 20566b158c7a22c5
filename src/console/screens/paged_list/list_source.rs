//! The source of a long list.

use crate::console::protocol::effect::{Action, Effect};
use crate::console::protocol::filter::Terms;
use crate::console::protocol::groups::GroupQuery;
use crate::console::protocol::query::{Answer, Piece, Place, Query, TimeColumns};
use crate::console::protocol::route::Route;
use crate::console::screens::arrangement::SortOrder;
use crate::console::screens::related::Link;
use crate::console::view::context::ViewContext;
use crate::console::view::theme::Role;
use crate::console::widgets::list::Keyed;
use crate::console::widgets::table::Column;
use crate::domain::{By, Order, Seek, SessionKey};
use crate::filter::FieldSet;

/// The third column of a wide screen.
#[derive(Debug, Clone, Default)]
pub struct Related {
    /// Its title.
    pub title: String,
    /// Its lines.
    pub lines: Vec<(String, Role)>,
    /// The lines that the details get instead of `detail_lines`, which would repeat these.
    pub detail: Vec<(String, Role)>,
}

/// A source of rows, with what differs between long lists.
pub trait ListSource {
    /// One row.
    type Row: Keyed<Key = Place> + 'static;
    /// The identity of a row, by which it is marked.
    type Key: Ord + Clone + 'static;
    /// The row's key.
    fn key(&self, row: &Self::Row) -> Self::Key;
    /// The path in the menu.
    fn path(&self) -> Vec<&'static str>;
    /// The route that opens the list with this filter.
    fn route(&self, filter: &str) -> Route;
    /// The fields of its filter.
    fn fields(&self) -> &'static FieldSet;
    /// The heading of the list.
    fn title(&self, terms: &Terms, all: bool) -> String;
    /// The columns.
    fn columns(&self) -> &'static [Column<Self::Row>];
    /// The name under which the list's state is saved; `None` if it is not saved.
    fn name(&self) -> Option<&'static str>;
    /// The orders: the column's heading, and in words descending and ascending.
    fn orders(&self) -> &'static [(By, &'static str, [&'static str; 2])];
    /// What rows are sorted by in memory, for each column.
    fn ranks(&self) -> &'static [SortOrder<Self::Row>];
    /// The query for a piece.
    fn piece_query(&self, terms: &Terms, all: bool, order: Order, seek: Seek<Place>) -> Query;
    /// Whether rows of the list can be failures.
    fn has_failures(&self) -> bool {
        true
    }
    /// The query for the next failure from a place on; `None` if the terms exclude failures.
    fn next_failure_query(&self, terms: &Terms, all: bool, order: Order, seek: Seek<Place>) -> Option<Query>;
    /// The query for the number of rows before a place.
    fn count_newer_query(&self, terms: &Terms, all: bool, order: Order, place: Place) -> Query;
    /// The query for the count; `None` if it would have to read every row.
    fn count_query(&self, terms: &Terms, all: bool) -> Option<Query>;
    /// The query for a histogram of the list's rows.
    fn histogram_query(&self, terms: &Terms, all: bool, columns: TimeColumns) -> Query;
    /// What can be counted by each of these fields.
    fn groups(&self, terms: &Terms, all: bool) -> (GroupQuery, &'static [&'static str]);
    /// The rows of an answer; `None` if the answer is not for this list.
    fn rows(&self, answer: Answer) -> Option<Piece<Self::Row>>;
    /// Whether some records are hidden unless all are shown.
    fn hides_rows(&self) -> bool;
    /// Whether the row is a failure.
    fn is_failure(&self, row: &Self::Row) -> bool;
    /// The error text of the row, if it has one.
    fn error<'r>(&self, _row: &'r Self::Row) -> Option<&'r str> {
        None
    }
    /// The title of the detail pane.
    fn detail_title(&self, row: &Self::Row) -> String;
    /// The details of the row, line by line.
    fn detail(&self, row: &Self::Row, view: &ViewContext) -> Vec<(String, Role)>;
    /// The query for further details of a row.
    fn detail_query(&self, _row: &Self::Row) -> Option<Query> {
        None
    }
    /// The lines that the answer adds to the details; `None` if it is not about the row.
    fn detail_lines(&self, _row: &Self::Row, _answer: &Answer, _view: &ViewContext) -> Option<Vec<(String, Role)>> {
        None
    }
    /// Whether its rows have related facts, which a wide screen shows in a third column.
    fn has_related(&self) -> bool {
        false
    }
    /// The related facts in the answer; `None` if it is not about the row.
    fn related_facts(&self, _row: &Self::Row, _answer: &Answer, _view: &ViewContext) -> Option<Related> {
        None
    }
    /// The session that the row is, whose explanation follows the cursor.
    fn session(&self, _row: &Self::Row) -> Option<SessionKey> {
        None
    }
    /// Explains the status of a row that is not a session, and what happens next.
    fn explain(&self, _row: &Self::Row, _view: &ViewContext) -> Option<Effect> {
        None
    }
    /// The screen that Enter opens.
    fn open(&self, row: &Self::Row) -> Route;
    /// The related screens.
    fn related(&self, row: &Self::Row) -> Vec<Link>;
    /// The row as an export writes it.
    fn record(&self, row: &Self::Row) -> serde_json::Value;
    /// The row as text, and the command that prints it.
    fn copy_texts(&self, row: &Self::Row) -> (String, String);
    /// The command that lists the same rows without a filter; `None` if there is none.
    fn list_command(&self, _all: bool) -> Option<String> {
        None
    }
    /// The term of a filter that all rows of the list match.
    fn own_term(&self) -> Option<String> {
        None
    }
    /// The row's channel database.
    fn store(&self, row: &Self::Row) -> String;
    /// Whether the list has actions.
    fn can_change(&self) -> bool {
        false
    }
    /// The query for the keys of all matching rows, to mark them; `None` if rows cannot be marked.
    fn all_keys_query(&self, _terms: &Terms, _all: bool) -> Option<Query> {
        None
    }
    /// The keys of an answer to that query; returns any other answer.
    fn keys(&self, answer: Answer) -> Result<Vec<Self::Key>, Answer> {
        Err(answer)
    }
    /// The actions on the chosen rows: the marked ones, or `row` under the cursor. `matching`: the
    /// filter, if they are all that match it.
    fn actions(
        &self,
        _row: &Self::Row,
        _chosen: Vec<Self::Key>,
        _matching: Option<&str>,
        _view: &ViewContext,
    ) -> Vec<Action> {
        Vec::new()
    }
}
