//! Latency of an agent that posts a message every 5 ms: alone, during a transfer, while a plain
//! file is written at the same rate, and during a purge.

use super::{Guids, Report, at_most, make_messages, message, open, process};
use cdx_console::cancel::Cancel;
use cdx_console::clock::{Clock, SystemClock};
use cdx_console::engine::Databases;
use cdx_console::store::{Access, Location, MessageDatabase};
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

/// Interval between posts.
const INTERVAL: Duration = Duration::from_millis(5);
/// Posts measured without other load.
const ALONE: usize = 2_000;

/// Latencies, sorted.
struct Latencies(Vec<Duration>);

impl Latencies {
    fn percentile(&self, percent: usize) -> f64 {
        let index = (self.0.len() * percent / 100).min(self.0.len() - 1);
        self.0[index].as_secs_f64() * 1_000.0
    }

    fn figure(&self) -> String {
        format!(
            "p50 {:.2}, p99 {:.2}, longest {:.1} ms of {} posts",
            self.percentile(50),
            self.percentile(99),
            self.percentile(100),
            self.0.len()
        )
    }
}

pub fn bench(report: &mut Report, rows: u64) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("message.db");
    drop(make_messages(&path, rows, rows / 2, Guids::Version7));
    let alone = alone(&path);
    report.add(
        "agent posting every 5 ms, alone",
        alone.figure(),
        String::new(),
        vec![open("ms p99", alone.percentile(99))],
    );
    let since = (Instant::now(), bytes_written());
    let (_, waits) = during(&path, || process(&Databases::in_folder(folder.path()), true, false));
    let (took, bytes) = (since.0.elapsed(), bytes_written() - since.1);
    let limit = (alone.percentile(99) * 2.0).max(1.0);
    report.add(
        &format!("the same during the transfer of {rows} messages"),
        waits.figure(),
        format!("alone p99 {:.2} ms", alone.percentile(99)),
        vec![at_most("ms p99", waits.percentile(99), limit), at_most("ms longest", waits.percentile(100), 100.0)],
    );
    let ((), waits) = during(&path, || write_plain_file(&folder.path().join("plain"), bytes, took));
    report.add(
        "the same while a plain file is written like the transfer",
        waits.figure(),
        format!("{} MB in {:.1} s, durable every two seconds", bytes >> 20, took.as_secs_f64()),
        vec![open("ms p99", waits.percentile(99)), open("ms longest", waits.percentile(100))],
    );
    let ((run, _), waits) = during(&path, || process(&Databases::in_folder(folder.path()), false, true));
    report.add(
        &format!("the same during a purge of {} rows", run.purged.total()),
        waits.figure(),
        format!("alone p99 {:.2} ms", alone.percentile(99)),
        vec![at_most("ms p99", waits.percentile(99), 4.0), at_most("ms longest", waits.percentile(100), 100.0)],
    );
}

/// Runs `work` and measures the latencies of an agent meanwhile.
fn during<T>(path: &Path, work: impl FnOnce() -> T) -> (T, Latencies) {
    let stop = Cancel::new();
    std::thread::scope(|scope| {
        let agent = scope.spawn(|| post_until(path, usize::MAX, &stop));
        let done = work();
        stop.trip();
        (done, agent.join().expect("the agent ends"))
    })
}

/// Returns the bytes that this process has written to disk.
fn bytes_written() -> u64 {
    let io = std::fs::read_to_string("/proc/self/io").expect("Linux");
    let bytes = io.lines().find_map(|line| line.strip_prefix("write_bytes: ")).expect("a count");
    bytes.parse().expect("a number")
}

/// Writes the same bytes in the same time as the transfer, synced as often as its chunks: the cost
/// of the disk alone.
fn write_plain_file(path: &Path, bytes: u64, took: Duration) {
    let mut file = std::fs::File::create(path).expect("a file");
    let (since, mut durable) = (Instant::now(), Instant::now());
    let piece = vec![1; 1 << 20];
    let pieces = u32::try_from(bytes >> 20).unwrap_or(u32::MAX).max(1);
    for number in 1..=pieces {
        file.write_all(&piece).expect("written");
        if durable.elapsed() >= Duration::from_secs(2) {
            file.sync_data().expect("durable");
            durable = Instant::now();
        }
        let due = took.mul_f64(f64::from(number) / f64::from(pieces));
        Cancel::new().sleep(due.saturating_sub(since.elapsed()));
    }
    file.sync_data().expect("durable");
}

fn alone(path: &Path) -> Latencies {
    post_until(path, ALONE, &Cancel::new())
}

fn post_until(path: &Path, most: usize, stop: &Cancel) -> Latencies {
    let database = MessageDatabase::open(&Location::Sqlite(path.to_owned()), Access::Existing).expect("it is there");
    let mut rng = fastrand::Rng::new();
    let mut waits = Vec::new();
    while waits.len() < most && !stop.sleep(INTERVAL) {
        let number = 4_000_000_000 + waits.len() as u64;
        let message = message(number, SystemClock.now(), Guids::Random, &mut rng);
        let since = Instant::now();
        database.post(&[message]).expect("it is stored");
        waits.push(since.elapsed());
    }
    waits.sort_unstable();
    Latencies(waits)
}
