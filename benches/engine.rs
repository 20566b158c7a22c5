//! The engine's speed and memory, each beside the limit it is held against, in one run on one machine.
//!
//! `cargo bench` prints the table; `cargo bench -- --quick` does it with a tenth of the rows; `-- transfer` only the rows whose
//! name contains that word.

#![allow(clippy::expect_used, clippy::print_stdout)] // a bench that cannot go on says so and stops; its table is its output

mod support;

use support::{Report, scale};

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with("--")).collect();
    let run = |name: &str| wanted.is_empty() || wanted.iter().any(|word| name.contains(word.as_str()));
    let mut report = Report::default();
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
        support::postgres_purge::bench(&mut report, rows);
    }
    report.print();
}
