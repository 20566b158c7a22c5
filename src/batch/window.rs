//! The windows of a batch server: daily periods in which it takes batch jobs.

use crate::recurrence::parse_time;
use chrono::Timelike;

/// Returns the minute of the day of a time such as `20:30`.
pub fn minute_of_day(text: &str) -> Option<u16> {
    let time = parse_time(text)?;
    u16::try_from(time.hour() * 60 + time.minute()).ok()
}

/// Returns a minute of the day as a time; 1440 is `24:00`.
pub fn time_of_day(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// Parallel batch jobs in the window of a new server, and in a window that a form adds.
pub const DEFAULT_THREADS: i64 = 8;

/// A daily period with a maximum of parallel batch jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Its first minute of the day, 0 to 1439.
    pub from: u16,
    /// The minute before which it ends, 0 to 1440; if it is not after `from`, the window spans
    /// midnight.
    pub to: u16,
    /// Parallel batch jobs.
    pub max_threads: i64,
}

impl Window {
    /// The whole day.
    pub fn all_day(max_threads: i64) -> Self {
        Self { from: 0, to: 1_440, max_threads }
    }

    /// Whether it is open at a minute of the day.
    pub fn contains(&self, minute: u16) -> bool {
        if self.from < self.to {
            (self.from..self.to).contains(&minute)
        } else {
            minute >= self.from || minute < self.to
        }
    }

    /// Whether it is open from midnight to midnight.
    pub fn is_all_day(&self) -> bool {
        self.from == self.to % 1_440
    }
}

impl std::fmt::Display for Window {
    /// `20:00-02:00=4`, the form that `cdx batch server` reads.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}={}", time_of_day(self.from), time_of_day(self.to), self.max_threads)
    }
}

/// The text is not a window.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid window {shown:?}; write FROM-TO=THREADS, such as 20:00-02:00=4 or 00:00-24:00=8")]
pub struct WindowError {
    /// The beginning of the text.
    shown: String,
}

impl std::str::FromStr for Window {
    type Err = WindowError;

    fn from_str(text: &str) -> Result<Self, WindowError> {
        let fault = || {
            let shown: String = text.chars().take(40).collect();
            WindowError { shown }
        };
        let end = |text: &str| if text == "24:00" { Some(1_440) } else { minute_of_day(text) };
        let parsed = || {
            let (times, threads) = text.split_once('=')?;
            let (from, to) = times.split_once('-')?;
            let max_threads = threads.parse().ok().filter(|threads| (1..=1_000).contains(threads))?;
            Some(Self { from: minute_of_day(from)?, to: end(to)?, max_threads })
        };
        parsed().ok_or_else(fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_reads_as_it_prints_and_invalid_text_is_refused() {
        for text in ["20:00-02:00=4", "00:00-24:00=8"] {
            assert_eq!(text.parse::<Window>().map(|window| window.to_string()), Ok(text.to_owned()));
        }
        for text in [
            "",
            "20:00-02:00",
            "25:00-02:00=4",
            "24:00-02:00=4",
            "20:60-02:00=4",
            "20:00-02:00=0",
            "a-b=c",
            "+2:00-03:00=1",
            "2:5-3:00=1",
        ] {
            assert!(text.parse::<Window>().is_err(), "{text}");
        }
    }
}
