//! Batch servers: when they are open, with how many threads, and which groups they serve.

use crate::batch::Window;
use crate::domain::Timestamp;
use chrono::{DateTime, Duration, NaiveDate, NaiveTime, TimeZone, Timelike, Utc};
use chrono_tz::Tz;

/// A server whose heartbeat is older than this, in milliseconds of the database's clock, has
/// crashed or is cut off; another one continues its jobs.
pub const SILENT_AFTER_MS: i64 = 15_000;
/// Days ahead in which an opening is searched; a daily window opens within one, except for a clock
/// change.
const DAYS_AHEAD: i64 = 3;
/// The greatest number of closed spans to return; more would mean years.
const MAX_CLOSED: usize = 1_000;

/// A batch server as head office knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchServer {
    /// Its name; text from outside.
    pub name: String,
    /// Whether it may run batch jobs.
    pub is_batch_server: bool,
    /// The zone of its windows, an IANA name; an unknown one counts as UTC.
    pub zone: String,
    /// When it is open.
    pub windows: Vec<Window>,
    /// The groups it serves; the empty one is the default group.
    pub groups: Vec<String>,
    /// The machine it runs on.
    pub host: String,
    /// Its process id.
    pub process_id: i64,
    /// The program's version.
    pub version: String,
    /// Identifies this process of the server.
    pub incarnation: String,
    /// When this process started.
    pub started_at: Timestamp,
    /// Its last heartbeat.
    pub heartbeat_at: Timestamp,
    /// When it was stopped in order; `None` while it is running, or after a crash.
    pub stopped_at: Option<Timestamp>,
    /// The age of the heartbeat when this was read, in milliseconds of the database's clock.
    pub silent_ms: i64,
    /// Batch jobs that it is executing.
    pub executing: i64,
    /// The number of the last edit of its settings by an operator; 0 before the first.
    pub settings_version: i64,
}

impl BatchServer {
    /// Whether it is running.
    pub fn is_alive(&self) -> bool {
        self.stopped_at.is_none() && self.silent_ms < SILENT_AFTER_MS
    }

    /// Whether its settings let it take jobs of this group.
    pub fn serves(&self, group: &str) -> bool {
        self.is_batch_server && self.groups.iter().any(|served| served == group)
    }

    /// Parallel batch jobs at this instant; 0 is closed.
    pub fn threads_at(&self, at: Timestamp) -> i64 {
        let Some(local) = self.local(at) else { return 0 };
        let minute = u16::try_from(local.hour() * 60 + local.minute()).unwrap_or(0);
        self.threads_at_minute(minute)
    }

    /// Parallel batch jobs at a minute of the day in its zone.
    pub fn threads_at_minute(&self, minute: u16) -> i64 {
        let open = self.windows.iter().filter(|window| window.contains(minute));
        open.map(|window| window.max_threads).max().unwrap_or(0)
    }

    /// Whether it is open at every minute of the day.
    pub fn is_always_open(&self) -> bool {
        (0..1_440).all(|minute| self.threads_at_minute(minute) > 0)
    }

    /// When it opens next after an instant at which it is closed; `None` if it has no window.
    pub fn opens_after(&self, at: Timestamp) -> Option<Timestamp> {
        let today = self.local(at)?.date_naive();
        let days = (0..=DAYS_AHEAD).filter_map(|days| today.checked_add_signed(Duration::days(days)));
        let starts = days.flat_map(|day| {
            let open = self.windows.iter().filter(|window| window.max_threads > 0);
            open.filter_map(move |window| self.instant(day, window.from)).collect::<Vec<_>>()
        });
        starts.filter(|start| *start > at).min()
    }

    /// When it closes next after an instant at which it is open; `None` if it never does.
    fn closes_after(&self, at: Timestamp) -> Option<Timestamp> {
        let today = self.local(at)?.date_naive();
        let days = (0..=DAYS_AHEAD).filter_map(|days| today.checked_add_signed(Duration::days(days)));
        let mut ends: Vec<_> = days
            .flat_map(|day| self.windows.iter().filter_map(move |window| self.instant(day, window.to % 1_440)))
            .filter(|end| *end > at)
            .collect();
        ends.sort_unstable();
        ends.into_iter().find(|end| self.threads_at(*end) == 0)
    }

    /// The spans between two instants in which it was closed, by its present windows.
    pub fn closed_between(&self, from: Timestamp, until: Timestamp) -> Vec<(Timestamp, Timestamp)> {
        let (mut closed, mut at) = (Vec::new(), from);
        while at < until && closed.len() < MAX_CLOSED {
            if self.threads_at(at) == 0 {
                let opens = self.opens_after(at).unwrap_or(until).min(until);
                closed.push((at, opens));
                at = opens;
            }
            match self.closes_after(at) {
                Some(closes) => at = closes,
                None => break,
            }
        }
        closed
    }

    fn tz(&self) -> Tz {
        self.zone.parse().unwrap_or(Tz::UTC)
    }

    fn local(&self, at: Timestamp) -> Option<DateTime<Tz>> {
        DateTime::<Utc>::from_timestamp_millis(at.0).map(|at| at.with_timezone(&self.tz()))
    }

    /// The instant of a minute of a day; one that a clock change skips becomes the first after it.
    fn instant(&self, day: NaiveDate, minute: u16) -> Option<Timestamp> {
        let time = NaiveTime::from_num_seconds_from_midnight_opt(u32::from(minute) * 60, 0)?;
        let local = day.and_time(time);
        let quarter_hours = (0..=8).map(|quarters| local + Duration::minutes(15 * quarters));
        let found = quarter_hours.into_iter().find_map(|local| self.tz().from_local_datetime(&local).earliest());
        found.map(|at| Timestamp(at.timestamp_millis()))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A running server of the default group that is always open.
    pub(in crate::batch) fn server(name: &str) -> BatchServer {
        BatchServer {
            name: name.to_owned(),
            is_batch_server: true,
            zone: "Europe/Amsterdam".to_owned(),
            windows: vec![Window::all_day(8)],
            groups: vec![String::new()],
            host: "hq".to_owned(),
            process_id: 1,
            version: "1".to_owned(),
            incarnation: "a".to_owned(),
            started_at: Timestamp(0),
            heartbeat_at: Timestamp(0),
            stopped_at: None,
            silent_ms: 0,
            executing: 0,
            settings_version: 0,
        }
    }

    fn at(text: &str) -> Timestamp {
        Timestamp::parse_rfc3339(text).expect("an instant")
    }

    #[test]
    fn a_window_over_midnight_is_open_on_both_sides_of_it() {
        let night = Window { from: 20 * 60, to: 2 * 60, max_threads: 4 };
        let open = [0, 119, 1_200, 1_439];
        assert!(open.into_iter().all(|minute| night.contains(minute)));
        assert!([120, 1_199].into_iter().all(|minute| !night.contains(minute)));
        assert!(Window::all_day(1).is_all_day() && Window::all_day(1).contains(0) && !night.is_all_day());
    }

    #[test]
    fn windows_follow_the_clocks_of_their_zone_and_the_widest_one_counts() {
        let mut server = server("a");
        server.windows = vec![
            Window { from: 20 * 60, to: 2 * 60, max_threads: 4 },
            Window { from: 12 * 60, to: 13 * 60, max_threads: 2 },
            Window { from: 12 * 60 + 30, to: 13 * 60, max_threads: 6 },
        ];
        assert_eq!(server.threads_at(at("2026-11-24T19:30:00Z")), 4, "20:30 there");
        assert_eq!(server.threads_at(at("2026-11-24T11:15:00Z")), 2);
        assert_eq!(server.threads_at(at("2026-11-24T11:45:00Z")), 6);
        assert_eq!(server.threads_at(at("2026-11-24T09:00:00Z")), 0);
        assert_eq!(server.opens_after(at("2026-11-24T13:00:00Z")), Some(at("2026-11-24T19:00:00Z")));
        assert_eq!(server.opens_after(at("2026-07-24T13:00:00Z")), Some(at("2026-07-24T18:00:00Z")), "in summer");
        server.windows.clear();
        assert_eq!(
            (server.threads_at(at("2026-11-24T09:00:00Z")), server.opens_after(at("2026-11-24T09:00:00Z"))),
            (0, None)
        );
    }

    #[test]
    fn it_was_closed_between_its_windows() {
        let mut server = server("a");
        server.windows = vec![Window { from: 20 * 60, to: 2 * 60, max_threads: 4 }];
        let closed = server.closed_between(at("2026-11-24T12:00:00Z"), at("2026-11-25T12:00:00Z"));
        let expected = [
            (at("2026-11-24T12:00:00Z"), at("2026-11-24T19:00:00Z")),
            (at("2026-11-25T01:00:00Z"), at("2026-11-25T12:00:00Z")),
        ];
        assert_eq!(closed, expected);
        server.windows = vec![Window::all_day(1)];
        assert_eq!(server.closed_between(at("2026-11-24T12:00:00Z"), at("2026-11-25T12:00:00Z")), []);
    }

    #[test]
    fn a_window_that_begins_in_the_hour_that_clocks_leave_out_opens_after_it() {
        let mut server = server("a");
        server.windows = vec![Window { from: 2 * 60 + 30, to: 5 * 60, max_threads: 1 }];
        assert_eq!(server.opens_after(at("2026-03-28T23:30:00Z")), Some(at("2026-03-29T01:00:00Z")), "03:00 there");
    }
}
