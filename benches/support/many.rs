//! Scaling of the real program: rate and memory with a thousand times more messages.

use super::{Guids, Report, at_least, at_most, make_messages, rate};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

/// Messages of the small case.
const FEW: u64 = 10_000;
/// Repetitions of the small case, of which the best counts, since it is very short.
const REPETITIONS: usize = 5;

pub fn bench(report: &mut Report, rows: u64) {
    let best = (0..REPETITIONS).map(|_| measure(FEW)).min_by(|a, b| a.0.total_cmp(&b.0)).expect("some");
    let (many, memory) = measure(rows);
    let ratio = rate(rows, many) / rate(FEW, best.0);
    report.add(
        &format!("cdx process with {rows} waiting messages, version 7 GUIDs"),
        format!("{:.0}/s, {memory} MB resident", rate(rows, many)),
        format!("with {FEW}: {:.0}/s, {} MB", rate(FEW, best.0), best.1),
        vec![
            at_least("of its rate", ratio, 0.8),
            at_most("MB", memory as f64, 60.0),
            at_most("MB with few", best.1 as f64, 60.0),
        ],
    );
}

/// Returns the seconds of a run and its peak memory in MB.
fn measure(rows: u64) -> (f64, u64) {
    let folder = tempfile::tempdir().expect("a folder");
    drop(make_messages(&folder.path().join("message.db"), rows, 0, Guids::Version7));
    let url = |name: &str| format!("sqlite:{}", folder.path().join(name).display());
    run_program(&url("message.db"), &url("head-office.db"))
}

/// Runs `cdx process` and returns the seconds and the peak memory in MB.
pub fn run_program(message_database: &str, head_office: &str) -> (f64, u64) {
    run_command(&["process", "--head-office", head_office, "--message-database", message_database])
}

/// Runs any command and returns the seconds and the peak memory in MB.
pub fn run_command(args: &[&str]) -> (f64, u64) {
    let since = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_cdx"))
        .args(args)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let mut memory = 0;
    let status = loop {
        memory = memory.max(peak(child.id()).unwrap_or(0));
        if let Some(status) = child.try_wait().expect("the child is known") {
            break status;
        }
        std::thread::park_timeout(std::time::Duration::from_millis(3));
    };
    let seconds = since.elapsed().as_secs_f64();
    assert!(status.success(), "the run failed: {status}");
    (seconds, memory)
}

/// Returns the peak resident memory of a process in MB (10^6 bytes).
fn peak(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(Path::new("/proc").join(process.to_string()).join("status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib * 1_024 / 1_000_000)
}
