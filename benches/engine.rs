//! Benchmarks of the engine: speed and memory, each with a reference measured in the same run.
//!
//! `cargo bench` prints the table, `cargo bench -- --quick` uses a tenth of the rows, and `--
//! transfer` runs only benchmarks whose name contains that word. `support/report.rs` has the other
//! arguments.

#![allow(clippy::expect_used, clippy::print_stdout)] // a benchmark aborts on errors and prints its table
#![allow(clippy::cast_precision_loss)] // figures for people

mod support;

use support::{Report, scale};

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with("--")).collect();
    let run = |name: &str| wanted.is_empty() || wanted.iter().any(|word| name.contains(word.as_str()));
    let mut report = Report::new("engine");
    let rows = scale(1_000_000);
    if run("transfer") {
        support::transfer::bench(&mut report, rows);
    }
    if run("agent") {
        support::agent::bench(&mut report, rows);
    }
    if run("purge") {
        support::purge::bench(&mut report, rows);
    }
    if run("many") {
        support::many::bench(&mut report, scale(10_000_000));
    }
    if run("post") {
        support::post::bench(&mut report, rows);
    }
    if run("batch") {
        support::batch::bench(&mut report, scale(1_000));
    }
    if run("postgres") {
        support::postgres::bench(&mut report, rows);
    }
    if run("postgres_purge") {
        support::postgres_purge::bench(&mut report, rows);
    }
    report.finish();
}
