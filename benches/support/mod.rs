//! Shared by the benchmarks: generated messages and the report.

pub mod agent;
pub mod batch;
pub mod many;
pub mod post;
pub mod postgres;
pub mod postgres_purge;
pub mod purge;
pub mod report;
pub mod transfer;

use cdx_console::cancel::Cancel;
use cdx_console::clock::{Clock, SystemClock};
use cdx_console::domain::{Run, Timestamp, Trigger};
use cdx_console::engine::{self, Databases, ProcessOptions, RunEvent};
use cdx_console::store::message_database::NewMessage;
use cdx_console::store::{Access, Location, MessageDatabase};
pub use report::{Report, at_least, at_most, open};
use std::path::Path;
use std::time::Instant;

/// Returns `rows`, or a tenth with `--quick`.
pub fn scale(rows: u64) -> u64 {
    if std::env::args().any(|arg| arg == "--quick") { rows / 10 } else { rows }
}

/// The kind of message GUIDs: random ones are the worst case for a unique index, version 7 is what
/// agents should use.
#[derive(Clone, Copy, PartialEq)]
pub enum Guids {
    Random,
    Version7,
}

/// Generates messages of 300 stores, four per session; the first `old` are long past any retention.
pub fn make_messages(path: &Path, count: u64, old: u64, guids: Guids) -> MessageDatabase {
    let database =
        MessageDatabase::open(&Location::Sqlite(path.to_owned()), Access::Create).expect("a message database");
    let mut rng = fastrand::Rng::with_seed(2012);
    let now = SystemClock.now();
    let mut batch = Vec::with_capacity(10_000);
    for number in 0..count {
        let posted_at = if number < old { now.minus_days(60) } else { Timestamp(now.0 - 60_000) };
        batch.push((message(number, posted_at, guids, &mut rng), posted_at));
        if batch.len() == 10_000 {
            database.import(&batch).expect("the messages are stored");
            batch.clear();
        }
    }
    database.import(&batch).expect("the messages are stored");
    database
}

/// The time range of generated messages in milliseconds.
const SPAN: i64 = 8 * 3_600_000;

/// Generates message `number`: four statuses per download session, a second apart, and a session
/// every ten milliseconds up to `at`; one session in fifty fails with a text.
pub fn message(number: u64, at: Timestamp, guids: Guids, rng: &mut fastrand::Rng) -> NewMessage {
    let (session, step) = (number / 4, number % 4);
    let random = rng.u128(..);
    let guid = match guids {
        Guids::Random => uuid::Builder::from_random_bytes(random.to_be_bytes()).into_uuid(),
        Guids::Version7 => {
            let mut bytes = [0; 10];
            bytes.copy_from_slice(&random.to_be_bytes()[..10]);
            uuid::Builder::from_unix_timestamp_millis(at.0.unsigned_abs() - 1_000_000_000 + number / 10, &bytes)
                .into_uuid()
        }
    };
    let occurred = i64::try_from(session * 10 % SPAN.unsigned_abs() + step * 1_000).expect("small");
    let failed = session % 50 == 0 && step == 2;
    NewMessage {
        message_guid: guid.to_string(),
        direction: 0,
        session_number: i64::try_from(session / 300).expect("a small number"),
        channel_database: format!("S{:04}", session % 300),
        job_name: ["1000", "1010", "1040", "1070", "1090"][usize::try_from(session / 300 % 5).expect("small")].to_owned(),
        channel_data_group: Some("Houston".to_owned()),
        distribution_schedule: Some("Prices every 15 minutes".to_owned()),
        status: if failed { 8 } else { [1, 2, 3, 4][usize::try_from(step).expect("small")] },
        occurred_at: Timestamp(at.0 - SPAN + occurred),
        posted_by: Some(format!("AsyncClient-S{:04}", session % 300)),
        rows_affected: (step == 3).then_some(1_234),
        message: failed.then(|| {
            "Failed to run SqlWriteRequestRunner for table AX.RETAILTRANSACTIONTABLE: String or binary data would be truncated."
                .to_owned()
        }),
        ..NewMessage::default()
    }
}

/// Runs the job in this process and returns the run and its seconds.
pub fn process(databases: &Databases, transfer: bool, purge: bool) -> (Run, f64) {
    let options = ProcessOptions { transfer, purge, ..ProcessOptions::new(Trigger::Command, "bench", "bench") };
    let since = Instant::now();
    let run = engine::process(databases, &options, &SystemClock, &Cancel::new(), &|_: RunEvent| {}).expect("a run");
    assert!(run.error.is_none(), "the run failed: {:?}", run.error);
    (run, since.elapsed().as_secs_f64())
}

#[allow(clippy::cast_precision_loss)] // figures for people
pub fn rate(rows: u64, seconds: f64) -> f64 {
    rows as f64 / seconds
}

/// Opens a plain connection with head office's settings, for reference measurements.
pub fn plain_connection(path: &Path) -> rusqlite::Connection {
    let connection = rusqlite::Connection::open(path).expect("a file");
    connection
        .execute_batch("pragma journal_mode = wal; pragma synchronous = full; pragma cache_size = -27648; pragma temp_store = memory;")
        .expect("the settings hold");
    connection
}
