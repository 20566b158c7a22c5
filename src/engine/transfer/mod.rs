//! The transfer: one thread reads the message database ahead, the other writes head office chunk by
//! chunk.
//!
//! A chunk is one transaction of head office: messages, sessions, counts and position. If the
//! process is killed, the next run continues from the position: nothing is lost, nothing is
//! doubled.

mod chunk;
mod failures;
mod names;
mod ramp;
mod reader;
mod repeated_failure;
mod repetition;
mod replay;
mod source;

use crate::domain::{Cursor, Position, Step};
use crate::engine::context::{Context, Tally, WRITER_GAP};
use crate::engine::event::{ChunkFigures, Progress, RunEvent, StepBegin};
use crate::engine::retry;
use crate::store::StoreError;
use crate::store::head_office::FindRepeated;
pub(super) use chunk::{Applied, Chunk};
use ramp::Ramp;
use reader::{End, ReadAhead, Received};
use repetition::Repetition;
use std::time::Instant;

/// The result of the transfer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Transferred {
    /// It was canceled and stopped after a chunk.
    pub(super) canceled: bool,
    /// Messages were purged that this head office has never read, because it was restored or is new
    /// here.
    pub(super) head_office_was_restored: bool,
}

/// Transfers everything that waits. Reconnects and retries while a server is unreachable.
pub(super) fn transfer(context: &Context, tally: &mut Tally) -> Result<Transferred, StoreError> {
    let mut tries = 0;
    retry::with_reconnect(context, tally, |tally| {
        tries += 1;
        if tries > 1
            && let Some(run) = context.office.run(context.claim.run_id)?
        {
            // This count includes the last chunk if and only if it was committed.
            tally.counts = run.counts;
        }
        from_position(context, tally)
    })
}

/// Transfers from head office's position on.
fn from_position(context: &Context, tally: &mut Tally) -> Result<Transferred, StoreError> {
    let source = source::find(context, tally)?;
    let mut cursor = source.cursor;
    let database_id = cursor.database_id.clone();
    context.office.note_step(&context.claim, &database_id, Step::Transfer)?;
    context.events.send(RunEvent::Step(Step::Transfer));
    complete_session_actions(context, &database_id)?;
    while context.office.has_stale_sessions()? && !context.cancel.is_tripped() {
        context.office.begin_chunk(&context.claim, &cursor, FindRepeated::Each)?.refold()?;
    }
    let mut transferred = Transferred { canceled: false, head_office_was_restored: source.head_office_was_restored };
    let mut repetition = Repetition::expected_by(&cursor);
    let written = loop {
        let written = std::thread::scope(|scope| {
            let ahead = ReadAhead::start(scope, context, cursor.position, cursor.anchor_guid.clone());
            write_chunks(context, tally, &mut cursor, &mut repetition, &ahead)
        })?;
        if let Some(reason) = written {
            break reason;
        }
        // Read again from the last chunk's end.
        repetition.note_found();
    };
    match written {
        StopReason::EndReached(End { read_at, held_back: None }) => {
            context.office.note_end_reached(&context.claim, &cursor, read_at)?;
        }
        StopReason::EndReached(End { read_at, held_back: Some(held_back) }) => {
            let since = held_back.since.map(|since| format!(" since {}", since.to_rfc3339())).unwrap_or_default();
            context.notice(
                tally,
                format!(
                    "the transfer is incomplete: {} is still open{since}; a run after its end reads the messages committed since",
                    held_back.by
                ),
            );
            if let Some(since) = held_back.since {
                context.office.note_as_of(&context.claim, &cursor, since.min(read_at))?;
            }
        }
        StopReason::Canceled => transferred.canceled = true,
    }
    Ok(transferred)
}

/// The newest requests that are checked; operators make far fewer.
const MAX_REQUESTS: i64 = 10_000;

/// Completes session actions that were interrupted between the two databases: writes their journal
/// rows, and marks uploads for rerun.
fn complete_session_actions(context: &Context, database_id: &str) -> Result<(), StoreError> {
    context.office.follow_operations(&context.claim, &context.message_database.operation_parts(MAX_REQUESTS)?)?;
    let requests = context.message_database.upload_reruns(MAX_REQUESTS)?;
    if requests.is_empty() {
        return Ok(());
    }
    context.office.follow_reruns(&context.claim, database_id, &requests)
}

/// Why no more chunks are written.
enum StopReason {
    /// Everything was read.
    EndReached(End),
    /// The run is canceled.
    Canceled,
}

/// Writes chunks until there is a reason to stop. Returns `None` if the last chunk was rolled back
/// because it contained messages that head office has already; it must be written again.
fn write_chunks(
    context: &Context,
    tally: &mut Tally,
    cursor: &mut Cursor,
    repetition: &mut Repetition,
    ahead: &ReadAhead,
) -> Result<Option<StopReason>, StoreError> {
    let since = StepBegin::now(tally.counts.read);
    let mut ramp = Ramp::new();
    loop {
        if context.cancel.is_tripped() {
            return Ok(Some(StopReason::Canceled));
        }
        // Waits for the first messages before taking head office's write lock.
        let first = match context.keeping_lease(|| ahead.wait())? {
            Some(Received::Batch(batch)) => batch,
            Some(Received::Pause) => continue,
            Some(Received::End(end)) => return Ok(Some(StopReason::EndReached(end))),
            None => return Ok(Some(StopReason::Canceled)),
        };
        let began = Instant::now();
        let mut chunk = Chunk::begin(context.office, &context.claim, cursor, &mut ramp, repetition.find())?;
        ahead.give_back(chunk.take(first)?);
        let mut ended = None;
        while ended.is_none() && !chunk.is_full() && !context.cancel.is_tripped() {
            match ahead.wait_until(chunk.deadline())? {
                Some(Received::Batch(batch)) => ahead.give_back(chunk.take(batch)?),
                Some(Received::End(end)) => ended = Some(end),
                Some(Received::Pause) | None => break,
            }
        }
        let failures = chunk.take_failures();
        let Some(counts) = chunk.commit(&context.claim, cursor)? else { return Ok(None) };
        repetition.note(counts.repeated);
        tally.counts.add(&counts);
        let figures = ChunkFigures { counts: tally.counts, rows: counts.read, took: began.elapsed() };
        report(context, figures, cursor.position, since)?;
        if failures.count > 0 {
            context.events.send(RunEvent::Failures(failures.count, failures.newest.into()));
        }
        if let Some(end) = ended {
            return Ok(Some(StopReason::EndReached(end)));
        }
        context.cancel.sleep(WRITER_GAP);
    }
}

fn report(context: &Context, figures: ChunkFigures, position: Position, since: StepBegin) -> Result<(), StoreError> {
    // Ids have almost no gaps, so their difference is a good estimate of the messages left.
    let end = context.message_database.end().unwrap_or(position);
    let left = (end.message_id - position.message_id).max(0);
    let done = figures.counts.read;
    let progress = Progress::new(Step::Transfer, done, done + left, figures.counts.rejected, since);
    let reached = context.message_database.posted_at(position).ok().flatten();
    context.progress(Progress { reached, chunk: Some(figures), ..progress })
}
