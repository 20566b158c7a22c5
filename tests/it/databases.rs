//! Message databases that are replaced, restored or emptied, restored and second head offices: all
//! are detected and reported, and nothing is lost or duplicated.

use crate::support::messages::{APPLIED, DOWNLOADED, applied_sessions, download};
use crate::support::{Exchange, TIMEOUT, foreign};
use cdx_console::cancel::Cancel;
use cdx_console::clock::SystemClock;
use cdx_console::domain::{Outcome, Step, Timestamp, Trigger};
use cdx_console::engine::{self, ProcessOptions, RunEvent};
use cdx_console::store::message_database::NewMessage;
use serde_json::Value;
use std::path::Path;
use std::sync::Mutex;
use std::sync::mpsc::channel;

/// Backs up a database as a consistent snapshot.
fn back_up(from: &Path, to: &Path) {
    let _ = std::fs::remove_file(to);
    foreign(from).execute("vacuum into ?1", [to.to_str().expect("a plain path")]).expect("backed up");
}

/// Removes a database with its write-ahead log and lock files.
fn take_away(path: &Path) {
    for suffix in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{suffix}", path.display()));
    }
}

/// Restores a backup.
fn restore(from: &Path, to: &Path) {
    take_away(to);
    std::fs::copy(from, to).expect("restored");
}

fn notices(run: &Value) -> Vec<String> {
    run["notices"].as_array().expect("a list").iter().map(|notice| notice.as_str().expect("text").to_owned()).collect()
}

/// Runs the job and expects one notice that contains `text`, in the JSON and on standard error.
fn process_with_notice(exchange: &Exchange, text: &str) -> Value {
    process_with_notice_and_exit(exchange, 0, text)
}

fn process_with_notice_and_exit(exchange: &Exchange, exit: i32, text: &str) -> Value {
    let ran = exchange.cdx(&["process", "--json", "--confirm-purge", "1000000"]).exits(exit).says(text);
    let run = ran.json();
    assert!(notices(&run).iter().any(|notice| notice.contains(text)), "{run}");
    run
}

/// Returns the GUIDs of all rows at head office.
fn guids(exchange: &Exchange) -> Vec<String> {
    exchange.at_head_office("select message_guid from status_message order by 1")
}

fn guids_of(messages: &[cdx_console::store::message_database::NewMessage]) -> Vec<String> {
    let mut guids: Vec<_> = messages.iter().map(|message| message.message_guid.clone()).collect();
    guids.sort();
    guids
}

#[test]
fn a_replaced_message_database_is_read_from_its_start() {
    let exchange = Exchange::new();
    let (old, new) = (applied_sessions(1, 0..100), applied_sessions(10_001, 500..540));
    exchange.post(&old);
    exchange.cdx(&["process"]).exits(0);
    take_away(&exchange.message_database());
    // Fewer messages than were read from the old database, some of them posted again.
    exchange.post(&new);
    exchange.post(&old[..5]);
    let run = process_with_notice(&exchange, "the message database is another one");
    assert_eq!((&run["inserted"], &run["repeated"]), (&120.into(), &5.into()));
    assert_eq!(guids(&exchange), guids_of(&[old, new].concat()));
    assert!(notices(&exchange.cdx(&["process", "--json"]).exits(0).json()).is_empty(), "reported once");
}

#[test]
fn a_message_database_restored_with_fewer_new_messages_than_were_lost_loses_none() {
    restored(40);
}

#[test]
fn a_message_database_restored_with_more_new_messages_than_were_lost_loses_none() {
    restored(400);
}

/// Restores a backup, which loses 100 sessions, then posts `new` ones whose numbers were used
/// before.
fn restored(new: i64) {
    let exchange = Exchange::new();
    let backup = exchange.path("backup.db");
    let (kept, lost) = (applied_sessions(1, 0..100), applied_sessions(10_001, 200..300));
    exchange.post(&kept);
    exchange.cdx(&["process"]).exits(0);
    back_up(&exchange.message_database(), &backup);
    exchange.post(&lost);
    exchange.cdx(&["process"]).exits(0);
    restore(&backup, &exchange.message_database());
    let new = applied_sessions(20_001, 1_000..1_000 + new);
    exchange.post(&new);
    let run = process_with_notice(&exchange, "the message database is not as it was read");
    assert_eq!(run["inserted"], new.len());
    assert_eq!(run["repeated"], kept.len());
    assert_eq!(guids(&exchange), guids_of(&[kept, lost, new].concat()));
    let run = exchange.cdx(&["process", "--json"]).exits(0).json();
    assert_eq!((&run["read"], &run["sessions_changed"]), (&0.into(), &0.into()));
}

#[test]
fn a_restore_after_a_purge_restores_no_sessions_and_rejects_nothing() {
    let exchange = Exchange::new();
    let backup = exchange.path("backup.db");
    exchange.post_days_ago(40, &applied_sessions(1, 0..100));
    exchange.post(&applied_sessions(5_001, 400..410));
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    back_up(&exchange.message_database(), &backup);
    exchange.post(&applied_sessions(6_001, 500..510));
    exchange.cdx(&["process", "--confirm-purge", "1000000"]).exits(0);
    assert_eq!(exchange.count("session_tombstone"), 100);
    restore(&backup, &exchange.message_database());
    let run = process_with_notice(&exchange, "the message database is not as it was read");
    assert_eq!((&run["inserted"], &run["rejected"], &run["repeated"]), (&0.into(), &0.into(), &330.into()));
    assert_eq!(exchange.count("session"), 20);
    assert_eq!(exchange.count("rejected_message"), 0);
}

#[test]
fn a_late_message_for_a_purged_session_is_rejected_even_while_a_restore_is_reread() {
    let exchange = Exchange::new();
    let backup = exchange.path("backup.db");
    exchange.post_days_ago(40, &applied_sessions(1, 0..10));
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    back_up(&exchange.message_database(), &backup);
    exchange.post(&applied_sessions(6_001, 500..510));
    exchange.cdx(&["process", "--confirm-purge", "1000000"]).exits(0);
    assert_eq!(exchange.count("session_tombstone"), 10);
    restore(&backup, &exchange.message_database());
    // Head office has other messages of this session, but not this one.
    exchange.post(&[download(9_001, 3, "S0003", DOWNLOADED)]);
    let run = process_with_notice_and_exit(&exchange, 3, "the message database is not as it was read");
    assert_eq!((&run["repeated"], &run["rejected"], &run["inserted"]), (&30.into(), &1.into(), &0.into()));
    let kept = exchange.at_head_office("select count(*) from rejected_message where reason like 'session purged on %'");
    assert_eq!(kept, ["1"]);
}

#[test]
fn old_messages_reposted_to_a_new_database_count_as_repeated_after_their_purge() {
    let exchange = Exchange::new();
    let mut old = applied_sessions(1, 0..10);
    let long_ago = |message: &mut NewMessage| message.occurred_at = message.occurred_at.minus_days(40);
    old.iter_mut().for_each(long_ago);
    exchange.post_days_ago(40, &old);
    exchange.post(&applied_sessions(5_001, 400..410));
    exchange.cdx(&["process", "--confirm-purge", "1000000"]).exits(0);
    assert_eq!(exchange.count("session_tombstone"), 10);
    take_away(&exchange.message_database());
    exchange.post(&old);
    // Later messages are new, whichever database delivers them.
    exchange.post(&[download(9_001, 3, "S0003", DOWNLOADED)]);
    let run = process_with_notice_and_exit(&exchange, 3, "the message database is another one");
    assert_eq!((&run["inserted"], &run["repeated"], &run["rejected"]), (&0.into(), &30.into(), &1.into()));
}

/// Restores the database to its first messages while it is open, as SQLite's backup API does.
fn restore_in_place(exchange: &Exchange, messages: i64) {
    foreign(&exchange.message_database())
        .execute_batch(&format!(
            "begin; delete from status_message where message_id > {messages};
             update sqlite_sequence set seq = {messages} where name = 'status_message'; commit"
        ))
        .expect("restored");
}

#[test]
fn a_message_database_restored_during_a_run_loses_no_later_messages() {
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 0..20_000));
    let (suspended, is_suspended) = channel();
    let (resume, released) = channel::<()>();
    let released = Mutex::new(released);
    let stop = move |event: RunEvent| {
        if matches!(event, RunEvent::Progress(_)) && suspended.send(()).is_ok() {
            let _ = released.lock().expect("one at a time").recv_timeout(TIMEOUT);
        }
    };
    let options = ProcessOptions { purge: false, ..ProcessOptions::new(Trigger::Command, "tester", "here") };
    let databases = exchange.databases();
    let new = applied_sessions(100_001, 50_000..70_000);
    let run = std::thread::scope(|scope| {
        let reading = scope
            .spawn(move || engine::process(&databases, &options, &SystemClock, &Cancel::new(), &stop).expect("a run"));
        is_suspended.recv_timeout(TIMEOUT).expect("the end of a chunk");
        restore_in_place(&exchange, 10);
        // More messages than were read; they reuse the numbers that the restore has lost.
        exchange.post(&new);
        drop(is_suspended);
        resume.send(()).expect("it waits");
        reading.join().expect("it ends")
    });
    assert_eq!(run.outcome, Some(Outcome::Error));
    assert!(run.error.expect("a reason").contains("was restored from a backup or replaced during this run"));
    process_with_notice(&exchange, "the message database is not as it was read");
    let arrived = exchange.at_head_office("select count(*) from status_message where session_number >= 50000");
    assert_eq!(arrived, [new.len().to_string()]);
}

#[test]
fn an_empty_message_database_file_counts_as_missing_and_is_not_recreated() {
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 0..10));
    exchange.cdx(&["process"]).exits(0);
    take_away(&exchange.message_database());
    std::fs::write(exchange.message_database(), "").expect("emptied");
    exchange.cdx(&["process"]).exits(1).says("does not exist");
    assert_eq!(exchange.count("transfer_cursor"), 1);
}

#[test]
fn a_message_database_emptied_by_hand_is_detected() {
    let exchange = Exchange::new();
    let old = applied_sessions(1, 0..100);
    exchange.post(&old);
    exchange.cdx(&["process"]).exits(0);
    foreign(&exchange.message_database()).execute("delete from status_message", []).expect("emptied");
    let run = process_with_notice(&exchange, "there is no longer a message at position 300");
    assert_eq!((&run["read"], &run["purged"]["message_database"]), (&0.into(), &Value::Object(serde_json::Map::new())));
    let new = applied_sessions(10_001, 200..210);
    exchange.post(&new);
    exchange.cdx(&["process"]).exits(0);
    assert_eq!(guids(&exchange), guids_of(&[old, new].concat()));
}

#[test]
fn reused_message_numbers_of_a_recreated_table_are_detected() {
    let exchange = Exchange::new();
    let old = applied_sessions(1, 0..100);
    exchange.post(&old);
    exchange.cdx(&["process"]).exits(0);
    foreign(&exchange.message_database())
        .execute_batch("delete from status_message; delete from sqlite_sequence where name = 'status_message'")
        .expect("emptied");
    let new = applied_sessions(10_001, 200..400);
    exchange.post(&new);
    process_with_notice(&exchange, "another message is at position 300");
    assert_eq!(guids(&exchange), guids_of(&[old, new].concat()));
}

#[test]
fn a_restored_head_office_rereads_reports_missing_messages_and_does_not_purge() {
    let exchange = Exchange::new();
    let backup = exchange.path("backup.db");
    let early = applied_sessions(1, 0..10);
    exchange.post(&early);
    exchange.cdx(&["process", "--confirm-purge", "1000000"]).exits(0);
    back_up(&exchange.head_office(), &backup);
    exchange.post_days_ago(40, &applied_sessions(1_001, 100..200));
    exchange.post(&[download(5_000, 299, "S0001", APPLIED)]);
    exchange.cdx(&["process", "--confirm-purge", "1000000"]).exits(0);
    // As old as the purged messages, but not purged.
    let late = applied_sessions(5_001, 300..310);
    exchange.post_days_ago(40, &late);
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    // Messages 31 to 330 are purged, and the restored head office never read them.
    restore(&backup, &exchange.head_office());
    let run =
        process_with_notice(&exchange, "head office seems to have been restored from a backup: messages 31 to 330");
    assert_eq!(run["inserted"], 1 + late.len());
    let known = [early, vec![download(5_000, 299, "S0001", APPLIED)], late].concat();
    assert_eq!(guids(&exchange), guids_of(&known));
    assert_eq!(run["purged"], serde_json::json!({ "message_database": {}, "head_office": {}, "trash": {} }));
    assert_eq!(exchange.posted("select count(*) from status_message"), [known.len().to_string()]);
    // The next run may purge: everything present has been read.
    let run = exchange.cdx(&["process", "--json"]).exits(0).json();
    assert_eq!(run["purged"]["head_office"]["session"], 10, "{run}");
}

/// Purges without a transfer, which would detect the restore, and expects the refusal `why`.
fn purges_nothing(exchange: &Exchange, why: &str) {
    let rows = || [exchange.posted("select count(*) from status_message"), guids(exchange)];
    let before = rows();
    let run = exchange.cdx(&["process", "--no-transfer", "--json"]).exits(0).says(why).json();
    assert!(notices(&run).iter().any(|notice| notice.contains(why)), "{run}");
    assert_eq!(run["purged"], serde_json::json!({ "message_database": {}, "head_office": {}, "trash": {} }));
    assert_eq!(rows(), before, "{why}");
}

#[test]
fn a_purge_without_transfer_deletes_nothing_from_an_unread_message_database() {
    let exchange = Exchange::new();
    let backup = exchange.path("backup.db");
    exchange.post_days_ago(40, &applied_sessions(1, 0..10));
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    back_up(&exchange.message_database(), &backup);
    exchange.post_days_ago(40, &applied_sessions(1_001, 100..120));
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    restore(&backup, &exchange.message_database());
    purges_nothing(&exchange, "the message database is not as it was read");
    exchange.post_days_ago(40, &applied_sessions(2_001, 200..300));
    purges_nothing(&exchange, "the message database is not as it was read");
    take_away(&exchange.message_database());
    exchange.post_days_ago(40, &applied_sessions(3_001, 400..500));
    purges_nothing(&exchange, "this message database has not been read yet");
    // Once it has been read, the purge works.
    let run = exchange.cdx(&["process", "--json"]).exits(0).json();
    assert_eq!(run["purged"]["message_database"]["status_message"], 299, "{run}");
}

#[test]
fn a_message_database_restored_during_a_purge_loses_no_later_messages() {
    let exchange = Exchange::new();
    exchange.post_days_ago(40, &applied_sessions(1, 0..50));
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    let new = applied_sessions(100_001, 100..200);
    let restore = |event: RunEvent| {
        if matches!(event, RunEvent::Step(Step::PurgeMessageDatabase)) {
            restore_in_place(&exchange, 10);
            // They reuse the numbers of messages that were read and lost.
            exchange.post_days_ago(40, &new);
        }
    };
    let options = ProcessOptions { transfer: false, ..ProcessOptions::new(Trigger::Command, "tester", "here") };
    let run = engine::process(&exchange.databases(), &options, &SystemClock, &Cancel::new(), &restore).expect("a run");
    assert!(run.error.as_deref().is_some_and(|error| error.contains("replaced during this run")), "{run:?}");
    assert_eq!((run.outcome, run.purged.total()), (Some(Outcome::Error), 0));
    assert_eq!(exchange.posted("select count(*) from status_message"), ["310"]);
    process_with_notice(&exchange, "the message database is not as it was read");
    assert_eq!(exchange.at_head_office("select count(*) from session_tombstone"), ["150"]);
}

#[test]
fn a_message_database_restored_after_head_office_delivers_purged_unread_messages() {
    let exchange = Exchange::new();
    let (office_backup, messages_backup) = (exchange.path("office-backup.db"), exchange.path("messages-backup.db"));
    let (known, lost, last) =
        (applied_sessions(1, 0..100), applied_sessions(10_001, 200..300), applied_sessions(20_001, 400..410));
    exchange.post_days_ago(40, &known);
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    back_up(&exchange.head_office(), &office_backup);
    exchange.post_days_ago(40, &lost);
    exchange.post(&last);
    back_up(&exchange.message_database(), &messages_backup);
    exchange.cdx(&["process", "--confirm-purge", "1000000"]).exits(0);
    restore(&office_backup, &exchange.head_office());
    process_with_notice(&exchange, "head office seems to have been restored from a backup");
    assert_eq!(guids(&exchange), guids_of(&[known.clone(), last.clone()].concat()), "what was purged is missing");
    // The last message of the backup is the one at head office's position.
    restore(&messages_backup, &exchange.message_database());
    let waiting = exchange.cdx(&["process", "--dry-run", "--json"]).exits(0).json()["waiting"].clone();
    assert_eq!(waiting, known.len() + lost.len() + last.len(), "all of it will be read again");
    let run = exchange.cdx(&["process", "--no-purge", "--json"]).exits(0).says("purged messages are back").json();
    assert_eq!(run["inserted"], lost.len());
    assert_eq!(guids(&exchange), guids_of(&[known, lost, last].concat()));
    let run = exchange.cdx(&["process", "--no-purge", "--json"]).exits(0).json();
    assert!(notices(&run).is_empty(), "reported once");
}

#[test]
fn a_head_office_restored_before_any_purge_continues_without_duplicates() {
    let exchange = Exchange::new();
    let backup = exchange.path("backup.db");
    let (early, late) = (applied_sessions(1, 0..10), applied_sessions(1_001, 100..200));
    exchange.post(&early);
    exchange.cdx(&["process"]).exits(0);
    back_up(&exchange.head_office(), &backup);
    exchange.post(&late);
    exchange.cdx(&["process"]).exits(0);
    restore(&backup, &exchange.head_office());
    let run = exchange.cdx(&["process", "--json"]).exits(0).json();
    assert_eq!(run["inserted"], late.len());
    assert_eq!(guids(&exchange), guids_of(&[early, late].concat()));
}

#[test]
fn a_second_head_office_may_read_but_not_purge() {
    let exchange = Exchange::new();
    exchange.post_days_ago(40, &applied_sessions(1, 0..100));
    exchange.post(&[download(9_001, 900, "S0001", APPLIED)]);
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    let second = format!("sqlite:{}", exchange.path("second.db").display());
    let process = ["--head-office", &second, "process", "--json"];
    exchange.cdx(&["--head-office", &second, "process", "--no-transfer"]).exits(0);
    let dry = exchange.cdx(&[&process[..], &["--dry-run"]].concat()).exits(0).json();
    assert!(notices(&dry).iter().any(|notice| notice.contains("which has never read it")), "{dry}");
    let ran = exchange.cdx(&process).exits(0).says("belongs to another head office");
    assert_eq!(ran.json()["inserted"], 301);
    assert_eq!(ran.json()["purged"]["message_database"], serde_json::json!({}));
    assert_eq!(exchange.posted("select count(*) from status_message"), ["301"]);
    let dry = exchange.cdx(&["--head-office", &second, "process", "--dry-run", "--json"]).exits(0).json();
    assert!(notices(&dry)[0].contains("another head office"), "{dry}");
    // The owner may purge; the second head office is then notified of messages that it missed.
    exchange.cdx(&["process", "--confirm-purge", "1000000"]).exits(0);
    assert_eq!(exchange.posted("select count(*) from status_message"), ["1"]);
    let third = format!("sqlite:{}", exchange.path("third.db").display());
    exchange.cdx(&["--head-office", &third, "process"]).exits(0).says("messages 1 to 300 may have been purged before");
}

#[test]
fn a_migrated_head_office_contains_channel_databases_and_schedules() {
    let exchange = Exchange::new();
    let older = foreign(&exchange.head_office());
    older
        .execute_batch(include_str!("../../assets/migrations/sqlite/head_office/0001_head_office.sql"))
        .expect("it is made as it was");
    let insert =
        "insert into session (direction, session_number, channel_database, round, status, try_count, winner_at,
        winner_guid, created_at, modified_at, last_posted_at, job_name, distribution_schedule, run_id)
        values (0, ?1, ?2, 0, 4, 0, ?3, 'x', ?3, ?3, ?3, '1040', 'Prices', 1)";
    for (number, store, at) in [(1, "S0001", 1_000), (2, "S0001", 601_000), (3, "", 2_000), (4, "S0002", 5_000)] {
        older.execute(insert, (number, store, at)).expect("it is stored");
    }
    drop(older);
    exchange.cdx(&["sessions", "download", "--read-only"]).exits(1).says("version");
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    let known = exchange.at_head_office("select name, first_seen_at, last_seen_at, usual_gap from channel_database");
    assert_eq!(known, ["S0001|1000|601000|43200000", "S0002|5000|5000|-"]);
    let known = exchange.at_head_office("select name, first_seen_at, last_seen_at from distribution_schedule");
    assert_eq!(known, ["Prices|1000|601000"]);
}

#[test]
fn channel_databases_and_schedules_do_not_depend_on_chunks() {
    let exchange = Exchange::new();
    let minutes = |minutes: i64| Timestamp(1_795_486_461_000 + minutes * 60_000);
    let message = |number, store: &str| download(number, 7, store, DOWNLOADED);
    let first: Vec<_> =
        (0..30).map(|step| (message(1 + step, "S0001"), minutes(i64::try_from(step).expect("small") * 10))).collect();
    exchange.agent().import(&first).expect("they are stored");
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    let second = [
        (message(100, "S0001"), minutes(310)),
        (message(101, "S0002"), minutes(311)),
        (message(102, ""), minutes(312)),
    ];
    exchange.agent().import(&second).expect("they are stored");
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    let known = exchange.at_head_office(&format!(
        "select name, (first_seen_at - {0}) / 60000, (last_seen_at - {0}) / 60000, usual_gap / 60000 from channel_database",
        minutes(0).0
    ));
    // The usual gap starts at 12 hours and decays with each gap here by its share of 30 days:
    // 720 · (1 - 10/43200)²⁹ · (1 - 20/43200).
    assert_eq!(known, ["S0001|0|310|714", "S0002|311|311|-"]);
    let known = exchange
        .at_head_office(&format!("select name, (last_seen_at - {}) / 60000 from distribution_schedule", minutes(0).0));
    assert_eq!(known, ["Prices|312"]);
    let plan = exchange.at_head_office(
        "explain query plan select * from session where +direction = 0 and distribution_schedule = 'Prices' and status <> 9
         and (modified_at, session_id) < (5, 7) order by modified_at desc, session_id desc limit 200",
    );
    assert!(plan[0].contains("session_schedule") && plan.len() == 1, "{plan:?}");
}

#[test]
fn a_head_office_missing_from_its_path_stops_the_purge() {
    let exchange = Exchange::new();
    exchange.post_days_ago(40, &applied_sessions(1, 0..50));
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    let away = exchange.path("away.db");
    for replaced in [false, true] {
        let move_it = |event: RunEvent| {
            if matches!(event, RunEvent::Step(Step::PurgeMessageDatabase)) {
                std::fs::rename(exchange.head_office(), &away).expect("moved");
                if replaced {
                    std::fs::copy(&away, exchange.head_office()).expect("replaced");
                }
            }
        };
        let options = ProcessOptions { transfer: false, ..ProcessOptions::new(Trigger::Command, "tester", "here") };
        let ran = engine::process(&exchange.databases(), &options, &SystemClock, &Cancel::new(), &move_it);
        let said = match ran {
            Ok(run) => run.error.unwrap_or_default(),
            Err(error) => error.to_string(),
        };
        assert!(said.contains("was moved, removed or replaced while it was open"), "{said}");
        assert_eq!(exchange.posted("select count(*) from status_message"), ["150"], "replaced: {replaced}");
        std::fs::rename(&away, exchange.head_office()).expect("moved back");
    }
}

#[test]
fn a_backup_restored_beside_a_stale_log_is_refused_and_not_modified() {
    let exchange = Exchange::new();
    let run = |numbers: std::ops::Range<i64>| {
        exchange.post(&applied_sessions(numbers.start.unsigned_abs() * 3 + 1, numbers));
        exchange.cdx(&["process", "--no-purge"]).exits(0);
    };
    for (name, command) in [("head-office.db", "process"), ("message.db", "post")] {
        let (path, log) = (exchange.path(name), exchange.path(&format!("{name}-wal")));
        let start = i64::from(name == "message.db") * 100_000;
        run(start..start + 500);
        let backup = exchange.path("backup.db");
        std::fs::copy(&path, &backup).expect("backed up");
        run(start + 1_000..start + 2_000);
        // While another process has it open, no checkpoint runs: the files are as a kill would
        // leave them.
        let open = foreign(&path);
        open.query_row("select count(*) from sqlite_master", [], |_| Ok(())).expect("it reads");
        run(start + 2_000..start + 4_000);
        let (left, live) = (exchange.path("left"), exchange.path("live"));
        std::fs::copy(&log, &left).expect("kept");
        std::fs::copy(&path, &live).expect("kept");
        drop(open);
        // Its own log is accepted.
        take_away(&path);
        std::fs::copy(&live, &path).expect("as the kill left it");
        std::fs::copy(&left, &log).expect("as the kill left it");
        exchange.cdx(&["process", "--no-purge"]).exits(0);
        take_away(&path);
        std::fs::copy(&backup, &path).expect("restored");
        std::fs::copy(&left, &log).expect("left");
        let refused =
            exchange.cdx_with_input(&[command], b"").exits(1).says("does not fit the write-ahead log beside it");
        refused.says(&format!("{name}-wal")).says(&format!("{name}-shm"));
        let doctor = exchange.cdx(&["doctor"]).exits(1);
        assert!(doctor.stdout.contains("does not fit the write-ahead log beside it"), "{doctor:#?}");
        let same = |a: &Path, b: &Path| std::fs::read(a).expect("read") == std::fs::read(b).expect("read");
        assert!(same(&backup, &path) && same(&left, &log), "{name} was written");
        restore(&backup, &path);
        exchange.cdx(&["process", "--no-purge"]).exits(0);
    }
}

#[test]
fn doctor_finds_damage_in_its_quick_check() {
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 0..2_000));
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    for path in [exchange.message_database(), exchange.head_office()] {
        let sound = std::fs::read(&path).expect("read");
        let mut damaged = sound.clone();
        let page = foreign(&path)
            .query_row("select rootpage from sqlite_master where name = 'status_message'", [], |row| {
                row.get::<_, u32>(0)
            })
            .expect("it has the table");
        let page = usize::try_from(page).expect("a page");
        damaged[(page - 1) * 4_096 + 5..(page - 1) * 4_096 + 7].copy_from_slice(&[0xFF, 0xFF]);
        take_away(&path);
        std::fs::write(&path, damaged).expect("damaged");
        let doctor = exchange.cdx(&["doctor"]).exits(1);
        assert!(doctor.stdout.contains("damaged: ") || doctor.stdout.contains("malformed"), "{doctor:#?}");
        take_away(&path);
        std::fs::write(&path, sound).expect("restored");
    }
    exchange.cdx(&["doctor"]).exits(0);
}

/// Posts the messages that `which` selects once more, with their guids in braces: another text, so
/// the message database accepts them.
fn post_in_braces(exchange: &Exchange, which: &str) -> usize {
    let columns =
        "direction, session_number, channel_database, job_name, status, occurred_at, posted_at, try_count, round";
    exchange.change_messages(&format!(
        "insert into status_message (message_guid, {columns}) select '{{' || message_guid || '}}', {columns} from status_message where {which}"
    ))
}

#[test]
fn a_guid_in_two_spellings_is_stored_once_in_one_chunk_or_in_two() {
    let exchange = Exchange::new();
    let counts = |read: usize, repeated: usize| {
        let run = exchange.cdx(&["process", "--no-purge", "--json"]).exits(0).json();
        assert_eq!((&run["read"], &run["repeated"]), (&read.into(), &repeated.into()), "{run}");
        assert_eq!(run["inserted"], read - repeated, "{run}");
    };
    let (first, second) = (applied_sessions(1, 0..40), applied_sessions(1_001, 100..140));
    exchange.post(&first);
    let once_more = post_in_braces(&exchange, "session_number < 10");
    counts(first.len() + once_more, once_more);
    let sessions = "select direction, session_number, channel_database, status, winner_guid, last_posted_at, applied_at from session
        order by 1, 2, 3";
    let before = exchange.at_head_office(sessions);
    let across = post_in_braces(&exchange, "session_number between 20 and 30");
    exchange.post(&second);
    let within = post_in_braces(&exchange, "session_number between 110 and 120");
    counts(second.len() + across + within, across + within);
    assert_eq!(exchange.at_head_office(sessions)[..before.len()], before);
    assert_eq!(guids(&exchange), guids_of(&[first, second].concat()));
    counts(0, 0);
}

#[test]
fn gaps_within_sessions_are_discarded_by_the_migration() {
    let exchange = Exchange::new();
    exchange.post(&[download(1, 7, "S0001", APPLIED), download(2, 8, "S0002", APPLIED)]);
    exchange.cdx(&["process"]).exits(0);
    exchange.downgrade_head_office(
        11,
        "update channel_database set usual_gap = 600000 where name = 'S0001';
         update channel_database set usual_gap = 90000000 where name = 'S0002';",
    );
    exchange.cdx(&["process"]).exits(0);
    let gaps = exchange.at_head_office("select usual_gap from channel_database order by name");
    assert_eq!(gaps, ["43200000", "90000000"]);
}
