//! Migrations: numbered, forward only, one process at a time.
//!
//! In SQLite the file is copied first. At a server all steps are one transaction, so that an error
//! leaves the database unchanged.

use crate::store::connection::Connection;
use crate::store::value::{Value, values};
use crate::store::{Access, Location, OsLock, StoreError, careful_file, postgres};

/// The table that the target of a copy has until the copy is complete. It names the source by its
/// identity.
pub(super) const UNFINISHED: &str = "unfinished_copy";

/// The schema of a database.
#[derive(Debug, Clone, Copy)]
pub(super) struct Schema {
    /// Its name in messages.
    pub(super) what: &'static str,
    /// The table whose one row holds `schema_version`.
    pub(super) identity: &'static str,
    /// The command that creates it, for messages.
    pub(super) advice: &'static str,
    /// The scripts for SQLite, migration 1 first.
    pub(super) migrations: &'static [&'static str],
    /// The scripts for PostgreSQL, migration 1 first.
    pub(super) postgres: &'static [&'static str],
    /// What SQL cannot do: by the number of its migration, performed after the script.
    pub(super) steps: &'static [(i64, Step)],
}

/// A part of a migration in Rust.
pub(super) type Step = fn(&Connection) -> Result<(), StoreError>;

/// The state of a database before a migration.
struct Found {
    version: i64,
    /// Where an older version put its tables, unless they are in the schema `cdx`.
    former: Option<postgres::FormerSchema>,
}

/// The advisory lock of a migration at a server; an arbitrary number.
const MIGRATION_LOCK: i64 = 0x0063_6478_6d69_6772;

impl Schema {
    fn scripts(&self, connection: &Connection) -> &'static [&'static str] {
        if connection.session().is_some() { self.postgres } else { self.migrations }
    }

    /// Refuses a missing file unless it may be created.
    pub(super) fn check_exists(&self, location: &Location, access: Access) -> Result<(), StoreError> {
        if access != Access::Create && location.is_missing() { Err(self.missing(location)) } else { Ok(()) }
    }

    fn missing(&self, location: &Location) -> StoreError {
        StoreError::Missing { what: self.what, location: location.clone(), advice: self.advice }
    }

    /// Migrates the database to the newest version, or returns why not; durable when it returns.
    pub(super) fn prepare(&self, connection: &Connection, access: Access) -> Result<(), StoreError> {
        self.check_finished(connection)?;
        self.prepare_unfinished(connection, access)
    }

    /// Prepares the target of a copy, even if it is unfinished.
    pub(super) fn prepare_unfinished(&self, connection: &Connection, access: Access) -> Result<(), StoreError> {
        let known = i64::try_from(self.scripts(connection).len()).unwrap_or(i64::MAX);
        let Found { version: found, former } = self.find(connection)?;
        if found == known && former.is_none() {
            return Ok(());
        }
        let location = connection.location.clone();
        if found > known {
            return Err(StoreError::TooNew { what: self.what, location, found, known });
        }
        // An empty file counts as missing; making a new database of it would hide that.
        if found == 0 && access != Access::Create {
            return Err(self.missing(&location));
        }
        if access == Access::ReadOnly {
            return Err(StoreError::TooOld { what: self.what, location, found, known });
        }
        let Some((lock, file)) = location.beside(".migrate.lock").zip(location.file()) else {
            return self.migrate_server(connection, known);
        };
        let _one_at_a_time = OsLock::acquire(&lock, file)?;
        let found = self.find(connection)?.version;
        if 0 < found && found < known {
            copy(connection, found)?;
        }
        // A step may sort a table of any size.
        connection.execute_script("pragma temp_store = file")?;
        for number in found + 1..=known {
            let transaction = connection.begin()?;
            self.step_to(connection, number)?;
            transaction.commit()?;
        }
        connection.execute_script("pragma temp_store = memory")
    }

    /// Refuses a wrong target of a copy: another kind of database, one of a newer version, or one
    /// whose tables are in another schema.
    pub(super) fn check_target(&self, connection: &Connection) -> Result<(), StoreError> {
        let known = i64::try_from(self.scripts(connection).len()).unwrap_or(i64::MAX);
        let Found { version: found, former } = self.find(connection)?;
        let location = connection.location.clone();
        if found > known {
            return Err(StoreError::TooNew { what: self.what, location, found, known });
        }
        if former.is_some() {
            return Err(StoreError::TooOld { what: self.what, location, found, known });
        }
        Ok(())
    }

    /// All steps in one transaction, by the process that gets the lock first; the others find
    /// nothing left to do.
    fn migrate_server(&self, connection: &Connection, known: i64) -> Result<(), StoreError> {
        let Some(session) = connection.session() else { return Ok(()) };
        let wait = format!("; set local lock_timeout = 0; select pg_advisory_xact_lock({MIGRATION_LOCK})");
        let transaction = connection.begin_with(session, &wait)?;
        let found = self.find(connection)?;
        if found.version < known || found.former.is_some() {
            postgres::enter(session, found.former.as_ref(), self.identity, self.postgres)?;
        }
        (found.version + 1..=known).try_for_each(|number| self.step_to(connection, number))?;
        transaction.commit()
    }

    /// Refuses an unfinished copy.
    fn check_finished(&self, connection: &Connection) -> Result<(), StoreError> {
        if self.tables(connection)?.iter().any(|table| table == UNFINISHED) {
            return Err(StoreError::Unfinished { location: connection.location.clone() });
        }
        Ok(())
    }

    fn tables(&self, connection: &Connection) -> Result<Vec<String>, StoreError> {
        connection.tables().map_err(|error| match error {
            StoreError::Engine { source, .. }
                if source.sqlite_error_code() == Some(rusqlite::ErrorCode::NotADatabase) =>
            {
                self.foreign(connection, "it is no SQLite database")
            }
            other => other,
        })
    }

    fn foreign(&self, connection: &Connection, reason: &str) -> StoreError {
        StoreError::Foreign { what: self.what, location: connection.location.clone(), reason: reason.to_owned() }
    }

    /// The version of the database and the place of its tables; version 0 for an empty one.
    fn find(&self, connection: &Connection) -> Result<Found, StoreError> {
        let mut tables = self.tables(connection)?;
        tables.retain(|table| table != UNFINISHED);
        let read = |table: &str| connection.integer(&format!("select schema_version from {table}"), &[]);
        if tables.is_empty() {
            let Some(session) = connection.session() else { return Ok(Found { version: 0, former: None }) };
            let former = postgres::FormerSchema::find(session, self.identity)?;
            let Some(former) = former else { return Ok(Found { version: 0, former: None }) };
            if former.has_table(session, UNFINISHED)? {
                return Err(StoreError::Unfinished { location: connection.location.clone() });
            }
            let version = read(&former.table(session, self.identity)?)?;
            return Ok(Found { version, former: Some(former) });
        }
        if !tables.iter().any(|table| table == self.identity) {
            return Err(self.foreign(connection, &format!("it has no table {}", self.identity)));
        }
        Ok(Found { version: read(&connection.qualified(self.identity))?, former: None })
    }

    fn step_to(&self, connection: &Connection, number: i64) -> Result<(), StoreError> {
        let scripts = self.scripts(connection);
        let Some(script) = usize::try_from(number - 1).ok().and_then(|index| scripts.get(index)) else {
            return Ok(());
        };
        connection.execute_script(script)?;
        for (_, step) in self.steps.iter().filter(|(after, _)| *after == number) {
            step(connection)?;
        }
        connection.execute(&format!("update {} set schema_version = $1", self.identity), values![number])?;
        Ok(())
    }
}

/// Copies the file beside it, named by its version, with its owner and mode, and never through an
/// existing link.
fn copy(connection: &Connection, version: i64) -> Result<(), StoreError> {
    let location = &connection.location;
    let Some((path, file)) = location.beside(&format!(".version-{version}")).zip(location.file()) else {
        return Ok(());
    };
    let failed = |attempted, source| {
        let path = crate::domain::clean_line(&path.to_string_lossy()).into_owned();
        StoreError::File { attempted, path, source }
    };
    match std::fs::remove_file(&path) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
            return Err(failed("replace the copy", source));
        }
        _ => {}
    }
    // SQLite writes into an empty file, and would create one that everyone may read.
    let copy = careful_file::create_like(&path, file, 0o777).map_err(|source| failed("create the copy", source))?;
    connection.execute("vacuum into $1", &[Value::Text(&path.to_string_lossy())])?;
    copy.sync_all().map_err(|source| failed("store the copy", source))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Opening;
    use crate::store::open::open;
    use crate::store::tuning::Tuning;

    const FIRST: &str = "create table identity (schema_version integer); insert into identity values (1);
        create table thing (name text); insert into thing values ('kept');";
    const SECOND: &str = "alter table thing add column size integer;";
    const BROKEN: &str = "alter table thing add column weight integer; this is no SQL;";

    fn schema(migrations: &'static [&'static str]) -> Schema {
        Schema { what: "test database", identity: "identity", advice: "make it", migrations, postgres: &[], steps: &[] }
    }

    fn connection(folder: &std::path::Path) -> Connection {
        let location = Location::Sqlite(folder.join("test.db"));
        let opening = Opening::from(Access::Create);
        open(&location, &opening, Tuning { synchronous: "full", cache_kib: 100, checkpoint_pages: 100 }, None)
            .expect("a file can be opened")
    }

    #[test]
    fn a_migration_copies_first_and_keeps_what_is_there() {
        let folder = tempfile::tempdir().expect("a folder");
        let connection = connection(folder.path());
        schema(&[FIRST]).prepare(&connection, Access::Create).expect("it creates");
        schema(&[FIRST, SECOND]).prepare(&connection, Access::Existing).expect("it migrates");
        let kept = connection.scalar::<String>("select name, size from thing", &[]).expect("it reads");
        assert_eq!(kept.as_deref(), Some("kept"));
        assert!(folder.path().join("test.db.version-1").exists());
    }

    #[test]
    fn the_copy_is_as_private_as_the_database_and_follows_no_link() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let [database, copy, victim] = ["test.db", "test.db.version-1", "victim"].map(|name| folder.path().join(name));
        let connection = connection(folder.path());
        schema(&[FIRST]).prepare(&connection, Access::Create).expect("it creates");
        std::fs::set_permissions(&database, std::fs::Permissions::from_mode(0o600)).expect("ours");
        std::fs::write(&victim, "").expect("written");
        std::os::unix::fs::symlink(&victim, &copy).expect("a link");
        schema(&[FIRST, SECOND]).prepare(&connection, Access::Existing).expect("it migrates");
        let made = copy.symlink_metadata().expect("it is there");
        assert!(made.is_file() && made.len() > 0);
        assert_eq!(made.permissions().mode() & 0o777, 0o600);
        assert_eq!(victim.metadata().expect("it is there").len(), 0);
    }

    #[test]
    fn a_migration_that_fails_changes_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let connection = connection(folder.path());
        schema(&[FIRST]).prepare(&connection, Access::Create).expect("it creates");
        schema(&[FIRST, BROKEN]).prepare(&connection, Access::Existing).expect_err("the script is broken");
        assert!(connection.scalars::<i64>("select weight from thing", &[]).is_err());
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
