//! Reading ahead: a thread with its own read-only connection hands over bounded batches while head office is being written.

use crate::cancel::Cancel;
use crate::clock::Clock;
use crate::domain::{Position, Timestamp};
use crate::engine::context::Context;
use crate::store::message_database::{Batch, HeldBack};
use crate::store::{Access, MessageDatabase, StoreError};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::Scope;
use std::time::{Duration, Instant};

/// Text in a batch beyond which it takes no further message; one message may hold several MiB.
const BYTES: usize = 1 << 20;
/// Messages that may wait to be written, in batches; with the bound above this is what bounds the memory.
const AHEAD: usize = 4_000;
/// How long the end waits for transactions that were open when it was reached: longer than a chunk of another run takes.
const PATIENCE: Duration = Duration::from_secs(5);
/// Between two looks whether they have ended.
const LOOK: Duration = Duration::from_millis(10);

/// What the reading thread hands over.
pub(super) enum Received {
    /// Messages.
    Batch(Batch),
    /// Nothing can be read before transactions end, perhaps the writer's own among them: it should not keep one open.
    Pause,
    /// Nothing is left that can be read.
    End(End),
}

/// The end of reading.
#[derive(Debug, Clone)]
pub(super) struct End {
    /// When the last reading began.
    pub(super) read_at: Timestamp,
    /// A transaction that is open for so long that it was not waited for; what was committed since it began cannot be read yet.
    pub(super) held_back: Option<HeldBack>,
}

/// The reading thread's other end; dropping it ends the thread at its next batch.
pub(super) struct ReadAhead {
    receiver: Receiver<Result<Received, StoreError>>,
}

impl ReadAhead {
    /// Starts reading after `position`, where the message with the guid `anchor_guid` stands.
    pub(super) fn start<'scope, 'env>(
        scope: &'scope Scope<'scope, 'env>,
        context: &'env Context<'_>,
        position: Position,
        anchor_guid: Option<String>,
    ) -> Self {
        let rows = context.office.messages_at_once();
        let (sender, receiver) = sync_channel((AHEAD / rows).max(1));
        let location = context.message_database.location();
        let opening = context.databases.opening(Access::ReadOnly);
        let (clock, cancel) = (context.clock, context.cancel);
        scope.spawn(move || {
            let read = MessageDatabase::open(location, opening)
                .and_then(|database| read_on(&database, (position, anchor_guid), rows, clock, cancel, &sender));
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

/// Reads until nothing is left of what was there when the end first came in sight.
///
/// At a server a message is settled only when no transaction is open that may still put one before it. So the end is where every
/// transaction has ended that had begun when nothing more was to be read.
fn read_on(
    database: &MessageDatabase,
    (mut position, mut anchor_guid): (Position, Option<String>),
    rows: usize,
    clock: &dyn Clock,
    cancel: &Cancel,
    sender: &SyncSender<Result<Received, StoreError>>,
) -> Result<(), StoreError> {
    let mut goal: Option<(i64, Instant, Timestamp)> = None;
    while !cancel.is_tripped() {
        let read_at = clock.now();
        // Before the messages: what lies below it is then among them.
        let horizon = database.horizon()?;
        let batch = database.read_after(position, rows, BYTES)?;
        // After reading: what was read from a database that was restored meanwhile does not follow what was read before. New messages
        // bear the numbers of those that the restore has lost, and who reads on without looking passes over them.
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
        if since.elapsed() >= PATIENCE {
            let unknown = HeldBack { by: "a transaction that this login may not see".to_owned(), since: None };
            end(sender, first_at, Some(database.held_back()?.unwrap_or(unknown)));
            return Ok(());
        }
        if sender.send(Ok(Received::Pause)).is_err() || cancel.sleep(LOOK) {
            return Ok(());
        }
    }
    Ok(())
}

fn end(sender: &SyncSender<Result<Received, StoreError>>, read_at: Timestamp, held_back: Option<HeldBack>) {
    // Whoever no longer listens has its own reason.
    let _ = sender.send(Ok(Received::End(End { read_at, held_back })));
}
