//! One chunk of the transfer: messages, sessions, counts and the new position in one transaction.

use crate::domain::{
    Cause, Counts, Cursor, Direction, Fold, Malformed, Position, Presence, SessionKey, Timestamp, hex,
};
use crate::store::StoreError;
use crate::store::connection::{Statement, Transaction};
use crate::store::dialect::{INSERT_ROWS, NOW};
use crate::store::head_office::chunk_rows::{Found, TOMBSTONE};
use crate::store::head_office::message_guids::{ChunkGuids, FindRepeated};
use crate::store::head_office::message_row::{COLUMN_COUNT, COLUMNS, GUID_LENGTH, GuidText, NewHere, guid, values_of};
use crate::store::head_office::presence::Presences;
use crate::store::head_office::sessions::{key_values, load, save};
use crate::store::head_office::{HeadOffice, Retry, RunClaim, bulk};
use crate::store::value::{Value, placeholders, values};
use sha2::{Digest, Sha256};

/// Rows that one statement stores: its B-tree cursors stay in place from row to row, which halves
/// the time of each.
const MESSAGES_PER_STATEMENT: usize = 32;

/// An open chunk; it is rolled back unless one of the commits succeeds.
pub struct ChunkWriter<'c> {
    pub(super) office: &'c HeadOffice,
    pub(super) transaction: Transaction<'c>,
    insert: Statement<'c>,
    insert_group: Statement<'c>,
    /// The GUIDs that an SQLite file adds at the end of the chunk; `None` at a server.
    guids: Option<ChunkGuids<'c>>,
    load: Statement<'c>,
    save: Statement<'c>,
    save_group: Statement<'c>,
    /// `None` if there is no tombstone to look up, because nothing was ever purged.
    tombstone: Option<Statement<'c>>,
    reject: Statement<'c>,
    cause: Statement<'c>,
    presences: Presences<'c>,
    source_id: i64,
    run_id: i64,
    now: Timestamp,
    /// Whether a message existed already, see `bulk.rs`.
    staged: bool,
}

impl HeadOffice {
    /// The best number of messages to store together: a round trip to a server takes as long for
    /// many as for a few.
    pub fn messages_at_once(&self) -> usize {
        if self.connection.session().is_some() { 4_000 } else { 1_000 }
    }

    /// Begins a chunk: takes the write lock, renews the lease, and checks that the cursor is where
    /// the caller expects it.
    pub fn begin_chunk(
        &self,
        claim: &RunClaim,
        cursor: &Cursor,
        find: FindRepeated,
    ) -> Result<ChunkWriter<'_>, StoreError> {
        let transaction = self.connection.begin()?;
        if let Some(server) = self.connection.session() {
            server.script(bulk::BY_INDEX)?;
        }
        self.hold_lease(claim)?;
        let sql = format!(
            "update transfer_cursor set last_used_at = {NOW}
             where source_id = $1 and position_tx = $2 and position_id = $3"
        );
        let Position { origin_tx, message_id } = cursor.position;
        if self.connection.execute(&sql, values![cursor.source_id, origin_tx, message_id])? == 0 {
            return Err(StoreError::CursorMoved { location: self.location().clone() });
        }
        self.writer(transaction, cursor.source_id, claim.run_id, find)
    }

    /// Begins a chunk outside of any run.
    pub fn begin_outside_run(&self, source_id: i64, run_id: i64) -> Result<ChunkWriter<'_>, StoreError> {
        let transaction = self.connection.begin()?;
        self.writer(transaction, source_id, run_id, FindRepeated::Each)
    }

    /// Prepares storing `rows` messages.
    fn prepare_insert(&self, rows: usize) -> Result<Statement<'_>, StoreError> {
        let rows: Vec<_> = (0..rows).map(|row| placeholders(row * COLUMN_COUNT, COLUMN_COUNT)).collect();
        self.connection.prepare(&format!("{INSERT_ROWS} status_message ({COLUMNS}) values {}", rows.join(", ")))
    }

    fn writer<'c>(
        &'c self,
        transaction: Transaction<'c>,
        source_id: i64,
        run_id: i64,
        find: FindRepeated,
    ) -> Result<ChunkWriter<'c>, StoreError> {
        let at_server = self.connection.session().is_some();
        let prepare = |sql| self.connection.prepare(sql);
        let purged = self.connection.exists("select 1 from session_tombstone limit 1", &[])?;
        Ok(ChunkWriter {
            office: self,
            transaction,
            insert: self.prepare_insert(1)?,
            insert_group: self.prepare_insert(MESSAGES_PER_STATEMENT)?,
            guids: if at_server { None } else { Some(ChunkGuids::of(&self.connection, find)?) },
            load: self.prepare_load_session()?,
            save: self.prepare_save_sessions(1)?,
            save_group: self.prepare_save_sessions(MESSAGES_PER_STATEMENT)?,
            tombstone: if purged { Some(prepare(TOMBSTONE)?) } else { None },
            reject: prepare(
                "insert into rejected_message (source_id, database_id, message_id, raw, raw_digest, reason, run_id, rejected_at)
                 select source_id, database_id, $2, $3, $4, $5, $6, $7 from transfer_cursor where source_id = $1
                 on conflict (database_id, message_id, raw_digest) do nothing",
            )?,
            cause: prepare(
                "insert into cause (digest, masked, first_seen_at, last_seen_at) values ($1, $2, $3, $4)
                 on conflict (digest) do update set
                    first_seen_at = case when excluded.first_seen_at < cause.first_seen_at
                        then excluded.first_seen_at else cause.first_seen_at end,
                    last_seen_at = case when excluded.last_seen_at > cause.last_seen_at
                        then excluded.last_seen_at else cause.last_seen_at end",
            )?,
            presences: self.prepare_presences()?,
            source_id,
            run_id,
            now: self.now()?,
            staged: false,
        })
    }
}

impl ChunkWriter<'_> {
    /// Stores messages; returns for each whether its GUID is new. An SQLite file may find out only
    /// at the end of the chunk; until then it counts as new.
    pub fn insert(&mut self, messages: &[NewHere]) -> Result<Vec<bool>, StoreError> {
        if let Some(server) = self.office.connection.session() {
            let (source_id, run_id, now) = (self.source_id, self.run_id, self.now);
            return bulk::insert(server, messages, &mut self.staged, &|lines, new| {
                lines.row(&values_of(new, guid(new, &mut [0; GUID_LENGTH]), source_id, run_id, now));
            });
        }
        let Some(guids) = &mut self.guids else { return Ok(Vec::new()) };
        let is_new = guids.register(messages)?;
        let new: Vec<_> = messages.iter().zip(&is_new).filter(|(_, is_new)| **is_new).map(|(new, _)| *new).collect();
        let mut groups = new.chunks_exact(MESSAGES_PER_STATEMENT);
        let mut texts = [[0; GUID_LENGTH]; MESSAGES_PER_STATEMENT];
        for group in groups.by_ref() {
            self.insert_group.execute(&self.values_of(group, &mut texts))?;
        }
        for message in groups.remainder() {
            self.insert.execute(&self.values_of(&[*message], &mut texts))?;
        }
        Ok(is_new)
    }

    /// The values of messages; their GUIDs are written into `texts`.
    fn values_of<'a>(
        &self,
        messages: &[NewHere<'a>],
        texts: &'a mut [GuidText; MESSAGES_PER_STATEMENT],
    ) -> Vec<Value<'a>> {
        let rows = messages.iter().zip(texts);
        rows.flat_map(|(new, text)| values_of(new, guid(new, text), self.source_id, self.run_id, self.now)).collect()
    }

    /// Looks sessions up, in the order of their keys.
    pub fn look_up(&mut self, keys: &[&SessionKey]) -> Result<Vec<Found>, StoreError> {
        if let Some(server) = self.office.connection.session() {
            return bulk::look_up(server, self.office.location(), keys, self.run_id, self.tombstone.is_some());
        }
        keys.iter().map(|key| self.look_up_one(key)).collect()
    }

    fn look_up_one(&mut self, key: &SessionKey) -> Result<Found, StoreError> {
        if let Some((fold, run_id)) = load(&mut self.load, key)? {
            return Ok(Found::Live(Box::new(fold), run_id == self.run_id));
        }
        let Some(tombstone) = &mut self.tombstone else { return Ok(Found::Absent) };
        let purged_at = tombstone.scalar::<Timestamp>(&key_values(key))?;
        Ok(purged_at.map_or(Found::Absent, Found::Purged))
    }

    /// Stores sessions, each key once, neighbors together; `new` ones did not exist when they were
    /// looked up.
    pub fn save_sessions(
        &mut self,
        new: &[(&SessionKey, &Fold)],
        known: &[(&SessionKey, &Fold)],
    ) -> Result<(), StoreError> {
        if let Some(server) = self.office.connection.session() {
            return bulk::save(server, new, known, self.run_id);
        }
        for sessions in [new, known] {
            let mut groups = sessions.chunks_exact(MESSAGES_PER_STATEMENT);
            for group in groups.by_ref() {
                save(&mut self.save_group, group, self.run_id)?;
            }
            groups.remainder().iter().try_for_each(|session| save(&mut self.save, &[*session], self.run_id))?;
        }
        Ok(())
    }

    /// Stores a rejected message as a whole; returns false if it is stored already.
    pub fn reject(&mut self, message_id: i64, malformed: &Malformed) -> Result<bool, StoreError> {
        let digest = hex(&Sha256::digest(malformed.raw.as_bytes()));
        let reason = malformed.reason.to_string();
        let values = values![self.source_id, message_id, &malformed.raw, &digest, &reason, self.run_id, self.now];
        Ok(self.reject.execute(values)? > 0)
    }

    /// Records that errors of a cause occurred between two instants.
    pub fn note_cause(&mut self, cause: &Cause, first: Timestamp, last: Timestamp) -> Result<(), StoreError> {
        self.cause.execute(values![cause.digest, &cause.masked, first, last])?;
        Ok(())
    }

    /// The presences of known channel databases.
    pub fn load_presences(&mut self, names: &[&str]) -> Result<Vec<(String, Presence)>, StoreError> {
        self.presences.load(names)
    }

    /// Stores presences, each name once.
    pub fn save_presences(&mut self, presences: &[(&str, Presence)]) -> Result<(), StoreError> {
        self.presences.save(presences)
    }

    /// Records that messages of a distribution schedule arrived between two instants.
    pub fn save_schedule(&mut self, name: &str, first: Timestamp, last: Timestamp) -> Result<(), StoreError> {
        self.presences.save_schedule(name, first, last)
    }

    /// Records that messages of a channel data group arrived between two instants.
    pub fn save_group(&mut self, name: &str, first: Timestamp, last: Timestamp) -> Result<(), StoreError> {
        self.presences.save_group(name, first, last)
    }

    /// The presence of a job in one direction; `None` before its first message.
    pub fn load_job(&mut self, direction: Direction, name: &str) -> Result<Option<Presence>, StoreError> {
        self.presences.load_job(direction, name)
    }

    /// Stores the presence of a job in one direction.
    pub fn save_job(&mut self, direction: Direction, name: &str, presence: Presence) -> Result<(), StoreError> {
        self.presences.save_job(direction, name, presence)
    }

    /// Commits the chunk at a new position with its counts. When it returns true, everything
    /// survives a power cut; false: nothing is stored, because messages are repeated that the chunk
    /// did not look up.
    pub fn commit(
        mut self,
        to: Position,
        anchor_guid: &str,
        counts: &Counts,
        claim: &RunClaim,
    ) -> Result<bool, StoreError> {
        if let Some(guids) = &mut self.guids
            && !guids.add_collected()?
        {
            return Ok(false);
        }
        self.office.connection.execute(
            "update transfer_cursor set position_tx = $1, position_id = $2, anchor_guid = $3 where source_id = $4",
            values![to.origin_tx, to.message_id, anchor_guid, self.source_id],
        )?;
        self.office.add_counts(claim, counts)?;
        self.transaction.commit()?;
        Ok(true)
    }

    /// Commits a successful retry with its journal row: the message is no longer rejected. When it
    /// returns, it survives a power cut.
    pub fn commit_retry(self, rejected_id: i64, retry: &Retry, result: &str) -> Result<(), StoreError> {
        self.office.connection.execute("delete from rejected_message where rejected_id = $1", values![rejected_id])?;
        self.office.append_retry(rejected_id, retry, "", result)?;
        self.transaction.commit()
    }
}
