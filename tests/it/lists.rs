//! The list commands: contents, order, and output formats for scripts.

use crate::support::Exchange;
use crate::support::messages::{APPLIED, APPLY_FAILED, download, now, upload};
use cdx_console::domain::{Direction, Seek, Timestamp};
use cdx_console::filter::{lists, parse};
use cdx_console::store::head_office::{MessageFilter, SessionFilter};
use cdx_console::store::message_database::NewMessage;
use cdx_console::store::{Access, HeadOffice};
use cdx_console::text::time::Zone;
use serde_json::Value;

const NO_DATA: i64 = 9;

/// An exchange with sessions of different ages, statuses and stores.
fn exchange() -> Exchange {
    let exchange = Exchange::new();
    let ago =
        |hours: i64, message: NewMessage| NewMessage { occurred_at: Timestamp(now().0 - hours * 3_600_000), ..message };
    let failed =
        |text: &str, message: NewMessage| NewMessage { message: Some(text.to_owned()), try_count: 2, ..message };
    exchange.post(&[
        ago(1, download(1, 10, "S0001", APPLIED)),
        ago(2, failed("Deadlock of process 71", download(2, 11, "S0001", APPLY_FAILED))),
        ago(3, failed("Deadlock of process 82", download(3, 11, "S0002", APPLY_FAILED))),
        ago(30, download(4, 9, "S0002", APPLIED)),
        ago(4, download(5, 12, "", NO_DATA)),
        ago(5, upload(6, 500, "S0001", APPLIED)),
        download(7, 1, "S0001", 42),
    ]);
    exchange.cdx(&["process"]).exits(3);
    exchange
}

fn numbers(exchange: &Exchange, args: &[&str]) -> Vec<i64> {
    let args = [args, &["--json"]].concat();
    let lines = exchange.cdx(&args).exits(0).json_lines();
    lines.iter().map(|line| line["session_number"].as_i64().expect("a number")).collect()
}

#[test]
fn sessions_are_listed_newest_first_by_what_was_asked_for() {
    let exchange = exchange();
    let list = |args: &[&str]| numbers(&exchange, &[&["sessions", "download"], args].concat());
    assert_eq!(list(&[]), [10, 11, 11, 9]);
    assert_eq!(list(&["--all"]), [10, 11, 11, 12, 9]);
    assert_eq!(list(&["--status", "no_data"]), [12]);
    assert_eq!(list(&["--status", "apply_failed"]), [11, 11]);
    assert_eq!(list(&["--status", "apply_failed,applied", "--store", "S0002"]), [11, 9]);
    assert_eq!(list(&["--since", "24h"]), [10, 11, 11]);
    assert_eq!(list(&["--since", "150m"]), [10, 11]);
    assert_eq!(list(&["--since", "2d"]), [10, 11, 11, 9]);
    assert_eq!(list(&["--since", "2020-01-01"]).len(), 4);
    assert_eq!(list(&["--since", "2020-01-01T00:00:00+02:00"]).len(), 4);
    assert_eq!(list(&["--job", "9999"]), [] as [i64; 0]);
    assert_eq!(numbers(&exchange, &["sessions", "upload"]), [500]);
}

#[test]
fn a_limited_list_says_so_and_an_empty_list_exits_with_0() {
    let exchange = exchange();
    let ran =
        exchange.cdx(&["sessions", "download", "--limit", "2", "--json"]).exits(0).says("only the newest 2 are shown");
    assert_eq!(ran.json_lines().len(), 2);
    let whole = exchange.cdx(&["sessions", "download", "--limit", "4", "--json"]).exits(0);
    assert_eq!(whole.stderr, "");
    for format in [&[][..], &["--json"], &["--csv"]] {
        exchange.cdx(&[&["sessions", "download", "--store", "nowhere"], format].concat()).exits(0);
    }
}

#[test]
fn a_session_has_the_keys_that_scripts_rely_on() {
    let exchange = exchange();
    let failed =
        exchange.cdx(&["sessions", "download", "--status", "apply_failed", "--store", "S0001", "--json"]).json();
    for key in [
        "direction",
        "session_number",
        "channel_database",
        "job_name",
        "channel_data_group",
        "distribution_schedule",
        "status",
        "message",
        "try_count",
        "round",
        "rows_affected",
        "file_size",
        "row_version",
        "data_path",
        "created_at",
        "modified_at",
        "requested_at",
        "downloaded_at",
        "uploaded_at",
        "applied_at",
        "last_error",
        "rerun",
        "rerun_for",
    ] {
        assert!(failed.get(key).is_some(), "no {key}: {failed}");
    }
    assert_eq!(failed["status"], "apply_failed");
    assert_eq!(failed["last_error"]["status"], "apply_failed");
    assert_eq!(failed["last_error"]["message"], "Deadlock of process 71");
    let at = failed["modified_at"].as_str().expect("text");
    assert!(at.len() == 24 && at.ends_with('Z') && at.as_bytes()[10] == b'T', "{at}");
    assert_eq!(failed["applied_at"], Value::Null);
}

#[test]
fn messages_errors_and_rejected_have_their_fields() {
    let exchange = exchange();
    let messages = exchange.cdx(&["messages", "--session", "11", "--json"]).exits(0).json_lines();
    assert_eq!(messages.len(), 2);
    assert_eq!(numbers(&exchange, &["messages", "--direction", "upload"]), [500]);
    let causes = exchange.cdx(&["errors", "--since", "24h", "--json"]).exits(0).json_lines();
    assert_eq!(causes.len(), 1, "numbers are masked, so both are of one cause: {causes:?}");
    assert_eq!((&causes[0]["errors"], &causes[0]["open"]), (&2.into(), &2.into()));
    assert_eq!(causes[0]["cause"], "Deadlock of process #");
    assert!(exchange.cdx(&["errors", "--since", "1h", "--json"]).exits(0).stdout.is_empty());
    let rejected = exchange.cdx(&["rejected", "--json"]).exits(0).json();
    assert_eq!(rejected["raw"]["status"], 42);
    assert!(rejected["reason"].as_str().expect("text").contains("42"));
}

#[test]
fn a_rejected_message_is_retried_and_dismissed() {
    let exchange = exchange();
    exchange.cdx(&["rejected", "retry", "--all"]).exits(3).says("42");
    assert_eq!(exchange.count("status_message"), 6);
    // As after an update of cdx that supports the status: the stored message is now valid.
    exchange.change_head_office("update rejected_message set raw = replace(raw, '\"status\":42', '\"status\":4')");
    exchange.cdx(&["rejected", "retry", "1"]).exits(0);
    assert_eq!(exchange.count("status_message"), 7);
    assert_eq!(exchange.count("rejected_message"), 0);
    assert_eq!(numbers(&exchange, &["sessions", "download", "--job", "1040"]), [1, 10, 11, 11, 9]);
    exchange.post(&[download(8, 1, "S0001", 43)]);
    exchange.cdx(&["process"]).exits(3);
    exchange.cdx(&["rejected", "dismiss", "--all"]).exits(0);
    assert_eq!(exchange.cdx(&["rejected", "--json"]).exits(0).stdout, "");
    assert_eq!(exchange.cdx(&["rejected", "--all", "--json"]).exits(0).json_lines().len(), 1);
}

#[test]
fn a_reader_may_close_the_pipe_early() {
    let exchange = exchange();
    let many: Vec<_> =
        (0..4_000).map(|number: i64| download(100 + number.unsigned_abs(), 1_000 + number, "S0003", APPLIED)).collect();
    exchange.post(&many);
    exchange.cdx(&["process"]).exits(0);
    for format in ["--json", "--csv", ""] {
        // The output is much larger than the pipe's buffer.
        let list = format!("{} sessions download --limit 4000 {format}", env!("CARGO_BIN_EXE_cdx"));
        let bash = |script: &str| {
            let mut command = std::process::Command::new("bash");
            command.args(["-o", "pipefail", "-c", script]).env("CDX_HEAD_OFFICE", exchange.office_url());
            crate::support::ran(&mut command).exits(0)
        };
        assert!(bash(&list).stdout.len() > 200_000);
        let read = bash(&format!("{list} | head -n 1"));
        assert_eq!((read.stdout.lines().count(), read.stderr.as_str()), (1, ""), "{format}");
    }
}

#[test]
fn parameters_and_doctor_print_the_current_values() {
    let exchange = exchange();
    exchange.cdx(&["parameters", "set", "retention-days", "45"]).exits(0);
    exchange.cdx(&["parameters", "set", "try-count", "5"]).exits(0);
    let parameters = exchange.cdx(&["parameters", "--json"]).exits(0).json();
    assert_eq!((&parameters["retention-days"], &parameters["try-count"]), (&45.into(), &5.into()));
    exchange.cdx(&["parameters", "set", "retention-days", "0"]).exits(0);
    assert!(exchange.cdx(&["parameters"]).exits(0).stdout.contains("kept for ever"));
    assert_eq!(exchange.count("operator_journal"), 3);
    let checks = exchange.cdx(&["doctor", "--full", "--json"]).exits(0).json_lines();
    for check in ["SQLite", "lease", "clocks", "rejected messages", "last run"] {
        assert!(checks.iter().any(|line| line["check"] == check), "no check of {check}: {checks:?}");
    }
}

#[test]
fn a_text_search_uses_the_partial_index() {
    let exchange = exchange();
    let many: Vec<_> =
        (0..500).map(|number: i64| download(100 + number.unsigned_abs(), 1_000 + number, "S0003", APPLIED)).collect();
    exchange.post(&many);
    exchange.cdx(&["process"]).exits(0);
    let office = HeadOffice::open(&exchange.databases().head_office, Access::ReadOnly).expect("head office");
    // A call examines ten rows. Three of five hundred have a text, and the index contains only
    // those.
    let terms = parse("text:\"process 82\"", lists::MESSAGES, Zone::Utc, crate::support::messages::now());
    let terms = terms.expect("understood");
    let filter = MessageFilter::default().with_terms(&terms);
    let (found, reached) = office.messages_searched(&filter, Seek::First, 5, 10).expect("it reads");
    assert_eq!((found.len(), reached), (1, None));
    let filter = SessionFilter::new(Direction::Download).with_terms(&terms);
    let (found, reached) = office.sessions_searched(&filter, Seek::First, 5, 10).expect("it reads");
    assert_eq!((found.len(), reached), (1, None));
}

crate::support::engines::on_postgres!(
    a_text_search_uses_the_partial_index,
    sessions_are_listed_newest_first_by_what_was_asked_for,
    a_limited_list_says_so_and_an_empty_list_exits_with_0,
    a_session_has_the_keys_that_scripts_rely_on,
    messages_errors_and_rejected_have_their_fields,
    a_rejected_message_is_retried_and_dismissed,
    a_reader_may_close_the_pipe_early,
    parameters_and_doctor_print_the_current_values,
);
