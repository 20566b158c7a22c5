//! A console that stays open while the exchange is busy does not grow: memory, file handles, write-ahead logs.
//!
//! `CDX_SOAK` is the number of runs, 90 by default.

use crate::support::messages::applied_sessions;
use crate::support::terminal::Terminal;
use crate::support::{Exchange, wait_until};

/// Memory in KiB.
fn memory(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

fn handles(process: u32) -> usize {
    std::fs::read_dir(format!("/proc/{process}/fd")).expect("it runs").count()
}

#[test]
fn a_console_left_open_on_a_busy_exchange_does_not_grow() {
    let runs: u64 = std::env::var("CDX_SOAK").ok().and_then(|number| number.parse().ok()).unwrap_or(90);
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 1..500));
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    let mut console = Terminal::open(exchange.folder(), (120, 40), &[]);
    console.shows("Overview");
    let mut warm = (0, 0);
    for run in 0..runs {
        let session = 1_000 + i64::try_from(run).expect("small") * 10;
        exchange.post(&applied_sessions(1_000_000 + run * 100, session..session + 10));
        exchange.cdx(&["process", "--no-purge"]).exits(0);
        console.press(["4", "j", "G", "1", "g", "6"][usize::try_from(run % 6).expect("small")]);
        for database in ["head-office.db-wal", "message.db-wal"] {
            let size = std::fs::metadata(exchange.path(database)).map_or(0, |about| about.len());
            assert!(size < 16 << 20, "{database} has {size} bytes after run {run}");
        }
        if run == runs / 3 {
            warm = (memory(console.id()), handles(console.id()));
        }
    }
    let end = memory(console.id());
    assert!(end < warm.0 + 6 * 1_024, "{} KiB after a third of the runs, {end} KiB at the end", warm.0);
    wait_until("no more handles are open than before", || handles(console.id()) <= warm.1);
}
