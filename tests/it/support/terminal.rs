//! Runs the real program in a pseudo-terminal and reads its screen.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{InputModes, LocalModes, OptionalActions, OutputModes, Winsize, tcsetattr, tcsetwinsize};
use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::{Child, Command};
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};

/// Timeout of all waits, far above what the slowest machine needs.
const TIMEOUT: Duration = Duration::from_mins(2);

/// Longer than the console's timeout of a lone Esc, even on a busy machine.
const ESCAPE_PATIENCE: Duration = Duration::from_millis(250);
/// Opening the terminal must not make it this process's controlling terminal.
#[allow(clippy::cast_possible_wrap)] // a small number
const NOCTTY: i32 = rustix::fs::OFlags::NOCTTY.bits() as i32;

/// A program in a pseudo-terminal, killed on drop.
pub struct Terminal {
    /// The terminal's side. The reader holds it only while it reads, so that dropping it hangs up.
    line: Option<Arc<File>>,
    /// The path of the program's side.
    name: String,
    child: Child,
    seen: Arc<Mutex<Seen>>,
    /// Whether a lone Esc was sent last. A key sent right after it would count as pressed with Alt.
    escaped: bool,
}

struct Seen {
    parser: vt100::Parser,
    bytes: Vec<u8>,
}

fn set_size(line: &File, (columns, rows): (u16, u16)) {
    let size = Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
    tcsetwinsize(line, size).expect("it resizes");
}

/// Reads output until the terminal is closed.
fn read(line: &Weak<File>, seen: &Mutex<Seen>) {
    let mut buffer = [0; 8_192];
    let moment = Timespec { tv_sec: 0, tv_nsec: 5_000_000 };
    while let Some(line) = line.upgrade() {
        let mut watched = [PollFd::new(&*line, PollFlags::IN)];
        if poll(&mut watched, Some(&moment)).is_ok_and(|ready| ready == 0) {
            continue;
        }
        let Ok(length @ 1..) = (&*line).read(&mut buffer) else { return };
        let mut seen = seen.lock().expect("no panic");
        seen.parser.process(&buffer[..length]);
        seen.bytes.extend_from_slice(&buffer[..length]);
    }
}

impl Terminal {
    /// Starts `cdx` with arguments on the exchange in a folder.
    pub fn open(folder: &Path, columns_and_rows: (u16, u16), args: &[&str]) -> Self {
        let words = std::iter::once(env!("CARGO_BIN_EXE_cdx")).chain(args.iter().copied()).map(str::to_owned);
        Self::run(folder, columns_and_rows, &words.collect::<Vec<_>>())
    }

    /// Starts any program.
    pub fn run(folder: &Path, columns_and_rows: (u16, u16), words: &[String]) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).expect("a pseudo-terminal");
        grantpt(&master).and_then(|()| unlockpt(&master)).expect("it opens");
        let name = ptsname(&master, Vec::new()).expect("it has a name").into_string().expect("a plain path");
        let line = Arc::new(File::from(master));
        set_size(&line, columns_and_rows);
        let side = || File::options().read(true).write(true).open(&name).expect("the other side");
        // Only the controlling terminal sends SIGHUP when it is closed.
        let child = Command::new("setsid")
            .arg("--ctty")
            .args(words)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", folder)
            .envs([("TERM", "xterm"), ("LANG", "C.UTF-8"), ("TZ", "UTC"), ("USER", "r.vermeer")])
            .env("CDX_MESSAGE_DATABASE", format!("sqlite:{}", folder.join("message.db").display()))
            .env("CDX_HEAD_OFFICE", format!("sqlite:{}", folder.join("head-office.db").display()))
            .stdin(side())
            .stdout(side())
            .stderr(side())
            .spawn()
            .expect("the program starts");
        let (columns, rows) = columns_and_rows;
        let seen = Arc::new(Mutex::new(Seen { parser: vt100::Parser::new(rows, columns, 0), bytes: Vec::new() }));
        let (watched, shared) = (Arc::downgrade(&line), Arc::clone(&seen));
        std::thread::spawn(move || read(&watched, &shared));
        Self { line: Some(line), name, child, seen, escaped: false }
    }

    /// Returns the lines of the screen.
    pub fn screen(&self) -> String {
        let seen = self.seen.lock().expect("no panic");
        let screen = seen.parser.screen();
        screen.rows(0, screen.size().1).collect::<Vec<_>>().join("\n")
    }

    /// Returns the column at which the session number ends in each row, measured in the terminal's
    /// cells.
    pub fn number_columns(&self) -> Vec<u16> {
        let seen = self.seen.lock().expect("no panic");
        let screen = seen.parser.screen();
        let (rows, columns) = screen.size();
        let text =
            |row: u16, column: u16| screen.cell(row, column).map(|cell| cell.contents().to_owned()).unwrap_or_default();
        let is_number = |row: u16, column: u16| {
            text(row, column).chars().all(|c| c.is_ascii_digit()) && !text(row, column).is_empty()
        };
        let number = |row: u16| {
            (3..columns).find(|column| {
                text(row, *column).trim().is_empty()
                    && (column - 3..*column).all(|at| is_number(row, at))
                    && text(row, column.saturating_sub(4)).trim().is_empty()
            })
        };
        (4..rows).filter_map(number).collect()
    }

    /// Returns all bytes received.
    pub fn bytes(&self) -> Vec<u8> {
        self.seen.lock().expect("no panic").bytes.clone()
    }

    /// Whether the alternate screen is shown, as while the console runs.
    pub fn is_taken(&self) -> bool {
        self.seen.lock().expect("no panic").parser.screen().alternate_screen()
    }

    /// Sends keys. After a lone Esc it waits for the Esc timeout, unless the rest of a split
    /// sequence follows.
    pub fn press(&mut self, keys: &str) -> &mut Self {
        if self.escaped && !keys.starts_with('[') {
            self.is_read();
            std::thread::park_timeout(ESCAPE_PATIENCE);
        }
        self.send(keys.as_bytes());
        self.escaped = keys.ends_with('\u{1b}');
        self
    }

    /// Sends bytes unchanged.
    pub fn send(&mut self, bytes: &[u8]) -> &mut Self {
        let mut line = self.line.as_deref().expect("the line is up");
        line.write_all(bytes).expect("the bytes are sent");
        self.escaped = false;
        self
    }

    /// Waits until the program has read what was sent.
    #[track_caller]
    pub fn is_read(&mut self) -> &mut Self {
        let since = Instant::now();
        // An ended program reads nothing.
        while let Ok(side) = File::options().read(true).custom_flags(NOCTTY).open(&self.name)
            && rustix::io::ioctl_fionread(&side).is_ok_and(|waiting| waiting > 0)
            && self.child.try_wait().is_ok_and(|ended| ended.is_none())
        {
            assert!(since.elapsed() < TIMEOUT, "the keys are never read:\n{}", self.screen());
            std::thread::park_timeout(Duration::from_micros(200));
        }
        self
    }

    /// Waits until the screen shows a text.
    #[track_caller]
    pub fn shows(&mut self, text: &str) -> &mut Self {
        self.until(text, |screen| screen.contains(text))
    }

    /// Waits until `is_so` holds for the screen.
    #[track_caller]
    pub fn until(&mut self, what: &str, is_so: impl Fn(&str) -> bool) -> &mut Self {
        let since = Instant::now();
        while !is_so(&self.screen()) {
            assert!(since.elapsed() < TIMEOUT, "the screen never shows {what:?}:\n{}", self.screen());
            std::thread::park_timeout(Duration::from_micros(200));
        }
        self
    }

    /// Waits until no output has arrived for a while: details and counts are loaded.
    #[allow(dead_code)] // used by the tests only
    #[track_caller]
    pub fn quiet(&mut self) -> &mut Self {
        let since = Instant::now();
        let (mut last, mut at) = (usize::MAX, Instant::now());
        while at.elapsed() < Duration::from_millis(400) {
            assert!(since.elapsed() < TIMEOUT, "the console is never quiet");
            let bytes = self.bytes().len();
            if bytes != last {
                (last, at) = (bytes, Instant::now());
            }
            std::thread::park_timeout(Duration::from_millis(5));
        }
        self
    }

    /// Returns the process id.
    #[allow(dead_code)] // not used by every crate that includes this file
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Changes the terminal's size.
    pub fn resize(&mut self, columns_and_rows: (u16, u16)) -> &mut Self {
        let (columns, rows) = columns_and_rows;
        self.seen.lock().expect("no panic").parser = vt100::Parser::new(rows, columns, 0);
        set_size(self.line.as_ref().expect("the line is up"), columns_and_rows);
        self
    }

    /// Changes the size repeatedly without waiting for frames.
    pub fn resize_often(&mut self, sizes: impl Iterator<Item = (u16, u16)>) {
        let line = self.line.as_ref().expect("the line is up");
        sizes.for_each(|columns_and_rows| set_size(line, columns_and_rows));
    }

    /// Whether the terminal is in raw mode.
    pub fn is_raw(&self) -> bool {
        let modes = rustix::termios::tcgetattr(self.line.as_deref().expect("the line is up")).expect("it has modes");
        !modes.local_modes.intersects(LocalModes::ICANON | LocalModes::ECHO)
    }

    /// Sets line mode and echo, as a shell does while the program is suspended.
    pub fn cook(&self) {
        let line = self.line.as_deref().expect("the line is up");
        let mut modes = rustix::termios::tcgetattr(line).expect("it has modes");
        modes.local_modes |= LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG;
        modes.input_modes |= InputModes::ICRNL;
        modes.output_modes |= OutputModes::OPOST | OutputModes::ONLCR;
        tcsetattr(line, OptionalActions::Now, &modes).expect("the modes are set");
    }

    /// Sends a signal by its name.
    pub fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &id]).status().expect("kill runs");
        assert!(sent.success(), "SIG{name} could not be sent");
    }

    /// Closes the terminal, as a dropped connection does.
    pub fn hang_up(&mut self) {
        self.line = None;
    }

    /// Waits for the program's end and returns its exit code.
    #[track_caller]
    pub fn ends(&mut self) -> i32 {
        let since = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("the child is known") {
                return status.code().unwrap_or(-1);
            }
            assert!(since.elapsed() < TIMEOUT, "the console never ends");
            std::thread::park_timeout(Duration::from_millis(2));
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
