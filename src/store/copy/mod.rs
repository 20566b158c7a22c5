//! Copies a database of either engine into an empty one: in order of the keys, chunk by chunk, so
//! that an interrupted copy can be continued; then compares both sides.
//!
//! Meanwhile the target has the table `unfinished_copy`, and no other command accepts it. The
//! source is read in one transaction, as a snapshot.

mod conversion;
mod endpoints;
mod rows;
mod schema;

use crate::cancel::Cancel;
use crate::store::connection::Connection;
use crate::store::migrate::Schema;
use crate::store::{HeadOffice, Location, StoreError, head_office, message_database};
use conversion::Conversion;
use endpoints::{Source, Target};
use rows::{copy_rows, digest};
use schema::{columns, last_number, set_last_number};

/// The progress of a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CopyProgress<'a> {
    /// The present table.
    pub table: &'a str,
    /// Its rows at the target.
    pub done: i64,
    /// Its rows at the source.
    pub total: i64,
    /// Whether the table is being compared instead of copied.
    pub compares: bool,
}

/// A table that is equal on both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopiedTable {
    /// Its name.
    pub table: String,
    /// Its rows.
    pub rows: i64,
    /// SHA-256 of all rows in the order of the key, in hexadecimal digits.
    pub digest: String,
}

/// The result of a copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// `head office` or `message database`.
    pub what: &'static str,
    /// The tables by name.
    pub tables: Vec<CopiedTable>,
    /// Whether an earlier copy was continued.
    pub resumed: bool,
    /// Whether the target became a new message database, which head office reads from its start
    /// because positions of the source are not valid there. Nothing is doubled.
    pub renewed: bool,
}

/// Why there is no complete copy.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// A database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It is neither of the two databases.
    #[error("{0} holds neither head office nor a message database")]
    UnknownKind(Location),
    /// Source and target are the same.
    #[error("{0} cannot be copied to itself")]
    Same(Location),
    /// A run or a batch server uses the source.
    #[error("{0} is in use: {1}; stop it, and copy again")]
    InUse(Location, String),
    /// The target is not empty.
    #[error("{0} is neither empty nor an unfinished copy of the source; copy to an empty database")]
    NotEmpty(Location),
    /// The two sides differ.
    #[error(
        "table {0} is not the same on both sides: the source was changed between two parts of the copy; empty the target and copy again"
    )]
    Differs(String),
    /// It was canceled.
    #[error("stopped; the same command continues the copy")]
    Stopped,
}

/// Copies the database `from` to `to`; durable, compared and ready for use when it returns. Stops
/// between two chunks when `cancel` is tripped.
pub fn copy(
    from: &Location,
    to: &Location,
    cancel: &Cancel,
    on_progress: &mut dyn FnMut(CopyProgress),
) -> Result<Copied, CopyError> {
    if from == to {
        return Err(CopyError::Same(from.clone()));
    }
    let mut source = Source::open(from)?;
    // Taken before the snapshot, which must contain everything that earlier runs wrote.
    let _nobody_runs = check_idle(source.schema, from)?;
    source.hold()?;
    let (target, resumed) = Target::open(to, &source)?;
    let conversion = Conversion::of(&source.connection, &target.connection);
    let mut tables = Vec::new();
    for table in source.tables()? {
        let columns = columns(&source.connection, &target.connection, &table, conversion)?;
        let total = source.connection.integer(&format!("select count(*) from {table}"), &[])?;
        let mut on_progress = |done, compares| on_progress(CopyProgress { table: &table, done, total, compares });
        copy_rows(&source.connection, &target.connection, &table, &columns, conversion, cancel, &mut |done| {
            on_progress(done, false);
        })?;
        if let Some(number) = last_number(&source.connection, &target.connection, &table, &columns)? {
            set_last_number(&target.connection, &table, &columns, number)?;
        }
        on_progress(total, true);
        let here = digest(&source.connection, &table, &columns, conversion)?;
        if cancel.is_tripped() {
            return Err(CopyError::Stopped);
        }
        if here != digest(&target.connection, &table, &columns, conversion)? {
            return Err(CopyError::Differs(table));
        }
        let (rows, digest) = here;
        tables.push(CopiedTable { table, rows, digest });
    }
    target.finish()?;
    let renewed = conversion.loses_positions && source.schema.identity == message_database::SCHEMA.identity;
    Ok(Copied { what: source.schema.what, tables, resumed, renewed })
}

/// Refuses a head office with a running run or batch server, and prevents runs until the copy is
/// done.
fn check_idle(schema: Schema, from: &Location) -> Result<Option<crate::store::RunnerLock>, CopyError> {
    if schema.identity != head_office::SCHEMA.identity {
        return Ok(None);
    }
    let office = HeadOffice::open_for_queries(from, crate::store::Access::ReadOnly.into())?;
    let in_use = |who: String| CopyError::InUse(from.clone(), who);
    if let Some(server) = office.servers()?.iter().find(|server| server.is_alive()) {
        return Err(in_use(format!("batch server {} is running", server.name)));
    }
    match office.try_runner_lock()? {
        None => Err(in_use("a run is active".to_owned())),
        lock => Ok(lock),
    }
}

/// Which of the two databases it is.
fn kind(connection: &Connection) -> Result<Option<Schema>, StoreError> {
    let tables = connection.tables()?;
    let is = |schema: &Schema| tables.iter().any(|table| table == schema.identity);
    Ok([head_office::SCHEMA, message_database::SCHEMA].into_iter().find(is))
}
