//! A stream as agents post it (shuffled, repeated, with values and lines that must be refused), and the table it must end in.

use crate::support::{Exchange, Ran};
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

/// Both forms' lists, with only the keys that the fixture knows, in the order of their keys.
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
    // Its dates are of the past and must not be purged.
    exchange.cdx(&["process"]).exits(0);
    exchange.cdx(&["parameters", "set", "retention-days", "0"]).exits(0);
    let posted = exchange.cdx(&["post", "--json", &format!("{FOLDER}messages.jsonl")]).exits(3);
    let posted = posted.json();
    assert_eq!(posted["lines"], count("lines"));
    assert_eq!(posted["bad"], count("broken_lines"));
    assert_eq!(posted["repeated"], count("repeated"));
    assert_eq!(posted["stored"], count("distinct_good") + count("rejected_by_transfer"));
    let run = exchange.cdx(&["process", "--json"]).exits(3).json();
    assert_eq!(run["inserted"], count("distinct_good"));
    assert_eq!(run["rejected"], count("rejected_by_transfer"));
    assert_eq!(run["repeated"], 0);
    assert_eq!(run["read"], posted["stored"]);
    assert_eq!(run["sessions_changed"], count("sessions"));
    assert_ends_as_expected(&exchange);
    let again = exchange.cdx(&["process", "--json"]).exits(0).json();
    assert_eq!((&again["read"], &again["sessions_changed"]), (&Value::from(0), &Value::from(0)));
}

#[test]
fn neither_the_order_of_the_lines_nor_the_number_of_runs_matters() {
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

crate::support::mixture::on_all_mixtures!(
    the_stream_ends_in_the_expected_table_with_the_expected_counts,
    neither_the_order_of_the_lines_nor_the_number_of_runs_matters,
);
