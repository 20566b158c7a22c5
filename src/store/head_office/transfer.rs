//! One chunk of the transfer: messages, sessions, counts and the new position in one transaction, or nothing of it.

use super::sessions::{key_values, load, save};
use super::{Cursor, HeadOffice, RunClaim};
use crate::domain::{Cause, Counts, Fold, Position, SessionKey, StatusMessage, Timestamp};
use crate::store::StoreError;
use crate::store::connection::{NOW, Statement, Transaction, Value, values};
use crate::store::message_database::Nonsense;
use sha2::{Digest, Sha256};

/// An open chunk; everything written through it is undone unless one of the two ends is called.
pub struct ChunkWriter<'c> {
    office: &'c HeadOffice,
    transaction: Transaction<'c>,
    insert: Statement<'c>,
    load: Statement<'c>,
    save: Statement<'c>,
    tombstone: Statement<'c>,
    reject: Statement<'c>,
    cause: Statement<'c>,
    source_id: i64,
    run_id: i64,
    now: Timestamp,
}

impl HeadOffice {
    /// Begins a chunk: takes the write lock, renews the lease, and makes sure that the cursor is where the caller believes it is.
    pub fn begin_chunk(&self, claim: &RunClaim, cursor: &Cursor) -> Result<ChunkWriter<'_>, StoreError> {
        let transaction = self.connection.begin()?;
        self.hold_lease(claim)?;
        let sql = format!(
            "update transfer_cursor set last_used_at = {NOW}
             where source_id = $1 and position_tx = $2 and position_id = $3"
        );
        let Position { origin_tx, message_id } = cursor.position;
        if self.connection.execute(&sql, values![cursor.source_id, origin_tx, message_id])? == 0 {
            return Err(StoreError::CursorMoved { location: self.location().clone() });
        }
        self.writer(transaction, cursor.source_id, claim.run_id)
    }

    /// Begins a transaction outside of any run, in which one rejected message is tried again.
    pub fn begin_retry(&self, source_id: i64, run_id: i64) -> Result<ChunkWriter<'_>, StoreError> {
        let transaction = self.connection.begin()?;
        self.writer(transaction, source_id, run_id)
    }

    fn writer<'c>(
        &'c self,
        transaction: Transaction<'c>,
        source_id: i64,
        run_id: i64,
    ) -> Result<ChunkWriter<'c>, StoreError> {
        let prepare = |sql| self.connection.prepare(sql);
        Ok(ChunkWriter {
            office: self,
            transaction,
            insert: prepare(
                "insert into status_message (message_guid, direction, session_number, channel_database, job_name,
                    channel_data_group, distribution_schedule, status, occurred_at, posted_at, posted_by, round, rerun_for,
                    try_count, rows_affected, file_size, row_version, data_path, message, extra, source_id, message_id,
                    run_id, transferred_at, cause)
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
                    $23, $24, $25)
                 on conflict (message_guid) do nothing",
            )?,
            load: self.prepare_load_session()?,
            save: self.prepare_save_session()?,
            tombstone: prepare(
                "select purged_at from session_tombstone
                 where direction = $1 and session_number = $2 and channel_database = $3",
            )?,
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
            source_id,
            run_id,
            now: self.now()?,
        })
    }
}

impl ChunkWriter<'_> {
    /// Stores a message; false if its guid is known already.
    pub fn insert(&mut self, message: &StatusMessage, message_id: i64, cause: Option<i64>) -> Result<bool, StoreError> {
        let mut guid = [0; uuid::fmt::Hyphenated::LENGTH];
        let guid: &str = message.message_guid.hyphenated().encode_lower(&mut guid);
        let key = &message.key;
        let values: [Value; 25] = [
            guid.into(),
            key.direction.number().into(),
            key.session_number.into(),
            (&key.channel_database).into(),
            (&message.job_name).into(),
            (&message.channel_data_group).into(),
            (&message.distribution_schedule).into(),
            message.status.number(key.direction).into(),
            message.occurred_at.into(),
            message.posted_at.into(),
            (&message.posted_by).into(),
            message.round.into(),
            message.rerun_for.into(),
            message.try_count.into(),
            message.rows_affected.into(),
            message.file_size.into(),
            message.row_version.into(),
            (&message.data_path).into(),
            (&message.message).into(),
            (&message.extra).into(),
            self.source_id.into(),
            message_id.into(),
            self.run_id.into(),
            self.now.into(),
            cause.into(),
        ];
        Ok(self.insert.execute(&values)? > 0)
    }

    /// The state of a session as it is stored.
    pub fn load_session(&mut self, key: &SessionKey) -> Result<Option<Fold>, StoreError> {
        load(&mut self.load, key)
    }

    /// Stores the state of a session.
    pub fn save_session(&mut self, key: &SessionKey, fold: &Fold) -> Result<(), StoreError> {
        save(&mut self.save, key, fold)
    }

    /// When the session was purged; `None` if it was not, or so long ago that nobody remembers.
    pub fn purged_at(&mut self, key: &SessionKey) -> Result<Option<Timestamp>, StoreError> {
        self.tombstone.first(&key_values(key), |row| row.time(0))
    }

    /// Keeps a message aside, whole; false if it lies there already.
    pub fn reject(&mut self, message_id: i64, nonsense: &Nonsense) -> Result<bool, StoreError> {
        let digest: String = Sha256::digest(nonsense.raw.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        let reason = nonsense.reason.to_string();
        let values = values![self.source_id, message_id, &nonsense.raw, &digest, &reason, self.run_id, self.now];
        Ok(self.reject.execute(values)? > 0)
    }

    /// Notes that errors of a cause happened between two instants.
    pub fn note_cause(&mut self, cause: &Cause, first: Timestamp, last: Timestamp) -> Result<(), StoreError> {
        self.cause.execute(values![cause.digest, &cause.masked, first, last])?;
        Ok(())
    }

    /// Ends the chunk at a new position with its counts. Once this returns, all of it survives a power cut.
    pub fn commit(self, to: Position, anchor_guid: &str, counts: &Counts, claim: &RunClaim) -> Result<(), StoreError> {
        self.office.connection.execute(
            "update transfer_cursor set position_tx = $1, position_id = $2, anchor_guid = $3 where source_id = $4",
            values![to.origin_tx, to.message_id, anchor_guid, self.source_id],
        )?;
        self.office.add_counts(claim, counts)?;
        self.transaction.commit()
    }

    /// Ends a retry that worked: the message is no longer rejected. Once this returns, it survives a power cut.
    pub fn commit_retry(self, rejected_id: i64) -> Result<(), StoreError> {
        self.office
            .connection
            .execute("delete from rejected_message where rejected_id = $1", values![rejected_id])?;
        self.transaction.commit()
    }
}
