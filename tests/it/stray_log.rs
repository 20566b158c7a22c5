//! After a kill or a power cut, the next command accepts a database and its write-ahead log as
//! belonging together.
//!
//! Tests a sample of the writes; with `CDX_SWEEP=all` every write.

use crate::support::fault::{Fault, Kind};
use crate::support::messages::applied_sessions;
use crate::support::{Exchange, ran};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};

fn process(exchange: &Exchange) -> Command {
    let mut command = exchange.command(&["process", "--no-purge"]);
    command.stdin(Stdio::null());
    command
}

/// An exchange after a run, with new messages waiting.
fn waiting() -> Exchange {
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 1..40));
    ran(&mut process(&exchange)).exits(0);
    exchange.post(&applied_sessions(1_000, 100..140));
    exchange
}

fn copy_of(exchange: &Exchange) -> Exchange {
    let copy = Exchange::new();
    for name in ["head-office.db", "message.db"] {
        std::fs::copy(exchange.path(name), copy.path(name)).expect("copied");
    }
    copy
}

#[test]
fn a_power_cut_at_any_write_leaves_no_stray_log() {
    let before = waiting();
    let disturbed = |at, kind, exchange: &Exchange| Fault::nth(at, kind).on("*.db*").run(&mut process(exchange));
    let calls = disturbed(u64::MAX, Kind::Kill, &copy_of(&before)).calls;
    assert!(calls > 10, "{calls}");
    let all = std::env::var("CDX_SWEEP").is_ok_and(|value| value == "all");
    let (stride, cases) = if all { (1, calls) } else { (calls.div_ceil(40), 40) };
    let kinds = [Kind::Kill, Kind::Torn, Kind::PowerCut];
    let next = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let case = next.fetch_add(1, Ordering::SeqCst);
                    let Some(kind) = kinds.get(usize::try_from(case / cases).expect("small")) else { return };
                    let exchange = copy_of(&before);
                    // The second fault hits what the first one left.
                    let mut disturbed_calls = Vec::new();
                    for at in [1 + case % cases * stride, fastrand::Rng::with_seed(case).u64(1..=calls)] {
                        let faulted = disturbed(at, *kind, &exchange);
                        assert!(
                            !faulted.ran.stderr.contains("does not fit"),
                            "{kind:?} {disturbed_calls:?}: {faulted:?}"
                        );
                        disturbed_calls.push((at, faulted.met));
                    }
                    let recovered = ran(&mut process(&exchange));
                    assert!([0, 3].contains(&recovered.code), "{kind:?} {disturbed_calls:?}: {recovered:?}");
                    assert_eq!(exchange.at_head_office("select count(distinct session_number) from session"), ["79"]);
                }
            });
        }
    });
}
