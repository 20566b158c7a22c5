//! A write-ahead log that does not belong to its database: a backup copied over a database after a kill, while the `-wal` stayed.
//! SQLite cannot tell, and would mix the pages of both.
//!
//! Looked for where a log holds pages and no process has the database open, so after an unclean end only. Two things give it away:
//!
//! - The change counter. Whoever writes the database's first page counts its counter up by one. What lies in the file is therefore the
//!   counter before the first such page of the log, or one of those in the log, copied back already.
//! - The damage. A writer checks the integrity first, for a bounded time.

use crate::store::{Access, Location, StoreError};
use rusqlite::config::DbConfig;
use rusqlite::{ErrorCode, OpenFlags};
use std::collections::BTreeSet;
use std::fs::File;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How long a writer checks a database before it uses it.
const PATIENCE: Duration = Duration::from_secs(2);
/// Bytes of the log's header, and of the one before each page.
const LOG_HEADER: u64 = 32;
const FRAME_HEADER: u64 = 24;

/// The files whose first page was looked at. They stay open: closing one would give up the locks that SQLite may hold on it in this
/// process by then.
static LOOKED_AT: Mutex<Vec<File>> = Mutex::new(Vec::new());

/// Refuses a database whose write-ahead log is another's, or that is damaged with it. Changes nothing.
pub(super) fn check(path: &Path, location: &Location, access: Access) -> Result<(), StoreError> {
    let Ok(database) = path.canonicalize() else { return Ok(()) };
    let [log, index] = ["-wal", "-shm"].map(|suffix| {
        let mut beside = database.clone().into_os_string();
        beside.push(suffix);
        PathBuf::from(beside)
    });
    if log.metadata().map_or(0, |log| log.len()) <= LOG_HEADER || is_in_use(&[&database, &index]) {
        return Ok(());
    }
    let fault = foreign(&database, &log).or_else(|| match access {
        Access::ReadOnly => None,
        Access::Create | Access::Existing => damage(&database),
    });
    let shown = |path: &Path| crate::domain::clean_line(&path.to_string_lossy()).into_owned();
    fault.map_or(Ok(()), |fault| {
        Err(StoreError::StrayLog { location: location.clone(), log: shown(&log), index: shown(&index), fault })
    })
}

/// Whether a process holds one of SQLite's locks on one of the files. Where that cannot be told, nobody does.
fn is_in_use(files: &[&Path]) -> bool {
    let locks = std::fs::read_to_string("/proc/locks").unwrap_or_default();
    files.iter().filter_map(|file| file.metadata().ok()).any(|file| {
        let (major, minor) = (rustix::fs::major(file.dev()), rustix::fs::minor(file.dev()));
        let place = format!(" {major:02x}:{minor:02x}:{} ", file.ino());
        locks.lines().any(|line| line.contains(" POSIX ") && line.contains(&place))
    })
}

/// What shows that the log is another database's; `None` if nothing does.
fn foreign(database: &Path, log: &Path) -> Option<String> {
    let log = File::open(log).ok()?;
    let before = Log::read(&log)?;
    let first_page = first_page(database)?;
    // Another process may have begun the log anew meanwhile.
    (Log::read(&log).as_ref() == Some(&before)).then_some(())?;
    before.objection(&first_page)
}

/// The header of the database; `None` if it has none or cannot be read.
fn first_page(database: &Path) -> Option<[u8; 100]> {
    let mut looked_at = LOOKED_AT.lock().unwrap_or_else(PoisonError::into_inner);
    let found = database.metadata().ok()?;
    let is_same =
        |file: &File| file.metadata().is_ok_and(|known| (known.dev(), known.ino()) == (found.dev(), found.ino()));
    if !looked_at.iter().any(is_same) {
        looked_at.push(File::open(database).ok()?);
    }
    let mut header = [0; 100];
    looked_at.iter().find(|file| is_same(file))?.read_exact_at(&mut header, 0).ok()?;
    Some(header)
}

/// What a log says of the database that it belongs to.
#[derive(Debug, PartialEq, Eq)]
struct Log {
    page_size: u32,
    salts: [u8; 8],
    /// The change counters of the first pages in it: the first of them, and all.
    first: Option<u32>,
    counters: BTreeSet<u32>,
}

impl Log {
    fn read(file: &File) -> Option<Self> {
        let mut header = [0; 32];
        file.read_exact_at(&mut header, 0).ok()?;
        let page_size = number(&header, 8)?;
        if number(&header, 0)? & !1 != 0x377F_0682 || !(512..=65_536).contains(&page_size) {
            return None;
        }
        let salts: [u8; 8] = header.get(16..24)?.try_into().ok()?;
        let mut log = Self { page_size, salts, first: None, counters: BTreeSet::new() };
        let mut at = LOG_HEADER;
        let mut frame = [0; 24];
        while file.read_exact_at(&mut frame, at).is_ok() && frame[8..16] == salts {
            let mut counter = [0; 4];
            if number(&frame, 0)? == 1 && file.read_exact_at(&mut counter, at + FRAME_HEADER + 24).is_ok() {
                let counter = u32::from_be_bytes(counter);
                log.first.get_or_insert(counter);
                log.counters.insert(counter);
            }
            at += FRAME_HEADER + u64::from(page_size);
        }
        Some(log)
    }

    /// Why a database with this header is not the log's.
    fn objection(&self, header: &[u8; 100]) -> Option<String> {
        let page_size = match u16::from_be_bytes([header[16], header[17]]) {
            1 => 65_536,
            size => u32::from(size),
        };
        if !header.starts_with(b"SQLite format 3\0") {
            return None;
        }
        if page_size != self.page_size {
            return Some(format!("its pages have {page_size} bytes, those of the log {}", self.page_size));
        }
        // In a database with a log both numbers are 2.
        if header[18..20] != [2, 2] {
            return Some("the file is of a time when there was no log".to_owned());
        }
        let found = number(header, 24)?;
        let first = self.first?;
        (found != first.wrapping_sub(1) && !self.counters.contains(&found))
            .then(|| format!("the file is at change {found}, the log begins after change {}", first.wrapping_sub(1)))
    }
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

/// The first fault that shows within the time; `None` if none does, or if it cannot be read, which is for the opening to report.
fn damage(database: &Path) -> Option<String> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = rusqlite::Connection::open_with_flags(database, flags).ok()?;
    // Whatever is found, the log stays as it is.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).ok()?;
    let interrupt = connection.get_interrupt_handle();
    let (done, is_done) = channel::<()>();
    let found = std::thread::scope(|scope| {
        scope.spawn(move || {
            if is_done.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                interrupt.interrupt();
            }
        });
        let found = connection.query_row("pragma integrity_check(1)", [], |row| row.get::<_, String>(0));
        drop(done);
        found
    });
    match found {
        Ok(verdict) => (verdict != "ok").then(|| crate::domain::clean_line(&verdict).into_owned()),
        Err(error) => match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Some(error.to_string()),
            _ => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A database, left as a kill leaves it, with so many changes in the file and in the log; and how it was before those of the log.
    fn killed(folder: &Path, in_file: i64, in_log: i64) -> (PathBuf, PathBuf) {
        let (live, killed) = (folder.join("live.db"), folder.join("killed.db"));
        let connection = rusqlite::Connection::open(&live).expect("it opens");
        connection
            .execute_batch("pragma journal_mode = wal; pragma wal_autocheckpoint = 0; create table t (a text)")
            .expect("it is made");
        let change = |what: &str, times: i64| {
            for at in 0..times {
                connection
                    .execute_batch(&format!("create table {what}{at} (a); insert into t values (1)"))
                    .expect("done");
            }
        };
        change("file", in_file);
        connection.query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(())).expect("copied back");
        let backup = folder.join("backup.db");
        std::fs::copy(&live, &backup).expect("copied");
        change("log", in_log);
        std::fs::copy(&live, &killed).expect("copied");
        std::fs::copy(folder.join("live.db-wal"), folder.join("killed.db-wal")).expect("copied");
        (killed, backup)
    }

    fn verdict(path: &Path) -> Result<(), StoreError> {
        check(path, &Location::Sqlite(path.to_owned()), Access::ReadOnly)
    }

    #[test]
    fn the_log_of_the_database_itself_is_accepted() {
        let folder = tempfile::tempdir().expect("a folder");
        let (killed, _) = killed(folder.path(), 5, 5);
        verdict(&killed).expect("it belongs to it");
        check(&killed, &Location::Sqlite(killed.clone()), Access::Existing).expect("it is sound");
        // Copied back in part or whole, with the log still there.
        let connection = rusqlite::Connection::open(&killed).expect("it opens");
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).expect("a setting");
        connection.query_row("pragma wal_checkpoint(passive)", [], |_| Ok(())).expect("copied back");
        drop(connection);
        assert!(folder.path().join("killed.db-wal").metadata().expect("it stays").len() > LOG_HEADER);
        verdict(&killed).expect("it still belongs to it");
    }

    #[test]
    fn another_database_s_log_is_found_out() {
        let folder = tempfile::tempdir().expect("a folder");
        let (killed, _) = killed(folder.path(), 5, 5);
        let other = tempfile::tempdir().expect("a folder");
        for in_file in [1, 2, 20] {
            let (_, backup) = super::tests::killed(other.path(), in_file, 1);
            std::fs::copy(&backup, &killed).expect("put in its place");
            assert!(matches!(verdict(&killed), Err(StoreError::StrayLog { .. })), "{in_file}");
            for file in ["live.db", "live.db-wal", "live.db-shm", "killed.db", "killed.db-wal"] {
                let _ = std::fs::remove_file(other.path().join(file));
            }
        }
    }

    #[test]
    fn a_database_in_use_is_not_looked_at() {
        let folder = tempfile::tempdir().expect("a folder");
        let (_, backup) = killed(folder.path(), 5, 5);
        let connection = rusqlite::Connection::open(&backup).expect("it opens");
        connection.execute_batch("begin; select count(*) from t; create table more (a)").expect("it reads");
        assert!(is_in_use(&[&backup, &folder.path().join("backup.db-shm")]));
        drop(connection);
        assert!(!is_in_use(&[&backup]));
    }
}
