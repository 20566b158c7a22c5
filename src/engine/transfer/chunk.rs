//! One chunk: messages are checked, stored and folded in memory, then each session is written once,
//! all in one transaction.

use crate::domain::{Cause, Counts, Cursor, Fold, Malformed, Position, Reason, SessionKey, StatusMessage, Timestamp};
use crate::engine::transfer::failures::Failures;
use crate::engine::transfer::names::Names;
use crate::engine::transfer::ramp::Ramp;
use crate::engine::transfer::reader::Written;
use crate::engine::transfer::repeated_failure::is_repeated;
use crate::engine::transfer::replay::Reread;
use crate::store::head_office::{ActionNote, ChunkWriter, FindRepeated, Found, NewHere, Retry, RunClaim};
use crate::store::message_database::Batch;
use crate::store::{HeadOffice, StoreError};
use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};
use std::time::Instant;

/// Maximum number of messages in a chunk.
const MAX_MESSAGES: i64 = 400_000;
/// Maximum number of bytes of message text in a chunk.
const MAX_BYTES: usize = 64 << 20;
/// Maximum number of sessions held in memory, and of bytes of their text. At either limit they are
/// written early.
const MAX_HELD_SESSIONS: usize = 4_096;
const MAX_HELD_BYTES: usize = 4 << 20;

/// A session of this chunk. `known`: head office has a row for it. `changed`: not yet written.
/// `counted`: this run has already counted it as changed.
enum SessionState {
    Live { fold: Option<Box<Fold>>, known: bool, changed: bool, counted: bool },
    Purged(Timestamp),
}

/// An open chunk. If it is dropped without [`Chunk::commit`], nothing of it is kept.
pub(in crate::engine) struct Chunk<'c> {
    writer: ChunkWriter<'c>,
    sessions: HashMap<SessionKey, SessionState>,
    causes: HashMap<i64, (Cause, Timestamp, Timestamp)>,
    names: Names,
    failures: Failures,
    counts: Counts,
    reread: Option<Reread>,
    position: Position,
    anchor_guid: String,
    /// Bytes of message text taken so far.
    bytes: usize,
    /// Bytes of text of the sessions in memory.
    bytes_held: usize,
    deadline: Instant,
}

impl<'c> Chunk<'c> {
    /// Begins a chunk: takes head office's write lock and checks the lease and the cursor.
    pub(super) fn begin(
        office: &'c HeadOffice,
        claim: &RunClaim,
        cursor: &Cursor,
        ramp: &mut Ramp,
        find: FindRepeated,
    ) -> Result<Self, StoreError> {
        let writer = office.begin_chunk(claim, cursor, find)?;
        let deadline = Instant::now() + ramp.next();
        Ok(Self { reread: Reread::of(cursor), deadline, ..Self::of(writer) })
    }

    /// Creates a chunk in a transaction that is already open.
    pub(in crate::engine) fn of(writer: ChunkWriter<'c>) -> Self {
        Self {
            writer,
            sessions: HashMap::new(),
            causes: HashMap::new(),
            names: Names::default(),
            failures: Failures::default(),
            counts: Counts::default(),
            reread: None,
            position: Position::default(),
            anchor_guid: String::new(),
            bytes: 0,
            bytes_held: 0,
            deadline: Instant::now(),
        }
    }

    /// Whether it should be committed before it takes more messages.
    pub(super) fn is_full(&self) -> bool {
        self.counts.read >= MAX_MESSAGES || self.bytes >= MAX_BYTES || Instant::now() >= self.deadline
    }

    /// Returns when the chunk stops collecting messages.
    pub(super) fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Adds messages; returns the valid ones, to be freed by the caller.
    pub(super) fn take(&mut self, batch: Batch) -> Result<Written, StoreError> {
        let mut valid = Vec::with_capacity(batch.messages.len());
        for incoming in batch.messages {
            self.position = incoming.position;
            self.counts.read += 1;
            match incoming.content {
                Ok(message) => {
                    self.bytes += message.text_bytes();
                    valid.push((incoming.position, message));
                }
                Err(malformed) => self.reject(incoming.position, &malformed)?,
            }
        }
        self.anchor_guid = batch.anchor_guid;
        let applied = self.apply(&valid)?;
        for ((position, message), applied) in valid.iter().zip(applied) {
            match applied {
                Applied::New => self.counts.inserted += 1,
                Applied::Known => self.counts.repeated += 1,
                Applied::SessionPurged(at)
                    if self.reread.is_some_and(|reread| reread.was_here(*position, message, at)) =>
                {
                    self.counts.repeated += 1;
                }
                Applied::SessionPurged(at) => {
                    let raw = message.to_raw(*position).to_json();
                    self.reject(*position, &Malformed { reason: Reason::Purged(at), raw })?;
                }
            }
        }
        if self.sessions.len() >= MAX_HELD_SESSIONS || self.bytes_held >= MAX_HELD_BYTES {
            self.save()?;
        }
        Ok(valid)
    }

    /// Stores valid messages and folds the new ones into their sessions; returns the result of
    /// each.
    pub(in crate::engine) fn apply(
        &mut self,
        messages: &[(Position, StatusMessage)],
    ) -> Result<Vec<Applied>, StoreError> {
        let mut applied = Vec::with_capacity(messages.len());
        let mut live = Vec::with_capacity(messages.len());
        let mut causes = Vec::with_capacity(messages.len());
        if self.names.are_many() {
            self.names.write(&mut self.writer)?;
        }
        self.names.look_up(messages.iter().map(|(_, message)| message), &mut self.writer)?;
        self.look_up(messages)?;
        for (index, (position, message)) in messages.iter().enumerate() {
            let fold = match self.sessions.get(&message.key) {
                Some(SessionState::Purged(at)) => {
                    applied.push(Applied::SessionPurged(*at));
                    continue;
                }
                Some(SessionState::Live { fold, .. }) => fold.as_deref(),
                None => None,
            };
            applied.push(Applied::Known);
            let is_failure = message.status.is_failed() && !is_repeated(message, &messages[..index], fold);
            let cause = is_failure.then(|| Cause::of(message.message.as_deref().unwrap_or("")));
            let digest = cause.as_ref().map(|cause| cause.digest);
            live.push(NewHere { message, message_id: position.message_id, cause: digest });
            causes.push(cause);
        }
        let new = self.writer.insert(&live)?;
        let known = applied.iter_mut().filter(|applied| matches!(applied, Applied::Known));
        for (((applied, live), cause), new) in known.zip(live).zip(causes).zip(new) {
            if new {
                *applied = Applied::New;
                if cause.is_some() {
                    self.failures.note(live.message);
                }
                self.fold(live.message, cause);
                self.names.note(live.message);
            }
        }
        Ok(applied)
    }

    fn fold(&mut self, message: &StatusMessage, cause: Option<Cause>) {
        if let Some(SessionState::Live { fold, changed, .. }) = self.sessions.get_mut(&message.key) {
            let before = fold.as_ref().map_or(0, |fold| fold.text_bytes());
            let folded = match fold {
                Some(fold) => {
                    fold.absorb(message);
                    fold
                }
                None => fold.insert(Box::new(Fold::of(message))),
            };
            self.bytes_held = (self.bytes_held + folded.text_bytes()).saturating_sub(before);
            *changed = true;
        }
        if let Some(cause) = cause {
            let at = message.occurred_at;
            let (_, first, last) = self.causes.entry(cause.digest).or_insert((cause, at, at));
            *first = (*first).min(at);
            *last = (*last).max(at);
        }
    }

    /// Loads the messages' sessions into memory.
    fn look_up(&mut self, messages: &[(Position, StatusMessage)]) -> Result<(), StoreError> {
        let mut wanted = HashSet::with_capacity(messages.len());
        let keys = messages.iter().map(|(_, message)| &message.key);
        let keys: Vec<_> = keys.filter(|key| !self.sessions.contains_key(key) && wanted.insert(*key)).collect();
        if keys.is_empty() {
            return Ok(());
        }
        for (key, found) in keys.iter().zip(self.writer.look_up(&keys)?) {
            let state = match found {
                Found::Live(fold, counted) => {
                    self.bytes_held += fold.text_bytes();
                    SessionState::Live { fold: Some(fold), known: true, changed: false, counted }
                }
                Found::Purged(at) => SessionState::Purged(at),
                Found::Absent => SessionState::Live { fold: None, known: false, changed: false, counted: false },
            };
            self.sessions.insert((*key).clone(), state);
        }
        Ok(())
    }

    fn reject(&mut self, position: Position, malformed: &Malformed) -> Result<(), StoreError> {
        if self.writer.reject(position.message_id, malformed)? {
            self.counts.rejected += 1;
        } else {
            self.counts.repeated += 1;
        }
        Ok(())
    }

    /// Commits the chunk and moves `cursor` to its end. Durable when it returns the counts; `None`:
    /// nothing is stored, because it has repeated messages and did not look each up.
    pub(super) fn commit(mut self, claim: &RunClaim, cursor: &mut Cursor) -> Result<Option<Counts>, StoreError> {
        self.finish()?;
        if !self.writer.commit(self.position, &self.anchor_guid, &self.counts, claim)? {
            return Ok(None);
        }
        cursor.position = self.position;
        cursor.anchor_guid = Some(self.anchor_guid);
        Ok(Some(self.counts))
    }

    /// Takes the failures among its new messages, to be reported after the commit.
    pub(super) fn take_failures(&mut self) -> Failures {
        std::mem::take(&mut self.failures)
    }

    /// Commits a successful retry.
    pub(in crate::engine) fn commit_retry(
        mut self,
        rejected_id: i64,
        retry: &Retry,
        result: &str,
    ) -> Result<(), StoreError> {
        self.finish()?;
        self.writer.commit_retry(rejected_id, retry, result)
    }

    /// Commits a part of a session action; returns the journal entry's number.
    pub(in crate::engine) fn commit_action(mut self, note: &ActionNote) -> Result<i64, StoreError> {
        self.finish()?;
        self.writer.commit_action(note)
    }

    /// Writes everything held in memory.
    fn finish(&mut self) -> Result<(), StoreError> {
        self.save()?;
        self.names.write(&mut self.writer)
    }

    /// Writes the sessions and causes held in memory and forgets them.
    fn save(&mut self) -> Result<(), StoreError> {
        let (mut new, mut changed) = (Vec::new(), Vec::new());
        for (key, state) in &self.sessions {
            if let SessionState::Live { fold: Some(fold), known, changed: true, counted } = state {
                self.counts.sessions_changed += i64::from(!counted);
                let sessions = if *known { &mut changed } else { &mut new };
                sessions.push((key, fold.as_ref()));
            }
        }
        // Sorted, so that neighbors in the index are written together.
        for sessions in [&mut new, &mut changed] {
            sessions.sort_unstable_by_key(|(key, _)| *key);
        }
        self.writer.save_sessions(&new, &changed)?;
        for (cause, first, last) in self.causes.values() {
            self.writer.note_cause(cause, *first, *last)?;
        }
        self.sessions.clear();
        self.causes.clear();
        self.bytes_held = 0;
        Ok(())
    }
}

/// The result of a valid message.
pub(in crate::engine) enum Applied {
    /// Stored and folded.
    New,
    /// Its GUID was already at head office.
    Known,
    /// Its session was purged at this instant.
    SessionPurged(Timestamp),
}
