//! Keys out of the bytes that a terminal sends, however the network tore them.
//!
//! The reader of crossterm takes a lone Esc at the end of a read for the Esc key, so an arrow that arrives as `Esc` and `[A` would act
//! as Esc; and it spins for ever once the terminal is gone. Hence these hundred lines.

use std::time::{Duration, Instant};

/// One key, or a pasted text.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)] // their names are what is printed on them
pub enum Key {
    Char(char),
    Ctrl(char),
    Enter,
    Esc,
    Tab,
    BackTab,
    Backspace,
    Delete,
    Up,
    Down,
    Left,
    Right,
    PageUp,
    PageDown,
    Home,
    End,
    F(u8),
    Paste(String),
}

/// Bytes of a paste that are kept; a form takes no novel.
const PASTE_LIMIT: usize = 64 << 10;
/// Bytes of an escape sequence; what is longer is noise.
const SEQUENCE_LIMIT: usize = 32;
/// Bytes of a terminal's report.
const REPORT_LIMIT: usize = 4 << 10;
const PASTE_END: &[u8] = b"\x1b[201~";

/// Turns bytes into keys; holds back what may be the beginning of a longer sequence.
#[derive(Debug)]
pub struct Decoder {
    held: Vec<u8>,
    since: Option<Instant>,
    patience: Duration,
}

enum Found {
    Key(Key, usize),
    Nothing(usize),
    More,
}

impl Decoder {
    /// A decoder that waits so long for the rest of a sequence.
    pub fn new(patience: Duration) -> Self {
        Self { held: Vec::new(), since: None, patience }
    }

    /// Takes bytes that arrived at `now`; gives the keys that are complete.
    pub fn feed(&mut self, bytes: &[u8], now: Instant) -> Vec<Key> {
        self.held.extend_from_slice(bytes);
        self.since = Some(now);
        let mut keys = Vec::new();
        while !self.held.is_empty() {
            match found(&self.held) {
                Found::Key(key, length) => {
                    keys.push(key);
                    self.held.drain(..length);
                }
                Found::Nothing(length) => drop(self.held.drain(..length)),
                Found::More => return keys,
            }
        }
        self.since = None;
        keys
    }

    /// When what is held back is to be taken as it is.
    pub fn deadline(&self) -> Option<Instant> {
        self.since.map(|since| since + self.patience)
    }

    /// Gives up waiting: a held Esc is the Esc key, then whatever follows it stands for itself.
    pub fn expire(&mut self, now: Instant) -> Vec<Key> {
        if self.deadline().is_none_or(|deadline| now < deadline) {
            return Vec::new();
        }
        self.since = None;
        let held = std::mem::take(&mut self.held);
        match held.split_first() {
            Some((0x1b, [])) => vec![Key::Esc],
            Some((0x1b, [one @ (b']' | b'P' | b'_')])) => vec![Key::Esc, Key::Char(char::from(*one))],
            // The head of a sequence whose rest never came: nothing that anybody pressed.
            _ => Vec::new(),
        }
    }
}

fn found(bytes: &[u8]) -> Found {
    match bytes {
        [0x1b, b'[', ..] if bytes.starts_with(b"\x1b[200~") => paste(bytes),
        [0x1b, b'[', rest @ ..] => control_sequence(rest),
        [0x1b, b'O' | b']' | b'P' | b'_'] | [0x1b] => Found::More,
        [0x1b, b']', b'0'..=b'9', ..] | [0x1b, b'P', b'0'..=b'9' | b'>' | b'!' | b'$', ..] | [0x1b, b'_', b'G', ..] => {
            report(bytes)
        }
        [0x1b, b'O', letter, ..] => single(letter_key(*letter), 3),
        // Alt is Esc: what arrives glued is read as Esc, then the rest.
        [0x1b, ..] => Found::Key(Key::Esc, 1),
        [b'\r' | b'\n', ..] => Found::Key(Key::Enter, 1),
        [b'\t', ..] => Found::Key(Key::Tab, 1),
        [0x7f | 0x08, ..] => Found::Key(Key::Backspace, 1),
        [0, ..] => Found::Nothing(1),
        [byte @ 1..=0x1a, ..] => Found::Key(Key::Ctrl(char::from(byte + b'a' - 1)), 1),
        [0x1c..=0x1f, ..] => Found::Nothing(1),
        _ => character(bytes),
    }
}

fn single(key: Option<Key>, length: usize) -> Found {
    key.map_or(Found::Nothing(length), |key| Found::Key(key, length))
}

fn control_sequence(rest: &[u8]) -> Found {
    // The Linux console sends `[[A` for F1.
    if let [b'[', tail @ ..] = rest {
        return match tail {
            [letter @ b'A'..=b'E', ..] => Found::Key(Key::F(letter - b'A' + 1), 4),
            [] => Found::More,
            _ => Found::Nothing(3),
        };
    }
    let Some(end) = rest.iter().position(|byte| (0x40..=0x7e).contains(byte)) else {
        return if rest.len() < SEQUENCE_LIMIT { Found::More } else { Found::Nothing(rest.len() + 2) };
    };
    let length = end + 3;
    let parameters = String::from_utf8_lossy(&rest[..end]);
    let number = parameters.split(';').next().and_then(|first| first.parse::<u8>().ok());
    let key = match (rest[end], number) {
        (b'~', Some(number)) => tilde_key(number),
        (b'Z', _) => Some(Key::BackTab),
        // Where the cursor is, told to somebody who asked.
        (b'R', Some(row)) if row != 1 => None,
        (letter, _) => letter_key(letter),
    };
    single(key, length)
}

/// What a terminal answers to somebody's question, perhaps to a program that is gone: nothing that anybody pressed.
fn report(bytes: &[u8]) -> Found {
    let bell = bytes.iter().position(|byte| *byte == 0x07).map(|at| at + 1);
    let end = bytes.windows(2).skip(2).position(|pair| pair == b"\x1b\\").map(|at| at + 4);
    match [bell, end].into_iter().flatten().min() {
        Some(length) => Found::Nothing(length),
        None if bytes.len() < REPORT_LIMIT => Found::More,
        None => Found::Nothing(bytes.len()),
    }
}

fn letter_key(letter: u8) -> Option<Key> {
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

fn paste(bytes: &[u8]) -> Found {
    let start = 6;
    match bytes.windows(PASTE_END.len()).position(|window| window == PASTE_END) {
        Some(end) => {
            let text = String::from_utf8_lossy(&bytes[start..end.max(start)]).into_owned();
            Found::Key(Key::Paste(text), end + PASTE_END.len())
        }
        None if bytes.len() < PASTE_LIMIT => Found::More,
        None => Found::Nothing(bytes.len()),
    }
}

fn character(bytes: &[u8]) -> Found {
    let length = match bytes[0] {
        0..=0x7f => 1,
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return Found::Nothing(1),
    };
    if bytes.len() < length {
        return Found::More;
    }
    match std::str::from_utf8(&bytes[..length]).ok().and_then(|text| text.chars().next()) {
        Some(c) if !c.is_control() => Found::Key(Key::Char(c), length),
        Some(_) => Found::Nothing(length),
        None => Found::Nothing(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_millis(50);

    /// Every sequence that a key may send.
    fn sequences() -> Vec<(&'static [u8], Key)> {
        vec![
            (b"\x1b[A", Key::Up),
            (b"\x1bOB", Key::Down),
            (b"\x1b[1;5C", Key::Right),
            (b"\x1b[D", Key::Left),
            (b"\x1b[5~", Key::PageUp),
            (b"\x1b[6~", Key::PageDown),
            (b"\x1b[H", Key::Home),
            (b"\x1b[4~", Key::End),
            (b"\x1b[3~", Key::Delete),
            (b"\x1b[Z", Key::BackTab),
            (b"\x1bOP", Key::F(1)),
            (b"\x1b[[A", Key::F(1)),
            (b"\x1b[15~", Key::F(5)),
            (b"\x1b[21~", Key::F(10)),
            (b"\x1b[200~a\nb\x1b[201~", Key::Paste("a\nb".to_owned())),
            ("é".as_bytes(), Key::Char('é')),
            ("磁".as_bytes(), Key::Char('磁')),
            (b"q", Key::Char('q')),
            (b"\r", Key::Enter),
            (b"\x7f", Key::Backspace),
            (b"\x03", Key::Ctrl('c')),
        ]
    }

    #[test]
    fn a_sequence_torn_after_any_byte_is_the_same_key() {
        for (bytes, key) in sequences() {
            for tear in 1..bytes.len() {
                let mut decoder = Decoder::new(PATIENCE);
                let start = Instant::now();
                let late = start + Duration::from_millis(30);
                let mut keys = decoder.feed(&bytes[..tear], start);
                keys.extend(decoder.expire(late));
                keys.extend(decoder.feed(&bytes[tear..], late));
                assert_eq!(keys, std::slice::from_ref(&key), "{bytes:?} torn after {tear}");
                assert_eq!(decoder.deadline(), None);
            }
        }
    }

    #[test]
    fn each_byte_alone_is_the_same_key() {
        for (bytes, key) in sequences() {
            let mut decoder = Decoder::new(PATIENCE);
            let start = Instant::now();
            let mut keys = Vec::new();
            for (step, byte) in (0..).zip(bytes) {
                let now = start + Duration::from_millis(30) * step;
                keys.extend(decoder.expire(now));
                keys.extend(decoder.feed(&[*byte], now));
            }
            assert_eq!(keys, [key], "{bytes:?}");
        }
    }

    #[test]
    fn a_lone_escape_is_escape_after_a_while_and_alt_is_escape_and_the_key() {
        let mut decoder = Decoder::new(PATIENCE);
        let start = Instant::now();
        assert_eq!(decoder.feed(b"\x1b", start), []);
        assert_eq!(decoder.expire(start + Duration::from_millis(49)), []);
        assert_eq!(decoder.expire(start + PATIENCE), [Key::Esc]);
        assert_eq!(decoder.feed(b"\x1bp", start), [Key::Esc, Key::Char('p')]);
    }

    #[test]
    fn what_a_terminal_reports_is_no_key_however_it_is_torn() {
        for noise in [
            &b"\x1b]11;rgb:0000/0000/0000\x07"[..],
            b"\x1b]4;1;rgb:cdcd/0000/0000\x1b\\",
            b"\x1bP>|XTerm(379)\x1b\\",
            b"\x1bP1$r0m\x1b\\",
            b"\x1b_Gi=31;OK\x1b\\",
            b"\x1b[I\x1b[O\x1b[24;80R\x1b[?64;1;2c\x1b[<0;10;10M",
        ] {
            for tear in 1..noise.len() {
                let mut decoder = Decoder::new(PATIENCE);
                let start = Instant::now();
                let mut keys = decoder.feed(&noise[..tear], start);
                keys.extend(decoder.feed(&noise[tear..], start));
                keys.extend(decoder.feed(b"x", start));
                assert_eq!(keys, [Key::Char('x')], "{noise:?} torn after {tear}");
            }
        }
        // Alt and a bracket is Esc and the bracket, as for every other key.
        let mut decoder = Decoder::new(PATIENCE);
        let start = Instant::now();
        assert_eq!(decoder.feed(b"\x1b]", start), []);
        assert_eq!(decoder.expire(start + PATIENCE), [Key::Esc, Key::Char(']')]);
    }

    #[test]
    fn noise_is_no_key() {
        let mut decoder = Decoder::new(PATIENCE);
        let noise = b"\x1b[?62;1;6c\x1b[I\xff\xc2\x9b\x00\x1b[99~x";
        assert_eq!(decoder.feed(noise, Instant::now()), [Key::Char('x')]);
    }
}
