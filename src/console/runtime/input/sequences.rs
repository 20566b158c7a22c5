//! Maps complete sequences to keys.

use crate::console::protocol::key::Key;
use crate::console::protocol::mouse::{Mouse, MouseAction};

/// A decoded key, report of the mouse, or notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decoded {
    /// A key.
    Key(Key),
    /// A click or a turn of the wheel.
    Mouse(Mouse),
    /// A sentence for the operator about input that is ignored.
    Notice(String),
}

/// Maximum bytes of parameters that are kept; no key has as many.
pub const MAX_PARAMETERS: usize = 32;

/// Returns the key of a control sequence; `None` for reports and unknown sequences.
pub fn control_key(parameters: &[u8], last: u8) -> Option<Key> {
    // A private mark (`?`, `<`, `=`, `>`) or an intermediate byte means a report.
    if parameters.len() >= MAX_PARAMETERS || parameters.iter().any(|byte| !byte.is_ascii_digit() && *byte != b';') {
        return None;
    }
    let text = std::str::from_utf8(parameters).ok()?;
    let mut numbers = text.split(';').map(str::parse::<u8>);
    let (first, count) = (numbers.next()?.ok(), text.split(';').count());
    if count > 2 {
        return None;
    }
    match (last, first) {
        (b'~', Some(number)) => tilde_key(number),
        (b'Z', _) => Some(Key::BackTab),
        // With parameters it is a cursor position report.
        (b'R', _) if !parameters.is_empty() => None,
        (letter, Some(0 | 1)) => letter_key(letter),
        (letter, None) if parameters.is_empty() => letter_key(letter),
        _ => None,
    }
}

/// Returns what an SGR report `<button;column;row` of the mouse says; `None` for what the console
/// does not take: other buttons, released ones, movements, anything with Shift, Alt or Ctrl.
pub fn mouse(parameters: &[u8], last: u8) -> Option<Mouse> {
    if parameters.len() >= MAX_PARAMETERS || last != b'M' {
        return None;
    }
    let text = std::str::from_utf8(parameters.strip_prefix(b"<")?).ok()?;
    let number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse::<u16>().ok())?;
    let mut numbers = text.split(';').map(number);
    let (button, x, y) = (numbers.next()??, numbers.next()??, numbers.next()??);
    if numbers.next().is_some() {
        return None;
    }
    let action = match button {
        0 => MouseAction::Click,
        64 => MouseAction::WheelUp,
        65 => MouseAction::WheelDown,
        _ => return None,
    };
    // Cells are counted from 1.
    Some(Mouse { action, x: x.checked_sub(1)?, y: y.checked_sub(1)? })
}

/// Returns the key of a final letter after `ESC [` or `ESC O`.
pub fn letter_key(letter: u8) -> Option<Key> {
    Some(match letter {
        b'A' => Key::Up,
        b'B' => Key::Down,
        b'C' => Key::Right,
        b'D' => Key::Left,
        b'H' => Key::Home,
        b'F' => Key::End,
        b'P'..=b'S' => Key::F(letter - b'P' + 1),
        _ => return None,
    })
}

fn tilde_key(number: u8) -> Option<Key> {
    Some(match number {
        1 | 7 => Key::Home,
        4 | 8 => Key::End,
        3 => Key::Delete,
        5 => Key::PageUp,
        6 => Key::PageDown,
        11..=15 => Key::F(number - 10),
        17..=21 => Key::F(number - 11),
        23 | 24 => Key::F(number - 12),
        _ => return None,
    })
}

/// Returns the key of an ASCII byte outside of any sequence.
pub fn byte_key(byte: u8) -> Option<Key> {
    Some(match byte {
        b'\r' | b'\n' => Key::Enter,
        b'\t' => Key::Tab,
        0x7f | 0x08 => Key::Backspace,
        0x01..=0x1a => Key::Ctrl(char::from(byte + b'a' - 1)),
        0x20..=0x7e => Key::Char(char::from(byte)),
        _ => return None,
    })
}

/// Returns the length of the UTF-8 character that begins with this byte; `None` if none does.
pub fn character_length(first: u8) -> Option<usize> {
    match first {
        0..=0x7f => Some(1),
        0xc2..=0xdf => Some(2),
        0xe0..=0xef => Some(3),
        0xf0..=0xf4 => Some(4),
        _ => None,
    }
}

/// Whether `next` continues a sequence whose introducer arrived after its Esc had timed out. Only
/// bytes that terminals send count, so that text typed after Esc is not taken for a sequence.
pub fn may_follow_late(introducer: u8, next: u8) -> bool {
    match introducer {
        b'[' => matches!(next, 0x30..=0x3f | b'A'..=b'D' | b'F' | b'H' | b'I' | b'M' | b'O'..=b'S' | b'Z' | b'['),
        b'O' => letter_key(next).is_some(),
        b']' => next.is_ascii_digit(),
        b'P' => next.is_ascii_digit() || matches!(next, b'>' | b'!' | b'$' | b'+'),
        b'_' => next == b'G',
        _ => false,
    }
}
