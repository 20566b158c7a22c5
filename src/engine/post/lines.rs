//! Splits the input into lines: a byte-order mark, CRLF and blank lines are accepted, an endless
//! line is not.

use crate::engine::post::line::parse;
use crate::engine::post::{BadLine, LineFault};
use crate::store::message_database::NewMessage;
use std::io::{BufRead, BufReader, Read};
use std::sync::mpsc::SyncSender;

/// The longest line in bytes.
pub const MAX_LINE_BYTES: usize = 4 << 20;

/// One line that is not blank.
pub(super) enum Line {
    /// A message.
    Message {
        /// The line's number.
        number: u64,
        /// The line's length in bytes.
        length: usize,
        message: Box<NewMessage>,
    },
    /// It holds no valid message.
    Bad(BadLine),
    /// The input broke off.
    Broken(std::io::Error),
}

pub(super) struct Lines<R> {
    input: BufReader<R>,
    number: u64,
}

impl<R: Read> Lines<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input: BufReader::with_capacity(1 << 16, input), number: 0 }
    }

    /// Sends every line until the input or the receiver ends.
    pub(super) fn send_to(mut self, sender: &SyncSender<Line>) {
        let mut line = Vec::new();
        loop {
            line.clear();
            let sent = match self.read_line(&mut line) {
                Ok(None) => return,
                Ok(Some(whole)) => self.send(&line, whole, sender),
                Err(error) => {
                    let _ = sender.send(Line::Broken(error));
                    return;
                }
            };
            if !sent {
                return;
            }
        }
    }

    /// Reads one line; `None` at the end, `Some(false)` if it was longer than the limit and the
    /// rest was skipped.
    fn read_line(&mut self, line: &mut Vec<u8>) -> std::io::Result<Option<bool>> {
        let limit = MAX_LINE_BYTES as u64 + 1;
        let read = self.input.by_ref().take(limit).read_until(b'\n', line)?;
        if read == 0 {
            return Ok(None);
        }
        self.number += 1;
        if read as u64 == limit && line.last() != Some(&b'\n') {
            self.input.skip_until(b'\n')?;
            return Ok(Some(false));
        }
        Ok(Some(true))
    }

    fn send(&self, line: &[u8], whole: bool, sender: &SyncSender<Line>) -> bool {
        let number = self.number;
        let bad = |reason: LineFault| Line::Bad(BadLine { number, reason });
        if !whole {
            return sender.send(bad(LineFault::TooLong)).is_ok();
        }
        let line = if number == 1 { line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line) } else { line };
        let line = line.trim_ascii();
        if line.is_empty() {
            return true;
        }
        let parsed = match parse(line) {
            Ok(message) => Line::Message { number, length: line.len(), message: Box::new(message) },
            Err(reason) => bad(reason),
        };
        sender.send(parsed).is_ok()
    }
}
