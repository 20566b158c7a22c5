//! Fault injection into file system calls: a preloaded library (`fault_shim.c`) counts the calls by
//! which the real program changes files, and injects a fault into one of them.
//!
//! ```ignore
//! let calls = Fault::count(&mut exchange.command(&["process"])).calls;
//! let fault = Fault::nth(calls / 2, Kind::Kill).on("head-office.db*");
//! let faulted = fault.run(&mut exchange.command(&["process"]));
//! ```

use super::{Ran, preload, ran};
use std::path::Path;
use std::process::Command;

/// The fault to inject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The program is killed before the call.
    Kill,
    /// Half of a write is done, then the program is killed; for other calls the same as `Kill`.
    Torn,
    /// A power cut: the program is killed, and some of the writes since the last sync of each file
    /// are lost; the seed chooses which. If the call is never reached, the power cut happens when
    /// the program ends.
    PowerCut,
    /// The call fails with EIO; later calls work again.
    Error,
    /// From the call on, the disk is full: every call that needs space fails with ENOSPC.
    Full,
    /// A short write: the call writes half of its data and returns that count.
    Short,
}

impl Kind {
    pub const ALL: [Self; 6] = [Self::Kill, Self::Torn, Self::PowerCut, Self::Error, Self::Full, Self::Short];

    fn name(self) -> &'static str {
        match self {
            Self::Kill => "kill",
            Self::Torn => "torn",
            Self::PowerCut => "power",
            Self::Error => "error",
            Self::Full => "full",
            Self::Short => "short",
        }
    }
}

/// A fault to inject.
#[derive(Debug, Clone)]
pub struct Fault {
    at: u64,
    kind: &'static str,
    on: String,
    seed: u64,
}

/// A command that ran with fault injection.
#[derive(Debug)]
pub struct Faulted {
    pub ran: Ran,
    /// The number of calls that changed files.
    pub calls: u64,
    /// The call with the fault, such as `fsync head-office.db-wal`; `None` if the program made
    /// fewer calls.
    pub met: Option<String>,
}

impl Fault {
    /// Creates a fault at the `at`th change of a file, counted from 1.
    pub fn nth(at: u64, kind: Kind) -> Self {
        Self { at, kind: kind.name(), on: "*".to_owned(), seed: at }
    }

    /// Runs a command without a fault and counts the calls that change files.
    pub fn count(command: &mut Command) -> Faulted {
        Self { at: 0, kind: "count", on: "*".to_owned(), seed: 0 }.run(command)
    }

    /// Limits counting and the fault to files whose names match a glob.
    #[allow(dead_code)] // not every test target uses it
    pub fn on(mut self, names: &str) -> Self {
        names.clone_into(&mut self.on);
        self
    }

    /// Prepares a command that the caller starts. The report is written to the returned file.
    pub fn prepare(&self, command: &mut Command) -> tempfile::NamedTempFile {
        let report = tempfile::NamedTempFile::new().expect("a temporary file");
        report.as_file().set_len(512).expect("it has room");
        command
            .env("LD_PRELOAD", preload::library("fault_shim"))
            .env("FAULT_FILE", report.path())
            .env("FAULT_AT", self.at.to_string())
            .env("FAULT_KIND", self.kind)
            .env("FAULT_ON", &self.on)
            .env("FAULT_SEED", self.seed.to_string());
        report
    }

    /// Runs a command to its end and returns its result, successful or not.
    pub fn run(&self, command: &mut Command) -> Faulted {
        let report = self.prepare(command);
        let ran = ran(command);
        let (calls, met) = read_report(report.path());
        Faulted { ran, calls, met }
    }
}

/// Reads a report: the number of calls that changed files, and the call with the fault, if any.
pub fn read_report(report: &Path) -> (u64, Option<String>) {
    let bytes = std::fs::read(report).expect("the report");
    let number = |from: usize| u64::from_ne_bytes(bytes[from..from + 8].try_into().expect("eight bytes"));
    let text = bytes[16..].split(|byte| *byte == 0).next().unwrap_or_default();
    let met = (number(8) > 0).then(|| String::from_utf8_lossy(text).into_owned());
    (number(0), met)
}
