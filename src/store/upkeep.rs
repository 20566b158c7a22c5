//! What a database needs besides statements, where the engines share no spelling: its tables, its health, who else writes.

use crate::store::StoreError;
use crate::store::connection::{Connection, Engine};
use crate::store::postgres::SCHEMA;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

impl Connection {
    /// The names of its tables; at a server, of those in the schema `cdx`.
    pub(super) fn tables(&self) -> Result<Vec<String>, StoreError> {
        let sql = match self.engine {
            Engine::Sqlite(_) => "select name from sqlite_master where type = 'table'",
            Engine::Postgres(_) => {
                "select relname from pg_class where relnamespace = (select oid from pg_namespace
                 where nspname = 'cdx') and relkind in ('r', 'p')"
            }
        };
        self.query(sql, &[], |row| row.text(0))
    }

    /// A table's name with its schema, where there are schemas.
    pub(super) fn qualified(&self, table: &str) -> String {
        if self.session().is_some() { format!("{SCHEMA}.{table}") } else { table.to_owned() }
    }

    /// The first fault of the whole file in the engine's words; `None` if it is sound. A server looks after its files itself.
    pub(super) fn check_integrity(&self) -> Result<Option<String>, StoreError> {
        if self.session().is_some() {
            return Ok(None);
        }
        let verdict = self.first("pragma quick_check(1)", &[], |row| row.text(0))?;
        Ok(verdict.filter(|verdict| verdict != "ok"))
    }

    /// As [`Self::check_integrity`], but given up after `patience`: then `None` as the answer.
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

    /// Hands at most `pages` free pages back to the file system. A server does so by itself.
    pub(super) fn give_back(&self, pages: i64) -> Result<(), StoreError> {
        if self.session().is_none() {
            // The pragma takes no parameter, and does one page a row.
            self.query(&format!("pragma incremental_vacuum({pages})"), &[], |_| Ok(()))?;
        }
        Ok(())
    }

    /// Copies the write-ahead log back as far as no reader stands in the way; never waits for anybody. A server does so by itself.
    pub(super) fn checkpoint(&self) -> Result<(), StoreError> {
        if self.session().is_none() {
            self.query("pragma wal_checkpoint(passive)", &[], |_| Ok(()))?;
        }
        Ok(())
    }

    /// A number that differs from the last one if another connection has committed in between. At a server it may differ for no
    /// reason: it tells which transactions are past, whatever they did.
    pub(super) fn data_version(&self) -> Result<i64, StoreError> {
        match self.engine {
            Engine::Sqlite(_) => self.integer("pragma data_version", &[]),
            Engine::Postgres(_) => self.integer("select hashtextextended(cast(pg_current_snapshot() as text), 0)", &[]),
        }
    }

    /// A number that differs from the last one if another connection has committed in between and may have waited for this one.
    /// At a server writers of other rows do not wait for each other, so it never differs.
    pub(super) fn contention(&self) -> Result<i64, StoreError> {
        if self.session().is_some() { Ok(0) } else { self.data_version() }
    }
}
