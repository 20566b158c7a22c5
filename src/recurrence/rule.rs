//! A recurrence rule: start, zone, pattern and end.

use crate::domain::Timestamp;
use crate::recurrence::Unit;
use crate::recurrence::weekdays::Weekdays;
use chrono::{NaiveDate, NaiveDateTime, NaiveTime, Weekday};
use chrono_tz::Tz;

/// The largest interval and the largest number of occurrences a rule may name.
pub const MAX_NUMBER: u32 = 1_000_000;
/// The years in which a rule may start or end.
pub const YEARS: std::ops::RangeInclusive<i32> = 1970..=2999;

/// A recurrence. Created by [`Rule::parse_json`], by the quick line or by the form's draft, all of
/// which validate it. A valid rule may still never occur (30 February).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Start as a wall clock of the zone. It is an occurrence only if the pattern matches it.
    pub(super) start: NaiveDateTime,
    pub(super) zone: Tz,
    pub(super) pattern: Pattern,
    pub(super) end: End,
    /// Times of day, ascending, for patterns of days and longer; empty means the start's. Unused by
    /// minutes and hours.
    pub(super) times: Vec<NaiveTime>,
}

/// The pattern by which it repeats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pattern {
    /// Every n minutes of elapsed time from the start.
    Minutes { every: u32, open: Open },
    /// Every n hours of elapsed time from the start.
    Hours { every: u32, open: Open },
    /// Every n days.
    Days { every: u32 },
    /// On these weekdays of every n-th week. Weeks begin on Sunday.
    Weeks { every: u32, on: Weekdays },
    /// On this day of every n-th month. Months without it are skipped.
    Months { every: u32, day: DayOfMonth },
    /// On this day of one month of every n-th year. Years without it are skipped.
    Years { every: u32, month: u32, day: DayOfMonth },
}

/// Weekdays and times of day to which minutes and hours are limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Open {
    /// Empty means every day.
    pub on: Option<Weekdays>,
    /// `None` means the whole day.
    pub window: Option<Window>,
}

/// A half-open span of times of day. If `to` is not after `from` it crosses midnight and belongs to
/// the day on which it began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    pub from: NaiveTime,
    pub to: NaiveTime,
}

/// A day of a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DayOfMonth {
    /// Day number, 1 to 31.
    Day(u32),
    /// The first to last day of a kind.
    The(Ordinal, Kind),
}

/// Position among the days of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ordinal {
    First,
    Second,
    Third,
    Fourth,
    Last,
}

/// A kind of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    On(Weekday),
    Day,
    /// Monday to Friday.
    Weekday,
    /// Saturday or Sunday.
    WeekendDay,
}

/// The end of the rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Never,
    /// After this many occurrences from the start.
    After(u32),
    /// With the end of this local day.
    By(NaiveDate),
}

impl Rule {
    /// Returns the times of day of patterns of days and longer: the listed ones, else the start's.
    pub(super) fn times_of_day(&self) -> Vec<NaiveTime> {
        if self.times.is_empty() { vec![self.start.time()] } else { self.times.clone() }
    }

    /// Returns the zone of the rule's wall clocks.
    pub fn zone(&self) -> Tz {
        self.zone
    }

    /// Formats an instant in the rule's zone, as `Sun 2026-12-06 02:30 CST`.
    pub fn wall_clock(&self, at: Timestamp) -> String {
        chrono::DateTime::from_timestamp_millis(at.0).map_or_else(
            || at.to_rfc3339(),
            |at| at.with_timezone(&self.zone).format("%a %Y-%m-%d %H:%M %Z").to_string(),
        )
    }
}

impl Pattern {
    /// Returns the unit of the interval.
    pub(super) fn unit(self) -> Unit {
        match self {
            Self::Minutes { .. } => Unit::Minutes,
            Self::Hours { .. } => Unit::Hours,
            Self::Days { .. } => Unit::Days,
            Self::Weeks { .. } => Unit::Weeks,
            Self::Months { .. } => Unit::Months,
            Self::Years { .. } => Unit::Years,
        }
    }

    /// Returns the interval.
    pub(super) fn every(self) -> u32 {
        match self {
            Self::Minutes { every, .. }
            | Self::Hours { every, .. }
            | Self::Days { every }
            | Self::Weeks { every, .. }
            | Self::Months { every, .. }
            | Self::Years { every, .. } => every,
        }
    }
}

impl Kind {
    /// Returns the weekdays of this kind.
    pub(super) fn days(self) -> Weekdays {
        match self {
            Self::On(day) => day.into(),
            Self::Day => Weekdays::ALL,
            Self::Weekday => Weekdays::WORKING,
            Self::WeekendDay => Weekdays::WEEKEND,
        }
    }
}

impl Ordinal {
    /// All values, in the form's order.
    pub(super) const ALL: [Self; 5] = [Self::First, Self::Second, Self::Third, Self::Fourth, Self::Last];

    /// Returns the word, which is also its JSON form.
    pub(super) fn word(self) -> &'static str {
        ["first", "second", "third", "fourth", "last"][self as usize]
    }
}

impl Kind {
    /// All values, in the form's order.
    pub(super) const ALL: [Self; 10] = [
        Self::On(Weekday::Mon),
        Self::On(Weekday::Tue),
        Self::On(Weekday::Wed),
        Self::On(Weekday::Thu),
        Self::On(Weekday::Fri),
        Self::On(Weekday::Sat),
        Self::On(Weekday::Sun),
        Self::Day,
        Self::Weekday,
        Self::WeekendDay,
    ];

    /// Returns the word for display.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::On(day) => crate::recurrence::weekdays::name(day),
            Self::Day => "day",
            Self::Weekday => "weekday",
            Self::WeekendDay => "weekend day",
        }
    }
}
