//! Decodes keys from the bytes that a terminal sends, even if the network splits a sequence.
//!
//! An ECMA-48 state machine: after an introducer, everything up to the terminator is consumed, no
//! matter how long it is or how late it arrives, in bounded memory. An open sequence does not time
//! out; an Esc does, alone or inside a text, and an introducer that may belong to an earlier Esc.
//! A parser that matches the bytes received so far would give up on unknown sequences halfway and
//! take their rest for keys.

#[cfg(test)]
mod mouse_tests;
mod sequences;
#[cfg(test)]
mod tests;

pub use sequences::Decoded;

use crate::console::protocol::key::Key;
use sequences::{MAX_PARAMETERS, byte_key, character_length, control_key, letter_key, may_follow_late, mouse};
use std::time::{Duration, Instant};

/// Maximum bytes of a paste; the rest is dropped.
const MAX_PASTE_BYTES: usize = 64 << 10;
const PASTE_END: &[u8] = b"\x1b[201~";
/// How long a sequence may stay open before the operator is notified that keys are ignored.
const STALLED_AFTER: Duration = Duration::from_secs(2);
/// After an Esc has timed out, an introducer that arrives within this time belongs to it.
const LATE_LIMIT: Duration = Duration::from_secs(1);

const ESC: u8 = 0x1b;
const BEL: u8 = 0x07;
/// CAN and SUB end any sequence without effect.
const CANCEL: [u8; 2] = [0x18, 0x1a];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Ground,
    /// Inside a multi-byte character. A character typed with Alt is dropped.
    Character {
        alt: bool,
    },
    /// After Esc.
    Escape,
    /// After a byte that is either the late introducer of an Esc that timed out or a typed
    /// character; the next byte decides.
    LateIntroducer(u8),
    /// After `ESC O`.
    Single,
    /// After `ESC [`; the parameters are collected.
    Control,
    /// After `ESC [ [`, as the Linux console begins F1 to F5.
    LinuxFunction,
    /// Inside an X10 mouse report; the number of missing bytes.
    Mouse(u8),
    /// Inside OSC, DCS, APC, PM or SOS. A bell ends only OSC.
    Text {
        ends_by_bell: bool,
    },
    /// After Esc in such a text: the first half of its terminator, or the start of another
    /// sequence.
    TextEscape,
    /// Inside a paste; the bytes of its end mark that have arrived.
    Paste {
        matched: usize,
    },
}

/// Decodes bytes into keys.
#[derive(Debug)]
pub struct Decoder {
    state: State,
    /// Bytes of a character, parameters of a control sequence, or the text of a paste.
    held: Vec<u8>,
    /// Bytes of the paste beyond the limit.
    dropped: usize,
    /// When the current state times out.
    expires: Option<Instant>,
    /// When the operator is notified that a sequence is still open.
    stalls: Option<Instant>,
    /// When the last Esc that timed out had arrived; cleared by the next byte.
    timed_out: Option<Instant>,
    escape_timeout: Duration,
}

impl Decoder {
    /// Creates a decoder. `escape_timeout` is the time after which a lone Esc is a key.
    pub fn new(escape_timeout: Duration) -> Self {
        Self {
            state: State::Ground,
            held: Vec::new(),
            dropped: 0,
            expires: None,
            stalls: None,
            timed_out: None,
            escape_timeout,
        }
    }

    /// Decodes bytes that arrived at `now` and returns the keys they complete.
    pub fn feed(&mut self, bytes: &[u8], now: Instant) -> Vec<Decoded> {
        let mut out = self.expire(now);
        for byte in bytes {
            self.step(*byte, now, &mut out);
        }
        out
    }

    /// Returns when [`Self::expire`] must be called.
    pub fn deadline(&self) -> Option<Instant> {
        [self.expires, self.stalls].into_iter().flatten().min()
    }

    /// Times out a lone Esc, and notifies the operator of a sequence that does not end.
    pub fn expire(&mut self, now: Instant) -> Vec<Decoded> {
        let mut out = Vec::new();
        if self.expires.is_some_and(|at| now >= at) {
            let arrived = self.expires.map(|at| at.checked_sub(self.escape_timeout).unwrap_or(at));
            match self.state {
                State::Escape => {
                    out.push(Decoded::Key(Key::Esc));
                    self.timed_out = arrived;
                }
                // The operator pressed Esc to end a text, or a terminator was split: no key.
                State::TextEscape => self.timed_out = arrived,
                State::LateIntroducer(byte) => out.push(Decoded::Key(Key::Char(char::from(byte)))),
                _ => {}
            }
            self.reset();
        }
        if self.stalls.is_some_and(|at| now >= at) {
            self.stalls = None;
            let text = match self.state {
                State::Paste { .. } => {
                    "A paste has not ended yet; keys are ignored until it does. Paste again to end it."
                }
                _ => "The terminal sent an unfinished report; keys are ignored until it ends. Esc ends it.",
            };
            out.push(Decoded::Notice(text.to_owned()));
        }
        out
    }

    fn step(&mut self, byte: u8, now: Instant, out: &mut Vec<Decoded>) {
        match self.state {
            State::Paste { matched } => self.paste(matched, byte, out),
            State::Text { ends_by_bell: true } if byte == BEL => self.reset(),
            State::Text { .. } if byte == ESC => self.wait(State::TextEscape, now),
            State::Character { .. } if byte & 0xc0 != 0x80 => {
                self.reset();
                self.step(byte, now, out);
            }
            State::Character { alt } => self.character(byte, alt, out),
            State::LateIntroducer(first) => {
                if may_follow_late(first, byte) {
                    self.after_escape(first, now, out);
                } else {
                    out.push(Decoded::Key(Key::Char(char::from(first))));
                    self.reset();
                }
                self.step(byte, now, out);
            }
            State::Ground => self.ground(byte, now, out),
            _ if CANCEL.contains(&byte) => self.reset(),
            State::Text { .. } => {}
            State::TextEscape if byte == b'\\' => self.reset(),
            State::Escape if byte == ESC => {
                out.push(Decoded::Key(Key::Esc));
                self.wait(State::Escape, now);
            }
            State::Escape | State::TextEscape => self.after_escape(byte, now, out),
            _ if byte == ESC => self.wait(State::Escape, now),
            State::Control => self.control(byte, now, out),
            State::Single => self.end(letter_key(byte), out),
            State::LinuxFunction => {
                self.end((b'A'..=b'E').contains(&byte).then(|| Key::F(byte - b'A' + 1)), out);
            }
            State::Mouse(1) => self.reset(),
            State::Mouse(left) => self.state = State::Mouse(left - 1),
        }
    }

    fn ground(&mut self, byte: u8, now: Instant, out: &mut Vec<Decoded>) {
        if let Some(escape) = self.timed_out.take().filter(|escape| now <= *escape + LATE_LIMIT) {
            match byte {
                b'[' | b'O' | b']' | b'P' | b'_' => {
                    self.state = State::LateIntroducer(byte);
                    self.expires = Some((escape + LATE_LIMIT).max(now + self.escape_timeout));
                    return;
                }
                // The second half of a split terminator.
                b'\\' => return,
                _ => {}
            }
        }
        match byte {
            ESC => self.wait(State::Escape, now),
            0x80.. => self.character(byte, false, out),
            _ => out.extend(byte_key(byte).map(Decoded::Key)),
        }
    }

    /// Handles the byte after Esc: an introducer, or a key pressed with Alt, which is ignored.
    fn after_escape(&mut self, byte: u8, now: Instant, out: &mut Vec<Decoded>) {
        self.reset();
        match byte {
            b'[' => self.open(State::Control, now),
            b'O' => self.open(State::Single, now),
            b']' => self.open(State::Text { ends_by_bell: true }, now),
            b'P' | b'_' | b'^' | b'X' => self.open(State::Text { ends_by_bell: false }, now),
            0x80.. => self.character(byte, true, out),
            _ => {}
        }
    }

    fn control(&mut self, byte: u8, now: Instant, out: &mut Vec<Decoded>) {
        match byte {
            b'[' if self.held.is_empty() => self.state = State::LinuxFunction,
            b'M' if self.held.is_empty() => self.state = State::Mouse(3),
            b'~' if self.held == b"200" => {
                self.reset();
                self.open(State::Paste { matched: 0 }, now);
            }
            b'M' | b'm' if self.held.starts_with(b"<") => {
                out.extend(mouse(&self.held, byte).map(Decoded::Mouse));
                self.reset();
            }
            0x40..=0x7e => self.end(control_key(&self.held, byte), out),
            0x20..=0x3f if self.held.len() < MAX_PARAMETERS => self.held.push(byte),
            _ => {}
        }
    }

    fn character(&mut self, byte: u8, alt: bool, out: &mut Vec<Decoded>) {
        self.state = State::Character { alt };
        self.held.push(byte);
        let Some(length) = character_length(self.held[0]) else { return self.reset() };
        if self.held.len() < length {
            return;
        }
        let c = std::str::from_utf8(&self.held).ok().and_then(|text| text.chars().next());
        self.end(c.filter(|c| !alt && !c.is_control()).map(Key::Char), out);
    }

    fn paste(&mut self, matched: usize, byte: u8, out: &mut Vec<Decoded>) {
        if byte == PASTE_END[matched] {
            if matched + 1 < PASTE_END.len() {
                self.state = State::Paste { matched: matched + 1 };
                return;
            }
            let (text, dropped) = (std::mem::take(&mut self.held), self.dropped);
            let mut text = String::from_utf8_lossy(&text).into_owned();
            if dropped > 0 {
                // Remove a character that was cut in half.
                text.truncate(text.trim_end_matches(char::REPLACEMENT_CHARACTER).len());
            }
            self.end(Some(Key::Paste(text)), out);
            if dropped > 0 {
                out.push(Decoded::Notice(format!("The paste was cut after 64 KiB; {dropped} bytes were dropped.")));
            }
            return;
        }
        // Esc is only the first byte of the mark, so an interrupted mark can restart only here.
        let again = usize::from(byte == ESC);
        self.state = State::Paste { matched: again };
        let one = [byte];
        for byte in PASTE_END[..matched].iter().chain(one.iter().skip(again)) {
            if self.held.len() < MAX_PASTE_BYTES {
                self.held.push(*byte);
            } else {
                self.dropped += 1;
            }
        }
    }

    /// Ends the current sequence, with a key or without.
    fn end(&mut self, key: Option<Key>, out: &mut Vec<Decoded>) {
        out.extend(key.map(Decoded::Key));
        self.reset();
    }

    fn reset(&mut self) {
        self.state = State::Ground;
        self.held.clear();
        (self.dropped, self.expires, self.stalls) = (0, None, None);
    }

    /// Enters a state that waits for its terminator without a timeout.
    fn open(&mut self, state: State, now: Instant) {
        self.state = state;
        self.stalls = Some(now + STALLED_AFTER);
    }

    /// Enters a state that times out.
    fn wait(&mut self, state: State, now: Instant) {
        self.reset();
        self.state = state;
        self.expires = Some(now + self.escape_timeout);
    }
}
