//! A purge of half of the messages, compared with one `DELETE` per table, and the longest time for
//! which it blocks other writers.

use super::{Guids, Report, at_least, at_most, make_messages, plain_connection, process, rate};
use cdx_console::cancel::Cancel;
use cdx_console::domain::Parameter;
use cdx_console::engine::Databases;
use cdx_console::store::{Access, HeadOffice};
use std::path::Path;
use std::time::{Duration, Instant};

pub fn bench(report: &mut Report, rows: u64) {
    let folder = tempfile::tempdir().expect("a folder");
    drop(make_messages(&folder.path().join("message.db"), rows, rows / 2, Guids::Version7));
    process(&Databases::in_folder(folder.path()), true, false);
    let names = ["message.db", "head-office.db"];
    let keep = |from: &str, to: &str| {
        for name in names {
            let place = |kind: &str| folder.path().join(format!("{kind}{name}"));
            plain_connection(&place(from)).execute_batch("pragma wal_checkpoint(truncate)").expect("copied back");
            std::fs::copy(place(from), place(to)).expect("copied");
        }
    };
    keep("", "copy-");
    keep("", "kept-");
    let limit: f64 = names.iter().map(|name| delete(&folder.path().join(format!("copy-{name}")), name)).sum();
    let stop = Cancel::new();
    let (run, seconds, longest) = std::thread::scope(|scope| {
        let watch = scope.spawn(|| longest_hold(folder.path(), names, &stop));
        let (run, seconds) = process(&Databases::in_folder(folder.path()), false, true);
        stop.trip();
        (run, seconds, watch.join().expect("it ends"))
    });
    let purged = run.purged.total().unsigned_abs();
    let ratio = limit / seconds;
    bench_trash(report, folder.path(), rows, (purged, seconds));
    report.add(
        &format!("purge of {} of {rows} messages, both databases, no other writer", rows / 2),
        format!("{:.0} rows/s, longest transaction {:.0} ms", rate(purged, seconds), longest.as_secs_f64() * 1_000.0),
        format!("DELETE {:.0} rows/s", rate(purged, limit)),
        vec![
            at_least("of its rate", ratio, 0.5),
            at_most("ms longest transaction", longest.as_secs_f64() * 1_000.0, 250.0),
        ],
    );
}

/// The same purge without a trash, in the copies; then the purge that empties the trash.
fn bench_trash(report: &mut Report, folder: &Path, rows: u64, (purged, seconds): (u64, f64)) {
    let without = tempfile::tempdir().expect("a folder");
    for name in ["message.db", "head-office.db"] {
        std::fs::rename(folder.join(format!("kept-{name}")), without.path().join(name)).expect("moved");
    }
    let databases = Databases::in_folder(without.path());
    let office = HeadOffice::open(&databases.head_office, Access::Existing).expect("head office");
    office.set_parameter(Parameter::TrashHours, 0, "bench").expect("set");
    drop(office);
    let (run, direct) = process(&databases, false, true);
    assert_eq!(run.purged.total().unsigned_abs(), purged);
    plain_connection(&folder.join("head-office.db"))
        .execute_batch("update trash_session set purged_at = purged_at - 90000000; pragma wal_checkpoint(truncate)")
        .expect("aged");
    let (run, emptied) = process(&Databases::in_folder(folder), false, true);
    let trash: i64 = run.purged.trash.iter().map(|(_, rows)| rows).sum();
    report.add(
        &format!("purge of {} of {rows} messages to the trash", rows / 2),
        format!(
            "{:.0} rows/s; {:.0} rows/s leave the trash for good",
            rate(purged, seconds),
            rate(trash.unsigned_abs(), emptied)
        ),
        format!("without a trash {:.0} rows/s", rate(purged, direct)),
        vec![at_most("times as long", seconds / direct, 1.2)],
    );
}

/// Returns the seconds of one `DELETE` per table.
fn delete(path: &Path, name: &str) -> f64 {
    let connection = plain_connection(path);
    let cutoff = "(cast((julianday('now') - 2440587.5) * 86400000 as integer) - 30 * 86400000)";
    let sql = if name == "message.db" {
        format!("delete from status_message where posted_at < {cutoff}")
    } else {
        format!(
            "begin immediate;
             delete from status_message where posted_at < {cutoff};
             insert into session_tombstone select direction, session_number, channel_database, status, 0 from session
                where last_posted_at < {cutoff} and status in (4, 5, 9);
             delete from session where last_posted_at < {cutoff} and status in (4, 5, 9);
             commit"
        )
    };
    let since = Instant::now();
    connection.execute_batch(&sql).expect("deleted");
    since.elapsed().as_secs_f64()
}

/// Returns the longest time for which a write lock was not available, probed every millisecond. It
/// probes without writing, so that the purge does not slow down for other writers.
fn longest_hold(folder: &Path, names: [&str; 2], stop: &Cancel) -> Duration {
    let mut longest = Duration::ZERO;
    let connections = names.map(|name| plain_connection(&folder.join(name)));
    for connection in &connections {
        connection.busy_timeout(Duration::ZERO).expect("a setting");
    }
    let mut held_since = [None; 2];
    while !stop.sleep(Duration::from_millis(1)) {
        for (connection, since) in connections.iter().zip(&mut held_since) {
            if connection.execute_batch("begin immediate; rollback").is_ok() {
                *since = None;
            } else {
                let _ = connection.execute_batch("rollback");
                longest = longest.max(since.get_or_insert_with(Instant::now).elapsed());
            }
        }
    }
    longest
}
