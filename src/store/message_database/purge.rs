//! Purging the message database: only below the durable position, only what has expired, never the anchor.

use super::MessageDatabase;
use crate::domain::{Position, Timestamp};
use crate::store::StoreError;
use crate::store::value::values;
use std::time::{Duration, Instant};

/// What entitles a head office to purge; checked again inside every transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PurgeClaim {
    /// The message database it believes to purge.
    pub database_id: String,
    /// Itself.
    pub head_office_id: String,
    /// Its durable position: everything up to here is at head office.
    pub position: Position,
    /// The guid at the position.
    pub anchor_guid: String,
    /// Rows posted before go.
    pub cutoff: Timestamp,
}

/// What one purge transaction did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slice {
    /// Rows deleted; durable against a crash of the program when reported.
    pub deleted: i64,
    /// The last message looked at.
    pub through: i64,
    /// Whether nothing is left to look at.
    pub done: bool,
}

/// What a purge would take from one table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Expired {
    /// How many rows.
    pub rows: i64,
    /// The date of the oldest of them.
    pub oldest: Option<Timestamp>,
    /// The date of the newest of them.
    pub newest: Option<Timestamp>,
}

/// Rows looked at between two looks at the watch.
const STRIDE: i64 = 64;

impl MessageDatabase {
    /// Counts what a purge with this cutoff would take; writes nothing.
    pub fn count_expired(&self, position: Position, cutoff: Timestamp) -> Result<Expired, StoreError> {
        let sql = "select count(*), min(posted_at), max(posted_at) from status_message
                   where message_id < $1 and posted_at < $2";
        let found = self.connection.first(sql, values![position.message_id, cutoff], |row| {
            Ok(Expired { rows: row.int(0)?, oldest: row.opt_time(1)?, newest: row.opt_time(2)? })
        })?;
        Ok(found.unwrap_or_default())
    }

    /// Purges what it can within `hold` of the write lock, looking at messages after `after` up to `last`.
    ///
    /// `None`: the claim does not hold (any more), and nothing was deleted.
    pub fn purge_slice(
        &self,
        claim: &PurgeClaim,
        after: i64,
        last: i64,
        hold: Duration,
    ) -> Result<Option<Slice>, StoreError> {
        let transaction = self.connection.begin()?;
        let since = Instant::now();
        if !self.claim_holds(claim)? {
            return Ok(None);
        }
        let last = last.min(claim.position.message_id - 1);
        let mut slice = Slice { deleted: 0, through: after, done: false };
        let mut last_purged = 0;
        {
            // Walks the primary key and tests the date inside: rows that lie together go together, whatever the clock did.
            let mut edge = self.connection.prepare(
                "select max(message_id) from (select message_id from status_message
                 where message_id > $1 and message_id <= $2 order by message_id limit $3) as stride",
            )?;
            let mut delete = self
                .connection
                .prepare("delete from status_message where message_id > $1 and message_id <= $2 and posted_at < $3")?;
            while !slice.done && (slice.through == after || since.elapsed() < hold) {
                let through = edge.first(values![slice.through, last, STRIDE], |row| row.opt_int(0))?.flatten();
                match through {
                    Some(through) => {
                        let deleted = delete.execute(values![slice.through, through, claim.cutoff])?;
                        slice.deleted += i64::try_from(deleted).unwrap_or(i64::MAX);
                        if deleted > 0 {
                            last_purged = through;
                        }
                        slice.through = through;
                    }
                    None => slice.done = true,
                }
            }
        }
        if last_purged > 0 {
            self.connection.execute(
                "update exchange set purged_through_tx = 0,
                 purged_through_id = case when purged_through_id > $1 then purged_through_id else $1 end",
                values![last_purged],
            )?;
        }
        transaction.commit()?;
        Ok(Some(slice))
    }

    /// Copies the write-ahead log back as far as no reader stands in the way; never waits for anybody.
    pub fn checkpoint(&self) -> Result<(), StoreError> {
        self.connection.checkpoint()
    }

    /// Hands at most `pages` free pages back to the file system.
    pub fn give_back(&self, pages: i64) -> Result<(), StoreError> {
        self.connection.give_back(pages)
    }

    /// The first and last message that a purge would take; `None` if there is none. Reads the dates of all that have expired.
    pub fn expired_range(&self, position: Position, cutoff: Timestamp) -> Result<Option<(i64, i64)>, StoreError> {
        let sql =
            "select min(message_id), max(message_id) from status_message where posted_at < $1 and message_id < $2";
        let range = self
            .connection
            .first(sql, values![cutoff, position.message_id], |row| Ok(row.opt_int(0)?.zip(row.opt_int(1)?)))?;
        Ok(range.flatten())
    }

    fn claim_holds(&self, claim: &PurgeClaim) -> Result<bool, StoreError> {
        let exchange = self.exchange()?;
        Ok(exchange.database_id == claim.database_id
            && exchange.head_office_id.as_deref() == Some(&claim.head_office_id)
            && exchange.purged_through <= claim.position
            && self.guid_at(claim.position)?.as_deref() == Some(&claim.anchor_guid))
    }
}
