//! What a screen is: it takes commands and answers, and returns wishes; it performs nothing and cannot reach the store.

use crate::console::protocol::effect::{Effect, ScreenChange};
use crate::console::protocol::key::Key;
use crate::console::protocol::keys::Command;
use crate::console::protocol::query::Answer;
use crate::console::protocol::route::Route;
use crate::console::protocol::saved_state::ListState;
use crate::console::view::context::ViewContext;
use crate::console::view::painter::Painter;
use std::time::Duration;

/// How long the cursor of a list rests before what depends on its row follows.
pub const DEBOUNCE: Duration = Duration::from_millis(150);

/// One screen.
pub trait Screen {
    /// The path in the menu, its own name last.
    fn path(&self) -> Vec<&'static str>;

    /// Which target leads here, to come back to it.
    fn target(&self) -> Route;

    /// What it asks when it is opened, and again when it is to read anew.
    fn load(&mut self, view: &ViewContext) -> Vec<Effect>;

    /// What it asks when head office has changed while it is shown: the same as when it is opened, unless that would move the cursor or
    /// overwrite what the operator is editing.
    fn refresh(&mut self, view: &ViewContext) -> Vec<Effect> {
        self.load(view)
    }

    /// Whether it is being edited: then it is not read again, and the line above it keeps saying how old it is.
    fn holds_still(&self) -> bool {
        false
    }

    /// Takes a command that the key table knows; `None` if it has no use for it.
    fn command(&mut self, command: Command, view: &ViewContext) -> Option<Vec<Effect>>;

    /// Whether the command can do something here, for hints and help.
    fn offers(&self, command: Command) -> bool;

    /// Takes an answer, or a sentence why there is none.
    fn answer(&mut self, answer: Result<Answer, String>, view: &ViewContext) -> Vec<Effect>;

    /// Whether it is a dialog now: then it takes keys itself, and nothing global lives but help, ^C, ^L and ^Z.
    fn is_dialog(&self) -> bool {
        false
    }

    /// As a dialog, takes a key; `None` if it has no use for it.
    fn key(&mut self, _key: &Key, _view: &ViewContext) -> Option<Vec<Effect>> {
        None
    }

    /// Changes its state as a dialog over it decided.
    fn change(&mut self, _change: ScreenChange, _view: &ViewContext) -> Vec<Effect> {
        Vec::new()
    }

    /// How it looks, under the name by which that is remembered.
    fn list_state(&self, _view: &ViewContext) -> Option<(String, ListState)> {
        None
    }

    /// Some seconds have passed.
    fn tick(&mut self, _view: &ViewContext) -> Vec<Effect> {
        Vec::new()
    }

    /// No key was pressed for [`DEBOUNCE`]: what it asks for the row on which the cursor rests.
    fn rested(&mut self, _view: &ViewContext) -> Vec<Effect> {
        Vec::new()
    }

    /// The operator goes elsewhere: what it still wants to happen.
    fn leave(&mut self, _view: &ViewContext) -> Vec<Effect> {
        Vec::new()
    }

    /// The channel database under the cursor, whose times `z` can show.
    fn store(&self) -> Option<String> {
        None
    }

    /// Whether it shows something that lives elsewhere and changes by the second.
    fn is_watching(&self) -> bool {
        false
    }

    /// Draws itself.
    fn draw(&mut self, painter: &mut Painter, view: &ViewContext);

    /// The sentence of the notice row while nothing else is said there.
    fn notice(&self, _view: &ViewContext) -> String {
        String::new()
    }
}
