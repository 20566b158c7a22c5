//! The seam to the database engine: statements, values and rows in the program's own terms.
//!
//! SQL is one text for both engines; [`dialect`] translates what they spell differently. Booleans are 0 or 1 in columns, and a
//! comparison as a column reads as one of them.

use crate::domain::Timestamp;
use crate::store::dialect::{self, NOW};
use crate::store::in_place::InPlace;
use crate::store::postgres::{self, Session};
pub(super) use crate::store::row::Row;
use crate::store::sqlite_error::classify;
use crate::store::value::Value;
use crate::store::{Location, StoreError};

/// One connection, owned by one thread.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) engine: Engine,
    pub(super) location: Location,
    /// The file as it was opened; `None` at a server.
    pub(super) file: Option<InPlace>,
}

/// What is beneath.
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
    Sqlite(rusqlite::Statement<'c>),
    /// By its text, so that it outlives a lost connection.
    Postgres(&'c Session, String),
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

    /// Executes one statement, outside any transaction, whose loss in a power cut does no harm: it does not wait for this machine's disk.
    /// Durable with the next commit, for this is of connections whose commits are.
    pub(super) fn execute_lightly(&self, sql: &str, values: &[Value]) -> Result<usize, StoreError> {
        if self.session().is_some() {
            return self.execute(sql, values);
        }
        self.execute_script("pragma synchronous = normal")?;
        let done = self.execute(sql, values);
        // Whatever came of it: what follows survives a power cut.
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
        let inner = match &self.engine {
            Engine::Sqlite(inner) => Prepared::Sqlite(
                inner.prepare(&dialect::to_sqlite(sql)).map_err(|source| classify(source, &self.location))?,
            ),
            Engine::Postgres(session) => {
                session.prepare(sql)?;
                Prepared::Postgres(session, sql.to_owned())
            }
        };
        Ok(Statement { inner, location: &self.location })
    }

    /// Begins a write transaction. In SQLite and at a head office it takes its turn among the writers at once: a reader that turns
    /// writer half-way can only fail, and what it has read cannot change before it commits. A file that was moved or replaced since
    /// it was opened is refused, because what is written to it would be lost.
    pub(super) fn begin(&self) -> Result<Transaction<'_>, StoreError> {
        self.check_in_place()?;
        match &self.engine {
            Engine::Sqlite(_) => self.execute_script("begin immediate")?,
            Engine::Postgres(session) => session.begin()?,
        }
        Ok(Transaction { connection: self, open: true })
    }

    /// Refuses to go on when the file is no longer at its path.
    pub(super) fn check_in_place(&self) -> Result<(), StoreError> {
        self.file.as_ref().map_or(Ok(()), |file| file.check(&self.location))
    }

    /// Begins a transaction of a server that first waits as `wait` says, whatever tables there are.
    pub(super) fn begin_with(&self, session: &Session, wait: &str) -> Result<Transaction<'_>, StoreError> {
        session.begin_with(wait)?;
        Ok(Transaction { connection: self, open: true })
    }

    /// The present instant by the database's own clock.
    pub(super) fn now(&self) -> Result<Timestamp, StoreError> {
        self.integer(&format!("select {NOW}"), &[]).map(Timestamp)
    }

    /// The session beneath, where what is to be done has no common spelling; `None` in SQLite.
    pub(super) fn session(&self) -> Option<&Session> {
        match &self.engine {
            Engine::Sqlite(_) => None,
            Engine::Postgres(session) => Some(session),
        }
    }

    /// A handle by which another thread breaks off the statement that runs here.
    pub(super) fn interrupter(&self) -> Interrupter {
        Interrupter(match &self.engine {
            Engine::Sqlite(inner) => Interrupt::Sqlite(inner.get_interrupt_handle()),
            Engine::Postgres(session) => Interrupt::Postgres(session.interrupter()),
        })
    }
}

/// Breaks off the statement that runs on a connection of another thread.
pub struct Interrupter(Interrupt);

enum Interrupt {
    Sqlite(rusqlite::InterruptHandle),
    Postgres(postgres::Interrupter),
}

impl Interrupter {
    /// Breaks it off, without waiting; without a running statement nothing happens.
    pub fn interrupt(&self) {
        match &self.0 {
            Interrupt::Sqlite(handle) => handle.interrupt(),
            Interrupt::Postgres(interrupter) => interrupter.interrupt(),
        }
    }
}

impl std::fmt::Debug for Interrupter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Interrupter")
    }
}

impl Statement<'_> {
    /// Executes with `values`; returns the rows changed.
    pub(super) fn execute(&mut self, values: &[Value]) -> Result<usize, StoreError> {
        match &mut self.inner {
            Prepared::Sqlite(inner) => {
                inner.execute(rusqlite::params_from_iter(values)).map_err(|source| classify(source, self.location))
            }
            Prepared::Postgres(session, sql) => session.execute(sql, values),
        }
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

    /// Hands each row to `take` until it returns false; rows are read as they are wanted, never all at once. `take` must not use the
    /// connection: PostgreSQL's answers one statement at a time.
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
    /// Makes all of it durable as the connection's settings say, or none of it.
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
        if !self.open {
            return;
        }
        match &self.connection.engine {
            Engine::Sqlite(inner) => {
                if !inner.is_autocommit() {
                    // Nothing can be done about a failure here, and SQLite rolls back by itself when the connection closes.
                    let _ = self.connection.execute_script("rollback");
                }
            }
            Engine::Postgres(session) => session.roll_back(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::value::values;

    #[test]
    fn a_parameter_means_its_number_wherever_it_first_appears() {
        let inner = rusqlite::Connection::open_in_memory().expect("memory is there");
        // What SQLite makes of it without the translation, and why there is one.
        let raw: String =
            inner.query_row("select $2 || $1 || $2", ["a", "b"], |row| row.get(0)).expect("the statement is sound");
        assert_eq!(raw, "aba");
        let connection =
            Connection { engine: Engine::Sqlite(inner), location: Location::Sqlite(":memory:".into()), file: None };
        let row = connection
            .first("select $2 || $1 || $2", values!["a", "b"], |row| row.text(0))
            .expect("the statement is sound");
        assert_eq!(row.as_deref(), Some("bab"));
    }

    #[test]
    fn only_what_is_done_lightly_does_not_wait_for_the_disk() {
        let inner = rusqlite::Connection::open_in_memory().expect("memory is there");
        let connection =
            Connection { engine: Engine::Sqlite(inner), location: Location::Sqlite(":memory:".into()), file: None };
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
