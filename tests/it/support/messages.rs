//! Generated status messages.

use cdx_console::clock::{Clock, SystemClock};
use cdx_console::domain::Timestamp;
use cdx_console::store::message_database::NewMessage;

pub fn now() -> Timestamp {
    SystemClock.now()
}

/// Returns a GUID that contains `number`.
pub fn guid(number: u64) -> String {
    uuid::Uuid::from_u128(u128::from(number) | 0x0190_0000_0000_7000_8000_0000_0000_0000).to_string()
}

/// Returns message `number`, of a download session.
pub fn download(number: u64, session: i64, store: &str, status: i64) -> NewMessage {
    NewMessage {
        message_guid: guid(number),
        direction: 0,
        session_number: session,
        channel_database: store.to_owned(),
        job_name: "1040".to_owned(),
        channel_data_group: Some("Houston".to_owned()),
        distribution_schedule: Some("Prices".to_owned()),
        status,
        occurred_at: Timestamp(now().0 - 3_600_000 + i64::try_from(number % 1_000_000).unwrap_or(0)),
        posted_by: Some(format!("AsyncClient-{store}")),
        ..NewMessage::default()
    }
}

/// Returns message `number`, of an upload session.
pub fn upload(number: u64, session: i64, store: &str, status: i64) -> NewMessage {
    NewMessage { direction: 1, job_name: "P-0001".to_owned(), ..download(number, session, store, status) }
}

pub const REQUESTED: i64 = 2;
pub const DOWNLOADED: i64 = 3;
pub const APPLIED: i64 = 4;
pub const APPLY_FAILED: i64 = 8;

/// Returns the messages of applied sessions, three each, with GUIDs numbered from `first`.
pub fn applied_sessions(first: u64, sessions: std::ops::Range<i64>) -> Vec<NewMessage> {
    let steps = [REQUESTED, DOWNLOADED, APPLIED];
    let pairs = sessions.flat_map(|session| steps.map(|status| (session, status)));
    (first..)
        .zip(pairs)
        .map(|(number, (session, status))| download(number, session, &format!("S{:04}", session % 300), status))
        .collect()
}

/// Returns the JSON line that posts a message.
pub fn line(message: &NewMessage) -> String {
    serde_json::json!({
        "message_guid": message.message_guid,
        "direction": message.direction,
        "session_number": message.session_number,
        "channel_database": message.channel_database,
        "job_name": message.job_name,
        "status": message.status,
        "occurred_at": message.occurred_at.0,
        "message": message.message,
    })
    .to_string()
}
