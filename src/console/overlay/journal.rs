//! What can be undone, newest first; and the lines that are typed about a cause.

use crate::console::acts::Act;
use crate::console::input::Key;
use crate::console::keymap::Keymap;
use crate::console::keys::Command;
use crate::console::overlay::Verdict;
use crate::console::painter::Painter;
use crate::console::query::JournalEntry;
use crate::console::theme::Role;
use crate::console::time::Zone;
use crate::console::widgets::input::TextInput;
use crate::domain::{Timestamp, grouped, parse_age};

/// The list behind `u`.
#[derive(Debug)]
pub struct UndoList {
    entries: Vec<JournalEntry>,
    cursor: usize,
    /// Whether the one under the cursor was chosen and `y` is awaited.
    asked: bool,
    zone: Zone,
    now: Timestamp,
}

impl UndoList {
    /// The list of these entries.
    pub fn new(entries: Vec<JournalEntry>, zone: Zone, now: Timestamp) -> Self {
        Self { entries, cursor: 0, asked: false, zone, now }
    }

    /// Takes a key.
    pub fn key(&mut self, key: &Key, keymap: &Keymap) -> Verdict {
        if self.asked {
            let entry = self.entries.get(self.cursor).filter(|_| *key == Key::Char('y'));
            return entry.map_or(Verdict::Close, |entry| Verdict::Act(Act::Undo(entry.entry_id)));
        }
        let last = self.entries.len().saturating_sub(1);
        match keymap.command(key) {
            Some(Command::Up) => self.cursor = self.cursor.saturating_sub(1),
            Some(Command::Down) => self.cursor = (self.cursor + 1).min(last),
            Some(Command::First) => self.cursor = 0,
            Some(Command::Last) => self.cursor = last,
            Some(Command::Open) => self.asked = true,
            Some(Command::Back | Command::Undo) => return Verdict::Close,
            _ => {}
        }
        Verdict::Stay
    }

    /// Draws it over the screen.
    pub fn draw(&self, painter: &mut Painter) {
        let (width, height) = (painter.width(), painter.height());
        let rows = u16::try_from(self.entries.len()).unwrap_or(u16::MAX).saturating_add(4).min(height);
        let cells = width.saturating_sub(4).min(110);
        let mut part = painter.part(2, 0, cells, rows);
        let mut inside = part.boxed("What can be undone");
        let room = usize::from(inside.height().saturating_sub(1));
        let skip = (self.cursor + 1).saturating_sub(room);
        for (y, (index, entry)) in (0..).zip(self.entries.iter().enumerate().skip(skip).take(room)) {
            let mark = if index == self.cursor { '►' } else { ' ' };
            let line = format!(
                "{mark}{:>6}  {:<11}  {:<16} {}  {}",
                grouped(entry.entry_id),
                self.zone.short(entry.at, self.now),
                entry.action,
                entry.object,
                entry.detail
            );
            inside.text(0, y, cells.saturating_sub(2), &line, Role::Text);
        }
        let ask = if self.asked { "y undoes it, any other key keeps it." } else { "" };
        inside.text(1, inside.height().saturating_sub(1), cells, ask, Role::Title);
    }

    /// The sentence of the notice row.
    pub fn notice(&self) -> String {
        let Some(entry) = self.entries.get(self.cursor) else { return String::new() };
        format!("{} by {}: {}", entry.action, entry.operator, entry.detail)
    }

    /// Its keys, for the hint bar.
    pub fn hints(&self) -> &'static str {
        if self.asked { " y yes  any other key no" } else { " Enter undo…  Up Down choose  Esc close" }
    }
}

/// A line that is typed about a cause or a channel database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// The note on it.
    Note(i64),
    /// Until when it is muted.
    Mute(i64),
    /// The note on a channel database.
    Database(String),
    /// The zone of a channel database's store.
    Zone(String),
}

impl About {
    /// What stands before the line.
    pub fn mark(&self) -> &'static str {
        match self {
            Self::Note(_) | Self::Database(_) => "Note:",
            Self::Zone(_) => "Zone of the store (Europe/Amsterdam; empty: not known):",
            Self::Mute(_) => "Mute until (2026-11-27, 3d; nothing ends it):",
        }
    }

    /// The change that the line means, or why it means none.
    pub fn act(&self, line: &TextInput, zone: Zone, now: Timestamp) -> Result<Act, String> {
        let text = line.text();
        let text = text.trim();
        match self {
            Self::Note(cause) => Ok(Act::Note(*cause, text.to_owned())),
            Self::Database(name) => Ok(Act::DatabaseNote(name.clone(), text.to_owned())),
            Self::Zone(name) if text.is_empty() => Ok(Act::DatabaseZone(name.clone(), None)),
            Self::Zone(name) => {
                let known = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
                let zone = known.clone().find(|known| known.eq_ignore_ascii_case(text));
                let near =
                    || known.max_by(|a, b| strsim::jaro_winkler(a, text).total_cmp(&strsim::jaro_winkler(b, text)));
                let fault = || format!("there is no zone {text}; the nearest name is {}", near().unwrap_or("UTC"));
                Ok(Act::DatabaseZone(name.clone(), Some(zone.ok_or_else(fault)?.to_owned())))
            }
            Self::Mute(cause) if text.is_empty() => Ok(Act::Mute(*cause, None)),
            Self::Mute(cause) => {
                let ahead = parse_age(text).map(|age| Timestamp(now.0.saturating_add(age)));
                let until = ahead.or_else(|| zone.parse(text, now)).filter(|until| *until > now);
                let until = until.ok_or("no time to come; write 3d, 12h or 2026-11-27")?;
                Ok(Act::Mute(*cause, Some(until)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_known_or_the_nearest_one_is_named() {
        let zone = |text: &str| About::Zone("S1".to_owned()).act(&TextInput::with(text), Zone::Utc, Timestamp(0));
        let act = |zone: Option<&str>| Ok(Act::DatabaseZone("S1".to_owned(), zone.map(str::to_owned)));
        assert_eq!((zone("america/chicago"), zone(" ")), (act(Some("America/Chicago")), act(None)));
        assert!(zone("Europe/Amsterdm").is_err_and(|fault| fault.contains("Europe/Amsterdam")));
    }

    #[test]
    fn a_cause_is_muted_until_a_time_to_come() {
        let now = Timestamp::parse_rfc3339("2026-11-24T02:14:21Z").expect("an instant");
        let mute = |text: &str| About::Mute(7).act(&TextInput::with(text), Zone::Utc, now);
        assert_eq!(mute("3d"), Ok(Act::Mute(7, Some(Timestamp(now.0 + 3 * 86_400_000)))));
        let friday = Timestamp::parse_rfc3339("2026-11-27T00:00:00Z").expect("an instant");
        assert_eq!(mute("2026-11-27"), Ok(Act::Mute(7, Some(friday))));
        assert_eq!(mute(" "), Ok(Act::Mute(7, None)));
        for text in ["2026-11-23", "yesterday", "02:00"] {
            assert!(mute(text).is_err(), "{text}");
        }
    }
}
