//! What tells one long list from another.

use crate::console::protocol::effect::Action;
use crate::console::protocol::filter::Terms;
use crate::console::protocol::query::{Answer, Piece, Place, Query};
use crate::console::protocol::route::Route;
use crate::console::view::context::ViewContext;
use crate::console::view::theme::Role;
use crate::console::widgets::list::Keyed;
use crate::console::widgets::table::Column;
use crate::domain::{By, Direction, Order, Seek, Timestamp};

/// What a list is of.
pub trait ListSource {
    /// One row.
    type Row: Keyed<Key = Place> + 'static;
    /// What stays the same of a row when it changes; marks go by it.
    type Key: Ord + Clone + 'static;
    /// The row's key.
    fn key(&self, row: &Self::Row) -> Self::Key;
    /// The path in the menu.
    fn path(&self) -> Vec<&'static str>;
    /// Which target leads here with this filter.
    fn target(&self, filter: &str) -> Route;
    /// The direction that the filter's words are of; `None` for both.
    fn direction(&self) -> Option<Direction>;
    /// The heading of the list.
    fn title(&self, terms: &Terms, all: bool) -> String;
    /// The columns.
    fn columns(&self) -> &'static [Column<Self::Row>];
    /// Under which name the looks of the list are remembered; `None` if they are not.
    fn name(&self) -> Option<&'static str>;
    /// What it can be ordered by: the heading of the column, and in words with the greatest and the least first.
    fn orders(&self) -> &'static [(By, &'static str, [&'static str; 2])];
    /// The question for a piece.
    fn piece(&self, terms: &Terms, all: bool, order: Order, seek: Seek<Place>) -> Query;
    /// The question for the next failure from there on; `None` if the terms ask for none.
    fn failure(&self, terms: &Terms, all: bool, order: Order, seek: Seek<Place>) -> Option<Query>;
    /// The question how many rows have come before the one at a place.
    fn newer(&self, terms: &Terms, all: bool, order: Order, place: Place) -> Query;
    /// The question for the count; `None` if every row would have to be looked at.
    fn count(&self, terms: &Terms, all: bool) -> Option<Query>;
    /// The question for a histogram of what the list holds, from an instant on.
    fn busy(&self, terms: &Terms, all: bool, from: Timestamp) -> Query;
    /// The rows of an answer that is one of this list.
    fn rows(&self, answer: Answer) -> Option<Piece<Self::Row>>;
    /// Whether there are records that are hidden unless all are shown.
    fn hides(&self) -> bool;
    /// Whether the row is a failure.
    fn is_failure(&self, row: &Self::Row) -> bool;
    /// The title of the detail pane.
    fn detail_title(&self, row: &Self::Row) -> String;
    /// Everything about the row, line by line.
    fn detail(&self, row: &Self::Row, view: &ViewContext) -> Vec<(String, Role)>;
    /// What more is asked about a row on which the cursor rests.
    fn ask_more(&self, _row: &Self::Row) -> Option<Query> {
        None
    }
    /// What the answer adds to the lines about the row; `None` if it is about something else.
    fn more(&self, _row: &Self::Row, _answer: &Answer, _view: &ViewContext) -> Option<Vec<(String, Role)>> {
        None
    }
    /// What the row's status means and what happens next, in words.
    fn explain(&self, row: &Self::Row, view: &ViewContext) -> Vec<String>;
    /// Where Enter leads.
    fn open(&self, row: &Self::Row) -> Route;
    /// Where `r` leads.
    fn related(&self, row: &Self::Row) -> Route;
    /// The row as text, and the command that prints it.
    fn copies(&self, row: &Self::Row) -> (String, String);
    /// The row's channel database.
    fn store(&self, row: &Self::Row) -> String;
    /// Whether anything is changed from here.
    fn can_change(&self) -> bool {
        false
    }
    /// The question for the keys of all that match, to mark them; `None` where that is of no use.
    fn all_keys(&self, _terms: &Terms, _all: bool) -> Option<Query> {
        None
    }
    /// The keys of an answer to that question; any other answer comes back.
    fn keys(&self, answer: Answer) -> Result<Vec<Self::Key>, Answer> {
        Err(answer)
    }
    /// The actions on the chosen rows: the marked ones, or `row` under the cursor. `matching`: the filter, if they are all that match it.
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
