//! What lies over a screen: menu, help, palette, prompt, question, actions, the question before quitting.

mod draw;

use super::input::Key;
use super::keys::{self, Command};
use super::places::{self, TREE};
use super::screen::{Action, Question, Target};
use super::widgets::input::TextInput;

/// One layer over the screen.
#[derive(Debug)]
pub enum Overlay {
    /// The menu tree, with its cursor.
    Menu(usize),
    /// The help, scrolled.
    Help(u16),
    /// The palette, with its cursor.
    Palette(TextInput, usize),
    /// A line typed in the notice row, under this mark; and what was wrong with it.
    Prompt(&'static str, TextInput, Option<String>),
    /// A question before a change.
    Question(Question, TextInput),
    /// What can be done.
    Actions(String, Vec<Action>, usize),
    /// A run lives here: wait, hand it to this batch server, cancel or quit?
    Quit(Option<String>),
}

/// What a key in an overlay comes to.
#[derive(Debug, PartialEq)]
pub enum Verdict {
    /// It stays.
    Stay,
    /// It goes.
    Close,
    /// It goes, and one goes there.
    Go(Target),
    /// This line was typed.
    Typed(String),
    /// The question was confirmed.
    Confirmed,
    /// This action was chosen.
    Acted(char),
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
    pub fn key(&mut self, key: &Key) -> Verdict {
        if matches!(key, Key::Ctrl('c')) {
            return Verdict::Close;
        }
        match self {
            Self::Menu(cursor) => menu_key(cursor, key),
            Self::Help(top) => match keys::command(key) {
                Some(Command::Down) => {
                    *top += 1;
                    Verdict::Stay
                }
                Some(Command::Up) => {
                    *top = top.saturating_sub(1);
                    Verdict::Stay
                }
                Some(Command::PageDown) => {
                    *top += 10;
                    Verdict::Stay
                }
                Some(Command::PageUp) => {
                    *top = top.saturating_sub(10);
                    Verdict::Stay
                }
                Some(Command::Back | Command::Help | Command::Quit) => Verdict::Close,
                _ => Verdict::Stay,
            },
            Self::Palette(input, cursor) => palette_key(input, cursor, key),
            Self::Prompt(_, input, fault) => match key {
                Key::Enter => Verdict::Typed(input.text()),
                Key::Esc => Verdict::Close,
                key => {
                    input.key(key);
                    *fault = None;
                    Verdict::Stay
                }
            },
            Self::Question(question, input) => question_key(question, input, key),
            Self::Actions(_, actions, cursor) => actions_key(actions, cursor, key),
            Self::Quit(server) => match key {
                Key::Char('b') => server.clone().map_or(Verdict::Stay, Verdict::HandOver),
                Key::Char('w') => Verdict::QuitAfterRun,
                Key::Char('c') => Verdict::CancelRun,
                Key::Char('n') => Verdict::QuitNow,
                Key::Esc => Verdict::Close,
                _ => Verdict::Stay,
            },
        }
    }

    /// The sentence of the notice row while it is open.
    pub fn notice(&self) -> String {
        match self {
            Self::Menu(cursor) => {
                let place = &TREE[(*cursor).min(TREE.len() - 1)];
                let path = places::path(*cursor).join(" › ");
                if place.short.is_empty() { path } else { format!("{path}      :{}", place.short) }
            }
            Self::Prompt(_, _, Some(fault)) => fault.clone(),
            Self::Prompt(mark, input, None) => {
                let (before, after) = input.halves();
                format!("{mark} {before}█{after}")
            }
            Self::Help(_) => "Esc closes.".to_owned(),
            Self::Palette(..) => "Letters of a place, a session number or a channel database.".to_owned(),
            Self::Question(question, _) if question.word == "y" => {
                "y does it, any other key keeps everything as it is.".to_owned()
            }
            Self::Question(..) => {
                "Enter with anything else keeps everything as it is. Nothing has been changed yet.".to_owned()
            }
            Self::Actions(..) => "Each asks before it changes anything.".to_owned(),
            Self::Quit(_) => "Nothing is lost either way: the next run goes on where the last chunk ended.".to_owned(),
        }
    }

    /// Its keys, for the hint bar.
    pub fn hints(&self) -> &'static str {
        match self {
            Self::Menu(_) => " Enter open  Up Down choose  Esc close",
            Self::Help(_) => " Up Down scroll  Esc close",
            Self::Palette(..) => " Enter go  Up Down choose  Esc close",
            Self::Prompt(..) => " Enter applies  Esc keeps what was",
            Self::Question(question, _) if question.word == "y" => " y yes  any other key no",
            Self::Question(..) => " type the number, then Enter  Esc no",
            Self::Actions(..) => " letter or Enter choose  Up Down move  Esc nothing",
            Self::Quit(Some(_)) => " w wait  b hand over  c cancel the run  n quit now  Esc stay",
            Self::Quit(None) => " w wait  c cancel the run  n quit now  Esc stay",
        }
    }
}

fn menu_key(cursor: &mut usize, key: &Key) -> Verdict {
    let places = || (0..TREE.len()).filter(|index| (TREE[*index].target)().is_some());
    match keys::command(key) {
        Some(Command::Up) => *cursor = places().rfind(|index| index < cursor).unwrap_or(*cursor),
        Some(Command::Down) => *cursor = places().find(|index| index > cursor).unwrap_or(*cursor),
        Some(Command::First) => *cursor = places().next().unwrap_or(0),
        Some(Command::Last) => *cursor = places().next_back().unwrap_or(0),
        Some(Command::Open | Command::Right) => return (TREE[*cursor].target)().map_or(Verdict::Stay, Verdict::Go),
        Some(Command::Numbered(digit)) => return places::numbered(digit).map_or(Verdict::Stay, Verdict::Go),
        Some(Command::Back | Command::Menu) => return Verdict::Close,
        _ => {}
    }
    Verdict::Stay
}

fn palette_key(input: &mut TextInput, cursor: &mut usize, key: &Key) -> Verdict {
    let found = places::find(&input.text());
    match key {
        Key::Esc => return Verdict::Close,
        Key::Up | Key::Ctrl('p') => *cursor = cursor.saturating_sub(1),
        Key::Down | Key::Ctrl('n') => *cursor = (*cursor + 1).min(found.len().saturating_sub(1)),
        Key::Enter if matches!(input.text().trim(), "q" | "q!" | "quit") => return Verdict::QuitAfterRun,
        Key::Enter => {
            return found.into_iter().nth(*cursor).map_or(Verdict::Stay, |(_, _, target)| Verdict::Go(target));
        }
        key => {
            if input.key(key) {
                *cursor = 0;
            }
        }
    }
    Verdict::Stay
}

fn question_key(question: &Question, input: &mut TextInput, key: &Key) -> Verdict {
    if question.word == "y" {
        return if *key == Key::Char('y') { Verdict::Confirmed } else { Verdict::Close };
    }
    match key {
        Key::Esc | Key::Paste(_) => Verdict::Close,
        Key::Enter if input.text().trim() == question.word => Verdict::Confirmed,
        Key::Enter => Verdict::Close,
        key => {
            input.key(key);
            Verdict::Stay
        }
    }
}

fn actions_key(actions: &[Action], cursor: &mut usize, key: &Key) -> Verdict {
    let chosen = |action: &Action| if action.refused.is_none() { Verdict::Acted(action.letter) } else { Verdict::Stay };
    match key {
        Key::Esc => Verdict::Close,
        Key::Up => {
            *cursor = cursor.saturating_sub(1);
            Verdict::Stay
        }
        Key::Down => {
            *cursor = (*cursor + 1).min(actions.len().saturating_sub(1));
            Verdict::Stay
        }
        Key::Enter => actions.get(*cursor).map_or(Verdict::Close, chosen),
        Key::Char(letter) => actions.iter().find(|action| action.letter == *letter).map_or(Verdict::Stay, chosen),
        _ => Verdict::Stay,
    }
}
