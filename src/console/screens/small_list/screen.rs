//! A screen that is one short list.

use crate::console::protocol::effect::{Action, Effect, ScreenChange};
use crate::console::protocol::key_table::Command;
use crate::console::protocol::query::{Answer, Query};
use crate::console::protocol::route::Route;
use crate::console::protocol::saved_state::{ListState, SavedState};
use crate::console::screens::screen::Screen;
use crate::console::screens::small_list::view::{Details, ListFrame};
use crate::console::screens::small_list::{Row, SmallList};
use crate::console::view::context::ViewContext;
use crate::console::view::painter::Painter;

/// The command that lists the rows of a screen, and whether that has `--filter`; or why there is
/// none.
pub type ListCommand = Result<(&'static str, bool), &'static str>;

/// The title and the lines of a menu of actions.
pub type ActionMenu = (String, Vec<Action>);

/// What differs between screens that are one short list: where the rows are from, what they say
/// and what can be done with them.
pub trait RowSource {
    /// Its rows.
    type Row: Row;
    /// The path in the menu, its own name last.
    const PATH: &'static [&'static str];
    /// The commands that it uses beside those of every list screen.
    const COMMANDS: &'static [Command];
    /// The notice of the commands that look for an error if there is none.
    const NO_ERROR: &'static str = "";

    /// The route that opens it again, with the filter as it was typed.
    fn route(&self, filter: &str) -> Route;

    /// Whether the list can be saved as a view: no more than the filter decides which rows it has.
    fn can_be_view(&self) -> bool {
        true
    }

    /// What it asks for.
    fn query(&self, view: &ViewContext) -> Query;

    /// The effects of opening or reloading it.
    fn load(&mut self, view: &ViewContext) -> Vec<Effect> {
        vec![Effect::Ask(self.query(view))]
    }

    /// Whether it asks again at each tick, because its rows change with time.
    fn is_polled(&self) -> bool {
        false
    }

    /// Takes the answer and returns the rows; `None` if it has none.
    fn rows(&mut self, answer: Answer, view: &ViewContext) -> Option<Vec<Self::Row>>;

    /// The effects of rows that the list has taken.
    fn loaded(&mut self, _list: &mut SmallList<Self::Row>) -> Vec<Effect> {
        Vec::new()
    }

    /// The effects of leaving the screen.
    fn leave(&mut self, _view: &ViewContext) -> Vec<Effect> {
        Vec::new()
    }

    /// The effects of the cursor resting on a row.
    fn debounced(&self, _list: &SmallList<Self::Row>) -> Vec<Effect> {
        Vec::new()
    }

    /// The command that lists its rows.
    fn list_command(&self) -> ListCommand;

    /// The menu of actions; `None` if there is no row to act on. Offered if [`Self::COMMANDS`]
    /// contains [`Command::Actions`].
    fn actions(&self, _list: &SmallList<Self::Row>, _view: &ViewContext) -> Option<ActionMenu> {
        None
    }

    /// Performs one of its own commands; `None` if it is of no use now. The screen itself opens the
    /// actions, copies the command, looks for errors and marks rows.
    fn perform_command(
        &mut self,
        _command: Command,
        _list: &mut SmallList<Self::Row>,
        _view: &ViewContext,
    ) -> Option<Vec<Effect>> {
        None
    }

    /// Whether the commands that look for an error stop at a row.
    fn is_error(&self, row: &Self::Row) -> bool {
        row.is_failure()
    }

    /// What `y` copies of a row.
    fn copied(&self, row: &Self::Row) -> String;

    /// The channel database of a row.
    fn store(&self, _row: &Self::Row) -> Option<String> {
        None
    }

    /// The texts around these rows.
    fn frame(&self, rows: &[Self::Row], view: &ViewContext) -> ListFrame<'static>;

    /// The marker before a row that is not marked.
    fn marker(&self, _row: &Self::Row, _view: &ViewContext) -> char {
        ' '
    }

    /// The title and the lines of the pane, for lines of this many cells.
    fn describe(&self, row: &Self::Row, room: usize, view: &ViewContext) -> Details;

    /// Draws the list; a screen that shows more draws that, too.
    fn draw(&mut self, list: &mut SmallList<Self::Row>, painter: &mut Painter, view: &ViewContext) {
        let frame = self.frame(list.rows(), view);
        let marker = |row: &Self::Row| self.marker(row, view);
        list.draw(painter, view, &frame, marker, |row, room| self.describe(row, room, view));
    }

    /// The sentence of the notice row while no filter is set.
    fn notice(&self, row: Option<&Self::Row>, view: &ViewContext) -> String;

    /// The sentence that the notice row shows instead of all others: what the list lacks.
    fn fault(&self) -> Option<String> {
        None
    }
}

/// A screen that is one short list, whose rows `S` loads.
pub struct ListScreen<S: RowSource> {
    list: SmallList<S::Row>,
    source: S,
    /// Whether another screen opened it, for a part of its rows; that is not saved.
    is_visit: bool,
}

impl<S: RowSource> ListScreen<S> {
    /// The screen in its saved state, before its first answer.
    pub fn new(source: S, memory: &SavedState) -> Self {
        Self { list: SmallList::new(memory), source, is_visit: false }
    }

    /// The screen with the columns and the order of its saved state, but with another filter.
    /// Leaves the saved state as it is.
    pub fn visit(source: S, filter: String, memory: &SavedState) -> Self {
        Self { list: SmallList::filtered(filter, memory), source, is_visit: true }
    }
}

impl<S: RowSource> Screen for ListScreen<S> {
    fn path(&self) -> Vec<&'static str> {
        S::PATH.to_vec()
    }

    fn route(&self) -> Route {
        self.source.route(self.list.typed())
    }

    fn load(&mut self, view: &ViewContext) -> Vec<Effect> {
        self.source.load(view)
    }

    fn tick(&mut self, view: &ViewContext) -> Vec<Effect> {
        if self.source.is_polled() { self.load(view) } else { Vec::new() }
    }

    fn leave(&mut self, view: &ViewContext) -> Vec<Effect> {
        self.source.leave(view)
    }

    fn debounced(&mut self, _: &ViewContext) -> Vec<Effect> {
        self.source.debounced(&self.list)
    }

    fn focus(&mut self, pane: u8) -> u8 {
        self.list.focus(pane)
    }

    fn list_state(&self, view: &ViewContext) -> Option<(String, ListState)> {
        (!self.is_visit).then(|| self.list.list_state(view))
    }

    fn list_view(&self, view: &ViewContext) -> Option<(String, ListState)> {
        self.source.can_be_view().then(|| self.list.list_state(view))
    }

    fn is_empty(&self) -> bool {
        self.list.current().is_none()
    }

    fn store(&self) -> Option<String> {
        self.list.current().and_then(|row| self.source.store(row))
    }

    fn offers(&self, command: Command) -> bool {
        SmallList::<S::Row>::offers(command) || command == Command::CopyCommand || S::COMMANDS.contains(&command)
    }

    fn command(&mut self, command: Command, view: &ViewContext) -> Option<Vec<Effect>> {
        let Self { list, source, .. } = self;
        match command {
            Command::Copy => Some(list.current().map(|row| Effect::Copy(source.copied(row))).into_iter().collect()),
            Command::CopyCommand => Some(match source.list_command() {
                Ok((command, filters)) => list.copy_command(command, filters),
                Err(why) => vec![Effect::Say(why.to_owned())],
            }),
            command if !S::COMMANDS.contains(&command) => list.perform_command(command, view),
            Command::Actions => Some(match source.actions(list, view) {
                Some((title, actions)) => vec![Effect::Actions(title, actions)],
                None => vec![Effect::Say("there is nothing to act on".to_owned())],
            }),
            Command::NextError | Command::PreviousError => {
                let is_forward = command == Command::NextError;
                Some(list.find_around(is_forward, S::NO_ERROR, |row| source.is_error(row)))
            }
            Command::Mark => list.mark(view),
            Command::MarkAll => Some(list.mark_all()),
            command => source.perform_command(command, list, view),
        }
    }

    fn change(&mut self, change: ScreenChange, view: &ViewContext) -> Vec<Effect> {
        self.list.change(change, view);
        Vec::new()
    }

    fn answer(&mut self, answer: Result<Answer, String>, view: &ViewContext) -> Vec<Effect> {
        match answer.map(|answer| self.source.rows(answer, view)) {
            Ok(None) => return Vec::new(),
            Ok(Some(rows)) => self.list.take(Ok(rows), view),
            Err(sentence) => {
                self.list.take(Err(sentence), view);
                return Vec::new();
            }
        }
        self.source.loaded(&mut self.list)
    }

    fn draw(&mut self, painter: &mut Painter, view: &ViewContext) {
        self.source.draw(&mut self.list, painter, view);
    }

    fn notice(&self, view: &ViewContext) -> String {
        let otherwise = || self.list.notice(self.source.notice(self.list.current(), view), view);
        self.source.fault().unwrap_or_else(otherwise)
    }
}
