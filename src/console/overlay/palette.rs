//! The palette: finds places and commands of this screen by letters of their words.

use crate::console::overlay::OverlayOutcome;
use crate::console::overlay::navigation::{self, Found, PaletteAction};
use crate::console::protocol::effect::Effect;
use crate::console::protocol::key::Key;
use crate::console::protocol::key_table::Command;
use crate::console::view::painter::Painter;
use crate::console::view::theme::Role;
use crate::console::widgets::input::TextInput;

/// The text typed, the cursor, and the commands of this screen.
#[derive(Debug)]
pub struct Palette {
    input: TextInput,
    cursor: usize,
    /// The commands of this screen: label, key, command.
    commands: Vec<(&'static str, String, Command)>,
    /// Names of places visited, newest first.
    recent: Vec<String>,
}

impl Palette {
    /// A palette with nothing typed.
    pub fn new(commands: Vec<(&'static str, String, Command)>, recent: Vec<String>) -> Self {
        Self { input: TextInput::default(), cursor: 0, commands, recent }
    }

    fn found(&self) -> Vec<Found> {
        navigation::find(&self.input.text(), &self.commands, &self.recent)
    }

    /// Takes a key.
    pub fn key(&mut self, key: &Key) -> OverlayOutcome {
        let found = self.found();
        match key {
            Key::Esc => return OverlayOutcome::Close,
            Key::Up | Key::Ctrl('p') => self.cursor = self.cursor.saturating_sub(1),
            Key::Down | Key::Ctrl('n') => self.cursor = (self.cursor + 1).min(found.len().saturating_sub(1)),
            Key::Tab => {
                if let Some(found) = found.get(self.cursor) {
                    self.input = TextInput::with(&found.name);
                    self.cursor = 0;
                }
            }
            Key::Enter if matches!(self.input.text().trim(), "q" | "q!" | "quit") => {
                return OverlayOutcome::Obey(Command::Quit);
            }
            Key::Enter => {
                return match found.into_iter().nth(self.cursor).map(|found| found.leads) {
                    Some(PaletteAction::To(target)) => OverlayOutcome::Perform(vec![Effect::Go(target)]),
                    Some(PaletteAction::Does(command)) => OverlayOutcome::Obey(command),
                    None => OverlayOutcome::Stay,
                };
            }
            key => {
                if self.input.key(key) {
                    self.cursor = 0;
                }
            }
        }
        OverlayOutcome::Stay
    }

    /// The whole path of the place under the cursor.
    pub fn notice(&self) -> String {
        let found = self.found();
        match found.get(self.cursor) {
            Some(found) => format!("{}{}", found.place, if found.place.is_empty() { &found.name } else { "" }),
            None => "Nothing is called so. A session number or a channel database leads to it.".to_owned(),
        }
    }

    /// Draws it.
    pub fn draw(&self, painter: &mut Painter) {
        let mut painter = painter.boxed("Go to, do");
        let (width, height) = (painter.width(), painter.height());
        let (before, after) = self.input.halves();
        painter.text(1, 0, width, &format!(": {before}█{after}"), Role::Title);
        let found = self.found();
        let rows = usize::from(height.saturating_sub(2));
        let top = (self.cursor + 1).saturating_sub(rows.max(1));
        for (y, (index, found)) in (2..height).zip(found.iter().enumerate().skip(top)) {
            let mark = if index == self.cursor { '►' } else { ' ' };
            painter.text(0, y, width.saturating_sub(12), &format!("{mark} {}", found.name), Role::Text);
            painter.right(0, y, width.saturating_sub(1), &found.key, Role::Dim);
            if width >= 70 && !found.place.is_empty() && found.key.len() < 8 {
                let place = found.place.rsplit_once(" › ").map_or("", |(path, _)| path);
                painter.text(35, y, width.saturating_sub(45), place, Role::Dim);
            }
        }
        if found.is_empty() {
            painter.text(2, 2, width, "Nothing is called so.", Role::Dim);
        }
    }
}
