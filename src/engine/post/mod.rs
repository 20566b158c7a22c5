//! Posts JSON Lines to the message database: one thread reads and parses, the other stores in short
//! transactions.

mod line;
mod line_fault;
mod lines;
mod strict;

pub use line::parse as parse_line;
pub use line_fault::LineFault;

use crate::cancel::Cancel;
use crate::store::message_database::{NewMessage, Posted};
use crate::store::{MessageDatabase, StoreError};
use lines::{Line, Lines};
use std::io::Read;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

/// The most messages in one transaction: few enough that other agents hardly wait.
const BATCH_MESSAGES: usize = 2_000;
/// The most bytes of lines in one transaction.
const BATCH_BYTES: usize = 4 << 20;
/// A pause of the input after which the messages so far are stored.
const STORE_AFTER: Duration = Duration::from_millis(100);

/// The options of a post.
#[derive(Debug, Clone, Copy, Default)]
pub struct PostOptions {
    /// Whether one bad line undoes the whole input. Holds the write lock from the first line to the
    /// last.
    pub strict: bool,
}

/// A line that was not stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadLine {
    /// Its number, from 1.
    pub number: u64,
    /// What is wrong with the line.
    pub reason: LineFault,
}

/// The result of a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct PostSummary {
    /// Lines that were not blank.
    pub lines: u64,
    /// New messages; they survive a power cut.
    pub stored: u64,
    /// Messages that were already stored.
    pub repeated: u64,
    /// Lines without a valid message.
    pub bad: u64,
    /// Whether everything was undone because of bad lines.
    pub rolled_back: bool,
}

/// Why posting stopped before the end of the input.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    /// The input could not be read.
    #[error("cannot read the input after line {line}: {source}; {stored} messages are stored")]
    Input {
        /// The last complete line.
        line: u64,
        /// Messages stored so far.
        stored: u64,
        /// What the system said.
        source: std::io::Error,
    },
    /// The database failed.
    #[error("cannot post: {source}; {stored} messages are stored")]
    Store {
        /// Messages stored so far.
        stored: u64,
        /// The error of the store.
        source: StoreError,
    },
}

/// Posts every line of `input`. Messages are stored whenever the input pauses, so a slow agent's
/// report does not wait for its next one. When canceled, it stores what it has read and returns.
pub fn post(
    database: &MessageDatabase,
    input: impl Read + Send + 'static,
    options: PostOptions,
    cancel: &Cancel,
    mut bad_line: impl FnMut(BadLine),
    mut progress: impl FnMut(&PostSummary),
) -> Result<PostSummary, PostError> {
    let (sender, receiver) = sync_channel(64);
    // Not joined: it may be in a read that never ends, and owns nothing but its end of the channel.
    std::thread::spawn(move || Lines::new(input).send_to(&sender));
    let mut summary = PostSummary::default();
    let mut batch = Batch::default();
    loop {
        let ended = batch.collect(&receiver, options.strict, cancel).map_err(|source| PostError::Input {
            line: batch.last_line,
            stored: summary.stored,
            source,
        })?;
        let stored = summary.stored;
        batch
            .store(database, options, &mut summary, &mut bad_line)
            .map_err(|source| PostError::Store { stored, source })?;
        progress(&summary);
        if ended || cancel.is_tripped() {
            return Ok(summary);
        }
    }
}

#[derive(Default)]
struct Batch {
    numbers: Vec<u64>,
    messages: Vec<NewMessage>,
    bad: Vec<BadLine>,
    last_line: u64,
}

impl Batch {
    /// Collects lines until the batch is full or the input pauses; returns whether the input has
    /// ended.
    fn collect(&mut self, receiver: &Receiver<Line>, whole: bool, cancel: &Cancel) -> std::io::Result<bool> {
        let mut bytes = 0;
        while whole || (self.messages.len() < BATCH_MESSAGES && bytes < BATCH_BYTES) {
            let line = match receiver.recv_timeout(STORE_AFTER) {
                Ok(line) => line,
                Err(RecvTimeoutError::Disconnected) => return Ok(true),
                Err(RecvTimeoutError::Timeout) if cancel.is_tripped() => return Ok(true),
                Err(RecvTimeoutError::Timeout) if whole || (self.messages.is_empty() && self.bad.is_empty()) => {
                    continue;
                }
                Err(RecvTimeoutError::Timeout) => return Ok(false),
            };
            match line {
                Line::Message { number, length, message } => {
                    bytes += length;
                    self.last_line = number;
                    self.numbers.push(number);
                    self.messages.push(*message);
                }
                Line::Bad(bad) => {
                    self.last_line = bad.number;
                    self.bad.push(bad);
                }
                Line::Broken(error) => return Err(error),
            }
        }
        Ok(false)
    }

    fn store(
        &mut self,
        database: &MessageDatabase,
        options: PostOptions,
        summary: &mut PostSummary,
        bad_line: &mut impl FnMut(BadLine),
    ) -> Result<(), StoreError> {
        let mut bad = std::mem::take(&mut self.bad);
        let messages = std::mem::take(&mut self.messages);
        let numbers = std::mem::take(&mut self.numbers);
        summary.lines += (messages.len() + bad.len()) as u64;
        let posted = if messages.is_empty() {
            Vec::new()
        } else {
            let bad_so_far = !bad.is_empty();
            database
                .post_if(&messages, |posted| !options.strict || !(bad_so_far || posted.contains(&Posted::Conflict)))?
        };
        for (number, posted) in numbers.into_iter().zip(&posted) {
            match posted {
                Posted::Stored => summary.stored += 1,
                Posted::Repeated => summary.repeated += 1,
                Posted::Conflict => bad.push(BadLine { number, reason: LineFault::Conflict }),
            }
        }
        summary.bad += bad.len() as u64;
        if options.strict && !bad.is_empty() {
            summary.rolled_back = true;
            summary.stored = 0;
        }
        bad.sort_unstable_by_key(|bad| bad.number);
        bad.into_iter().for_each(bad_line);
        Ok(())
    }
}
