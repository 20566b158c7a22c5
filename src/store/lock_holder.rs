//! Finds the process that holds an SQLite file's write lock: one that was suspended while writing
//! keeps it until it resumes. At a server, finds the session that blocks others.

use crate::store::Location;
use crate::store::postgres::{self, Wait};
use std::ops::RangeInclusive;
use std::os::unix::fs::MetadataExt;

/// The byte of the shared-memory file that SQLite locks for writing (the format of its write-ahead
/// log, section 2.3).
const WRITER_LOCK: RangeInclusive<u64> = 120..=120;
/// The bytes of the database file that a program locks which lets no other program in (the format
/// of the file, section 1.5).
const FILE_LOCK: RangeInclusive<u64> = 0x4000_0000..=0x4000_01FF;

impl Location {
    /// The process that holds the write lock, or the session that blocks one of this login at a
    /// server, worded to follow "locked by"; `None` if it cannot be found.
    pub fn lock_holder(&self) -> Option<String> {
        match self {
            Self::Sqlite(_) => holder(self),
            Self::Postgres(server) => postgres::lock_holder(server, self, Wait::Lasts),
        }
    }
}

/// The process that holds the write lock, worded to follow "locked by": its id, its name, and
/// whether it is suspended. `None` if Linux does not show it.
pub(super) fn holder(location: &Location) -> Option<String> {
    let locks = std::fs::read_to_string("/proc/locks").ok()?;
    let find = |suffix, bytes: &RangeInclusive<u64>| {
        let file = std::fs::metadata(location.beside(suffix)?).ok()?;
        let (major, minor) = (rustix::fs::major(file.dev()), rustix::fs::minor(file.dev()));
        let place = format!("{major:02x}:{minor:02x}:{}", file.ino());
        locks.lines().find_map(|line| process(line, &place, bytes))
    };
    find("-shm", &WRITER_LOCK).or_else(|| find("", &FILE_LOCK)).map(describe)
}

/// The process of a line of `/proc/locks` such as `12: POSIX  ADVISORY  WRITE 4242 fe:00:131 120
/// 120`, if it locks one of these bytes of the file at `place` to write.
fn process(line: &str, place: &str, bytes: &RangeInclusive<u64>) -> Option<i64> {
    let words: Vec<_> = line.split_whitespace().collect();
    let [_, "POSIX", _, "WRITE", process, at, from, to] = words[..] else { return None };
    let (from, to): (u64, u64) = (from.parse().ok()?, to.parse().ok()?);
    let process: i64 = process.parse().ok()?;
    (at == place && from <= *bytes.end() && to >= *bytes.start() && process > 0).then_some(process)
}

fn describe(process: i64) -> String {
    let name = std::fs::read_to_string(format!("/proc/{process}/comm")).unwrap_or_default();
    let name = crate::domain::clean_line(name.trim()).into_owned();
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let state = status.lines().find_map(|line| line.strip_prefix("State:")).unwrap_or_default().trim_start();
    if state.starts_with('T') {
        return format!("process {process} ({name}), which is stopped: resume it with kill -CONT {process}, or end it");
    }
    format!("process {process} ({name})")
}

#[cfg(test)]
mod tests {
    use super::{FILE_LOCK, WRITER_LOCK, process};

    #[test]
    fn only_a_writer_of_the_file_is_named() {
        let of = |line| process(line, "fe:00:131", &WRITER_LOCK);
        assert_eq!(of("12: POSIX  ADVISORY  WRITE 4242 fe:00:131 120 120"), Some(4_242));
        assert_eq!(of("12: POSIX  ADVISORY  READ 4242 fe:00:131 120 120"), None);
        assert_eq!(of("12: POSIX  ADVISORY  WRITE 4242 fe:00:131 123 123"), None);
        assert_eq!(of("12: POSIX  ADVISORY  WRITE 4242 fe:00:132 120 120"), None);
        assert_eq!(of("12: -> POSIX  ADVISORY  WRITE 4242 fe:00:131 120 120"), None);
        assert_eq!(of("12: FLOCK  ADVISORY  WRITE 4242 fe:00:131 0 EOF"), None);
        let file = |line| process(line, "fe:00:131", &FILE_LOCK);
        assert_eq!(file("3: POSIX  ADVISORY  WRITE 4242 fe:00:131 1073741826 1073742335"), Some(4_242));
        assert_eq!(file("3: POSIX  ADVISORY  READ 4242 fe:00:131 1073741826 1073742335"), None);
    }
}
