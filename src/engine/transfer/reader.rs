//! Reading ahead: a thread with its own read-only connection hands over bounded batches while head office is being written.

use super::super::process::Context;
use crate::cancel::Cancel;
use crate::clock::Clock;
use crate::domain::{Position, Timestamp};
use crate::store::message_database::Batch;
use crate::store::{Access, MessageDatabase, StoreError};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::Scope;
use std::time::{Duration, Instant};

/// Messages in a batch.
const ROWS: usize = 1_000;
/// Text in a batch beyond which it takes no further message; one message may hold several MiB.
const BYTES: usize = 1 << 20;
/// Batches that may wait to be written; with the two bounds above this is what bounds the memory.
const AHEAD: usize = 4;

/// What the reading thread hands over.
pub(super) enum Received {
    /// Messages, and when their reading began.
    Batch(Batch, Timestamp),
    /// Nothing followed when the last reading began.
    End(Timestamp),
}

/// The reading thread's other end; dropping it ends the thread at its next batch.
pub(super) struct ReadAhead {
    receiver: Receiver<Result<Received, StoreError>>,
}

impl ReadAhead {
    /// Starts reading after `position`.
    pub(super) fn start<'scope, 'env>(
        scope: &'scope Scope<'scope, 'env>,
        context: &'env Context<'_>,
        position: Position,
    ) -> Self {
        let (sender, receiver) = sync_channel(AHEAD);
        let location = context.message_database.location();
        let opening = context.databases.opening(Access::ReadOnly);
        let (clock, cancel) = (context.clock, context.cancel);
        scope.spawn(move || {
            let read = MessageDatabase::open(location, opening)
                .and_then(|database| read_on(&database, position, clock, cancel, &sender));
            if let Err(error) = read {
                // A receiver that is gone has its own reason to stop.
                let _ = sender.send(Err(error));
            }
        });
        Self { receiver }
    }

    /// The next thing, however long it takes; `None` when reading was canceled.
    pub(super) fn wait(&self) -> Result<Option<Received>, StoreError> {
        self.receiver.recv().ok().transpose()
    }

    /// The next thing, or `None` when `deadline` passes first.
    pub(super) fn wait_until(&self, deadline: Instant) -> Result<Option<Received>, StoreError> {
        let left = deadline.saturating_duration_since(Instant::now());
        match self.receiver.recv_timeout(left.max(Duration::from_millis(1))) {
            Ok(received) => received.map(Some),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => Ok(None),
        }
    }
}

fn read_on(
    database: &MessageDatabase,
    mut position: Position,
    clock: &dyn Clock,
    cancel: &Cancel,
    sender: &SyncSender<Result<Received, StoreError>>,
) -> Result<(), StoreError> {
    while !cancel.is_tripped() {
        let read_at = clock.now();
        let batch = database.read_after(position, ROWS, BYTES)?;
        let reached_end = batch.reached_end;
        if let Some(last) = batch.messages.last() {
            position = last.position;
            if sender.send(Ok(Received::Batch(batch, read_at))).is_err() {
                return Ok(());
            }
        }
        if reached_end {
            let _ = sender.send(Ok(Received::End(read_at)));
            return Ok(());
        }
    }
    Ok(())
}
