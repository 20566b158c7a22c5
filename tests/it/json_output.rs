//! Every command prints JSON, and the documents name its keys: this page runs each one.

use crate::support::messages::{APPLIED, APPLY_FAILED, download, upload};
use crate::support::{Exchange, ran};
use cdx_console::cli::args::Cli;
use cdx_console::store::message_database::NewMessage;
use clap::{Command, CommandFactory};
use serde_json::Value;
use std::collections::BTreeSet;

const SCRIPTING: &str = include_str!("../../docs/scripting.md");

/// The commands without `--json`, and why.
const WITHOUT: [(&str, &str); 7] = [
    ("demo", "it opens the console"),
    ("batch-server", "it runs until it is stopped; --log json writes its log as JSON"),
    ("metrics", "it prints the text format of Prometheus"),
    ("config path", "it prints one path"),
    ("config check", "its exit code is the answer"),
    ("completions", "it prints a script of a shell"),
    ("man", "it prints manual pages"),
];

/// The commands that change or create something, in an order in which each has something to do: the
/// operator, the command, its arguments and its exit code.
const CHANGES: &[(&str, &str, &[&str], i32)] = &[
    ("post", "", &["FOLDER/lines"], 0),
    ("process", "", &[], 3),
    ("deadlines add", "", &["1040", "--by", "daily 06:00", "--stores", "store:S*"], 0),
    ("deadlines add", "", &["1040", "--by", "daily 07:00"], 0),
    ("deadlines remove", "", &["1"], 0),
    ("silences add", "", &["job:3", "--until", "2h", "--reason", "rebuilt"], 0),
    ("silences add", "", &["job:4", "--until", "2h", "--reason", "rebuilt"], 0),
    ("silences end", "", &["1"], 0),
    ("errors take", "", &["Deadlock", "--until", "2h"], 0),
    ("errors give-back", "", &["Deadlock"], 0),
    ("errors note", "", &["Deadlock", "driver update"], 0),
    ("errors mute", "", &["Deadlock"], 0),
    ("errors unmute", "", &["Deadlock"], 0),
    ("rejected retry", "", &["1"], 3),
    ("rejected dismiss", "", &["2"], 0),
    ("connections note", "", &["S0001", "closed on Sundays"], 0),
    ("connections zone", "", &["S0001", "Europe/Berlin"], 0),
    ("batch submit", "", &["--recurrence", "daily 06:00", "--zone", "UTC"], 0),
    ("batch submit", "", &["--start", "2099-01-01T00:00:00Z"], 0),
    ("batch change-status", "", &["2", "withhold"], 0),
    ("batch alerts", "", &["1", "--on", "error"], 0),
    ("batch group", "", &["NIGHT", "--description", "at night"], 0),
    ("batch group", "", &["DAY"], 0),
    ("batch group", "", &["DAY", "--delete"], 0),
    ("batch server", "", &["aos-1", "--groups", ",NIGHT"], 0),
    ("batch delete", "", &["2"], 0),
    ("alerts set", "", &["--rules", "all"], 0),
    ("alerts test", "", &[], 0),
    ("session cancel", "", &["download", "7", "--store", "S0001", "--reason", "ticket 1"], 0),
    ("session undo", "", &["download", "7", "--store", "S0001", "--reason", "ticket 1"], 0),
    ("session rerun", "", &["upload", "9", "--store", "S0001", "--reason", "ticket 1"], 0),
    ("requests", "", &["--hand-over", "S0001", "--to", "agent-2"], 0),
    ("trash restore", "", &["4"], 0),
    ("trash empty", "", &["--confirm", "1"], 0),
    ("parameters set", "m.jansen", &["retention-days", "20"], 1),
    ("approvals approve", "r.vermeer", &["1"], 0),
    ("parameters set", "m.jansen", &["retention-days", "20"], 0),
    ("parameters set", "m.jansen", &["retention-days", "10"], 1),
    ("approvals refuse", "m.jansen", &["2"], 0),
    ("bundle", "", &["--output", "FOLDER/bundle.tar.gz"], 0),
    ("copy", "", &["--from", "OFFICE", "--to", "sqlite:FOLDER/copy.db"], 0),
];

/// The commands that only read, with their arguments.
const READS: &[(&str, &[&str])] = &[
    ("freshness", &[]),
    ("overview", &[]),
    ("matrix", &[]),
    ("store", &["S0001"]),
    ("totals", &["downloads", "--by", "store"]),
    ("runs", &[]),
    ("sessions", &["download"]),
    ("messages", &[]),
    ("errors", &[]),
    ("rejected", &["--all"]),
    ("trash", &[]),
    ("requests", &[]),
    ("schedules", &[]),
    ("connections", &[]),
    ("notifications", &[]),
    ("views", &[]),
    ("journal", &[]),
    ("journal verify", &[]),
    ("batch jobs", &[]),
    ("batch starts", &[]),
    ("batch why", &["1"]),
    ("batch history", &[]),
    ("batch log", &["1"]),
    ("batch servers", &[]),
    ("batch groups", &[]),
    ("alerts", &[]),
    ("alerts settings", &[]),
    ("deadlines", &[]),
    ("silences", &[]),
    ("approvals", &["--all"]),
    ("recurrence next", &["--rule", "FOLDER/rule"]),
    ("parameters", &[]),
    ("doctor", &[]),
    ("handover", &[]),
    ("watch", &["--once"]),
    ("config show", &[]),
];

/// Of these, those whose keys are the settings, and the events of another page.
const ELSEWHERE: [&str; 2] = ["config show", "watch"];

/// Visits every command that can be run.
fn each_command(command: &Command, path: &str, visit: &mut dyn FnMut(&str, &Command)) {
    for sub in command.get_subcommands() {
        let path = format!("{path} {}", sub.get_name()).trim_start().to_owned();
        if !sub.is_subcommand_required_set() {
            visit(&path, sub);
        }
        each_command(sub, &path, visit);
    }
}

#[test]
fn every_command_prints_json_or_is_listed_with_the_reason() {
    let mut known = BTreeSet::new();
    each_command(&Cli::command(), "", &mut |path, command| {
        let prints = command.get_arguments().any(|argument| argument.get_id() == "json");
        assert_eq!(prints, !WITHOUT.iter().any(|(without, _)| *without == path), "{path}");
        let is_run = CHANGES.iter().any(|(name, ..)| *name == path) || READS.iter().any(|(name, _)| *name == path);
        assert_eq!(is_run, prints, "{path} is not run by this page");
        known.insert(path.to_owned());
    });
    let listed = WITHOUT.iter().map(|(name, _)| *name).chain(CHANGES.iter().map(|(name, ..)| *name));
    for name in listed.chain(READS.iter().map(|(name, _)| *name)) {
        assert!(known.contains(name), "there is no command {name}");
    }
}

/// An exchange with something of each kind.
fn exchange() -> Exchange {
    let exchange = Exchange::new();
    let failed = |message: NewMessage| NewMessage { message: Some("Deadlock of process 71".to_owned()), ..message };
    exchange.post_days_ago(40, &[download(1, 4, "S0002", APPLIED), download(2, 5, "S0002", APPLIED)]);
    exchange.post(&[
        download(3, 6, "S0001", APPLIED),
        failed(download(4, 7, "S0001", APPLY_FAILED)),
        failed(upload(5, 9, "S0001", 5)),
        download(6, 10, "S0001", 42),
        download(7, 11, "S0001", 42),
    ]);
    let line = crate::support::messages::line(&download(8, 12, "S0001", APPLIED));
    std::fs::write(exchange.path("lines"), line + "\n").expect("written");
    let rule = r#"{"start": "2026-12-06T02:30", "time_zone": "UTC", "pattern": {"unit": "days", "every": 1}, "end": {"never": true}}"#;
    std::fs::write(exchange.path("rule"), rule).expect("written");
    let held = "[[guardrail]]\naction = 'set parameter'\napprove = 'two persons'\nsentence = 'x'\n";
    std::fs::write(exchange.path("config.toml"), held).expect("written");
    exchange
}

/// Runs a command with `--json`; returns the objects that it prints.
fn objects(exchange: &Exchange, operator: &str, command: &str, args: &[&str], code: i32) -> Vec<Value> {
    let folder = exchange.folder().display().to_string();
    let args: Vec<_> = command
        .split(' ')
        .map(str::to_owned)
        .chain(args.iter().map(|arg| arg.replace("FOLDER", &folder).replace("OFFICE", &exchange.office_url())))
        .chain(["--json".to_owned()])
        .collect();
    let args: Vec<_> = args.iter().map(String::as_str).collect();
    let mut run = exchange.command(&args);
    run.env("CDX_CONFIG", exchange.path("config.toml"));
    if !operator.is_empty() {
        run.env("USER", operator);
    }
    ran(run.stdin(std::process::Stdio::null())).exits(code).json_lines()
}

/// The outermost of a list of keys such as `a, b {c, d}, e [f]`.
fn outermost(list: &str) -> BTreeSet<String> {
    let mut depth = 0;
    let flat: String = list
        .chars()
        .filter(|c| {
            depth += i32::from("{[".contains(*c)) - i32::from("}]".contains(*c));
            depth == 0 && !"}]".contains(*c)
        })
        .collect();
    flat.split(',').filter_map(|key| key.split_whitespace().next().map(str::to_owned)).collect()
}

/// The documented keys of what a command prints; `None` if it is not documented.
fn documented(command: &str, known: &BTreeSet<String>) -> Option<BTreeSet<String>> {
    let span = format!("`cdx {command}`");
    let names_it =
        |line: &&str| line.starts_with('|') && line.split('|').nth(1).is_some_and(|cell| cell.contains(&span));
    if let Some(row) = SCRIPTING.lines().find(names_it) {
        let keys = row.split('|').nth(2)?.split('`').nth(1)?;
        return keys.strip_prefix("cdx ").map_or_else(|| Some(outermost(keys)), |same| documented(same, known));
    }
    // Words behind the command are its arguments.
    let is_it = |span: &&str| {
        let words = span.strip_prefix("cdx ").and_then(|span| span.strip_suffix(" --json"));
        let named =
            |words: &str| known.iter().filter(|known| format!("{words} ").starts_with(&format!("{known} "))).max();
        words.and_then(named).is_some_and(|named| named == command)
    };
    let mut spans = SCRIPTING.split('`').skip(1).step_by(2).skip_while(|span| !is_it(span));
    spans.find(|span| !span.starts_with("cdx ") && span.contains(", ")).map(outermost)
}

fn keys(object: &Value) -> BTreeSet<String> {
    object.as_object().unwrap_or_else(|| panic!("{object} is no object")).keys().cloned().collect()
}

#[test]
fn each_command_prints_the_documented_keys() {
    let exchange = exchange();
    let (mut known, mut faults) = (BTreeSet::new(), Vec::new());
    each_command(&Cli::command(), "", &mut |path, _| _ = known.insert(path.to_owned()));
    let mut compare = |command: &str, printed: &Value| {
        let (keys, expected) = (keys(printed), documented(command, &known));
        if expected.as_ref() != Some(&keys) {
            faults.push(format!("{command} prints {keys:?}, documented are {expected:?}"));
        }
    };
    for (command, operator, args, code) in CHANGES {
        if *command == "batch server" {
            exchange.cdx(&["batch-server", "--once", "--name", "aos-1"]);
            exchange.cdx(&["batch", "submit", "--description", "once"]).exits(0);
            exchange.cdx(&["batch-server", "--once", "--name", "aos-1"]);
        }
        let printed = objects(&exchange, operator, command, args, *code);
        if *code == 1 {
            continue;
        }
        let name = if args.contains(&"--hand-over") { "requests --hand-over S0001 --to agent-2" } else { command };
        assert_eq!(printed.len(), 1, "{command}: {printed:?}");
        compare(name, &printed[0]);
    }
    exchange.post_days_ago(40, &[download(20, 20, "S0002", APPLIED)]);
    exchange.cdx(&["process"]).exits(0);
    exchange.cdx(&["session", "cancel", "download", "7", "--reason", "x"]).exits(0);
    exchange.script_at_head_office(
        "insert into alert_condition (rule, subject, store, text, since) values ('disk_low', 'x', null, 'x', 1)",
    );
    for (command, args) in READS {
        let printed = objects(&exchange, "", command, args, 0);
        let none = Value::Object(serde_json::Map::new());
        if !ELSEWHERE.contains(command) {
            compare(command, printed.first().unwrap_or(&none));
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn the_lists_of_operators_are_filtered_and_limited() {
    let exchange = exchange();
    for (command, operator, args, code) in CHANGES.iter().filter(|(command, ..)| !command.starts_with("trash")) {
        if *command != "batch server" {
            objects(&exchange, operator, command, args, *code);
        }
    }
    exchange.cdx(&["session", "cancel", "download", "7", "--reason", "x"]).exits(0);
    exchange.script_at_head_office(
        "insert into alert_condition (rule, subject, store, text, since) values ('store_silent', 'S1', 'S1', 'x', 1);
         insert into alert_condition (rule, subject, store, text, since) values ('disk_low', 'x', null, 'y', 1);",
    );
    let count = |command: &str, args: &[&str]| objects(&exchange, "", command, args, 0).len();
    for (command, all, filter, found) in [
        ("alerts", &[][..], "store:S1", 1),
        ("alerts", &[], "rule:disk_low state:firing", 1),
        ("alerts", &[], "age<1d", 0),
        ("silences", &["--all"], "open:no", 1),
        ("silences", &["--all"], "alerts:4", 1),
        ("approvals", &["--all"], "state:closed", 1),
        ("approvals", &["--all"], "by:m.jansen", 2),
        ("notifications", &[], "event:self_test unread:yes", 1),
        ("notifications", &[], "event:error", 0),
        ("requests", &[], "action:cancel store:S0001", 1),
        ("requests", &[], "by:x.y", 0),
    ] {
        assert_eq!(count(command, &[all, &["--filter", filter]].concat()), found, "{command} {filter}");
    }
    for (command, all) in [("alerts", &[][..]), ("silences", &["--all"]), ("approvals", &["--all"])] {
        assert_eq!(count(command, all), 2, "{command}");
        assert_eq!(count(command, &[all, &["--limit", "1"]].concat()), 1, "{command}");
    }
    exchange.cdx(&["requests", "--filter", "stor:x"]).exits(2).says("--filter: ");
}
