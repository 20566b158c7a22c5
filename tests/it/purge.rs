//! Compares the purge with a model of its rule on random exchanges: it deletes nothing
//! untransferred or unresolved, and everything else that has expired.

use crate::support::Exchange;
use crate::support::engines::{Engines, current};
use crate::support::messages::{download, guid, now};
use cdx_console::cancel::Cancel;
use cdx_console::clock::ManualClock;
use cdx_console::domain::{Outcome, Run, Timestamp, Trigger};
use cdx_console::engine::{self, ProcessOptions, RunEvent};
use cdx_console::store::message_database::NewMessage;
use cdx_console::store::{Access, HeadOffice};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use std::collections::{BTreeMap, BTreeSet};

type Key = (i64, i64, String);

/// A message with keys from small ranges, and how many days ago it arrived.
#[derive(Debug, Clone)]
struct Posted {
    key: Key,
    status: i64,
    age: i64,
    occurred: i64,
}

fn posted() -> impl Strategy<Value = Posted> {
    (0i64..2, 0i64..6, 0usize..4, 0i64..10, 0i64..60, 0i64..1_000).prop_map(
        |(direction, number, store, status, age, occurred)| {
            // Uploads have no package rows and fewer statuses.
            let store = if direction == 1 { ["S1", "S2", "S3", "S3"][store] } else { ["", "S1", "S2", "S3"][store] };
            let status = if direction == 1 { status % 7 } else { status };
            Posted { key: (direction, number, store.to_owned()), status, age, occurred }
        },
    )
}

/// Which statuses end a session: Applied, Canceled and No data of downloads; Applied and Canceled
/// of uploads.
fn is_final(direction: i64, status: i64) -> bool {
    if direction == 0 { matches!(status, 4 | 5 | 9) } else { matches!(status, 3 | 4) }
}

/// The model of a session.
#[derive(Debug, Default)]
struct Session {
    is_resolved: bool,
    /// The greatest non-final message by time, stage and GUID, with its status.
    winner: Option<(i64, i64, u64, i64)>,
    last_posted: i64,
}

impl Session {
    fn absorb(&mut self, number: u64, posted: &Posted, posted_at: i64) {
        // The stage of download statuses 0 to 9, for package rows.
        const FLOW: [i64; 10] = [0, 2, 3, 5, 9, 8, 1, 4, 6, 7];
        let flow = FLOW[usize::try_from(posted.status).expect("a status")];
        self.is_resolved |= is_final(posted.key.0, posted.status);
        // A message dated after its arrival counts from its arrival.
        let at = if posted.age > 0 { posted_at } else { i64::MAX / 2 + posted.occurred };
        self.winner = self.winner.max(Some((at, flow, number, posted.status)));
        self.last_posted = self.last_posted.max(posted_at);
    }
}

/// The test's clock differs from those of the databases; `force` confirms that.
fn options(transfer: bool, purge: bool, force: bool) -> ProcessOptions {
    ProcessOptions { transfer, purge, force, ..ProcessOptions::new(Trigger::Command, "tester", "here") }
}

fn run(exchange: &Exchange, clock: &ManualClock, transfer: bool, purge: bool) -> Run {
    let options = options(transfer, purge, true);
    let run =
        engine::process(&exchange.databases(), &options, clock, &Cancel::new(), &|_: RunEvent| {}).expect("a run");
    assert_eq!(run.outcome, Some(Outcome::Ended), "{run:?}");
    run
}

/// Returns the keys that a purge must delete by the documented rule.
fn purged(
    sessions: &BTreeMap<Key, Session>,
    cutoffs_by_direction: [i64; 2],
    unresolved_cutoff: Option<i64>,
) -> BTreeSet<Key> {
    let takes = |(key, session): (&Key, &Session)| {
        let channels =
            || sessions.iter().filter(|(other, _)| (other.0, other.1) == (key.0, key.1) && !other.2.is_empty());
        // A package row in Started (0) or Available (1) is resolved once it has channel rows and
        // all of them are final.
        let package_done = key.0 == 0
            && key.2.is_empty()
            && session.winner.is_some_and(|winner| winner.3 <= 1)
            && channels().next().is_some()
            && channels().all(|(_, session)| session.is_resolved);
        let resolved = session.is_resolved || package_done;
        let old = |cutoff: i64| session.last_posted < cutoff;
        let cutoff = cutoffs_by_direction[usize::from(key.0 == 1)];
        if resolved { old(cutoff) } else { unresolved_cutoff.is_some_and(old) }
    };
    sessions.iter().filter(|entry| takes(*entry)).map(|(key, _)| key.clone()).collect()
}

fn keys(exchange: &Exchange, table: &str) -> BTreeSet<Key> {
    let rows = exchange.at_head_office(&format!("select direction, session_number, channel_database from {table}"));
    rows.iter()
        .map(|row| {
            let mut cells = row.splitn(3, '|');
            let mut next = || cells.next().expect("three columns").to_owned();
            (next().parse().expect("a number"), next().parse().expect("a number"), next())
        })
        .collect()
}

/// Found by the property test below: the tombstone of an unresolved channel session does not mean
/// success.
#[test]
fn a_package_whose_channel_session_was_purged_unresolved_stays_unresolved() {
    let exchange = Exchange::new();
    exchange.post_days_ago(22, &[download(1, 1, "S1", 0)]);
    exchange.post_days_ago(12, &[download(2, 1, "", 1)]);
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    exchange.cdx(&["parameters", "set", "retention-days", "11"]).exits(0);
    exchange.cdx(&["parameters", "set", "unresolved-retention-days", "13"]).exits(0);
    for _ in 0..2 {
        exchange.cdx(&["process"]).exits(0);
        assert_eq!(exchange.at_head_office("select channel_database from session_tombstone"), ["S1"]);
        assert_eq!(exchange.at_head_office("select channel_database from session"), [""]);
    }
}

/// On one machine all three clocks jump together; only the newest events show it.
#[test]
fn clocks_that_jump_together_purge_nothing() {
    let exchange = Exchange::new();
    exchange.post(&[download(1, 1, "S1", 4), download(2, 2, "S1", 4)]);
    exchange.cdx(&["process"]).exits(0);
    let years = 3_650_i64 * 86_400_000;
    // Pretend that the clocks have jumped ahead since the run and the messages.
    exchange.script_at_head_office(&format!(
        "update run set started_at = started_at - {years}, ended_at = ended_at - {years};
         update session set last_posted_at = last_posted_at - {years};
         update status_message set posted_at = posted_at - {years}"
    ));
    exchange.script_at_messages(&format!("update status_message set posted_at = posted_at - {years}"));
    exchange.cdx(&["process"]).exits(1).says("days after the last purge");
    assert_eq!(exchange.count("session"), 2);
    exchange.cdx(&["process", "--force"]).exits(0);
    assert_eq!(exchange.count("session"), 0);
}

/// A purge of most rows of a small exchange looks like a clock that runs ahead, and waits for its
/// count.
#[test]
fn a_purge_of_most_sessions_needs_confirmation_once() {
    let exchange = Exchange::new();
    exchange.cdx(&["process"]).exits(0);
    exchange.post_days_ago(40, &crate::support::messages::applied_sessions(1, 0..200));
    let held = exchange.cdx(&["process"]).exits(0).says("more than half of all 1400 messages and sessions");
    assert_eq!(exchange.count("session"), 200, "{held:?}");
    exchange.cdx(&["process", "--confirm-purge", "1500"]).exits(0);
    assert_eq!(exchange.count("session"), 0);
    exchange.post_days_ago(40, &crate::support::messages::applied_sessions(1_001, 200..400));
    exchange.cdx(&["process"]).exits(0);
    assert_eq!(exchange.count("session"), 0, "the limit has adapted");
}

/// Expiry uses the clock of the machine that runs the job, which may differ from that of a
/// database.
#[test]
fn a_machine_whose_clock_is_a_year_ahead_purges_nothing() {
    let exchange = Exchange::new();
    exchange.post(&[download(1, 1, "S1", 4), download(2, 2, "S1", 4)]);
    exchange.cdx(&["process"]).exits(0);
    let ahead = ManualClock::new(now().minus_days(-365));
    let run = |force| {
        let options = options(true, true, force);
        engine::process(&exchange.databases(), &options, &ahead, &Cancel::new(), &|_: RunEvent| {}).expect("a run")
    };
    let refused = run(false);
    assert_eq!(refused.outcome, Some(Outcome::Error));
    let why = refused.error.expect("a reason");
    assert!(why.contains("the clocks of this machine and head office differ by 5255"), "{why}");
    assert_eq!((refused.purged.total(), exchange.count("session")), (0, 2));
    assert_eq!(run(true).outcome, Some(Outcome::Ended));
    assert_eq!(exchange.count("session"), 0);
}

/// The input of the property test.
#[derive(Debug, Clone)]
struct PurgeCase {
    before: Vec<Posted>,
    after: Vec<Posted>,
    retention: i64,
    unresolved_retention: i64,
    upload_retention: i64,
    message_retention: i64,
    later: i64,
}

fn case() -> impl Strategy<Value = PurgeCase> {
    (
        prop::collection::vec(posted(), 1..60),
        prop::collection::vec(posted(), 0..10),
        1i64..50,
        prop_oneof![3 => Just(0i64), 1 => 1i64..50],
        prop_oneof![1 => Just(0i64), 1 => 1i64..50],
        prop_oneof![1 => Just(0i64), 1 => 1i64..50],
        0i64..50,
    )
        .prop_map(
            |(before, after, retention, unresolved_retention, upload_retention, message_retention, later)| PurgeCase {
                before,
                after,
                retention,
                unresolved_retention,
                upload_retention,
                message_retention,
                later,
            },
        )
}

#[test]
fn the_purge_matches_the_model() {
    // Creating databases on a server is slow.
    let cases = if current() == Engines::Sqlite { 128 } else { 16 };
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    if let Err(fault) = TestRunner::new(config).run(&case(), |case| check_against_model(&case)) {
        panic!("{fault}");
    }
}

fn check_against_model(case: &PurgeCase) -> Result<(), TestCaseError> {
    let PurgeCase { before, after, .. } = case;
    let PurgeCase { retention, unresolved_retention, upload_retention, message_retention, later, .. } = *case;
    // Runs are kept as long, so that only rows that the model contains are purged.
    let days_later = later % retention;
    let exchange = Exchange::new();
    // Ahead of the databases' clocks, so that no run is later than now.
    let start = Timestamp(now().0 + 1_000_000);
    let clock = ManualClock::new(start);
    let message = |number: u64, posted: &Posted| {
        let message = NewMessage {
            message_guid: guid(number),
            direction: posted.key.0,
            session_number: posted.key.1,
            channel_database: posted.key.2.clone(),
            job_name: "1040".to_owned(),
            status: posted.status,
            occurred_at: Timestamp(start.0 - 1_000_000 + posted.occurred),
            ..NewMessage::default()
        };
        // A fraction of a day keeps every timestamp away from the cutoff.
        (message, Timestamp(start.minus_days(posted.age).0 - 40_000))
    };
    let first: Vec<_> = (1..).zip(before).map(|(number, posted)| message(number, posted)).collect();
    exchange.agent().import(&first).expect("stored");
    run(&exchange, &clock, true, false);
    let office = HeadOffice::open(&exchange.databases().head_office, Access::Existing).expect("head office");
    for (name, days) in [
        ("retention-days", retention),
        ("unresolved-retention-days", unresolved_retention),
        ("upload-retention-days", upload_retention),
        ("message-retention-days", message_retention),
    ] {
        office.set_parameter(name.parse().expect("a parameter"), days, "tester").expect("set");
    }
    // Waiting messages must survive any purge.
    let waiting: Vec<_> = (1_000..).zip(after).map(|(number, posted)| message(number, posted)).collect();
    exchange.agent().import(&waiting).expect("stored");
    clock.set(start.minus_days(-days_later));

    let mut sessions: BTreeMap<Key, Session> = BTreeMap::new();
    for (number, posted) in (1..).zip(before) {
        let session = sessions.entry(posted.key.clone()).or_default();
        session.absorb(number, posted, start.minus_days(posted.age).0 - 40_000);
    }
    let cutoff = |days: i64| start.minus_days(-days_later).minus_days(days).0;
    let or_general = |days: i64| if days > 0 { days } else { retention };
    let by_direction = [retention, or_general(upload_retention)].map(cutoff);
    let gone = purged(&sessions, by_direction, (unresolved_retention > 0).then(|| cutoff(unresolved_retention)));
    let kept: BTreeSet<Key> = sessions.keys().filter(|key| !gone.contains(*key)).cloned().collect();

    let dry = engine::preview(&exchange.databases(), &clock, None).expect("a preview");
    let ended = run(&exchange, &clock, false, true);

    prop_assert_eq!(keys(&exchange, "session"), kept.clone());
    prop_assert_eq!(keys(&exchange, "session_tombstone"), gone.clone());
    let kept_messages: Vec<_> = (1..)
        .zip(before)
        .filter(|(_, posted)| kept.contains(&posted.key))
        .map(|(number, _): (u64, _)| guid(number))
        .collect();
    prop_assert_eq!(exchange.at_head_office("select message_guid from status_message order by 1"), kept_messages);
    let anchor = before.len();
    let left: Vec<_> = (1..)
        .zip(before)
        .filter(|(number, posted)| {
            *number == u64::try_from(anchor).expect("small")
                || start.minus_days(posted.age).0 - 40_000 >= cutoff(or_general(message_retention).min(retention))
        })
        .map(|(number, _)| guid(number))
        .chain((1_000..).zip(after).map(|(number, _)| guid(number)))
        .collect();
    prop_assert_eq!(exchange.posted("select message_guid from status_message order by message_id"), left);
    // The dry run predicted the counts, and the run's summary adds up to them.
    prop_assert_eq!(dry.expired.rows(), ended.purged.total());
    prop_assert_eq!(dry.expired.head_office.kept_unresolved, ended.kept_unresolved);
    // A second purge at the same time finds nothing.
    prop_assert_eq!(run(&exchange, &clock, false, true).purged.total(), 0);
    // Waiting messages are then transferred, except those of purged sessions.
    let last = run(&exchange, &clock, true, false);
    let late = after.iter().filter(|posted| gone.contains(&posted.key)).count();
    prop_assert_eq!(last.counts.rejected, i64::try_from(late).expect("small"));
    prop_assert_eq!(last.counts.inserted, i64::try_from(after.len() - late).expect("small"));
    Ok(())
}

#[test]
fn expired_history_notifications_and_requests_are_purged_and_pending_ones_kept() {
    let exchange = Exchange::new();
    exchange.post(&[download(1, 7, "S0001", 8)]);
    exchange.cdx(&["process"]).exits(0);
    for _ in 0..2 {
        exchange.cdx(&["session", "cancel", "download", "7", "--reason", "x"]);
        exchange.cdx(&["session", "undo", "download", "7", "--reason", "x"]);
    }
    exchange.cdx(&["batch", "submit", "--json"]).exits(0);
    exchange.cdx(&["batch", "alerts", "1", "--on", "ended", "--command"]).exits(0);
    exchange.cdx(&["batch-server", "--once"]).exits(0);
    let count = |table: &str| exchange.at_head_office(&format!("select count(*) from {table}"))[0].clone();
    let tables = ["batch_job_history", "batch_log", "notification", "delivery"];
    assert!(tables.iter().all(|table| count(table) != "0"), "{:?}", tables.map(count));
    let answered = "select count(*) from session_request where coalesce(taken_at, withdrawn_at) is not null";
    let waiting = "select count(*) from session_request where coalesce(taken_at, withdrawn_at) is null";
    assert!(exchange.posted(answered) != ["0"] && exchange.posted(waiting) != ["0"]);
    let month = 31_i64 * 86_400_000;
    exchange.script_at_head_office(&format!(
        "update batch_job_history set scheduled_at = scheduled_at - {month}, ended_at = ended_at - {month};
         update batch_log set at = at - {month}; update notification set at = at - {month};
         update delivery set next_try_at = null"
    ));
    exchange.script_at_messages(&format!(
        "update session_request set taken_at = taken_at - {month}, withdrawn_at = withdrawn_at - {month},
         requested_at = requested_at - {month}"
    ));
    let would = exchange.cdx(&["process", "--dry-run", "--json"]).exits(0).json();
    let run = exchange.cdx(&["process", "--json"]).exits(0).json();
    for table in tables {
        assert_eq!(count(table), "0", "{table}");
        assert_eq!(run["purged"]["head_office"][table], would["would_purge"]["head_office"][table]["rows"], "{table}");
    }
    assert_eq!(exchange.posted(answered), ["0"]);
    assert_ne!(exchange.posted(waiting), ["0"], "pending requests are kept");
    assert!(run["purged"]["message_database"]["session_request"].as_i64() > Some(0));
}

/// Rows from `select` with `i` from 1 to `most`, inserted into `table`.
fn insert_series(exchange: &Exchange, table: &str, most: i64, select: &str) {
    exchange.script_at_head_office(&format!(
        "insert into {table} with recursive n(i) as (select 1 union all select i + 1 from n where i < {most}) select {select} from n"
    ));
}

#[test]
fn a_notification_is_purged_with_all_its_deliveries_once_none_is_pending() {
    let exchange = Exchange::new();
    exchange.cdx(&["process"]).exits(0);
    let old = now().minus_days(40).0;
    let notification = "notification (notification_id, at, operator, event, text, popup)";
    insert_series(&exchange, notification, 1_001, &format!("i, {old}, 'a', 'ended', 'x', 0"));
    // Three for each, and one whose notification is gone, as earlier versions left them.
    let delivery = "delivery (notification_id, way, target)";
    insert_series(&exchange, delivery, 3_004, "case when i = 3004 then 9999 else i % 1001 + 1 end, 'command', 'x'");
    insert_series(&exchange, "notification_condition (condition_id, notification_id)", 2_002, "i, i % 1001 + 1");
    let pending = "delivery_id = (select min(delivery_id) from delivery where notification_id = 7)";
    exchange.change_head_office(&format!("update delivery set next_try_at = {} where {pending}", now().0));
    let tables = ["notification", "delivery", "notification_condition"];
    let purge = |expected: [i64; 3], left: [i64; 3]| {
        let would = exchange.cdx(&["process", "--dry-run", "--json"]).exits(0).json();
        let run = exchange.cdx(&["process", "--json"]).exits(0).json();
        for (table, rows) in tables.into_iter().zip(expected) {
            assert_eq!(would["would_purge"]["head_office"][table]["rows"], rows, "{table}");
            assert_eq!(run["purged"]["head_office"][table], rows, "{table}");
        }
        assert_eq!(tables.map(|table| exchange.count(table)), left);
    };
    purge([1_000, 3_001, 2_000], [1, 3, 2]);
    exchange.change_head_office("update delivery set next_try_at = null");
    purge([1, 3, 2], [0, 0, 0]);
}

#[test]
fn a_log_that_expires_does_not_hold_the_purge_of_a_small_exchange() {
    let exchange = Exchange::new();
    exchange.cdx(&["process"]).exits(0);
    let old = now().minus_days(40).0;
    insert_series(&exchange, "batch_log (history_id, at, severity, text)", 4_000, &format!("1, {old}, 0, 'x'"));
    exchange.post(&[download(1, 1, "S1", 4)]);
    let run = exchange.cdx(&["process", "--json"]).exits(0).json();
    assert_eq!((&run["purge_held"], &run["purged"]["head_office"]["batch_log"]), (&false.into(), &4_000.into()));
}

#[test]
fn expired_dismissed_messages_runs_and_tombstones_are_purged_and_the_others_kept() {
    let exchange = Exchange::new();
    exchange.post_days_ago(40, &[download(1, 30, "S0001", 4), download(2, 31, "S0001", 4)]);
    exchange.post(&[download(3, 1, "S0001", 42), download(4, 2, "S0001", 42), download(5, 3, "S0001", 42)]);
    exchange.cdx(&["process", "--no-purge"]).exits(3);
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    exchange.cdx(&["process"]).exits(0);
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    exchange.cdx(&["rejected", "dismiss", "1", "2"]).exits(0);
    assert_eq!(exchange.count("session_tombstone"), 2);
    let month = 31_i64 * 86_400_000;
    exchange.script_at_head_office(&format!(
        "update run set started_at = started_at - {month}, ended_at = ended_at - {month};
         update rejected_message set rejected_at = rejected_at - {month} where rejected_id <> 2;
         update rejected_message set dismissed_at = dismissed_at - {month} where rejected_id = 1;
         update session_tombstone set purged_at = purged_at - {month} where session_number = 30;
         delete from trash_session where session_number = 30; delete from trash_status_message where session_number = 30"
    ));
    let set = |days: &str| {
        for kind in ["history", "rejected"] {
            exchange.cdx(&["parameters", "set", &format!("{kind}-retention-days"), days]).exits(0);
        }
    };
    set("60");
    let would = exchange.cdx(&["process", "--dry-run", "--json"]).exits(0).json();
    assert_eq!(
        would["would_purge"]["head_office"].as_object().map(|tables| tables.keys().collect::<Vec<_>>()),
        Some(vec![&"session_tombstone".to_owned()])
    );
    let text = exchange.cdx(&["process", "--dry-run"]).exits(0).stdout;
    assert!(text.contains("history: after 60 days") && text.contains("dismissed messages: after 60 days"), "{text}");
    set("0");
    let would = exchange.cdx(&["process", "--dry-run", "--json"]).exits(0).json();
    let run = exchange.cdx(&["process", "--json"]).exits(0).json();
    for (table, rows) in [("rejected_message", 1), ("run", 3), ("session_tombstone", 1)] {
        assert_eq!(run["purged"]["head_office"][table], rows, "{run}");
        assert_eq!(would["would_purge"]["head_office"][table]["rows"], rows, "{would}");
    }
    assert_eq!(exchange.at_head_office("select rejected_id from rejected_message order by 1"), ["2", "3"]);
    assert_eq!(exchange.at_head_office("select session_number from session_tombstone"), ["31"]);
    // Run 3 has purged, run 5 is the newest.
    assert_eq!(exchange.at_head_office("select run_id from run order by 1"), ["3", "5"]);
}

crate::support::engines::on_all_engines!(
    the_purge_matches_the_model,
    expired_history_notifications_and_requests_are_purged_and_pending_ones_kept,
    expired_dismissed_messages_runs_and_tombstones_are_purged_and_the_others_kept,
    a_notification_is_purged_with_all_its_deliveries_once_none_is_pending,
    a_package_whose_channel_session_was_purged_unresolved_stays_unresolved,
    a_machine_whose_clock_is_a_year_ahead_purges_nothing,
);
