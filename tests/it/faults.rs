//! Injects a fault at each file change of a command: after one run without faults the result is as
//! if none had occurred, and what a command reported as done survives a power cut at that moment.
//!
//! By default a seeded sample of the changes is tested, with `CDX_SWEEP=all` every change:
//! `CDX_SWEEP=all cargo nextest run --profile sweep -E 'test(faults::)'`.

use crate::crash::tables;
use crate::schema;
use crate::support::fault::{Fault, Kind};
use crate::support::messages::{APPLY_FAILED, REQUESTED, applied_sessions, download, line, upload};
use crate::support::{Exchange, Ran, foreign, ran};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Faults of each kind in the sample.
const SAMPLE: u64 = 5;

/// The state that must not depend on faults, as rows of text.
type State = Vec<Vec<String>>;

/// A command and the state that it must reach.
struct Sweep {
    name: &'static str,
    args: Vec<String>,
    /// Standard input: a file in the exchange's folder.
    input: Option<&'static str>,
    state: fn(&Exchange) -> State,
    /// Faults of each kind in the sample.
    sample: u64,
}

impl Sweep {
    fn command(&self, exchange: &Exchange) -> Command {
        let here = exchange.folder().display().to_string();
        let args: Vec<_> = self.args.iter().map(|word| word.replace("HERE", &here)).collect();
        let args: Vec<_> = args.iter().map(String::as_str).collect();
        let mut command = exchange.command(&args);
        command.env("USER", "r.vermeer").stdin(Stdio::null());
        if let Some(name) = self.input {
            command.stdin(std::fs::File::open(exchange.path(name)).expect("the input"));
        }
        command
    }

    /// Injects faults into the command on copies of `before`, at a sample of its file changes or at
    /// each.
    fn over(&self, before: &Exchange) {
        let undisturbed = copy_of(before);
        let counted = Fault::count(&mut self.command(&undisturbed));
        assert!(done(&counted.ran), "{}: undisturbed: {:?}", self.name, counted.ran);
        assert!(counted.calls > 0, "{}: no change of a file was counted", self.name);
        let reached = (self.state)(&undisturbed);
        recover(&undisturbed);
        let expected = (self.state)(&undisturbed);

        let faults = faults(counted.calls, self.sample);
        let next = AtomicUsize::new(0);
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    while let Some((kind, at)) = faults.get(next.fetch_add(1, Ordering::SeqCst)) {
                        self.disturb(before, *kind, *at, &reached, &expected);
                    }
                });
            }
        });
    }

    fn disturb(&self, before: &Exchange, kind: Kind, at: u64, reached: &State, expected: &State) {
        let exchange = copy_of(before);
        let faulted = Fault::nth(at, kind).run(&mut self.command(&exchange));
        let case = format!("{}: {kind:?} at {at}, {:?}: {:?}", self.name, faulted.met, faulted.ran);
        assert!(!faulted.ran.stderr.contains("panicked"), "{case}");
        let was_done = done(&faulted.ran);
        assert!(was_done || faulted.met.is_some(), "nothing was disturbed, and yet: {case}");
        if was_done {
            compare(&(self.state)(&exchange), reached, &format!("it said it was done: {case}"));
        }
        recover(&exchange);
        if (self.state)(&exchange) != *expected {
            let again = ran(&mut self.command(&exchange));
            assert!(done(&again), "again after {case}: {again:?}");
            recover(&exchange);
        }
        compare(&(self.state)(&exchange), expected, &case);
        for file in [exchange.message_database(), exchange.head_office()] {
            assert_eq!(integrity(&file), "ok", "{}: {case}", file.display());
        }
    }
}

/// Returns the kind and position of each fault for a command with `calls` file changes.
fn faults(calls: u64, sample: u64) -> Vec<(Kind, u64)> {
    let all = std::env::var("CDX_SWEEP").is_ok_and(|value| value == "all");
    let mut rng = fastrand::Rng::with_seed(calls);
    let mut faults = Vec::new();
    for kind in Kind::ALL {
        if all {
            faults.extend((1..=calls).map(|at| (kind, at)));
        } else {
            // One in each section, so that the sample covers the beginning, the middle and the end.
            let stretches = sample.min(calls);
            let bound = |stretch| 1 + calls * stretch / stretches;
            faults.extend((0..stretches).map(|stretch| (kind, rng.u64(bound(stretch)..bound(stretch + 1)))));
        }
    }
    // A power cut right after the command's end.
    faults.extend([(Kind::PowerCut, calls + 100), (Kind::PowerCut, calls + 101), (Kind::PowerCut, calls + 102)]);
    faults
}

fn done(ran: &Ran) -> bool {
    [0, 3].contains(&ran.code)
}

/// Runs the job without faults.
fn recover(exchange: &Exchange) {
    let healed = exchange.cdx(&["process", "--no-purge"]);
    assert!(done(&healed), "{healed:?}");
}

#[track_caller]
fn compare(found: &State, expected: &State, case: &str) {
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!(found, expected, "{case}");
    }
}

fn integrity(file: &Path) -> String {
    foreign(file).query_row("pragma integrity_check", [], |row| row.get(0)).expect("it answers")
}

/// Copies an exchange.
fn copy_of(exchange: &Exchange) -> Exchange {
    let copy = Exchange::new();
    for entry in std::fs::read_dir(exchange.folder()).expect("a folder") {
        let entry = entry.expect("an entry");
        if entry.file_type().expect("a type").is_file() {
            std::fs::copy(entry.path(), copy.path(&entry.file_name().to_string_lossy())).expect("copied");
        }
    }
    copy
}

/// An exchange with sessions of every kind: old and new, applied, failed, open, and invalid
/// messages.
fn mixed() -> Exchange {
    let exchange = Exchange::new();
    let mut old = applied_sessions(1_000, 1..30);
    old.push(download(2_000, 40, "S0040", 77));
    exchange.post_days_ago(40, &old);
    let mut new = applied_sessions(3_000, 100..130);
    for number in 0..10 {
        let failed = download(4_000 + number, 200 + i64::try_from(number).expect("small"), "S0007", APPLY_FAILED);
        new.push(cdx_console::store::message_database::NewMessage {
            message: Some(format!("Deadlock of process {number}")),
            ..failed
        });
    }
    new.push(download(5_000, 300, "S0001", REQUESTED));
    new.push(download(5_001, 301, "S0002", 78));
    new.push(upload(5_002, 302, "S0003", 2));
    exchange.post_days_ago(1, &new);
    exchange
}

/// The same exchange after a transfer.
fn processed() -> Exchange {
    let exchange = mixed();
    recover(&exchange);
    exchange
}

fn words(args: &[&str]) -> Vec<String> {
    args.iter().map(|word| (*word).to_owned()).collect()
}

/// Syncs by `fdatasync`: the flags in `.cargo/config.toml` took effect.
#[test]
fn a_commit_syncs_data_but_not_time_stamps() {
    let before = processed();
    std::fs::write(before.path("line"), line(&download(6_000, 400, "S0001", REQUESTED))).expect("the input");
    let calls_at = |at| {
        let exchange = copy_of(&before);
        let mut command = exchange.command(&["post"]);
        command.stdin(std::fs::File::open(exchange.path("line")).expect("the input"));
        Fault::nth(at, Kind::Kill).on("message.db*").run(&mut command)
    };
    let calls: Vec<_> = (1..).map_while(|at| calls_at(at).met).collect();
    assert!(calls.iter().any(|call| call == "fdatasync message.db-wal"), "{calls:?}");
    assert!(!calls.iter().any(|call| call.starts_with("fsync")), "{calls:?}");
}

/// The state that session actions change, as operators and agents see it.
fn actions(exchange: &Exchange) -> State {
    let head_office = [
        "select direction, session_number, channel_database, round, status, message from session order by 1, 2, 3",
        "select direction, session_number, channel_database, repeated_by from session_rerun order by 1, 2, 3",
        "select action, object, operator from operator_journal order by entry_id",
    ];
    let mut state: State = head_office.iter().map(|sql| exchange.at_head_office(sql)).collect();
    state.push(exchange.posted(
        "select direction, session_number, channel_database, round, action, reason, requested_by, withdrawn_at is null
         from session_request order by request_id",
    ));
    state
}

/// Batch jobs, parameters and the journal.
fn settings(exchange: &Exchange) -> State {
    let head_office = [
        "select description, batch_group, transfer, purge, recurrence is null, status, created_by from batch_job order by job_id",
        "select name, value, changed_by from retail_scheduler_parameters order by name",
        "select action, object, operator from operator_journal order by entry_id",
    ];
    head_office.iter().map(|sql| exchange.at_head_office(sql)).collect()
}

fn posted(exchange: &Exchange) -> State {
    if !exchange.message_database().exists() {
        return Vec::new();
    }
    vec![
        exchange.posted("select message_guid, session_number, status, message from status_message order by message_id"),
    ]
}

#[test]
fn post() {
    let exchange = Exchange::new();
    let lines: String = applied_sessions(1, 1..40).iter().map(|message| line(message) + "\n").collect();
    std::fs::write(exchange.path("lines"), lines).expect("the input");
    Sweep { name: "post", args: words(&["post"]), input: Some("lines"), state: posted, sample: SAMPLE }.over(&exchange);
}

#[test]
fn process() {
    Sweep { name: "process", args: words(&["process", "--no-purge"]), input: None, state: tables, sample: SAMPLE }
        .over(&mixed());
}

#[test]
fn purge() {
    let args = words(&["process", "--no-transfer", "--confirm-purge", "1000000"]);
    Sweep { name: "purge", args, input: None, state: tables, sample: SAMPLE }.over(&processed());
}

#[test]
fn cancel() {
    let args = words(&["session", "cancel", "download", "300", "--reason", "a test"]);
    Sweep { name: "cancel", args, input: None, state: actions, sample: SAMPLE }.over(&processed());
}

#[test]
fn rerun_of_a_download() {
    let args = words(&["session", "rerun", "download", "203", "--reason", "a test"]);
    Sweep { name: "rerun of a download", args, input: None, state: actions, sample: SAMPLE }.over(&processed());
}

#[test]
fn rerun_of_an_upload() {
    let args = words(&["session", "rerun", "upload", "302", "--reason", "a test"]);
    Sweep { name: "rerun of an upload", args, input: None, state: actions, sample: SAMPLE }.over(&failed_upload());
}

/// A transferred exchange whose upload 302 failed.
fn failed_upload() -> Exchange {
    let exchange = mixed();
    exchange.post(&[upload(5_003, 302, "S0003", 6)]);
    recover(&exchange);
    exchange
}

#[test]
fn undo() {
    let exchange = processed();
    exchange.cdx(&["session", "cancel", "download", "300", "--reason", "by mistake"]).exits(0);
    let args = words(&["session", "undo", "download", "300", "--reason", "a test"]);
    Sweep { name: "undo", args, input: None, state: actions, sample: SAMPLE }.over(&exchange);
}

#[test]
fn take_of_requests() {
    let exchange = processed();
    exchange.cdx(&["session", "cancel", "download", "300", "--reason", "a test"]).exits(0);
    let args = words(&["requests", "--take", "agent"]);
    let state =
        |exchange: &Exchange| vec![exchange.posted("select request_id, taken_by from session_request order by 1")];
    Sweep { name: "take of requests", args, input: None, state, sample: SAMPLE }.over(&exchange);
}

#[test]
fn batch_submit() {
    let args = words(&["batch", "submit", "--recurrence", "every 15 min", "--zone", "UTC"]);
    Sweep { name: "batch submit", args, input: None, state: settings, sample: SAMPLE }.over(&processed());
}

#[test]
fn parameters_set() {
    let args = words(&["parameters", "set", "retention-days", "60"]);
    Sweep { name: "parameters set", args, input: None, state: settings, sample: SAMPLE }.over(&processed());
}

#[test]
fn copy() {
    let args = words(&["copy", "--from", "sqlite:HERE/head-office.db", "--to", "sqlite:HERE/copy.db"]);
    let state = |exchange: &Exchange| {
        let copy = exchange.path("copy.db");
        let of = |sql| crate::support::rows(&copy, sql);
        if !copy.exists() || of("select count(*) from sqlite_master where name = 'session'") == ["0"] {
            return Vec::new();
        }
        vec![
            of("select name from sqlite_master where name = 'unfinished_copy'"),
            of("select * from status_message order by 1"),
            of("select * from session order by 1"),
            of("select * from cause order by 1"),
            of("select * from rejected_message order by 1"),
        ]
    };
    Sweep { name: "copy", args, input: None, state, sample: SAMPLE }.over(&processed());
}

/// Tables, rows, and the backups made by migrations.
fn migrated(exchange: &Exchange) -> State {
    let version = exchange.at_head_office("select schema_version from head_office");
    for entry in std::fs::read_dir(exchange.folder()).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.display().to_string();
        // Without an identity the backup is incomplete.
        if let Some((_, number)) = name.split_once(".db.version-")
            && number.chars().all(|character| character.is_ascii_digit())
            && version == newest()
        {
            assert_eq!(integrity(&path), "ok", "{name}");
            let identity = if name.contains("/message.db.") { "exchange" } else { "head_office" };
            let found = crate::support::rows(&path, &format!("select schema_version from {identity}"));
            assert_eq!(found, [number], "{name}");
        }
    }
    if version != newest() {
        return vec![version];
    }
    let mut state = tables(exchange);
    state.push(schema::objects(exchange));
    state
}

/// Returns the schema version of a new head office.
fn newest() -> Vec<String> {
    static NEWEST: std::sync::OnceLock<Vec<String>> = std::sync::OnceLock::new();
    NEWEST.get_or_init(|| processed().at_head_office("select schema_version from head_office")).clone()
}

fn migration_from(versions: (u32, u32), sample: u64) {
    let args = words(&["process", "--no-purge"]);
    let name = "migration";
    Sweep { name, args, input: None, state: migrated, sample }.over(&schema::exchange_of_versions(versions));
}

#[test]
fn migration_from_version_1() {
    migration_from(schema::VERSIONS[0], SAMPLE);
}

#[test]
fn migration_from_the_versions_between() {
    for versions in &schema::VERSIONS[1..] {
        migration_from(*versions, 1);
    }
}
