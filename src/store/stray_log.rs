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

use crate::store::{Access, Location, StoreError};
use rusqlite::config::DbConfig;
use rusqlite::{ErrorCode, OpenFlags};
use std::fs::{File, Metadata};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Time limit of the integrity check before a writer uses the database: short, because it delays every takeover after a kill.
const PATIENCE: Duration = Duration::from_millis(500);
/// Bytes of the log's header, and of the one before each page.
const LOG_HEADER: u64 = 32;
const FRAME_HEADER: usize = 24;
/// Where the first page has its change counter.
const COUNTER: usize = 24;

/// The files whose first page was read. They stay open: closing one would release the locks that
/// SQLite may hold on it in this process by then.
static LOOKED_AT: Mutex<Vec<File>> = Mutex::new(Vec::new());

/// Refuses a database whose write-ahead log is another's, or that is damaged with it. Changes nothing.
pub(super) fn check(path: &Path, location: &Location, access: Access) -> Result<(), StoreError> {
    let Ok(database) = path.canonicalize() else { return Ok(()) };
    let [log, index, journal] = ["-wal", "-shm", "-journal"].map(|suffix| {
        let mut beside = database.clone().into_os_string();
        beside.push(suffix);
        PathBuf::from(beside)
    });
    let length = |file: &Path| file.metadata().map_or(0, |file| file.len());
    // With a journal beside it the file is not yet what SQLite will make of it.
    if length(&log) <= LOG_HEADER || length(&journal) > 0 || is_in_use(&[&database, &index]) {
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

/// What a log that holds a commit says of the database that it belongs to.
#[derive(Debug, PartialEq, Eq)]
struct Log {
    page_size: u32,
    salts: [u8; 8],
    /// The change counters of the first pages in it, in their order.
    counters: Vec<u32>,
}

impl Log {
    /// Reads it as SQLite recovers it; `None` if nothing would be recovered.
    fn read(file: &File) -> Option<Self> {
        let mut header = [0; 32];
        file.read_exact_at(&mut header, 0).ok()?;
        let (magic, page_size) = (number(&header, 0)?, number(&header, 8)?);
        let is_big_endian = magic & 1 == 1;
        let mut sums = checksum(is_big_endian, &header[..24], [0, 0]);
        if magic & !1 != 0x377F_0682
            || !page_size.is_power_of_two()
            || !(512..=65_536).contains(&page_size)
            || !has_sums(&header[24..], sums)
        {
            return None;
        }
        let salts: [u8; 8] = header.get(16..24)?.try_into().ok()?;
        let (mut counters, mut committed) = (Vec::new(), None);
        let mut at = LOG_HEADER;
        let mut frame = vec![0; FRAME_HEADER + usize::try_from(page_size).ok()?];
        while file.read_exact_at(&mut frame, at).is_ok() && frame[8..16] == salts && number(&frame, 0)? != 0 {
            sums = checksum(is_big_endian, &frame[..8], sums);
            sums = checksum(is_big_endian, &frame[FRAME_HEADER..], sums);
            if !has_sums(&frame[16..], sums) {
                break;
            }
            if number(&frame, 0)? == 1 {
                counters.push(number(&frame, FRAME_HEADER + COUNTER)?);
            }
            if number(&frame, 4)? != 0 {
                committed = Some(counters.len());
            }
            at += u64::try_from(frame.len()).ok()?;
        }
        counters.truncate(committed?);
        Some(Self { page_size, salts, counters })
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
        let found = number(header, COUNTER)?;
        let before = self.counters.first()?.wrapping_sub(1);
        let may_be = |is_so: &dyn Fn([u8; 4]) -> bool| {
            is_so(before.to_be_bytes()) || self.counters.iter().any(|counter| is_so(counter.to_be_bytes()))
        };
        // A disk may write a part of the bytes only.
        let bytes = found.to_be_bytes();
        let is_explained = (0..4)
            .any(|cut| may_be(&|other| other[..cut] == bytes[..cut]) && may_be(&|other| other[cut..] == bytes[cut..]));
        (!is_explained).then(|| format!("the file is at change {found}, the log begins after change {before}"))
    }
}

/// The log's running checksum, over pairs of words.
fn checksum(is_big_endian: bool, bytes: &[u8], [mut first, mut second]: [u32; 2]) -> [u32; 2] {
    let word = |bytes: [u8; 4]| if is_big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) };
    for pair in bytes.as_chunks::<4>().0.as_chunks::<2>().0 {
        first = first.wrapping_add(word(pair[0])).wrapping_add(second);
        second = second.wrapping_add(word(pair[1])).wrapping_add(first);
    }
    [first, second]
}

/// Whether the bytes begin with the checksum.
fn has_sums(bytes: &[u8], sums: [u32; 2]) -> bool {
    number(bytes, 0) == Some(sums[0]) && number(bytes, 4) == Some(sums[1])
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

/// The first fault that no program can write, such as a page that belongs to two tables. A value that its column does not allow is
/// none: it may have been there before.
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
                // One connection alone writes the same counter again.
                let other = rusqlite::Connection::open(&live).expect("it opens");
                let sql =
                    format!("pragma wal_autocheckpoint = 0; create table {what}{at} (a); insert into t values (1)");
                other.execute_batch(&sql).expect("done");
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
        check(&killed, &Location::Sqlite(killed.clone()), Access::Existing).expect("it is valid");
        // Copied back in part or whole, with the log still there.
        let connection = rusqlite::Connection::open(&killed).expect("it opens");
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).expect("a setting");
        connection.query_row("pragma wal_checkpoint(passive)", [], |_| Ok(())).expect("copied back");
        drop(connection);
        assert!(folder.path().join("killed.db-wal").metadata().expect("it stays").len() > LOG_HEADER);
        verdict(&killed).expect("it still belongs to it");
    }

    /// Changes by two connections, so that the counter moves, and some that leave the first page alone; what a kill leaves of them.
    fn by_two(folder: &Path) -> (Vec<u8>, Vec<u8>) {
        let path = folder.join("two.db");
        let open = || {
            let connection = rusqlite::Connection::open(&path).expect("it opens");
            let settings = "pragma page_size = 512; pragma journal_mode = wal; pragma synchronous = off; pragma wal_autocheckpoint = 0";
            connection.execute_batch(settings).expect("set");
            connection
        };
        let both = [open(), open()];
        both[0].execute_batch("create table t (a); insert into t values (0)").expect("made");
        let mut file = Vec::new();
        for at in 0..300 {
            both[at % 2].execute_batch(&format!("pragma user_version = {at}")).expect("done");
            both[0].query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(())).expect("copied back");
            file = std::fs::read(&path).expect("read");
            // The next ones need another byte.
            if number(&file, COUNTER) >= Some(253) {
                break;
            }
        }
        for at in 0..6 {
            both[at % 2]
                .execute_batch(&format!(
                    "update t set a = {at}; begin; create table t{at} (a); update t set a = 9; end"
                ))
                .expect("done");
        }
        (file, std::fs::read(folder.join("two.db-wal")).expect("read"))
    }

    /// Where the frames of a log end.
    fn frame_ends(log: &[u8]) -> Vec<usize> {
        let page_size = usize::try_from(number(log, 8).expect("a header")).expect("small");
        (32..=log.len()).step_by(24 + page_size).collect()
    }

    #[test]
    fn no_log_of_its_own_is_refused_wherever_it_was_torn_and_however_much_was_copied_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let (mut file, log) = by_two(folder.path());
        let (path, beside) = (folder.path().join("torn.db"), folder.path().join("torn.db-wal"));
        let ends = frame_ends(&log);
        let page_size = ends[1] - ends[0] - 24;
        let mut cases = 0;
        for (at, end) in ends.iter().enumerate() {
            // Copied back so far: this page, whole or a part of its counter.
            if at > 0 {
                let frame = &log[ends[at - 1]..*end];
                let page = usize::try_from(number(frame, 0).expect("a page")).expect("small") - 1;
                file.resize(file.len().max((page + 1) * page_size), 0);
                let half = page * page_size + if page == 0 { 27 } else { page_size / 2 };
                let old = file.clone();
                file[page * page_size..(page + 1) * page_size].copy_from_slice(&frame[24..]);
                let torn = [&file[..half], &old[half..]].concat();
                std::fs::write(&path, torn).expect("written");
                std::fs::write(&beside, &log).expect("written");
                verdict(&path).expect("a part of a page was copied back");
            }
            std::fs::write(&path, &file).expect("written");
            // Only what is on the disk is copied back, up to a commit.
            let is_commit = at == 0 || number(&log, ends[at - 1] + 4) != Some(0);
            for cut in (*end..log.len()).step_by(53).filter(|_| is_commit) {
                let (zeros, noise) = (vec![0; log.len() - cut], vec![0xA5; log.len() - cut]);
                let mut lost = log.clone();
                lost[cut..log.len().min(cut + 300)].fill(0);
                for left in [log[..cut].to_vec(), [&log[..cut], &zeros].concat(), [&log[..cut], &noise].concat(), lost]
                {
                    std::fs::write(&beside, left).expect("written");
                    verdict(&path).unwrap_or_else(|error| panic!("{at} frames are in the file, cut at {cut}: {error}"));
                    cases += 1;
                }
            }
        }
        assert!(cases > 1_000, "{cases}");
        // A header that was not written whole begins no log.
        file[COUNTER..COUNTER + 4].fill(9);
        std::fs::write(&path, &file).expect("written");
        assert!(verdict(&path).is_err());
        for at in 0..32 {
            let mut left = log.clone();
            left[at] ^= 1;
            std::fs::write(&beside, left).expect("written");
            verdict(&path).expect("nothing would be recovered");
        }
    }

    #[test]
    fn a_file_that_the_log_cannot_have_begun_at_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let (file, log) = by_two(folder.path());
        let (path, beside) = (folder.path().join("stray.db"), folder.path().join("stray.db-wal"));
        std::fs::write(&beside, &log).expect("written");
        let counter = number(&file, COUNTER).expect("a counter");
        for (change, is_sound) in [(-100, false), (-2, false), (0, true), (1, true), (100, false)] {
            let mut other = file.clone();
            other[COUNTER..COUNTER + 4].copy_from_slice(&counter.wrapping_add_signed(change).to_be_bytes());
            std::fs::write(&path, other).expect("written");
            assert_eq!(verdict(&path).is_ok(), is_sound, "{change}");
            std::fs::write(folder.path().join("stray.db-journal"), "not yet played back").expect("written");
            verdict(&path).expect("no verdict before the journal is played back");
            std::fs::remove_file(folder.path().join("stray.db-journal")).expect("removed");
        }
        let backup = folder.path().join("backup.db");
        let live = rusqlite::Connection::open(folder.path().join("two.db")).expect("it opens");
        live.execute("vacuum into ?1", [backup.to_str().expect("plain")]).expect("backed up");
        std::fs::copy(&backup, &path).expect("put in its place");
        assert!(verdict(&path).is_err());
    }

    #[test]
    fn a_value_that_its_column_does_not_allow_is_no_sign_of_a_stray_log() {
        let folder = tempfile::tempdir().expect("a folder");
        let (killed, _) = killed(folder.path(), 1, 1);
        let connection = rusqlite::Connection::open(&killed).expect("it opens");
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).expect("a setting");
        connection
            .execute_batch(
                "create table odd (a check (a > 0)); pragma ignore_check_constraints = on; insert into odd values (-1)",
            )
            .expect("done");
        drop(connection);
        check(&killed, &Location::Sqlite(killed.clone()), Access::Existing).expect("it is valid");
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
