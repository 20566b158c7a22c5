//! A purge of half of the messages in two databases on PostgreSQL, compared with one `DELETE` per
//! table.

use super::many::run_command;
use super::postgres::Cluster;
use super::{Guids, Report, at_least, at_most, make_messages, rate};
use cdx_console::cancel::Cancel;
use cdx_console::store::{Location, copy};
use std::time::Instant;

const CUTOFF: &str = "(cast(extract(epoch from now()) * 1000 as bigint) - 30 * cast(86400000 as bigint))";

pub fn bench(report: &mut Report, rows: u64) {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(cluster) = Cluster::start("purge") else {
        println!("purge at PostgreSQL: skipped, PostgreSQL is not installed under /usr/lib/postgresql");
        return;
    };
    let file = folder.path().join("message.db");
    drop(make_messages(&file, rows, rows / 2, Guids::Version7));
    let (messages, office) = (cluster.create("message"), cluster.create("office"));
    let place = |url: &str| url.parse::<Location>().expect("a valid URL");
    copy(&place(&format!("sqlite:{}", file.display())), &place(&messages), &Cancel::new(), &mut |_| {})
        .expect("copied");
    let places = ["--message-database", messages.as_str(), "--head-office", office.as_str()];
    run_command(&[&["process", "--no-purge"][..], &places].concat());
    for name in ["message", "office"] {
        cluster.psql("postgres", &format!("create database copy_of_{name} template {name}"));
    }
    let since = Instant::now();
    cluster.psql("copy_of_message", &format!("delete from status_message where posted_at < {CUTOFF}"));
    cluster.psql(
        "copy_of_office",
        &format!(
            "begin; delete from status_message where posted_at < {CUTOFF};
             insert into session_tombstone select direction, session_number, channel_database, status, 0 from session
                where last_posted_at < {CUTOFF} and status in (4, 5, 9);
             delete from session where last_posted_at < {CUTOFF} and status in (4, 5, 9); commit"
        ),
    );
    let limit = since.elapsed().as_secs_f64();
    let (seconds, memory) = run_command(&[&["process", "--no-transfer"][..], &places].concat());
    // Both databases, and a session for every four messages.
    let purged = rows + rows / 8;
    let ratio = limit / seconds;
    report.add(
        &format!("purge of {} of {rows} messages, both databases at PostgreSQL", rows / 2),
        format!("{:.0} rows/s, {memory} MB resident", rate(purged, seconds)),
        format!("DELETE {:.0} rows/s", rate(purged, limit)),
        vec![at_least("of its rate", ratio, 0.6), at_most("MB", memory as f64, 60.0)],
    );
}
