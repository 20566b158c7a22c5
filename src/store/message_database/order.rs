//! The order in which messages arrive, as each engine can tell it.
//!
//! In SQLite one writer at a time hands out ids, so ids alone are the order of commits and `origin_tx` says nothing. At a server numbers
//! become visible out of order, those of an identity as well as those of transactions, and against each other. So messages are read in
//! the order (origin_tx, message_id), and only those of transactions older than any that is still open: below that horizon nothing can
//! appear any more. The horizon is taken in the statement that reads, so that both see the same.

use crate::domain::{Position, Timestamp};
use crate::store::StoreError;
use crate::store::connection::Row;
use crate::store::message_database::MessageDatabase;

/// Pieces of statements about positions. `$1` and `$2` are a position's transaction and number, `$3` and `$4` a second one's.
pub(super) struct Order {
    /// The two columns of a position.
    pub(super) columns: &'static str,
    /// At the first position.
    pub(super) at: &'static str,
    /// After the first position.
    pub(super) after: &'static str,
    /// Before the first position.
    pub(super) before: &'static str,
    /// After the first position, and not after the second.
    pub(super) between: &'static str,
    /// What may be read: everything that comes before it is there.
    pub(super) settled: &'static str,
    /// First to last, and last to first.
    pub(super) forward: &'static str,
    pub(super) backward: &'static str,
}

const BY_ID: Order = Order {
    columns: "0, message_id",
    at: "message_id = $2",
    after: "message_id > $2",
    before: "message_id < $2",
    between: "message_id > $2 and message_id <= $4",
    settled: "1 = 1",
    forward: "message_id",
    backward: "message_id desc",
};

const BY_TRANSACTION: Order = Order {
    columns: "origin_tx, message_id",
    at: "origin_tx = $1 and message_id = $2",
    after: "(origin_tx, message_id) > ($1, $2)",
    before: "(origin_tx, message_id) < ($1, $2)",
    between: "(origin_tx, message_id) > ($1, $2) and (origin_tx, message_id) <= ($3, $4)",
    settled: "origin_tx < cast(cast(pg_snapshot_xmin(pg_current_snapshot()) as text) as bigint)",
    forward: "origin_tx, message_id",
    backward: "origin_tx desc, message_id desc",
};

/// How far a server's transactions have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Horizon {
    /// All before it have ended.
    pub settled: i64,
    /// None from it on has begun.
    pub next: i64,
}

/// A transaction that is still open and holds the transfer back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldBack {
    /// Who, where, doing what; for a sentence.
    pub by: String,
    /// When it began, by the server's clock; `None` if this login may not know.
    pub since: Option<Timestamp>,
}

impl MessageDatabase {
    pub(super) fn order(&self) -> &'static Order {
        if self.connection.session().is_some() { &BY_TRANSACTION } else { &BY_ID }
    }

    /// How far transactions have come; `None` where whatever is committed can be read.
    pub fn horizon(&self) -> Result<Option<Horizon>, StoreError> {
        if self.connection.session().is_none() {
            return Ok(None);
        }
        let sql = "select cast(cast(pg_snapshot_xmin(now) as text) as bigint), cast(cast(pg_snapshot_xmax(now) as text) as bigint)
                   from pg_current_snapshot() as now";
        self.connection.first(sql, &[], |row| Ok(Horizon { settled: row.int(0)?, next: row.int(1)? }))
    }

    /// The oldest transaction that is open now, in whatever database of the server, a prepared one too; `None` if there is none, or none
    /// that could hold anything back.
    pub fn held_back(&self) -> Result<Option<HeldBack>, StoreError> {
        if self.connection.session().is_none() {
            return Ok(None);
        }
        // Own session excepted: it only reads here.
        let sql = "select gid, owner, database, prepared, who, pid from (
                select 'the prepared transaction ' || quote_literal(gid) as gid, cast(owner as text) as owner,
                    cast(database as text) as database,
                    cast(floor(extract(epoch from prepared) * 1000) as bigint) as prepared, age(transaction) as age,
                    '' as who, cast(0 as bigint) as pid from pg_prepared_xacts
                union all select '', coalesce(cast(usename as text), ''), coalesce(cast(datname as text), ''),
                    cast(floor(extract(epoch from xact_start) * 1000) as bigint), age(backend_xid),
                    coalesce(application_name, ''), cast(pid as bigint)
                from pg_stat_activity where backend_xid is not null and pid <> pg_backend_pid()
            ) as open order by age desc limit 1";
        self.connection.first(sql, &[], held_back)
    }
}

fn held_back(row: &Row) -> Result<HeldBack, StoreError> {
    let (prepared, owner, database) = (row.text(0)?, row.text(1)?, row.text(2)?);
    let (program, process) = (row.text(4)?, row.int(5)?);
    let what = if prepared.is_empty() { format!("a transaction of {program:?} (process {process})") } else { prepared };
    Ok(HeldBack { by: format!("{what}, login {owner:?}, database {database:?}"), since: row.opt_time(3)? })
}

/// The position whose columns begin at `column`.
pub(super) fn position(row: &Row, column: usize) -> Result<Position, StoreError> {
    Ok(Position { origin_tx: row.int(column)?, message_id: row.int(column + 1)? })
}
