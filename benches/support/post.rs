//! `cdx post`, compared with plain `INSERT`s of the parsed rows in one transaction.

use super::{Guids, Report, make_messages, message, open, plain_connection, rate};
use cdx_console::clock::{Clock, SystemClock};
use std::io::{BufWriter, Write};
use std::process::{Command, Stdio};
use std::time::Instant;

pub fn bench(report: &mut Report, rows: u64) {
    let folder = tempfile::tempdir().expect("a folder");
    let lines = folder.path().join("agents.jsonl");
    let mut out = BufWriter::new(std::fs::File::create(&lines).expect("a file"));
    let mut rng = fastrand::Rng::with_seed(7);
    let now = SystemClock.now();
    for number in 0..rows {
        let message = message(number, now, Guids::Version7, &mut rng);
        let line = serde_json::json!({
            "message_guid": message.message_guid,
            "direction": "download",
            "session_number": message.session_number,
            "channel_database": message.channel_database,
            "job_name": message.job_name,
            "channel_data_group": message.channel_data_group,
            "distribution_schedule": message.distribution_schedule,
            "status": message.status,
            "occurred_at": message.occurred_at.0,
            "posted_by": message.posted_by,
            "message": message.message,
        });
        writeln!(out, "{line}").expect("written");
    }
    out.flush().expect("written");
    let since = Instant::now();
    let status = Command::new(env!("CARGO_BIN_EXE_cdx"))
        .arg("post")
        .arg(&lines)
        .args(["--message-database", &format!("sqlite:{}", folder.path().join("message.db").display())])
        .stdout(Stdio::null())
        .status()
        .expect("the program starts");
    let seconds = since.elapsed().as_secs_f64();
    assert!(status.success());
    let limit = insert(folder.path(), rows);
    report.add(
        &format!("cdx post of {rows} lines"),
        format!("{:.0}/s", rate(rows, seconds)),
        format!("INSERT of parsed rows {:.0}/s", rate(rows, limit)),
        vec![open("of its rate", limit / seconds)],
    );
}

/// Returns the seconds of plain inserts of the same rows into the same table.
fn insert(folder: &std::path::Path, rows: u64) -> f64 {
    let path = folder.join("plain.db");
    drop(make_messages(&path, 0, 0, Guids::Version7));
    let mut connection = plain_connection(&path);
    let mut rng = fastrand::Rng::with_seed(7);
    let now = SystemClock.now();
    let messages: Vec<_> = (0..rows).map(|number| message(number, now, Guids::Version7, &mut rng)).collect();
    let since = Instant::now();
    let transaction = connection.transaction().expect("it begins");
    {
        let mut insert = transaction
            .prepare(
                "insert into status_message (message_guid, direction, session_number, channel_database, job_name,
                    channel_data_group, distribution_schedule, status, occurred_at, posted_by, message)
                 values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            )
            .expect("sound");
        for m in &messages {
            insert
                .execute(rusqlite::params![
                    m.message_guid,
                    m.direction,
                    m.session_number,
                    m.channel_database,
                    m.job_name,
                    m.channel_data_group,
                    m.distribution_schedule,
                    m.status,
                    m.occurred_at.0,
                    m.posted_by,
                    m.message
                ])
                .expect("stored");
        }
    }
    transaction.commit().expect("durable");
    since.elapsed().as_secs_f64()
}
