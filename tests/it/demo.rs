//! The demo exchange.

use crate::support::Exchange;

#[test]
fn the_demo_creates_an_exchange_runs_the_job_and_prints_the_result() {
    let exchange = Exchange::new();
    let folder = exchange.path("demo");
    let folder = folder.to_str().expect("a plain path");
    let args = ["demo", "--dir", folder, "--messages", "20000", "--seed", "7"];
    let ran = exchange.cdx(&args).exits(0);
    assert!(ran.stdout.contains("Run 2 ended"), "{ran:?}");
    assert!(ran.stdout.contains("by cause"), "{ran:?}");
    assert!(!ran.stdout.contains('\u{1b}'), "{ran:?}");
    let office = format!("sqlite:{folder}/head-office.db");
    let sessions = exchange.cdx(&["--head-office", &office, "sessions", "download", "--json"]).exits(0).json_lines();
    assert!(sessions.len() > 500);
    let failed = exchange.cdx(&["--head-office", &office, "errors", "--since", "24h", "--json"]).exits(0).json_lines();
    assert!(failed.len() >= 4, "{failed:?}");
    assert!(failed.iter().any(|cause| cause["open"] != 0));
    let messages = format!("sqlite:{folder}/message.db");
    let again =
        exchange.cdx(&["--head-office", &office, "--message-database", &messages, "process", "--json"]).exits(0).json();
    assert_eq!(again["read"], 0);
    // A second demo replaces the first.
    exchange.cdx(&args).exits(0);
}

#[test]
fn a_real_exchange_is_never_replaced_by_a_demo() {
    let exchange = Exchange::new();
    exchange.cdx(&["process"]).exits(0);
    let folder = exchange.folder().to_str().expect("a plain path");
    exchange.cdx(&["demo", "--dir", folder]).exits(2).says("contains databases that are not a demo");
    assert_eq!(exchange.count("run"), 1);
}
