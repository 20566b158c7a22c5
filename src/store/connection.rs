//! The seam to the database engine: statements, values and rows in the program's own terms.
//!
//! SQL is written with `$1`-style parameters, which PostgreSQL numbers by their digits and SQLite by first appearance;
//! [`translate`] makes both mean the same.

use super::value::Value;
use super::{Location, StoreError};
use crate::domain::Timestamp;
use rusqlite::ErrorCode;
use rusqlite::types::ValueRef;
use std::borrow::Cow;
use std::time::Duration;

/// How long a writer waits for another's lock.
pub(super) const LOCK_WAIT: Duration = Duration::from_secs(5);

/// One connection, owned by one thread.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) inner: rusqlite::Connection,
    pub(super) location: Location,
}

/// A statement prepared once and executed many times.
pub(super) struct Statement<'c> {
    inner: rusqlite::Statement<'c>,
    location: &'c Location,
}

/// One row of a result; columns count from 0.
pub(super) struct Row<'r> {
    inner: &'r rusqlite::Row<'r>,
    location: &'r Location,
}

/// A write transaction; rolled back unless committed.
pub(super) struct Transaction<'c> {
    connection: &'c Connection,
    open: bool,
}

impl Connection {
    /// Executes one statement; returns the rows it changed. Durable when the surrounding transaction is.
    pub(super) fn execute(&self, sql: &str, values: &[Value]) -> Result<usize, StoreError> {
        self.prepare(sql)?.execute(values)
    }

    /// Executes several statements that take no parameters.
    pub(super) fn execute_script(&self, sql: &str) -> Result<(), StoreError> {
        self.inner.execute_batch(sql).map_err(|source| self.error(source))
    }

    /// Every row of a bounded query, mapped.
    pub(super) fn query<T>(
        &self,
        sql: &str,
        values: &[Value],
        map: impl FnMut(&Row) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        self.prepare(sql)?.query(values, map)
    }

    /// The first row, mapped, if there is one.
    pub(super) fn first<T>(
        &self,
        sql: &str,
        values: &[Value],
        map: impl FnMut(&Row) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        self.prepare(sql)?.first(values, map)
    }

    /// The one integer of the one row that an aggregate always gives; NULL is 0.
    pub(super) fn integer(&self, sql: &str, values: &[Value]) -> Result<i64, StoreError> {
        Ok(self.first(sql, values, |row| row.opt_int(0))?.flatten().unwrap_or(0))
    }

    /// Prepares a statement for many executions.
    pub(super) fn prepare(&self, sql: &str) -> Result<Statement<'_>, StoreError> {
        let inner = self.inner.prepare(&translate(sql)).map_err(|source| self.error(source))?;
        Ok(Statement { inner, location: &self.location })
    }

    /// Begins a write transaction and takes the write lock at once: a reader that turns writer half-way can only fail.
    pub(super) fn begin(&self) -> Result<Transaction<'_>, StoreError> {
        self.execute_script("begin immediate")?;
        Ok(Transaction { connection: self, open: true })
    }

    /// The present instant by the database's own clock.
    pub(super) fn now(&self) -> Result<Timestamp, StoreError> {
        self.integer(&format!("select {NOW}"), &[]).map(Timestamp)
    }

    /// The first fault of the whole file in the engine's words; `None` if it is sound.
    pub(super) fn check_integrity(&self) -> Result<Option<String>, StoreError> {
        let verdict = self.first("pragma quick_check(1)", &[], |row| row.text(0))?;
        Ok(verdict.filter(|verdict| verdict != "ok"))
    }

    /// Hands at most `pages` free pages back to the file system.
    pub(super) fn give_back(&self, pages: i64) -> Result<(), StoreError> {
        // The pragma takes no parameter, and does one page a row.
        self.query(&format!("pragma incremental_vacuum({pages})"), &[], |_| Ok(()))?;
        Ok(())
    }

    /// Copies the write-ahead log back as far as no reader stands in the way; never waits for anybody.
    pub(super) fn checkpoint(&self) -> Result<(), StoreError> {
        self.query("pragma wal_checkpoint(passive)", &[], |_| Ok(()))?;
        Ok(())
    }

    /// A number that differs from the last one if another connection has committed in between.
    pub(super) fn data_version(&self) -> Result<i64, StoreError> {
        self.integer("pragma data_version", &[])
    }

    /// A handle by which another thread breaks off the statement that runs here.
    pub(super) fn interrupter(&self) -> Interrupter {
        Interrupter(self.inner.get_interrupt_handle())
    }

    pub(super) fn error(&self, source: rusqlite::Error) -> StoreError {
        classify(source, &self.location)
    }
}

/// Breaks off the statement that runs on a connection of another thread.
pub struct Interrupter(rusqlite::InterruptHandle);

impl Interrupter {
    /// Breaks it off; without a running statement nothing happens.
    pub fn interrupt(&self) {
        self.0.interrupt();
    }
}

impl std::fmt::Debug for Interrupter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Interrupter")
    }
}

/// Begins a statement that inserts many rows. SQLite would keep a copy of every page that such a statement touches, to undo it
/// alone; `or fail` spares that, for an error here undoes the whole transaction anyway.
pub(super) const INSERT_ROWS: &str = "insert or fail into";

/// The present instant in milliseconds, by the database's clock.
pub(super) const NOW: &str = "cast((julianday('now') - 2440587.5) * 86400000 as integer)";

impl Statement<'_> {
    /// Executes with `values`; returns the rows changed.
    pub(super) fn execute(&mut self, values: &[Value]) -> Result<usize, StoreError> {
        self.inner.execute(rusqlite::params_from_iter(values)).map_err(|source| classify(source, self.location))
    }

    /// Every row, mapped.
    pub(super) fn query<T>(
        &mut self,
        values: &[Value],
        mut map: impl FnMut(&Row) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut mapped = Vec::new();
        self.each(values, |row| {
            mapped.push(map(row)?);
            Ok(true)
        })?;
        Ok(mapped)
    }

    /// The first row, mapped, if there is one.
    pub(super) fn first<T>(
        &mut self,
        values: &[Value],
        mut map: impl FnMut(&Row) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        let mut found = None;
        self.each(values, |row| {
            found = Some(map(row)?);
            Ok(false)
        })?;
        Ok(found)
    }

    /// Hands each row to `take` until it returns false; rows are read as they are wanted, never all at once.
    pub(super) fn each(
        &mut self,
        values: &[Value],
        mut take: impl FnMut(&Row) -> Result<bool, StoreError>,
    ) -> Result<(), StoreError> {
        let location = self.location;
        let failed = |source| classify(source, location);
        let mut rows = self.inner.query(rusqlite::params_from_iter(values)).map_err(failed)?;
        while let Some(inner) = rows.next().map_err(failed)? {
            if !take(&Row { inner, location })? {
                break;
            }
        }
        Ok(())
    }
}

impl Row<'_> {
    pub(super) fn int(&self, column: usize) -> Result<i64, StoreError> {
        self.get(column)
    }

    pub(super) fn opt_int(&self, column: usize) -> Result<Option<i64>, StoreError> {
        self.get(column)
    }

    pub(super) fn time(&self, column: usize) -> Result<Timestamp, StoreError> {
        self.int(column).map(Timestamp)
    }

    pub(super) fn opt_time(&self, column: usize) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.opt_int(column)?.map(Timestamp))
    }

    pub(super) fn text(&self, column: usize) -> Result<String, StoreError> {
        Ok(self.opt_text(column)?.unwrap_or_default())
    }

    /// Text; what is not UTF-8, which only a foreign program can have written, shows as U+FFFD.
    pub(super) fn opt_text(&self, column: usize) -> Result<Option<String>, StoreError> {
        Ok(self.opt_bytes(column)?.map(|bytes| String::from_utf8_lossy(bytes).into_owned()))
    }

    /// Text as the bytes it is, borrowed until the next row.
    pub(super) fn bytes(&self, column: usize) -> Result<&[u8], StoreError> {
        Ok(self.opt_bytes(column)?.unwrap_or_default())
    }

    pub(super) fn opt_bytes(&self, column: usize) -> Result<Option<&[u8]>, StoreError> {
        match self.inner.get_ref(column).map_err(|source| classify(source, self.location))? {
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Ok(Some(bytes)),
            ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => Ok(None),
        }
    }

    fn get<T: rusqlite::types::FromSql>(&self, column: usize) -> Result<T, StoreError> {
        self.inner.get(column).map_err(|source| classify(source, self.location))
    }

    /// The error for a value that this program never writes.
    pub(super) fn damaged(&self, what: impl Into<String>) -> StoreError {
        StoreError::Damaged { location: self.location.clone(), what: what.into() }
    }
}

impl Transaction<'_> {
    /// Makes all of it durable as the connection's settings say, or none of it.
    pub(super) fn commit(mut self) -> Result<(), StoreError> {
        self.connection.execute_script("commit")?;
        self.open = false;
        Ok(())
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        if self.open && !self.connection.inner.is_autocommit() {
            // Nothing can be done about a failure here, and SQLite rolls back by itself when the connection closes.
            let _ = self.connection.execute_script("rollback");
        }
    }
}

/// Makes `$1` mean the first value in SQLite too, where `$1` is only a name and is numbered by first appearance.
fn translate(sql: &str) -> Cow<'_, str> {
    if sql.contains('$') { Cow::Owned(sql.replace('$', "?")) } else { Cow::Borrowed(sql) }
}

fn classify(source: rusqlite::Error, location: &Location) -> StoreError {
    let location = location.clone();
    match source.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            StoreError::Locked { location, waited_seconds: LOCK_WAIT.as_secs() }
        }
        Some(ErrorCode::OperationInterrupted) => StoreError::Interrupted { location },
        Some(ErrorCode::DiskFull) => StoreError::Full { location },
        Some(ErrorCode::ReadOnly) => StoreError::ReadOnly { location },
        _ => StoreError::Engine { location, source },
    }
}

#[cfg(test)]
mod tests {
    use super::super::value::values;
    use super::*;

    #[test]
    fn a_parameter_means_its_number_wherever_it_first_appears() {
        let connection = Connection {
            inner: rusqlite::Connection::open_in_memory().expect("memory is there"),
            location: Location::Sqlite(":memory:".into()),
        };
        let row = connection
            .first("select $2 || $1 || $2", values!["a", "b"], |row| row.text(0))
            .expect("the statement is sound");
        assert_eq!(row.as_deref(), Some("bab"));
        // What SQLite makes of it without the translation, and why there is one.
        let raw: String = connection
            .inner
            .query_row("select $2 || $1 || $2", ["a", "b"], |row| row.get(0))
            .expect("the statement is sound");
        assert_eq!(raw, "aba");
    }
}
