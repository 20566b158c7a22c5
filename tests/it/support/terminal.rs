//! The real program in a pseudo-terminal, as an operator sees it.

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

/// Longer than anything here takes on the slowest machine.
const PATIENCE: Duration = Duration::from_mins(2);

/// Longer than the console waits for what may follow an Esc, even where its threads wait for a processor.
const ESCAPE_PATIENCE: Duration = Duration::from_millis(250);
/// Looking at the terminal must not make it ours.
#[allow(clippy::cast_possible_wrap)] // a small number
const NOCTTY: i32 = rustix::fs::OFlags::NOCTTY.bits() as i32;

/// A console on a screen; dropped, it is killed.
pub struct Terminal {
    /// The terminal's side; the reader holds it only while it reads, so that letting it go hangs up.
    line: Option<Arc<File>>,
    /// The path of the program's side.
    name: String,
    child: Child,
    seen: Arc<Mutex<Seen>>,
    /// Whether a lone Esc was sent last: what follows at once would be a key pressed with Alt.
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

/// Reads what comes until the line is gone.
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
    /// Starts `cdx` with these arguments on the exchange in a folder.
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
        // The terminal becomes the one that controls the program, which alone makes a hang-up what it is.
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

    /// What is on the screen, line by line.
    pub fn screen(&self) -> String {
        let seen = self.seen.lock().expect("no panic");
        let screen = seen.parser.screen();
        screen.rows(0, screen.size().1).collect::<Vec<_>>().join("\n")
    }

    /// The column in which the session's number ends in each row of a list, by the terminal's own cells.
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

    /// Every byte that came so far.
    pub fn bytes(&self) -> Vec<u8> {
        self.seen.lock().expect("no panic").bytes.clone()
    }

    /// Whether the program shows the other screen, as it does while it lives.
    pub fn is_taken(&self) -> bool {
        self.seen.lock().expect("no panic").parser.screen().alternate_screen()
    }

    /// Sends bytes as keys do: nothing follows a lone Esc before that has been taken for the Esc key, but the rest of a torn sequence.
    pub fn press(&mut self, keys: &str) -> &mut Self {
        if self.escaped && !keys.starts_with('[') {
            self.is_read();
            std::thread::park_timeout(ESCAPE_PATIENCE);
        }
        self.send(keys.as_bytes());
        self.escaped = keys.ends_with('\u{1b}');
        self
    }

    /// Sends bytes as they are.
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
        // A program that has ended reads no more.
        while let Ok(side) = File::options().read(true).custom_flags(NOCTTY).open(&self.name)
            && rustix::io::ioctl_fionread(&side).is_ok_and(|waiting| waiting > 0)
            && self.child.try_wait().is_ok_and(|ended| ended.is_none())
        {
            assert!(since.elapsed() < PATIENCE, "the keys are never read:\n{}", self.screen());
            std::thread::park_timeout(Duration::from_micros(200));
        }
        self
    }

    /// Waits until the screen shows a text.
    #[track_caller]
    pub fn shows(&mut self, text: &str) -> &mut Self {
        self.until(text, |screen| screen.contains(text))
    }

    /// Waits until the screen is as wanted.
    #[track_caller]
    pub fn until(&mut self, what: &str, is_so: impl Fn(&str) -> bool) -> &mut Self {
        let since = Instant::now();
        while !is_so(&self.screen()) {
            assert!(since.elapsed() < PATIENCE, "the screen never shows {what:?}:\n{}", self.screen());
            std::thread::park_timeout(Duration::from_micros(200));
        }
        self
    }

    /// Waits until nothing has come for a while: the detail has followed, the counts are there.
    #[allow(dead_code)] // for those who count bytes
    #[track_caller]
    pub fn quiet(&mut self) -> &mut Self {
        let since = Instant::now();
        let (mut last, mut at) = (usize::MAX, Instant::now());
        while at.elapsed() < Duration::from_millis(400) {
            assert!(since.elapsed() < PATIENCE, "the console is never quiet");
            let bytes = self.bytes().len();
            if bytes != last {
                (last, at) = (bytes, Instant::now());
            }
            std::thread::park_timeout(Duration::from_millis(5));
        }
        self
    }

    /// Its process.
    #[allow(dead_code)] // for those who measure
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

    /// Changes the size again and again, faster than anybody can look; what is on the screen meanwhile does not matter.
    pub fn resize_often(&mut self, sizes: impl Iterator<Item = (u16, u16)>) {
        let line = self.line.as_ref().expect("the line is up");
        sizes.for_each(|columns_and_rows| set_size(line, columns_and_rows));
    }

    /// Whether the terminal hands on each key at once, without an echo.
    pub fn is_raw(&self) -> bool {
        let modes = rustix::termios::tcgetattr(self.line.as_deref().expect("the line is up")).expect("it has modes");
        !modes.local_modes.intersects(LocalModes::ICANON | LocalModes::ECHO)
    }

    /// Sets the modes of lines, as a shell does while the program is stopped.
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

    /// Cuts the line, as a dropped connection does.
    pub fn hang_up(&mut self) {
        self.line = None;
    }

    /// Waits for the program's end; its exit code.
    #[track_caller]
    pub fn ends(&mut self) -> i32 {
        let since = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("the child is known") {
                return status.code().unwrap_or(-1);
            }
            assert!(since.elapsed() < PATIENCE, "the console never ends");
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
