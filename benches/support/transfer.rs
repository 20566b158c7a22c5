//! Transfer of messages with random GUIDs, compared with one `INSERT … SELECT` of the same rows
//! into the same table and indexes, and of their GUIDs, sorted, into theirs; then with statements
//! that store the sessions, too.

use super::{Guids, Report, at_least, make_messages, open, plain_connection, process, rate};
use cdx_console::engine::Databases;
use cdx_console::store::{Access, HeadOffice};
use std::path::Path;
use std::time::Instant;

pub fn bench(report: &mut Report, rows: u64) {
    let folder = tempfile::tempdir().expect("a folder");
    drop(make_messages(&folder.path().join("message.db"), rows, 0, Guids::Random));
    let limit = insert_select(folder.path());
    let (run, seconds) = process(&Databases::in_folder(folder.path()), true, false);
    assert_eq!(run.counts.inserted.unsigned_abs(), rows);
    let again = insert_select(folder.path());
    let limit = limit.min(again);
    let ratio = limit / seconds;
    report.add(
        &format!("transfer of {rows} messages, random guids"),
        format!("{:.0}/s", rate(rows, seconds)),
        format!("INSERT SELECT {:.0}/s", rate(rows, limit)),
        vec![at_least("of its rate", ratio, 0.75)],
    );
    let with_sessions = again + insert_sessions(folder.path());
    report.add(
        "the same, compared with statements that also store the sessions",
        format!("{:.0}/s", rate(rows, seconds)),
        format!("INSERT SELECT {:.0}/s", rate(rows, with_sessions)),
        vec![open("of its rate", with_sessions / seconds)],
    );
}

/// Returns the seconds of storing the transferred sessions beside the messages.
fn insert_sessions(folder: &Path) -> f64 {
    let connection = plain_connection(&folder.join("copy.db"));
    let transferred = folder.join("head-office.db");
    connection.execute("attach ?1 as transferred", [transferred.to_str().expect("a plain path")]).expect("it attaches");
    let since = Instant::now();
    connection
        .execute_batch(
            "insert into session select * from transferred.session
             order by direction, session_number, channel_database",
        )
        .expect("the sessions are copied");
    since.elapsed().as_secs_f64()
}

/// Returns the seconds of the single statements including their commits.
fn insert_select(folder: &Path) -> f64 {
    let copy = folder.join("copy.db");
    for suffix in ["", "-wal", "-shm", ".lock", ".migrate.lock"] {
        let _ = std::fs::remove_file(folder.join(format!("copy.db{suffix}")));
    }
    drop(HeadOffice::open(&cdx_console::store::Location::Sqlite(copy.clone()), Access::Create).expect("a head office"));
    let connection = plain_connection(&copy);
    let source = folder.join("message.db");
    connection.execute("attach ?1 as source", [source.to_str().expect("a plain path")]).expect("it attaches");
    let since = Instant::now();
    connection
        .execute_batch(
            "insert into status_message (message_guid, direction, session_number, channel_database, job_name,
                channel_data_group, distribution_schedule, status, occurred_at, posted_at, posted_by, round, rerun_for,
                try_count, rows_affected, file_size, row_version, data_path, message, extra, source_id, message_id, run_id,
                transferred_at, cause)
             select message_guid, direction, session_number, channel_database, job_name, channel_data_group,
                distribution_schedule, status, occurred_at, posted_at, posted_by, round, rerun_for, try_count, rows_affected,
                file_size, row_version, data_path, message, extra, 1, message_id, 1, 1,
                case when status in (6, 7, 8) then 1 end
             from source.status_message order by message_id;
             insert into message_guid (guid) select unhex(message_guid, '-') from source.status_message order by 1",
        )
        .expect("the rows are copied");
    since.elapsed().as_secs_f64()
}
