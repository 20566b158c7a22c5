//! The parameter try-count: written to the message database for agents, and used by screens.

use crate::screens::{COLOR, TestConsole};
use crate::support::Exchange;
use crate::support::messages::{APPLY_FAILED, download};
use cdx_console::cancel::Cancel;
use cdx_console::console::protocol::key::Key;
use cdx_console::console::protocol::route::Route;
use cdx_console::domain::Direction;
use cdx_console::engine::undo_entry;
use cdx_console::store::message_database::NewMessage;

const STORED: &str = "select name, value from agent_parameter";

#[test]
fn try_count_is_written_to_the_message_database_when_set() {
    let exchange = Exchange::new();
    exchange.post(&[download(1, 7, "S0001", APPLY_FAILED)]);
    assert_eq!(exchange.posted(STORED), [""; 0]);
    exchange.cdx(&["process"]).exits(0);
    assert_eq!(exchange.posted(STORED), ["try-count|3"], "a run writes the default");
    exchange.cdx(&["parameters", "set", "try-count", "5"]).exits(0);
    assert_eq!(exchange.posted(STORED), ["try-count|5"]);
    exchange.cdx(&["session", "cancel", "download", "7", "--reason", "ticket"]).exits(0);
    let listed = exchange.cdx(&["requests", "--json"]).exits(0).json();
    assert_eq!(listed["try_count_limit"], 5);
    let taken = exchange.cdx(&["requests", "--take", "AsyncClient-S0001", "--json"]).exits(0).says("try-count: 5");
    assert_eq!(taken.json()["try_count_limit"], 5);
    exchange.cdx(&["parameters", "set", "try-count", "0"]).exits(0);
    // Also without requests.
    exchange.cdx(&["requests", "--take", "AsyncClient-S0001"]).exits(0).says("try-count: 0 (tried without limit)");
    // Undo restores the former value for agents as well.
    let entry = exchange.at_head_office("select max(entry_id) from operator_journal")[0].parse().expect("a number");
    undo_entry(&exchange.databases(), entry, "r.vermeer", &Cancel::new()).expect("it is undone");
    assert_eq!(exchange.posted(STORED), ["try-count|5"]);
}

#[test]
fn a_run_writes_try_count_only_if_it_differs() {
    let exchange = Exchange::new();
    exchange.post(&[]);
    exchange.cdx(&["process"]).exits(0);
    exchange.change_messages("update agent_parameter set changed_at = 1");
    exchange.cdx(&["process"]).exits(0);
    assert_eq!(exchange.posted("select value, changed_at from agent_parameter"), ["3|1"]);
    // As after a kill between the two commits.
    exchange.change_messages("update agent_parameter set value = 9");
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    assert_eq!(exchange.posted("select value from agent_parameter where changed_at > 1"), ["3"]);
}

crate::support::engines::on_postgres!(
    try_count_is_written_to_the_message_database_when_set,
    a_run_writes_try_count_only_if_it_differs
);

#[test]
fn try_count_set_without_a_message_database_is_written_by_the_next_run() {
    let exchange = Exchange::of(crate::support::engines::Engines::Sqlite);
    exchange.post(&[]);
    exchange.cdx(&["process"]).exits(0);
    let away = exchange.path("away");
    std::fs::rename(exchange.message_database(), &away).expect("moved");
    exchange.cdx(&["parameters", "set", "try-count", "4"]).exits(0).says("agents get it with the next run");
    assert!(!exchange.message_database().exists(), "none is created");
    std::fs::rename(&away, exchange.message_database()).expect("moved back");
    assert_eq!(exchange.posted(STORED), ["try-count|3"]);
    exchange.cdx(&["process"]).exits(0);
    assert_eq!(exchange.posted(STORED), ["try-count|4"]);
}

#[test]
fn only_the_owning_head_office_writes_try_count() {
    let exchange = Exchange::of(crate::support::engines::Engines::Sqlite);
    exchange.post(&[]);
    exchange.cdx(&["process"]).exits(0);
    let second = format!("sqlite:{}", exchange.path("second.db").display());
    let set = ["--head-office", &second, "parameters", "set", "try-count", "8"];
    exchange.cdx(&set).exits(0).says("belongs to another head office");
    exchange.cdx(&["--head-office", &second, "process", "--no-purge"]).exits(0);
    assert_eq!(exchange.posted(STORED), ["try-count|3"]);
}

#[test]
fn screens_show_the_tries_left() {
    let exchange = Exchange::of(crate::support::engines::Engines::Sqlite);
    exchange.post(&[NewMessage { try_count: 2, ..download(1, 7, "S0001", APPLY_FAILED) }]);
    exchange.cdx(&["process"]).exits(0);
    for (limit, says) in [("3", "ry 2 of 3: 1 left"), ("2", "ry 2 of 2: none left"), ("0", "ry 2 without limit")] {
        exchange.cdx(&["parameters", "set", "try-count", limit]).exits(0);
        let mut console = TestConsole::open(&exchange, COLOR, Route::Sessions(Direction::Download, String::new()));
        let list = console.text((120, 40));
        assert!(list.contains(&format!("t{says}")), "{list}");
        console.press(&[Key::Char('w')]);
        let why = console.text((120, 40));
        assert!(why.contains(&format!("This was t{says}.")), "{why}");
        console.press(&[Key::Esc, Key::Enter]);
        let session = console.text((100, 40));
        assert!(session.contains(&format!("t{says}")), "{session}");
    }
}
