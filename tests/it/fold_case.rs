//! A stream as agents post it (shuffled, repeated, with invalid values and lines), and the sessions
//! that it must result in.

use crate::support::engines::{Engines, current};
use crate::support::messages::{guid, now};
use crate::support::{Exchange, Ran};
use cdx_console::cancel::Cancel;
use cdx_console::clock::SystemClock;
use cdx_console::domain::{Outcome, Timestamp, Trigger};
use cdx_console::engine::{self, ProcessOptions, RunEvent};
use cdx_console::store::message_database::NewMessage;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::{Map, Value};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/fold-case/");

fn fixture(name: &str) -> String {
    std::fs::read_to_string(format!("{FOLDER}{name}")).expect("the fixture is there")
}

fn counts() -> Value {
    serde_json::from_str(&fixture("counts.json")).expect("the fixture is JSON")
}

fn key(session: &Map<String, Value>) -> (String, i64, String) {
    let text = |key: &str| session[key].as_str().expect("text").to_owned();
    (text("direction"), session["session_number"].as_i64().expect("a number"), text("channel_database"))
}

/// Lists the sessions of both directions with the keys that the fixture contains, sorted.
fn sessions(exchange: &Exchange, known: &[String]) -> Vec<Map<String, Value>> {
    let list = |direction| -> Ran { exchange.cdx(&["sessions", direction, "--all", "--limit", "100000", "--json"]) };
    let mut sessions: Vec<Map<String, Value>> = ["download", "upload"]
        .into_iter()
        .flat_map(|direction| list(direction).exits(0).json_lines())
        .map(|session| {
            let session = session.as_object().expect("an object");
            known.iter().map(|key| (key.clone(), session[key].clone())).collect()
        })
        .collect();
    sessions.sort_by_key(key);
    sessions
}

fn expected() -> (Vec<String>, Vec<Map<String, Value>>) {
    let lines = fixture("expected.jsonl");
    let mut sessions: Vec<Map<String, Value>> =
        lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    sessions.sort_by_key(key);
    (sessions[0].keys().cloned().collect(), sessions)
}

fn assert_ends_as_expected(exchange: &Exchange) {
    let (known, expected) = expected();
    let sessions = sessions(exchange, &known);
    assert_eq!(sessions.len(), expected.len());
    for (session, expected) in sessions.iter().zip(&expected) {
        assert_eq!(session, expected);
    }
}

#[test]
fn the_stream_ends_in_the_expected_table_with_the_expected_counts() {
    let exchange = Exchange::new();
    let counts = counts();
    let count = |key: &str| counts[key].as_i64().expect("a number");
    // Its messages are old and must not be purged.
    exchange.cdx(&["process"]).exits(0);
    exchange.cdx(&["parameters", "set", "retention-days", "0"]).exits(0);
    let posted = exchange.cdx(&["post", "--json", &format!("{FOLDER}messages.jsonl")]).exits(3);
    let posted = posted.json();
    assert_eq!(posted["lines"], count("lines"));
    // Messages that head office would reject are refused when posted.
    assert_eq!(posted["bad"], count("broken_lines") + count("rejected_by_transfer"));
    assert_eq!(posted["repeated"], count("repeated"));
    assert_eq!(posted["stored"], count("distinct_good"));
    let run = exchange.cdx(&["process", "--json"]).exits(0).json();
    assert_eq!(run["inserted"], count("distinct_good"));
    assert_eq!(run["rejected"], 0);
    assert_eq!(run["repeated"], 0);
    assert_eq!(run["read"], posted["stored"]);
    assert_eq!(run["sessions_changed"], count("sessions"));
    assert_ends_as_expected(&exchange);
    let again = exchange.cdx(&["process", "--json"]).exits(0).json();
    assert_eq!((&again["read"], &again["sessions_changed"]), (&Value::from(0), &Value::from(0)));
}

#[test]
fn the_result_does_not_depend_on_line_order_or_number_of_runs() {
    let exchange = Exchange::new();
    exchange.cdx(&["process"]).exits(0);
    exchange.cdx(&["parameters", "set", "retention-days", "0"]).exits(0);
    let stream = fixture("messages.jsonl");
    let backwards: Vec<&str> = stream.lines().rev().collect();
    for part in backwards.chunks(700) {
        exchange.cdx_with_input(&["post"], part.join("\n").as_bytes());
        exchange.cdx(&["process", "--no-purge"]);
    }
    assert_eq!(exchange.count("status_message"), counts()["distinct_good"].as_i64().expect("a number"));
    assert_ends_as_expected(&exchange);
}

/// A message and when it was posted, from small ranges, so that sessions have ties of every kind.
fn message() -> impl Strategy<Value = (NewMessage, i64)> {
    let text = || prop::option::of("[ab]{0,2}");
    let number = || prop::option::of(0i64..3);
    (
        (0i64..2, 1i64..3, "S[12]", 0i64..10, 0i64..3, 0i64..3),
        (0i64..4, 0i64..4, "[ab]{1,2}", text(), text(), text(), text()),
        (number(), number(), number(), prop::option::of(1i64..4)),
    )
        .prop_map(|(of, texts, counted)| {
            let (direction, session_number, channel_database, status, round, try_count) = of;
            let (occurred, posted, job_name, channel_data_group, distribution_schedule, data_path, message) = texts;
            let (rows_affected, file_size, row_version, rerun_for) = counted;
            let message = NewMessage {
                direction,
                session_number,
                channel_database,
                job_name,
                channel_data_group,
                distribution_schedule,
                // Uploads have fewer statuses.
                status: if direction == 1 { status % 7 } else { status },
                occurred_at: Timestamp(occurred),
                round,
                rerun_for,
                try_count,
                rows_affected,
                file_size,
                row_version,
                data_path,
                message,
                ..NewMessage::default()
            };
            (message, posted)
        })
}

/// Transfers the parts, one run each, and returns all session rows.
fn transferred<'a>(parts: impl Iterator<Item = &'a [(NewMessage, Timestamp)]>) -> Vec<String> {
    let exchange = Exchange::new();
    for part in parts {
        exchange.agent().import(part).expect("stored");
        let options = ProcessOptions { purge: false, ..ProcessOptions::new(Trigger::Command, "tester", "here") };
        let run = engine::process(&exchange.databases(), &options, &SystemClock, &Cancel::new(), &|_: RunEvent| {});
        let run = run.expect("a run");
        assert_eq!((run.outcome, run.counts.rejected), (Some(Outcome::Ended), 0), "{run:?}");
        assert_eq!(run.counts.inserted, i64::try_from(part.len()).expect("small"));
    }
    exchange.at_head_office(
        "select direction, session_number, channel_database, round, status, try_count, winner_at, winner_guid, message, requested_at,
            downloaded_at, uploaded_at, applied_at, rows_affected, file_size, row_version, created_at, modified_at, last_posted_at,
            job_name, channel_data_group, distribution_schedule, data_path, rerun_for, last_error_round, last_error_status,
            last_error_try_count, last_error_at, last_error_guid, last_error_message
         from session order by 1, 2, 3",
    )
}

#[test]
fn the_sessions_do_not_depend_on_how_messages_are_split_into_runs() {
    // Creating databases on a server is slow.
    let cases = if current() == Engines::Sqlite { 64 } else { 8 };
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    let cut = prop::collection::vec((message(), prop::bool::weighted(0.2)), 2..40);
    let tried = TestRunner::new(config).run(&cut, |cut| {
        let at = now().0 - 3_600_000;
        let messages: Vec<_> = (1..)
            .zip(&cut)
            .map(|(number, ((message, posted), _))| {
                let message = NewMessage {
                    // A later message does not always have the greater GUID.
                    message_guid: guid(number * 37 % 41),
                    occurred_at: Timestamp(at + message.occurred_at.0),
                    ..message.clone()
                };
                (message, Timestamp(at + posted))
            })
            .collect();
        let ends = (1..).zip(&cut).filter(|(end, (_, is_cut))| *is_cut || *end == cut.len()).map(|(end, _)| end);
        let mut begin = 0;
        let parts = ends.map(|end| &messages[std::mem::replace(&mut begin, end)..end]);
        prop_assert_eq!(transferred(parts), transferred(std::iter::once(&messages[..])));
        Ok(())
    });
    if let Err(fault) = tried {
        panic!("{fault}");
    }
}

crate::support::engines::on_all_engines!(
    the_sessions_do_not_depend_on_how_messages_are_split_into_runs,
    the_stream_ends_in_the_expected_table_with_the_expected_counts,
    the_result_does_not_depend_on_line_order_or_number_of_runs,
);
