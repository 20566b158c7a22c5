//! The order in which messages arrive, in each engine.
//!
//! In SQLite one writer at a time generates ids, so ids alone are the order of commits and
//! `origin_tx` means nothing. At a server, ids and transaction numbers become visible out of order,
//! and independently. So messages are read in the order (origin_tx, message_id), and only those of
//! transactions older than any open one: below that horizon no new message can appear. The reading
//! statement takes the horizon itself, so that both are consistent.

use crate::domain::{Position, Timestamp};
use crate::store::StoreError;
use crate::store::connection::Row;
use crate::store::message_database::MessageDatabase;

/// Fragments of statements about positions. `$1` and `$2` are a position's transaction and id, `$3`
/// and `$4` those of a second one.
pub(super) struct ArrivalOrder {
    /// The two columns of a position.
    pub(super) columns: &'static str,
    /// The condition for the message at the first position.
    pub(super) at: &'static str,
    /// The condition for messages after the first position.
    pub(super) after: &'static str,
    /// Before the first position.
    pub(super) before: &'static str,
    /// After the first position, and not after the second.
    pub(super) between: &'static str,
    /// What may be read: all messages before it are visible.
    pub(super) settled: &'static str,
    /// First to last, and last to first.
    pub(super) forward: &'static str,
    pub(super) backward: &'static str,
    /// The ends of the range in which a query's messages are.
    pub(super) ends: &'static str,
}

const BY_ID: ArrivalOrder = ArrivalOrder {
    columns: "0 as origin_tx, message_id",
    at: "message_id = $2",
    after: "message_id > $2",
    before: "message_id < $2",
    between: "message_id > $2 and message_id <= $4",
    settled: "1 = 1",
    forward: "message_id",
    backward: "message_id desc",
    ends: "0 as first_tx, min(message_id) as first_id, 0 as last_tx, max(message_id) as last_id",
};

const BY_TRANSACTION: ArrivalOrder = ArrivalOrder {
    columns: "origin_tx, message_id",
    at: "origin_tx = $1 and message_id = $2",
    after: "(origin_tx, message_id) > ($1, $2)",
    before: "(origin_tx, message_id) < ($1, $2)",
    between: "(origin_tx, message_id) > ($1, $2) and (origin_tx, message_id) <= ($3, $4)",
    settled: "origin_tx < cast(cast(pg_snapshot_xmin(pg_current_snapshot()) as text) as bigint)",
    forward: "origin_tx, message_id",
    backward: "origin_tx desc, message_id desc",
    ends: "min(origin_tx) as first_tx, min(message_id) as first_id, max(origin_tx) as last_tx,
        max(message_id) as last_id",
};

/// The horizon of a server's transactions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Horizon {
    /// All transactions before it have ended.
    pub settled: i64,
    /// No transaction from it on has begun.
    pub next: i64,
}

/// An open transaction that holds the transfer back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldBack {
    /// Its program, login and database, for a sentence.
    pub by: String,
    /// When it began, by the server's clock; `None` if this login may not see it.
    pub since: Option<Timestamp>,
}

impl MessageDatabase {
    pub(super) fn order(&self) -> &'static ArrivalOrder {
        if self.connection.session().is_some() { &BY_TRANSACTION } else { &BY_ID }
    }

    /// The horizon; `None` if all committed messages can be read.
    pub fn horizon(&self) -> Result<Option<Horizon>, StoreError> {
        if self.connection.session().is_none() {
            return Ok(None);
        }
        let sql = "select cast(cast(pg_snapshot_xmin(now) as text) as bigint) as settled,
                       cast(cast(pg_snapshot_xmax(now) as text) as bigint) as next
                   from pg_current_snapshot() as now";
        self.connection.first(sql, &[], |row| Ok(Horizon { settled: row.int("settled")?, next: row.int("next")? }))
    }

    /// The oldest open transaction in any database of the server, including prepared ones; `None`
    /// if there is none.
    pub fn held_back(&self) -> Result<Option<HeldBack>, StoreError> {
        if self.connection.session().is_none() {
            return Ok(None);
        }
        // This session only reads.
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
    let (prepared, owner, database) = (row.text("gid")?, row.text("owner")?, row.text("database")?);
    let (program, process) = (row.text("who")?, row.int("pid")?);
    let what = if prepared.is_empty() { format!("a transaction of {program:?} (process {process})") } else { prepared };
    Ok(HeldBack { by: format!("{what}, login {owner:?}, database {database:?}"), since: row.opt_time("prepared")? })
}

/// The position of a row with [`ArrivalOrder::columns`].
pub(super) fn position(row: &Row) -> Result<Position, StoreError> {
    Ok(Position { origin_tx: row.int("origin_tx")?, message_id: row.int("message_id")? })
}
