//! The real program in terminals of all kinds: key map, colors, glyphs, exports, pastes,
//! suspension.

use crate::support::messages::{APPLIED, APPLY_FAILED, applied_sessions, download, now};
use crate::support::terminal::Terminal;
use crate::support::{Exchange, wait_until};
use cdx_console::clock::Clock;
use cdx_console::console::protocol::keymap::Keymap;
use cdx_console::console::protocol::time::Zone;
use cdx_console::console::view::theme::{ColorDepth, Theme};
use cdx_console::console::{Console, ConsoleEnd, Settings, ThemeSettings};
use cdx_console::domain::Timestamp;
use cdx_console::engine::Databases;
use cdx_console::store::message_database::NewMessage;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

const SIZE: (u16, u16) = (80, 24);
const ESCAPE: &str = "\u{1b}";

/// An exchange with one failure and the messages of a store without problems.
fn exchange() -> Exchange {
    let exchange = Exchange::new();
    let failed = NewMessage { occurred_at: now(), ..download(9_001, 7, "S0131", APPLY_FAILED) };
    let text = Some("磁盘空间不足 \\\\store88\\share".to_owned());
    exchange.post(&[NewMessage { message: text, ..failed }, download(9_002, 8, "S0002", APPLIED)]);
    exchange.post(&applied_sessions(1, 0..20));
    exchange.cdx(&["process"]).exits(0);
    exchange
}

/// Starts the program with additional environment variables.
fn open(exchange: &Exchange, variables: &[&str], args: &[&str]) -> Terminal {
    let words = [&["env"], variables, &[env!("CARGO_BIN_EXE_cdx")], args].concat();
    Terminal::run(exchange.folder(), SIZE, &words.into_iter().map(str::to_owned).collect::<Vec<_>>())
}

/// Visits the screens that have the most glyphs and colors.
fn walk(console: &mut Terminal) -> Vec<u8> {
    console.shows("Needs attention").press("4").shows("S0131").press("w").shows("Next:").press(ESCAPE);
    console.press("m").shows("Data distribution").press(ESCAPE).press("?").shows("Help: keys").press(ESCAPE);
    console.press("e").press(":er\r").shows("Newest of 1").press("p").shows("What OK will do").press(ESCAPE).press("q");
    assert_eq!(console.ends(), 0);
    wait_until("the terminal is restored", || !console.is_taken());
    console.bytes()
}

/// Returns the parameters of every SGR sequence.
fn renditions(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let sequences = text.split("\u{1b}[").skip(1);
    let end = |sequence: &str| sequence.find(|c: char| !c.is_ascii_digit() && c != ';').unwrap_or(0);
    let is_rendition = |sequence: &&str| sequence[end(sequence)..].starts_with('m');
    sequences.filter(is_rendition).map(|sequence| sequence[..end(sequence)].to_owned()).collect()
}

fn has_color(bytes: &[u8]) -> bool {
    let color = |number: &str| matches!(number.parse::<u16>(), Ok(30..=38 | 40..=48 | 90..=107));
    renditions(bytes).iter().any(|rendition| rendition.split(';').any(color))
}

#[test]
fn only_sixteen_colors_are_used_and_none_with_no_color() {
    let exchange = exchange();
    let colored = walk(&mut open(&exchange, &["TERM=xterm-16color"], &[]));
    assert!(has_color(&colored));
    let known = |number: &str| matches!(number.parse::<u16>(), Ok(0..=9 | 22..=29 | 30..=37 | 39..=47 | 49 | 90..=107));
    for rendition in renditions(&colored) {
        assert!(rendition.split(';').all(known), "{rendition} is not among the sixteen colors");
    }
    for (variables, args) in
        [(&["NO_COLOR=1"][..], &[][..]), (&["TERM=vt100", "NO_COLOR=yes"], &[]), (&[], &["--color", "never"])]
    {
        let plain = walk(&mut open(&exchange, variables, args));
        assert!(!has_color(&plain), "{variables:?} {args:?}");
    }
    // An empty NO_COLOR has no effect.
    assert!(has_color(&walk(&mut open(&exchange, &["NO_COLOR="], &[]))));
}

#[test]
fn only_ascii_is_sent_on_request_or_in_a_locale_without_utf8() {
    let exchange = exchange();
    for (variables, args) in [
        (&[][..], &["--ascii"][..]),
        (&["LANG=C"], &[]),
        (&["LC_ALL=de_DE.ISO-8859-1"], &[]),
        (&["LC_CTYPE=POSIX"], &[]),
    ] {
        let mut console = open(&exchange, variables, args);
        console.shows("== Needs attention ==");
        let bytes = walk(&mut console);
        assert!(bytes.is_ascii(), "{variables:?} {args:?}");
    }
    let mut console = open(&exchange, &["LC_ALL=nl_NL.utf8", "LANG=C"], &[]);
    console.shows("══ Needs attention ══");
    assert!(!walk(&mut console).is_ascii());
}

#[test]
fn configured_keys_work_and_are_shown_everywhere() {
    let exchange = exchange();
    let config = exchange.path("config.toml");
    std::fs::write(&config, "[keys]\nnext_error = \"; F8\"\nmenu = \"F9\"\nquit = \"x\"\nexport = \"X\"\n")
        .expect("written");
    let config = config.display().to_string();
    let mut console = open(&exchange, &[], &["--config", &config]);
    console.shows("; error").shows("F9 menu").shows("x quit").press(";").shows("Newest of 1").press(ESCAPE);
    console.shows("Needs attention").press("\u{1b}[20~").shows("Data distribution").press(ESCAPE);
    // The default keys are no longer bound.
    console
        .press("emq")
        .press("?")
        .shows("Help: keys")
        .shows("; E ")
        .shows("F9")
        .press(ESCAPE)
        .press("4")
        .shows("1-10 of 22");
    console.press("X").shows("Export to").press(ESCAPE).press("x");
    assert_eq!(console.ends(), 0);
    std::fs::write(exchange.path("config.toml"), "[keys]\nnext_error = \"q\"\n").expect("written");
    let mut console = open(&exchange, &[], &["--config", &config]);
    console.shows("line 2: keys: q is bound to two commands");
    assert_eq!(console.ends(), 2);
}

#[test]
fn a_filtered_list_is_exported_and_a_file_is_overwritten_only_after_y() {
    let exchange = exchange();
    let mut console = open(&exchange, &[], &[]);
    let file = exchange.path("failed.csv");
    let name = file.display().to_string();
    console.shows("Needs attention").press("4").shows("1-10 of 22").press("/status:failed\r").shows("1-1 of 1");
    console.press("x").shows("Export to").press(&format!("\u{15}{name}\r")).shows("1 row written to");
    let written = std::fs::read_to_string(&file).expect("it is there");
    assert!(written.lines().count() == 2 && written.contains("S0131") && written.contains("apply_failed"), "{written}");
    // The second export asks before overwriting.
    console.press(ESCAPE).shows("1-10 of 22").press("x").shows("Export to").press(&format!("\u{15}{name}\r"));
    console.shows("Overwrite the existing file?").press("n");
    console.until("no question", |screen| !screen.contains("Overwrite the"));
    assert_eq!(std::fs::read_to_string(&file).expect("it is there"), written);
    console.press("x").shows("Export to").press(&format!("\u{15}{name}\r")).shows("Overwrite the existing file?");
    console.press("y").shows("22 rows written to");
    // A short list as JSON Lines; a name with an unknown extension is refused.
    let file = exchange.path("causes.jsonl");
    console.press(":er\r").shows("Newest of 1").press("x").shows("Export to");
    console.press("\u{15}causes.txt\r").shows("its name must end in .csv or .jsonl");
    console.press("x").shows("Export to").press(&format!("\u{15}{}\r", file.display())).shows("1 row written to");
    let cause: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&file).expect("it is there")).expect("JSON");
    assert_eq!((&cause["open"], &cause["last_channel_database"]), (&1.into(), &"S0131".into()));
    console.press("q");
    assert_eq!(console.ends(), 0);
}

#[test]
fn the_console_refuses_a_dumb_terminal() {
    let exchange = exchange();
    let mut console = open(&exchange, &["TERM=dumb"], &[]);
    console.shows("on a dumb terminal (TERM)");
    assert_eq!(console.ends(), 2);
    assert!(!console.bytes().contains(&0x1b));
}

#[test]
fn a_dumb_terminal_gets_no_escape_sequence_from_any_command() {
    let exchange = exchange();
    exchange.post(&applied_sessions(100, 100..400));
    for args in
        [&["process"][..], &["sessions", "download"], &["doctor"], &["parameters"], &["batch", "jobs"], &["--help"]]
    {
        let mut command = open(&exchange, &["TERM=dumb"], args);
        command.ends();
        assert!(!command.quiet().bytes().contains(&0x1b), "{args:?}: {}", command.screen());
    }
    let mut command = open(&exchange, &["TERM=xterm"], &["sessions", "download"]);
    command.ends();
    assert!(command.quiet().bytes().contains(&0x1b));
}

#[test]
fn an_environment_variable_that_is_not_utf8_is_refused_by_name() {
    use std::os::unix::ffi::OsStrExt;
    let exchange = Exchange::new();
    for name in
        ["CDX_HEAD_OFFICE", "CDX_MESSAGE_DATABASE", "CDX_CONFIG", "HOME", "TZ", "XDG_STATE_HOME", "PGHOST", "USER"]
    {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_cdx"))
            .args(["config", "show"])
            .env_clear()
            .env("HOME", exchange.folder())
            .env(name, std::ffi::OsStr::from_bytes(b"/tmp/caf\xe9"))
            .output()
            .expect("it runs");
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{name}: {words}");
        assert!(words.contains(&format!("environment {name} is not valid UTF-8")), "{words}");
    }
}

#[test]
fn characters_of_every_script_are_visible_and_columns_stay_aligned() {
    let exchange = Exchange::new();
    let wide = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/wide.jsonl");
    exchange.cdx(&["post", &wide.display().to_string()]);
    exchange.cdx(&["process"]);
    let mut console = Terminal::open(exchange.folder(), (120, 60), &[]);
    console.shows("Needs attention").press("4").shows("cjk");
    for text in ["店舗東京", "ร้าน", "दुकान", "e\u{301}a\u{308}o\u{302}", "\u{1112}\u{1161}\u{11ab}", "🏬🛒", "◌\u{301}x"]
    {
        console.shows(text);
    }
    // The text after the channel database starts in the same column in each row.
    let columns: Vec<_> = console.number_columns().into_iter().filter(|column| *column > 10).collect();
    console.press("q");
    assert_eq!(console.ends(), 0);
    assert!(columns.len() > 20 && columns.iter().all(|column| *column == columns[0]), "{columns:?}");
}

#[test]
fn a_paste_is_never_a_key_and_terminal_reports_are_ignored() {
    let exchange = exchange();
    let mut console = open(&exchange, &[], &[]);
    console.shows("Needs attention");
    // Pasted on a list: commands, line ends, escape sequences and control characters.
    console.press("\u{1b}[200~q\ry\r:q\r\u{1b}[31m4\u{3}\u{1b}[201~");
    // Reports of focus, mouse, cursor position, colors and version that were not requested.
    console
        .press("\u{1b}[I\u{1b}[O\u{1b}[<0;10;10M\u{1b}[24;80R\u{1b}]11;rgb:0000/0000/0000\u{7}\u{1b}P>|xterm\u{1b}\\");
    console.press("4").shows("1-10 of 22").press("/");
    console.press("\u{1b}[200~store:S0131\n\u{1b}[201~").shows("/ store:S0131").press("\r").shows("1-1 of 1");
    // Control characters are replaced or dropped, and a line end becomes a blank.
    console.press("/").press("\u{1b}[200~\nq\u{1b}]0;owned\u{7}\u{202e}\u{1b}[201~").shows("owned").press(ESCAPE);
    console.shows("Filter: store:S0131").press("q");
    assert_eq!(console.ends(), 0);
    let bytes = String::from_utf8_lossy(&console.bytes()).into_owned();
    assert!(!bytes.contains("\u{1b}]0;"), "pasted control characters are written to the terminal");
    // The program requests no mouse, focus or key release reports.
    for mode in ["?1000h", "?1002h", "?1003h", "?1004h", "?1006h", "[>1u", "[c", "[6n", "]10;?", "]11;?"] {
        assert!(!bytes.contains(&format!("\u{1b}{}{mode}", if mode.starts_with('?') { "[" } else { "" })), "{mode}");
    }
}

/// Sends a fixture. Lines: `#` comment; `ESC`, `CR`, `LF`; `pause N` waits N milliseconds; `repeat
/// N C` sends C N times; anything else is text.
fn send_fixture(console: &mut Terminal, name: &str) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/input").join(name);
    let script = std::fs::read_to_string(path).expect("the fixture is there");
    let mut bytes = Vec::new();
    for line in script.lines().filter(|line| !line.starts_with('#')) {
        match line.split(' ').collect::<Vec<_>>()[..] {
            ["ESC"] => bytes.push(0x1b),
            ["CR"] => bytes.push(b'\r'),
            ["LF"] => bytes.push(b'\n'),
            ["repeat", count, text] => bytes.extend(text.repeat(count.parse().expect("a count")).into_bytes()),
            ["pause", milliseconds] => {
                console.send(&std::mem::take(&mut bytes)).is_read();
                let milliseconds = milliseconds.parse().expect("milliseconds");
                std::thread::park_timeout(std::time::Duration::from_millis(milliseconds));
            }
            _ => bytes.extend(line.as_bytes()),
        }
    }
    // The pseudo-terminal's buffer takes a few thousand bytes at once.
    for part in bytes.chunks(2_048) {
        console.send(part).is_read();
    }
}

#[test]
fn split_or_oversized_pastes_and_reports_do_not_act_as_keys() {
    let exchange = exchange();
    let mut console = open(&exchange, &[], &[]);
    console.shows("Needs attention").press("4").shows("1-10 of 22");
    for name in ["paste_torn.txt", "paste_mark_torn.txt", "reports_torn.txt", "alt_and_mouse.txt"] {
        send_fixture(&mut console, name);
        console.press("/").shows("/ ").press(ESCAPE).shows("1-10 of 22");
    }
    send_fixture(&mut console, "paste_long.txt");
    console.shows("The paste was cut after 64 KiB; 468 bytes were dropped.").press("j");
    console.until("the notice is gone", |screen| !screen.contains("The paste was cut"));
    // An unfinished paste is reported, and another paste ends it.
    console.press("\u{1b}[200~p\r").shows("A paste has not ended yet").press("q").press("\u{1b}[200~\u{1b}[201~");
    console.press("/").shows("/ ").press(ESCAPE).shows("1-10 of 22");
    // An unfinished report is reported, and Esc ends it.
    console.press("\u{1b}]0;p\r").shows("The terminal sent an unfinished report").press("q\r").press(ESCAPE);
    console.press("/").shows("/ ").press(ESCAPE).shows("1-10 of 22").press("q");
    assert_eq!(console.ends(), 0);
    assert_eq!(exchange.count("run"), 1, "input that was not typed started a run");
}

#[test]
fn suspending_restores_the_terminal_and_continuing_enters_it_again() {
    let exchange = exchange();
    let folder = exchange.folder();
    let words = ["sh", "-i"].map(str::to_owned);
    let mut shell = Terminal::run(folder, SIZE, &words);
    let program = env!("CARGO_BIN_EXE_cdx");
    shell.press(&format!("PS1='ready> '; set -m; {program}\r")).shows("Needs attention").press("4").shows("1-10 of 22");
    shell.press("jj").press("\u{1a}");
    wait_until("the shell's screen is restored", || !shell.is_taken());
    shell.shows("Stopped").press("echo mi''ddle\r").shows("middle").press("fg\r").shows("1-10 of 22");
    let at_third = |screen: &str| screen.lines().nth(6).is_some_and(|line| line.starts_with('►'));
    shell.until("the cursor in its old row", at_third).press("q");
    wait_until("the shell's screen is restored", || !shell.is_taken());
}

#[test]
fn a_list_opened_again_where_it_was_left_shows_every_row() {
    let exchange = exchange();
    let words = ["sh", "-i"].map(str::to_owned);
    let program = env!("CARGO_BIN_EXE_cdx");
    let mut console = Terminal::run(exchange.folder(), SIZE, &words);
    console.press(&format!("PS1='ready> '; {program}\r")).shows("Needs attention").press("4").shows("1-10 of 22");
    let at_second = |screen: &str| screen.lines().nth(5).is_some_and(|line| line.starts_with('►'));
    console.press("j").until("the cursor a row below", at_second);
    for _ in 0..3 {
        console.press(ESCAPE).shows("Needs attention").press("4");
        let is_whole = |screen: &str| screen.lines().skip(4).take(10).all(|line| line.contains(" 1040 "));
        console.until("ten rows from the second on", |screen| screen.contains("2-11 of 22") && is_whole(screen));
    }
    console.press("q");
    wait_until("the shell's screen is restored", || !console.is_taken());
}

#[test]
fn a_console_suspended_by_a_signal_redraws_everything_when_continued() {
    for signal in ["STOP", "TSTP"] {
        let exchange = exchange();
        let mut shell = Terminal::run(exchange.folder(), SIZE, &["sh", "-i"].map(str::to_owned));
        let program = env!("CARGO_BIN_EXE_cdx");
        shell
            .press(&format!("PS1='ready> '; set -m; {program}\r"))
            .shows("Needs attention")
            .press("4")
            .shows("1-10 of 22");
        let children = format!("/proc/{0}/task/{0}/children", shell.id());
        let child = std::fs::read_to_string(children).expect("the shell's children").trim().to_owned();
        let sent = std::process::Command::new("kill").args(["-s", signal, &child]).status().expect("kill runs");
        assert!(sent.success() && shell.is_raw());
        shell.shows("Stopped").cook();
        shell
            .press("fg\r")
            .until("only the list", |screen| screen.contains("1-10 of 22") && !screen.contains("Stopped"));
        wait_until("the terminal is raw again", || shell.is_raw());
        shell
            .press("j")
            .until("the cursor a row below", |screen| screen.lines().nth(5).is_some_and(|line| line.starts_with('►')));
        shell.press("q");
        wait_until("the shell's screen is restored", || !shell.is_taken());
    }
}

#[test]
fn every_ending_signal_restores_the_terminal() {
    let exchange = exchange();
    for signal in ["QUIT", "USR1", "USR2", "ALRM", "VTALRM", "PROF", "XCPU", "TERM", "HUP", "INT"] {
        let mut console = open(&exchange, &[], &[]);
        console.shows("Needs attention");
        assert!(console.is_raw());
        console.signal(signal);
        assert_eq!(console.ends(), 130, "SIG{signal}");
        wait_until("the terminal is restored", || !console.is_taken() && !console.is_raw());
    }
}

#[test]
fn a_first_start_without_databases_explains_what_to_do() {
    let exchange = Exchange::new();
    let mut console = open(&exchange, &[], &[]);
    console.shows("does not exist").shows("A first start? p and Enter make head office").press("p");
    console.shows("What OK will do").press("\r").shows("√ Ended").press(ESCAPE).shows("Nothing needs attention.");
    for (keys, text) in [
        ("4", "Nothing here."),
        ("2", "No errors in the last 24 hours."),
        ("9", "No agent has reported, and no message has arrived."),
        (":rm\r", "Nothing is rejected."),
        (":dsc\r", "No message has named a schedule yet."),
        ("7", "There is no batch job."),
    ] {
        console.press(keys).shows(text);
    }
    console.press("q");
    assert_eq!(console.ends(), 0);
}

/// A clock that panics after a number of reads, on the caller's thread or on another one.
struct PanickingClock(AtomicU32, bool);

impl Clock for PanickingClock {
    fn now(&self) -> Timestamp {
        let left = self.0.fetch_sub(1, Ordering::SeqCst);
        assert!(left > 0 || self.1, "the clock failed");
        if left == 0 {
            drop(std::thread::spawn(|| panic!("the clock failed")));
        }
        Timestamp(1_795_486_461_000)
    }
}

/// Not a test: `a_panic_restores_the_terminal_and_its_message_is_readable` runs it in a terminal.
#[test]
#[ignore = "run by a_panic_restores_the_terminal_and_its_message_is_readable"]
fn a_console_that_panics() {
    panic_in_console(false);
}

/// Not a test: likewise, with the panic on another thread.
#[test]
#[ignore = "run by a_panic_restores_the_terminal_and_its_message_is_readable"]
fn a_console_that_panics_on_another_thread() {
    panic_in_console(true);
}

fn panic_in_console(on_another_thread: bool) {
    let databases = Databases::in_folder(&std::env::temp_dir().join("cdx-nowhere"));
    let settings = Settings {
        theme: ThemeSettings::fixed(Theme { depth: ColorDepth::Sixteen, ascii: false }),
        label: None,
        operator: "r.vermeer".to_owned(),
        host: "aos-1".to_owned(),
        keymap: Keymap::default(),
        read_only: Some("this console is read-only".to_owned()),
        bell: false,
        mouse: true,
        zone: Zone::Utc,
        home: chrono_tz::Tz::UTC,
        pager: Some("less".to_owned()),
        views_file: None,
    };
    let console = Console {
        databases,
        clock: Arc::new(PanickingClock(AtomicU32::new(20), on_another_thread)),
        settings,
        escape: std::time::Duration::from_millis(50),
        host: "aos-1".to_owned(),
        memory: None,
    };
    let ended = cdx_console::console::run(&console);
    assert!(!matches!(ended, Ok(ConsoleEnd::Panicked)), "a thread panicked");
}

#[test]
fn a_panic_restores_the_terminal_and_its_message_is_readable() {
    for name in ["a_console_that_panics", "a_console_that_panics_on_another_thread"] {
        assert_panic_is_readable(name);
    }
}

fn assert_panic_is_readable(name: &str) {
    let exchange = Exchange::new();
    let program = std::env::current_exe().expect("this program").display().to_string();
    let name = format!("terminal_behavior::{name}");
    let words = [&program, "--ignored", "--exact", &name, "--nocapture"];
    let mut console = Terminal::run(exchange.folder(), (120, 40), &words.map(str::to_owned));
    console.shows("Overview");
    // Each key causes a frame, and each frame reads the clock.
    for key in "m?:m?:m?:m?:m?:m?:".chars() {
        console.press(&key.to_string()).quiet();
        if !console.is_taken() {
            break;
        }
        console.press(ESCAPE);
    }
    console.shows("the clock failed");
    wait_until("the terminal is restored", || !console.is_taken());
    let written = String::from_utf8_lossy(&console.bytes()).into_owned();
    let mouse = ["\u{1b}[?1000h", "\u{1b}[?1000l"].map(|switch| written.matches(switch).count());
    assert_eq!(mouse, [1, 1], "the mouse is switched on once, and off again");
    assert_ne!(console.ends(), 0);
    let bytes = String::from_utf8_lossy(&console.bytes()).into_owned();
    assert_eq!(bytes.matches("\u{1b}[?1049l").count(), 1, "restoring twice would move the cursor before the message");
    let (_, after) = bytes.rsplit_once("\u{1b}[?1049l").expect("the alternate screen is left");
    assert!(after.contains("\u{1b}[?25h") && after.contains("the clock failed"), "{after}");
}
