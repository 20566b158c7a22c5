//! Opening an SQLite file the way this program needs it: write-ahead log, waiting for locks, an engine that loses nothing.

use crate::store::connection::{Connection, Engine, LOCK_WAIT};
use crate::store::open::Tuning;
use crate::store::{Access, Location, Opening, StoreError};
use rusqlite::{ErrorCode, OpenFlags};
use std::borrow::Cow;
use std::path::Path;
use std::time::Duration;

/// The first SQLite in which two connections sharing a write-ahead log cannot lose rows.
pub const OLDEST_SAFE_SQLITE: &str = "3.51.3";
const OLDEST_SAFE_NUMBER: i32 = 3_051_003;
/// Between two tries to get a lock.
const LOCK_STEP: Duration = Duration::from_millis(2);

/// The version of the bundled engine.
pub fn sqlite_version() -> &'static str {
    rusqlite::version()
}

/// Refuses an engine that can lose rows.
pub fn check_sqlite() -> Result<(), StoreError> {
    if rusqlite::version_number() >= OLDEST_SAFE_NUMBER {
        return Ok(());
    }
    Err(StoreError::UnsafeEngine { found: sqlite_version().to_owned(), oldest: OLDEST_SAFE_SQLITE })
}

/// Opens the file; whether it holds the right schema is the caller's next question.
pub(super) fn open(
    location: &Location,
    path: &Path,
    opening: Opening,
    tuning: Tuning,
) -> Result<Connection, StoreError> {
    check_sqlite()?;
    let open_error = |reason: String| StoreError::Open { location: location.clone(), reason };
    if opening.access == Access::Create
        && let Some(folder) = path.parent()
    {
        std::fs::create_dir_all(folder).map_err(|error| open_error(format!("its folder cannot be made: {error}")))?;
    }
    if !opening.allow_network_file_system
        && let Some(kind) = network_file_system(path)
    {
        return Err(StoreError::NetworkFileSystem { location: location.clone(), kind });
    }
    if opening.access == Access::Create {
        // SQLite would let nobody else write, whatever the umask; its files beside this one follow it. What cannot be made it says below.
        drop(std::fs::OpenOptions::new().write(true).create_new(true).open(path));
    }
    let flags = match opening.access {
        Access::Create => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
        Access::Existing => OpenFlags::SQLITE_OPEN_READ_WRITE,
        Access::ReadOnly => OpenFlags::SQLITE_OPEN_READ_ONLY,
    };
    let mut inner = rusqlite::Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)
        .map_err(|error| open_error(error.to_string()))?;
    inner.busy_handler(Some(wait_for_lock)).map_err(|error| open_error(error.to_string()))?;
    let connection = Connection { engine: Engine::Sqlite(inner), location: location.clone() };
    connection.execute_script(&format!(
        "pragma synchronous = {}; pragma cache_size = -{}; pragma temp_store = memory; pragma foreign_keys = on;",
        tuning.synchronous, tuning.cache_kib
    ))?;
    if opening.access == Access::ReadOnly {
        connection.execute_script("pragma query_only = on")?;
    } else {
        // Settled by the first page ever written; on an existing file it would only wait for the write lock.
        if connection.integer("pragma page_count", &[])? == 0 {
            connection.execute_script("pragma auto_vacuum = incremental")?;
        }
        connection.execute_script(&format!(
            "pragma journal_mode = wal; pragma wal_autocheckpoint = {}; pragma journal_size_limit = 67108864;",
            tuning.checkpoint_pages
        ))?;
    }
    Ok(connection)
}

/// Makes `$1` mean the first value in SQLite too, where `$1` is only a name and is numbered by first appearance.
pub(super) fn translate(sql: &str) -> Cow<'_, str> {
    if sql.contains('$') { Cow::Owned(sql.replace('$', "?")) } else { Cow::Borrowed(sql) }
}

pub(super) fn classify(source: rusqlite::Error, location: &Location) -> StoreError {
    let location = location.clone();
    match source.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            let holder = crate::store::lock_holder::holder(&location);
            StoreError::Locked { location, waited_seconds: LOCK_WAIT.as_secs(), holder }
        }
        Some(ErrorCode::OperationInterrupted) => StoreError::Interrupted { location },
        Some(ErrorCode::DiskFull) => StoreError::Full { location },
        Some(ErrorCode::ReadOnly) => StoreError::ReadOnly { location },
        Some(ErrorCode::CannotOpen) => {
            let reason = "the file, or its folder or file system, may not be read and written; SQLite writes beside the file even to \
                          read it";
            StoreError::Open { location, reason: reason.to_owned() }
        }
        _ => StoreError::Engine { location, source },
    }
}

/// Waits for somebody else's lock at even steps. SQLite's own waiting takes longer and longer steps, and misses the short gaps
/// that a transfer leaves between its chunks.
fn wait_for_lock(tries: i32) -> bool {
    std::thread::sleep(LOCK_STEP);
    LOCK_STEP * u32::try_from(tries).unwrap_or(u32::MAX) < LOCK_WAIT
}

/// The name of the network file system that holds `path`, if one does.
fn network_file_system(path: &Path) -> Option<&'static str> {
    let mut place = path.ancestors().map(|place| if place.as_os_str().is_empty() { Path::new(".") } else { place });
    let found = place.find_map(|place| rustix::fs::statfs(place).ok())?;
    // The numbers are those of Linux's statfs(2).
    match found.f_type & 0xFFFF_FFFF {
        0x6969 => Some("NFS"),
        0xFF53_4D42 => Some("CIFS"),
        0xFE53_4D42 => Some("SMB2"),
        0x517B => Some("SMB"),
        0x0102_1997 => Some("9P"),
        0x5346_414F => Some("AFS"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_bundled_engine_is_safe() {
        super::check_sqlite().expect("the bundled SQLite is at least 3.51.3");
    }
}
