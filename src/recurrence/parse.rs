//! Strict parsing of dates and times of day, shared by every notation of a rule.

use crate::recurrence::rule::YEARS;
use chrono::{Datelike, NaiveDate, NaiveTime};

/// Parses `2026-12-31`, within the years a rule may name.
pub(super) fn date(text: &str) -> Option<NaiveDate> {
    let text = text.trim();
    let shape = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|_| shape)?;
    YEARS.contains(&date.year()).then_some(date)
}

/// Parses `02:30` or `2:30`: a time of day to the minute.
pub fn time(text: &str) -> Option<NaiveTime> {
    let (hour, minute) = text.trim().split_once(':')?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if minute.len() != 2 || hour.is_empty() || hour.len() > 2 || !digits(hour) || !digits(minute) {
        return None;
    }
    NaiveTime::from_hms_opt(hour.parse().ok()?, minute.parse().ok()?, 0)
}
