//! What the README shows works as it stands there.

use crate::support::cluster::Cluster;
use crate::support::mixture::Mixture;
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
    for binding in cdx_console::console::protocol::keys::TABLE {
        let row = format!("| `{}` | {} |", binding.shown, binding.label);
        assert!(README.contains(&row), "the README does not say: {row}");
    }
}

#[test]
fn an_exchange_moves_to_postgresql_by_the_commands_shown() {
    let old = Exchange::of(Mixture::Sqlite);
    old.post(&crate::support::messages::applied_sessions(1, 0..100));
    old.cdx(&["process", "--no-purge"]).exits(0);
    let cluster = Cluster::own();
    let folder = old.folder().display().to_string();
    // The server is the tests' own, and the files lie elsewhere.
    let script = block("bash")
        .replace("@hq/", "@/")
        .replace("/var/lib/cdx/message.db", &format!("{folder}/message.db"))
        .replace("/var/lib/cdx/head-office.db", &format!("{folder}/head-office.db"));
    let programs = std::path::Path::new(env!("CARGO_BIN_EXE_cdx")).parent().expect("a folder").display();
    let path = format!("{programs}:{}", std::env::var("PATH").expect("set"));
    let mut bash = Command::new("bash");
    bash.args(["-euo", "pipefail", "-c", &(script + "\ncdx sessions download --json --all")]);
    bash.current_dir(env!("CARGO_MANIFEST_DIR")).env_clear().env("PATH", path).env("HOME", old.folder());
    bash.env("PGHOST", cluster.folder()).env("PGPORT", cluster.port().to_string()).env("PGUSER", "postgres");
    let shown = ran(&mut bash);
    assert_eq!(shown.code, 0, "{shown:?}");
    assert_eq!(shown.stdout.lines().filter(|line| line.contains("\"session_number\"")).count(), 100, "{shown:?}");
    assert!(shown.stdout.contains("0 read = 0 inserted"), "positions hold: {shown:?}");
}
