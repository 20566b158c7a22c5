//! `cdx watch`: every change is in the stream once, whenever it is polled, and a stream continues
//! at each of its positions.

use crate::support::child::Running;
use crate::support::messages::{APPLIED, APPLY_FAILED, REQUESTED, applied_sessions, download};
use crate::support::{Exchange, Ran, wait_until};
use cdx_console::batch::{AlertEvent, AlertSettings};
use cdx_console::engine::Watcher;
use cdx_console::store::head_office::{About, NewNotification, ServerStart};
use cdx_console::store::message_database::NewMessage;
use cdx_console::store::{Access, HeadOffice};
use serde_json::Value;
use std::process::Stdio;

fn office(exchange: &Exchange) -> HeadOffice {
    HeadOffice::open(&exchange.databases().head_office, Access::Create).expect("head office")
}

fn failed(number: u64, session: i64, tries: i64, text: &str) -> NewMessage {
    let message = download(number, session, "S0001", APPLY_FAILED);
    NewMessage { message: Some(text.to_owned()), try_count: tries, ..message }
}

fn requested(number: u64, session: i64, tries: i64) -> NewMessage {
    NewMessage { try_count: tries, ..download(number, session, "S0001", REQUESTED) }
}

fn process(exchange: &Exchange, messages: &[NewMessage]) {
    exchange.post(messages);
    exchange.cdx(&["process", "--no-purge"]).exits(0);
}

fn once(exchange: &Exchange, position: &Value) -> Ran {
    let position = position.as_str().expect("a position");
    exchange.cdx(&["watch", "--json", "--once", "--from", position])
}

/// The changes since a position, without the line that begins the stream.
fn since(exchange: &Exchange, position: &Value) -> Vec<Value> {
    let ran = once(exchange, position).exits(0);
    assert_eq!(ran.stderr, "");
    let mut lines = ran.json_lines();
    assert_eq!(lines.remove(0)["event"], "watching");
    lines
}

fn now(exchange: &Exchange) -> Value {
    let line = exchange.cdx(&["watch", "--json", "--once"]).exits(0).json();
    assert_eq!(line["event"], "watching");
    line["position"].clone()
}

fn events(lines: &[Value]) -> Vec<&str> {
    lines.iter().map(|line| line["event"].as_str().expect("a word")).collect()
}

/// An exchange after its first run, where the stream begins.
fn begun() -> (Exchange, Value) {
    let exchange = Exchange::new();
    process(&exchange, &[failed(1, 10, 1, "Old cause 1")]);
    let position = now(&exchange);
    (exchange, position)
}

#[test]
fn what_happened_between_two_looks_is_in_the_stream_once_and_in_order() {
    let (exchange, start) = begun();
    assert!(since(&exchange, &start).is_empty());
    process(&exchange, &[failed(2, 11, 1, "Deadlock of process 71"), failed(3, 10, 2, "Old cause 2")]);
    process(&exchange, &[requested(4, 11, 2), failed(5, 11, 2, "Deadlock of process 72")]);
    process(&exchange, &[download(6, 11, "S0001", APPLIED), download(7, 12, "S0002", APPLIED)]);
    let lines = since(&exchange, &start);
    let changes = ["new_cause", "session_failed", "session_resolved", "session_failed", "session_resolved"];
    let runs = ["run_began", "run_ended", "run_began", "run_ended", "run_began"];
    assert_eq!(events(&lines), [&runs[..], &changes, &["run_ended"]].concat(), "{lines:#?}");
    let (cause, failed, applied) = (&lines[5], &lines[6], &lines[9]);
    assert_eq!(cause["cause"], "Deadlock of process #", "the old cause is not new");
    assert_eq!((&failed["session_number"], &failed["channel_database"]), (&11.into(), &"S0001".into()));
    assert_eq!((&failed["status"], &failed["message"]), (&"apply_failed".into(), &"Deadlock of process 71".into()));
    assert_eq!((&applied["status"], &applied["status_before"]), (&"applied".into(), &"apply_failed".into()));
    assert_eq!((&lines[10]["read"], &lines[10]["outcome"]), (&2.into(), &"ended".into()));
    // It continues at each position; only one of two changes by one message is repeated.
    for (at, line) in lines.iter().enumerate() {
        let rest = since(&exchange, &line["position"]);
        let without_position = |lines: &[Value]| -> Vec<Value> {
            let without = |line: &Value| {
                let mut line = line.clone();
                line.as_object_mut().expect("an object").remove("position");
                line
            };
            lines.iter().map(without).collect()
        };
        let repeated = usize::from(line["event"] == "new_cause");
        assert_eq!(without_position(&rest), without_position(&lines[at + 1 - repeated..]), "after {line}");
    }
    let text = exchange.cdx(&["watch", "--once", "--from", start.as_str().expect("text")]).exits(0).stdout;
    assert!(
        text.contains("UTC  download 11 on S0001, job 1040 failed, Apply failed: Deadlock of process 71"),
        "{text}"
    );
}

#[test]
fn the_changes_do_not_depend_on_when_they_are_polled() {
    let (exchange, start) = begun();
    let office = office(&exchange);
    let mut watcher = Watcher::begin(&office).expect("it reads");
    let mut live = Vec::new();
    let mut poll = |live: &mut Vec<String>| {
        loop {
            let polled = watcher.poll(&office).expect("it reads");
            live.extend(polled.changes.iter().map(|(change, _)| change.words()).filter(|words| !words.contains("un ")));
            if !polled.more {
                break;
            }
        }
    };
    let mut number = 100;
    for round in 0..4 {
        let mut messages = Vec::new();
        for session in 0..700_i64 {
            number += 1;
            let cause = ["a", "b", "c"][usize::try_from(session % 3).expect("small")];
            messages.push(match (session + round) % 5 {
                0 => failed(number, session, round, &format!("Cause {cause}")),
                1 => requested(number, session, round),
                _ => download(number, session, "S0001", if round < 2 { REQUESTED } else { APPLIED }),
            });
        }
        process(&exchange, &messages);
        poll(&mut live);
    }
    let position = start.as_str().expect("text");
    let text = exchange.cdx(&["watch", "--once", "--from", position]).exits(0).stdout;
    let words = text.lines().skip(1).map(|line| line.split_once("UTC  ").expect("an instant").1.to_owned());
    let at_once: Vec<_> = words.filter(|words| !words.contains("un ")).collect();
    assert!(live.iter().filter(|words| words.contains("resolved")).count() > 50, "{}", live.len());
    assert_eq!(at_once, live);
    // The stream ends in what the list of open sessions says.
    let open = exchange.cdx(&["sessions", "download", "--filter", "status:failed", "--json"]).exits(0).json_lines();
    let count = |what: &str| live.iter().filter(|words| words.contains(what)).count();
    assert_eq!(open.len(), count(" failed, ") + 1 - count(" resolved, "), "one had failed before the stream");
}

#[test]
fn a_stream_is_followed_until_it_is_interrupted() {
    for signal in ["INT", "TERM"] {
        let (exchange, _) = begun();
        let out = exchange.path("stream.jsonl");
        let mut command = exchange.command(&["watch", "--json"]);
        let file = std::fs::File::create(&out).expect("a file");
        let mut child = command.stdin(Stdio::null()).stdout(file).stderr(Stdio::piped()).spawn().expect("it starts");
        let has = |event: &str| std::fs::read_to_string(&out).expect("a file").contains(event);
        wait_until("it watches", || has("watching"));
        process(&exchange, &[failed(2, 11, 1, "Deadlock")]);
        wait_until("the run ended in the stream", || has("run_ended") && has("session_failed"));
        let killed = std::process::Command::new("kill").args(["-s", signal, &child.id().to_string()]).status();
        assert!(killed.expect("kill runs").success());
        assert_eq!(child.wait().expect("it ends").code(), Some(130));
    }
}

#[test]
fn a_closed_pipe_ends_it_silently_although_nothing_changes() {
    let (exchange, _) = begun();
    let script = "cdx watch --json | head -n 1; echo \"${PIPESTATUS[0]}\"";
    let binary = std::path::Path::new(env!("CARGO_BIN_EXE_cdx")).parent().expect("a folder").display().to_string();
    let path = format!("{binary}:{}", std::env::var("PATH").expect("set"));
    let mut bash = std::process::Command::new("bash");
    bash.args(["-c", script]).env_clear().env("PATH", path).env("HOME", exchange.folder());
    bash.env("CDX_HEAD_OFFICE", exchange.office_url()).env("CDX_MESSAGE_DATABASE", exchange.message_url());
    let ran = Running::start(&mut bash).finish();
    assert_eq!((ran.stdout.lines().last(), ran.stderr.as_str()), (Some("0"), ""), "{ran:?}");
}

#[test]
fn batch_servers_that_start_stop_and_fall_silent_are_in_the_stream() {
    let (exchange, start) = begun();
    let office = office(&exchange);
    let register = |incarnation: &str| {
        let [name, incarnation, host, zone] = ["aos-1", incarnation, "hq", "UTC"].map(str::to_owned);
        office.register_server(&ServerStart { name, incarnation, host, zone }).expect("registered");
    };
    let mut position = start;
    let mut next = |expected: &[(&str, &str)]| {
        let lines = since(&exchange, &position);
        let found: Vec<_> = lines
            .iter()
            .map(|line| (line["event"].as_str().expect("a word"), line["reason"].as_str().unwrap_or("")))
            .collect();
        assert_eq!(found, expected, "{lines:#?}");
        position = lines.last().map_or_else(|| position.clone(), |line| line["position"].clone());
        assert!(since(&exchange, &position).is_empty());
    };
    register("a");
    next(&[("server_up", "")]);
    exchange.change_head_office("update batch_server set heartbeat_at = heartbeat_at - 60000");
    next(&[("server_down", "silent")]);
    assert!(office.heartbeat("aos-1", "a").expect("it is known"));
    next(&[("server_up", "")]);
    exchange.change_head_office("update batch_server set started_at = started_at - 60000");
    next(&[("server_down", "restarted"), ("server_up", "")]);
    office.note_server_stopped("aos-1", "a").expect("stopped");
    next(&[("server_down", "stopped")]);
    register("c");
    next(&[("server_up", "")]);
    exchange.change_head_office("delete from batch_server");
    next(&[("server_down", "deleted")]);
}

#[test]
fn alerts_of_all_operators_are_in_the_stream() {
    let (exchange, start) = begun();
    for operator in ["r.vermeer", "m.jansen"] {
        let settings = AlertSettings { operator: operator.to_owned(), ..AlertSettings::default() };
        let event = AlertEvent::RunsLong;
        let new = NewNotification {
            settings: &settings,
            event,
            about: About::Test,
            job_id: Some(3),
            history_id: None,
            text: "It is slow.",
        };
        office(&exchange).notify_now(&new).expect("notified");
    }
    let lines = since(&exchange, &start);
    assert_eq!(events(&lines), ["alert", "alert"]);
    assert_eq!((&lines[1]["operator"], &lines[1]["about"]), (&"m.jansen".into(), &"runs_long".into()));
    assert_eq!(lines[1]["text"], "It is slow.");
    assert_eq!(events(&since(&exchange, &lines[0]["position"])), ["alert"]);
}

#[test]
fn a_killed_run_is_reported_once_and_its_mark_by_the_next_run_is_not_news() {
    let (exchange, start) = begun();
    process(&exchange, &[download(2, 11, "S0001", APPLIED)]);
    exchange.change_head_office("update run set outcome = null, ended_at = null where run_id = 2");
    let lines = since(&exchange, &start);
    assert_eq!(events(&lines), ["run_began", "run_ended"]);
    assert_eq!((&lines[1]["outcome"], &lines[1]["ended_at"]), (&"interrupted".into(), &Value::Null));
    assert!(since(&exchange, &lines[1]["position"]).is_empty());
    process(&exchange, &[]);
    assert_eq!(events(&since(&exchange, &lines[1]["position"])), ["run_began", "run_ended"]);
    // It had not been killed: it was suspended, and ended.
    exchange.change_head_office("update run set outcome = 'ended' where run_id = 2");
    exchange.change_head_office("delete from run where run_id = 3");
    let ended = since(&exchange, &lines[1]["position"]);
    assert_eq!((events(&ended), &ended[0]["outcome"]), (vec!["run_ended"], &"ended".into()));
}

#[test]
fn a_position_of_another_head_office_or_ahead_of_it_is_refused_or_mentioned() {
    let (exchange, start) = begun();
    for text in ["", "42", "3f2a9c1b:1:1:9:1:"] {
        exchange.cdx(&["watch", "--once", "--from", text]).exits(2).says("not a position");
    }
    let (other, _) = begun();
    once(&other, &start).exits(2).says("another head office");
    let mut parts: Vec<_> = start.as_str().expect("text").split(':').map(str::to_owned).collect();
    parts[1] = "999999".to_owned();
    let ahead = Value::from(parts.join(":"));
    once(&exchange, &ahead).exits(0).says("ahead of head office");
    exchange.cdx(&["watch", "--interval", "0"]).exits(2);
}

#[test]
fn more_messages_than_one_look_reads_are_followed_to_the_end() {
    let (exchange, start) = begun();
    let mut messages = applied_sessions(100, 100..2_100);
    messages.push(failed(2, 11, 1, "The last one"));
    process(&exchange, &messages);
    let lines = since(&exchange, &start);
    assert_eq!(events(&lines), ["run_began", "new_cause", "session_failed", "run_ended"], "{lines:#?}");
}

/// A stream that is being followed.
pub struct Stream {
    pub watch: Running,
    out: std::path::PathBuf,
}

impl Stream {
    pub fn follow(exchange: &Exchange) -> Self {
        let out = exchange.path("stream.jsonl");
        let script = format!("exec cdx watch --json > {}", out.display());
        let binary = std::path::Path::new(env!("CARGO_BIN_EXE_cdx")).parent().expect("a folder").display().to_string();
        let path = format!("{binary}:{}", std::env::var("PATH").expect("set"));
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", &script]).env_clear().env("PATH", path).env("HOME", exchange.folder());
        shell.env("CDX_HEAD_OFFICE", exchange.office_url()).env("CDX_MESSAGE_DATABASE", exchange.message_url());
        let stream = Self { watch: Running::start(&mut shell), out };
        stream.wait_for("watching");
        stream
    }

    pub fn wait_for(&self, text: &str) {
        let has = || std::fs::read_to_string(&self.out).is_ok_and(|lines| lines.contains(text));
        wait_until(&format!("{text} is in the stream"), has);
    }

    /// How often a text is in the lines so far.
    pub fn count(&self, text: &str) -> usize {
        std::fs::read_to_string(&self.out).expect("lines").matches(text).count()
    }
}

/// Moves head office's files out of their place, or back.
fn move_head_office(from: &std::path::Path, to: &std::path::Path) {
    for end in ["-shm", "-wal", ""] {
        let file = |path: &std::path::Path| format!("{}{end}", path.display());
        if std::path::Path::new(&file(from)).exists() {
            std::fs::rename(file(from), file(to)).expect("moved");
        }
    }
}

#[test]
fn a_stream_continues_in_a_restored_file_and_ends_at_another_head_office() {
    let exchange = Exchange::of(crate::support::engines::Engines::Sqlite);
    process(&exchange, &[failed(1, 10, 1, "Old cause 1")]);
    let stream = Stream::follow(&exchange);
    let backup = exchange.path("backup.db");
    exchange.script_at_head_office(&format!("vacuum into '{}'", backup.display()));
    let (place, away) = (exchange.head_office(), exchange.path("away.db"));
    move_head_office(&place, &away);
    stream.watch.wait_until_it_says("was moved or removed (retrying until it is back)");
    move_head_office(&backup, &place);
    stream.watch.wait_until_it_says("head office is back; the stream continues");
    process(&exchange, &[failed(2, 11, 1, "After the restore")]);
    stream.wait_for("\"run_ended\"");
    assert_eq!(stream.count("\"event\":\"restored\""), 0, "nothing is missing");
    let backup = exchange.path("older.db");
    exchange.script_at_head_office(&format!("vacuum into '{}'", backup.display()));
    process(&exchange, &[failed(3, 12, 1, "Lost by the restore")]);
    stream.wait_for("Lost by the restore");
    move_head_office(&place, &exchange.path("lost.db"));
    move_head_office(&backup, &place);
    stream.wait_for("\"event\":\"restored\"");
    assert_eq!((stream.count("\"session_failed\""), stream.count("Old cause")), (2, 0));
    let other = Exchange::of(crate::support::engines::Engines::Sqlite);
    process(&other, &[failed(1, 10, 1, "Of another")]);
    move_head_office(&place, &exchange.path("away-too.db"));
    move_head_office(&other.head_office(), &place);
    stream.watch.finish().exits(2).says("the position is of another head office");
}

/// A file gives the numbers of purged messages to new ones, so restored messages get others.
#[test]
fn failures_of_restored_sessions_are_marked() {
    let exchange = Exchange::new();
    exchange.post_days_ago(40, &[failed(1, 10, 1, "Old cause 1")]);
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    exchange.cdx(&["parameters", "set", "unresolved-retention-days", "30"]).exits(0);
    exchange.cdx(&["process"]).exits(0);
    assert_eq!(exchange.count("trash_session"), 1);
    process(&exchange, &[failed(2, 11, 1, "New cause 2")]);
    let position = now(&exchange);
    exchange.cdx(&["trash", "restore", "10"]).exits(0);
    process(&exchange, &[failed(3, 12, 1, "New cause 2")]);
    let failures: Vec<_> =
        since(&exchange, &position).into_iter().filter(|line| line["event"] == "session_failed").collect();
    let marks: Vec<_> = failures.iter().map(|line| (&line["session_number"], &line["restored"])).collect();
    assert_eq!(marks, [(&10.into(), &true.into()), (&12.into(), &false.into())], "{failures:?}");
    let words = exchange.cdx(&["watch", "--once", "--from", position.as_str().expect("a text")]).exits(0).stdout;
    assert!(words.contains("10 on S0001, job 1040 failed (restored from the trash)"), "{words}");
    let metrics = exchange.cdx(&["metrics"]).exits(0).stdout;
    assert!(metrics.contains("\ncdx_sessions_failed_restored{direction=\"download\"} 1\n"), "{metrics}");
    let sheet = exchange.cdx(&["handover", "--text"]).exits(0).stdout;
    assert!(sheet.contains("3 downloads failed, on 1 channel database (1 restored from the trash)"), "{sheet}");
}

crate::support::engines::on_postgres!(
    what_happened_between_two_looks_is_in_the_stream_once_and_in_order,
    the_changes_do_not_depend_on_when_they_are_polled,
    a_stream_is_followed_until_it_is_interrupted,
    batch_servers_that_start_stop_and_fall_silent_are_in_the_stream,
    alerts_of_all_operators_are_in_the_stream,
    a_killed_run_is_reported_once_and_its_mark_by_the_next_run_is_not_news,
    more_messages_than_one_look_reads_are_followed_to_the_end,
);
