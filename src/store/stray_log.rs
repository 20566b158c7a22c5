//! Detects a write-ahead log that does not belong to its database: a backup was copied over a
//! database after a kill, and the old `-wal` stayed. SQLite cannot detect this and would mix the
//! pages of both.
//!
//! Checked only after an unclean end: the log contains pages and no process has the database open.
//! Two checks:
//!
//! - The change counter in the file's header. A log is begun only after the one before it was
//!   copied into the file and synced. The first page in a log carries the counter that its writer
//!   had read, plus one. The file therefore contains the counter before the first such page of the
//!   log, that of this page, or that of a later one which was copied back already. A log without a
//!   first page proves nothing.
//! - Damage. Before a writer uses the database, it checks the integrity for a bounded time.
//!
//! Only what SQLite would recover counts: the frames with valid checksums from the beginning up to
//! the last commit. The rest is left of an unfinished change or of an earlier log, and proves
//! nothing either.

mod log;

use crate::store::stray_log::log::{LOG_HEADER_BYTES, Log};
use crate::store::{Access, Location, StoreError};
use rusqlite::config::DbConfig;
use rusqlite::{ErrorCode, OpenFlags};
use std::fs::{File, Metadata};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Time limit of the integrity check before a writer uses the database: short, because it delays
/// every takeover after a kill.
const CHECK_TIMEOUT: Duration = Duration::from_millis(500);
/// The files whose first page was read. They stay open: closing one would release the locks that
/// SQLite may hold on it in this process by then.
static LOOKED_AT: Mutex<Vec<File>> = Mutex::new(Vec::new());

/// Refuses a database whose write-ahead log is another's, or that is damaged with it. Changes
/// nothing.
pub(super) fn check(path: &Path, location: &Location, access: Access) -> Result<(), StoreError> {
    let Ok(database) = path.canonicalize() else { return Ok(()) };
    let [log, index, journal] = ["-wal", "-shm", "-journal"].map(|suffix| {
        let mut beside = database.clone().into_os_string();
        beside.push(suffix);
        PathBuf::from(beside)
    });
    let length = |file: &Path| file.metadata().map_or(0, |file| file.len());
    // With a journal beside it the file is not yet what SQLite will make of it.
    if length(&log) <= LOG_HEADER_BYTES || length(&journal) > 0 || is_in_use(&[&database, &index]) {
        return Ok(());
    }
    let Ok(file) = File::open(&log) else { return Ok(()) };
    let Some(found) = Log::read(&file) else { return Ok(()) };
    let fault = foreign(&database, &log, &file, &found).or_else(|| match access {
        Access::ReadOnly => None,
        Access::Create | Access::Existing => damage(&database),
    });
    let shown = |path: &Path| crate::domain::clean_line(&path.to_string_lossy()).into_owned();
    fault.map_or(Ok(()), |fault| {
        Err(StoreError::StrayLog { location: location.clone(), log: shown(&log), index: shown(&index), fault })
    })
}

/// Whether a process holds one of SQLite's locks on one of the files; `false` where `/proc/locks`
/// cannot be read.
fn is_in_use(files: &[&Path]) -> bool {
    let locks = std::fs::read_to_string("/proc/locks").unwrap_or_default();
    files.iter().filter_map(|file| file.metadata().ok()).any(|file| {
        let (major, minor) = (rustix::fs::major(file.dev()), rustix::fs::minor(file.dev()));
        let place = format!(" {major:02x}:{minor:02x}:{} ", file.ino());
        locks.lines().any(|line| line.contains(" POSIX ") && line.contains(&place))
    })
}

/// What shows that the log is another database's; `None` if nothing does.
fn foreign(database: &Path, log: &Path, file: &File, found: &Log) -> Option<String> {
    let objection = found.objection(&first_page(database)?)?;
    // Another process may have written, begun or removed the log meanwhile.
    let is_unchanged = Log::read(file).as_ref() == Some(found);
    (is_unchanged && identity(&file.metadata().ok()?) == identity(&log.metadata().ok()?)).then_some(objection)
}

fn identity(file: &Metadata) -> (u64, u64) {
    (file.dev(), file.ino())
}

/// The header of the database; `None` if it has none or cannot be read.
fn first_page(database: &Path) -> Option<[u8; 100]> {
    let mut looked_at = LOOKED_AT.lock().unwrap_or_else(PoisonError::into_inner);
    let found = identity(&database.metadata().ok()?);
    let is_same = |file: &File| file.metadata().is_ok_and(|known| identity(&known) == found);
    if !looked_at.iter().any(is_same) {
        looked_at.push(File::open(database).ok()?);
    }
    let mut header = [0; 100];
    looked_at.iter().find(|file| is_same(file))?.read_exact_at(&mut header, 0).ok()?;
    Some(header)
}

/// The first fault that shows within the time; `None` if none does, or if it cannot be read, which
/// is for the opening to report.
fn damage(database: &Path) -> Option<String> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = rusqlite::Connection::open_with_flags(database, flags).ok()?;
    // Whatever is found, the log stays as it is.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).ok()?;
    let interrupt = connection.get_interrupt_handle();
    let (done, is_done) = channel::<()>();
    let found = std::thread::scope(|scope| {
        scope.spawn(move || {
            if is_done.recv_timeout(CHECK_TIMEOUT) == Err(RecvTimeoutError::Timeout) {
                interrupt.interrupt();
            }
        });
        let found = structural_fault(&connection);
        drop(done);
        found
    });
    match found {
        Ok(fault) => fault.map(|fault| crate::domain::clean_line(&fault).into_owned()),
        Err(error) => match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Some(error.to_string()),
            _ => None,
        },
    }
}

/// The first fault that no program can write, such as a page that belongs to two tables. A value
/// that its column does not allow is none: it may have been there before.
fn structural_fault(connection: &rusqlite::Connection) -> rusqlite::Result<Option<String>> {
    let mut check = connection.prepare("pragma integrity_check")?;
    let mut faults = check.query([])?;
    while let Some(fault) = faults.next()? {
        let fault: String = fault.get(0)?;
        if fault != "ok" && !fault.contains(" value in ") && !fault.starts_with("CHECK constraint failed") {
            return Ok(Some(fault));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests;
