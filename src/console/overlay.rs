//! What lies over a screen: menu, help, palette, prompt, question, actions, the question before quitting.

use super::input::Key;
use super::keys::{self, Command};
use super::painter::Painter;
use super::places::{self, TREE};
use super::screen::{Action, Question, Target};
use super::theme::Role;
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
    /// A run lives here: wait, cancel or quit?
    Quit,
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
            Self::Quit => match key {
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
            Self::Quit => "Nothing is lost either way: the next run goes on where the last chunk ended.".to_owned(),
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
            Self::Quit => " w wait  c cancel the run  n quit now  Esc stay",
        }
    }

    /// Draws it over the screen's area (without breadcrumb, freshness, notice and hints).
    pub fn draw(&mut self, painter: &mut Painter, offers: impl Fn(Command) -> bool) {
        let (width, height) = (painter.width(), painter.height());
        match self {
            Self::Menu(cursor) => draw_menu(&mut painter.part(0, 0, 36.min(width), height), *cursor),
            Self::Help(top) => draw_help(painter, top, offers),
            Self::Palette(input, cursor) => {
                let mut part = painter.part(0, 0, width.min(96), height.min(12));
                draw_palette(&mut part.boxed("Go to"), input, *cursor);
            }
            Self::Prompt(..) => {}
            Self::Question(question, input) => {
                let rows = u16::try_from(question.lines.len()).unwrap_or(8) + 5;
                let mut part = painter.part(3, 1, width.saturating_sub(6).min(76), rows.min(height));
                let mut inside = part.boxed(&question.title);
                for (y, line) in (1..).zip(&question.lines) {
                    inside.text(1, y, 72, line, Role::Text);
                }
                let ask = if question.word == "y" {
                    "y does it, any other key keeps it.".to_owned()
                } else {
                    format!("Type {} and Enter: ►[{:<10}]◄", question.word, input.text())
                };
                inside.text(1, rows - 3, 72, &ask, Role::Title);
            }
            Self::Actions(title, actions, cursor) => {
                let rows = u16::try_from(actions.len()).unwrap_or(8) + 2;
                let mut part = painter.part(6, 2, width.saturating_sub(8).min(64), rows.min(height));
                let mut inside = part.boxed(title);
                for (y, action) in (0..).zip(actions.iter()) {
                    let mark = if usize::from(y) == *cursor { '►' } else { ' ' };
                    let role = if action.refused.is_some() { Role::Dim } else { Role::Text };
                    inside.text(1, y, 60, &format!("{mark}{}  {}", action.letter, action.label), role);
                    if let Some(why) = &action.refused {
                        inside.right(24, y, 36, why, Role::Dim);
                    }
                }
            }
            Self::Quit => {
                let mut part = painter.part(3, 2, width.saturating_sub(6).min(72), 6.min(height));
                let mut inside = part.boxed("A run lives in this console");
                for (y, line) in (0..).zip([
                    "w  Wait here until it has ended, then quit",
                    "c  Cancel it: it ends at this chunk; what was transferred stays",
                    "n  Quit now: it ends at this chunk; the next run goes on there",
                ]) {
                    inside.text(2, y, 66, line, Role::Text);
                }
            }
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

fn draw_menu(painter: &mut Painter, cursor: usize) {
    painter.clear();
    painter.rule(0, "Menu", "", true);
    let (width, height) = (painter.width(), painter.height());
    for y in 1..height {
        painter.text(width - 1, y, 1, "║", Role::Text);
    }
    for (y, (index, place)) in (1..height).zip(TREE.iter().enumerate()) {
        let indent = usize::from(place.depth) * 2 + 1;
        let mark = match ((place.target)().is_some(), place.digit) {
            (false, _) => "▼ ".to_owned(),
            (true, Some(digit)) => format!("{digit} "),
            (true, None) => "  ".to_owned(),
        };
        painter.text(indent as u16, y, width - 3, &format!("{mark}{}", place.name), Role::Text);
        if index == cursor {
            painter.text(0, y, 1, "►", Role::Text);
            painter.shade(0, y, width - 1, Role::Cursor);
        }
    }
}

fn draw_help(painter: &mut Painter, top: &mut u16, offers: impl Fn(Command) -> bool) {
    painter.clear();
    painter.rule(0, "Help: keys", "dimmed: nothing to do on this screen", true);
    let lines: Vec<_> = keys::TABLE
        .iter()
        .map(|binding| {
            let role = if offers(binding.command) { Role::Text } else { Role::Dim };
            (format!(" {:<10} {}", binding.shown, binding.label), role)
        })
        .chain([(String::new(), Role::Text)])
        .chain(super::screens::FILTER_LINES.iter().map(|line| (format!(" {line}"), Role::Text)))
        .collect();
    let (width, height) = (painter.width(), painter.height());
    let columns = if width >= 110 { 2 } else { 1 };
    let rows = u16::try_from(lines.len().div_ceil(usize::from(columns))).unwrap_or(u16::MAX);
    *top = (*top).min((rows + 1).saturating_sub(height));
    for (index, (line, role)) in (0..).zip(&lines) {
        let (column, row) = (index / rows, index % rows);
        if row >= *top {
            painter.text(column * (width / columns), row - *top + 1, width / columns, line, *role);
        }
    }
}

fn draw_palette(painter: &mut Painter, input: &TextInput, cursor: usize) {
    let width = painter.width();
    let (before, after) = input.halves();
    painter.text(1, 0, width, &format!(": {before}█{after}"), Role::Title);
    for (y, (index, (name, short, _))) in (2..painter.height()).zip(places::find(&input.text()).iter().enumerate()) {
        let mark = if index == cursor { '►' } else { ' ' };
        painter.text(0, y, width, &format!("{mark} {name}"), Role::Text);
        painter.right(0, y, width.saturating_sub(2), short, Role::Dim);
    }
}
