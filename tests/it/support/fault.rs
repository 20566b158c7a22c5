//! Faults at a chosen change of a file: the real program runs with a small library preloaded (`fault_shim.c`), which counts the
//! calls that change files and disturbs one of them.
//!
//! ```ignore
//! let calls = Fault::count(&mut exchange.command(&["process"])).calls;
//! let faulted = Fault::nth(calls / 2, Kind::Kill).on("head-office.db*").run(&mut exchange.command(&["process"]));
//! ```

use super::{Ran, ran};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// What happens at the chosen call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The program is killed before the call.
    Kill,
    /// Half of a write is done, then the program is killed; other calls are as with `Kill`.
    Torn,
    /// The power goes: the program is killed, and of what was written since a file was last synced, a part chosen by the seed is
    /// lost. At a call that is never reached, the power goes right after the program's end.
    PowerCut,
    /// The call fails with EIO; later calls work again.
    Error,
    /// The disk is full from the call on: everything that needs room fails with ENOSPC.
    Full,
    /// The call writes half of what it should, and says so.
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

/// A fault to come.
#[derive(Debug, Clone)]
pub struct Fault {
    at: u64,
    kind: &'static str,
    on: String,
    seed: u64,
}

/// A command that ran with a fault ahead.
#[derive(Debug)]
pub struct Faulted {
    pub ran: Ran,
    /// Calls that changed files, up to the program's end.
    pub calls: u64,
    /// The call that was disturbed, such as `fsync head-office.db-wal`; nothing if the program made fewer calls.
    pub met: Option<String>,
}

impl Fault {
    /// A fault at the `at`th change of a file, counted from 1.
    pub fn nth(at: u64, kind: Kind) -> Self {
        Self { at, kind: kind.name(), on: "*".to_owned(), seed: at }
    }

    /// Runs a command undisturbed and counts its changes.
    pub fn count(command: &mut Command) -> Faulted {
        Self { at: 0, kind: "count", on: "*".to_owned(), seed: 0 }.run(command)
    }

    /// Counts and disturbs only changes of files whose names match this glob.
    #[allow(dead_code)] // for tests that aim
    pub fn on(mut self, names: &str) -> Self {
        names.clone_into(&mut self.on);
        self
    }

    /// Chooses what a power cut loses.
    #[allow(dead_code)] // for tests that aim
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Prepares a command that is started elsewhere, such as one that runs beside the test; the file tells what happened.
    pub fn prepare(&self, command: &mut Command) -> tempfile::NamedTempFile {
        let report = tempfile::NamedTempFile::new().expect("a temporary file");
        report.as_file().set_len(512).expect("it has room");
        command
            .env("LD_PRELOAD", library())
            .env("FAULT_FILE", report.path())
            .env("FAULT_AT", self.at.to_string())
            .env("FAULT_KIND", self.kind)
            .env("FAULT_ON", &self.on)
            .env("FAULT_SEED", self.seed.to_string());
        report
    }

    /// Runs a command to its end, whatever that is.
    pub fn run(&self, command: &mut Command) -> Faulted {
        let report = self.prepare(command);
        let ran = ran(command);
        let (calls, met) = read_report(report.path());
        Faulted { ran, calls, met }
    }
}

/// The changes that a prepared command has made so far, and the one that was disturbed.
pub fn read_report(report: &Path) -> (u64, Option<String>) {
    let bytes = std::fs::read(report).expect("the report");
    let number = |from: usize| u64::from_ne_bytes(bytes[from..from + 8].try_into().expect("eight bytes"));
    let text = bytes[16..].split(|byte| *byte == 0).next().unwrap_or_default();
    let met = (number(8) > 0).then(|| String::from_utf8_lossy(text).into_owned());
    (number(0), met)
}

/// The preloaded library, compiled when it is not there or older than its source.
fn library() -> &'static Path {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/support/fault_shim.c");
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
        std::fs::create_dir_all(folder).expect("a folder");
        let turn = File::create(folder.join("fault_shim.lock")).expect("a lock file");
        turn.lock().expect("the lock");
        let library = folder.join("fault_shim.so");
        let changed = |path: &Path| std::fs::metadata(path).and_then(|about| about.modified()).ok();
        if changed(&library) <= changed(Path::new(source)) {
            let made = folder.join("fault_shim.so.new");
            let compiled = Command::new("cc")
                .args(["-shared", "-fPIC", "-O1", "-Wall", "-o"])
                .args([made.as_os_str(), source.as_ref()])
                .args(["-ldl", "-lpthread"])
                .stdin(Stdio::null())
                .status();
            assert!(compiled.expect("cc is there").success(), "{source} does not compile");
            std::fs::rename(&made, &library).expect("it is put in its place");
        }
        library
    })
}
