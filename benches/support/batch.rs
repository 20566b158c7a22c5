//! Benchmarks of the batch server: delay from due to started with many jobs, and the cost of an
//! idle server.

use super::{Report, at_most};
use cdx_console::batch::{JobSettings, Task};
use cdx_console::clock::{Clock, SystemClock};
use cdx_console::domain::{Seek, Timestamp};
use cdx_console::store::head_office::HistoryFilter;
use cdx_console::store::{Access, HeadOffice, Location, MessageDatabase};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Milliseconds between the starts of two jobs.
const INTERVAL_MS: i64 = 120;
/// How long an idle server is measured.
const IDLE: Duration = Duration::from_secs(20);

pub fn bench(report: &mut Report, jobs: u64) {
    let folder = tempfile::tempdir().expect("a folder");
    let location = |name: &str| Location::Sqlite(folder.path().join(name));
    drop(MessageDatabase::open(&location("message.db"), Access::Create).expect("a message database"));
    let office = HeadOffice::open(&location("head-office.db"), Access::Create).expect("head office");
    let mut server = server(folder.path());
    idle(report, &server);
    let first = SystemClock.now().0 + 2_000;
    for number in 0..i64::try_from(jobs).expect("small") {
        let settings = JobSettings {
            task: Task { transfer: true, purge: false },
            ..JobSettings::new(Timestamp(first + number * INTERVAL_MS))
        };
        office.submit_job(&settings, "bench").expect("submitted");
    }
    let rows = usize::try_from(jobs).expect("small");
    let mut delays = loop {
        std::thread::sleep(Duration::from_secs(1));
        let history = office.history_at(&HistoryFilter::default(), Seek::First, rows).expect("it reads");
        let started: Vec<_> = history.iter().filter_map(|row| Some(row.started_at?.since(row.scheduled_at))).collect();
        if started.len() == rows && history.iter().all(|row| row.ended_at.is_some()) {
            break started;
        }
    };
    server.kill().expect("it ends");
    server.wait().expect("it was there");
    delays.sort_unstable();
    let percentile = |percent: usize| delays[(delays.len() * percent / 100).min(delays.len() - 1)];
    report.add(
        &format!("due to started, {jobs} batch jobs, one every {INTERVAL_MS} ms"),
        format!("p50 {}, p99 {}, longest {} ms", percentile(50), percentile(99), percentile(100)),
        "the original: up to 120,000 ms".to_owned(),
        vec![at_most("ms p99", percentile(99) as f64, 1_000.0)],
    );
}

fn server(folder: &Path) -> Child {
    let url = |name: &str| format!("sqlite:{}", folder.join(name).display());
    Command::new(env!("CARGO_BIN_EXE_cdx"))
        .args(["batch-server", "--name", "bench"])
        .env("HOME", folder)
        .env("CDX_MESSAGE_DATABASE", url("message.db"))
        .env("CDX_HEAD_OFFICE", url("head-office.db"))
        .stderr(Stdio::null())
        .spawn()
        .expect("the server starts")
}

fn idle(report: &mut Report, server: &Child) {
    std::thread::sleep(Duration::from_secs(2));
    let before = wake_ups(server.id());
    std::thread::sleep(IDLE);
    #[allow(clippy::cast_precision_loss)] // a rate for people
    let rate = (wake_ups(server.id()) - before) as f64 / IDLE.as_secs_f64();
    let memory = number(&format!("/proc/{}/status", server.id()), "VmRSS:") / 1_024;
    report.add(
        "idle batch server",
        format!("{rate:.2} wake-ups a second, {memory} MB resident"),
        String::new(),
        vec![at_most("wake-ups a second", rate, 1.0), at_most("MB", memory as f64, 30.0)],
    );
}

/// Returns the voluntary context switches of all threads of a process.
fn wake_ups(process: u32) -> u64 {
    let threads = std::fs::read_dir(format!("/proc/{process}/task")).expect("the server is running");
    threads
        .map(|thread| {
            let path = thread.expect("a thread").path().join("status");
            number(&path.display().to_string(), "voluntary_ctxt_switches:")
        })
        .sum()
}

fn number(path: &str, name: &str) -> u64 {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    line.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or(0)
}
