//! Neither an open console nor a batch server grows over many runs: memory, file handles,
//! write-ahead logs.
//!
//! `CDX_SOAK` sets the number of runs. The default is 90 with a console and 15 with a batch server,
//! which looks for due jobs once a second.

use crate::support::child::Running;
use crate::support::messages::applied_sessions;
use crate::support::terminal::Terminal;
use crate::support::{Exchange, foreign, wait_until};

fn runs(default: u64) -> u64 {
    std::env::var("CDX_SOAK").ok().and_then(|number| number.parse().ok()).unwrap_or(default)
}

/// Batch jobs of the server, which run one after another.
const JOBS: u64 = 5;

/// A write-ahead log larger than this was not reset; a transfer's chunk writes less.
const LOG_LIMIT: u64 = 16 << 20;

fn log_sizes(exchange: &Exchange) -> [u64; 2] {
    let size = |name| std::fs::metadata(exchange.path(name)).map_or(0, |about| about.len());
    ["head-office.db-wal", "message.db-wal"].map(size)
}

/// Returns the resident memory in KiB.
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
    let runs = runs(90);
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
        console.press(["4j1", "jG6", "1g4"][usize::try_from(run % 3).expect("small")]);
        let logs = log_sizes(&exchange);
        assert!(logs.iter().all(|size| *size < LOG_LIMIT), "{logs:?} bytes after run {run}");
        if run == runs / 3 {
            warm = (memory(console.id()), handles(console.id()));
        }
    }
    let end = memory(console.id());
    assert!(end < warm.0 + 6 * 1_024, "{} KiB after a third of the runs, {end} KiB at the end", warm.0);
    wait_until("no more handles are open than before", || handles(console.id()) <= warm.1);
}

#[test]
fn a_batch_server_does_not_grow_over_many_runs_nor_do_the_logs_beside_a_reader() {
    let rounds = runs(15).div_ceil(JOBS);
    let exchange = Exchange::of(crate::support::engines::Engines::Sqlite);
    exchange.post(&applied_sessions(1, 1..200));
    exchange.cdx(&["process"]).exits(0);
    for _ in 0..JOBS {
        exchange.cdx(&["batch", "submit", "--recurrence", "every 1 minute"]).exits(0);
    }
    let server = Running::start(&mut exchange.command(&["batch-server", "--name", "aos-1"]));
    // A write-ahead log cannot be reset while a reader holds a snapshot of it. This reader pauses
    // for one round in five.
    let reader = foreign(&exchange.head_office());
    let snapshot = "begin; select count(*) from run";
    reader.execute_batch(snapshot).expect("a snapshot");
    let mut warm = (0, 0);
    let number = |sql| exchange.at_head_office(sql)[0].parse::<u64>().expect("a count");
    for round in 0..rounds {
        let session = 1_000 + i64::try_from(round).expect("small") * 10;
        exchange.post(&applied_sessions(1_000_000 + round * 100, session..session + 10));
        let ended = || number("select count(*) from run where outcome = 'ended'");
        let before = ended();
        exchange
            .change_head_office("update batch_job set next_start = created_at, due_at = created_at where status = 1");
        wait_until("the batch server has run every job", || {
            ended() >= before + JOBS && number("select count(*) from batch_job where status = 1") == JOBS
        });
        let logs = log_sizes(&exchange);
        assert!(logs.iter().all(|size| *size < LOG_LIMIT), "{logs:?} bytes after round {round}");
        match round % 5 {
            3 => reader.execute_batch("commit").expect("no snapshot during one round"),
            4 => reader.execute_batch(snapshot).expect("a later snapshot"),
            _ => {}
        }
        if round == rounds / 3 {
            warm = (memory(server.id()), handles(server.id()));
        }
    }
    let end = memory(server.id());
    assert!(end < warm.0 + 6 * 1_024, "{} KiB after a third of the rounds, {end} KiB at the end", warm.0);
    wait_until("no more handles are open than before", || handles(server.id()) <= warm.1);
    let read = exchange.at_head_office("select count(*) from status_message");
    assert_eq!(exchange.posted("select count(*) from status_message"), read);
    server.signal("TERM");
    server.finish().exits(0);
}
