//! Finds why a database cannot be written: SQLite's messages name neither the file nor the reason.

use crate::store::{Location, careful_file};
use rusqlite::ffi;
use rustix::fs::{Access, AtFlags, CWD, StatVfsMountFlags, accessat, statvfs};
use rustix::io::Errno;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Fewer free bytes than this count as full.
const FULL_BELOW_BYTES: u64 = 1 << 20;

/// Extended codes of SQLite that a full disk, a quota or a lack of inodes can cause, besides
/// `SQLITE_FULL`.
const MAY_MEAN_FULL: [i32; 14] = [
    ffi::SQLITE_IOERR,
    ffi::SQLITE_IOERR_WRITE,
    ffi::SQLITE_IOERR_FSYNC,
    ffi::SQLITE_IOERR_DIR_FSYNC,
    ffi::SQLITE_IOERR_TRUNCATE,
    ffi::SQLITE_IOERR_CLOSE,
    ffi::SQLITE_IOERR_SHMOPEN,
    ffi::SQLITE_IOERR_SHMSIZE,
    ffi::SQLITE_IOERR_SHMMAP,
    ffi::SQLITE_IOERR_MMAP,
    ffi::SQLITE_IOERR_GETTEMPPATH,
    ffi::SQLITE_IOERR_BEGIN_ATOMIC,
    ffi::SQLITE_IOERR_COMMIT_ATOMIC,
    ffi::SQLITE_CANTOPEN,
];

/// The free space of a file system for this user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Free bytes.
    pub bytes: u64,
    /// Whether no file can be created, whatever the bytes.
    pub no_files: bool,
}

/// The minimum, in bytes: a write-ahead log grows to 64 MiB before a checkpoint.
const LOW_BELOW_BYTES: u64 = 256 << 20;

impl Room {
    /// Whether nothing can be written.
    pub fn is_none(self) -> bool {
        self.no_files || self.bytes < FULL_BELOW_BYTES
    }
}

impl Location {
    /// The free space of the file system; `None` at a server, or if it is unknown.
    pub fn room(&self) -> Option<Room> {
        let disk = statvfs(self.folder()?).ok()?;
        let no_files = disk.f_files > 0 && disk.f_favail == 0;
        Some(Room { bytes: disk.f_bavail.saturating_mul(disk.f_frsize), no_files })
    }

    /// Free bytes below which the disk of the file needs attention.
    pub fn little_room(&self) -> u64 {
        let size = self.file().and_then(|path| std::fs::metadata(path).ok()).map_or(0, |file| file.len());
        LOW_BELOW_BYTES.max(size / 10)
    }

    /// The folder that contains the file, after symbolic links.
    fn folder(&self) -> Option<PathBuf> {
        self.beside("").and_then(|file| file.parent().map(Path::to_owned))
    }
}

/// Whether an error with this extended code is caused by a full disk. SQLite does not report the
/// system's error, so the disk is checked, and if it claims to have space (a quota), a small file
/// is written.
pub(super) fn is_full(extended_code: i32, location: &Location) -> bool {
    let may_be = MAY_MEAN_FULL.contains(&extended_code) || extended_code & 0xFF == ffi::SQLITE_CANTOPEN;
    may_be
        && (location.room().is_some_and(Room::is_none)
            || location.folder().is_some_and(|folder| refuses_a_file(&folder)))
}

/// Whether a small file does not fit into the folder.
fn refuses_a_file(folder: &Path) -> bool {
    let path = folder.join(format!(".cdx-space-{}", uuid::Uuid::new_v4()));
    let written = careful_file::open(&path, OpenOptions::new().write(true).create_new(true)).and_then(|mut file| {
        file.write_all(&vec![0; 1 << 16])?;
        file.sync_all()
    });
    let _ = std::fs::remove_file(&path);
    let full = [ErrorKind::StorageFull, ErrorKind::QuotaExceeded, ErrorKind::FileTooLarge];
    written.is_err_and(|error| full.contains(&error.kind()))
}

/// The first of the database's files, or its folder, that this process may not read and write, and
/// why; `None` if it may.
pub(super) fn obstacle(location: &Location) -> Option<String> {
    let file = location.beside("")?;
    let beside = ["-wal", "-shm"].into_iter().filter_map(|suffix| location.beside(suffix));
    let files = std::iter::once(file.clone()).chain(beside);
    let rights = Access::READ_OK | Access::WRITE_OK;
    files
        .map(|file| (file, rights))
        .chain(file.parent().map(|folder| (folder.to_owned(), rights | Access::EXEC_OK)))
        .find_map(|(path, rights)| denied(&path, rights))
}

/// Why this process lacks these rights.
fn denied(path: &Path, rights: Access) -> Option<String> {
    let shown = crate::domain::clean_line(&path.to_string_lossy()).into_owned();
    match accessat(CWD, path, rights, AtFlags::EACCESS) {
        Ok(()) => {
            let read_only = statvfs(path).is_ok_and(|disk| disk.f_flag.contains(StatVfsMountFlags::RDONLY));
            read_only.then(|| format!("{shown} is on a file system that is mounted read-only"))
        }
        Err(Errno::ROFS) => Some(format!("{shown} is on a file system that is mounted read-only")),
        Err(Errno::ACCESS | Errno::PERM) => {
            let me = user(rustix::process::geteuid().as_raw());
            Some(format!("{shown}{} may not be read and written by {me}", rights_of(path)))
        }
        Err(_) => None,
    }
}

/// Owner and mode in brackets; empty if unknown.
pub(super) fn rights_of(path: &Path) -> String {
    let Ok(found) = path.metadata() else { return String::new() };
    format!(" (owner {}, group {}, mode {:04o})", user(found.uid()), found.gid(), found.mode() & 0o7777)
}

/// A user's name, or the number if there is no name.
fn user(id: u32) -> String {
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(id)).then(|| crate::domain::clean_line(name).into_owned())
    });
    name.unwrap_or_else(|| format!("user {id}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_have_their_names() {
        assert_eq!(user(0), "root");
        assert_eq!(user(4_000_000_001), "user 4000000001");
    }

    #[test]
    fn no_space_is_no_bytes_or_no_files() {
        assert!(Room { bytes: 0, no_files: false }.is_none());
        assert!(Room { bytes: 1 << 40, no_files: true }.is_none());
        assert!(!Room { bytes: 1 << 40, no_files: false }.is_none());
        let folder = tempfile::tempdir().expect("a folder");
        let location = Location::Sqlite(folder.path().join("a.db"));
        assert!(!is_full(ffi::SQLITE_CORRUPT, &location));
        assert!(!refuses_a_file(folder.path()));
    }
}
