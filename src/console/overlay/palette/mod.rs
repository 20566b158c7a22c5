//! The palette: finds places, actions, stores, jobs and sessions by letters of their words.

mod entry;
mod ranking;

pub use entry::{Entry, PaletteAction};

use crate::console::overlay::OverlayOutcome;
use crate::console::protocol::key::Key;
use crate::console::protocol::key_table::Command;
use crate::console::protocol::palette::number_in;
use crate::console::view::hits::Hit;
use crate::console::view::painter::{Painter, cells};
use crate::console::view::pane::PaneWindow;
use crate::console::view::theme::Role;
use crate::console::widgets::input::TextInput;
use ranking::Ranking;

/// The text typed, the entries, and the cursor.
#[derive(Debug)]
pub struct Palette {
    input: TextInput,
    cursor: usize,
    /// Entries that are known when it opens, best first.
    entries: Vec<Entry>,
    /// Saved views.
    views: Vec<Entry>,
    /// Batch jobs and their actions, which head office knows.
    jobs: Vec<Entry>,
    /// What head office has by the text.
    found: Vec<Entry>,
    ranking: Ranking,
    /// The entries shown, by their number in all three lists.
    shown: Vec<usize>,
    /// The text of the last lookup, and of the last answer.
    asked: Option<String>,
    answered: Option<String>,
    /// Whether Enter was pressed before the answer.
    is_entered: bool,
    /// The rows of a page, as drawn last.
    page: usize,
}

impl Palette {
    /// A palette with nothing typed.
    pub fn new(entries: Vec<Entry>) -> Self {
        let mut palette = Self {
            input: TextInput::default(),
            cursor: 0,
            entries,
            views: Vec::new(),
            jobs: Vec::new(),
            found: Vec::new(),
            ranking: Ranking::default(),
            shown: Vec::new(),
            asked: None,
            answered: None,
            is_entered: false,
            page: 1,
        };
        palette.rank();
        palette
    }

    fn text(&self) -> String {
        self.input.text().trim().to_owned()
    }

    fn rank(&mut self) {
        let all = self.entries.iter().chain(&self.views).chain(&self.jobs).chain(&self.found);
        self.shown = self.ranking.ranked(&self.text(), all);
        self.cursor = self.cursor.min(self.shown.len().saturating_sub(1));
    }

    fn entry(&self, at: usize) -> Option<&Entry> {
        let number = *self.shown.get(at)?;
        self.entries.iter().chain(&self.views).chain(&self.jobs).chain(&self.found).nth(number)
    }

    fn choose(&mut self) -> OverlayOutcome {
        let Some(number) = self.shown.get(self.cursor).copied() else { return OverlayOutcome::Stay };
        let mut all = self.entries.iter_mut().chain(&mut self.views).chain(&mut self.jobs).chain(&mut self.found);
        match all.nth(number).map(|entry| &mut entry.then) {
            Some(PaletteAction::Does(command)) => OverlayOutcome::Obey(*command),
            Some(PaletteAction::Performs(effects)) => OverlayOutcome::Perform(std::mem::take(effects)),
            None => OverlayOutcome::Stay,
        }
    }

    /// Whether head office must be asked before Enter can choose: the text names a number, or
    /// nothing is known by it.
    fn awaits_answer(&self) -> bool {
        let text = self.text();
        let is_answered = self.answered.as_ref() == Some(&text);
        !text.is_empty() && !is_answered && (self.shown.is_empty() || text.contains(|c: char| c.is_ascii_digit()))
    }

    /// The text to look up, once per text: when the operator has stopped typing, or at once after
    /// Enter.
    pub fn lookup(&mut self, debounced: bool) -> Option<String> {
        let text = self.text();
        let is_due = (debounced || self.is_entered) && self.asked.as_ref() != Some(&text);
        is_due.then(|| self.asked.insert(text).clone())
    }

    /// Takes the saved views.
    pub fn take_views(&mut self, views: Vec<Entry>) {
        self.views = views;
        self.rank();
    }

    /// Takes the batch jobs with their actions.
    pub fn take_jobs(&mut self, jobs: Vec<Entry>) {
        // The actions of the row under the cursor are known already.
        let is_known =
            |job: &Entry| self.entries.iter().any(|entry| entry.name == job.name && entry.detail == job.detail);
        self.jobs = jobs.into_iter().filter(|job| !is_known(job)).collect();
        self.rank();
    }

    /// Takes what head office has by a text. If Enter was pressed before, the first entry is
    /// chosen.
    pub fn take_found(&mut self, text: String, found: Vec<Entry>) -> OverlayOutcome {
        if text != self.text() {
            return OverlayOutcome::Stay;
        }
        self.answered = Some(text);
        self.found = found;
        self.rank();
        if std::mem::take(&mut self.is_entered) { self.choose() } else { OverlayOutcome::Stay }
    }

    /// Puts the cursor on an entry.
    pub fn focus(&mut self, number: usize) {
        (self.cursor, self.is_entered) = (number.min(self.shown.len().saturating_sub(1)), false);
    }

    /// Whether the cursor is on an entry that changes nothing.
    pub fn opens(&self, number: usize) -> bool {
        number == self.cursor && self.entry(number).is_some_and(|entry| !entry.may_change_data())
    }

    /// Takes a key.
    pub fn key(&mut self, key: &Key) -> OverlayOutcome {
        self.is_entered = false;
        match key {
            Key::Esc => return OverlayOutcome::Close,
            Key::Up | Key::Ctrl('p') => self.cursor = self.cursor.saturating_sub(1),
            Key::Down | Key::Ctrl('n') => self.cursor = (self.cursor + 1).min(self.shown.len().saturating_sub(1)),
            Key::PageUp => self.cursor = self.cursor.saturating_sub(self.page),
            Key::PageDown => self.cursor = (self.cursor + self.page).min(self.shown.len().saturating_sub(1)),
            Key::Tab => {
                if let Some(name) = self.entry(self.cursor).map(|entry| entry.name.clone()) {
                    self.input = TextInput::with(&name);
                    self.cursor = 0;
                    self.rank();
                }
            }
            Key::Enter if matches!(self.text().as_str(), "q" | "q!" | "quit") => {
                return OverlayOutcome::Obey(Command::Quit);
            }
            Key::Enter if self.awaits_answer() => self.is_entered = true,
            Key::Enter => return self.choose(),
            key => {
                if self.input.key(key) {
                    self.cursor = 0;
                    self.rank();
                }
            }
        }
        OverlayOutcome::Stay
    }

    /// The place of the entry under the cursor, or what it applies to.
    pub fn notice(&self) -> String {
        match self.entry(self.cursor) {
            _ if self.is_entered => "Looking it up …".to_owned(),
            Some(entry) if entry.detail.is_empty() => entry.name.clone(),
            Some(entry) => format!("{}  {}", entry.name, entry.detail),
            None if self.answered.as_ref() != Some(&self.text()) => "Looking it up …".to_owned(),
            None => "No match among screens, actions, stores, jobs and session numbers.".to_owned(),
        }
    }

    /// Draws the line, and below it what it finds.
    pub fn draw(&mut self, painter: &mut Painter) {
        let mut painter = painter.boxed("Go to, do");
        let (width, height) = (painter.width(), painter.height());
        painter.text(1, 0, 2, ": ", Role::Title);
        painter.text(3, 0, width, &self.input.visible(usize::from(width.saturating_sub(5)), true), Role::Title);
        let rows = usize::from(height.saturating_sub(2));
        self.page = rows.saturating_sub(1).max(1);
        let top = (self.cursor + 1).saturating_sub(rows.max(1));
        for (y, index) in (2..height).zip(top..self.shown.len()) {
            let Some(entry) = self.entry(index) else { break };
            let mark = if index == self.cursor { '►' } else { ' ' };
            let key = u16::try_from(cells(&entry.key)).unwrap_or(0) + 2;
            let room = width.saturating_sub(1 + key);
            let used = painter.text(0, y, room, &format!("{mark} {}", entry.name), Role::Text);
            painter.text_right(0, y, width.saturating_sub(1), &entry.key, Role::Dim);
            painter.hit((0, y), (width, 1), Hit::Focus(index));
            let from = (used + 2).max(DETAIL);
            if width >= 70 && !entry.detail.is_empty() && from + 8 < room {
                painter.text(from, y, room - from, &entry.detail, Role::Dim);
            }
        }
        let text = self.text();
        if self.shown.is_empty() {
            let is_answered = self.answered.as_ref() == Some(&text);
            painter.text(2, 2, width, if is_answered { "No match." } else { "Looking it up …" }, Role::Dim);
        } else if self.is_entered && number_in(&text).is_some() {
            painter.text_right(0, 0, width.saturating_sub(1), "Looking it up …", Role::Dim);
        } else {
            let mark = PaneWindow { lines: self.shown.len(), top, rows }.mark("", width, None);
            painter.text_right(0, 0, width.saturating_sub(1), &mark, Role::Dim);
        }
    }
}

/// The widest and the highest that it is: twenty entries, what is typed, and its edges.
pub const WIDEST: u16 = 140;
pub const HIGHEST: u16 = 24;
/// The column of details, where names are shorter.
const DETAIL: u16 = 35;
