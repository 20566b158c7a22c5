//! The last row: the hints, or the candidates of a completion.

use crate::console::protocol::key_table::Command;
use crate::console::protocol::keymap::{self, Keymap};
use crate::console::view::hits::Hit;
use crate::console::view::painter::{Painter, cells};
use crate::console::view::theme::{Role, Surface};

/// Commands whose hints a click presses: they show something and change nothing.
const CLICKED: [Command; 11] = [
    Command::Open,
    Command::NextPane,
    Command::Filter,
    Command::NextError,
    Command::ShowAll,
    Command::Explain,
    Command::Related,
    Command::Actions,
    Command::Menu,
    Command::Palette,
    Command::Help,
];

/// Draws the candidates of a completion in the row of the hints, the one in the line set off.
pub fn draw_candidates(painter: &mut Painter, y: u16, candidates: &[(String, bool)]) {
    let width = painter.width();
    painter.fill(y, ' ', Role::Text);
    painter.cover(0, y, width, Surface::Band);
    let mut x = 1;
    for (text, is_chosen) in candidates {
        let used = painter.text(x, y, width, text, Role::Text);
        let surface = if *is_chosen { Surface::Cursor } else { Surface::Band };
        painter.cover(x, y, used, surface);
        x += used + 2;
    }
}

/// Draws hints such as ` Enter open  k j move`, the keys set off from what they do; those that do
/// not fit are left out.
/// `can_click`: the keys of hints that a click presses.
pub fn draw(painter: &mut Painter, y: u16, hints: &str, can_click: Option<&Keymap>) {
    let width = painter.width();
    let mut hints = hints;
    while cells(hints) > usize::from(width)
        && let Some((before, _)) = hints.rsplit_once("  ")
    {
        hints = before;
    }
    painter.text(0, y, width, hints, Role::Dim);
    let mut x = 1;
    for hint in hints.trim_start().split("  ") {
        let keys: Vec<_> = hint.split(' ').take_while(|word| keymap::is_key(word)).collect();
        painter.text(x, y, width, &keys.join(" "), Role::Key);
        let is_hint = |command: &&Command| can_click.is_some_and(|keymap| keys.first() == Some(&keymap.key(**command)));
        if let Some(command) = CLICKED.iter().find(is_hint) {
            painter.hit((x, y), (u16::try_from(cells(hint)).unwrap_or(width), 1), Hit::Hint(*command));
        }
        x = x.saturating_add(u16::try_from(cells(hint) + 2).unwrap_or(u16::MAX));
    }
    painter.cover(0, y, width, Surface::Band);
}
