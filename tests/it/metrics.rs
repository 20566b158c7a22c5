//! `cdx metrics`: figures that a monitoring system accepts and that agree with the databases.

use crate::support::Exchange;
use crate::support::messages::{APPLY_FAILED, applied_sessions, download, upload};
use cdx_console::store::message_database::NewMessage;
use std::io::Write;
use std::process::{Command, Stdio};

fn sample<'a>(text: &'a str, series: &str) -> &'a str {
    let found = text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    found.unwrap_or_else(|| panic!("no sample of {series} in\n{text}"))
}

#[test]
fn promtool_accepts_the_metrics_and_they_agree_with_the_databases() {
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 1..30));
    let failed = download(901, 901, "S0001", APPLY_FAILED);
    let text = "Cannot open \"C:\\packages\\7\"\nof S0001".to_owned();
    exchange.post(&[NewMessage { message: Some(text), ..failed }, upload(902, 902, "S0002", 2)]);
    exchange.cdx(&["process"]).exits(0);
    exchange.post(&applied_sessions(1_000, 1_000..1_002));

    let text = exchange.cdx(&["metrics"]).exits(0).stdout;
    let mut promtool = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("promtool is installed (tests/run installs it)");
    promtool.stdin.take().expect("piped").write_all(text.as_bytes()).expect("written");
    let checked = promtool.wait_with_output().expect("it ends");
    assert!(checked.status.success() && checked.stderr.is_empty(), "{checked:?}\n{text}");

    let applied = exchange.at_head_office("select count(*) from session where direction = 0 and status = 4")[0].clone();
    let series = "cdx_sessions{direction=\"download\",status=\"applied\"}";
    assert_eq!(sample(&text, series), applied);
    assert_eq!(sample(&text, "cdx_sessions_failed{direction=\"download\"}"), "1");
    assert_eq!(sample(&text, "cdx_sessions_failed{direction=\"upload\"}"), "0");
    assert_eq!(sample(&text, "cdx_messages_waiting"), "6");
    assert_eq!(sample(&text, "cdx_last_run_success"), "1");
    assert_eq!(sample(&text, "cdx_last_run_messages{result=\"rejected\"}"), "0");
    let causes: Vec<_> = text.lines().filter(|line| line.starts_with("cdx_cause_open_sessions{")).collect();
    assert!(causes.len() == 1 && causes[0].ends_with("\"} 1"), "{causes:?}");
    assert!(sample(&text, "cdx_status_age_seconds").parse::<f64>().is_ok_and(|age| age >= 0.0));
}

#[test]
fn a_database_that_is_missing_is_named_and_not_created() {
    let exchange = Exchange::of(crate::support::mixture::Mixture::Sqlite);
    exchange.cdx(&["metrics"]).exits(1).says("head-office.db");
    assert!(!exchange.head_office().exists());
}

crate::support::mixture::on_postgres!(promtool_accepts_the_metrics_and_they_agree_with_the_databases);
