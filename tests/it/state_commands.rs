//! The commands about the state of the exchange: freshness, runs, schedules, connections,
//! notifications, scheduled starts, notes and mutes.

use crate::support::Exchange;
use crate::support::messages::{APPLIED, APPLY_FAILED, download, now};
use cdx_console::batch::{AlertEvent, AlertSettings};
use cdx_console::domain::Timestamp;
use cdx_console::store::head_office::{About, NewNotification};
use cdx_console::store::message_database::NewMessage;
use cdx_console::store::{Access, HeadOffice};
use serde_json::Value;

fn office(exchange: &Exchange) -> HeadOffice {
    HeadOffice::open(&exchange.databases().head_office, Access::Create).expect("head office")
}

fn failed(number: u64, session: i64, store: &str, text: &str) -> NewMessage {
    NewMessage { message: Some(text.to_owned()), try_count: 1, ..download(number, session, store, APPLY_FAILED) }
}

/// An exchange with two causes in two stores.
fn exchange() -> Exchange {
    let exchange = Exchange::new();
    exchange.post(&[
        download(1, 10, "S0001", APPLIED),
        failed(2, 11, "S0001", "Deadlock of process 71"),
        failed(3, 12, "S0002", "The disk is full"),
    ]);
    exchange.cdx(&["process"]).exits(0);
    exchange
}

fn lines(exchange: &Exchange, args: &[&str]) -> Vec<Value> {
    exchange.cdx(&[args, &["--json"]].concat()).exits(0).json_lines()
}

/// The number of a cause.
fn cause(exchange: &Exchange, text: &str) -> Value {
    let causes = lines(exchange, &["errors"]);
    causes.into_iter().find(|cause| cause["cause"].as_str().is_some_and(|it| it.contains(text))).expect("listed")
}

#[test]
fn runs_are_listed_newest_first_and_found_by_the_console_s_filter() {
    let exchange = exchange();
    exchange.post(&[download(4, 1, "S0001", 42)]);
    exchange.cdx(&["process"]).exits(3);
    let runs = lines(&exchange, &["runs"]);
    assert_eq!(runs.iter().map(|run| &run["run_id"]).collect::<Vec<_>>(), [2, 1]);
    assert_eq!(
        (&runs[0]["rejected"], &runs[0]["outcome"], &runs[0]["trigger"]),
        (&1.into(), &"ended".into(), &"command".into())
    );
    let found = |args: &[&str]| lines(&exchange, &[&["runs"], args].concat()).len();
    assert_eq!(found(&["--filter", "rejected>0"]), 1);
    assert_eq!(found(&["--filter", "status:failed"]), 0);
    assert_eq!(found(&["--since", "1h"]), 2);
    assert_eq!(found(&["--since", "2099-01-01"]), 0);
    let table = exchange.cdx(&["runs", "--limit", "1"]).exits(0).says("only the newest 1 are shown").stdout;
    assert!(table.contains("Outcome") && table.contains("ended"), "{table}");
    let csv = exchange.cdx(&["runs", "--csv"]).exits(0).stdout;
    assert_eq!(csv.lines().count(), 3, "{csv}");
    // As after a kill: the process is gone, and no run has marked it yet.
    exchange.change_head_office("update run set outcome = null, ended_at = null where run_id = 2");
    let killed = lines(&exchange, &["runs", "--limit", "1"]);
    assert_eq!((&killed[0]["outcome"], &killed[0]["ended_at"]), (&"interrupted".into(), &Value::Null));
}

#[test]
fn freshness_says_how_old_the_status_is_and_why_it_is_stale() {
    let exchange = exchange();
    let fresh = exchange.cdx(&["freshness", "--json"]).exits(0).json();
    assert_eq!((&fresh["stale"], &fresh["waiting"], &fresh["open"]), (&false.into(), &0.into(), &2.into()));
    assert!(fresh["age_ms"].as_i64().is_some_and(|age| (0..600_000).contains(&age)), "{fresh}");
    exchange.post(&[download(4, 13, "S0001", APPLIED)]);
    exchange.change_head_office("update transfer_cursor set as_of = as_of - 7200000");
    exchange.cdx(&["batch", "submit", "--start", "2099-01-01T00:00:00Z", "--description", "Nightly"]).exits(0);
    let stale = exchange.cdx(&["freshness", "--json"]).exits(0).json();
    assert_eq!((&stale["why_stale"], &stale["waiting"]), (&"no batch server runs".into(), &1.into()));
    assert_eq!(stale["next_start"], "2099-01-01T00:00:00.000Z");
    let table = exchange.cdx(&["freshness"]).exits(0).stdout;
    assert!(table.contains("yes: no batch server runs"), "{table}");
    exchange.cdx(&["batch", "change-status", "1", "withhold"]).exits(0);
    let held = exchange.cdx(&["freshness", "--json"]).exits(0).json();
    assert_eq!((&held["why_stale"], &held["withheld"]["description"]), (&"job withheld".into(), &"Nightly".into()));
}

#[test]
fn freshness_and_connections_say_that_the_message_database_cannot_be_read() {
    let exchange = exchange();
    let gone = "sqlite:/nowhere/message.db";
    let args = ["--message-database", gone, "freshness", "--json"];
    let freshness = exchange.cdx(&args).exits(0).json();
    assert_eq!(freshness["waiting"], Value::Null);
    assert!(
        freshness["message_database_fault"].as_str().is_some_and(|fault| fault.contains("/nowhere")),
        "{freshness}"
    );
    let args = ["--message-database", gone, "connections", "--json"];
    let connections = exchange.cdx(&args).exits(0).says("the agents are missing");
    assert_eq!(connections.json_lines().len(), 2);
}

#[test]
fn schedules_and_connections_are_listed_with_what_operators_know() {
    let exchange = exchange();
    let schedules = lines(&exchange, &["schedules"]);
    assert_eq!((&schedules[0]["distribution_schedule"], &schedules[0]["open"]), (&"Prices".into(), &2.into()));
    assert!(lines(&exchange, &["schedules", "--filter", "open>2"]).is_empty());
    let connections = lines(&exchange, &["connections"]);
    assert_eq!(connections.len(), 2);
    assert_eq!(
        (&connections[0]["channel_database"], &connections[0]["agent"]),
        (&"S0001".into(), &"AsyncClient-S0001".into())
    );
    exchange.cdx(&["connections", "note", "S0002", "closed on Sundays"]).exits(0).says("saved");
    exchange.cdx(&["connections", "zone", "S0002", "europe/berlin"]).exits(0).says("Europe/Berlin");
    let noted = lines(&exchange, &["connections", "--filter", "note:sundays"]);
    assert_eq!((&noted[0]["zone"], &noted[0]["note"]), (&"Europe/Berlin".into(), &"closed on Sundays".into()));
    exchange.cdx(&["connections", "note", "S0002", "mine", "--if-version", "0"]).exits(1).says("was changed after");
    exchange.cdx(&["connections", "note", "S0002", "  "]).exits(0).says("removed");
    exchange.cdx(&["connections", "zone", "S0002", "Europe/Berln"]).exits(2).says("Europe/Berlin");
    exchange.cdx(&["connections", "note", "S9999", "x"]).exits(2).says("S9999");
    exchange.cdx(&["--read-only", "connections", "note", "S0002", "x"]).exits(2).says("read_only");
    let actions: Vec<_> = lines(&exchange, &["journal"]).iter().map(|row| row["action"].clone()).collect();
    let (note, zone) = ("note on channel database", "zone of channel database");
    assert_eq!(actions, [note, zone, note]);
}

#[test]
fn causes_are_noted_and_muted_by_their_text() {
    let exchange = exchange();
    exchange.cdx(&["errors", "note", "Deadlock", "ticket 4711"]).exits(0).says("saved: Deadlock of process #");
    exchange.cdx(&["errors", "mute", "Deadlock", "--until", "8h"]).exits(0).says("muted until");
    let muted = lines(&exchange, &["errors", "--filter", "muted:yes"]);
    assert_eq!((muted.len(), &muted[0]["note"]), (1, &"ticket 4711".into()));
    assert!(muted[0]["muted_by"].is_string() && muted[0]["muted_until"].is_string(), "{}", muted[0]);
    assert_eq!(lines(&exchange, &["errors"])[0]["cause"], "The disk is full", "a muted cause is listed last");
    let number = cause(&exchange, "Deadlock")["digest"].as_str().expect("text").to_owned();
    let messages = lines(&exchange, &["messages", "--filter", &format!("cause:{number}")]);
    assert_eq!(messages.len(), 1, "the number is that of the filter");
    exchange.cdx(&["errors", "unmute", "Deadlock", "--if-version", "0"]).exits(1).says("was changed after");
    exchange.cdx(&["errors", "unmute", "Deadlock"]).exits(0).says("no longer muted");
    assert_eq!(cause(&exchange, "Deadlock")["muted_by"], Value::Null);
    for (code, args, says) in [
        (1, &["errors", "note", "Timeout", "x"][..], "no cause contains"),
        (2, &["errors", "mute", "Deadlock", "--until", "2020-01-01"], "--until"),
        (2, &["errors", "mute", "Deadlock", "--until", "soon"], "--until"),
        (2, &["--read-only", "errors", "note", "Deadlock", "x"], "read_only"),
    ] {
        exchange.cdx(args).exits(code).says(says);
    }
    assert_eq!(lines(&exchange, &["journal"]).len(), 3);
}

#[test]
fn scheduled_starts_are_merged_over_the_jobs() {
    let exchange = exchange();
    let at = |minutes: i64| Timestamp(now().0 + minutes * 60_000).to_rfc3339();
    let submit = |name: &str, start: &str, more: &[&str]| {
        let args = ["batch", "submit", "--description", name, "--start", start];
        exchange.cdx(&[&args, more].concat()).exits(0);
    };
    submit("Often", &at(10), &["--recurrence", "every 15 min", "--zone", "UTC"]);
    submit("Once", &at(20), &[]);
    submit("Later", &at(26 * 60), &[]);
    submit("Held", &at(5), &[]);
    exchange.cdx(&["batch", "change-status", "4", "withhold"]).exits(0);
    let names = |args: &[&str]| {
        let starts = lines(&exchange, &[&["batch", "starts"], args].concat());
        let times: Vec<_> = starts.iter().map(|start| start["at"].as_str().expect("an instant").to_owned()).collect();
        assert!(times.is_sorted(), "{times:?}");
        starts.iter().map(|start| start["description"].as_str().expect("text").to_owned()).collect::<Vec<_>>()
    };
    let soon = names(&["--within", "1h"]);
    assert_eq!(soon.iter().filter(|name| *name == "Once").count(), 1, "{soon:?}");
    assert!((4..=5).contains(&soon.len()) && !soon.contains(&"Held".to_owned()), "{soon:?}");
    let day = names(&[]);
    assert!((95..=98).contains(&day.len()) && !day.contains(&"Later".to_owned()), "{}", day.len());
    assert!(names(&["--within", "2d"]).contains(&"Later".to_owned()));
    exchange.cdx(&["batch", "starts", "--limit", "2"]).exits(0).says("only the newest 2");
    exchange.cdx(&["batch", "starts", "--within", "-1"]).exits(2);
}

#[test]
fn notifications_of_this_login_are_listed_and_stay_unread() {
    let exchange = exchange();
    let notify = |operator: &str, text: &str| {
        let settings = AlertSettings { operator: operator.to_owned(), popup: true, ..AlertSettings::default() };
        let event = AlertEvent::Error;
        let new =
            NewNotification { settings: &settings, event, about: About::Test, job_id: Some(3), history_id: None, text };
        office(&exchange).notify_now(&new).expect("notified")
    };
    let list = |args: &[&str]| {
        let mut command = exchange.command(&[&["notifications", "--json"], args].concat());
        crate::support::ran(command.env("USER", "r.vermeer")).exits(0).json_lines()
    };
    let first = notify("r.vermeer", "It failed.");
    notify("m.jansen", "Not yours.");
    notify("r.vermeer", "It failed again.");
    office(&exchange).note_read("r.vermeer", first).expect("read");
    let rows = list(&[]);
    assert_eq!(rows.iter().map(|row| &row["text"]).collect::<Vec<_>>(), ["It failed again.", "It failed."]);
    assert_eq!(
        (&rows[0]["event"], &rows[0]["job_id"], &rows[0]["read_at"]),
        (&"error".into(), &3.into(), &Value::Null)
    );
    for _ in 0..2 {
        assert_eq!(list(&["--unread"]).len(), 1, "listing does not mark them as read");
    }
}

#[test]
fn what_screens_show_is_printed_as_json() {
    let exchange = Exchange::new();
    exchange.post(&[
        download(1, 7, "S0001", APPLY_FAILED),
        download(2, 8, "S0001", APPLIED),
        download(3, 9, "S0002", APPLY_FAILED),
    ]);
    exchange.cdx(&["process"]).exits(0);
    let overview = exchange.cdx(&["overview", "--json"]).exits(0).json();
    assert_eq!((&overview["freshness"]["open"], &overview["downloads_failed"]["sessions"]), (&2.into(), &2.into()));
    assert_eq!((&overview["last_run"]["read"], &overview["approvals"]), (&3.into(), &serde_json::json!([])));
    assert_eq!(overview["causes"].as_array().map(Vec::len), Some(1), "{overview}");
    assert!(exchange.cdx(&["overview"]).exits(0).stdout.contains("Downloads failed"));
    let cells = exchange.cdx(&["matrix", "--json"]).exits(0).json_lines();
    let stores: Vec<_> = cells.iter().map(|cell| cell["channel_database"].as_str().expect("a name")).collect();
    assert_eq!(stores, ["S0001", "S0002"], "{cells:?}");
    assert_eq!((&cells[1]["status"], &cells[1]["session_number"]), (&"apply_failed".into(), &9.into()));
    let store = exchange.cdx(&["store", "S0001", "--json"]).exits(0).json();
    assert_eq!(store["recent"]["sessions"].as_array().map(Vec::len), Some(2), "{store}");
    assert_eq!(store["failed"]["sessions"][0]["session_number"], 7);
    exchange.cdx(&["store", "S9999"]).exits(1).says("no message has named channel database");
    let totals = exchange.cdx(&["totals", "downloads", "--by", "store", "--json"]).exits(0).json_lines();
    let counts: Vec<_> = totals.iter().map(|group| (&group["value"], &group["rows"], &group["errors"])).collect();
    assert_eq!(counts, [(&"S0001".into(), &2.into(), &1.into()), (&"S0002".into(), &1.into(), &1.into())]);
    let failed = ["totals", "messages", "--by", "status", "--filter", "status:failed", "--json"];
    assert_eq!(exchange.cdx(&failed).exits(0).json()["rows"], 2);
    exchange
        .cdx(&["totals", "downloads", "--by", "shop"])
        .exits(2)
        .says("use store, job, group, schedule, status, cause");
}

crate::support::engines::on_postgres!(
    runs_are_listed_newest_first_and_found_by_the_console_s_filter,
    freshness_says_how_old_the_status_is_and_why_it_is_stale,
    schedules_and_connections_are_listed_with_what_operators_know,
    causes_are_noted_and_muted_by_their_text,
    scheduled_starts_are_merged_over_the_jobs,
    notifications_of_this_login_are_listed_and_stay_unread,
    what_screens_show_is_printed_as_json,
);
