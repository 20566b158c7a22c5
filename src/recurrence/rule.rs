//! The rule of a recurrence: where it starts, in which zone, by which pattern, and where it ends.

use crate::domain::Timestamp;
use crate::recurrence::weekdays::Weekdays;
use chrono::{NaiveDate, NaiveDateTime, NaiveTime, Weekday};
use chrono_tz::Tz;

/// The largest interval and the largest number of occurrences a rule may name.
pub const LARGEST: u32 = 1_000_000;
/// The years in which a rule may start or end.
pub const YEARS: std::ops::RangeInclusive<i32> = 1970..=2999;

/// When something occurs again and again. Made by [`Rule::parse_json`], by the quick line or by the form's draft, each of which
/// refuses what makes no sense; a rule that exists may still never occur, such as on 30 February.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Wall clock in the zone; counts as an occurrence only if the pattern matches it.
    pub(super) start: NaiveDateTime,
    pub(super) zone: Tz,
    pub(super) pattern: Pattern,
    pub(super) end: End,
    /// Times of day of days and longer, ascending; empty for the start's own. Unused by minutes and hours.
    pub(super) times: Vec<NaiveTime>,
}

/// How it occurs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pattern {
    /// Every so many minutes of elapsed time from the start.
    Minutes { every: u32, open: Open },
    /// Every so many hours of elapsed time from the start.
    Hours { every: u32, open: Open },
    /// Every so many days, at the start's wall clock.
    Days { every: u32 },
    /// On these days of every so manieth week; weeks begin on Sunday.
    Weeks { every: u32, on: Weekdays },
    /// On that day of every so manieth month; a month without it is skipped.
    Months { every: u32, day: DayOfMonth },
    /// On that day of one month of every so manieth year; a year without it is skipped.
    Years { every: u32, month: u32, day: DayOfMonth },
}

/// On which days and between which times minutes and hours count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Open {
    /// Every day if none is named.
    pub on: Option<Weekdays>,
    /// The whole day if there is none.
    pub window: Option<Window>,
}

/// From one time of day up to but without another; past midnight if that is earlier, and then of the day it began on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    pub from: NaiveTime,
    pub to: NaiveTime,
}

/// A day of a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DayOfMonth {
    /// 1 to 31.
    Day(u32),
    /// The first, …, the last of its kind.
    The(Ordinal, Kind),
}

/// Which one of its kind.
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

/// Where it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Never,
    /// With that many occurrences, counted from the start.
    After(u32),
    /// With that local day.
    By(NaiveDate),
}

impl Rule {
    /// The times of day of days and longer: those named, else the start's.
    pub(super) fn times_of_day(&self) -> Vec<NaiveTime> {
        if self.times.is_empty() { vec![self.start.time()] } else { self.times.clone() }
    }

    /// The zone of its wall clocks.
    pub fn zone(&self) -> Tz {
        self.zone
    }

    /// An instant in its zone, as `Sun 2026-12-06 02:30 CST`.
    pub fn wall_clock(&self, at: Timestamp) -> String {
        chrono::DateTime::from_timestamp_millis(at.0).map_or_else(
            || at.to_rfc3339(),
            |at| at.with_timezone(&self.zone).format("%a %Y-%m-%d %H:%M %Z").to_string(),
        )
    }
}

impl Pattern {
    /// The unit's word.
    pub(super) fn unit(self) -> &'static str {
        match self {
            Self::Minutes { .. } => "minutes",
            Self::Hours { .. } => "hours",
            Self::Days { .. } => "days",
            Self::Weeks { .. } => "weeks",
            Self::Months { .. } => "months",
            Self::Years { .. } => "years",
        }
    }

    /// The interval.
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
    /// The days of the week that are of this kind.
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
    /// All of them, in the order of the form.
    pub(super) const ALL: [Self; 5] = [Self::First, Self::Second, Self::Third, Self::Fourth, Self::Last];

    /// The word, which is also its JSON.
    pub(super) fn word(self) -> &'static str {
        ["first", "second", "third", "fourth", "last"][self as usize]
    }
}

impl Kind {
    /// All of them, in the order of the form.
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

    /// The word people read.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::On(day) => crate::recurrence::weekdays::name(day),
            Self::Day => "day",
            Self::Weekday => "weekday",
            Self::WeekendDay => "weekend day",
        }
    }
}
