//! The receipt of a purge: its preview has a number, the run quotes it and reports what differed.

use crate::screens::{COLOR, TestConsole};
use crate::support::Exchange;
use crate::support::messages::{APPLIED, download};
use cdx_console::console::app::RuntimeEffect;
use cdx_console::console::protocol::key::Key;
use cdx_console::console::protocol::route::Route;
use serde_json::{Value, json};

/// 20 expired sessions, transferred.
fn expired() -> Exchange {
    let exchange = Exchange::new();
    let message = |number: u64| download(number, number.cast_signed(), "S0001", APPLIED);
    exchange.post_days_ago(40, &(1..=20).map(message).collect::<Vec<_>>());
    exchange.post(&[message(30)]);
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    exchange
}

fn dry_run(exchange: &Exchange) -> Value {
    exchange.cdx(&["process", "--dry-run", "--json"]).exits(0).json()["preview"].clone()
}

/// Each parameter says before it is set what the next purge would then delete.
#[test]
fn a_parameter_previews_what_the_next_purge_deletes_with_another_value() {
    let exchange = expired();
    let after = |key: &str, value: &str| {
        let preview = exchange.cdx(&["parameters", "set", key, value, "--dry-run", "--json"]).exits(0).json();
        let row = |of: &Value| format!("{} {} {} {}", of["place"], of["table"], of["now"], of["then"]).replace('"', "");
        preview["tables"].as_array().expect("a list").iter().map(row).collect::<Vec<_>>()
    };
    let now = |then: [i64; 3]| {
        let tables = ["message_database status_message", "head_office status_message", "head_office session"];
        let rows = tables.iter().zip(then);
        rows.map(|(table, then)| format!("{table} 20 {then}")).collect::<Vec<_>>()
    };
    assert_eq!(after("retention-days", "50"), now([0, 0, 0]));
    assert_eq!(after("retention-days", "0"), now([0, 0, 0]));
    assert_eq!(after("message-retention-days", "7"), now([20, 20, 20]));
    assert_eq!(after("upload-retention-days", "50"), now([20, 20, 20]));
    assert_eq!(after("try-count", "9"), now([20, 20, 20]));

    let text = exchange.cdx(&["parameters", "set", "retention-days", "50", "--dry-run"]).exits(0);
    let said = "with retention-days 50 instead of 30 the next purge would delete these rows";
    assert!(text.stderr.contains(said), "{}", text.stderr);
    assert!(text.stdout.contains("message database  status_message   20     0   -20"), "{}", text.stdout);
    exchange.cdx(&["--read-only", "parameters", "set", "retention-days", "50", "--dry-run"]).exits(0);
    exchange.cdx(&["parameters", "set", "retention-days", "-1", "--dry-run"]).exits(2).says("whole number");
    assert_eq!(exchange.cdx(&["parameters", "--json"]).json()["retention-days"], 30);

    // Sessions in the trash are deleted for good by a shorter time.
    exchange.cdx(&["process"]).exits(0);
    exchange.change_head_office("update trash_session set purged_at = purged_at - 7200000");
    assert_eq!(after("trash-hours", "1"), ["trash trash_status_message 0 20", "trash trash_session 0 20"]);
    assert_eq!(exchange.count("trash_session"), 20);
}

#[test]
fn a_run_quotes_its_preview_and_reports_what_differed() {
    let exchange = expired();
    let preview = dry_run(&exchange);
    assert_eq!(
        (&preview["preview_id"], &preview["rows"], &preview["expected_ms"]),
        (&json!(1), &json!(60), &Value::Null)
    );
    assert!(preview["oldest"].is_string() && preview["newest"].is_string() && preview["bytes"].as_i64() > Some(0));
    assert_eq!(dry_run(&exchange), preview, "the same preview keeps its number");
    let text = exchange.cdx(&["process", "--dry-run"]).exits(0).stdout;
    let line = "Preview 1: 60 rows, about 36 kB, time unknown before the first purge; compare a run with --preview 1";
    assert!(text.contains(line), "{text}");

    // Two more sessions expire.
    exchange.post_days_ago(40, &[download(40, 40, "S0001", APPLIED), download(41, 41, "S0001", APPLIED)]);
    let run = exchange.cdx(&["process", "--preview", "1", "--json"]).exits(0).json();
    assert_eq!(run["preview"], json!({"preview_id": 1, "rows": 60}));
    let said = "preview 1 expected 60 rows; 65 were purged: 5 more expired meanwhile (message database, status_message: 1 more; \
                head office, status_message: 2 more; head office, session: 2 more)";
    assert_eq!(run["notices"], json!([said]));
    let listed = exchange.cdx(&["runs", "--json"]).exits(0).json_lines();
    assert_eq!((&listed[0]["preview"], &listed[0]["notices"]), (&run["preview"], &run["notices"]));
    assert_eq!(listed[1]["preview"], Value::Null);

    exchange.post_days_ago(40, &[download(50, 50, "S0001", APPLIED)]);
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    let preview = dry_run(&exchange);
    assert!(preview["preview_id"] == 2 && preview["expected_ms"].is_i64(), "{preview}");
    let run = exchange.cdx(&["process", "--preview", "2", "--json"]).exits(0).json();
    let rows = preview["rows"].as_i64().expect("a number");
    assert_eq!(
        run["notices"],
        json!([format!("preview 2 expected {rows} rows; {rows} were purged, the same in each table")])
    );
    exchange.cdx(&["process", "--preview", "7"]).exits(1).says("preview 7 does not exist or has expired");
    exchange.cdx(&["process", "--preview", "1", "--no-purge"]).exits(2);
}

#[test]
fn a_read_only_preview_has_no_number_and_previews_expire() {
    let exchange = expired();
    let preview = exchange.cdx(&["process", "--dry-run", "--json", "--read-only"]).exits(0).json()["preview"].clone();
    assert_eq!((&preview["preview_id"], &preview["rows"]), (&Value::Null, &json!(60)));
    let text = exchange.cdx(&["process", "--dry-run", "--read-only"]).exits(0).stdout;
    assert!(text.contains("Without a preview number (read_only is set): 60 rows"), "{text}");
    assert_eq!(exchange.count("purge_preview"), 0);
    dry_run(&exchange);
    exchange.script_at_head_office("update purge_preview set at = at - 3456000000");
    let run = exchange.cdx(&["process", "--json"]).exits(0).json();
    assert_eq!((&run["purged"]["head_office"]["purge_preview"], exchange.count("purge_preview")), (&json!(1), 0));
}

#[test]
fn a_held_purge_is_compared_when_it_is_confirmed() {
    let exchange = expired();
    exchange.cdx(&["process", "--preview", "1"]).exits(1);
    dry_run(&exchange);
    let run = exchange
        .cdx(&["process", "--no-transfer", "--preview", "1", "--confirm-purge", "60", "--json"])
        .exits(0)
        .json();
    assert_eq!(run["preview"]["preview_id"], 1);
}

#[test]
fn a_preview_without_rows_says_that_nothing_is_purged() {
    let exchange = Exchange::new();
    exchange.post(&[download(40, 40, "S0001", APPLIED)]);
    exchange.cdx(&["process"]).exits(0);
    let text = exchange.cdx(&["process", "--dry-run"]).exits(0).stdout;
    assert!(text.contains("Preview 1: nothing to purge; compare a run with --preview 1"), "{text}");
    assert!(text.contains("Nothing to purge: nothing that may go last changed before 20"), "{text}");
    let screen = TestConsole::open(&exchange, COLOR, Route::Process).text((120, 40));
    assert!(screen.contains("Nothing to purge") && !screen.contains("0 rows"), "{screen}");
}

#[test]
fn the_console_passes_the_number_on() {
    let exchange = expired();
    let mut console = TestConsole::open(&exchange, COLOR, Route::Process);
    let screen = console.text((120, 40));
    assert!(screen.contains("number 1; the run compares itself with it"), "{screen}");
    assert!(screen.contains("60 rows, about 36 kB, time unknown"), "{screen}");
    console.press(&[Key::Enter]);
    let started = console.effects.iter().find_map(|effect| match effect {
        RuntimeEffect::Start(request) => Some(request.purge_consent),
        _ => None,
    });
    assert_eq!(started.expect("a run").preview, Some(1));
    let read_only = TestConsole::read_only(&exchange, Route::Process).text((120, 40));
    assert!(read_only.contains("without a number"), "{read_only}");
}

/// A run requested at a console and made by a batch server.
#[test]
fn a_batch_server_compares_with_the_preview_too() {
    use cdx_console::batch::{JobSettings, PurgeConsent};
    use cdx_console::store::{Access, HeadOffice};
    let exchange = expired();
    dry_run(&exchange);
    let office = HeadOffice::open(&exchange.databases().head_office, Access::Existing).expect("head office");
    let settings = JobSettings::new(office.now().expect("the time"));
    let consent = PurgeConsent { rows: None, preview: Some(1) };
    office.request_run(&settings, "r.vermeer", None, consent).expect("requested");
    exchange.cdx(&["batch-server", "--once"]).exits(0);
    let run = &exchange.cdx(&["runs", "--json"]).exits(0).json_lines()[0];
    assert_eq!(run["preview"], json!({"preview_id": 1, "rows": 60}));
}

crate::support::engines::on_all_engines!(
    a_run_quotes_its_preview_and_reports_what_differed,
    a_read_only_preview_has_no_number_and_previews_expire,
    a_batch_server_compares_with_the_preview_too,
    a_parameter_previews_what_the_next_purge_deletes_with_another_value,
);
