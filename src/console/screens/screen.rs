//! The interface of a screen: it takes commands and answers and returns effects. It performs
//! nothing and cannot reach the store.

use crate::console::protocol::effect::{Effect, ScreenChange};
use crate::console::protocol::key::Key;
use crate::console::protocol::key_table::Command;
use crate::console::protocol::query::Answer;
use crate::console::protocol::route::Route;
use crate::console::protocol::saved_state::ListState;
use crate::console::view::context::ViewContext;
use crate::console::view::painter::Painter;
use crate::domain::SessionKey;
use std::time::Duration;

/// Debounce before a row's details are loaded.
pub const DEBOUNCE: Duration = Duration::from_millis(150);

/// A screen of the console.
pub trait Screen {
    /// The path in the menu, its own name last.
    fn path(&self) -> Vec<&'static str>;

    /// The route that opens it again.
    fn route(&self) -> Route;

    /// The effects of opening or reloading it.
    fn load(&mut self, view: &ViewContext) -> Vec<Effect>;

    /// The effects of a change at head office while it is shown: the same as of opening it, unless
    /// that would move the cursor or overwrite what the operator is editing.
    fn refresh(&mut self, view: &ViewContext) -> Vec<Effect> {
        self.load(view)
    }

    /// Whether it is being edited; then it is not re-queried, and the freshness line shows its age.
    fn holds_still(&self) -> bool {
        false
    }

    /// Performs a command; `None` if the screen does not use it.
    fn command(&mut self, command: Command, view: &ViewContext) -> Option<Vec<Effect>>;

    /// Whether the screen uses the command, for hints and help.
    fn offers(&self, command: Command) -> bool;

    /// Whether its list has no row; hints then leave out what is done to a row.
    fn is_empty(&self) -> bool {
        false
    }

    /// Takes the answer to its query, or the error.
    fn answer(&mut self, answer: Result<Answer, String>, view: &ViewContext) -> Vec<Effect>;

    /// Whether it is a dialog: it takes keys itself, and of the global commands only help, ^C, ^L
    /// and ^Z apply.
    fn is_dialog(&self) -> bool {
        false
    }

    /// The hints of the dialog.
    fn dialog_hints(&self) -> &'static str {
        " Enter OK  Tab next field  Space tick  Esc cancel  {help} help"
    }

    /// Takes a key as a dialog; `None` if it does not use the key.
    fn key(&mut self, _key: &Key, _view: &ViewContext) -> Option<Vec<Effect>> {
        None
    }

    /// Gives a field or button the focus as a dialog, by the number that it was drawn with. Returns
    /// whether it has the focus now.
    fn focus_field(&mut self, _number: usize) -> bool {
        false
    }

    /// Its fields as a dialog, a sentence each, for help.
    fn help(&self, _view: &ViewContext) -> Vec<String> {
        Vec::new()
    }

    /// Changes its state as a dialog over it decided.
    fn change(&mut self, _change: ScreenChange, _view: &ViewContext) -> Vec<Effect> {
        Vec::new()
    }

    /// Gives a pane the focus, by the number under which it was drawn; the list is 0. Returns the
    /// pane that had it.
    fn focus(&mut self, _pane: u8) -> u8 {
        0
    }

    /// The state of its list, with the name under which it is saved.
    fn list_state(&self, _view: &ViewContext) -> Option<(String, ListState)> {
        None
    }

    /// The list as it is shown, with its name, to be saved as a view; `None` if it cannot be.
    fn list_view(&self, view: &ViewContext) -> Option<(String, ListState)> {
        self.list_state(view)
    }

    /// The effects of the periodic tick.
    fn tick(&mut self, _view: &ViewContext) -> Vec<Effect> {
        Vec::new()
    }

    /// The effects of the cursor resting on a row for [`DEBOUNCE`].
    fn debounced(&mut self, _view: &ViewContext) -> Vec<Effect> {
        Vec::new()
    }

    /// The effects of leaving the screen.
    fn leave(&mut self, _view: &ViewContext) -> Vec<Effect> {
        Vec::new()
    }

    /// The channel database under the cursor, whose times `z` can show.
    fn store(&self) -> Option<String> {
        None
    }

    /// The session under the cursor, which [`Command::Explain`] explains; `None` if the screen
    /// explains something else, or nothing.
    fn session(&self) -> Option<SessionKey> {
        None
    }

    /// Whether it shows a run that executes elsewhere, which is polled every second.
    fn is_watching(&self) -> bool {
        false
    }

    /// Draws itself.
    fn draw(&mut self, painter: &mut Painter, view: &ViewContext);

    /// The sentence of the notice row while no other notice is shown.
    fn notice(&self, _view: &ViewContext) -> String {
        String::new()
    }
}
