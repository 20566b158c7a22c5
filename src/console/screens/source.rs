//! What tells one long list from another.

use super::super::acts::Act;
use super::super::filter::Terms;
use super::super::query::{Answer, Place, Query};
use super::super::screen::{Action, Target, View};
use super::super::theme::Role;
use super::super::widgets::list::Keyed;
use super::super::widgets::table::Column;
use crate::domain::{Direction, Seek};

/// What a list is of.
pub trait Source {
    /// One row.
    type Row: Keyed<Key = Place> + 'static;
    /// What stays the same of a row when it changes; marks go by it.
    type Key: Ord + Clone + 'static;
    /// The row's key.
    fn key(&self, row: &Self::Row) -> Self::Key;
    /// The path in the menu.
    fn path(&self) -> Vec<&'static str>;
    /// Which target leads here with this filter.
    fn target(&self, filter: &str) -> Target;
    /// The direction that the filter's words are of; `None` for both.
    fn direction(&self) -> Option<Direction>;
    /// The heading of the list.
    fn title(&self, terms: &Terms, all: bool) -> String;
    /// The columns.
    fn columns(&self) -> &'static [Column<Self::Row>];
    /// The question for a piece.
    fn piece(&self, terms: &Terms, all: bool, seek: Seek<Place>) -> Query;
    /// The question for the count.
    fn count(&self, terms: &Terms, all: bool) -> Query;
    /// The rows of an answer that is one of this list.
    fn rows(&self, answer: Answer) -> Option<(Seek<Place>, Vec<Self::Row>)>;
    /// Whether there are records that are hidden unless all are shown.
    fn hides(&self) -> bool;
    /// Whether the row is a failure.
    fn is_failure(&self, row: &Self::Row) -> bool;
    /// The title of the detail pane.
    fn detail_title(&self, row: &Self::Row) -> String;
    /// Everything about the row, line by line.
    fn detail(&self, row: &Self::Row, view: &View) -> Vec<(String, Role)>;
    /// Where Enter leads.
    fn open(&self, row: &Self::Row) -> Target;
    /// Where `r` leads.
    fn related(&self, row: &Self::Row) -> Target;
    /// The row as text, and the command that prints it.
    fn copies(&self, row: &Self::Row) -> (String, String);
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
    /// What can be done with the chosen rows (the marked ones; without marks `row`, which is under the cursor), and why not.
    fn actions(&self, _row: &Self::Row, _chosen: &[Self::Key], _view: &View) -> Vec<Action> {
        Vec::new()
    }
    /// The change behind the letter of an action, its reason still to be typed.
    fn act(&self, _chosen: &[Self::Key], _letter: char) -> Option<Act> {
        None
    }
}
