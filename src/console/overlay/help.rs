//! Help: the keys of this screen, the glyphs, the filter's language, the statuses.

use crate::console::overlay::OverlayOutcome;
use crate::console::protocol::key::Key;
use crate::console::protocol::key_table::{Command, Scope};
use crate::console::protocol::keymap::Keymap;
use crate::console::view::filter_help::FILTER_LINES;
use crate::console::view::legend::{MARKS, color_lines, status_lines};
use crate::console::view::painter::{Painter, cells, wrap};
use crate::console::view::theme::{Role, Theme};
use crate::console::widgets::input::TextInput;
use std::ops::Range;

/// The page shown, its scroll position, and the text that narrows it.
#[derive(Debug, Default)]
pub struct Help {
    /// The screen or form that it opened over.
    name: String,
    /// The form's fields, a sentence each; `None` over a screen that is no form.
    form: Option<Vec<String>>,
    page: usize,
    top: usize,
    find: Option<TextInput>,
    /// Whether the text is being typed.
    is_typing: bool,
}

type Lines = Vec<(String, Role)>;

/// The number of the page of colors and marks.
const LEGEND: usize = 2;

/// The keys of every form.
const FORM_KEYS: [(&str, &str); 9] = [
    ("Enter", "goes to OK; on OK, Cancel or a button it presses it"),
    ("Tab Down", "next field"),
    ("S-Tab Up", "previous field"),
    ("Space", "ticks, chooses, opens a list"),
    ("Left Right", "moves in a field, in a row of choices, between buttons"),
    ("+ -", "steps a number, a date, a time, a choice"),
    ("t", "today or now, in a date or a time"),
    ("PgUp PgDn", "the other tab, if the form has tabs"),
    ("Esc", "cancels; asks first if something was filled in"),
];

impl Help {
    /// Help over a screen, or over a form with these fields.
    pub fn new(name: &str, form: Option<Vec<String>>) -> Self {
        Self { name: name.to_owned(), form, ..Self::default() }
    }

    /// Help at its page of colors and marks.
    pub fn legend() -> Self {
        Self { page: LEGEND, ..Self::default() }
    }

    /// Takes a key.
    pub fn key(&mut self, key: &Key, keymap: &Keymap) -> OverlayOutcome {
        if let Some(find) = self.find.as_mut().filter(|_| self.is_typing) {
            match key {
                Key::Esc => (self.find, self.is_typing) = (None, false),
                Key::Enter => self.is_typing = false,
                key => _ = find.key(key),
            }
            self.top = 0;
            return OverlayOutcome::Stay;
        }
        match keymap.command(key) {
            Some(Command::Down) => self.top = self.top.saturating_add(1),
            Some(Command::Up) => self.top = self.top.saturating_sub(1),
            Some(Command::First) => self.top = 0,
            Some(Command::Last) => self.top = usize::MAX,
            Some(Command::PageDown | Command::NextPane) => (self.page, self.top) = ((self.page + 1).min(LEGEND), 0),
            Some(Command::PageUp | Command::PreviousPane) => {
                (self.page, self.top) = (self.page.saturating_sub(1), 0);
            }
            Some(Command::Filter) => {
                self.find.get_or_insert_with(TextInput::default);
                self.is_typing = true;
            }
            Some(Command::Back) if self.find.is_some() => (self.find, self.top) = (None, 0),
            Some(Command::Back | Command::Help | Command::Quit) => return OverlayOutcome::Close,
            _ => {}
        }
        OverlayOutcome::Stay
    }

    /// The sentence of the notice row.
    pub fn notice(&self) -> String {
        match &self.find {
            Some(find) if self.is_typing => {
                let (before, after) = find.halves();
                format!("/{before}█{after}")
            }
            Some(find) => format!("Lines with \"{}\"; Esc shows all.", find.text()),
            None if self.page > 0 => String::new(),
            None if self.form.is_some() => "Letters and digits go into the field.".to_owned(),
            None => "Dimmed: nothing to do on this screen.".to_owned(),
        }
    }

    /// The columns of the page.
    fn columns(&self, (width, theme): (usize, Theme), keymap: &Keymap, offers: &dyn Fn(Command) -> bool) -> Vec<Lines> {
        let own = if self.name.is_empty() { "This list" } else { &self.name };
        let scopes = [(own, Scope::Some), ("Every list", Scope::Rows), ("Everywhere", Scope::Everywhere)];
        let sections = |room: usize| match &self.form {
            Some(fields) => vec![form_lines(own, fields, room)],
            None => {
                scopes.iter().map(|(title, scope)| titled(title, keys(keymap, *scope, offers, room), room)).collect()
            }
        };
        let wanted = self.find.as_ref().map(|find| find.text().to_lowercase()).filter(|text| !text.is_empty());
        match (wanted, self.page) {
            (Some(text), _) => {
                let mut lines: Lines = sections(width).into_iter().flatten().collect();
                lines.extend(filters(width.saturating_sub(2)));
                lines.extend(legend(width.saturating_sub(2), theme));
                lines.retain(|(line, _)| line.to_lowercase().contains(&text));
                if lines.is_empty() {
                    lines.push((format!("No line of the help contains \"{text}\"."), Role::Dim));
                }
                vec![lines]
            }
            (None, 0) if width >= 78 => sections(if self.form.is_some() { width } else { (width - 2) / 3 }),
            (None, 0) => vec![sections(width).into_iter().flatten().collect()],
            (None, LEGEND) => vec![legend(width.saturating_sub(2), theme)],
            (None, _) => vec![filters(width.saturating_sub(2))],
        }
    }

    /// Draws the help; `offers` says which commands the screen beneath uses.
    pub fn draw(&mut self, painter: &mut Painter, keymap: &Keymap, offers: &dyn Fn(Command) -> bool) {
        painter.clear();
        let columns = self.columns((usize::from(painter.width()), painter.theme), keymap, offers);
        let (name, remark) = match (self.page, &self.form) {
            (0, None) => ("Help: keys", "{page_down}: filter, statuses"),
            (0, Some(_)) => ("Help: this form", "{page_down}: filter, statuses"),
            (LEGEND, _) => ("Help: colors, marks", "{page_up}: filter, statuses"),
            _ => ("Help: filter, statuses", "{page_up}: keys  {page_down}: colors, marks"),
        };
        painter.rule(0, name, &keymap.named(remark), true);
        let height = usize::from(painter.height().saturating_sub(1));
        let longest = columns.iter().map(Vec::len).max().unwrap_or(0);
        // A line says what is below; it needs a row of its own.
        let rows = if longest > height { height.saturating_sub(1) } else { height };
        self.top = self.top.min(longest.saturating_sub(rows));
        let room = painter.width().saturating_sub(2) / u16::try_from(columns.len()).unwrap_or(1).max(1);
        for (x, lines) in (0..).zip(&columns) {
            for (y, (line, role)) in (1..).zip(lines.iter().skip(self.top).take(rows)) {
                painter.text(1 + x * room, y, room, line, if *role == Role::Match { Role::Text } else { *role });
                if *role == Role::Match {
                    // The underline ends with the words.
                    painter.matches(1 + x * room, y, line, &columns_of(line));
                }
            }
        }
        if rows < height {
            let below = longest.saturating_sub(self.top + rows);
            let more = match (self.top, below) {
                (above, 0) => format!("▲ {above} more lines above"),
                (0, below) => format!("▼ {below} more lines below"),
                (above, below) => format!("▲ {above} more lines above  ▼ {below} below"),
            };
            painter.text_right(0, painter.height() - 1, painter.width().saturating_sub(1), &more, Role::Dim);
        }
    }
}

/// The keys of a form, and its fields.
fn form_lines(name: &str, fields: &[String], room: usize) -> Lines {
    let keys = FORM_KEYS.iter().flat_map(|(keys, words)| {
        let lines = wrap(words, room.saturating_sub(15)).into_iter().enumerate();
        let line = |(at, line)| (format!("{:<13}{line}", if at == 0 { *keys } else { "" }), Role::Text);
        lines.map(line).collect::<Lines>()
    });
    let mut lines = titled(name, keys.collect(), room);
    if !fields.is_empty() {
        let text = fields.iter().flat_map(|field| wrap(field, room.saturating_sub(2)));
        lines.extend(titled("Its fields", text.map(|line| (line, Role::Text)).collect(), room));
    }
    lines
}

fn titled(title: &str, mut lines: Lines, room: usize) -> Lines {
    lines.insert(0, (title.to_owned(), Role::Title));
    lines.insert(1, ("─".repeat(room.saturating_sub(2)), Role::Dim));
    lines.push((String::new(), Role::Text));
    lines
}

fn keys(keymap: &Keymap, scope: Scope, offers: &dyn Fn(Command) -> bool, room: usize) -> Lines {
    let mut lines = Lines::new();
    let mut entries: Vec<_> = keymap.help(scope);
    let is_offered = |commands: &[Command]| commands.iter().any(|command| offers(*command));
    // What the screen has comes first.
    entries.sort_by_key(|(_, _, commands)| !is_offered(commands));
    for (keys, words, commands) in entries {
        let role = if is_offered(&commands) { Role::Text } else { Role::Dim };
        let indent = if room < 40 { 10.max(cells(&keys) + 1) } else { 12.max(cells(&keys) + 1) };
        for (at, part) in wrap(words, room.saturating_sub(indent + 1)).into_iter().enumerate() {
            let keys = if at == 0 { keys.as_str() } else { "" };
            lines.push((format!("{keys:<indent$}{part}"), role));
        }
    }
    lines
}

/// The parts of a line that two or more blanks separate.
fn columns_of(line: &str) -> Vec<Range<usize>> {
    let mut end = 0;
    let parts = line.split("  ").map(|part| {
        let begin = end + part.len() - part.trim_start().len();
        let range = begin..end + part.len();
        end += part.len() + 2;
        range
    });
    parts.filter(|range| !range.is_empty()).collect()
}

/// Wraps a line; of one with an example before its words, the words keep their column.
fn in_columns(line: &str, room: usize) -> Vec<String> {
    let indent = line.len() - line.trim_start().len();
    let words = line[indent..].find("  ").map(|at| indent + at);
    let Some(words) = words.filter(|_| cells(line) > room) else { return wrap(line, room) };
    let column = words + line[words..].len() - line[words..].trim_start().len();
    let (example, words) = (&line[..column], &line[column..]);
    let part = |(at, part): (usize, String)| {
        let before = if at == 0 { example.to_owned() } else { " ".repeat(cells(example)) };
        format!("{before}{part}")
    };
    wrap(words, room.saturating_sub(cells(example)).max(10)).into_iter().enumerate().map(part).collect()
}

fn filters(room: usize) -> Lines {
    let titled = |title: &str| (title.to_owned(), Role::Title);
    let text = |line: &str| in_columns(line, room).into_iter().map(|line| (line, Role::Text)).collect::<Lines>();
    let mut lines = vec![titled("The filter")];
    lines.extend(FILTER_LINES.iter().flat_map(|line| text(line)));
    for (title, statuses) in status_lines() {
        lines.extend([(String::new(), Role::Text), titled(title)]);
        lines.extend(statuses.iter().flat_map(|line| text(line)));
    }
    lines
}

fn legend(room: usize, theme: Theme) -> Lines {
    let mut lines = vec![(format!("Colors of this theme: {}", theme.depth.words()), Role::Title)];
    lines.extend(color_lines(theme));
    lines.extend([(String::new(), Role::Text), ("Marks".to_owned(), Role::Title)]);
    let marks = MARKS.iter().flat_map(|line| in_columns(line, room));
    lines.extend(marks.map(|line| (line, Role::Text)));
    lines
}
