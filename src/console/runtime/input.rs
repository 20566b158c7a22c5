//! Keys out of the bytes that a terminal sends, however the network tore them.
//!
//! A state machine in the manner of ECMA-48: after an introducer everything is swallowed up to the terminator, however long and however
//! late it arrives, in bounded memory. Only a lone Esc times out. Parsers that try the bytes as they are so far cannot promise that: what
//! they do not know they give up in the middle, and the rest acts as keys.

mod sequences;
#[cfg(test)]
mod tests;

use crate::console::protocol::key::Key;
use sequences::{PARAMETERS, byte_key, character_length, control_key, letter_key, may_follow_late};
use std::time::{Duration, Instant};

/// What the bytes come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decoded {
    /// A key.
    Key(Key),
    /// A sentence for the operator: something that was sent is not used.
    Notice(String),
}

/// Bytes of a paste that are kept; the rest is dropped.
const PASTE_LIMIT: usize = 64 << 10;
const PASTE_END: &[u8] = b"\x1b[201~";
/// How long a sequence may stay open before the operator is told that keys are ignored.
const STALL: Duration = Duration::from_secs(2);
/// After an Esc that timed out, an introducer within this time may still belong to it.
const LATE: Duration = Duration::from_secs(1);

const ESC: u8 = 0x1b;
const BEL: u8 = 0x07;
/// CAN and SUB end any sequence without effect.
const CANCEL: [u8; 2] = [0x18, 0x1a];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Ground,
    /// The first bytes of a character have arrived. With Alt it is dropped.
    Character {
        alt: bool,
    },
    /// Esc, alone so far.
    Escape,
    /// An introducer that came after its Esc had timed out, unless it was typed.
    LateIntroducer(u8),
    /// After `ESC O`.
    Single,
    /// After `ESC [`; the parameters are held.
    Control,
    /// After `ESC [ [`, as the Linux console begins F1 to F5.
    LinuxFunction,
    /// Bytes of an X10 mouse report that are still to come.
    Mouse(u8),
    /// OSC, DCS, APC, PM or SOS. A bell ends only the first.
    Text {
        ends_by_bell: bool,
    },
    /// Esc in one of those: the first half of its terminator, or what breaks it off.
    TextEscape,
    /// A paste, and how much of its end mark has arrived.
    Paste {
        matched: usize,
    },
}

/// Turns bytes into keys.
#[derive(Debug)]
pub struct Decoder {
    state: State,
    /// Bytes of a character, parameters of a control sequence, or the text of a paste.
    held: Vec<u8>,
    /// Bytes of the paste beyond the limit.
    dropped: usize,
    /// When a state that times out does so.
    expires: Option<Instant>,
    /// When the operator is told that a sequence is still open.
    stalls: Option<Instant>,
    /// When the Esc arrived that timed out last, until the next byte.
    timed_out: Option<Instant>,
    patience: Duration,
}

impl Decoder {
    /// A decoder that waits so long for what may follow a lone Esc.
    pub fn new(patience: Duration) -> Self {
        Self {
            state: State::Ground,
            held: Vec::new(),
            dropped: 0,
            expires: None,
            stalls: None,
            timed_out: None,
            patience,
        }
    }

    /// Takes bytes that arrived at `now`; gives the keys that are complete.
    pub fn feed(&mut self, bytes: &[u8], now: Instant) -> Vec<Decoded> {
        let mut out = self.expire(now);
        for byte in bytes {
            self.step(*byte, now, &mut out);
        }
        out
    }

    /// When [`Self::expire`] has something to do.
    pub fn deadline(&self) -> Option<Instant> {
        [self.expires, self.stalls].into_iter().flatten().min()
    }

    /// Gives up waiting for what follows a lone Esc, and announces a sequence that does not end.
    pub fn expire(&mut self, now: Instant) -> Vec<Decoded> {
        let mut out = Vec::new();
        if self.expires.is_some_and(|at| now >= at) {
            let arrived = self.expires.map(|at| at.checked_sub(self.patience).unwrap_or(at));
            match self.state {
                State::Escape => {
                    out.push(Decoded::Key(Key::Esc));
                    self.timed_out = arrived;
                }
                // Pressed to end a text that never ended, or the first half of a torn terminator: nothing but that.
                State::TextEscape => self.timed_out = arrived,
                State::LateIntroducer(byte) => out.push(Decoded::Key(Key::Char(char::from(byte)))),
                _ => {}
            }
            self.rest();
        }
        if self.stalls.is_some_and(|at| now >= at) {
            self.stalls = None;
            let words = match self.state {
                State::Paste { .. } => {
                    "A paste has not ended yet; keys are ignored until it does. Paste again to end it."
                }
                _ => "The terminal began a report and has not ended it; keys are ignored. Esc ends it.",
            };
            out.push(Decoded::Notice(words.to_owned()));
        }
        out
    }

    fn step(&mut self, byte: u8, now: Instant, out: &mut Vec<Decoded>) {
        match self.state {
            State::Paste { matched } => self.paste(matched, byte, out),
            State::Text { ends_by_bell: true } if byte == BEL => self.rest(),
            State::Text { .. } if byte == ESC => self.wait(State::TextEscape, now),
            State::Character { .. } if byte & 0xc0 != 0x80 => {
                self.rest();
                self.step(byte, now, out);
            }
            State::Character { alt } => self.character(byte, alt, out),
            State::LateIntroducer(first) => {
                if may_follow_late(first, byte) {
                    self.after_escape(first, now, out);
                } else {
                    out.push(Decoded::Key(Key::Char(char::from(first))));
                    self.rest();
                }
                self.step(byte, now, out);
            }
            State::Ground => self.ground(byte, now, out),
            _ if CANCEL.contains(&byte) => self.rest(),
            State::Text { .. } => {}
            State::TextEscape if byte == b'\\' => self.rest(),
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
            State::Mouse(1) => self.rest(),
            State::Mouse(left) => self.state = State::Mouse(left - 1),
        }
    }

    fn ground(&mut self, byte: u8, now: Instant, out: &mut Vec<Decoded>) {
        if let Some(escape) = self.timed_out.take().filter(|escape| now <= *escape + LATE) {
            match byte {
                b'[' | b'O' | b']' | b'P' | b'_' => {
                    self.state = State::LateIntroducer(byte);
                    self.expires = Some((escape + LATE).max(now + self.patience));
                    return;
                }
                // The second half of a terminator that was torn.
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

    /// The byte behind Esc: an introducer, or a key pressed together with Alt, which acts as nothing.
    fn after_escape(&mut self, byte: u8, now: Instant, out: &mut Vec<Decoded>) {
        self.rest();
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
                self.rest();
                self.open(State::Paste { matched: 0 }, now);
            }
            0x40..=0x7e => self.end(control_key(&self.held, byte), out),
            0x20..=0x3f if self.held.len() < PARAMETERS => self.held.push(byte),
            _ => {}
        }
    }

    fn character(&mut self, byte: u8, alt: bool, out: &mut Vec<Decoded>) {
        self.state = State::Character { alt };
        self.held.push(byte);
        let Some(length) = character_length(self.held[0]) else { return self.rest() };
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
                // Half of a character at the cut.
                text.truncate(text.trim_end_matches(char::REPLACEMENT_CHARACTER).len());
            }
            self.end(Some(Key::Paste(text)), out);
            if dropped > 0 {
                out.push(Decoded::Notice(format!("The paste was cut after 64 KiB; {dropped} bytes were dropped.")));
            }
            return;
        }
        // Only the first byte of the mark is Esc, so a broken-off mark can begin again only here.
        let again = usize::from(byte == ESC);
        self.state = State::Paste { matched: again };
        let one = [byte];
        for byte in PASTE_END[..matched].iter().chain(one.iter().skip(again)) {
            if self.held.len() < PASTE_LIMIT {
                self.held.push(*byte);
            } else {
                self.dropped += 1;
            }
        }
    }

    /// Ends what is open with a key or with none.
    fn end(&mut self, key: Option<Key>, out: &mut Vec<Decoded>) {
        out.extend(key.map(Decoded::Key));
        self.rest();
    }

    fn rest(&mut self) {
        self.state = State::Ground;
        self.held.clear();
        (self.dropped, self.expires, self.stalls) = (0, None, None);
    }

    /// Goes into a state that waits for its terminator without end.
    fn open(&mut self, state: State, now: Instant) {
        self.state = state;
        self.stalls = Some(now + STALL);
    }

    /// Goes into a state that times out.
    fn wait(&mut self, state: State, now: Instant) {
        self.rest();
        self.state = state;
        self.expires = Some(now + self.patience);
    }
}
