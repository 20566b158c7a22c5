//! Dates and times of day as they are typed, strictly: the same everywhere a rule is written.

use crate::recurrence::rule::YEARS;
use chrono::{Datelike, NaiveDate, NaiveTime};

/// `2026-12-31`, within the years a rule may name.
pub(super) fn date(text: &str) -> Option<NaiveDate> {
    let text = text.trim();
    let shape = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|_| shape)?;
    YEARS.contains(&date.year()).then_some(date)
}

/// `02:30` or `2:30`.
pub(super) fn time(text: &str) -> Option<NaiveTime> {
    let (hour, minute) = text.trim().split_once(':')?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if minute.len() != 2 || hour.is_empty() || hour.len() > 2 || !digits(hour) || !digits(minute) {
        return None;
    }
    NaiveTime::from_hms_opt(hour.parse().ok()?, minute.parse().ok()?, 0)
}
