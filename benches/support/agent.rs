//! How long an agent waits that posts one message every 5 ms: alone, beside a transfer, beside a purge.

use super::{Guids, Report, databases, make_messages, message, process, verdict};
use cdx_console::cancel::Cancel;
use cdx_console::clock::{Clock, SystemClock};
use cdx_console::store::{Access, Location, MessageDatabase};
use std::path::Path;
use std::time::{Duration, Instant};

/// Between two posts.
const EVERY: Duration = Duration::from_millis(5);
/// Posts that are measured alone.
const ALONE: usize = 2_000;

/// Waiting times, sorted.
struct Waits(Vec<Duration>);

impl Waits {
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
    report.add("agent posting every 5 ms, alone", alone.figure(), String::new(), String::new());
    let beside = |purge: bool| {
        let stop = Cancel::new();
        std::thread::scope(|scope| {
            let agent = scope.spawn(|| post_until(&path, usize::MAX, &stop));
            let (run, _) = process(&databases(folder.path()), !purge, purge);
            stop.trip();
            (run, agent.join().expect("the agent ends"))
        })
    };
    let (_, waits) = beside(false);
    let limit = (alone.percentile(99) * 2.0).max(1.0);
    report.add(
        &format!("the same during the transfer of {rows} messages"),
        waits.figure(),
        format!("alone p99 {:.2} ms", alone.percentile(99)),
        verdict(
            waits.percentile(99) <= limit && waits.percentile(100) <= 100.0,
            &format!("p99 wanted {limit:.2} ms, nothing over 100 ms"),
        ),
    );
    let (run, waits) = beside(true);
    report.add(
        &format!("the same during a purge of {} rows", run.purged.total()),
        waits.figure(),
        format!("alone p99 {:.2} ms", alone.percentile(99)),
        verdict(
            waits.percentile(99) <= 10.0 && waits.percentile(100) <= 250.0,
            "p99 wanted 10 ms, nothing over 250 ms",
        ),
    );
}

fn alone(path: &Path) -> Waits {
    post_until(path, ALONE, &Cancel::new())
}

fn post_until(path: &Path, most: usize, stop: &Cancel) -> Waits {
    let database = MessageDatabase::open(&Location::Sqlite(path.to_owned()), Access::Existing).expect("it is there");
    let mut rng = fastrand::Rng::new();
    let mut waits = Vec::new();
    while waits.len() < most && !stop.sleep(EVERY) {
        let number = 4_000_000_000 + waits.len() as u64;
        let message = message(number, SystemClock.now(), Guids::Random, &mut rng);
        let since = Instant::now();
        database.post(&[message]).expect("it is stored");
        waits.push(since.elapsed());
    }
    waits.sort_unstable();
    Waits(waits)
}
