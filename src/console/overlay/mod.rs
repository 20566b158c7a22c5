//! What lies over a screen: menu, help, palette, prompt, question, actions, the question before quitting.

mod draw;
pub mod help;
mod journal;
pub mod menu;
pub mod navigation;
pub mod palette;
mod session_action;

use crate::console::protocol::dialog::{About, Action, Pick, Question};
use crate::console::protocol::key::Key;
use crate::console::protocol::keymap::Keymap;
use crate::console::protocol::keys::Command;
use crate::console::protocol::route::Route;
use crate::console::view::painter::{cells, cut};
use crate::console::widgets::input::TextInput;
use help::Help;
pub use journal::UndoList;

use menu::Menu;
use palette::Palette;
pub use session_action::SessionActionForm;

/// Cells that a line being typed has at the least, whatever its mark is.
const ROOM: usize = 24;

/// One layer over the screen.
#[derive(Debug)]
pub enum Overlay {
    /// The menu tree.
    Menu(Menu),
    /// The help.
    Help(Help),
    /// The palette.
    Palette(Palette),
    /// A line typed in the notice row, under this mark; and what was wrong with it.
    Prompt(&'static str, TextInput, Option<String>),
    /// The same for a filter, with the filters typed before and which of them is shown.
    History(TextInput, Option<String>, Vec<String>, usize),
    /// Something to be picked, with its cursor.
    Pick(Pick, usize),
    /// Something told at length, scrolled.
    Tell(String, Vec<String>, usize),
    /// A question before a change.
    Question(Question, TextInput, Option<String>),
    /// The question before something is asked of sessions.
    SessionActionForm(Box<SessionActionForm>),
    /// What can be undone.
    Undo(UndoList),
    /// A line typed about a cause, and what was wrong with it.
    About(About, TextInput, Option<String>),
    /// What can be done.
    Actions(String, Vec<Action>, usize),
    /// A run lives here: wait, hand it to this batch server, cancel or quit? With the cursor.
    Quit(usize, Option<String>),
}

/// What a key in an overlay comes to.
#[derive(Debug, PartialEq)]
pub enum OverlayOutcome {
    /// It stays.
    Stay,
    /// It goes.
    Close,
    /// It goes, and one goes there.
    Go(Route),
    /// This line was typed.
    Typed(String),
    /// One does this, as if its key had been pressed.
    Do(Command),
    /// These lines were picked.
    Picked(Vec<usize>),
    /// The question was confirmed.
    Confirmed,
    /// This action was chosen.
    Acted(char),
    /// This change was confirmed.
    Mutation(crate::console::protocol::mutation::Mutation),
    /// The run that lives here is to end.
    CancelRun,
    /// The console is to end once the run has.
    QuitAfterRun,
    /// The console is to end now, the run at its chunk.
    QuitNow,
    /// The console is to end now, and this batch server goes on with the run.
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
            Self::Prompt(_, input, fault) | Self::About(_, input, fault) => prompt_key(input, fault, key),
            Self::History(input, fault, filters, at) => {
                let older = match key {
                    Key::Up | Key::Ctrl('p') => Some((*at + 1).min(filters.len())),
                    Key::Down | Key::Ctrl('n') => Some(at.saturating_sub(1)),
                    _ => None,
                };
                let Some(older) = older else { return prompt_key(input, fault, key) };
                *at = older;
                *input =
                    TextInput::with(older.checked_sub(1).and_then(|at| filters.get(at)).map_or("", String::as_str));
                OverlayOutcome::Stay
            }
            Self::Pick(pick, cursor) => pick_key(pick, cursor, key, keymap),
            Self::Tell(_, lines, top) => {
                match keymap.command(key) {
                    Some(Command::Down) => *top = (*top + 1).min(lines.len()),
                    Some(Command::Up) => *top = top.saturating_sub(1),
                    Some(Command::Back | Command::Open | Command::Explain | Command::Quit) => {
                        return OverlayOutcome::Close;
                    }
                    _ => {}
                }
                OverlayOutcome::Stay
            }
            Self::Question(question, input, fault) => question_key(question, input, fault, key),
            Self::SessionActionForm(order) => order.key(key),
            Self::Undo(list) => list.key(key, keymap),
            Self::Actions(_, actions, cursor) => actions_key(actions, cursor, key),
            Self::Quit(cursor, successor) => {
                let mut ways = vec![OverlayOutcome::QuitAfterRun, OverlayOutcome::CancelRun, OverlayOutcome::QuitNow];
                if let Some(server) = successor {
                    ways.insert(1, OverlayOutcome::HandOver(server.clone()));
                }
                let last = ways.len() - 1;
                let way = match key {
                    Key::Char('w') => Some(0),
                    Key::Char('b') if last == 3 => Some(1),
                    Key::Char('c') => Some(last - 1),
                    Key::Char('n') => Some(last),
                    Key::Enter => Some(*cursor),
                    Key::Up | Key::Char('k') => {
                        *cursor = cursor.saturating_sub(1);
                        None
                    }
                    Key::Down | Key::Char('j') => {
                        *cursor = (*cursor + 1).min(last);
                        None
                    }
                    Key::Esc => return OverlayOutcome::Close,
                    _ => None,
                };
                way.and_then(|way| ways.into_iter().nth(way)).unwrap_or(OverlayOutcome::Stay)
            }
        }
    }

    /// Why the line that was typed is not taken; it stands below the line, which stays as it is.
    pub fn fault(&self) -> Option<&str> {
        match self {
            Self::History(_, fault, ..) | Self::Prompt(_, _, fault) | Self::About(_, _, fault) => fault.as_deref(),
            _ => None,
        }
    }

    /// The sentence of the notice row while it is open, or the line that is typed there in so many cells.
    pub fn notice(&self, width: usize) -> String {
        match self {
            Self::Menu(menu) => menu.notice(),
            Self::History(input, ..) => typed("/", input, width),
            Self::About(about, input, _) => typed(about.mark(), input, width),
            Self::Prompt(mark, input, _) => typed(mark, input, width),
            Self::SessionActionForm(order) => order.notice(),
            Self::Undo(list) => list.notice(),
            Self::Help(help) => help.notice(),
            Self::Palette(palette) => palette.notice(),
            Self::Pick(pick, _) if pick.many => "Space ticks, Enter takes it so.".to_owned(),
            Self::Pick(..) | Self::Tell(..) => String::new(),
            Self::Question(question, ..) if question.word == "y" => {
                "y does it, any other key keeps everything as it is.".to_owned()
            }
            Self::Question(_, _, Some(fault)) => fault.clone(),
            Self::Question(..) => {
                "Nothing is changed before that number is typed; Esc keeps everything as it is.".to_owned()
            }
            Self::Actions(..) => "Each asks before it changes anything.".to_owned(),
            Self::Quit(..) => "Nothing is lost either way: the next run goes on where the last chunk ended.".to_owned(),
        }
    }

    /// Its keys, for the hint bar.
    pub fn hints(&self) -> &'static str {
        match self {
            Self::Menu(_) => " Enter open  Left Right close, open branch  / find  Esc close the menu",
            Self::Help(_) => " Up Down scroll  PgDn PgUp page  / find  Esc close",
            Self::Palette(_) => " Enter go  Up Down choose (^P ^N)  Tab complete  Esc close",
            Self::History(..) => " Enter applies  Up Down filters typed before  Esc keeps what was",
            Self::Pick(pick, _) if pick.many => " Up Down move  Space tick  Enter apply  Esc keeps what was",
            Self::Pick(..) => " Up Down move  Enter choose  Esc keeps what was",
            Self::Tell(..) => " Up Down scroll  Esc close",
            Self::SessionActionForm(order) => order.hints(),
            Self::Undo(list) => list.hints(),
            Self::Prompt(..) | Self::About(..) => " Enter applies  Esc keeps what was",
            Self::Question(question, ..) if question.word == "y" => " y yes  any other key no",
            Self::Question(..) => " type the number, then Enter  Esc no",
            Self::Actions(..) => " letter or Enter choose  Up Down move  Esc nothing",
            Self::Quit(_, Some(_)) => " w wait  b hand over  c cancel the run  n quit now  Esc stay",
            Self::Quit(_, None) => " w wait  c cancel the run  n quit now  Esc stay",
        }
    }
}

/// A line behind its mark, which gives way to what is typed.
fn typed(mark: &str, input: &TextInput, width: usize) -> String {
    let needed = (cells(&input.text()) + 1).min(ROOM);
    let mark = cut(mark, width.saturating_sub(needed + 1));
    format!("{mark} {}", input.shown(width.saturating_sub(cells(&mark) + 1), true))
}

fn question_key(question: &Question, input: &mut TextInput, fault: &mut Option<String>, key: &Key) -> OverlayOutcome {
    if question.word == "y" {
        return if *key == Key::Char('y') { OverlayOutcome::Confirmed } else { OverlayOutcome::Close };
    }
    match key {
        Key::Esc | Key::Paste(_) => OverlayOutcome::Close,
        Key::Enter if input.text().trim() == question.word => OverlayOutcome::Confirmed,
        Key::Enter => {
            let typed = std::mem::take(input).text();
            *fault = Some(format!(
                "\"{}\" is not {}; nothing was changed. Type it again, or Esc.",
                typed.trim(),
                question.word
            ));
            OverlayOutcome::Stay
        }
        key => {
            input.key(key);
            *fault = None;
            OverlayOutcome::Stay
        }
    }
}

fn actions_key(actions: &[Action], cursor: &mut usize, key: &Key) -> OverlayOutcome {
    let chosen = |action: &Action| {
        if action.refused.is_none() { OverlayOutcome::Acted(action.letter) } else { OverlayOutcome::Stay }
    };
    match key {
        Key::Esc => OverlayOutcome::Close,
        Key::Up => {
            *cursor = cursor.saturating_sub(1);
            OverlayOutcome::Stay
        }
        Key::Down => {
            *cursor = (*cursor + 1).min(actions.len().saturating_sub(1));
            OverlayOutcome::Stay
        }
        Key::Enter => actions.get(*cursor).map_or(OverlayOutcome::Close, chosen),
        Key::Char(letter) => {
            actions.iter().find(|action| action.letter == *letter).map_or(OverlayOutcome::Stay, chosen)
        }
        _ => OverlayOutcome::Stay,
    }
}

fn prompt_key(input: &mut TextInput, fault: &mut Option<String>, key: &Key) -> OverlayOutcome {
    match key {
        Key::Enter => OverlayOutcome::Typed(input.text()),
        Key::Esc => OverlayOutcome::Close,
        key => {
            input.key(key);
            *fault = None;
            OverlayOutcome::Stay
        }
    }
}

fn pick_key(pick: &mut Pick, cursor: &mut usize, key: &Key, keymap: &Keymap) -> OverlayOutcome {
    match keymap.command(key) {
        Some(Command::Up) => *cursor = cursor.saturating_sub(1),
        Some(Command::Down) => *cursor = (*cursor + 1).min(pick.lines.len().saturating_sub(1)),
        Some(Command::First) => *cursor = 0,
        Some(Command::Last) => *cursor = pick.lines.len().saturating_sub(1),
        Some(Command::Mark) if pick.many => {
            if let Some((_, ticked)) = pick.lines.get_mut(*cursor) {
                *ticked = !*ticked;
            }
        }
        Some(Command::Open) if pick.many => {
            let ticked = pick.lines.iter().enumerate().filter(|(_, (_, ticked))| *ticked);
            return OverlayOutcome::Picked(ticked.map(|(at, _)| at).collect());
        }
        Some(Command::Open | Command::Mark) => return OverlayOutcome::Picked(vec![*cursor]),
        Some(Command::Back) => return OverlayOutcome::Close,
        _ => {}
    }
    OverlayOutcome::Stay
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_is_seen_where_it_is_typed_and_stays_when_it_is_refused() {
        let mut prompt = Overlay::Prompt("Description of it:", TextInput::with("the one before"), None);
        assert_eq!(prompt.notice(40), "Description of it: the one before█");
        for c in " was a good deal shorter".chars() {
            prompt.key(&Key::Char(c), &Keymap::default());
        }
        assert_eq!(prompt.notice(40), "Description of… was a good deal shorter█");
        let Overlay::Prompt(mark, input, _) = prompt else { panic!("it is one") };
        let refused = Overlay::Prompt(mark, input, Some("too long".to_owned()));
        assert_eq!(
            (refused.notice(40).as_str(), refused.fault()),
            ("Description of… was a good deal shorter█", Some("too long"))
        );
    }
}
