//! The transfer: one thread reads the message database ahead, this one writes head office chunk by chunk.
//!
//! A chunk is one transaction of head office: messages, sessions, counts and position together. Killed anywhere, the next run
//! goes on from the position: nothing lost, nothing twice.

mod chunk;
mod failures;
mod names;
mod reader;
mod source;

use super::event::{ChunkFigures, Progress, RunEvent};
use super::process::{Context, Tally};
use crate::domain::{Position, Step, Timestamp};
use crate::store::StoreError;
use crate::store::head_office::Cursor;
use chunk::Ramp;
pub(super) use chunk::{Applied, Chunk};
use reader::{ReadAhead, Received};
use std::time::{Duration, Instant};

/// Between two chunks, so that an operator's change to head office, which waits in steps of a few milliseconds, finds its way in.
const GAP: Duration = Duration::from_millis(6);

/// How the transfer ended.
#[derive(Debug, Clone, Copy)]
pub(super) struct Transferred {
    /// It was asked to stop and did so at a chunk.
    pub(super) canceled: bool,
    /// Messages were purged that this head office has never read, because it was restored or is new here.
    pub(super) head_office_was_restored: bool,
}

/// Brings everything that waits to head office.
pub(super) fn transfer(context: &Context, tally: &mut Tally) -> Result<Transferred, StoreError> {
    let source = source::find(context, tally)?;
    let mut cursor = source.cursor;
    let database_id = cursor.database_id.clone();
    context.office.note_step(&context.claim, &database_id, Step::Transfer)?;
    context.events.send(RunEvent::Step(Step::Transfer));
    follow_reruns(context, &database_id)?;
    let mut transferred = Transferred { canceled: false, head_office_was_restored: source.head_office_was_restored };
    let as_of = std::thread::scope(|scope| {
        let ahead = ReadAhead::start(scope, context, cursor.position);
        write_chunks(context, tally, &mut cursor, &ahead)
    })?;
    match as_of {
        Some(as_of) => context.office.note_end_reached(&cursor, as_of)?,
        None => transferred.canceled = true,
    }
    Ok(transferred)
}

/// Requests of reruns that are looked at; they are written by hand, so that there are few.
const RERUNS: i64 = 10_000;

/// Marks the uploads that agents are asked to repeat, should the operator's program have been killed before it did.
fn follow_reruns(context: &Context, database_id: &str) -> Result<(), StoreError> {
    let requests = context.message_database.upload_reruns(RERUNS)?;
    if requests.is_empty() {
        return Ok(());
    }
    context.office.follow_reruns(&context.claim, database_id, &requests)
}

/// Writes chunks until the end is reached (then returns how fresh head office is) or the run is canceled (`None`).
fn write_chunks(
    context: &Context,
    tally: &mut Tally,
    cursor: &mut Cursor,
    ahead: &ReadAhead,
) -> Result<Option<Timestamp>, StoreError> {
    let since = Instant::now();
    let mut ramp = Ramp::new();
    loop {
        if context.cancel.is_tripped() {
            return Ok(None);
        }
        // Waits for the first messages before it takes head office's write lock.
        let (first, mut as_of) = match ahead.wait()? {
            Some(Received::Batch(batch, read_at)) => (batch, read_at),
            Some(Received::End(read_at)) => return Ok(Some(read_at)),
            None => return Ok(None),
        };
        let began = Instant::now();
        let mut chunk = Chunk::begin(context.office, &context.claim, cursor, &mut ramp)?;
        chunk.take(first)?;
        let mut ended = false;
        while !ended && !chunk.is_full() && !context.cancel.is_tripped() {
            match ahead.wait_until(chunk.deadline())? {
                Some(Received::Batch(batch, read_at)) => {
                    as_of = read_at;
                    chunk.take(batch)?;
                }
                Some(Received::End(read_at)) => {
                    as_of = read_at;
                    ended = true;
                }
                None => break,
            }
        }
        let failures = chunk.take_failures();
        let counts = chunk.commit(&context.claim, cursor)?;
        tally.counts.add(&counts);
        let figures = ChunkFigures { counts: tally.counts, rows: counts.read, took: began.elapsed() };
        report(context, figures, cursor.position, since)?;
        if failures.count > 0 {
            context.events.send(RunEvent::Failures(failures.count, failures.newest.into()));
        }
        if ended {
            return Ok(Some(as_of));
        }
        context.cancel.sleep(GAP);
    }
}

fn report(context: &Context, figures: ChunkFigures, position: Position, since: Instant) -> Result<(), StoreError> {
    // Ids are given without gaps but for agents' failures, so their difference is what is left, near enough for a bar.
    let end = context.message_database.end().unwrap_or(position);
    let left = (end.message_id - position.message_id).max(0);
    let done = figures.counts.read;
    let progress = Progress::new(Step::Transfer, done, done + left, figures.counts.rejected, since);
    let reached = context.message_database.posted_at(position).ok().flatten();
    context.progress(Progress { reached, chunk: Some(figures), ..progress })
}
