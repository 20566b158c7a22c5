//! The question before an action on sessions: which and how many, the reason, the confirmation.

use crate::console::overlay::OverlayOutcome;
use crate::console::overlay::confirm::YES_OR_NO;
use crate::console::protocol::effect::{Effect, ScreenChange};
use crate::console::protocol::key::Key;
use crate::console::protocol::keymap::Keymap;
use crate::console::protocol::mutation::Mutation;
use crate::console::protocol::time::Zone;
use crate::console::view::hits::Hit;
use crate::console::view::painter::{self, Painter, wrap};
use crate::console::view::theme::Role;
use crate::console::widgets::input::TextInput;
use crate::domain::{Direction, Session, SessionAction, Timestamp, counted, grouped};
use crate::engine::SelectedSession;
use std::collections::{BTreeMap, BTreeSet};

/// Kinds of sessions that the box lists.
const KINDS: usize = 4;
/// Cells of a kind's count and the gap behind it.
const INDENT: usize = 8;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Focus {
    Reason,
    Word,
}

/// The box. The sessions are fixed when it opens; one that changes before the confirmation is left
/// out.
#[derive(Debug)]
pub struct SessionActionForm {
    action: SessionAction,
    chosen: Vec<SelectedSession>,
    title: String,
    /// The filter or cause that selected them, with their number; empty if they were marked one by
    /// one.
    scope: String,
    kinds: Vec<(String, String, Role)>,
    sentences: [String; 2],
    reason: TextInput,
    word: TextInput,
    focus: Focus,
    fault: Option<&'static str>,
}

impl SessionActionForm {
    /// The question about sessions in their present state; an error if none qualifies. `scope`:
    /// what selected them.
    pub fn new(
        action: SessionAction,
        sessions: &[Session],
        scope: &str,
        (zone, now): (Zone, Timestamp),
        keymap: &Keymap,
    ) -> Result<Self, String> {
        let allowed: Vec<_> = sessions.iter().filter(|session| action.check_allowed(session).is_ok()).collect();
        let verb = match action {
            SessionAction::Cancel => "Cancel",
            SessionAction::Rerun => "Rerun",
            SessionAction::Undo => "Undo",
        };
        let Some(first) = allowed.first() else {
            let why = sessions.first().and_then(|session| action.check_allowed(session).err());
            return Err(why.map_or_else(
                || "no such session is at head office any more".to_owned(),
                |why| format!("{verb}: {why}"),
            ));
        };
        let place = match first.key.channel_database.as_str() {
            "" => "the package",
            store => store,
        };
        let title = match (allowed.len(), sessions.len()) {
            (1, 1) => format!("{verb} session {} of {place}?", first.key.session_number),
            (some, all) if some == all => format!("{verb} {} sessions", grouped(all)),
            (some, all) => format!("{verb} {} of {} sessions", grouped(some), grouped(all)),
        };
        let sentences = match (action, first.direction()) {
            (SessionAction::Cancel, _) => [
                "The agents are asked to stop. If an agent applies it anyway, Applied stands.",
                "It can be undone while no agent has taken the request ({undo}).",
            ],
            (_, Direction::Download) => {
                ["Each is offered again; late results of the old attempt are ignored.", "Canceling stops it again."]
            }
            (_, Direction::Upload) => [
                "Each is marked, and its agent is asked to send its rows again in a new session.",
                "It can be undone while no agent has taken the request ({undo}).",
            ],
        };
        let chosen = allowed
            .iter()
            .map(|session| SelectedSession { key: session.key.clone(), seen: Some(session.fold.winner.message_guid) });
        Ok(Self {
            action,
            chosen: chosen.collect(),
            title,
            scope: if scope.is_empty() { String::new() } else { format!("{scope}: {}", grouped(sessions.len())) },
            kinds: lines_by_status(action, sessions, zone, now),
            sentences: sentences.map(|sentence| keymap.named(sentence)),
            reason: TextInput::default(),
            word: TextInput::default(),
            focus: Focus::Reason,
            fault: None,
        })
    }

    fn expected(&self) -> String {
        if self.chosen.len() == 1 { "y".to_owned() } else { self.chosen.len().to_string() }
    }

    /// Takes a key.
    pub fn key(&mut self, key: &Key) -> OverlayOutcome {
        self.fault = None;
        match (key, self.focus) {
            (Key::Esc, _) => return OverlayOutcome::Close,
            (Key::Enter | Key::Tab | Key::Down | Key::BackTab | Key::Up, Focus::Reason) => {
                if self.reason.text().trim().is_empty() {
                    self.fault = Some("Type a reason for the agents and the journal.");
                } else {
                    self.focus = Focus::Word;
                }
            }
            (key, Focus::Reason) => _ = self.reason.key(key),
            (Key::Tab | Key::BackTab | Key::Up | Key::Down, Focus::Word) => self.focus = Focus::Reason,
            (Key::Char('y'), Focus::Word) if self.chosen.len() == 1 => return self.confirmed(),
            (_, Focus::Word) if self.chosen.len() == 1 => return OverlayOutcome::Close,
            (Key::Enter, Focus::Word) if self.word.text().trim() == self.expected() => return self.confirmed(),
            (Key::Enter, Focus::Word) => {
                self.word = TextInput::default();
                self.fault = Some("That is not the number; nothing was changed. Type it again, or Esc.");
            }
            (key, Focus::Word) => _ = self.word.key(key),
        }
        OverlayOutcome::Stay
    }

    /// Gives the reason or, once there is one, the answer the focus.
    pub fn focus(&mut self, number: usize) {
        match (number, self.focus) {
            (0, _) => self.focus = Focus::Reason,
            (_, Focus::Reason) => _ = self.key(&Key::Tab),
            (_, Focus::Word) => {}
        }
    }

    fn confirmed(&self) -> OverlayOutcome {
        let reason = self.reason.text().trim().to_owned();
        let change = Mutation::Sessions(self.action, self.chosen.clone(), reason);
        OverlayOutcome::Perform(vec![Effect::Mutation(change), Effect::Screen(ScreenChange::ClearMarks)])
    }

    /// The lines of the box, `width` cells wide. `whole` wraps the kinds instead of cutting each to
    /// one line.
    fn lines(&self, width: usize, whole: bool) -> Vec<(String, Role)> {
        let kind_width = if whole { width.saturating_sub(INDENT) } else { usize::MAX };
        let kinds = self.kinds.iter().flat_map(|(count, text, role)| {
            let counts = std::iter::once(count.as_str()).chain(std::iter::repeat(""));
            let lines = counts.zip(wrap(text, kind_width));
            lines.map(|(count, line)| (format!("{count:>6}  {line}"), *role)).collect::<Vec<_>>()
        });
        let scope = wrap(&self.scope, width);
        let sentences = self.sentences.iter().flat_map(|sentence| wrap(sentence, width));
        let line = |line: String| (line, Role::Text);
        let blank = std::iter::once(line(String::new()));
        scope.into_iter().map(line).chain(kinds).chain(blank.clone()).chain(sentences.map(line)).chain(blank).collect()
    }

    /// Draws the box over the screen.
    pub fn draw(&self, painter: &mut Painter) {
        let (width, height) = (painter.width(), painter.height());
        let cells = width.saturating_sub(6).min(74);
        let inner = cells.saturating_sub(4);
        // On a low terminal the sentences need the room of the kinds' further lines.
        let mut text = self.lines(usize::from(inner), true);
        if text.len() + 4 > usize::from(height) {
            text = self.lines(usize::from(inner), false);
        }
        let rows = u16::try_from(text.len() + 4).unwrap_or(u16::MAX).min(height);
        let mut part = painter.part(3, u16::from(rows + 1 < height), cells, rows);
        let mut inside = part.boxed(&self.title);
        let room = inside.height().saturating_sub(2);
        for (y, (line, role)) in (0..room).zip(&text) {
            inside.text(1, y, inner, line, *role);
        }
        let field = |input: &TextInput, focused: bool, cells: usize| {
            let [left, right] = if focused { ['►', '◄'] } else { [' ', ' '] };
            let shown = input.visible(cells, focused);
            let gap = " ".repeat(cells.saturating_sub(painter::cells(&shown)));
            format!("{left}[{shown}{gap}]{right}")
        };
        let reason = field(&self.reason, self.focus == Focus::Reason, usize::from(cells.saturating_sub(16)));
        inside.text(1, room, cells, &format!("Reason {reason}"), Role::Title);
        inside.hit((0, room), (cells, 1), Hit::Focus(0));
        inside.hit((0, room + 1), (cells, 1), Hit::Focus(1));
        let answer = if self.chosen.len() == 1 {
            YES_OR_NO.to_owned()
        } else {
            let typed = field(&self.word, self.focus == Focus::Word, 8);
            format!("Type {} and Enter {typed} Esc cancel", self.expected())
        };
        let role = if self.focus == Focus::Word { Role::Title } else { Role::Dim };
        inside.text(1, room + 1, cells.saturating_sub(4), &answer, role);
    }

    /// The sentence of the notice row.
    pub fn notice(&self) -> String {
        if let Some(fault) = self.fault {
            return fault.to_owned();
        }
        match self.focus {
            Focus::Reason => "The reason goes to the agents and the journal. Nothing has been changed yet.",
            Focus::Word => "Nothing has been changed yet.",
        }
        .to_owned()
    }

    /// Its keys, for the hint bar.
    pub fn hints(&self) -> &'static str {
        match self.focus {
            Focus::Reason => " type the reason  Enter next  Esc cancel",
            Focus::Word if self.chosen.len() == 1 => " y yes  Tab reason  any other key no",
            Focus::Word => " type the number, then Enter  Tab reason  Esc cancel",
        }
    }
}

/// Lines such as `19  Apply failed, 14 databases, oldest Mon 20:12`, most frequent first; sessions
/// left out come last, with the reason.
fn lines_by_status(
    action: SessionAction,
    sessions: &[Session],
    zone: Zone,
    now: Timestamp,
) -> Vec<(String, String, Role)> {
    let mut kinds: BTreeMap<(bool, String), (usize, BTreeSet<&str>, Timestamp)> = BTreeMap::new();
    for session in sessions {
        let refused = action.check_allowed(session).err();
        let text = refused.map_or_else(|| session.status().to_string(), |why| format!("left out: {why}"));
        let at = session.fold.modified_at;
        let (count, stores, oldest) = kinds.entry((refused.is_some(), text)).or_insert((0, BTreeSet::new(), at));
        *count += 1;
        stores.insert(&session.key.channel_database);
        *oldest = (*oldest).min(at);
    }
    let mut kinds: Vec<_> = kinds.into_iter().collect();
    kinds.sort_by_key(|((refused, _), (count, _, _))| (*refused, usize::MAX - count));
    let more = kinds.len().saturating_sub(KINDS);
    let mut lines: Vec<_> = kinds
        .into_iter()
        .take(KINDS)
        .map(|((refused, text), (count, stores, oldest))| {
            if refused {
                return (grouped(count), text, Role::Dim);
            }
            let databases = counted(stores.len(), "database");
            (grouped(count), format!("{text}, {databases}, oldest {}", zone.short(oldest, now)), Role::Text)
        })
        .collect();
    if more > 0 {
        lines.push((String::new(), format!("and {more} more kinds"), Role::Dim));
    }
    lines
}
