//! Checks of `cdx doctor` on the files: size, free space, write access, damage.

use crate::cli::context::Context;
use crate::cli::doctor::Checks;
use crate::domain::grouped;
use crate::store::{Access, Location, Opening, StoreError, try_write};
use std::path::Path;
use std::time::Duration;

/// How long each database is checked for damage without `--full`.
const CHECK_TIMEOUT: Duration = Duration::from_secs(5);

/// Checks the size of a database and the free space on its disk.
pub(super) fn check_room(what: &'static str, location: &Location, checks: &mut Checks) {
    let (Some(path), Some(log)) = (location.file(), location.beside("-wal")) else {
        return checks.ok(what, format!("{location}: reached"));
    };
    let mib = |bytes: u64| grouped(bytes >> 20);
    let size = |path: &Path| std::fs::metadata(path).map_or(0, |file| file.len());
    let (size, log) = (size(path), size(&log));
    let text = format!("{location}: {} MiB, write-ahead log {} MiB", mib(size), mib(log));
    match location.room() {
        None => checks.warn(what, format!("{text}; the free space on its disk is unknown")),
        Some(room) if room.no_files => {
            checks.fail(what, format!("{text}; no file can be added on its disk (no free inodes); remove some"));
        }
        Some(room) if room.is_none() => {
            checks.fail(what, format!("{text}; no space left on its disk; free some space"));
        }
        Some(room) if room.bytes < location.little_room() => {
            checks.warn(what, format!("{text}; only {} MiB free on its disk; free some space", mib(room.bytes)));
        }
        Some(room) => checks.ok(what, format!("{text}, {} MiB free on its disk", mib(room.bytes))),
    }
}

/// Checks whether it can be written, by a write that is rolled back; not if `read_only` is set.
pub(super) fn check_write(what: &'static str, context: &Context, location: &Location, checks: &mut Checks) {
    if context.config.read_only.value {
        return;
    }
    let allow_network_file_system = context.config.allow_network_file_system.value;
    match try_write(location, &Opening { allow_network_file_system, ..Access::Existing.into() }) {
        Ok(()) => {}
        Err(error) if error.is_locked() => checks.warn(what, format!("could not be tested: {error}")),
        Err(error) => checks.fail(what, format!("cannot be written: {error}")),
    }
}

/// The result of an integrity check; `None` if there was not enough time.
pub(super) type Found = Option<Result<Option<String>, StoreError>>;

/// Checks a database for damage: completely if `full`, otherwise for a bounded time.
pub(super) fn integrity(
    full: bool,
    check: impl FnOnce() -> Result<Option<String>, StoreError>,
    check_within: impl FnOnce(Duration) -> Found,
) -> Found {
    if full { Some(check()) } else { check_within(CHECK_TIMEOUT) }
}

/// Reports the result of an integrity check.
pub(super) fn check_damage(what: &'static str, found: Found, checks: &mut Checks) {
    match found {
        Some(Ok(None)) => checks.ok(what, "no damage found"),
        Some(Ok(Some(fault))) => {
            checks.fail(what, format!("damaged: {fault}; restore it from a backup, without its -wal and -shm"));
        }
        Some(Err(error)) => checks.fail(what, error.to_string()),
        None => {
            checks.ok(what, format!("no damage found within {} s; --full checks all of it", CHECK_TIMEOUT.as_secs()));
        }
    }
}
