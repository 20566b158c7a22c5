//! The form by its keys and by its looks.

mod keys;
mod looks;

use crate::console::forms::recurrence::*;
use crate::console::protocol::time::Zone;
use crate::console::view::painter::Painter;
use crate::console::view::theme::{ColorDepth, Theme};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::fmt::Write as _;

/// Tuesday 24 November 2026, 02:19:02 in Amsterdam.
const NOW: Timestamp = Timestamp(1_795_483_142_000);
const HOME: Tz = Tz::Europe__Amsterdam;
/// The room that a screen has at 60×15, 80×24 and 120×40.
const ROOMS: [(u16, u16); 3] = [(60, 11), (80, 20), (120, 36)];
const RECENT: RecentRuns = RecentRuns { count: 20, longest_ms: 41_000, shortest_ms: 6_000 };

fn view() -> ViewContext<'static> {
    ViewContext { now: NOW, operator: "r.vermeer", home: HOME, ..ViewContext::empty(Zone::Utc) }
}

fn form() -> RecurrenceForm {
    RecurrenceForm::new("Status of Houston", None, NOW, HOME, Some(RECENT))
}

fn rule(words: &str) -> Rule {
    Rule::from_words(words, NOW, HOME).expect("a rule")
}

fn over(words: &str) -> RecurrenceForm {
    RecurrenceForm::new("Status of Houston", Some(&rule(words)), NOW, HOME, Some(RECENT))
}

/// Presses keys; `⏎ ⇥ ⇤ ↑ ↓ ← → ⎋ ⌫` are keys of those names, `⌃` is Ctrl-U, everything else is
/// typed.
fn press(form: &mut RecurrenceForm, keys: &str) -> FormEnd {
    let mut end = FormEnd::Stay;
    for c in keys.chars() {
        let key = match c {
            '⏎' => Key::Enter,
            '⇥' => Key::Tab,
            '⇤' => Key::BackTab,
            '↑' => Key::Up,
            '↓' => Key::Down,
            '←' => Key::Left,
            '→' => Key::Right,
            '⎋' => Key::Esc,
            '⌫' => Key::Backspace,
            '⌃' => Key::Ctrl('u'),
            c => Key::Char(c),
        };
        end = form.key(&key, &view());
        if end != FormEnd::Stay {
            break;
        }
    }
    end
}

fn ended(form: &mut RecurrenceForm, keys: &str) -> String {
    match press(form, keys) {
        FormEnd::Ok(Some(rule)) => rule.sentence(),
        other => format!("{other:?}"),
    }
}

fn drawn(form: &mut RecurrenceForm, (width, height): (u16, u16), ascii: bool) -> String {
    let area = Rect::new(0, 0, width, height);
    let mut buffer = Buffer::empty(area);
    form.draw(&mut Painter::new(&mut buffer, area, Theme { depth: ColorDepth::Mono, ascii }), &view());
    let mut text = format!("{width}x{height}\n");
    for y in 0..height {
        let row: String = (0..width).map(|x| buffer[(x, y)].symbol()).collect();
        writeln!(text, "|{row}|").expect("memory takes it");
    }
    writeln!(text, " {}\n", form.notice(NOW)).expect("memory takes it");
    text
}

fn at_all_sizes(form: &mut RecurrenceForm) -> String {
    ROOMS.into_iter().map(|room| drawn(form, room, false)).collect()
}
