//! What the README shows works as it stands there.

use crate::support::{Exchange, foreign, ran};
use std::process::Command;

const README: &str = include_str!("../../README.md");

/// The first block of the README in this language.
fn block(language: &str) -> &'static str {
    let start = format!("```{language}\n");
    let (_, rest) = README.split_once(&start).expect("the README has such a block");
    rest.split_once("\n```").expect("the block ends").0
}

#[test]
fn a_row_inserted_by_the_python_example_arrives_at_head_office() {
    let exchange = Exchange::new();
    exchange.cdx_with_input(&["post"], b"").exits(0);
    let script = exchange.path("agent.py");
    std::fs::write(&script, block("python")).expect("written");
    for _ in 0..3 {
        let agent = ran(Command::new("python3").arg(&script).arg(exchange.message_database()));
        assert_eq!(agent.code, 0, "{agent:?}");
    }
    let run = exchange.cdx(&["process", "--json"]).exits(0).json();
    assert_eq!((&run["read"], &run["inserted"]), (&3.into(), &3.into()));
    let session = exchange.cdx(&["sessions", "download", "--json"]).exits(0).json();
    assert_eq!((&session["status"], &session["channel_database"]), (&"applied".into(), &"S0042".into()));
}

#[test]
fn the_line_shown_to_agents_is_taken_as_it_stands() {
    let exchange = Exchange::new();
    let posted = exchange.cdx_with_input(&["post", "--json"], block("json").as_bytes()).exits(0).json();
    assert_eq!((&posted["stored"], &posted["bad"]), (&2.into(), &0.into()));
    let run = exchange.cdx(&["process", "--json"]).exits(0).json();
    assert_eq!(run["inserted"], 2);
    exchange.cdx(&["errors"]).exits(0);
}

#[test]
fn the_table_of_columns_is_the_table() {
    let exchange = Exchange::new();
    exchange.cdx_with_input(&["post"], b"").exits(0);
    let database = foreign(&exchange.message_database());
    let mut statement = database.prepare("select name from pragma_table_info('status_message')").expect("sound");
    let columns = statement.query_map([], |row| row.get::<_, String>(0)).expect("a list");
    for column in columns {
        let column = column.expect("a name");
        assert!(README.contains(&format!("| `{column}` |")), "the README does not tell of the column {column}");
    }
}

#[test]
fn the_table_of_keys_is_the_key_table() {
    for binding in cdx_console::console::keys::TABLE {
        let row = format!("| `{}` | {} |", binding.shown, binding.label);
        assert!(README.contains(&row), "the README does not say: {row}");
    }
}
