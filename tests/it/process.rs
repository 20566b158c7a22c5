//! `cdx process`: the summary of a run, dry runs, and when the purge is held or refused.

use crate::support::Exchange;
use crate::support::child::Running;
use crate::support::messages::{APPLIED, APPLY_FAILED, applied_sessions, download, now, upload};
use serde_json::{Value, json};

#[test]
fn json_output_is_one_object_with_all_keys_in_every_outcome() {
    let exchange = Exchange::new();
    let keys = [
        "run_id",
        "trigger",
        "outcome",
        "read",
        "inserted",
        "repeated",
        "rejected",
        "sessions_changed",
        "purged",
        "kept_unresolved",
        "started_at",
        "ended_at",
        "notices",
    ];
    let check = |run: &Value| {
        for key in keys {
            assert!(run.get(key).is_some(), "no {key}: {run}");
        }
        let sum =
            ["inserted", "repeated", "rejected"].iter().map(|key| run[key].as_i64().expect("a number")).sum::<i64>();
        assert_eq!(run["read"], sum);
        assert!(run["purged"]["message_database"].is_object() && run["purged"]["head_office"].is_object());
    };
    exchange.post(&[download(1, 1, "S0001", APPLIED), download(2, 1, "S0001", 99)]);
    let run = exchange.cdx(&["process", "--json"]).exits(3).json();
    check(&run);
    assert_eq!((&run["trigger"], &run["outcome"], &run["rejected"]), (&json!("command"), &json!("ended"), &json!(1)));
    let run = exchange.cdx(&["--json", "process"]);
    assert_eq!(run.code, 2, "--json belongs to the command");
    let run = exchange.cdx(&["process", "--no-purge", "--json"]).exits(0).json();
    check(&run);
    assert_eq!((&run["purged"]["head_office"], &run["kept_unresolved"]), (&json!({}), &json!(0)));
    let dry = exchange.cdx(&["process", "--dry-run", "--json"]).exits(0).json();
    check(&dry);
    assert_eq!((&dry["dry_run"], &dry["waiting"]), (&json!(true), &json!(0)));
    assert!(dry["would_purge"]["head_office"].is_object());
}

#[test]
fn the_summary_line_adds_up() {
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 0..500));
    let ran = exchange.cdx(&["process"]).exits(0);
    assert_eq!(
        ran.stdout,
        "Run 1 ended: 1,500 read = 1,500 inserted + 0 repeated + 0 rejected; 500 sessions changed; 0 rows purged\n"
    );
    assert_eq!(ran.stderr, "", "a short run prints no progress");
}

#[test]
fn expired_sessions_are_purged_and_unresolved_ones_kept() {
    let exchange = Exchange::new();
    exchange.post_days_ago(40, &applied_sessions(1, 0..100));
    exchange.post_days_ago(40, &[upload(9_001, 700, "S0001", 2), download(9_002, 701, "S0001", APPLY_FAILED)]);
    exchange.post_days_ago(20, &applied_sessions(1_001, 200..300));
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    let dry = exchange.cdx(&["process", "--dry-run", "--json"]).exits(0).json();
    assert_eq!(dry["would_purge"]["message_database"]["status_message"]["rows"], 302);
    assert_eq!(dry["would_purge"]["head_office"]["status_message"]["rows"], 300);
    assert_eq!(dry["would_purge"]["head_office"]["session"]["rows"], 100);
    assert_eq!((&dry["kept_unresolved"], &dry["purge_rows"]), (&json!(2), &json!(702)));
    let run = exchange.cdx(&["process", "--no-transfer", "--json"]).exits(0).json();
    assert_eq!(
        run["purged"],
        json!({"message_database": {"status_message": 302}, "head_office": {"status_message": 300, "session": 100}, "trash": {}})
    );
    assert_eq!(run["kept_unresolved"], 2);
    assert_eq!(exchange.count("session_tombstone"), 100);
    assert_eq!(exchange.count("session"), 102);
    assert_eq!(exchange.posted("select count(*) from status_message"), ["300"]);
    // A late message for a purged session is rejected with the reason.
    exchange.post(&[download(9_003, 5, "S0005", APPLIED)]);
    exchange.cdx(&["process"]).exits(3);
    assert!(exchange.at_head_office("select reason from rejected_message")[0].starts_with("session purged on "));
}

#[test]
fn a_wrong_store_clock_does_not_affect_the_purge() {
    let exchange = Exchange::new();
    let mut wrong = download(1, 1, "S0001", APPLIED);
    wrong.occurred_at = now().minus_days(4_000);
    exchange.post(&[wrong]);
    let mut ahead = download(2, 2, "S0001", APPLIED);
    ahead.occurred_at = now().minus_days(-4_000);
    exchange.post_days_ago(31, &[ahead]);
    exchange.post(&[download(3, 3, "S0001", APPLIED)]);
    exchange.cdx(&["process"]).exits(0);
    assert_eq!(exchange.at_head_office("select session_number from session order by 1"), ["1", "3"]);
}

#[test]
fn retention_0_keeps_everything_and_says_so() {
    let exchange = Exchange::new();
    exchange.cdx(&["process"]).exits(0);
    exchange.cdx(&["parameters", "set", "retention-days", "0"]).exits(0);
    exchange.post_days_ago(9_000, &applied_sessions(1, 0..10));
    exchange.cdx(&["process"]).exits(0);
    assert_eq!(exchange.count("session"), 10);
    assert!(exchange.cdx(&["process", "--dry-run"]).exits(0).stdout.contains("kept for ever"));
}

#[test]
fn a_purge_over_the_limit_is_held_while_the_transfer_runs() {
    let exchange = Exchange::new();
    exchange.post_days_ago(40, &applied_sessions(1, 0..10));
    exchange.cdx(&["process"]).exits(0);
    exchange.post_days_ago(20, &applied_sessions(100_001, 1_000..3_000));
    exchange.cdx(&["parameters", "set", "retention-days", "15"]).exits(0);
    let held = exchange.cdx(&["process", "--json"]).exits(0).says("purge held").json();
    assert_eq!((&held["inserted"], &held["outcome"]), (&json!(6_000), &json!("ended")));
    assert_eq!(held["purged"], json!({"message_database": {}, "head_office": {}, "trash": {}}));
    assert!(held["notices"][0].as_str().expect("a notice").contains("retention was lowered from 30 to 15 days"));
    let rows = exchange.cdx(&["process", "--dry-run", "--json"]).json()["purge_rows"].as_i64().expect("a number");
    assert!(rows > 10_000);
    let less = (rows - 1).to_string();
    exchange.cdx(&["process", "--confirm-purge", &less]).exits(1).says("more than the");
    assert_eq!(exchange.count("session"), 2_000);
    exchange.cdx(&["process", "--confirm-purge", &rows.to_string()]).exits(0);
    assert_eq!(exchange.count("session"), 0);
}

#[test]
fn untrusted_clocks_refuse_the_purge_but_not_the_transfer() {
    let exchange = Exchange::new();
    exchange.post_days_ago(40, &applied_sessions(1, 0..10));
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    // As if that run had taken place while the clock was ahead.
    exchange.change_head_office("update run set started_at = started_at + 86400000, ended_at = ended_at + 86400000");
    exchange.post(&[download(900, 900, "S0001", APPLIED)]);
    let run = exchange.cdx(&["process", "--json"]).exits(1).says("before the last run").says("--force").json();
    assert_eq!((&run["outcome"], &run["inserted"]), (&json!("error"), &json!(1)));
    assert_eq!(exchange.count("session"), 11);
    exchange.cdx(&["process", "--force"]).exits(0);
    assert_eq!(exchange.count("session"), 1);
}

#[test]
fn an_interrupt_finishes_the_chunk_and_the_next_run_continues() {
    for signal in ["INT", "TERM", "HUP"] {
        let exchange = Exchange::new();
        exchange.post(&applied_sessions(1, 0..30_000));
        let running = Running::start(&mut exchange.command(&["process", "--json"]));
        exchange.wait_for_a_chunk();
        running.signal(signal);
        let run = running.finish().exits(130).json();
        assert_eq!(run["outcome"], "canceled");
        let read = run["read"].as_i64().expect("a number");
        assert!((1..90_000).contains(&read), "{read} read before {signal}");
        assert_eq!(exchange.count("status_message"), read);
        let rest = exchange.cdx(&["process", "--json"]).exits(0).json();
        assert_eq!(rest["read"], 90_000 - read);
        assert_eq!(exchange.count("status_message"), 90_000);
        assert_eq!(exchange.at_head_office("select outcome from run order by run_id"), ["canceled", "ended"]);
    }
}

#[test]
fn a_missing_message_database_is_an_error_and_not_recreated() {
    let exchange = Exchange::new();
    exchange.post(&[download(1, 1, "S0001", APPLIED)]);
    exchange.cdx(&["process"]).exits(0);
    std::fs::rename(exchange.message_database(), exchange.path("moved.db")).expect("moved");
    exchange.cdx(&["process"]).exits(1).says("does not exist");
    assert!(!exchange.message_database().exists());
}

crate::support::engines::on_all_engines!(
    json_output_is_one_object_with_all_keys_in_every_outcome,
    expired_sessions_are_purged_and_unresolved_ones_kept,
    a_wrong_store_clock_does_not_affect_the_purge,
    retention_0_keeps_everything_and_says_so,
    a_purge_over_the_limit_is_held_while_the_transfer_runs,
    untrusted_clocks_refuse_the_purge_but_not_the_transfer,
);
