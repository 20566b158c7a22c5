//! The runner lease: a second runner is refused, a crashed one is replaced at once, and a suspended
//! one can no longer write.

use crate::support::child::Running;
use crate::support::cluster::Cluster;
use crate::support::messages::{applied_sessions, download};
use crate::support::{Exchange, TIMEOUT, foreign, wait_until};
use cdx_console::cancel::Cancel;
use cdx_console::clock::SystemClock;
use cdx_console::domain::{Outcome, Run, Trigger};
use cdx_console::engine::{self, ProcessOptions, RunEvent};
use std::sync::Mutex;
use std::sync::mpsc::channel;
use std::time::Duration;

fn options() -> ProcessOptions {
    ProcessOptions::new(Trigger::Command, "tester", "here")
}

/// Starts a run and waits until head office has its first chunk.
fn running(exchange: &Exchange) -> Running {
    let running = Running::start(&mut exchange.command(&["process"]));
    exchange.wait_for_a_chunk();
    running
}

#[test]
fn a_second_runner_is_refused_with_the_holder_and_since_when() {
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 0..30_000));
    let first = running(&exchange);
    let process = format!("process {}", first.id());
    exchange.cdx(&["process"]).exits(4).says("another runner holds the lease").says(&process).says("since 2");
    // Reading works, and an operator's change is written between two chunks.
    exchange.cdx(&["parameters", "set", "try-count", "4"]).exits(0);
    exchange.cdx(&["process", "--dry-run"]).exits(0);
    exchange.cdx(&["sessions", "download", "--limit", "1"]).exits(0);
    first.signal("INT");
    // It may have ended by itself in the meantime.
    assert!([0, 130].contains(&first.finish().code));
    exchange.cdx(&["process"]).exits(0);
}

#[test]
fn after_a_killed_run_the_next_starts_at_once_and_marks_it_interrupted() {
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 0..30_000));
    let first = running(&exchange);
    first.signal("KILL");
    let killed = first.finish();
    assert_eq!(killed.code, -1);
    // The lease has not expired: only the released OS lock shows that the process ended.
    let now = cdx_console::clock::Clock::now(&SystemClock).0;
    let unexpired = exchange.at_head_office(&format!("select count(*) from lease where expires_at > {now}"));
    assert_eq!(unexpired, ["1"]);
    let second = exchange.cdx(&["process"]).exits(0).says("run 1 was interrupted");
    assert!(second.stdout.starts_with("Run 2 ended"));
    assert_eq!(exchange.count("status_message"), 90_000);
    assert_eq!(
        exchange.at_head_office("select outcome, read from run where run_id = 1")[0].split('|').next(),
        Some("interrupted")
    );
    assert_eq!(exchange.at_head_office("select sum(read), sum(inserted) from run"), ["90000|90000"]);
}

/// Expires the current lease.
fn expire_lease(exchange: &Exchange) {
    let changed =
        exchange.change_head_office("update lease set expires_at = expires_at - 20000 where holder is not null");
    assert_eq!(changed, 1);
}

#[test]
fn a_run_suspended_between_chunks_is_fenced_off() {
    let exchange = Exchange::new();
    exchange.post(&applied_sessions(1, 0..60_000));
    let (suspended, is_suspended) = channel();
    let (resume, resumed) = channel::<()>();
    let resumed = Mutex::new(resumed);
    // Progress is reported after the commit, so the run blocks exactly between two chunks.
    let stop = move |event: RunEvent| {
        if matches!(event, RunEvent::Progress(_)) && suspended.send(()).is_ok() {
            let _ = resumed.lock().expect("one at a time").recv_timeout(TIMEOUT);
        }
    };
    let databases = exchange.databases();
    let late: Run = std::thread::scope(|scope| {
        let slow = scope.spawn(move || {
            engine::process(&databases, &options(), &SystemClock, &Cancel::new(), &stop).expect("a run")
        });
        is_suspended.recv_timeout(TIMEOUT).expect("the end of a chunk");
        // The suspended run still holds the OS lock and its lease.
        exchange.cdx(&["process"]).exits(4);
        expire_lease(&exchange);
        exchange.cdx(&["process", "--no-purge"]).exits(0).says("run 1 was interrupted");
        drop(is_suspended);
        resume.send(()).expect("it waits");
        slow.join().expect("it ends")
    });
    assert_eq!(late.outcome, Some(Outcome::Interrupted));
    assert!(late.error.expect("a reason").contains("took over the lease"));
    assert_eq!(exchange.count("status_message"), 180_000);
    assert_eq!(exchange.at_head_office("select sum(read), sum(inserted), sum(repeated) from run"), ["180000|180000|0"]);
    assert_eq!(exchange.at_head_office("select outcome from run order by run_id"), ["interrupted", "ended"]);
}

#[test]
fn a_process_suspended_past_its_lease_cannot_write_when_continued() {
    let exchange = Exchange::new();
    exchange.post_days_ago(40, &applied_sessions(1, 0..20_000));
    exchange.post(&[download(900_001, 900_001, "S0001", 4)]);
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    // While another program writes, the purge pauses between its transactions.
    let busy = Cancel::new();
    let agent = exchange.agent();
    std::thread::scope(|scope| {
        let writing = busy.clone();
        let posting = scope.spawn(move || {
            let mut number = 1_000_000;
            while !writing.sleep(Duration::from_millis(5)) {
                agent.post(&[download(number, 900_002, "S0002", 2)]).expect("it is stored");
                number += 1;
            }
            number - 1_000_000
        });
        let stopped = Running::start(&mut exchange.command(&["process", "--no-transfer"]));
        wait_until("the purge has begun", || exchange.posted("select purged_through_id from exchange") != ["0"]);
        stop_outside_of_transactions(&exchange, &stopped);
        let left = exchange.posted("select min(message_id) from status_message");
        expire_lease(&exchange);
        exchange.cdx(&["process", "--no-purge"]).exits(0).says("was interrupted");
        assert_eq!(
            exchange.posted("select min(message_id) from status_message"),
            left,
            "the suspended purge continued"
        );
        stopped.signal("CONT");
        stopped.finish().exits(4).says("took over the lease");
        assert_eq!(exchange.posted("select min(message_id) from status_message"), left, "the late purge wrote");
        busy.trip();
        let posted: u64 = posting.join().expect("the agent ends");
        exchange.cdx(&["process"]).exits(0);
        assert_eq!(
            exchange.at_head_office("select count(*) from status_message where session_number = 900002"),
            [posted.to_string()]
        );
        assert_eq!(exchange.count("session_tombstone"), 20_000);
        assert_eq!(exchange.posted("select count(*) from status_message"), [(posted + 1).to_string()]);
    });
}

/// Suspends the process while it holds no write lock, which would block all writers.
fn stop_outside_of_transactions(exchange: &Exchange, running: &Running) {
    wait_until("it is suspended between two transactions", || {
        running.signal("STOP");
        let is_free = [exchange.head_office(), exchange.message_database()].iter().all(|path| {
            let connection = foreign(path);
            // An agent holds the lock for a moment only, a suspended process for ever.
            connection.busy_timeout(Duration::from_millis(200)).expect("a setting");
            connection.execute_batch("begin immediate; rollback").is_ok()
        });
        if !is_free {
            running.signal("CONT");
        }
        is_free
    });
}

/// Starts a transfer and suspends it while its COPY statement waits for rows.
fn suspended_in_a_copy(exchange: &Exchange) -> Running {
    // From its second chunk on, no statement needs the table before COPY does.
    let running = running(exchange);
    // The lock lets the statement begin, and holds it before it asks for its first row.
    let mut lock = exchange.served_office().connect();
    let mut lock = lock.transaction().expect("a transaction");
    lock.batch_execute("lock table status_message in share mode").expect("the table is locked");
    let reached = |wait: &str| {
        let copies = format!(
            "select count(*) from pg_stat_activity where application_name = 'cdx' and datname = current_database()
             and query like 'copy status_message%' and state = 'active' and wait_event_type = '{wait}'"
        );
        exchange.at_head_office(&copies) == ["1"]
    };
    wait_until("COPY waits for the lock", || reached("Lock"));
    running.signal("STOP");
    lock.rollback().expect("the table is released");
    wait_until("COPY waits for rows", || reached("Client"));
    running
}

#[test]
fn a_process_suspended_during_copy_loses_its_session_to_the_next_runner() {
    // A separate cluster, since the long transaction would delay the transfers of other tests.
    let cluster = Cluster::own();
    let exchange = Exchange::at(&cluster);
    exchange.post(&applied_sessions(1, 0..60_000));
    let stopped = suspended_in_a_copy(&exchange);
    // Without intervention the server would wait for ever and keep the writer lock.
    exchange.cdx(&["parameters", "set", "try-count", "4"]).exits(1).says("has been locked by cdx of login postgres");
    let mut next = None;
    wait_until("another runner takes over", || {
        let ran = exchange.cdx(&["process"]);
        let done = ran.code == 0;
        assert!(done || ran.code == 4 || ran.stderr.contains("has been locked by cdx of login postgres"), "{ran:?}");
        next = Some(ran);
        done
    });
    next.expect("it ran").says("run 1 was interrupted");
    stopped.signal("CONT");
    stopped.finish().exits(4).says("took over the lease");
    assert_eq!(exchange.count("status_message"), 180_000);
    assert_eq!(exchange.at_head_office("select sum(read), sum(inserted), sum(repeated) from run"), ["180000|180000|0"]);
    assert_eq!(exchange.at_head_office("select outcome from run order by run_id"), ["interrupted", "ended"]);
}

#[test]
fn a_purge_that_counts_for_longer_than_the_lease_lasts_keeps_it() {
    // A separate cluster, since the long transaction would delay the transfers of other tests.
    let cluster = Cluster::own();
    let exchange = Exchange::at(&cluster);
    exchange.post_days_ago(40, &applied_sessions(1, 0..10));
    exchange.cdx(&["process", "--no-purge"]).exits(0);
    // A purge reads this table only while it counts; it then waits for the test, however long.
    exchange.script_at_head_office(
        "create function wait_for_test() returns boolean language plpgsql stable set lock_timeout = 0 as $$ begin
            perform pg_advisory_xact_lock_shared(7); return true;
         end $$;
         alter table silence rename to silence_rows;
         create view silence as select * from silence_rows where wait_for_test()",
    );
    let mut lock = exchange.served_office().connect();
    let mut lock = lock.transaction().expect("a transaction");
    lock.batch_execute("select pg_advisory_xact_lock(7)").expect("it waits");
    let counting = Running::start(&mut exchange.command(&["process", "--no-transfer"]));
    let blocked =
        "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    wait_until("it counts", || exchange.at_head_office(blocked) == ["1"]);
    let unexpired = format!("select count(*) from lease where expires_at > {}", exchange.office_now());
    for _ in 0..2 {
        expire_lease(&exchange);
        wait_until("the lease is renewed", || exchange.at_head_office(&unexpired) == ["1"]);
    }
    exchange.cdx(&["process"]).exits(4).says("another runner holds the lease");
    lock.rollback().expect("the table is released");
    counting.finish().exits(0);
    assert_eq!(exchange.count("session"), 0);
}

crate::support::engines::on_postgres!(
    a_second_runner_is_refused_with_the_holder_and_since_when,
    after_a_killed_run_the_next_starts_at_once_and_marks_it_interrupted,
    a_run_suspended_between_chunks_is_fenced_off,
);
