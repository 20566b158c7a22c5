//! Reads ahead: a thread with its own read-only connection sends bounded batches while head office
//! is being written.

use crate::cancel::Cancel;
use crate::clock::Clock;
use crate::domain::{Position, StatusMessage, Timestamp};
use crate::engine::context::Context;
use crate::store::message_database::{Batch, HeldBack};
use crate::store::{Access, MessageDatabase, StoreError};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::thread::Scope;
use std::time::{Duration, Instant};

/// A batch is closed once its text reaches this many bytes; its last message may exceed the limit
/// by several MiB.
const READ_AHEAD_BYTES: usize = 1 << 20;
/// Maximum number of messages waiting to be written. Together with [`READ_AHEAD_BYTES`] it bounds
/// the memory.
const READ_AHEAD_ROWS: usize = 4_000;
/// How long to wait, at the end, for transactions that were open when it was reached. Longer than a
/// chunk of another run takes.
const OPEN_TRANSACTION_TIMEOUT: Duration = Duration::from_secs(5);
/// Interval between two checks whether those transactions have ended.
const POLL_INTERVAL: Duration = Duration::from_millis(10);

/// What the reading thread sends.
pub(super) enum Received {
    /// Messages.
    Batch(Batch),
    /// The next messages become readable only when open transactions end. One of them may be the
    /// writer's own, so the writer should commit.
    Pause,
    /// Everything that can be read has been read.
    End(End),
}

/// The end of reading.
#[derive(Debug, Clone)]
pub(super) struct End {
    /// When the read that first reached the end began.
    pub(super) read_at: Timestamp,
    /// The transaction that was still open after [`OPEN_TRANSACTION_TIMEOUT`]; messages committed
    /// after its begin cannot be read yet.
    pub(super) held_back: Option<HeldBack>,
}

/// Handle of the reading thread. Once it is dropped, the thread exits at its next batch.
pub(super) struct ReadAhead {
    receiver: Receiver<Result<Received, StoreError>>,
    written: Sender<Written>,
}

/// Messages that are written. The thread that allocated them frees them, while the other writes the
/// next.
pub(super) type Written = Vec<(Position, StatusMessage)>;

impl ReadAhead {
    /// Starts reading after `position`; `anchor_guid` is the guid of the message there.
    pub(super) fn start<'scope, 'env>(
        scope: &'scope Scope<'scope, 'env>,
        context: &'env Context<'_>,
        position: Position,
        anchor_guid: Option<String>,
    ) -> Self {
        let rows = context.office.messages_at_once();
        let (sender, receiver) = sync_channel((READ_AHEAD_ROWS / rows).max(1));
        let (written, to_free) = channel();
        let location = context.message_database.location();
        let opening = context.databases.opening(Access::ReadOnly);
        let (clock, cancel) = (context.clock, context.cancel);
        scope.spawn(move || {
            let read = MessageDatabase::open(location, opening).and_then(|database| {
                read_on(&database, (position, anchor_guid), rows, clock, cancel, (&sender, &to_free))
            });
            if let Err(error) = read {
                // The receiver may be gone; then there is nothing to report.
                let _ = sender.send(Err(error));
            }
        });
        Self { receiver, written }
    }

    /// Returns messages that are written to the reading thread, which frees them.
    pub(super) fn give_back(&self, messages: Written) {
        // If reading has ended, they are freed here.
        let _ = self.written.send(messages);
    }

    /// Waits for the next item without a timeout; `None` when reading was canceled.
    pub(super) fn wait(&self) -> Result<Option<Received>, StoreError> {
        self.receiver.recv().ok().transpose()
    }

    /// Waits for the next item until `deadline`; `None` if none arrives by then.
    pub(super) fn wait_until(&self, deadline: Instant) -> Result<Option<Received>, StoreError> {
        let left = deadline.saturating_duration_since(Instant::now());
        match self.receiver.recv_timeout(left.max(Duration::from_millis(1))) {
            Ok(received) => received.map(Some),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => Ok(None),
        }
    }
}

/// Reads everything that had been posted when the end was first reached.
///
/// On a PostgreSQL server, messages after an open transaction are not read yet, because it may
/// still insert one before them. So when no more can be read, the end is reached only once every
/// transaction that had begun by then has ended.
fn read_on(
    database: &MessageDatabase,
    (mut position, mut anchor_guid): (Position, Option<String>),
    rows: usize,
    clock: &dyn Clock,
    cancel: &Cancel,
    (sender, to_free): (&SyncSender<Result<Received, StoreError>>, &Receiver<Written>),
) -> Result<(), StoreError> {
    let mut goal: Option<(i64, Instant, Timestamp)> = None;
    while !cancel.is_tripped() {
        to_free.try_iter().for_each(drop);
        let read_at = clock.now();
        // Taken before the messages are read, so that they include everything below it.
        let horizon = database.horizon()?;
        let batch = database.read_after(position, rows, READ_AHEAD_BYTES)?;
        // Checked after the read: if the database was restored in between, this batch does not
        // continue the one before. New messages reuse the numbers of those that the restore lost,
        // so reading on would skip them.
        if anchor_guid.is_some() && database.guid_at(position)? != anchor_guid {
            return Err(StoreError::Replaced { location: database.location().clone() });
        }
        let reached_end = batch.reached_end;
        if let Some(last) = batch.messages.last() {
            position = last.position;
            anchor_guid = Some(batch.anchor_guid.clone());
            if sender.send(Ok(Received::Batch(batch))).is_err() {
                return Ok(());
            }
        }
        if !reached_end {
            continue;
        }
        let Some(horizon) = horizon else {
            end(sender, read_at, None);
            return Ok(());
        };
        let (next, since, first_at) = *goal.get_or_insert((horizon.next, Instant::now(), read_at));
        if horizon.settled >= next {
            end(sender, first_at, None);
            return Ok(());
        }
        if since.elapsed() >= OPEN_TRANSACTION_TIMEOUT {
            let unknown = HeldBack { by: "a transaction that this login may not see".to_owned(), since: None };
            end(sender, first_at, Some(database.held_back()?.unwrap_or(unknown)));
            return Ok(());
        }
        if sender.send(Ok(Received::Pause)).is_err() || cancel.sleep(POLL_INTERVAL) {
            return Ok(());
        }
    }
    Ok(())
}

fn end(sender: &SyncSender<Result<Received, StoreError>>, read_at: Timestamp, held_back: Option<HeldBack>) {
    // The receiver may be gone; then there is nothing to report.
    let _ = sender.send(Ok(Received::End(End { read_at, held_back })));
}
