//! A report: compact in the queue, converted into a status message when posted.

use crate::demo::generator::chain::Chain;
use crate::demo::generator::jobs::Job;
use crate::domain::{Direction, Timestamp};
use crate::store::message_database::NewMessage;
use std::cmp::Ordering;
use std::rc::Rc;
use uuid::Uuid;

/// The values that all reports of a session share.
#[derive(Clone)]
pub(super) struct DemoSession {
    pub(super) direction: Direction,
    pub(super) number: i64,
    pub(super) job: &'static Job,
    pub(super) group: usize,
    /// `None` for the package itself.
    pub(super) store: Option<usize>,
    pub(super) rows: i64,
    pub(super) bytes: i64,
    pub(super) row_version: Option<i64>,
    pub(super) rerun_for: Option<i64>,
}

/// The process that posts a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Poster {
    /// Async Server at head office.
    Server,
    /// The store's agent.
    Client,
    /// The part of head office that applies uploads.
    Application,
}

/// A status that a session reached.
#[derive(Clone)]
pub(super) struct Report {
    pub(super) session: Rc<DemoSession>,
    /// The status number, which may be invalid.
    pub(super) status: i64,
    pub(super) occurred_at: i64,
    pub(super) posted_at: i64,
    /// Order among reports of the same millisecond.
    pub(super) serial: u64,
    pub(super) guid: u128,
    /// Whether the GUID is in its canonical form.
    pub(super) canonical: bool,
    pub(super) by: Poster,
    pub(super) round: i64,
    pub(super) try_count: i64,
    /// Whether there is a package, with rows, bytes and path.
    pub(super) packed: bool,
    pub(super) text: Option<Box<str>>,
}

/// Returns a UUID of version 7 for the instant `at`, in milliseconds.
pub(super) fn guid(at: i64, random: u128) -> u128 {
    let milliseconds = u128::from(at.unsigned_abs()) << 80;
    let random = random & 0x0FFF_3FFF_FFFF_FFFF_FFFF;
    milliseconds | 0x7000_8000_0000_0000_0000 | random
}

impl Report {
    /// Converts the report into the message that is posted.
    pub(super) fn message(self, chain: &Chain) -> NewMessage {
        let session = &*self.session;
        let store = session.store.and_then(|store| chain.stores.get(store));
        let guid = Uuid::from_u128(self.guid);
        let packed = |number| self.packed.then_some(number);
        NewMessage {
            message_guid: if self.canonical { guid.to_string() } else { guid.simple().to_string() },
            direction: session.direction.number(),
            session_number: session.number,
            channel_database: store.map_or_else(String::new, |store| store.name.clone()),
            job_name: session.job.name.to_owned(),
            channel_data_group: chain.groups.get(session.group).map(|group| group.name.clone()),
            distribution_schedule: Some(session.job.schedule.to_owned()),
            status: self.status,
            occurred_at: Timestamp(self.occurred_at),
            posted_by: Some(match (self.by, store) {
                (Poster::Client, Some(store)) => store.agent.clone(),
                (Poster::Application, _) => "AOS01".to_owned(),
                _ => "AsyncServer01".to_owned(),
            }),
            round: self.round,
            rerun_for: session.rerun_for,
            try_count: self.try_count,
            rows_affected: packed(session.rows),
            file_size: packed(session.bytes),
            row_version: if self.packed { session.row_version } else { None },
            data_path: packed(0).map(|_| path(session, store.map(|store| store.name.as_str()))),
            message: self.text.map(String::from),
            extra: None,
        }
    }
}

fn path(session: &DemoSession, store: Option<&str>) -> String {
    let (job, number) = (session.job.name, session.number);
    match (session.direction, store) {
        (Direction::Upload, Some(store)) => format!(r"\\CDX01\RetailUpload\{store}\{job}-{number}.zip"),
        _ => format!(r"\\CDX01\RetailDownload\{job}\{number}.zip"),
    }
}

impl Ord for Report {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.posted_at, self.serial).cmp(&(other.posted_at, other.serial))
    }
}

impl PartialOrd for Report {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Report {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Report {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guid_is_of_version_7_and_says_when() {
        for random in [0, u128::MAX] {
            let guid = Uuid::from_u128(guid(1_794_541_408_123, random));
            assert_eq!((guid.get_version_num(), guid.get_variant()), (7, uuid::Variant::RFC4122));
            let (seconds, nanoseconds) = guid.get_timestamp().expect("it is of version 7").to_unix();
            assert_eq!((seconds, nanoseconds / 1_000_000), (1_794_541_408, 123));
        }
    }
}
