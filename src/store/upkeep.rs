//! Maintenance without a common spelling: the list of tables, integrity, checkpoints, changes by
//! others.

use crate::store::StoreError;
use crate::store::connection::{Connection, Engine};
use crate::store::postgres::SCHEMA;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

/// Prepared statements that a connection keeps: more than a purge repeats in its transactions.
const KEPT_STATEMENTS: usize = 32;

/// Gives a database the maintenance of its connection.
macro_rules! offer_upkeep {
    ($database:ty) => {
        impl $database {
            /// Its location.
            pub fn location(&self) -> &$crate::store::Location {
                &self.connection.location
            }

            /// The present by its own clock.
            pub fn now(&self) -> Result<$crate::domain::Timestamp, $crate::store::StoreError> {
                self.connection.now()
            }

            /// A number that changes when another connection commits.
            pub fn data_version(&self) -> Result<i64, $crate::store::StoreError> {
                self.connection.data_version()
            }

            /// Like [`Self::data_version`], but only if other writers have to wait for this
            /// connection; otherwise it never changes.
            pub fn contention(&self) -> Result<i64, $crate::store::StoreError> {
                self.connection.contention()
            }

            /// Keeps prepared statements from now on, for short transactions that repeat the same
            /// ones.
            pub fn keep_statements(&self) {
                self.connection.keep_statements();
            }

            /// Whether writers that wait for this connection try again at intervals, so that they
            /// need a pause to find the lock free. A server wakes them up.
            pub fn writers_poll(&self) -> bool {
                self.connection.session().is_none()
            }

            /// Checks the integrity of the whole file; the first error, in SQLite's words. Takes as
            /// long as reading the file.
            pub fn check_integrity(&self) -> Result<Option<String>, $crate::store::StoreError> {
                self.connection.check_integrity()
            }

            /// As [`Self::check_integrity`]; `None` if it takes longer than `patience`.
            pub fn check_integrity_within(
                &self,
                patience: std::time::Duration,
            ) -> Option<Result<Option<String>, $crate::store::StoreError>> {
                self.connection.check_integrity_within(patience)
            }
        }
    };
}

pub(super) use offer_upkeep;

impl Connection {
    /// The names of its tables; at a server, those in the schema `cdx`.
    pub(super) fn tables(&self) -> Result<Vec<String>, StoreError> {
        let sql = match self.engine {
            Engine::Sqlite(_) => "select name from sqlite_master where type = 'table'",
            Engine::Postgres(_) => {
                "select relname from pg_class where relnamespace = (select oid from pg_namespace
                 where nspname = 'cdx') and relkind in ('r', 'p')"
            }
        };
        self.scalars::<String>(sql, &[])
    }

    /// A table's name with its schema, if there are schemas.
    pub(super) fn qualified(&self, table: &str) -> String {
        if self.session().is_some() { format!("{SCHEMA}.{table}") } else { table.to_owned() }
    }

    /// The first integrity error of the file in SQLite's words; `None` if there is none. A server
    /// checks its files itself.
    pub(super) fn check_integrity(&self) -> Result<Option<String>, StoreError> {
        if self.session().is_some() {
            return Ok(None);
        }
        let verdict = self.scalar::<String>("pragma quick_check(1)", &[])?;
        Ok(verdict.filter(|verdict| verdict != "ok"))
    }

    /// Like [`Self::check_integrity`], but `None` if it takes longer than `patience`.
    pub(super) fn check_integrity_within(&self, patience: Duration) -> Option<Result<Option<String>, StoreError>> {
        let interrupter = self.interrupter();
        let (done, is_done) = channel::<()>();
        let found = std::thread::scope(|scope| {
            scope.spawn(move || {
                if is_done.recv_timeout(patience) == Err(RecvTimeoutError::Timeout) {
                    interrupter.interrupt();
                }
            });
            let found = self.check_integrity();
            drop(done);
            found
        });
        if found.as_ref().is_err_and(StoreError::is_interrupted) { None } else { Some(found) }
    }

    /// Returns at most `pages` free pages to the file system. A server does so by itself.
    pub(super) fn give_back(&self, pages: i64) -> Result<(), StoreError> {
        if self.session().is_none() {
            // The pragma takes no parameter and frees one page for each row.
            self.query(&format!("pragma incremental_vacuum({pages})"), &[], |_| Ok(()))?;
        }
        Ok(())
    }

    /// Runs a checkpoint of the write-ahead log as far as readers allow, without waiting. A server
    /// does so by itself.
    pub(super) fn checkpoint(&self) -> Result<(), StoreError> {
        if self.session().is_none() {
            self.query("pragma wal_checkpoint(passive)", &[], |_| Ok(()))?;
        }
        Ok(())
    }

    /// A number that changes when another connection commits. At a server it may also change
    /// without a commit: it counts transactions.
    pub(super) fn data_version(&self) -> Result<i64, StoreError> {
        match self.engine {
            Engine::Sqlite(_) => self.integer("pragma data_version", &[]),
            Engine::Postgres(_) => self.integer("select hashtextextended(cast(pg_current_snapshot() as text), 0)", &[]),
        }
    }

    /// Keeps prepared statements from now on, for short transactions that repeat the same ones.
    pub(super) fn keep_statements(&self) {
        if let Engine::Sqlite(inner) = &self.engine {
            inner.set_prepared_statement_cache_capacity(KEPT_STATEMENTS);
        }
    }

    /// A number that changes when another connection has committed that may have waited for this
    /// one. At a server writers of other rows do not wait, so it never changes.
    pub(super) fn contention(&self) -> Result<i64, StoreError> {
        if self.session().is_some() { Ok(0) } else { self.data_version() }
    }
}
