//! The trash: purged sessions can be restored for their hours as if they had never been purged, and
//! each row is in exactly one of head office, the trash, or gone.

use crate::screens::{COLOR, NOW, TestConsole, fits, look};
use crate::support::Exchange;
use crate::support::child::Running;
use crate::support::engines::{Engines, current};
use crate::support::messages::{applied_sessions, download, guid, now};
use cdx_console::cancel::Cancel;
use cdx_console::clock::ManualClock;
use cdx_console::console::app::RuntimeEffect;
use cdx_console::console::backend::mutations::perform;
use cdx_console::console::protocol::key::Key;
use cdx_console::console::protocol::keymap::Keymap;
use cdx_console::console::protocol::route::Route;
use cdx_console::domain::{Outcome, Timestamp, Trigger};
use cdx_console::engine::{self, ProcessOptions, Restoring, RunEvent};
use cdx_console::filter::{Filter, lists, parse};
use cdx_console::store::head_office::{Emptied, RestoreRefusal, Restored, TrashFilter};
use cdx_console::store::message_database::NewMessage;
use cdx_console::store::{Access, HeadOffice};
use cdx_console::text::time::Zone;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use std::time::Duration;

const APPLIED: i64 = 4;

/// Everything that a restore must bring back.
fn state(exchange: &Exchange) -> Vec<Vec<String>> {
    let mut tables = vec![
        exchange.at_head_office(
            "select session_id, direction, session_number, channel_database, round, status, try_count, winner_at, winner_guid,
                message, created_at, modified_at, last_posted_at, job_name, channel_data_group, rerun_for, last_error_guid, run_id
             from session order by 1",
        ),
        exchange.at_head_office("select * from status_message order by message_key"),
        exchange.at_head_office("select * from session_rerun order by 1, 2, 3"),
        exchange.at_head_office("select * from session_tombstone order by 1, 2, 3"),
        exchange.at_head_office("select * from cause order by 1"),
    ];
    if !crate::support::engines::current().serves_office() {
        tables.push(exchange.at_head_office("select hex(guid) from message_guid order by 1"));
    }
    tables
}

/// The rows of sessions, messages and marks without the numbers that the database gives.
fn without_numbers(state: &[Vec<String>]) -> Vec<Vec<String>> {
    let numbered = state[..2].iter().map(|rows| {
        let mut rows: Vec<_> =
            rows.iter().map(|row| row.split_once('|').expect("several columns").1.to_owned()).collect();
        rows.sort();
        rows
    });
    numbered.chain(state[2..4].iter().cloned()).collect()
}

fn rows(exchange: &Exchange, tables: [&str; 2]) -> [Vec<String>; 2] {
    let [sessions, messages] = tables;
    [
        exchange.at_head_office(&format!(
            "select direction, session_number, channel_database from {sessions} order by 1, 2, 3"
        )),
        exchange.at_head_office(&format!("select message_guid from {messages} order by 1")),
    ]
}

/// The rows at head office and those in the trash.
fn places(exchange: &Exchange) -> [[Vec<String>; 2]; 2] {
    [rows(exchange, ["session", "status_message"]), rows(exchange, ["trash_session", "trash_status_message"])]
}

fn open(exchange: &Exchange) -> HeadOffice {
    HeadOffice::open(&exchange.databases().head_office, Access::Existing).expect("head office")
}

fn restore(office: &HeadOffice, filter: TrashFilter) -> Restored {
    let chosen = office.trash(&TrashFilter { limit: i64::MAX, ..filter }).expect("listed");
    let mut restored = Restored::default();
    engine::restore(office, &chosen, "tester", &Cancel::new(), &mut restored).expect("restored");
    restored
}

fn run(exchange: &Exchange, clock: &ManualClock, transfer: bool, purge: bool) -> cdx_console::domain::Run {
    let options = ProcessOptions {
        transfer,
        purge,
        force: true,
        confirm_purge: Some(i64::MAX),
        ..ProcessOptions::new(Trigger::Command, "tester", "here")
    };
    let run =
        engine::process(&exchange.databases(), &options, clock, &Cancel::new(), &|_: RunEvent| {}).expect("a run");
    assert_eq!(run.outcome, Some(Outcome::Ended), "{run:?}");
    run
}

/// A message with a key from small ranges: direction, number, channel database, status, age in
/// days, the session it repeats.
type Posted = (i64, i64, usize, i64, i64, Option<i64>);

fn posted() -> impl Strategy<Value = Posted> {
    (0i64..2, 0i64..6, 0usize..4, 0i64..10, 0i64..60, prop::option::weighted(0.2, 0i64..6))
}

fn message(start: Timestamp, number: u64, posted: &Posted) -> (NewMessage, Timestamp) {
    let (direction, session_number, store, status, age, repeats) = *posted;
    let stores = if direction == 1 { ["S1", "S2", "S3", "S3"] } else { ["", "S1", "S2", "S3"] };
    let message = NewMessage {
        message_guid: guid(number),
        direction,
        session_number,
        channel_database: stores[store].to_owned(),
        job_name: "1040".to_owned(),
        status: if direction == 1 { status % 7 } else { status },
        occurred_at: Timestamp(start.0 - 1_000_000),
        message: (status > 4).then(|| format!("Deadlock of process {number}")),
        rerun_for: repeats.filter(|repeated| direction == 1 && *repeated != session_number),
        ..NewMessage::default()
    };
    (message, Timestamp(start.minus_days(age).0 - 40_000))
}

#[test]
fn restored_sessions_are_as_if_they_had_never_been_purged() {
    // Creating databases on a server is slow.
    let cases = if current() == Engines::Sqlite { 64 } else { 8 };
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    let case = (prop::collection::vec(posted(), 1..60), 1i64..50, prop_oneof![Just(0i64), 1i64..50], 0u64..4);
    let cases = TestRunner::new(config)
        .run(&case, |(posted, retention, unresolved, later)| is_restored(&posted, retention, unresolved, later));
    cases.unwrap_or_else(|fault| panic!("{fault}"));
}

/// Purges and restores; `later` messages of other sessions arrive between.
fn is_restored(posted: &[Posted], retention: i64, unresolved: i64, later: u64) -> Result<(), TestCaseError> {
    let exchange = Exchange::new();
    let start = Timestamp(now().0 + 1_000_000);
    let clock = ManualClock::new(start);
    let messages: Vec<_> = (1..).zip(posted).map(|(number, posted)| message(start, number, posted)).collect();
    exchange.agent().import(&messages).expect("stored");
    run(&exchange, &clock, true, false);
    let office = open(&exchange);
    for (name, days) in [("retention-days", retention), ("unresolved-retention-days", unresolved)] {
        office.set_parameter(name.parse().expect("a parameter"), days, "tester").expect("set");
    }
    exchange.script_at_head_office(
        "insert into session_rerun (direction, session_number, channel_database, database_id, request_id, marked_at)
         select direction, session_number, channel_database, 'x', session_id, 7 from session where direction = 1;",
    );
    let (before, [all, _]) = (state(&exchange), places(&exchange));
    run(&exchange, &clock, false, true);
    let [live, gone] = places(&exchange);
    for (all, (live, gone)) in all.iter().zip(live.iter().zip(&gone)) {
        let mut both = [live.as_slice(), gone].concat();
        both.sort();
        let mut all = all.clone();
        all.sort();
        prop_assert_eq!(both, all, "each row is in one place");
    }
    let other = |number: u64| download(900 + number, 900 + number.cast_signed(), "S0009", 2);
    exchange.post(&(0..later).map(other).collect::<Vec<_>>());
    run(&exchange, &clock, true, false);
    let restored = restore(&office, TrashFilter::default());
    prop_assert!(restored.refused.is_empty(), "{:?}", restored);
    prop_assert_eq!(restored.sessions, i64::try_from(gone[0].len()).expect("small"));
    prop_assert_eq!(restored.messages, i64::try_from(gone[1].len()).expect("small"));
    exchange.script_at_head_office(
        "delete from session where session_number >= 900; delete from status_message where session_number >= 900;",
    );
    let after = state(&exchange);
    if later == 0 {
        prop_assert_eq!(after, before);
    } else {
        prop_assert_eq!(without_numbers(&after), without_numbers(&before));
    }
    prop_assert_eq!(restore(&office, TrashFilter::default()), Restored::default());
    // Their retention begins again; then they are purged again, and stay for the trash's hours.
    prop_assert_eq!(run(&exchange, &clock, false, true).purged.head_office, []);
    clock.set(start.minus_days(-51));
    run(&exchange, &clock, false, true);
    let again = places(&exchange)[1].clone();
    prop_assert!(gone[0].iter().all(|key| again[0].contains(key)), "{:?} {:?}", gone, again);
    clock.set(start.minus_days(-51).plus_hours(24));
    run(&exchange, &clock, false, true);
    prop_assert!(again[0].iter().all(|key| places(&exchange)[1][0].contains(key)));
    clock.set(start.minus_days(-51).plus_hours(25));
    let run = run(&exchange, &clock, false, true);
    let emptied: i64 = run.purged.trash.iter().map(|(_, rows)| rows).sum();
    prop_assert_eq!(usize::try_from(emptied).expect("small"), again[0].len() + again[1].len());
    prop_assert!(!places(&exchange)[1][0].iter().any(|key| again[0].contains(key)));
    Ok(())
}

/// 20 applied sessions of 40 days ago in the trash, with three messages each; three newer ones.
fn purged() -> Exchange {
    let exchange = Exchange::new();
    let old = |number: u64| {
        (0..3)
            .map(move |step| download(number * 10 + step, number.cast_signed(), "S0001", 2 + i64::from(step == 2) * 2))
    };
    exchange.post_days_ago(40, &(1..=20).flat_map(old).collect::<Vec<_>>());
    exchange.post(
        &(31..=33).map(|number| download(number * 10, number.cast_signed(), "S0002", APPLIED)).collect::<Vec<_>>(),
    );
    exchange.cdx(&["process"]).exits(0);
    exchange
}

#[test]
fn the_command_lists_restores_and_empties() {
    let exchange = purged();
    assert_eq!((exchange.count("session"), exchange.count("status_message")), (3, 3));
    let listed = exchange.cdx(&["trash", "--json", "--limit", "100"]).exits(0).json_lines();
    assert_eq!(listed.len(), 20);
    let row = listed.iter().find(|row| row["session_number"] == 7).expect("listed");
    assert_eq!(
        (&row["direction"], &row["channel_database"], &row["job_name"]),
        (&"download".into(), &"S0001".into(), &"1040".into())
    );
    assert_eq!((&row["status"], &row["rows"], &row["purged_by_run"]), (&"applied".into(), &4.into(), &1.into()));
    assert_eq!(exchange.cdx(&["trash", "--filter", "session<4", "--json"]).exits(0).json_lines().len(), 3);
    assert!(
        exchange
            .cdx(&["trash", "--csv"])
            .exits(0)
            .stdout
            .starts_with("Session,Direction,Channel database,Job,Status,Rows")
    );

    // Others are in the trash, too.
    let filtered = exchange.cdx(&["trash", "restore", "9", "--filter", "session<5"]).exits(0);
    let filtered = filtered.says("no session was restored: none in the trash matches");
    assert!(!filtered.stderr.contains("not in the trash"), "{filtered:?}");

    let restored = exchange.cdx(&["trash", "restore", "7", "8", "--json"]).exits(0).json();
    assert_eq!((&restored["sessions"], &restored["messages"]), (&2.into(), &6.into()));
    let again = exchange.cdx(&["trash", "restore", "7"]).exits(3);
    assert!(again.stderr.contains("session 7: not in the trash"), "{again:?}");
    let none = exchange.cdx(&["trash", "restore", "--run", "99"]).exits(0);
    none.says("no session was restored: none in the trash matches");
    exchange.cdx(&["trash", "restore", "--run", "1", "--filter", "session<10"]).exits(0);
    assert_eq!((exchange.count("session"), exchange.count("trash_session")), (12, 11));
    // Not purged again at once; a re-read of the message database changes nothing.
    exchange.cdx(&["process"]).exits(0);
    assert_eq!((exchange.count("session"), exchange.count("trash_session")), (12, 11));
    exchange.cdx(&["journal", "verify"]).exits(0);
    let journal = exchange.at_head_office("select action, object, detail from operator_journal order by entry_id");
    assert_eq!(journal, ["restore session|2 sessions|purged by run 1", "restore session|7 sessions|purged by run 1"]);

    let refused = exchange.cdx(&["trash", "empty"]).exits(2);
    assert!(refused.stderr.contains("11 sessions with 33 messages; --confirm 11 deletes them"), "{refused:?}");
    exchange.cdx(&["trash", "empty", "--confirm", "10"]).exits(2);
    assert_eq!(exchange.count("trash_session"), 11);
    let config = exchange.path("config.toml");
    std::fs::write(&config, "[roles]\ndefault = 'viewer'\n").expect("written");
    let config = config.to_str().expect("a plain path");
    let refused = exchange.cdx(&["trash", "empty", "--confirm", "11", "--config", config]).exits(1);
    assert!(refused.stderr.contains("empty trash refused") && !refused.stderr.contains("deleted"), "{refused:?}");
    let emptied = exchange.cdx(&["trash", "empty", "--confirm", "11", "--json"]).exits(0).json();
    assert_eq!((&emptied["sessions"], &emptied["messages"]), (&11.into(), &33.into()));
    assert_eq!((exchange.count("trash_session"), exchange.count("trash_status_message")), (0, 0));
    let journal = "select object, detail, result from operator_journal where action = 'empty trash' \
        and result <> 'refused' order by entry_id";
    assert_eq!(
        exchange.at_head_office(journal),
        ["11 sessions|with 33 messages|begun", "11 sessions|with 33 messages; begun by journal row 4|done"]
    );
    // The restores name their sessions.
    let of_seven = exchange.cdx(&["journal", "--filter", "session:7", "--json"]).exits(0).json_lines();
    assert_eq!(of_seven.len(), 1);
    assert_eq!((&of_seven[0]["entry_id"], &of_seven[0]["object"]), (&1.into(), &"2 sessions".into()));
    exchange.cdx(&["journal", "verify"]).exits(0);
    assert!(exchange.cdx(&["trash", "restore", "--run", "1", "--read-only"]).exits(2).stderr.contains("read_only"));
    exchange.cdx(&["trash", "restore"]).exits(2);
}

#[test]
fn a_session_that_exists_again_is_not_overwritten() {
    let exchange = purged();
    let columns =
        "direction, session_number, channel_database, round, status, try_count, winner_at, winner_guid, created_at,
        modified_at, last_posted_at, job_name, run_id";
    exchange.script_at_head_office(&format!(
        "insert into session ({columns}) select {columns} from trash_session where session_number = 5;
         update session set job_name = 'new' where session_number = 5;"
    ));
    let restored = exchange.cdx(&["trash", "restore", "5", "6"]).exits(3);
    assert!(
        restored.stderr.contains("download session 5 S0001: a session of this number is at head office"),
        "{restored:?}"
    );
    assert_eq!(
        exchange.at_head_office("select job_name from session where session_number in (5, 6) order by session_number"),
        ["new", "1040"]
    );
    assert_eq!(exchange.at_head_office("select count(*) from trash_session where session_number in (5, 6)"), ["1"]);
    // A message of a purged session that was accepted elsewhere.
    exchange.post(&[download(90, 40, "S0009", APPLIED)]);
    exchange.cdx(&["process"]).exits(0);
    let office = open(&exchange);
    let restored = restore(&office, TrashFilter { numbers: vec![9], ..TrashFilter::default() });
    assert_eq!(restored.refused.first().map(|(_, why)| *why), Some(RestoreRefusal::MessageExists));
}

#[test]
fn messages_that_were_rejected_because_of_the_purge_can_be_retried_after_a_restore() {
    let exchange = purged();
    exchange.post(&[download(999, 7, "S0001", APPLIED)]);
    exchange.cdx(&["process"]).exits(3);
    exchange.cdx(&["trash", "restore", "7"]).exits(0);
    exchange.cdx(&["rejected", "retry", "--all"]).exits(0);
    assert_eq!(exchange.at_head_office("select count(*) from status_message where session_number = 7"), ["4"]);
}

#[test]
fn without_trash_hours_purged_sessions_are_gone_and_the_trash_is_emptied() {
    let exchange = purged();
    let set = |hours: &str, more: &[&str]| exchange.cdx(&[&["parameters", "set", "trash-hours", hours], more].concat());
    let said = "trash-hours was not changed: with 0 the next purge deletes 20 sessions in the trash for good; pass --confirm 20";
    set("0", &[]).exits(2).says(said);
    set("0", &["--confirm", "19"]).exits(2).says(said);
    set("48", &[]).exits(0);
    set("23", &[]).exits(0);
    set("0", &["--confirm", "20"]).exits(0);
    exchange.post_days_ago(40, &[download(500, 50, "S0001", APPLIED)]);
    let run = exchange.cdx(&["process", "--json"]).exits(0).json();
    assert_eq!(run["purged"]["trash"], serde_json::json!({"trash_session": 20, "trash_status_message": 60}));
    assert_eq!(run["purged"]["head_office"]["session"], 1);
    assert_eq!((exchange.count("trash_session"), exchange.count("trash_status_message")), (0, 0));
    exchange.cdx(&["trash", "--json"]).exits(0);
}

#[test]
fn the_dry_run_says_until_when_sessions_are_in_the_trash() {
    let exchange = purged();
    exchange.post_days_ago(40, &[download(500, 50, "S0001", APPLIED)]);
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    let text = exchange.cdx(&["process", "--dry-run"]).exits(0).stdout;
    assert!(text.contains("Purged sessions stay in the trash until "), "{text}");
    exchange.script_at_head_office("update trash_session set purged_at = purged_at - 90000000");
    let would = exchange.cdx(&["process", "--dry-run", "--json"]).exits(0).json();
    assert_eq!(
        (&would["would_purge"]["trash"]["trash_session"]["rows"], would["trash_until"].is_string()),
        (&20.into(), true)
    );
    assert_eq!(would["purge_rows"], 2, "rows of the trash are not confirmed again: {would}");
}

/// However often a restore is killed, each row is at head office or in the trash.
#[test]
fn a_killed_restore_leaves_each_row_in_one_place() {
    let exchange = Exchange::new();
    exchange.post_days_ago(40, &applied_sessions(1, 0..1_500));
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    let all = places(&exchange)[0].clone();
    exchange.cdx(&["process"]).exits(0);
    let mut rng = fastrand::Rng::with_seed(7);
    let mut kills = 0;
    while exchange.count("trash_session") > 0 {
        let running = Running::start(&mut exchange.command(&["trash", "restore", "--run", "2"]));
        kills += u64::from(running.kill_after(Duration::from_millis(rng.u64(10..60 + 5 * kills))).is_none());
        let [live, trash] = places(&exchange);
        for (all, (live, trash)) in all.iter().zip(live.iter().zip(&trash)) {
            let mut both = [live.as_slice(), trash].concat();
            both.sort();
            let mut all = all.clone();
            all.sort();
            assert_eq!(both, all, "after {kills} kills");
        }
    }
    assert!(kills > 0, "it was never killed");
}

fn keys(text: &str) -> Vec<Key> {
    text.chars().map(|c| if c == '\n' { Key::Enter } else { Key::Char(c) }).collect()
}

/// Performs the mutation that the console wants, and returns what it says.
fn perform_mutation(exchange: &Exchange, console: &TestConsole) -> String {
    let mutation = console.effects.iter().find_map(|effect| match effect {
        RuntimeEffect::Mutation(mutation) => Some(mutation.clone()),
        _ => None,
    });
    let mutation = mutation.expect("a mutation");
    perform(&exchange.databases(), "r.vermeer", &mutation, &Keymap::default(), &Cancel::new()).expect("done").said
}

#[test]
fn the_screen_lists_the_trash_and_restores_from_it() {
    let exchange = purged();
    let hour = 3_600_000;
    exchange.script_at_head_office(&format!(
        "update trash_session set purged_at = {began}, modified_at = {} - trash_id * {hour};
         update run set started_at = {began}, ended_at = {began} + 6100; update transfer_cursor set as_of = {began}",
        NOW.0 - 900 * hour,
        began = NOW.0 - 240_000
    ));
    look(&exchange, "trash", &Route::Trash(None), &[]);
    fits(&exchange, "trash", &Route::Trash(None), &[]);
    let mut console = TestConsole::open(&exchange, COLOR, Route::Trash(Some(1)));
    console.press(&keys("/session:7\nay"));
    let copied = console.effects.iter().find_map(|effect| match effect {
        RuntimeEffect::Copy(text) => Some(text.clone()),
        _ => None,
    });
    assert_eq!(copied.as_deref(), Some("cdx trash restore 7 --run 1 --filter 'direction:download store:\"S0001\"'"));
    let mut console = TestConsole::open(&exchange, COLOR, Route::Trash(Some(1)));
    let asks = console.press(&keys("/session:7\n")).press(&keys("ar")).text((120, 40));
    assert!(asks.contains("Restore 1 session?") && asks.contains("their retention begins again"), "{asks}");
    console.press(&keys("y"));
    assert_eq!(perform_mutation(&exchange, &console), "1 session restored with 3 messages.");
    let mut console = TestConsole::open(&exchange, COLOR, Route::Trash(None));
    let asks = console.press(&keys("an")).text((120, 40));
    assert!(asks.contains("Restore 19 sessions of run 1?"), "{asks}");
    console.press(&keys("19\n"));
    assert_eq!(perform_mutation(&exchange, &console), "19 sessions restored with 57 messages.");
    let empty = TestConsole::open(&exchange, COLOR, Route::Trash(None)).text((120, 40));
    assert!(empty.contains("The trash is empty."), "{empty}");
    let read_only = purged();
    let refused = TestConsole::read_only(&read_only, Route::Trash(None)).press(&keys("ar")).text((120, 40));
    assert!(refused.contains("read-only"), "{refused}");
}

/// A session keeps its numbers only if no newer row has taken one of them.
#[test]
fn numbers_that_were_taken_meanwhile_are_replaced() {
    let exchange = Exchange::new();
    exchange.post_days_ago(
        40,
        &[download(1, 1, "S0001", 2), download(4, 1, "S0001", APPLIED), download(2, 2, "S0001", APPLIED)],
    );
    exchange.cdx(&["process"]).exits(0);
    exchange.post(&[download(3, 3, "S0001", APPLIED)]);
    exchange.cdx(&["process"]).exits(0);
    // As in a database that was copied from a file.
    exchange.script_at_head_office(
        "update trash_status_message set message_key = message_key
            + (select max(message_key) from status_message) - (select min(message_key) from trash_status_message);
         update trash_session set session_id = (select max(session_id) from session) + trash_id - 1;",
    );
    if current().serves_office() {
        // The copy continues after the numbers in the trash.
        for (table, column) in [("session", "session_id"), ("status_message", "message_key")] {
            exchange.script_at_head_office(&format!(
                "select setval(pg_get_serial_sequence('cdx.{table}', '{column}'), 100)"
            ));
        }
    }
    exchange.cdx(&["trash", "restore", "--run", "1"]).exits(0);
    assert_eq!(exchange.at_head_office("select session_number from session order by session_number"), ["1", "2", "3"]);
    assert_eq!((exchange.count("session"), exchange.count("status_message")), (3, 4));
    let of_first = "select status from status_message where session_number = 1 order by message_key";
    assert_eq!(exchange.at_head_office(of_first), ["2", "4"], "in the order of their arrival");
    exchange.post(&[download(5, 5, "S0001", APPLIED)]);
    exchange.cdx(&["process"]).exits(0);
    assert_eq!(exchange.count("status_message"), 5);
}

#[test]
fn an_error_after_the_first_part_of_a_restore_does_not_hide_that_part() {
    let exchange = Exchange::new();
    exchange.post_days_ago(40, &applied_sessions(1, 0..450));
    exchange.cdx(&["process"]).exits(0);
    let last = exchange.at_head_office("select session_number from trash_session where trash_id = 150");
    exchange.script_at_head_office(&format!(
        "create trigger refuse before insert on session when new.session_number = {}
         begin select raise(abort, 'refused by a trigger'); end;",
        last[0]
    ));
    let restored = exchange.cdx(&["trash", "restore", "--run", "1", "--json"]).exits(1);
    assert_eq!(restored.json()["sessions"], 200, "{restored:?}");
    assert!(restored.stderr.contains("refused by a trigger"), "{restored:?}");
    assert_eq!(exchange.count("session"), 200);
    // Both parts of the next restore are one entry of the journal.
    exchange.script_at_head_office("drop trigger refuse");
    exchange.cdx(&["trash", "restore", "--run", "1"]).exits(0);
    let journal = "select object, coalesce(part_of, 0) from operator_journal order by entry_id";
    assert_eq!(exchange.at_head_office(journal), ["200 sessions|0", "250 sessions|0", "part of journal row 2|2"]);
    exchange.cdx(&["journal", "verify"]).exits(0);
}

#[test]
fn a_restore_names_all_runs_and_no_session_that_took_the_place_of_another() {
    let exchange = purged();
    exchange.post_days_ago(40, &[download(500, 50, "S0001", APPLIED)]);
    exchange.cdx(&["process"]).exits(0);
    let office = open(&exchange);
    let chosen = office.trash(&TrashFilter { numbers: vec![7, 50], limit: 9, ..TrashFilter::default() }).expect("read");
    // Emptied and filled again, the trash gives the same numbers.
    exchange.script_at_head_office("update trash_session set purge_run_id = 9 where session_number = 7");
    let mut restored = Restored::default();
    engine::restore(&office, &chosen, "tester", &Cancel::new(), &mut restored).expect("restored");
    assert_eq!(restored.refused.iter().map(|(_, why)| *why).collect::<Vec<_>>(), [RestoreRefusal::NotInTrash]);
    assert_eq!(restored.sessions, 1);
    assert_eq!(exchange.at_head_office("select detail from operator_journal"), ["purged by runs 1, 2"]);
}

#[test]
fn what_is_in_the_trash_is_in_doctor_metrics_and_the_bundle() {
    let exchange = purged();
    let doctor = exchange.cdx(&["doctor"]).stdout;
    assert!(doctor.contains("20 sessions with 60 messages; a purge after 20"), "{doctor}");
    let metrics = exchange.cdx(&["metrics"]).exits(0).stdout;
    assert!(metrics.contains("\ncdx_trash_sessions 20\n"), "{metrics}");
    assert!(metrics.contains("\ncdx_trash_gone_timestamp_seconds 1"), "{metrics}");
    let file = exchange.path("bundle").display().to_string();
    let bundle = exchange.cdx(&["bundle", "--output", &file, "--json"]).exits(0).json();
    assert!(bundle["files"].to_string().contains("trash.jsonl"), "{bundle}");
    exchange.cdx(&["parameters", "set", "trash-hours", "0", "--confirm", "20"]).exits(0);
    let doctor = exchange.cdx(&["doctor"]).stdout;
    assert!(doctor.contains("trash-hours is 0, the next purge deletes them for good"), "{doctor}");
    exchange.cdx(&["process"]).exits(0);
    assert!(exchange.cdx(&["doctor"]).stdout.contains("empty; trash-hours is 0"));
    assert!(exchange.cdx(&["metrics"]).exits(0).stdout.contains("\ncdx_trash_sessions 0\n"));
}

#[test]
fn a_restore_reads_the_trash_in_pieces_up_to_a_limit() {
    let exchange = purged();
    let office = open(&exchange);
    let find = |limit: i64, terms: &str| {
        let terms = parse(terms, lists::TRASH, Zone::Utc, now()).expect("terms");
        let filter = TrashFilter { limit, ..TrashFilter::default() };
        let (found, more) = office.trash_matching(&filter, &terms).expect("read");
        (found.len(), more)
    };
    assert_eq!([find(5, ""), find(20, ""), find(21, "")], [(5, true), (20, false), (20, false)]);
    assert_eq!([find(5, "session:7"), find(1, "session>7"), find(0, "")], [(1, false), (1, true), (0, true)]);
}

#[test]
fn a_restore_continues_before_sessions_that_exist_again() {
    let exchange = purged();
    let columns =
        "direction, session_number, channel_database, round, status, try_count, winner_at, winner_guid, created_at,
        modified_at, last_posted_at, job_name, run_id";
    exchange.script_at_head_office(&format!(
        "insert into session ({columns}) select {columns} from trash_session
         where trash_id in (select trash_id from trash_session order by trash_id desc limit 4);"
    ));
    let office = open(&exchange);
    let restore = || {
        let mut restoring = Restoring::default();
        let filter = TrashFilter { limit: 3, ..TrashFilter::default() };
        engine::restore_matching(&office, filter, &Filter::default(), "tester", &Cancel::new(), &mut restoring)
            .expect("restored");
        let Restored { sessions, refused, .. } = restoring.restored;
        (sessions, refused.len(), restoring.found.len(), restoring.more)
    };
    // The second piece has two that can be restored.
    assert_eq!(restore(), (2, 4, 6, true));
    assert_eq!(restore(), (2, 4, 6, true));
    assert_eq!(exchange.count("trash_session"), 16);
}

#[test]
fn the_first_session_that_a_purge_deletes_is_found_beyond_those_counted() {
    let exchange = purged();
    exchange.script_at_head_office(
        "update trash_session set purged_at = 3600000, purge_run_id = 9
         where trash_id = (select min(trash_id) from trash_session)",
    );
    let office = open(&exchange);
    let counted = office.count_trash_by_run(5).expect("counted");
    assert_eq!(counted.iter().map(|run| (run.run_id, run.sessions)).collect::<Vec<_>>(), [(1, 5)]);
    assert_eq!(office.trash_gone_after().expect("read"), Some(Timestamp(3_600_000).plus_hours(24)));
}

#[test]
fn the_form_says_where_the_rows_go_that_a_shorter_retention_takes() {
    let exchange = Exchange::new();
    let sessions = |first: u64, numbers: std::ops::Range<i64>| applied_sessions(first, numbers);
    exchange.post_days_ago(20, &sessions(1, 0..4));
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    let asks = |keys: &[Key]| {
        let mut console = TestConsole::open(&exchange, COLOR, Route::Parameters);
        console.press(keys).text((120, 40))
    };
    let ten = [Key::Backspace, Key::Backspace, Key::Char('1'), Key::Char('0'), Key::Enter, Key::Enter];
    let text = asks(&ten);
    assert!(text.contains("would move 16 rows more to the trash, for 24 hours, and "), "{text}");
    assert!(text.contains("delete 11 for good."), "{text}");
    exchange.cdx(&["parameters", "set", "retention-days", "10"]).exits(0);
    exchange.cdx(&["process"]).exits(0);
    let down = [const { Key::Down }; 6];
    let text = asks(&[&down[..], &[Key::Backspace, Key::Backspace, Key::Char('0')]].concat());
    assert!(text.contains("trash, for good  trash_session"), "{text}");
    let text = asks(&[&down[..], &[Key::Backspace, Key::Backspace, Key::Char('0'), Key::Enter, Key::Enter]].concat());
    assert!(text.contains("would delete 16 rows more for good."), "{text}");
}

#[test]
fn the_handover_sheet_says_what_can_be_restored_and_until_when() {
    let exchange = purged();
    let sheet = exchange.cdx(&["handover", "--json"]).exits(0).json();
    let run = &sheet["trash"][0];
    assert_eq!((&run["run_id"], &run["sessions"], &run["messages"]), (&1.into(), &20.into(), &60.into()), "{sheet}");
    let gone_after = exchange.cdx(&["trash", "--json", "--limit", "1"]).json()["gone_after"].clone();
    assert_eq!(run["gone_after"], gone_after);
    for (form, line) in [("--text", "In the trash\n  "), ("--since=1h", "## In the trash\n\n- ")] {
        let sheet = exchange.cdx(&["handover", form]).exits(0).stdout;
        assert!(sheet.contains(&format!("{line}20 sessions with 60 messages, until ")), "{sheet}");
        assert!(sheet.contains(": cdx trash restore --run 1\n"), "{sheet}");
    }
    exchange.cdx(&["trash", "empty", "--confirm", "20"]).exits(0);
    assert!(exchange.cdx(&["handover", "--text"]).exits(0).stdout.contains("In the trash\n  none\n"));
}

#[test]
fn only_what_was_counted_is_deleted_and_the_journal_says_how_far() {
    let exchange = purged();
    let office = open(&exchange);
    let extent = office.trash_extent().expect("counted");
    assert_eq!((extent.sessions, extent.messages), (20, 60));
    exchange.post_days_ago(40, &[download(500, 50, "S0001", APPLIED)]);
    exchange.cdx(&["process"]).exits(0);
    let (stopped, mut emptied) = (Cancel::new(), Emptied::default());
    stopped.trip();
    engine::empty_trash(&office, extent, "tester", &stopped, &mut emptied).expect("stopped");
    assert_eq!((emptied.sessions, emptied.done), (0, false));
    engine::empty_trash(&office, extent, "tester", &Cancel::new(), &mut emptied).expect("emptied");
    assert_eq!((emptied.sessions, emptied.messages), (20, 60));
    assert_eq!(exchange.at_head_office("select session_number from trash_session"), ["50"]);
    assert_eq!(exchange.count("trash_status_message"), 1);
    let journal = "select object, result from operator_journal order by entry_id";
    assert_eq!(
        exchange.at_head_office(journal),
        ["20 sessions|begun", "0 sessions|canceled", "20 sessions|begun", "20 sessions|done"]
    );
    exchange.cdx(&["journal", "verify"]).exits(0);
}

/// A purge under a clock that was ahead gives an early number and a late date.
#[test]
fn sessions_leave_the_trash_by_date_and_their_tombstones_after_them() {
    let exchange = purged();
    exchange.script_at_head_office(
        "update trash_session set purged_at = purged_at - 90000000 where trash_id > 1;
         update session_tombstone set purged_at = 1;",
    );
    let would = exchange.cdx(&["process", "--dry-run", "--json"]).exits(0).json();
    assert_eq!(would["would_purge"]["trash"]["trash_session"]["rows"], 19);
    let run = exchange.cdx(&["process", "--json"]).exits(0).json();
    assert_eq!(run["purged"]["trash"], serde_json::json!({"trash_session": 19, "trash_status_message": 57}));
    assert_eq!(exchange.at_head_office("select trash_id from trash_session"), ["1"]);
    assert_eq!(exchange.count("session_tombstone"), 1);
}

#[test]
fn the_tables_of_the_trash_have_the_columns_of_their_tables() {
    let exchange = purged();
    for (table, key) in [("session", "session_id"), ("status_message", "message_key"), ("session_rerun", "direction")] {
        let columns = |table: &str| {
            let sql = if current().serves_office() {
                format!(
                    "select attname from pg_attribute where attrelid = 'cdx.{table}'::regclass and attnum > 0 order by attnum"
                )
            } else {
                format!("select name from pragma_table_info('{table}') order by cid")
            };
            exchange.at_head_office(&sql)
        };
        let trash = columns(&format!("trash_{table}"));
        let at = trash.iter().position(|name| name == key).expect("the first column");
        let mut of_table = columns(table);
        of_table.retain(|name| name != "restored_at");
        assert_eq!(trash[at..], of_table, "{table}");
    }
}

crate::support::engines::on_all_engines!(
    restored_sessions_are_as_if_they_had_never_been_purged,
    the_command_lists_restores_and_empties,
    a_session_that_exists_again_is_not_overwritten,
    messages_that_were_rejected_because_of_the_purge_can_be_retried_after_a_restore,
    without_trash_hours_purged_sessions_are_gone_and_the_trash_is_emptied,
    numbers_that_were_taken_meanwhile_are_replaced,
    a_restore_names_all_runs_and_no_session_that_took_the_place_of_another,
    only_what_was_counted_is_deleted_and_the_journal_says_how_far,
    the_handover_sheet_says_what_can_be_restored_and_until_when,
    what_is_in_the_trash_is_in_doctor_metrics_and_the_bundle,
    a_restore_reads_the_trash_in_pieces_up_to_a_limit,
    sessions_leave_the_trash_by_date_and_their_tombstones_after_them,
    a_killed_restore_leaves_each_row_in_one_place,
    the_tables_of_the_trash_have_the_columns_of_their_tables,
);
