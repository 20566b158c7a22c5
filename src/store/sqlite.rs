//! Opens an SQLite file: checks SQLite's version, sets up the write-ahead log and waits for locks.

use crate::store::connection::{Connection, Engine};
use crate::store::in_place::InPlace;
use crate::store::plans::Plans;
use crate::store::sqlite_error::classify;
use crate::store::tuning::{LOCK_WAIT, Tuning};
use crate::store::{Access, Location, Opening, StoreError, careful_file, file_system, stray_log};
use rusqlite::OpenFlags;
use std::path::Path;
use std::time::Duration;

/// The oldest SQLite that is accepted: before it, two connections that share a write-ahead log can
/// lose rows.
pub const OLDEST_SAFE_SQLITE: &str = "3.51.3";
const OLDEST_SAFE_NUMBER: i32 = 3_051_003;
/// The interval between two attempts to get a lock.
const LOCK_STEP: Duration = Duration::from_millis(2);

/// The version of the bundled engine.
pub fn sqlite_version() -> &'static str {
    rusqlite::version()
}

/// Refuses a version of SQLite that can lose rows.
pub fn check_sqlite() -> Result<(), StoreError> {
    if rusqlite::version_number() >= OLDEST_SAFE_NUMBER {
        return Ok(());
    }
    Err(StoreError::UnsafeEngine { found: sqlite_version().to_owned(), oldest: OLDEST_SAFE_SQLITE })
}

/// Opens the file; the caller then checks its schema.
pub(super) fn open(
    location: &Location,
    path: &Path,
    opening: &Opening,
    tuning: Tuning,
) -> Result<Connection, StoreError> {
    check_sqlite()?;
    // Made absolute, because SQLite gives names such as `:memory:` a special meaning.
    let path = &std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let open_error = |reason: String| StoreError::Open { location: location.clone(), reason };
    if opening.access == Access::Create
        && let Some(folder) = path.parent()
    {
        std::fs::create_dir_all(folder)
            .map_err(|error| open_error(format!("its folder cannot be created: {error}")))?;
    }
    if !opening.allow_network_file_system
        && let Some(kind) = file_system::network_file_system(path)
    {
        return Err(StoreError::NetworkFileSystem { location: location.clone(), kind });
    }
    if let Some(objection) = careful_file::objection(path) {
        return Err(open_error(objection));
    }
    if opening.access == Access::Create {
        // Create the file ourselves so that its mode honors the umask; SQLite's files beside it get
        // the same mode. If this fails, opening the file below reports the error.
        drop(std::fs::OpenOptions::new().write(true).create_new(true).open(path));
    }
    let flags = match opening.access {
        Access::Create => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
        Access::Existing => OpenFlags::SQLITE_OPEN_READ_WRITE,
        Access::ReadOnly => OpenFlags::SQLITE_OPEN_READ_ONLY,
    };
    stray_log::check(path, location, opening.access)?;
    let mut inner = rusqlite::Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)
        .map_err(|error| classify(error, location))?;
    inner.busy_handler(Some(wait_for_lock)).map_err(|error| open_error(error.to_string()))?;
    // Until `keep_statements`: the long statements of a transfer would take megabytes.
    inner.set_prepared_statement_cache_capacity(0);
    let file = Some(InPlace::of(path, &inner, location)?);
    let engine = Engine::Sqlite(inner);
    let connection = Connection { engine, location: location.clone(), file, plans: Plans::default() };
    connection.execute_script(&format!(
        "pragma synchronous = {}; pragma cache_size = -{}; pragma temp_store = memory; pragma foreign_keys = on;",
        tuning.synchronous, tuning.cache_kib
    ))?;
    if opening.access == Access::ReadOnly {
        connection.execute_script("pragma query_only = on")?;
    } else {
        // `auto_vacuum` takes effect only in an empty file; elsewhere, setting it would wait for
        // the write lock.
        if connection.integer("pragma page_count", &[])? == 0 {
            connection.execute_script("pragma auto_vacuum = incremental")?;
        }
        let mode = connection.scalar::<String>("pragma journal_mode = wal", &[])?.unwrap_or_default();
        if mode != "wal" {
            let reason = "SQLite cannot keep a write-ahead log there; move the database to a local disk";
            return Err(open_error(reason.to_owned()));
        }
        connection.execute_script(&format!(
            "pragma wal_autocheckpoint = {}; pragma journal_size_limit = 67108864;",
            tuning.checkpoint_pages
        ))?;
    }
    Ok(connection)
}

/// Tests that the file can be written, whatever its schema: writes to it and rolls back. The error
/// says why it cannot. Does nothing for a PostgreSQL database.
pub fn try_write(location: &Location, opening: &Opening) -> Result<(), StoreError> {
    let Location::Sqlite(path) = location else { return Ok(()) };
    // With a small cache, SQLite writes pages to the log on the disk before the commit.
    let connection = open(location, path, opening, Tuning { synchronous: "full", cache_kib: 16, checkpoint_pages: 0 })?;
    let transaction = connection.begin()?;
    connection.execute_script(
        "create table cdx_write_test (content blob); insert into cdx_write_test values (zeroblob(262144))",
    )?;
    drop(transaction);
    Ok(())
}

/// Waits for a lock at a constant interval. SQLite's own backoff misses the short gaps that a
/// transfer leaves between its chunks.
fn wait_for_lock(tries: i32) -> bool {
    std::thread::sleep(LOCK_STEP);
    LOCK_STEP * u32::try_from(tries).unwrap_or(u32::MAX) < LOCK_WAIT
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_bundled_engine_is_safe() {
        super::check_sqlite().expect("the bundled SQLite is at least 3.51.3");
    }
}
