//! A screen that is one short list.

use crate::console::protocol::effect::{Effect, ScreenChange};
use crate::console::protocol::key_table::Command;
use crate::console::protocol::query::{Answer, Query};
use crate::console::protocol::route::Route;
use crate::console::protocol::saved_state::{ListState, SavedState};
use crate::console::screens::screen::Screen;
use crate::console::screens::small_list::view::{Around, Details};
use crate::console::screens::small_list::{Row, SmallList};
use crate::console::view::context::ViewContext;
use crate::console::view::painter::Painter;

/// What differs between screens that are one short list: where the rows are from, what they say
/// and what can be done with them.
pub trait RowSource {
    /// Its rows.
    type Row: Row;
    /// The path in the menu, its own name last.
    const PATH: &'static [&'static str];
    /// The commands that it uses beside those of every short list.
    const COMMANDS: &'static [Command];

    /// The route that opens it again.
    fn target(&self) -> Route;

    /// What it asks for.
    fn query(&self, view: &ViewContext) -> Query;

    /// Whether it asks again at each tick, because its rows change with time.
    fn is_polled(&self) -> bool {
        false
    }

    /// Takes the answer and returns the rows; `None` if it asked for something else.
    fn rows(&mut self, answer: Answer, view: &ViewContext) -> Option<Vec<Self::Row>>;

    /// Obeys one of its own commands; `None` if it is of no use now.
    fn obey(&self, command: Command, list: &mut SmallList<Self::Row>, view: &ViewContext) -> Option<Vec<Effect>>;

    /// What `y` copies of a row.
    fn copied(&self, row: &Self::Row) -> String;

    /// The texts around these rows.
    fn around(&self, rows: &[Self::Row], view: &ViewContext) -> Around<'static>;

    /// The title and the lines of the pane, for lines of so many cells.
    fn describe(&self, row: &Self::Row, room: usize, view: &ViewContext) -> Details;

    /// The sentence of the notice row while no filter is set.
    fn notice(&self, view: &ViewContext) -> String;
}

/// The screen.
pub struct ListScreen<S: RowSource> {
    list: SmallList<S::Row>,
    source: S,
}

impl<S: RowSource> ListScreen<S> {
    /// The screen in its saved state, before its first answer.
    pub fn new(source: S, memory: &SavedState) -> Self {
        Self { list: SmallList::new(memory), source }
    }
}

impl<S: RowSource> Screen for ListScreen<S> {
    fn path(&self) -> Vec<&'static str> {
        S::PATH.to_vec()
    }

    fn target(&self) -> Route {
        self.source.target()
    }

    fn load(&mut self, view: &ViewContext) -> Vec<Effect> {
        vec![Effect::Ask(self.source.query(view))]
    }

    fn tick(&mut self, view: &ViewContext) -> Vec<Effect> {
        if self.source.is_polled() { self.load(view) } else { Vec::new() }
    }

    fn focus(&mut self, pane: u8) -> u8 {
        self.list.focus(pane)
    }

    fn list_state(&self, view: &ViewContext) -> Option<(String, ListState)> {
        Some(self.list.list_state(view))
    }

    fn is_empty(&self) -> bool {
        self.list.current().is_none()
    }

    fn offers(&self, command: Command) -> bool {
        SmallList::<S::Row>::offers(command) || S::COMMANDS.contains(&command)
    }

    fn command(&mut self, command: Command, view: &ViewContext) -> Option<Vec<Effect>> {
        if S::COMMANDS.contains(&command) {
            return self.source.obey(command, &mut self.list, view);
        }
        if command == Command::Copy {
            let row = self.list.current().map(|row| Effect::Copy(self.source.copied(row)));
            return Some(row.into_iter().collect());
        }
        self.list.obey(command, view)
    }

    fn change(&mut self, change: ScreenChange, view: &ViewContext) -> Vec<Effect> {
        self.list.change(change, view);
        Vec::new()
    }

    fn answer(&mut self, answer: Result<Answer, String>, view: &ViewContext) -> Vec<Effect> {
        match answer {
            Ok(answer) => {
                if let Some(rows) = self.source.rows(answer, view) {
                    self.list.take(Ok(rows), view);
                }
            }
            Err(sentence) => self.list.take(Err(sentence), view),
        }
        Vec::new()
    }

    fn draw(&mut self, painter: &mut Painter, view: &ViewContext) {
        let Self { list, source } = self;
        let around = source.around(list.rows(), view);
        list.draw(painter, view, &around, |_| ' ', |row, room| source.describe(row, room, view));
    }

    fn notice(&self, view: &ViewContext) -> String {
        self.list.notice(self.source.notice(view), view)
    }
}
