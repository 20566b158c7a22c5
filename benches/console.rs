//! The console in a pseudo-terminal on a large exchange, beside the same on a small one.
//!
//! `cargo bench --bench console` prints the table, at ten million messages; with `-- --quick` at one million.
#![allow(clippy::expect_used, clippy::print_stdout)] // a bench that cannot go on says so and stops; its table is its output
#![allow(clippy::cast_precision_loss)] // figures for people
#![allow(dead_code)] // it shares parts with others that use more of them

mod support;
#[path = "../tests/it/support/terminal.rs"]
mod terminal;

use std::path::Path;
use std::time::{Duration, Instant};
use support::{Guids, Report, databases, make_messages, process, scale, verdict};
use terminal::Terminal;

const SIZE: (u16, u16) = (120, 40);
const FEW: u64 = 10_000;
/// Times that a key is pressed, and a console started.
const PRESSES: usize = 40;
const STARTS: usize = 9;

/// What was measured on one exchange.
struct Figures {
    start: Duration,
    /// Name of the action, its waiting times sorted, bytes of each in the middle.
    keys: Vec<(&'static str, Vec<Duration>, usize)>,
    idle_bytes: usize,
    memory: u64,
}

fn main() {
    let many = scale(10_000_000);
    let mut report = Report::default();
    let few = measure(FEW);
    let large = measure(many);
    let ms = |time: Duration| time.as_secs_f64() * 1_000.0;
    let ratio = large.start.as_secs_f64() / few.start.as_secs_f64();
    report.add(
        &format!("start to first paint at {many} messages"),
        format!("{:.1} ms", ms(large.start)),
        format!("at {FEW}: {:.1} ms", ms(few.start)),
        verdict(ratio <= 1.5, &format!("{ratio:.2} times, wanted 1.5")),
    );
    for ((name, times, bytes), (_, beside, _)) in large.keys.iter().zip(&few.keys) {
        let p99 = |times: &[Duration]| ms(times[(times.len() * 99 / 100).min(times.len() - 1)]);
        let middle = |times: &[Duration]| ms(times[times.len() / 2]);
        report.add(
            &format!("key to frame: {name}"),
            format!("p50 {:.1}, p99 {:.1} ms, {bytes} bytes", middle(times), p99(times)),
            format!("at {FEW}: p50 {:.1}, p99 {:.1} ms", middle(beside), p99(beside)),
            verdict(p99(times) <= 16.0, "p99 wanted 16 ms"),
        );
    }
    let minute = "idle for twenty seconds";
    report.add(
        minute,
        format!("{} bytes", large.idle_bytes),
        String::new(),
        verdict(large.idle_bytes < 200, "one small update"),
    );
    let ratio = large.memory as f64 / few.memory as f64;
    report.add(
        "resident memory",
        format!("{} MB", large.memory / 1_000_000),
        format!("at {FEW}: {} MB", few.memory / 1_000_000),
        verdict(ratio <= 1.2 && large.memory < 40_000_000, &format!("{ratio:.2} times, wanted 1.2 and 40 MB")),
    );
    report.print();
}

fn measure(messages: u64) -> Figures {
    let folder = tempfile::tempdir().expect("a folder");
    drop(make_messages(&folder.path().join("message.db"), messages, 0, Guids::Version7));
    process(&databases(folder.path()), true, false);
    let mut starts: Vec<_> = (0..STARTS).map(|_| start(folder.path()).0).collect();
    starts.sort_unstable();
    let (_, mut console) = start(folder.path());
    console.press("4").until("sessions", |screen| screen.contains("1-26 of"));
    let mut keys = Vec::new();
    let numbers = |screen: &str| screen.lines().nth(2).map(|line| line.chars().rev().take(34).collect::<String>());
    let cursor = |screen: &str| screen.lines().position(|line| line.starts_with('►'));
    let mut action = |name, key: &str, back: Option<&str>, seen: &dyn Fn(&str) -> String, presses: usize| {
        let (mut times, mut bytes) = (Vec::new(), Vec::new());
        for _ in 0..presses {
            let (before, sent) = (seen(&console.screen()), console.bytes().len());
            let since = Instant::now();
            console.press(key).until(name, |screen| seen(screen) != before);
            times.push(since.elapsed());
            // The detail pane follows, and is part of what the key costs.
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
        keys.push((name, times, bytes[bytes.len() / 2]));
    };
    action("one row", "j", None, &|screen| format!("{:?}", cursor(screen)), 20);
    action("a page", "\u{1b}[6~", None, &|screen| format!("{:?}", numbers(screen)), PRESSES);
    action("jump to the end", "G", Some("g"), &|screen| format!("{:?}", screen.lines().nth(4)), PRESSES / 2);
    let filtered =
        |screen: &str| screen.contains("Filter: ").to_string() + &format!("{:?}", screen.contains("reading"));
    action("filter by status", "/status:apply_failed\r", Some("\u{1b}\u{1b}"), &filtered, PRESSES / 4);
    let before = console.bytes().len();
    std::thread::park_timeout(Duration::from_secs(20));
    let idle_bytes = console.bytes().len() - before;
    let memory = resident(console.id());
    console.press("q").ends();
    Figures { start: starts[STARTS / 2], keys, idle_bytes, memory }
}

/// A console, and the time from its start to its first screen.
fn start(folder: &Path) -> (Duration, Terminal) {
    let since = Instant::now();
    let mut console = Terminal::open(folder, SIZE, &[]);
    console.shows("Needs attention");
    (since.elapsed(), console)
}

/// What a process holds now, in bytes.
fn resident(process: u32) -> u64 {
    let status =
        std::fs::read_to_string(Path::new("/proc").join(process.to_string()).join("status")).expect("it lives");
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("a figure");
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).expect("a number") * 1_024
}
