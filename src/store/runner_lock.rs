//! Locks that show at once whether a runner or batch server is running, without waiting for a lease
//! to expire.
//!
//! Beside an SQLite file it is a lock of the operating system. At a server it is an advisory lock
//! of a session of its own, which the server releases when the connection ends. Behind a
//! transaction pooler it proves nothing, so the lease records the process id of the session: a
//! runner that acquires the lock in the very session that the holder named has been given the
//! holder's session, and waits for the lease.

use crate::domain::hex;
use crate::store::postgres::{Session, Settings};
use crate::store::value::{Value, values};
use crate::store::{HeadOffice, Location, OsLock, StoreError};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// Characters of a lock file's name that identify a batch server; file systems allow 255 in all.
const LONGEST_NAME: usize = 120;

/// The lock, held until dropped.
#[derive(Debug)]
pub struct RunnerLock {
    held: Held,
}

#[derive(Debug)]
enum Held {
    File { _lock: OsLock },
    Session { _session: Box<Session>, process: i64 },
}

/// The advisory lock of runners; two arbitrary numbers.
const KEY: &str = "6513784, 1";
/// The advisory locks of batch servers; the second number is computed from the name.
const SERVER_KEY: &str = "6513785, hashtext($1)";
const SETTINGS: Settings = Settings { durable: false, read_only: true, writer_lock_table: None };

impl RunnerLock {
    /// The number that the lease records; never 0.
    pub(super) fn number(&self) -> i64 {
        match &self.held {
            Held::File { .. } => 1,
            Held::Session { process, .. } => *process,
        }
    }
}

impl HeadOffice {
    /// Takes the runner's lock; `None` if another process holds it.
    pub fn try_runner_lock(&self) -> Result<Option<RunnerLock>, StoreError> {
        self.try_lock(".lock", KEY, &[])
    }

    /// Takes the lock of the batch server of this name; `None` if another process holds it. At a
    /// database server it is lost with the connection; then only the heartbeat counts.
    pub fn try_server_lock(&self, name: &str) -> Result<Option<RunnerLock>, StoreError> {
        if former_server_suffix(name).is_some_and(|suffix| self.is_held_beside(&suffix) == Some(true)) {
            return Ok(None);
        }
        self.try_lock(&server_suffix(name), SERVER_KEY, values![name])
    }

    /// Whether the batch server of this name on this machine is running, by its lock; `None` if
    /// only the heartbeat can show it.
    pub fn is_server_running(&self, name: &str) -> Option<bool> {
        let by_former = former_server_suffix(name).and_then(|suffix| self.is_held_beside(&suffix));
        self.is_held_beside(&server_suffix(name)).map(|held| held || by_former == Some(true))
    }

    fn is_held_beside(&self, suffix: &str) -> Option<bool> {
        self.location().beside(suffix).map(|path| OsLock::is_held(&path))
    }

    fn try_lock(&self, beside: &str, key: &str, values: &[Value]) -> Result<Option<RunnerLock>, StoreError> {
        let location = self.location();
        let server = match location {
            Location::Sqlite(file) => {
                let path = location.beside(beside).unwrap_or_default();
                return Ok(
                    OsLock::try_acquire(&path, file)?.map(|lock| RunnerLock { held: Held::File { _lock: lock } })
                );
            }
            Location::Postgres(server) => server,
        };
        let session = Session::open(server, location, SETTINGS)?;
        let mut taken = (0, 0);
        session.each(&format!("select pg_try_advisory_lock({key}), pg_backend_pid()"), values, &mut |row| {
            let number = |column| crate::store::postgres::integer(row, column).ok().flatten().unwrap_or_default();
            taken = (number(0), number(1));
            Ok(false)
        })?;
        let (got_it, process) = taken;
        Ok((got_it != 0).then_some(RunnerLock { held: Held::Session { _session: Box::new(session), process } }))
    }

    /// Whether a process holds the runner's lock now.
    pub fn is_runner_running(&self) -> Result<bool, StoreError> {
        if let Some(path) = self.location().beside(".lock") {
            return Ok(OsLock::is_held(&path));
        }
        let (class, object) = KEY.split_once(", ").unwrap_or_default();
        let sql = format!(
            "select count(*) from pg_locks where locktype = 'advisory' and classid = {class} and objid = {object}
             and database = (select oid from pg_database where datname = current_database())"
        );
        Ok(self.connection.integer(&sql, &[])? > 0)
    }
}

/// The suffix of a batch server's lock file: a unique one for each name, in any script.
fn server_suffix(name: &str) -> String {
    let mut safe = String::new();
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' => safe.push(char::from(byte)),
            // Writing to a String cannot fail.
            _ => drop(write!(safe, "_{byte:02X}")),
        }
    }
    if safe.len() > LONGEST_NAME {
        let digest = Sha256::digest(name.as_bytes());
        safe.truncate(LONGEST_NAME / 2);
        safe.push('_');
        safe.push_str(&hex(&digest[..16]));
    }
    format!(".server-{safe}.lock")
}

/// The suffix of earlier versions, if it differs. Several names may share it.
fn former_server_suffix(name: &str) -> Option<String> {
    let safe: String = name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }).collect();
    Some(format!(".server-{safe}.lock")).filter(|suffix| *suffix != server_suffix(name) && safe.len() <= LONGEST_NAME)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_batch_server_has_a_lock_file_of_its_own() {
        let long = "商店".repeat(60);
        let names =
            ["aos-1", "a.b", "a_b", "a b", "a/b", "a_2Eb", "ä", "á", "商店", "酒店", "A.B", &long, &format!("{long}1")];
        let suffixes: std::collections::BTreeSet<_> = names.iter().map(|name| server_suffix(name)).collect();
        assert_eq!(suffixes.len(), names.len());
        assert!(suffixes.iter().all(|suffix| suffix.len() < 160 && suffix.is_ascii() && !suffix.contains('/')));
        assert_eq!((server_suffix("aos-1"), former_server_suffix("aos-1")), (".server-aos-1.lock".to_owned(), None));
        assert_eq!(former_server_suffix("a.b").as_deref(), Some(".server-a_b.lock"));
    }
}
