//! Acting on sessions: asked of the agents, seen at head office at once, never counted twice.

use crate::support::Exchange;
use crate::support::messages::{APPLIED, APPLY_FAILED, DOWNLOADED, download, now};
use cdx_console::store::message_database::NewMessage;

#[test]
fn a_canceled_session_is_seen_at_once_and_its_message_is_not_counted_twice() {
    let exchange = Exchange::new();
    exchange.post(&[download(1, 7, "S0001", APPLY_FAILED), download(2, 7, "S0002", DOWNLOADED)]);
    exchange.cdx(&["process"]).exits(0);
    let reason = ["--reason", "ticket 4711"];
    // Which of the two is meant must be said.
    exchange
        .cdx(&[&["session", "cancel", "download", "7"][..], &reason].concat())
        .exits(2)
        .says("name one with --store");
    let args = [&["session", "cancel", "download", "7", "--store", "S0001", "--json"][..], &reason].concat();
    let session = exchange.cdx(&args).exits(0).json();
    assert_eq!((&session["status"], &session["try_count"]), (&"canceled".into(), &0.into()));
    assert_eq!(session["message"], "Canceled: ticket 4711");
    let sessions = exchange.cdx(&["sessions", "download", "--json"]).exits(0).json_lines();
    let of = |store: &str| sessions.iter().find(|session| session["channel_database"] == store).expect("it is there");
    assert_eq!((&of("S0001")["status"], &of("S0002")["status"]), (&"canceled".into(), &"downloaded".into()));
    // Its message comes by the next transfer, too, and is known.
    let run = exchange.cdx(&["process", "--json"]).exits(0).json();
    assert_eq!((&run["read"], &run["repeated"], &run["inserted"]), (&1.into(), &1.into(), &0.into()));
    exchange.cdx(&args).exits(1).says("it is canceled already");
    // The agent's late success still wins, whenever it comes.
    exchange.post(&[download(3, 7, "S0001", APPLIED)]);
    exchange.cdx(&["process"]).exits(0);
    exchange.cdx(&args).exits(1).says("it is applied");
    let journal = exchange.at_head_office("select action, object, detail from operator_journal");
    assert_eq!(journal, ["cancel session|download 7 S0001|ticket 4711"]);
}

#[test]
fn a_request_is_taken_once() {
    let exchange = Exchange::new();
    exchange.post(&[download(1, 7, "S0001", APPLY_FAILED)]);
    exchange.cdx(&["process"]).exits(0);
    exchange.cdx(&["session", "cancel", "download", "7", "--reason", "a\u{1b}[31m reason"]).exits(0);
    let table = exchange.cdx(&["requests"]).exits(0);
    assert!(table.stdout.contains("<1B>[31m reason"), "{table:?}");
    let waiting = exchange.cdx(&["requests", "--json"]).exits(0).json();
    assert_eq!((&waiting["action"], &waiting["session_number"]), (&"cancel".into(), &7.into()));
    let taken = exchange.cdx(&["requests", "--take", "AsyncClient-S0001", "--json"]).exits(0).json();
    assert_eq!(taken["taken_by"], "AsyncClient-S0001");
    let ran = exchange.cdx(&["requests", "--take", "AsyncClient-S0002", "--json"]).exits(0);
    assert_eq!(ran.stdout, "");
    assert_eq!(exchange.posted("select name from agent where name = 'AsyncClient-S0002'"), ["AsyncClient-S0002"]);
}

#[test]
fn what_cannot_be_canceled_changes_nothing() {
    let exchange = Exchange::new();
    exchange.post(&[download(1, 7, "S0001", APPLIED)]);
    exchange.cdx(&["process"]).exits(0);
    let before = exchange.posted("select count(*) from status_message");
    let cancel = |args: &[&str]| exchange.cdx(&[&["session", "cancel"], args].concat());
    cancel(&["download", "7", "--reason", "x"]).exits(1).says("it is applied");
    cancel(&["download", "8", "--reason", "x"]).exits(1).says("there is no download session 8");
    cancel(&["upload", "7", "--store", "S0001", "--reason", "x"]).exits(1).says("there is no upload session 7");
    cancel(&["download", "7", "--reason", " "]).exits(2).says("--reason must say why");
    cancel(&["download", "7", "--reason", "x", "--read-only"]).exits(2).says("session cancel is refused");
    exchange.cdx(&["requests", "--take", "A", "--read-only"]).exits(2).says("requests --take is refused");
    assert_eq!(exchange.posted("select count(*) from status_message"), before);
    assert_eq!(exchange.posted("select count(*) from session_request"), ["0"]);
}

#[test]
fn a_cancel_that_was_killed_between_the_databases_is_completed_by_the_next_transfer() {
    let exchange = Exchange::new();
    exchange.post(&[download(1, 7, "S0001", APPLY_FAILED)]);
    exchange.cdx(&["process"]).exits(0);
    let canceled = NewMessage { occurred_at: now(), ..download(9, 7, "S0001", 5) };
    exchange.agent().request_cancel(&canceled, "ticket", "r.vermeer").expect("it is written");
    let run = exchange.cdx(&["process", "--json"]).exits(0).json();
    assert_eq!((&run["read"], &run["inserted"]), (&1.into(), &1.into()));
    let session = exchange.cdx(&["sessions", "download", "--json"]).exits(0).json();
    assert_eq!(session["status"], "canceled");
}

crate::support::mixture::on_all_mixtures!(
    a_canceled_session_is_seen_at_once_and_its_message_is_not_counted_twice,
    a_request_is_taken_once,
    what_cannot_be_canceled_changes_nothing,
    a_cancel_that_was_killed_between_the_databases_is_completed_by_the_next_transfer,
);
