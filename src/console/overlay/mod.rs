//! Overlays: what is drawn over a screen and takes keys before it.

mod actions;
mod columns;
mod confirm;
mod groups;
pub mod help;
mod linked_text;
pub mod menu;
pub mod navigation;
pub mod palette;
mod pick;
mod prompt;
mod quit;
mod session_action;
mod sizing;
mod text_box;
mod undo;

use crate::console::protocol::effect::Effect;
use crate::console::protocol::key::Key;
use crate::console::protocol::key_table::Command;
use crate::console::protocol::keymap::Keymap;
use crate::console::protocol::run_progress::LiveRun;
use crate::console::view::painter::Painter;
use crate::domain::Timestamp;
use menu::WIDTH;

pub use actions::ActionMenu;
pub use columns::ColumnsForm;
pub use confirm::ConfirmBox;
pub use groups::GroupList;
pub use help::Help;
pub use linked_text::LinkedText;
pub use menu::Menu;
pub use palette::Palette;
pub use pick::PickList;
pub use prompt::PromptLine;
pub use quit::QuitBox;
pub use session_action::SessionActionForm;
pub use text_box::TextBox;
pub use undo::UndoList;

/// One layer over the screen.
#[derive(Debug)]
#[allow(missing_docs)] // named after their types
pub enum Overlay {
    Menu(Menu),
    Help(Help),
    Palette(Palette),
    Prompt(PromptLine),
    Pick(PickList),
    Columns(ColumnsForm),
    Text(TextBox),
    Confirm(ConfirmBox),
    SessionAction(Box<SessionActionForm>),
    Undo(UndoList),
    Actions(ActionMenu),
    Quit(QuitBox),
    Groups(Box<GroupList>),
}

/// What a key in an overlay leads to. All but `Stay` and `Page` close the overlay.
#[derive(Debug)]
pub enum OverlayOutcome {
    /// The overlay stays open.
    Stay,
    /// The overlay closes.
    Close,
    /// These effects are performed.
    Perform(Vec<Effect>),
    /// The line of the prompt was entered.
    Typed,
    /// The pager shows this text; the overlay stays open.
    Page(String),
    /// The command is performed, as if its key had been pressed.
    Obey(Command),
    /// The console ends when the run has ended.
    QuitAfterRun,
    /// The console ends now, the run after its current chunk.
    QuitNow,
    /// The console ends now, and this batch server continues the run.
    HandOver(String),
}

impl Overlay {
    /// Takes a key.
    pub fn key(&mut self, key: &Key, keymap: &Keymap) -> OverlayOutcome {
        if matches!(key, Key::Ctrl('c')) {
            return OverlayOutcome::Close;
        }
        match self {
            Self::Menu(menu) => menu.key(key, keymap),
            Self::Help(help) => help.key(key, keymap),
            Self::Palette(palette) => palette.key(key),
            Self::Prompt(line) => line.key(key),
            Self::Pick(list) => list.key(key, keymap),
            Self::Columns(form) => form.key(key, keymap),
            Self::Text(text) => text.key(key, keymap),
            Self::Confirm(question) => question.key(key),
            Self::SessionAction(form) => form.key(key),
            Self::Undo(list) => list.key(key, keymap),
            Self::Actions(menu) => menu.key(key),
            Self::Quit(question) => question.key(key),
            Self::Groups(list) => list.key(key, keymap),
        }
    }

    /// Scrolls it with the wheel, as the arrow keys do, unless it takes text or answers a question.
    pub fn scroll(&mut self, up: bool, keymap: &Keymap) -> OverlayOutcome {
        let (key, command) = if up { (Key::Up, Command::Up) } else { (Key::Down, Command::Down) };
        match self {
            Self::Prompt(_) | Self::Confirm(_) | Self::SessionAction(_) | Self::Quit(_) => OverlayOutcome::Stay,
            Self::Palette(_) | Self::Actions(_) => self.key(&key, keymap),
            _ if keymap.command(&key) == Some(command) => self.key(&key, keymap),
            _ => OverlayOutcome::Stay,
        }
    }

    /// Puts the cursor on a row, or the focus on a field, by the number that it was drawn with.
    /// Questions and text have none.
    pub fn focus(&mut self, number: usize) {
        match self {
            Self::Menu(menu) => menu.focus(number),
            Self::Palette(palette) => palette.focus(number),
            Self::Pick(list) => list.focus(number),
            Self::Columns(form) => form.focus(number),
            Self::Undo(list) => list.focus(number),
            Self::Actions(menu) => menu.focus(number),
            Self::SessionAction(form) => form.focus(number),
            _ => {}
        }
    }

    /// Whether a click on this row opens it: the cursor is on it, and it changes nothing.
    pub fn opens(&self, number: usize) -> bool {
        match self {
            Self::Menu(menu) => menu.is_at(number),
            Self::Palette(palette) => palette.opens(number),
            _ => false,
        }
    }

    /// Moves the cursor of a list by this many rows.
    pub fn step(&mut self, rows: i16) {
        if let Self::Groups(list) = self {
            list.step(rows);
        }
    }

    /// The line that is typed in it.
    pub fn line(&self) -> Option<&PromptLine> {
        match self {
            Self::Prompt(line) => Some(line),
            Self::Groups(list) => list.line(),
            _ => None,
        }
    }

    /// Why the line that is typed is not understood, shown below it; and whether it was refused.
    pub fn fault(&self) -> Option<(&str, bool)> {
        self.line().and_then(PromptLine::fault)
    }

    /// The sentence of the notice row while it is open, or the line that is typed there, in `width`
    /// cells.
    pub fn notice(&self, width: usize, keymap: &Keymap) -> String {
        match self {
            Self::Menu(menu) => menu.notice(),
            Self::Help(help) => help.notice(),
            Self::Palette(palette) => palette.notice(),
            Self::Prompt(line) => line.notice(width),
            Self::Pick(_) => String::new(),
            Self::Columns(form) => form.notice().to_owned(),
            Self::Text(text) => text.notice(),
            Self::Confirm(question) => question.notice(),
            Self::SessionAction(form) => form.notice(),
            Self::Undo(list) => list.notice(),
            Self::Groups(list) => list.notice(width, keymap),
            Self::Actions(_) => "Each asks before it changes anything.".to_owned(),
            Self::Quit(_) => "Nothing is lost either way: the next run continues after the last chunk.".to_owned(),
        }
    }

    /// Its keys, for the hint bar.
    pub fn hints(&self, keymap: &Keymap) -> String {
        match self {
            Self::Menu(_) => {
                keymap.named(" {open} open  {left} {right} close, open branch  {filter} find  {back} close")
            }
            Self::Help(_) => {
                keymap.named(" {up} {down} scroll  {page_down} {page_up} page  {filter} find  {back} close")
            }
            Self::Palette(_) => " Enter go  Up Down choose (^P ^N)  Tab complete  Esc close".to_owned(),
            Self::Prompt(line) => line.hints(),
            Self::Pick(_) => PickList::hints(keymap),
            Self::Columns(_) => ColumnsForm::hints(keymap),
            Self::Text(text) => text.hints(keymap),
            Self::Confirm(question) => question.hints(),
            Self::SessionAction(form) => form.hints().to_owned(),
            Self::Undo(list) => list.hints(keymap),
            Self::Actions(_) => " letter or Enter choose  Up Down move  Esc cancel".to_owned(),
            Self::Quit(question) => question.hints().to_owned(),
            Self::Groups(list) => list.hints(keymap),
        }
    }

    /// Draws it over the screen's area (without breadcrumb, freshness, notice and hints).
    pub fn draw(
        &mut self,
        painter: &mut Painter,
        keymap: &Keymap,
        offers: impl Fn(Command) -> bool,
        run: Option<(&LiveRun, Timestamp)>,
    ) {
        let (width, height) = (painter.width(), painter.height());
        match self {
            Self::Menu(menu) => menu.draw(&mut painter.part(0, 0, WIDTH.min(width), height), true),
            Self::Help(help) => help.draw(painter, keymap, &offers),
            Self::Palette(palette) => {
                palette.draw(&mut painter.part(0, 0, width.min(palette::WIDEST), height.min(palette::HIGHEST)));
            }
            Self::Prompt(_) => {}
            Self::Pick(list) => list.draw(painter),
            Self::Columns(form) => form.draw(painter),
            Self::Text(text) => text.draw(painter),
            Self::Confirm(question) => question.draw(painter),
            Self::SessionAction(form) => form.draw(painter),
            Self::Undo(list) => list.draw(painter),
            Self::Actions(menu) => menu.draw(painter),
            Self::Quit(question) => question.draw(painter, run),
            Self::Groups(list) => list.draw(painter),
        }
    }
}
