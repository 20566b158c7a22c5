//! The interface to the database engines: statements, values and rows in the program's own terms.
//!
//! SQL is one text for both engines; [`dialect`] translates what they spell differently. Booleans
//! are 0 or 1 in columns, and a comparison as a column reads as one of them.

use crate::domain::Timestamp;
use crate::store::dialect::{self, NOW};
use crate::store::in_place::InPlace;
use crate::store::interrupter::Interrupter;
use crate::store::plans::Plans;
use crate::store::postgres::Session;
pub(super) use crate::store::row::Row;
use crate::store::row::{At, Cell};
use crate::store::sqlite_error::classify;
use crate::store::value::{Value, bind};
use crate::store::{Location, StoreError};

/// One connection, owned by one thread.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) engine: Engine,
    pub(super) location: Location,
    /// The file as it was opened; `None` at a server.
    pub(super) file: Option<InPlace>,
    /// The plans of queries that are explained instead of executed.
    pub(super) plans: Plans,
}

/// The engine of a connection.
#[derive(Debug)]
pub(super) enum Engine {
    Sqlite(rusqlite::Connection),
    Postgres(Box<Session>),
}

/// A statement prepared once and executed many times.
pub(super) struct Statement<'c> {
    inner: Prepared<'c>,
    location: &'c Location,
}

enum Prepared<'c> {
    /// After `keep_statements`, its connection keeps it for the next time.
    Sqlite(rusqlite::CachedStatement<'c>),
    /// Kept as text, so that it outlives a lost connection.
    Postgres(&'c Session, String),
}

/// A write transaction; rolled back unless committed.
pub(super) struct Transaction<'c> {
    connection: &'c Connection,
    open: bool,
}

impl Connection {
    /// Executes one statement and returns the number of changed rows. Durable when the surrounding
    /// transaction is.
    pub(super) fn execute(&self, sql: &str, values: &[Value]) -> Result<usize, StoreError> {
        self.prepare(sql)?.execute(values)
    }

    /// Executes one statement outside of any transaction without waiting for this machine's disk,
    /// for writes that a power cut may lose. Durable with the next commit.
    pub(super) fn execute_lightly(&self, sql: &str, values: &[Value]) -> Result<usize, StoreError> {
        if self.session().is_some() {
            return self.execute(sql, values);
        }
        self.execute_script("pragma synchronous = normal")?;
        let done = self.execute(sql, values);
        // Restored even after an error: later commits must survive a power cut.
        self.execute_script("pragma synchronous = full")?;
        done
    }

    /// Executes several statements that take no parameters.
    pub(super) fn execute_script(&self, sql: &str) -> Result<(), StoreError> {
        match &self.engine {
            Engine::Sqlite(inner) => inner.execute_batch(sql).map_err(|source| classify(source, &self.location)),
            Engine::Postgres(session) => session.script(sql),
        }
    }

    /// Returns every row of a bounded query, mapped.
    pub(super) fn query<T>(
        &self,
        sql: &str,
        values: &[Value],
        map: impl FnMut(&Row) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        if self.plans.are_wanted() {
            return self.note_plan(sql, values).map(|()| Vec::new());
        }
        self.prepare(sql)?.query(values, map)
    }

    /// Returns the first row, mapped, if there is one.
    pub(super) fn first<T>(
        &self,
        sql: &str,
        values: &[Value],
        map: impl FnMut(&Row) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        self.prepare(sql)?.first(values, map)
    }

    /// Returns the first cell of the first row, if there is one.
    pub(super) fn scalar<T: Cell>(&self, sql: &str, values: &[Value]) -> Result<Option<T>, StoreError> {
        self.prepare(sql)?.scalar(values)
    }

    /// Returns the first cell of every row.
    pub(super) fn scalars<T: Cell>(&self, sql: &str, values: &[Value]) -> Result<Vec<T>, StoreError> {
        self.query(sql, values, |row| T::read(row, At(0)))
    }

    /// Returns the integer of an aggregate query; NULL is 0.
    pub(super) fn integer(&self, sql: &str, values: &[Value]) -> Result<i64, StoreError> {
        Ok(self.scalar::<Option<i64>>(sql, values)?.flatten().unwrap_or(0))
    }

    /// Whether a query returns any row.
    pub(super) fn exists(&self, sql: &str, values: &[Value]) -> Result<bool, StoreError> {
        self.prepare(sql)?.exists(values)
    }

    /// Prepares a statement for many executions.
    pub(super) fn prepare(&self, sql: &str) -> Result<Statement<'_>, StoreError> {
        let inner = match &self.engine {
            Engine::Sqlite(inner) => Prepared::Sqlite(
                inner.prepare_cached(&dialect::to_sqlite(sql)).map_err(|source| classify(source, &self.location))?,
            ),
            Engine::Postgres(session) => {
                session.prepare(sql)?;
                Prepared::Postgres(session, sql.to_owned())
            }
        };
        Ok(Statement { inner, location: &self.location })
    }

    /// Begins a write transaction. In SQLite and at a head office it takes the writers' lock at
    /// once: upgrading a read transaction can fail, and what it has read must not change before it
    /// commits. Refuses a file that was moved or replaced since it was opened, because writes to it
    /// would be lost.
    pub(super) fn begin(&self) -> Result<Transaction<'_>, StoreError> {
        self.check_in_place()?;
        match &self.engine {
            Engine::Sqlite(_) => self.execute_script("begin immediate")?,
            Engine::Postgres(session) => session.begin()?,
        }
        Ok(Transaction { connection: self, open: true })
    }

    /// Refuses a file that is no longer at its path.
    pub(super) fn check_in_place(&self) -> Result<(), StoreError> {
        self.file.as_ref().map_or(Ok(()), |file| file.check(&self.location))
    }

    /// Begins a transaction at a server with the statements of `wait`, which wait for something.
    pub(super) fn begin_with(&self, session: &Session, wait: &str) -> Result<Transaction<'_>, StoreError> {
        session.begin_with(wait)?;
        Ok(Transaction { connection: self, open: true })
    }

    /// Rolls back the transaction, if one is open.
    pub(super) fn roll_back(&self) {
        match &self.engine {
            Engine::Sqlite(inner) => {
                if !inner.is_autocommit() {
                    // A failure here has no remedy, and SQLite rolls back when the connection
                    // closes.
                    let _ = self.execute_script("rollback");
                }
            }
            Engine::Postgres(session) => session.roll_back(),
        }
    }

    /// The present by the database's clock.
    pub(super) fn now(&self) -> Result<Timestamp, StoreError> {
        self.integer(&format!("select {NOW}"), &[]).map(Timestamp)
    }

    /// The PostgreSQL session, for operations without a common spelling; `None` in SQLite.
    pub(super) fn session(&self) -> Option<&Session> {
        match &self.engine {
            Engine::Sqlite(_) => None,
            Engine::Postgres(session) => Some(session),
        }
    }

    /// A handle with which another thread cancels the running statement.
    pub(super) fn interrupter(&self) -> Interrupter {
        match &self.engine {
            Engine::Sqlite(inner) => Interrupter::sqlite(inner.get_interrupt_handle()),
            Engine::Postgres(session) => Interrupter::postgres(session.interrupter()),
        }
    }
}

impl Statement<'_> {
    /// Executes with `values` and returns the number of changed rows.
    pub(super) fn execute(&mut self, values: &[Value]) -> Result<usize, StoreError> {
        match &mut self.inner {
            Prepared::Sqlite(inner) => {
                bind(inner, values).and_then(|()| inner.raw_execute()).map_err(|source| classify(source, self.location))
            }
            Prepared::Postgres(session, sql) => session.execute(sql, values),
        }
    }

    /// Returns every row, mapped.
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

    /// Returns the first row, mapped, if there is one.
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

    /// Returns the first cell of the first row, if there is one.
    pub(super) fn scalar<T: Cell>(&mut self, values: &[Value]) -> Result<Option<T>, StoreError> {
        self.first(values, |row| T::read(row, At(0)))
    }

    /// Whether it returns any row.
    pub(super) fn exists(&mut self, values: &[Value]) -> Result<bool, StoreError> {
        Ok(self.first(values, |_| Ok(()))?.is_some())
    }

    /// Passes rows to `take` one by one until it returns false; never holds all of them. `take`
    /// must not use the connection: PostgreSQL executes one statement at a time.
    pub(super) fn each(
        &mut self,
        values: &[Value],
        mut take: impl FnMut(&Row) -> Result<bool, StoreError>,
    ) -> Result<(), StoreError> {
        let location = self.location;
        let failed = |source| classify(source, location);
        match &mut self.inner {
            Prepared::Sqlite(inner) => {
                let mut rows = inner.query(rusqlite::params_from_iter(values)).map_err(failed)?;
                while let Some(row) = rows.next().map_err(failed)? {
                    if !take(&Row::sqlite(row, location))? {
                        break;
                    }
                }
                Ok(())
            }
            Prepared::Postgres(session, sql) => {
                session.each(sql, values, &mut |row| take(&Row::postgres(row, location)))
            }
        }
    }
}

impl Transaction<'_> {
    /// Commits, as durably as the connection's settings say.
    pub(super) fn commit(mut self) -> Result<(), StoreError> {
        match &self.connection.engine {
            Engine::Sqlite(_) => self.connection.execute_script("commit")?,
            Engine::Postgres(session) => session.commit()?,
        }
        self.open = false;
        Ok(())
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        if self.open {
            self.connection.roll_back();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::value::values;

    fn in_memory(inner: rusqlite::Connection) -> Connection {
        let location = Location::Sqlite(":memory:".into());
        Connection { engine: Engine::Sqlite(inner), location, file: None, plans: Plans::default() }
    }

    #[test]
    fn a_parameter_means_its_number_wherever_it_first_appears() {
        let inner = rusqlite::Connection::open_in_memory().expect("memory is there");
        // SQLite's own numbering, the reason for the translation.
        let raw: String =
            inner.query_row("select $2 || $1 || $2", ["a", "b"], |row| row.get(0)).expect("the statement is valid");
        assert_eq!(raw, "aba");
        let connection = in_memory(inner);
        let row =
            connection.scalar::<String>("select $2 || $1 || $2", values!["a", "b"]).expect("the statement is valid");
        assert_eq!(row.as_deref(), Some("bab"));
    }

    #[test]
    fn a_null_replaces_the_value_of_the_execution_before() {
        let inner = rusqlite::Connection::open_in_memory().expect("memory is there");
        let connection = in_memory(inner);
        connection.execute_script("create table pair (a, b)").expect("a table");
        let mut insert = connection.prepare("insert into pair values ($1, $2)").expect("it is valid");
        for values in [[Value::Int(1), Value::Int(2)], [Value::Null, Value::Int(3)], [Value::Int(4), Value::Null]] {
            insert.execute(&values).expect("it is stored");
        }
        insert.execute(&[Value::Null]).expect_err("one value is missing");
        let pairs = connection
            .query("select a, b from pair", &[], |row| Ok((row.opt_int("a")?, row.opt_int("b")?)))
            .expect("it reads");
        assert_eq!(pairs, [(Some(1), Some(2)), (None, Some(3)), (Some(4), None)]);
    }

    #[test]
    fn only_what_is_done_lightly_does_not_wait_for_the_disk() {
        let inner = rusqlite::Connection::open_in_memory().expect("memory is there");
        let connection = in_memory(inner);
        connection.execute_script("create table level (now); insert into level values (null)").expect("a table");
        let set = "update level set now = (select synchronous from pragma_synchronous)";
        let level = || connection.integer("select now from level", &[]).expect("it reads");
        connection.execute_lightly(set, &[]).expect("it is done");
        assert_eq!(level(), 1, "normal");
        connection.execute(set, &[]).expect("it is done");
        assert_eq!(level(), 2, "full");
        connection.execute_lightly("update nothing set now = 1", &[]).expect_err("there is no such table");
        connection.execute(set, &[]).expect("it is done");
        assert_eq!(level(), 2, "full again after a fault");
    }
}
