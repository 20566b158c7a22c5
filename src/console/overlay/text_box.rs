//! A box that shows a text, or a record in two forms, with find; a pager can show it instead.

use crate::console::overlay::sizing::{MAX_LINE_CELLS, MIN_TEXT_BOX_WIDTH};
use crate::console::overlay::{OverlayOutcome, sizing};
use crate::console::protocol::key::Key;
use crate::console::protocol::key_table::Command;
use crate::console::protocol::keymap::Keymap;
use crate::console::view::painter::{Painter, cells, wrap};
use crate::console::view::theme::{Role, Surface};
use crate::console::widgets::input::TextInput;
use serde_json::Value;

/// Lines that a page scrolls.
const PAGE_LINES: usize = 10;
/// The key that opens the pager.
const PAGER: Key = Key::Char('|');

/// The text, scrolled.
#[derive(Debug)]
pub struct TextBox {
    title: String,
    /// The forms of the text: a name and the lines.
    forms: Vec<(&'static str, Vec<String>)>,
    form: usize,
    top: usize,
    find: TextInput,
    /// Whether the text to find is being typed.
    is_typing: bool,
    /// The line found last, of those that are drawn.
    hit: Option<usize>,
    /// The lines as they were drawn last.
    drawn: Vec<String>,
}

impl TextBox {
    /// A box that shows the text from its beginning.
    pub fn new(title: String, lines: Vec<String>) -> Self {
        Self {
            title,
            forms: vec![("", lines)],
            form: 0,
            top: 0,
            find: TextInput::default(),
            is_typing: false,
            hit: None,
            drawn: Vec::new(),
        }
    }

    /// A box that shows a record field by field, and as JSON.
    pub fn record(title: String, record: &Value) -> Self {
        let json = serde_json::to_string_pretty(record).unwrap_or_default();
        let forms = vec![("fields", fields(record)), ("JSON", json.lines().map(str::to_owned).collect())];
        Self { forms, ..Self::new(title, Vec::new()) }
    }

    /// The text of the form that is shown.
    fn text(&self) -> String {
        let lines = self.forms.get(self.form).map(|(_, lines)| lines.as_slice()).unwrap_or_default();
        lines.iter().flat_map(|line| [line, "\n"]).collect()
    }

    /// Takes a key.
    pub fn key(&mut self, key: &Key, keymap: &Keymap) -> OverlayOutcome {
        if self.is_typing {
            match key {
                Key::Esc => (self.find, self.is_typing) = (TextInput::default(), false),
                Key::Enter => {
                    self.is_typing = false;
                    self.find_from(None, true);
                }
                key => _ = self.find.key(key),
            }
            return OverlayOutcome::Stay;
        }
        if *key == PAGER {
            return OverlayOutcome::Page(self.text());
        }
        match keymap.command(key) {
            Some(Command::Down) => self.top = self.top.saturating_add(1),
            Some(Command::Up) => self.top = self.top.saturating_sub(1),
            Some(Command::PageDown) => self.top = self.top.saturating_add(PAGE_LINES),
            Some(Command::PageUp) => self.top = self.top.saturating_sub(PAGE_LINES),
            Some(Command::First) => self.top = 0,
            Some(Command::Last) => self.top = usize::MAX,
            Some(Command::NextPane | Command::PreviousPane) if self.forms.len() > 1 => {
                self.form = (self.form + 1) % self.forms.len();
                (self.top, self.hit) = (0, None);
            }
            Some(Command::Filter) => (self.find, self.is_typing) = (TextInput::default(), true),
            Some(Command::NextHit) => self.find_from(self.hit, true),
            Some(Command::PreviousHit) => self.find_from(self.hit, false),
            Some(Command::Back | Command::Open | Command::Explain | Command::Record | Command::Quit) => {
                return OverlayOutcome::Close;
            }
            _ => {}
        }
        OverlayOutcome::Stay
    }

    /// Goes to the nearest line with the text to find; around the end if there is none before it.
    fn find_from(&mut self, from: Option<usize>, forward: bool) {
        let text = self.find.text().to_lowercase();
        let is_hit = |line: &String| !text.is_empty() && line.to_lowercase().contains(&text);
        let hits: Vec<_> = self.drawn.iter().enumerate().filter(|(_, line)| is_hit(line)).map(|(at, _)| at).collect();
        let next = match (forward, from) {
            (true, Some(from)) => hits.iter().find(|at| **at > from).or(hits.first()),
            (false, Some(from)) => hits.iter().rev().find(|at| **at < from).or(hits.last()),
            (_, None) => hits.first(),
        };
        self.hit = next.copied();
        self.top = self.hit.map_or(self.top, |at| at.saturating_sub(1));
    }

    /// The sentence of the notice row, or the text that is typed there.
    pub fn notice(&self) -> String {
        if self.is_typing {
            let (before, after) = self.find.halves();
            return format!("/{before}█{after}");
        }
        match (self.find.text(), self.hit) {
            (text, _) if text.is_empty() => String::new(),
            (text, None) => format!("no line contains \"{text}\""),
            (text, Some(_)) => format!("Find: {text}"),
        }
    }

    /// Its keys, for the hint bar.
    pub fn hints(&self, keymap: &Keymap) -> String {
        if self.is_typing {
            return " Enter find  Esc cancel".to_owned();
        }
        let other = self.forms.get((self.form + 1) % self.forms.len().max(1)).map_or("", |(name, _)| name);
        let other = if other.is_empty() { String::new() } else { format!("{{next_pane}} {other}  ") };
        let hits = if self.find.text().is_empty() { "" } else { "{next_hit} next  " };
        keymap.named(&format!(" {{up}} {{down}} scroll  {other}{{filter}} find  {hits}| pager  {{back}} close"))
    }

    /// Draws it over the screen.
    pub fn draw(&mut self, painter: &mut Painter) {
        let (width, height) = (painter.width(), painter.height());
        let all = || self.forms.iter().flat_map(|(_, lines)| lines);
        let widest = all().map(|line| cells(line)).max().unwrap_or(0);
        let columns =
            sizing::columns(&self.title, widest.min(MAX_LINE_CELLS), MIN_TEXT_BOX_WIDTH, width.saturating_sub(6));
        let room = usize::from(columns.saturating_sub(4));
        let lines = self.forms.get(self.form).map(|(_, lines)| lines.as_slice()).unwrap_or_default();
        self.drawn = lines.iter().flat_map(|line| wrap(line, room)).collect();
        let rows = u16::try_from(self.drawn.len() + 2).unwrap_or(u16::MAX).min(height.saturating_sub(1)).max(3);
        let mut part = painter.part(3, 1, columns, rows);
        let mut inside = part.boxed(&self.title);
        self.top = self.top.min(self.drawn.len().saturating_sub(usize::from(inside.height())));
        for (y, (at, line)) in (0..inside.height()).zip(self.drawn.iter().enumerate().skip(self.top)) {
            let used = inside.text(1, y, columns, line, Role::Text);
            if self.hit == Some(at) {
                inside.cover(1, y, used, Surface::Cursor);
            }
        }
    }
}

/// A record field by field, nested ones with the path to them.
fn fields(record: &Value) -> Vec<String> {
    let mut flat = Vec::new();
    flatten("", record, &mut flat);
    let widest = flat.iter().map(|(name, _)| cells(name)).max().unwrap_or(0);
    let lines = flat.iter().flat_map(|(name, value)| {
        let pad = " ".repeat(widest - cells(name));
        value.lines().enumerate().map(move |(at, line)| match at {
            0 => format!("{name}{pad}  {line}"),
            _ => format!("{:widest$}  {line}", ""),
        })
    });
    lines.collect()
}

fn flatten(name: &str, value: &Value, flat: &mut Vec<(String, String)>) {
    let inside = |key: &str| if name.is_empty() { key.to_owned() } else { format!("{name}.{key}") };
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            fields.iter().for_each(|(key, value)| flatten(&inside(key), value, flat));
        }
        Value::Array(items) if !items.is_empty() => {
            (1..).zip(items).for_each(|(at, value): (usize, _)| flatten(&inside(&at.to_string()), value, flat));
        }
        Value::String(text) if !text.is_empty() => flat.push((name.to_owned(), text.clone())),
        Value::Bool(_) | Value::Number(_) => flat.push((name.to_owned(), value.to_string())),
        // Without a value.
        _ => flat.push((name.to_owned(), "–".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn press(shown: &mut TextBox, keys: &str) -> OverlayOutcome {
        let keymap = Keymap::default();
        let key = |c| if c == '\n' { Key::Enter } else { Key::Char(c) };
        keys.chars().map(|c| shown.key(&key(c), &keymap)).last().expect("a key")
    }

    #[test]
    fn a_record_has_every_field_also_nested_and_empty_ones() {
        let record = json!({"status": "failed", "rows": 7, "path": null, "last_error": {"at": 1, "message": "a\nb"}, "notes": []});
        let lines = fields(&record);
        let expected = [
            "status              failed",
            "rows                7",
            "path                –",
            "last_error.at       1",
            "last_error.message  a",
            "                    b",
            "notes               –",
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn find_goes_from_hit_to_hit_and_around() {
        let mut shown = TextBox::new("A text".to_owned(), Vec::new());
        shown.drawn = ["one", "two", "One more"].map(str::to_owned).to_vec();
        press(&mut shown, "/one\n");
        assert_eq!(shown.hit, Some(0));
        press(&mut shown, "n");
        assert_eq!(shown.hit, Some(2));
        press(&mut shown, "n");
        assert_eq!(shown.hit, Some(0), "around the end");
        press(&mut shown, "N");
        assert_eq!(shown.hit, Some(2));
        press(&mut shown, "/zebra\n");
        assert_eq!((shown.hit, shown.notice().as_str()), (None, "no line contains \"zebra\""));
    }

    #[test]
    fn the_pager_gets_the_form_that_is_shown() {
        let mut shown = TextBox::record("A row".to_owned(), &json!({"rows": 7}));
        assert!(matches!(press(&mut shown, "|"), OverlayOutcome::Page(text) if text == "rows  7\n"));
        shown.key(&Key::Tab, &Keymap::default());
        assert!(matches!(press(&mut shown, "|"), OverlayOutcome::Page(text) if text == "{\n  \"rows\": 7\n}\n"));
        assert!(matches!(press(&mut shown, "/|"), OverlayOutcome::Stay), "it is typed");
    }
}
