//! The time of day as a test says: a preloaded library (`clock_shim.c`) moves the clock that the
//! real program and SQLite read.

use super::preload;
use cdx_console::clock::{Clock, SystemClock};
use cdx_console::domain::Timestamp;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

/// A clock that is ahead of this machine's by an amount that the test changes while programs run.
pub struct MovedClock(tempfile::NamedTempFile);

impl MovedClock {
    /// A clock that shows `at` and goes on.
    pub fn at(at: Timestamp) -> Self {
        let mut clock = Self(tempfile::NamedTempFile::new().expect("a temporary file"));
        // A server of another user reads it.
        let readable = std::fs::Permissions::from_mode(0o644);
        clock.0.as_file().set_permissions(readable).expect("readable");
        clock.set(at);
        clock
    }

    /// Sets it, forwards or back.
    pub fn set(&mut self, at: Timestamp) {
        use std::os::unix::fs::FileExt;
        let ahead = at.since(SystemClock.now());
        self.0.as_file().write_all_at(&ahead.to_ne_bytes(), 0).expect("written");
        self.0.flush().expect("written");
    }

    /// Lets a command read this clock.
    pub fn moves<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command.env("LD_PRELOAD", preload::library("clock_shim")).env("CLOCK_FILE", self.0.path())
    }
}
