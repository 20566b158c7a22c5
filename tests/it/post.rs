//! `cdx post`: which messages are stored, which are refused, and when they are durable.

use crate::support::child::Running;
use crate::support::messages::{APPLIED, download, line};
use crate::support::{Exchange, wait_until};
use std::io::Write;
use std::process::Stdio;

#[test]
fn empty_input_creates_the_message_database() {
    let exchange = Exchange::new();
    let posted = exchange.cdx(&["post", "--json"]).exits(0).json();
    assert_eq!((&posted["lines"], &posted["stored"]), (&0.into(), &0.into()));
    assert_eq!(exchange.posted("select count(*) from status_message"), ["0"]);
    assert!(!exchange.head_office().exists());
}

#[test]
fn invalid_lines_are_reported_and_do_not_stop_others() {
    let exchange = Exchange::new();
    let good = line(&download(1, 1, "S0001", APPLIED));
    let input = [
        good.as_str(),
        "",
        "not json",
        &good.replace("\"status\":4", "\"status\":\"uploaded\""),
        &good.replace("1040", "1050"),
        &good.replace("\"status\":4", "\"state\":4"),
        &good.replace('{', "{\"posted_at\":1,"),
        &line(&download(2, 1, "S0001", APPLIED)),
    ]
    .join("\r\n");
    let ran = exchange.cdx_with_input(&["post", "--json", "-"], format!("\u{feff}{input}").as_bytes()).exits(3);
    let posted = ran.json();
    assert_eq!((&posted["stored"], &posted["bad"], &posted["repeated"]), (&2.into(), &5.into(), &0.into()));
    let ran =
        ran.says("line 3: not JSON").says("line 4").says("line 5").says("\"state\"; the nearest is").says("posted_at");
    assert!(ran.stderr.contains("line 6") && ran.stderr.contains("line 7"));
    assert_eq!(exchange.posted("select job_name from status_message order by message_id"), ["1040", "1040"]);
}

/// Recorded inputs of agents, one line each, with the expected error; `None` if the line is stored.
const LINES: [(&str, &str, Option<&str>); 6] = [
    ("neg", include_str!("../fixtures/lines/neg.jsonl"), Some("line 1: negative session number -5")),
    ("nul", include_str!("../fixtures/lines/nul.jsonl"), Some("line 1: channel_database holds a NUL")),
    ("t_sec", include_str!("../fixtures/lines/t_sec.jsonl"), Some("line 1: occurred_at is 1795860000 ms since 1970")),
    ("dupkey", include_str!("../fixtures/lines/dupkey.jsonl"), Some("line 1: key \"status\" appears twice")),
    ("guid_upper", include_str!("../fixtures/lines/guid_upper.jsonl"), None),
    ("guid_brace", include_str!("../fixtures/lines/guid_brace.jsonl"), None),
];

#[test]
fn messages_that_head_office_would_reject_are_refused_and_guids_are_normalized() {
    let exchange = Exchange::new();
    for (name, line, said) in LINES {
        let ran = exchange.cdx_with_input(&["post", "-"], line.as_bytes());
        match said {
            Some(said) => drop(ran.exits(3).says(said)),
            None => assert_eq!(ran.code, 0, "{name}: {ran:?}"),
        }
    }
    let guids = ["32bab9a2-9b92-43b0-a6f7-93421a840b37", "b994e1cd-9e31-4c77-982d-97d051315437"];
    assert_eq!(exchange.posted("select message_guid from status_message order by 1"), guids);
    // A GUID in another spelling identifies the same message.
    exchange.change_messages(&format!(
        "update status_message set message_guid = upper('{}') where message_guid = '{}'",
        guids[0], guids[0]
    ));
    let run = exchange.cdx(&["process", "--json"]).exits(0).json();
    assert_eq!(run["inserted"], 2);
    assert_eq!(exchange.at_head_office("select message_guid from status_message order by 1"), guids);
}

#[test]
fn strict_stores_nothing_of_a_file_with_an_invalid_line() {
    let exchange = Exchange::new();
    let lines: Vec<_> = (0..3_000).map(|number| line(&download(number, 1, "S0001", APPLIED))).collect();
    let input = format!("{}\nbroken\n", lines.join("\n"));
    let ran = exchange.cdx_with_input(&["post", "--strict", "--json"], input.as_bytes()).exits(3);
    assert_eq!(ran.json()["stored"], 0);
    assert_eq!(ran.json()["rolled_back"], true);
    assert_eq!(exchange.posted("select count(*) from status_message"), ["0"]);
    exchange.cdx_with_input(&["post", "--strict"], lines.join("\n").as_bytes()).exits(0);
    assert_eq!(exchange.posted("select count(*) from status_message"), ["3000"]);
}

#[test]
fn a_repeated_message_is_stored_once_and_a_reused_guid_is_refused() {
    let exchange = Exchange::new();
    let one = line(&download(1, 1, "S0001", APPLIED));
    exchange.cdx_with_input(&["post"], one.as_bytes()).exits(0);
    let posted = exchange.cdx_with_input(&["post", "--json"], one.as_bytes()).exits(0).json();
    assert_eq!((&posted["stored"], &posted["repeated"]), (&0.into(), &1.into()));
    let other = one.replace("S0001", "S0002");
    exchange
        .cdx_with_input(&["post"], other.as_bytes())
        .exits(3)
        .says("line 1")
        .says("posted before with other content");
    assert_eq!(exchange.posted("select channel_database from status_message"), ["S0001"]);
}

#[test]
fn a_missing_file_does_not_stop_the_others() {
    let exchange = Exchange::new();
    let file = exchange.path("agents.jsonl");
    std::fs::write(&file, line(&download(1, 1, "S0001", APPLIED))).expect("written");
    let file = file.to_str().expect("a plain path");
    exchange.cdx(&["post", "/nowhere.jsonl", file]).exits(1).says("/nowhere.jsonl");
    assert_eq!(exchange.posted("select count(*) from status_message"), ["1"]);
}

#[test]
fn messages_are_durable_when_the_input_pauses_and_a_partial_line_is_dropped() {
    let exchange = Exchange::new();
    exchange.cdx(&["post"]).exits(0);
    let mut child =
        exchange.command(&["post", "-"]).stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut input = child.stdin.take().expect("piped");
    for number in 0..3 {
        writeln!(input, "{}", line(&download(number, 1, "S0001", APPLIED))).expect("written");
    }
    // The input is still open: only the pause can have triggered the commit.
    wait_until("three messages are stored", || exchange.posted("select count(*) from status_message") == ["3"]);
    // The agent is killed after half a line.
    input.write_all(b"{\"message_guid\":").expect("written");
    drop(input);
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    assert_eq!(exchange.posted("select count(*) from status_message"), ["3"]);
}

#[test]
fn an_interrupt_exits_with_130() {
    let exchange = Exchange::new();
    exchange.cdx(&["post"]).exits(0);
    let pipe = exchange.path("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo runs").success());
    let running = Running::start(&mut exchange.command(&["post", pipe.to_str().expect("a plain path")]));
    let mut writer = std::fs::OpenOptions::new().write(true).open(&pipe).expect("the reader has opened it");
    writeln!(writer, "{}", line(&download(1, 1, "S0001", APPLIED))).expect("written");
    wait_until("the message is stored", || exchange.posted("select count(*) from status_message") == ["1"]);
    running.signal("INT");
    // The pipe stays open: the command must not wait for more input.
    running.finish().exits(130);
    drop(writer);
}

#[test]
fn a_posted_message_updates_its_agents_last_contact() {
    let exchange = Exchange::new();
    let one = line(&download(1, 1, "S0001", APPLIED)).replace('{', "{\"posted_by\":\"AsyncClient-S0001\",");
    exchange.cdx_with_input(&["post"], one.as_bytes()).exits(0);
    assert_eq!(exchange.posted("select name, channel_database from agent"), ["AsyncClient-S0001|S0001"]);
}

#[test]
fn a_writer_below_the_minimum_version_is_refused() {
    let exchange = Exchange::new();
    exchange.cdx(&["post"]).exits(0);
    exchange.change_messages("update exchange set min_writer_version = 2");
    exchange.cdx(&["post"]).exits(1).says("use a newer cdx");
}

crate::support::engines::on_postgres!(
    invalid_lines_are_reported_and_do_not_stop_others,
    messages_that_head_office_would_reject_are_refused_and_guids_are_normalized,
    strict_stores_nothing_of_a_file_with_an_invalid_line,
    a_repeated_message_is_stored_once_and_a_reused_guid_is_refused,
    a_missing_file_does_not_stop_the_others,
    messages_are_durable_when_the_input_pauses_and_a_partial_line_is_dropped,
    a_posted_message_updates_its_agents_last_contact,
    a_writer_below_the_minimum_version_is_refused,
);
