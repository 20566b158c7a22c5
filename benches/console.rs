//! Benchmarks of the console in a pseudo-terminal: a large exchange compared with a small one.
//!
//! `cargo bench --bench console` prints the table for ten million messages, with `-- --quick` for
//! one million.
#![allow(clippy::expect_used, clippy::print_stdout)] // a benchmark aborts on errors and prints its table
#![allow(clippy::cast_precision_loss)] // figures for people
#![allow(dead_code)] // shared modules are not used completely

mod support;
#[path = "../tests/it/support/terminal.rs"]
mod terminal;

use cdx_console::engine::Databases;
use std::path::Path;
use std::time::{Duration, Instant};
use support::{Guids, Report, at_least, at_most, make_messages, process, scale};
use terminal::Terminal;

const SIZE: (u16, u16) = (120, 40);
const FEW: u64 = 10_000;
/// How long a list waits for further keys of its filter.
const DEBOUNCE: Duration = Duration::from_millis(150);
/// How often each key is pressed and the console started.
const PRESSES: usize = 40;
const STARTS: usize = 9;

/// The measurements of one exchange.
struct Figures {
    start: Duration,
    keys: Vec<Keys>,
    /// From the end of the debounce after the last key of a filter to the first page that it
    /// leaves.
    filtered: Vec<Duration>,
    /// From Tab to the completed name of a store.
    completed: Vec<Duration>,
    /// The median number of bytes of a row's frame in the colors of most terminals.
    auto_bytes: usize,
    search: Search,
    idle_bytes: usize,
    memory: u64,
}

/// The measurements of one action.
struct Keys {
    name: &'static str,
    /// Sorted.
    times: Vec<Duration>,
    /// The median number of bytes per frame, and its limit.
    bytes: usize,
    most: usize,
}

/// The measurements of a search for a rare text.
struct Search {
    first: Duration,
    whole: Duration,
    /// Response times of keys during the search, sorted.
    keys: Vec<Duration>,
    /// The notice shown during the search.
    notice: Option<String>,
}

/// The bytes of a full screen of glyphs with cursor movements and colors.
const SCREEN: usize = 120 * 40 * 3 / 2;
/// The number of messages that contain the rare text.
const NEEDLES: u64 = 3;

fn main() {
    let many = scale(10_000_000);
    let mut report = Report::new("console");
    let few = measure(FEW);
    let large = measure(many);
    let ms = |time: Duration| time.as_secs_f64() * 1_000.0;
    let ratio = large.start.as_secs_f64() / few.start.as_secs_f64();
    report.add(
        &format!("start to first paint at {many} messages"),
        format!("{:.1} ms", ms(large.start)),
        format!("at {FEW}: {:.1} ms", ms(few.start)),
        vec![at_most("times", ratio, 1.5)],
    );
    let p99 = |times: &[Duration]| ms(times[(times.len() * 99 / 100).min(times.len() - 1)]);
    let middle = |times: &[Duration]| ms(times[times.len() / 2]);
    for (Keys { name, times, bytes, most }, Keys { times: beside, .. }) in large.keys.iter().zip(&few.keys) {
        report.add(
            &format!("key to frame: {name}"),
            format!("p50 {:.1}, p99 {:.1} ms, {bytes} bytes", middle(times), p99(times)),
            format!("at {FEW}: p50 {:.1}, p99 {:.1} ms", middle(beside), p99(beside)),
            vec![at_most("ms p99", p99(times), 16.0), at_most("bytes", *bytes as f64, *most as f64)],
        );
    }
    for (what, times, beside, bound) in [
        ("last key of a filter to its first page, without the pause of 150 ms", &large.filtered, &few.filtered, 50.0),
        (COMPLETION, &large.completed, &few.completed, 16.0),
    ] {
        report.add(
            what,
            format!("p50 {:.1}, p99 {:.1} ms", middle(times), p99(times)),
            format!("at {FEW}: p50 {:.1}, p99 {:.1} ms", middle(beside), p99(beside)),
            vec![at_most("ms p99", p99(times), bound)],
        );
    }
    report.add(
        "one row at 80×24 in the colors of most terminals",
        format!("{} bytes", large.auto_bytes),
        String::new(),
        vec![at_most("bytes", large.auto_bytes as f64, 600.0)],
    );
    let Search { first, whole, keys, notice } = &large.search;
    report.add(
        &format!("a rare text among {many} messages"),
        format!("first hit {:.0} ms, all {:.1} s, keys p99 {:.1} ms", ms(*first), whole.as_secs_f64(), p99(keys)),
        format!("at {FEW}: {:.0} ms; notice: {}", ms(few.search.first), notice.as_deref().unwrap_or("none")),
        vec![
            at_most("ms p99 of keys", p99(keys), 16.0),
            at_least("ms from the first hit to the last", ms(*whole) - ms(*first), 0.0),
        ],
    );
    let minute = "idle for twenty seconds";
    report.add(
        minute,
        format!("{} bytes", large.idle_bytes),
        String::new(),
        vec![at_most("bytes", large.idle_bytes as f64, 200.0)],
    );
    let ratio = large.memory as f64 / few.memory as f64;
    report.add(
        "resident memory",
        format!("{} MB", large.memory / 1_000_000),
        format!("at {FEW}: {} MB", few.memory / 1_000_000),
        vec![at_most("times", ratio, 1.2), at_most("MB", large.memory as f64 / 1e6, 40.0)],
    );
    report.finish();
}

fn measure(messages: u64) -> Figures {
    let folder = tempfile::tempdir().expect("a folder");
    drop(make_messages(&folder.path().join("message.db"), messages, 0, Guids::Version7));
    process(&Databases::in_folder(folder.path()), true, false);
    hide_needles(folder.path(), messages);
    let mut starts: Vec<_> = (0..STARTS).map(|_| start(folder.path()).0).collect();
    starts.sort_unstable();
    let (_, mut console) = start(folder.path());
    console.press("4").until("sessions", |screen| screen.contains("1-26 of"));
    let mut keys = Vec::new();
    let numbers = |screen: &str| screen.lines().nth(2).map(|line| line.chars().rev().take(34).collect::<String>());
    let cursor = |screen: &str| screen.lines().position(|line| line.starts_with('►'));
    let mut action = |(name, most), key: &str, back: Option<&str>, seen: &dyn Fn(&str) -> String, presses: usize| {
        let (mut times, mut bytes) = (Vec::new(), Vec::new());
        for _ in 0..presses {
            let (before, sent) = (seen(&console.screen()), console.bytes().len());
            let since = Instant::now();
            console.press(key).until(name, |screen| seen(screen) != before);
            times.push(since.elapsed());
            // The detail pane loads after the debounce; its bytes count as well.
            std::thread::park_timeout(Duration::from_millis(250));
            bytes.push(console.bytes().len() - sent);
            if let Some(back) = back {
                let before = seen(&console.screen());
                console.press(back).until("the way back", |screen| seen(screen) != before);
                std::thread::park_timeout(Duration::from_millis(250));
            }
        }
        times.sort_unstable();
        bytes.sort_unstable();
        keys.push(Keys { name, times, bytes: bytes[bytes.len() / 2], most });
    };
    action(("one row", 400), "j", None, &|screen| format!("{:?}", cursor(screen)), 20);
    // Move to the last row of the screen; from there on each step scrolls.
    action(("to the last row", usize::MAX), "jjjjjj", None, &|screen| format!("{:?}", cursor(screen)), 1);
    action(("one line scrolled", 700), "j", None, &|screen| format!("{:?}", screen.lines().nth(4)), PRESSES);
    action(("a page", SCREEN), "\u{1b}[6~", None, &|screen| format!("{:?}", numbers(screen)), PRESSES);
    action(("jump to the end", SCREEN), "G", Some("g"), &|screen| format!("{:?}", screen.lines().nth(4)), PRESSES / 2);
    let filtered =
        |screen: &str| screen.contains("Filter: ").to_string() + &format!("{:?}", screen.contains("reading"));
    action(("filter by status", SCREEN), "/status:apply_failed\r", Some("\u{1b}"), &filtered, PRESSES / 4);
    let before = console.bytes().len();
    std::thread::park_timeout(Duration::from_secs(20));
    let idle_bytes = console.bytes().len() - before;
    let memory = resident(console.id());
    keys.retain(|keys| keys.most != usize::MAX);
    let filtered = type_filter(&mut console);
    let search = search(&mut console);
    console.press("q").ends();
    let auto_bytes = auto_bytes(folder.path());
    let completed = completed(folder.path());
    Figures { start: starts[STARTS / 2], keys, filtered, completed, auto_bytes, search, idle_bytes, memory }
}

/// Types another session number into a filter, and measures from its last digit to its rows.
fn type_filter(console: &mut Terminal) -> Vec<Duration> {
    console.press("4/session:0").until("the first number", |screen| screen.contains(" session:0 "));
    let mut times = Vec::new();
    for digit in (0..PRESSES).map(|press| 1 + press % 7) {
        console.press("\u{7f}");
        let since = Instant::now();
        let title = format!(" session:{digit} ");
        console.press(&digit.to_string()).until("the sessions of a number", |screen| {
            screen.lines().nth(2).is_some_and(|line| line.contains(&title) && line.contains("of 300"))
        });
        times.push(since.elapsed().saturating_sub(DEBOUNCE));
    }
    console.press("\u{1b}").until("no filter line", |screen| !screen.contains("/ session:"));
    times.sort_unstable();
    times
}

const COMPLETION: &str = "Tab to a completed name among 100000 stores";
/// Stores in the benchmark of completion.
const STORES: u32 = 100_000;

/// Adds many stores and completes their names.
fn completed(folder: &Path) -> Vec<Duration> {
    let office = rusqlite::Connection::open(folder.join("head-office.db")).expect("it is there");
    let sql = "with recursive n (i) as (select 0 union all select i + 1 from n where i + 1 < ?1)
               insert into channel_database (name, first_seen_at, last_seen_at) select format('X%06d', i), 0, 0 from n";
    office.execute(sql, [STORES]).expect("the stores are added");
    let (_, mut console) = start(folder);
    console.press("4").shows("Download sessions");
    let mut times = Vec::new();
    for number in 0..PRESSES {
        let start = format!("store:X0{number:02}");
        console.press(&format!("/{start}")).shows(&start);
        let since = Instant::now();
        console.press("\t").shows(&format!("X0{number:02}000"));
        times.push(since.elapsed());
        console.press("\u{1b}").until("no filter line", |screen| !screen.contains(&start));
    }
    console.press("q").ends();
    times.sort_unstable();
    times
}

/// Moves by rows in a terminal of 256 colors, and counts the bytes.
fn auto_bytes(folder: &Path) -> usize {
    let words = ["env", "TERM=xterm-256color", env!("CARGO_BIN_EXE_cdx")].map(str::to_owned);
    let mut console = Terminal::run(folder, (80, 24), &words);
    console.shows("Needs attention").press("4").shows("Download sessions");
    let cursor = |screen: &str| screen.lines().position(|line| line.starts_with('►'));
    let mut bytes: Vec<_> = (0..8)
        .map(|_| {
            std::thread::park_timeout(Duration::from_millis(250));
            let (before, sent) = (cursor(&console.screen()), console.bytes().len());
            console.press("j").until("the next row", |screen| cursor(screen) != before);
            std::thread::park_timeout(Duration::from_millis(250));
            console.bytes().len() - sent
        })
        .collect();
    console.press("q").ends();
    bytes.sort_unstable();
    bytes[bytes.len() / 2]
}

/// Puts a rare text into a few messages that are far apart.
fn hide_needles(folder: &Path, messages: u64) {
    let office = rusqlite::Connection::open(folder.join("head-office.db")).expect("it is there");
    for needle in 0..NEEDLES {
        let key = messages / 20 + needle * messages / NEEDLES;
        let sql = "update status_message set message = 'a nEEdle in the hay' where message_key = ?1";
        assert_eq!(office.execute(sql, [i64::try_from(key).expect("small")]).expect("it is written"), 1);
    }
}

/// Searches for the rare text and presses keys during the search.
fn search(console: &mut Terminal) -> Search {
    console.press("6").shows("Status messages at head office").press("/text:needle").shows("text:needle");
    let since = Instant::now();
    console.press("\r");
    let (mut first, mut keys, mut notice) = (None, Vec::new(), None);
    let whole = format!("1-{NEEDLES} of {NEEDLES}");
    while !console.screen().contains(&whole) {
        let screen = console.screen();
        if first.is_none() && screen.contains("a nEEdle") {
            first = Some(since.elapsed());
        }
        let shown = screen.lines().rev().nth(1).map(|line| line.trim().to_owned());
        notice = shown.filter(|shown| shown.starts_with("Searched")).or(notice);
        let pressed = Instant::now();
        console.press("?").shows("Help: keys");
        keys.push(pressed.elapsed());
        console.press("?").until("no help", |screen| !screen.contains("Help: keys"));
    }
    let all = since.elapsed();
    keys.sort_unstable();
    if keys.is_empty() {
        keys.push(Duration::ZERO);
    }
    Search { first: first.unwrap_or(all), whole: all, keys, notice }
}

/// Starts a console and measures the time to its first screen.
fn start(folder: &Path) -> (Duration, Terminal) {
    let since = Instant::now();
    let mut console = Terminal::open(folder, SIZE, &[]);
    console.shows("Needs attention");
    (since.elapsed(), console)
}

/// Returns the resident memory of a process in bytes.
fn resident(process: u32) -> u64 {
    let status = std::fs::read_to_string(Path::new("/proc").join(process.to_string()).join("status"))
        .expect("the process is running");
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("a figure");
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).expect("a number") * 1_024
}
