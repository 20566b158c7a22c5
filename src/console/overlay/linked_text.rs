//! A text whose lines lead somewhere, in a box or a pane: the cursor goes from line to line, Enter
//! follows one.

use crate::console::overlay::sizing::{MAX_LINE_CELLS, MIN_TEXT_BOX_WIDTH};
use crate::console::overlay::{OverlayOutcome, sizing};
use crate::console::protocol::effect::{LinkedLine, Tone};
use crate::console::protocol::key::Key;
use crate::console::protocol::key_table::Command;
use crate::console::protocol::keymap::Keymap;
use crate::console::view::hits::Hit;
use crate::console::view::painter::{Painter, cells, wrap};
use crate::console::view::pane::PaneWindow;
use crate::console::view::theme::{Role, Surface};

/// Lines that a page moves.
const PAGE_LINES: usize = 10;
/// The key that opens the pager.
const PAGER: Key = Key::Char('|');
/// Cells before a text for the cursor's mark, and behind it for the mark of a line that leads
/// somewhere.
const MARK_CELLS: usize = 4;

/// The text, with a cursor on one of its lines.
#[derive(Debug)]
pub struct LinkedText {
    title: String,
    lines: Vec<LinkedLine>,
    cursor: usize,
    top: usize,
}

impl LinkedText {
    /// A box with the cursor on the first line.
    pub fn new(title: String, lines: Vec<LinkedLine>) -> Self {
        Self { title, lines, cursor: 0, top: 0 }
    }

    /// Shows newer lines; the cursor stays.
    pub fn renew(&mut self, title: String, lines: Vec<LinkedLine>) {
        self.cursor = self.cursor.min(lines.len().saturating_sub(1));
        (self.title, self.lines) = (title, lines);
    }

    /// Moves the cursor to a line, by its number.
    pub fn focus(&mut self, line: usize) {
        if self.lines.get(line).is_some_and(|line| !line.text.is_empty()) {
            self.cursor = line;
        }
    }

    /// Moves the cursor by this many lines.
    pub fn scroll(&mut self, lines: i16) {
        self.step(usize::from(lines.unsigned_abs()), lines > 0);
    }

    /// Takes a key.
    pub fn key(&mut self, key: &Key, keymap: &Keymap) -> OverlayOutcome {
        if *key == PAGER {
            let text = self.lines.iter().flat_map(|line| [line.text.as_str(), "\n"]).collect();
            return OverlayOutcome::Page(text);
        }
        match keymap.command(key) {
            Some(Command::Down) => self.step(1, true),
            Some(Command::Up) => self.step(1, false),
            Some(Command::PageDown) => self.step(PAGE_LINES, true),
            Some(Command::PageUp) => self.step(PAGE_LINES, false),
            Some(Command::First) => self.step(self.lines.len(), false),
            Some(Command::Last) => self.step(self.lines.len(), true),
            Some(Command::Open) => {
                if let Some(line) = self.lines.get_mut(self.cursor).filter(|line| !line.then.is_empty()) {
                    return OverlayOutcome::Perform(std::mem::take(&mut line.then));
                }
            }
            Some(Command::Back | Command::Explain | Command::Quit) => return OverlayOutcome::Close,
            Some(command) => return OverlayOutcome::Obey(command),
            None => {}
        }
        OverlayOutcome::Stay
    }

    /// Moves the cursor over lines that have a text.
    fn step(&mut self, lines: usize, down: bool) {
        for _ in 0..lines {
            let has_text = |at: &usize| !self.lines[*at].text.is_empty();
            let next = if down {
                (self.cursor + 1..self.lines.len()).find(has_text)
            } else {
                (0..self.cursor).rev().find(has_text)
            };
            match next {
                Some(next) => self.cursor = next,
                None => return,
            }
        }
    }

    /// Its keys, for the hint bar.
    pub fn hints(&self, keymap: &Keymap) -> String {
        let leads = self.lines.get(self.cursor).is_some_and(|line| !line.then.is_empty());
        let open = if leads { "{open} go there  " } else { "" };
        keymap.named(&format!(" {{up}} {{down}} move  {open}| pager  {{back}} close"))
    }

    /// Draws it as a box over the screen.
    pub fn draw(&mut self, painter: &mut Painter) {
        let (width, height) = (painter.width(), painter.height());
        let widest = self.lines.iter().map(|line| cells(&line.text)).max().unwrap_or(0).min(MAX_LINE_CELLS);
        let columns = sizing::columns(&self.title, widest + MARK_CELLS, MIN_TEXT_BOX_WIDTH, width.saturating_sub(6));
        let drawn = self.wrapped(columns.saturating_sub(2));
        let rows = u16::try_from(drawn.len() + 2).unwrap_or(u16::MAX).min(height.saturating_sub(1)).max(3);
        let mut part = painter.part(3, 1, columns, rows);
        let mut inside = part.boxed(&self.title);
        self.draw_lines(&mut inside, &drawn, true);
        let bottom = inside.height().saturating_sub(1);
        let is_more_below = self.top + usize::from(inside.height()) < drawn.len();
        for (y, mark, _) in [(0, "▲", self.top > 0), (bottom, "▼", is_more_below)].into_iter().filter(|mark| mark.2)
        {
            inside.text(inside.width().saturating_sub(1), y, 1, mark, Role::Dim);
        }
    }

    /// Draws it as a pane beside the screen.
    pub fn draw_pane(&mut self, painter: &mut Painter, focused: bool, keymap: &Keymap) {
        let (width, height) = (painter.width(), painter.height());
        let drawn = self.wrapped(width);
        self.draw_lines(&mut painter.part(0, 1, width, height.saturating_sub(1)), &drawn, focused);
        let key = (!focused).then(|| keymap.key(Command::Explain));
        let mark = PaneWindow::new(painter, drawn.len(), &mut self.top).mark(&self.title, width, key);
        painter.list_rule(0, &self.title, "", &mark, focused);
    }

    /// The rows that it takes in this many columns, each with the number of its line.
    fn wrapped(&self, columns: u16) -> Vec<(usize, String)> {
        let room = usize::from(columns).saturating_sub(MARK_CELLS).max(1);
        let rows = |(at, line): (usize, &LinkedLine)| {
            hanging(&line.text, room).into_iter().map(move |text| (at, text)).collect::<Vec<_>>()
        };
        self.lines.iter().enumerate().flat_map(rows).collect()
    }

    /// Draws the rows around the cursor.
    fn draw_lines(&mut self, inside: &mut Painter, drawn: &[(usize, String)], focused: bool) {
        let visible = usize::from(inside.height()).max(1);
        let first = drawn.iter().position(|(at, _)| *at == self.cursor).unwrap_or(0);
        let last = drawn.iter().rposition(|(at, _)| *at == self.cursor).unwrap_or(0);
        self.top = self.top.max((last + 1).saturating_sub(visible)).min(first);
        let right = inside.width();
        for (y, (index, (at, text))) in (0..inside.height()).zip(drawn.iter().enumerate().skip(self.top)) {
            let Some(line) = self.lines.get(*at) else { continue };
            inside.hit((0, y), (right, 1), Hit::Focus(*at));
            inside.text(2, y, right.saturating_sub(2), text, role(line.tone));
            let begins = index == 0 || drawn[index - 1].0 != *at;
            if begins && !line.then.is_empty() {
                inside.text(right.saturating_sub(1), y, 1, "»", Role::Dim);
            }
            if *at == self.cursor && begins {
                inside.cursor_row(0, y, right, focused);
            } else if *at == self.cursor && focused {
                inside.cover(0, y, right, Surface::Cursor);
            }
        }
    }
}

/// Wraps a text; its further lines begin under the first, behind the glyph that may be in front of
/// it.
fn hanging(text: &str, room: usize) -> Vec<String> {
    let blanks = text.len() - text.trim_start_matches(' ').len();
    let has_glyph = text.chars().nth(blanks + 1) == Some(' ');
    let indent = blanks + if has_glyph { 2 } else { 0 };
    let start: String = text.chars().take(indent).collect();
    let rest = text.get(start.len()..).unwrap_or_default();
    let wrapped = wrap(rest, room.saturating_sub(indent).max(1));
    if wrapped.is_empty() {
        return vec![start];
    }
    let before = |at| if at == 0 { start.as_str() } else { "" };
    wrapped.iter().enumerate().map(|(at, line)| format!("{:indent$}{line}", before(at))).collect()
}

fn role(tone: Tone) -> Role {
    match tone {
        Tone::Plain => Role::Text,
        Tone::Dim => Role::Dim,
        Tone::Title => Role::Title,
        Tone::Good => Role::Good,
        Tone::Warn => Role::Warn,
        Tone::Bad => Role::Bad,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::protocol::effect::Effect;

    fn shown() -> LinkedText {
        let lines = vec![
            LinkedLine::plain("The state"),
            LinkedLine::plain(""),
            LinkedLine::plain("A run").then(Effect::Say("the run".to_owned())),
        ];
        LinkedText::new("A session".to_owned(), lines)
    }

    #[test]
    fn the_cursor_passes_over_empty_lines_and_enter_follows_only_what_leads_somewhere() {
        let (mut shown, keymap) = (shown(), Keymap::default());
        assert!(matches!(shown.key(&Key::Enter, &keymap), OverlayOutcome::Stay));
        assert!(!shown.hints(&keymap).contains("go there"));
        shown.key(&Key::Down, &keymap);
        assert_eq!(shown.cursor, 2);
        assert!(shown.hints(&keymap).contains("go there"));
        let OverlayOutcome::Perform(effects) = shown.key(&Key::Enter, &keymap) else { panic!("it leads somewhere") };
        assert!(matches!(&effects[..], [Effect::Say(text)] if text == "the run"));
    }

    #[test]
    fn the_pager_gets_the_whole_text() {
        let outcome = shown().key(&Key::Char('|'), &Keymap::default());
        assert!(matches!(outcome, OverlayOutcome::Page(text) if text == "The state\n\nA run\n"));
    }

    #[test]
    fn further_lines_of_a_wrapped_text_begin_under_the_first() {
        assert_eq!(hanging("  one two three", 9), ["  one two", "  three"]);
        assert_eq!(hanging("× one two three", 9), ["× one two", "  three"]);
        assert_eq!(hanging("one two", 5), ["one", "two"]);
        assert_eq!(hanging("", 9), [""]);
    }
}
