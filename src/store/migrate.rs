//! Migrations: numbered, forward only, one process at a time, a copy first.

use super::connection::Connection;
use super::value::{Value, values};
use super::{Access, Location, OsLock, StoreError};

/// What a database must become.
#[derive(Debug, Clone, Copy)]
pub(super) struct Schema {
    /// Its name in sentences.
    pub(super) what: &'static str,
    /// The table whose one row holds `schema_version`.
    pub(super) identity: &'static str,
    /// What creates it, for the sentence that says it is missing.
    pub(super) advice: &'static str,
    /// The scripts, migration 1 first.
    pub(super) migrations: &'static [&'static str],
}

impl Schema {
    fn known(&self) -> i64 {
        i64::try_from(self.migrations.len()).unwrap_or(i64::MAX)
    }

    /// Refuses a file that is not there unless it may be created.
    pub(super) fn check_exists(&self, location: &Location, access: Access) -> Result<(), StoreError> {
        if access == Access::Create || location.path().exists() {
            return Ok(());
        }
        Err(StoreError::Missing { what: self.what, location: location.clone(), advice: self.advice })
    }

    /// Brings the database to the newest version, or refuses with the reason; durable when it returns.
    pub(super) fn prepare(&self, connection: &Connection, access: Access) -> Result<(), StoreError> {
        let found = self.version(connection)?;
        if found == self.known() {
            return Ok(());
        }
        let location = connection.location.clone();
        if found > self.known() {
            return Err(StoreError::TooNew { what: self.what, location, found, known: self.known() });
        }
        if access == Access::ReadOnly {
            return Err(StoreError::TooOld { what: self.what, location, found, known: self.known() });
        }
        let _one_at_a_time = OsLock::acquire(&location.beside(".migrate.lock"))?;
        let found = self.version(connection)?;
        if 0 < found && found < self.known() {
            copy(connection, found)?;
        }
        for number in found + 1..=self.known() {
            self.migrate_to(connection, number)?;
        }
        Ok(())
    }

    /// The version in the file; 0 for an empty one.
    fn version(&self, connection: &Connection) -> Result<i64, StoreError> {
        let foreign = |reason: &str| StoreError::Foreign {
            what: self.what,
            location: connection.location.clone(),
            reason: reason.to_owned(),
        };
        let tables = connection
            .query("select name from sqlite_master where type = 'table'", &[], |row| row.text(0))
            .map_err(|error| match error {
                StoreError::Engine { source, .. }
                    if source.sqlite_error_code() == Some(rusqlite::ErrorCode::NotADatabase) =>
                {
                    foreign("it is no SQLite database")
                }
                other => other,
            })?;
        if tables.is_empty() {
            return Ok(0);
        }
        if !tables.iter().any(|table| table == self.identity) {
            return Err(foreign(&format!("it has no table {}", self.identity)));
        }
        connection.integer(&format!("select schema_version from {}", self.identity), &[])
    }

    fn migrate_to(&self, connection: &Connection, number: i64) -> Result<(), StoreError> {
        let Some(script) = usize::try_from(number - 1).ok().and_then(|index| self.migrations.get(index)) else {
            return Ok(());
        };
        let transaction = connection.begin()?;
        connection.execute_script(script)?;
        connection.execute(&format!("update {} set schema_version = $1", self.identity), values![number])?;
        transaction.commit()
    }
}

/// Keeps the file as it was, beside it, named by its version.
fn copy(connection: &Connection, version: i64) -> Result<(), StoreError> {
    let path = connection.location.beside(&format!(".version-{version}"));
    if path.exists() {
        std::fs::remove_file(&path).map_err(|source| StoreError::File {
            attempted: "replace the copy",
            path: path.display().to_string(),
            source,
        })?;
    }
    connection.execute("vacuum into $1", &[Value::Text(&path.to_string_lossy())])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::Opening;
    use super::super::sqlite::{Tuning, open};
    use super::*;

    const FIRST: &str = "create table identity (schema_version integer); insert into identity values (1);
        create table thing (name text); insert into thing values ('kept');";
    const SECOND: &str = "alter table thing add column size integer;";
    const BROKEN: &str = "alter table thing add column weight integer; this is no SQL;";

    fn schema(migrations: &'static [&'static str]) -> Schema {
        Schema { what: "test database", identity: "identity", advice: "make it", migrations }
    }

    fn connection(folder: &std::path::Path) -> Connection {
        let location = Location::Sqlite(folder.join("test.db"));
        let opening = Opening { access: Access::Create, allow_network_file_system: false };
        open(&location, opening, Tuning { synchronous: "full", cache_kib: 100, checkpoint_pages: 100 })
            .expect("a file can be opened")
    }

    #[test]
    fn a_migration_copies_first_and_keeps_what_is_there() {
        let folder = tempfile::tempdir().expect("a folder");
        let connection = connection(folder.path());
        schema(&[FIRST]).prepare(&connection, Access::Create).expect("it creates");
        schema(&[FIRST, SECOND]).prepare(&connection, Access::Existing).expect("it migrates");
        let kept = connection.first("select name, size from thing", &[], |row| row.text(0)).expect("it reads");
        assert_eq!(kept.as_deref(), Some("kept"));
        assert!(folder.path().join("test.db.version-1").exists());
    }

    #[test]
    fn a_migration_that_fails_changes_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let connection = connection(folder.path());
        schema(&[FIRST]).prepare(&connection, Access::Create).expect("it creates");
        schema(&[FIRST, BROKEN]).prepare(&connection, Access::Existing).expect_err("the script is broken");
        assert!(connection.query("select weight from thing", &[], |row| row.int(0)).is_err());
        schema(&[FIRST]).prepare(&connection, Access::Existing).expect("it is still version 1");
    }

    #[test]
    fn a_newer_an_older_and_a_foreign_file_are_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let connection = connection(folder.path());
        schema(&[FIRST, SECOND]).prepare(&connection, Access::Create).expect("it creates");
        let newer = schema(&[FIRST]).prepare(&connection, Access::Existing);
        assert!(matches!(newer, Err(StoreError::TooNew { found: 2, known: 1, .. })));
        let older = schema(&[FIRST, SECOND, SECOND]).prepare(&connection, Access::ReadOnly);
        assert!(matches!(older, Err(StoreError::TooOld { found: 2, known: 3, .. })));
        let other = Schema { identity: "other", ..schema(&[FIRST]) }.prepare(&connection, Access::Existing);
        assert!(matches!(other, Err(StoreError::Foreign { .. })));
    }
}
