//! Purges the message database: only below the durable position, only expired rows, never the
//! anchor.

use crate::domain::{Expired, Position, Timestamp};
use crate::store::StoreError;
use crate::store::connection::Row;
use crate::store::message_database::MessageDatabase;
use crate::store::message_database::order::{self, ArrivalOrder};
use crate::store::value::values;
use std::time::{Duration, Instant};

/// The right of a head office to purge; checked again in every transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PurgeClaim {
    /// The message database to purge.
    pub database_id: String,
    /// The only head office that may purge it.
    pub head_office_id: String,
    /// Its durable position: all messages up to here are at head office.
    pub position: Position,
    /// The GUID at the position.
    pub anchor_guid: String,
    /// Rows posted before this instant have expired.
    pub cutoff: Timestamp,
}

/// The result of one purge transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slice {
    /// Rows deleted; durable against a crash of the program when reported.
    pub deleted: i64,
    /// The last message examined.
    pub through: Position,
    /// Whether no more messages are left to examine.
    pub done: bool,
}

/// What a purge would delete.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ExpiredMessages {
    /// By table.
    pub tables: Vec<(&'static str, Expired)>,
    /// A position before the first expired message, and one at or after the last; `None` if there
    /// is none.
    pub range: Option<(Position, Position)>,
}

/// Checks that the purger still has head office's lease: called in each transaction after it has
/// the lock; an error ends the transaction.
pub type StillMine<'a> = &'a dyn Fn() -> Result<(), StoreError>;

/// Rows examined between two checks of the time; more at a server, where each statement is a round
/// trip.
const MESSAGES_PER_STATEMENT: i64 = 256;
const MESSAGES_PER_STATEMENT_AT_SERVER: i64 = 1_024;

/// When a request was answered; null while it waits.
const ANSWERED: &str = "coalesce(taken_at, withdrawn_at)";

fn expired(row: &Row) -> Result<Expired, StoreError> {
    Ok(Expired { rows: row.int("rows")?, oldest: row.opt_time("oldest")?, newest: row.opt_time("newest")? })
}

impl MessageDatabase {
    /// Counts the rows that a purge with this cutoff would delete; writes nothing. Reads the dates
    /// of all expired messages.
    pub fn count_expired(&self, position: Position, cutoff: Timestamp) -> Result<ExpiredMessages, StoreError> {
        let requests = format!(
            "select count(*) as rows, min({ANSWERED}) as oldest, max({ANSWERED}) as newest from session_request where {ANSWERED} < $1"
        );
        let requests = self.connection.first(&requests, values![cutoff], expired)?.unwrap_or_default();
        let ArrivalOrder { before, ends, .. } = self.order();
        let sql = format!(
            "select count(*) as rows, min(posted_at) as oldest, max(posted_at) as newest, {ends}
             from status_message where {before} and posted_at < $3"
        );
        let values = values![position.origin_tx, position.message_id, cutoff];
        let found = self.connection.first(&sql, values, |row| Ok((expired(row)?, range(row)?)))?;
        let (messages, range) = found.unwrap_or_default();
        let mut tables = vec![("status_message", messages)];
        tables.extend((requests.rows > 0).then_some(("session_request", requests)));
        Ok(ExpiredMessages { tables, range })
    }

    /// The number of messages, counted one by one.
    pub fn count_rows(&self) -> Result<i64, StoreError> {
        self.connection.integer("select count(*) from status_message", &[])
    }

    /// Bytes of the messages; of a file, all that it uses.
    pub fn used_bytes(&self) -> Result<i64, StoreError> {
        self.connection.used_bytes(&["status_message"])
    }

    /// Deletes the requests that were taken or withdrawn before the cutoff; there are few. Returns
    /// how many; durable like a slice.
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

    /// Purges messages after `after` up to `last`, in one transaction of about `hold`.
    ///
    /// Returns `None`, with nothing deleted, if the claim does not hold.
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
            // Follows the index whatever the statistics say: any other plan sorts all remaining
            // rows for each stride.
            server.script("set local enable_bitmapscan = off; set local enable_seqscan = off")?;
        }
        let last = last.min(before(claim.position));
        let stride =
            if self.connection.session().is_some() { MESSAGES_PER_STATEMENT_AT_SERVER } else { MESSAGES_PER_STATEMENT };
        let mut slice = Slice { deleted: 0, through: after, done: false };
        let mut last_purged = Position::default();
        {
            // Walks the primary key and tests the date, so that adjacent rows are deleted together
            // even if the clock jumped.
            let ArrivalOrder { columns, between, forward, backward, .. } = self.order();
            let mut edge = self.connection.prepare(&format!(
                "select {columns} from (select {forward} from status_message where {between}
                 order by {forward} limit $5) as stride order by {backward} limit 1"
            ))?;
            // PostgreSQL scans a range of pairs up to the next value of the first column, and in a
            // copied database all rows have the same one. So the number of rows is limited, and
            // they are deleted by their `ctid`. `+ 0` prevents the planner from using the index of
            // the dates, which would examine all expired rows again and again.
            let in_stride = if self.connection.session().is_some() {
                format!(
                    "ctid = any (array(select ctid from status_message where {between} order by {forward} limit {stride})) and {}",
                    between.replace("(origin_tx,", "(origin_tx + 0,")
                )
            } else {
                (*between).to_owned()
            };
            let sql = format!("delete from status_message where {in_stride} and posted_at + 0 < $5");
            let mut delete = self.connection.prepare(&sql)?;
            while !slice.done && (slice.through == after || since.elapsed() < hold) {
                let Position { origin_tx, message_id } = slice.through;
                let values = values![origin_tx, message_id, last.origin_tx, last.message_id, stride];
                match edge.first(values, order::position)? {
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

    /// Runs a checkpoint of the write-ahead log as far as readers allow, without waiting.
    pub fn checkpoint(&self) -> Result<(), StoreError> {
        self.connection.checkpoint()
    }

    /// Returns at most `pages` free pages to the file system.
    pub fn give_back(&self, pages: i64) -> Result<(), StoreError> {
        self.connection.give_back(pages)
    }

    fn claim_holds(&self, claim: &PurgeClaim) -> Result<bool, StoreError> {
        let exchange = self.exchange()?;
        Ok(exchange.database_id == claim.database_id
            && exchange.head_office_id.as_deref() == Some(&claim.head_office_id)
            && exchange.purged_through <= claim.position
            && self.guid_at(claim.position)?.as_deref() == Some(&claim.anchor_guid))
    }
}

/// The range of messages in a row with [`ArrivalOrder::ends`]; `None` if there are none.
fn range(row: &Row) -> Result<Option<(Position, Position)>, StoreError> {
    let Some((first, last)) = row.opt_int("first_id")?.zip(row.opt_int("last_id")?) else { return Ok(None) };
    let first = Position { origin_tx: row.int("first_tx")?, message_id: first };
    Ok(Some((before(first), Position { origin_tx: row.int("last_tx")?, message_id: last })))
}

/// The position just before a message.
fn before(position: Position) -> Position {
    Position { message_id: position.message_id - 1, ..position }
}
