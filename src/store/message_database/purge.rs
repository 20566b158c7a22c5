//! Purging the message database: only below the durable position, only what has expired, never the anchor.

use crate::domain::{Expired, Position, Timestamp};
use crate::store::StoreError;
use crate::store::connection::Row;
use crate::store::message_database::MessageDatabase;
use crate::store::message_database::order::{self, Order};
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
    pub through: Position,
    /// Whether nothing is left to look at.
    pub done: bool,
}

/// Whether head office's lease is still the purger's: asked inside each transaction, once it holds the lock, and an error ends it.
pub type StillMine<'a> = &'a dyn Fn() -> Result<(), StoreError>;

/// Rows looked at between two looks at the watch; at a server, where each look is a question and an answer, more of them.
const STRIDE: i64 = 64;
const STRIDE_AT_SERVER: i64 = 1_024;

/// When a request stopped waiting; null while it waits.
const ANSWERED: &str = "coalesce(taken_at, withdrawn_at)";

fn expired(row: &Row) -> Result<Expired, StoreError> {
    Ok(Expired { rows: row.int(0)?, oldest: row.opt_time(1)?, newest: row.opt_time(2)? })
}

impl MessageDatabase {
    /// Counts what a purge with this cutoff would take, table by table; writes nothing.
    pub fn count_expired(
        &self,
        position: Position,
        cutoff: Timestamp,
    ) -> Result<Vec<(&'static str, Expired)>, StoreError> {
        let requests =
            format!("select count(*), min({ANSWERED}), max({ANSWERED}) from session_request where {ANSWERED} < $1");
        let requests = self.connection.first(&requests, values![cutoff], expired)?.unwrap_or_default();
        let sql = format!(
            "select count(*), min(posted_at), max(posted_at) from status_message where {} and posted_at < $3",
            self.order().before
        );
        let values = values![position.origin_tx, position.message_id, cutoff];
        let messages = self.connection.first(&sql, values, expired)?.unwrap_or_default();
        let mut tables = vec![("status_message", messages)];
        tables.extend((requests.rows > 0).then_some(("session_request", requests)));
        Ok(tables)
    }

    /// Messages, counted one by one.
    pub fn count_rows(&self) -> Result<i64, StoreError> {
        self.connection.integer("select count(*) from status_message", &[])
    }

    /// Purges the requests that were taken or withdrawn before the cutoff; there are few, for people make them. Returns how many; durable
    /// as a slice is.
    pub fn purge_requests(&self, claim: &PurgeClaim, still_mine: StillMine) -> Result<i64, StoreError> {
        let transaction = self.connection.begin()?;
        self.lock_exchange()?;
        still_mine()?;
        if !self.claim_holds(claim)? {
            return Ok(0);
        }
        let sql = format!("delete from session_request where {ANSWERED} < $1");
        let deleted = self.connection.execute(&sql, values![claim.cutoff])?;
        transaction.commit()?;
        Ok(i64::try_from(deleted).unwrap_or(i64::MAX))
    }

    /// Purges what it can within `hold` of the write lock, looking at messages after `after` up to `last`.
    ///
    /// `None`: the claim does not hold (any more), and nothing was deleted.
    pub fn purge_slice(
        &self,
        claim: &PurgeClaim,
        (after, last): (Position, Position),
        hold: Duration,
        still_mine: StillMine,
    ) -> Result<Option<Slice>, StoreError> {
        let transaction = self.connection.begin()?;
        let since = Instant::now();
        self.lock_exchange()?;
        still_mine()?;
        if !self.claim_holds(claim)? {
            return Ok(None);
        }
        if let Some(server) = self.connection.session() {
            // In the order of the index, whatever the statistics say: anything else sorts all that is left for each stride.
            server.script("set local enable_bitmapscan = off; set local enable_seqscan = off")?;
        }
        let last = last.min(before(claim.position));
        let stride = if self.connection.session().is_some() { STRIDE_AT_SERVER } else { STRIDE };
        let mut slice = Slice { deleted: 0, through: after, done: false };
        let mut last_purged = Position::default();
        {
            // Walks the primary key and tests the date inside: rows that lie together go together, whatever the clock did.
            let Order { columns, between, forward, backward, .. } = self.order();
            let mut edge = self.connection.prepare(&format!(
                "select {columns} from (select {forward} from status_message where {between}
                 order by {forward} limit $5) as stride order by {backward} limit 1"
            ))?;
            // A server walks an index from the start of a range of pairs, but stops only where the first of the two changes, and a copied
            // database bears one transaction alone: so it is told how many rows there are, and finds them by their places.
            // `+ 0` keeps a planner from any other way, such as the index of the dates, by which all that has expired is looked at again
            // and again.
            let stride_of_it = if self.connection.session().is_some() {
                format!(
                    "ctid = any (array(select ctid from status_message where {between} order by {forward} limit {stride})) and {}",
                    between.replace("(origin_tx,", "(origin_tx + 0,")
                )
            } else {
                (*between).to_owned()
            };
            let sql = format!("delete from status_message where {stride_of_it} and posted_at + 0 < $5");
            let mut delete = self.connection.prepare(&sql)?;
            while !slice.done && (slice.through == after || since.elapsed() < hold) {
                let Position { origin_tx, message_id } = slice.through;
                let values = values![origin_tx, message_id, last.origin_tx, last.message_id, stride];
                match edge.first(values, |row| order::position(row, 0))? {
                    Some(through) => {
                        let values =
                            values![origin_tx, message_id, through.origin_tx, through.message_id, claim.cutoff];
                        let deleted = delete.execute(values)?;
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
        if last_purged > Position::default() {
            self.connection.execute(
                "update exchange set purged_through_tx = $1, purged_through_id = $2
                 where (purged_through_tx, purged_through_id) < ($1, $2)",
                values![last_purged.origin_tx, last_purged.message_id],
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

    /// What lies just before the first message that a purge would take, and the last of them; `None` if there is none. Reads the dates of
    /// all that have expired.
    pub fn expired_range(
        &self,
        position: Position,
        cutoff: Timestamp,
    ) -> Result<Option<(Position, Position)>, StoreError> {
        let values = values![position.origin_tx, position.message_id, cutoff];
        if self.connection.session().is_none() {
            let sql = "select min(message_id) - 1, max(message_id) from status_message where posted_at < $3 and message_id < $2";
            let range = self.connection.first(sql, values, |row| Ok(row.opt_int(0)?.zip(row.opt_int(1)?)))?;
            let place = |message_id| Position { origin_tx: 0, message_id };
            return Ok(range.flatten().map(|(after, last)| (place(after), place(last))));
        }
        let Order { columns, before: below, forward, backward, .. } = self.order();
        let end = |direction: &str| {
            // By the index of the dates, and not by that of the order, which would be walked through all that has not expired.
            let sql = format!(
                "select {columns} from (select {columns} from status_message where posted_at < $3 and {below} offset 0) as expired
                 order by {direction} limit 1"
            );
            self.connection.first(&sql, values, |row| order::position(row, 0))
        };
        Ok(end(forward)?.map(before).zip(end(backward)?))
    }

    fn claim_holds(&self, claim: &PurgeClaim) -> Result<bool, StoreError> {
        let exchange = self.exchange()?;
        Ok(exchange.database_id == claim.database_id
            && exchange.head_office_id.as_deref() == Some(&claim.head_office_id)
            && exchange.purged_through <= claim.position
            && self.guid_at(claim.position)?.as_deref() == Some(&claim.anchor_guid))
    }
}

/// The place just before a message; nothing lies between.
fn before(position: Position) -> Position {
    Position { message_id: position.message_id - 1, ..position }
}
