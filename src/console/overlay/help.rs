//! Help: the keys of this screen, the glyphs, the filter's language, the statuses.

use crate::console::overlay::OverlayOutcome;
use crate::console::protocol::key::Key;
use crate::console::protocol::key_table::{Command, Scope};
use crate::console::protocol::keymap::Keymap;
use crate::console::view::legend::{FILTER_LINES, GLYPHS, status_lines};
use crate::console::view::painter::{Painter, cells, wrap};
use crate::console::view::theme::Role;
use crate::console::widgets::input::TextInput;

/// The page shown, its scroll position, and the text that narrows it.
#[derive(Debug, Default)]
pub struct Help {
    page: usize,
    top: usize,
    find: Option<TextInput>,
}

type Lines = Vec<(String, Role)>;

impl Help {
    /// Takes a key.
    pub fn key(&mut self, key: &Key, keymap: &Keymap) -> OverlayOutcome {
        if let Some(find) = &mut self.find {
            match key {
                Key::Esc | Key::Enter => self.find = None,
                key => _ = find.key(key),
            }
            self.top = 0;
            return OverlayOutcome::Stay;
        }
        match keymap.command(key) {
            Some(Command::Down) => self.top += 1,
            Some(Command::Up) => self.top = self.top.saturating_sub(1),
            Some(Command::PageDown | Command::NextPane) => (self.page, self.top) = (1, 0),
            Some(Command::PageUp | Command::PreviousPane) => (self.page, self.top) = (0, 0),
            Some(Command::Filter) => self.find = Some(TextInput::default()),
            Some(Command::Back | Command::Help | Command::Quit) => return OverlayOutcome::Close,
            _ => {}
        }
        OverlayOutcome::Stay
    }

    /// The sentence of the notice row.
    pub fn notice(&self) -> String {
        match &self.find {
            Some(find) => {
                let (before, after) = find.halves();
                format!("/{before}█{after}")
            }
            None => "Dimmed: nothing to do on this screen.".to_owned(),
        }
    }

    /// Draws it.
    pub fn draw(&mut self, painter: &mut Painter, keymap: &Keymap, offers: &dyn Fn(Command) -> bool) {
        painter.clear();
        let width = usize::from(painter.width());
        let wanted = self.find.as_ref().map(|find| find.text().to_lowercase()).filter(|text| !text.is_empty());
        let scopes = [("This list", Scope::Some), ("Every list", Scope::Rows), ("Everywhere", Scope::Everywhere)];
        let columns: Vec<Lines> = match (&wanted, self.page) {
            (Some(text), _) => {
                let mut lines: Lines =
                    scopes.iter().flat_map(|(_, scope)| keys(keymap, *scope, offers, width)).collect();
                lines.extend(second_page(width.saturating_sub(2)));
                lines.retain(|(line, _)| line.to_lowercase().contains(text));
                vec![lines]
            }
            (None, 0) if width >= 78 => {
                let room = (width - 2) / 3;
                scopes.iter().map(|(title, scope)| titled(title, keys(keymap, *scope, offers, room), room)).collect()
            }
            (None, 0) => {
                vec![
                    scopes
                        .iter()
                        .flat_map(|(title, scope)| titled(title, keys(keymap, *scope, offers, width), width))
                        .collect(),
                ]
            }
            (None, _) => vec![second_page(width.saturating_sub(2))],
        };
        let (name, remark) = if self.page == 0 {
            ("Help: keys", "{page_down}: filter, statuses")
        } else {
            ("Help: filter, statuses", "{page_up}: keys")
        };
        painter.rule(0, name, &keymap.named(remark), true);
        let height = usize::from(painter.height().saturating_sub(1));
        let longest = columns.iter().map(Vec::len).max().unwrap_or(0);
        self.top = self.top.min(longest.saturating_sub(height));
        let room = painter.width().saturating_sub(2) / u16::try_from(columns.len()).unwrap_or(1).max(1);
        for (x, lines) in (0..).zip(&columns) {
            for (y, (line, role)) in (1..painter.height()).zip(lines.iter().skip(self.top)) {
                painter.text(1 + x * room, y, room, line, *role);
            }
        }
    }
}

fn titled(title: &str, mut lines: Lines, room: usize) -> Lines {
    lines.insert(0, (title.to_owned(), Role::Title));
    lines.insert(1, ("─".repeat(room.saturating_sub(2)), Role::Dim));
    lines.push((String::new(), Role::Text));
    lines
}

fn keys(keymap: &Keymap, scope: Scope, offers: &dyn Fn(Command) -> bool, room: usize) -> Lines {
    let mut lines = Lines::new();
    for (keys, words, commands) in keymap.help(scope) {
        let role = if commands.iter().any(|command| offers(*command)) { Role::Text } else { Role::Dim };
        let indent = if room < 40 { 10.max(cells(&keys) + 1) } else { 12.max(cells(&keys) + 1) };
        for (at, part) in wrap(words, room.saturating_sub(indent + 1)).into_iter().enumerate() {
            let keys = if at == 0 { keys.as_str() } else { "" };
            lines.push((format!("{keys:<indent$}{part}"), role));
        }
    }
    lines
}

fn second_page(room: usize) -> Lines {
    let titled = |title: &str| (title.to_owned(), Role::Title);
    let text = |line: &str| wrap(line, room).into_iter().map(|line| (line, Role::Text)).collect::<Lines>();
    let mut lines = vec![titled("The filter")];
    lines.extend(FILTER_LINES.iter().flat_map(|line| text(line)));
    lines.extend([(String::new(), Role::Text), titled("Shapes")]);
    lines.extend(GLYPHS.iter().flat_map(|line| text(line)));
    for (title, statuses) in status_lines() {
        lines.extend([(String::new(), Role::Text), titled(title)]);
        lines.extend(statuses.iter().flat_map(|line| text(line)));
    }
    lines
}
