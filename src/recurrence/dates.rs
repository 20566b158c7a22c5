//! Dates of patterns of days and longer, computed from any date on without walking the dates before
//! it.

use crate::recurrence::rule::{DayOfMonth, Kind, Ordinal, Pattern, Rule};
use crate::recurrence::weekdays::Weekdays;
use crate::recurrence::zone::plus_days;
use chrono::{Datelike, NaiveDate, Weekday};

/// The calendar repeats every 400 years (4,800 months), so a search that finds nothing in that many
/// blocks never will.
const LONGEST_SEARCH: usize = 4_800;

/// What repeats: a day, a week, a month or a year, and which of its dates count.
#[derive(Clone, Copy)]
enum Block {
    Day,
    Week(Weekdays),
    Month(DayOfMonth),
    Year(u32, DayOfMonth),
}

/// The dates of a rule of days or longer.
#[derive(Clone, Copy)]
pub(super) struct Dates {
    start: NaiveDate,
    every: i64,
    block: Block,
}

impl Dates {
    /// Returns `None` for patterns of minutes and hours.
    pub(super) fn of(rule: &Rule) -> Option<Self> {
        let block = match rule.pattern {
            Pattern::Minutes { .. } | Pattern::Hours { .. } => return None,
            Pattern::Days { .. } => Block::Day,
            Pattern::Weeks { on, .. } => Block::Week(on),
            Pattern::Months { day, .. } => Block::Month(day),
            Pattern::Years { month, day, .. } => Block::Year(month, day),
        };
        Some(Self { start: rule.start.date(), every: i64::from(rule.pattern.every()), block })
    }

    /// Iterates the dates from `from` on, ascending. Ends at the end of the calendar, or after a
    /// full search without a match.
    pub(super) fn from(self, from: NaiveDate) -> impl Iterator<Item = NaiveDate> {
        let from = from.max(self.start);
        let first = self.units_to(from).div_euclid(self.every);
        let mut searched = 0;
        (first..)
            .map_while(move |index| self.dates(index))
            .take_while(move |dates| {
                searched = if dates.iter().any(Option::is_some) { 0 } else { searched + 1 };
                searched <= LONGEST_SEARCH
            })
            .flatten()
            .flatten()
            .filter(move |date| *date >= from)
    }

    /// Returns the number of days, weeks, months or years between the start and the date.
    fn units_to(self, date: NaiveDate) -> i64 {
        match self.block {
            Block::Day => (date - self.start).num_days(),
            Block::Week(_) => (sunday(date) - sunday(self.start)).num_days() / 7,
            Block::Month(_) => month_number(date) - month_number(self.start),
            Block::Year(..) => i64::from(date.year() - self.start.year()),
        }
    }

    /// Returns the dates of repetition `index`, ascending, or `None` past the end of the calendar.
    fn dates(self, index: i64) -> Option<[Option<NaiveDate>; 7]> {
        #[cfg(test)]
        crate::recurrence::zone::LOOKS.with(|looks| looks.set(looks.get() + 1));
        let unit = index.checked_mul(self.every)?;
        let mut dates = [None; 7];
        let within = |date: &NaiveDate| date.year() <= 9_999;
        match self.block {
            Block::Day => dates[0] = Some(plus_days(self.start, unit).filter(within)?),
            Block::Week(on) => {
                let sunday = plus_days(sunday(self.start), unit.checked_mul(7)?).filter(within)?;
                for (date, number) in dates.iter_mut().zip(0..) {
                    *date = plus_days(sunday, number).filter(|date| on.contains(date.weekday()));
                }
            }
            Block::Month(day) => {
                let month = month_number(self.start).checked_add(unit)?;
                dates[0] = day.date(year_of(month)?, u32::try_from(month.rem_euclid(12)).ok()? + 1);
            }
            Block::Year(month, day) => {
                let year = i64::from(self.start.year()).checked_add(unit)?;
                dates[0] = day.date(i32::try_from(year).ok().filter(|year| *year <= 9_999)?, month);
            }
        }
        Some(dates)
    }
}

/// Returns the Sunday that begins the date's week.
fn sunday(date: NaiveDate) -> NaiveDate {
    plus_days(date, -i64::from(date.weekday().num_days_from_sunday())).unwrap_or(date)
}

fn month_number(date: NaiveDate) -> i64 {
    i64::from(date.year()) * 12 + i64::from(date.month0())
}

fn year_of(month: i64) -> Option<i32> {
    i32::try_from(month.div_euclid(12)).ok().filter(|year| *year <= 9_999)
}

impl DayOfMonth {
    /// Returns the date in that month, or `None` if the month has no such day.
    pub(super) fn date(self, year: i32, month: u32) -> Option<NaiveDate> {
        match self {
            Self::Day(day) => NaiveDate::from_ymd_opt(year, month, day),
            Self::The(ordinal, kind) => nth(year, month, ordinal, kind),
        }
    }
}

/// Every month has at least four days of each kind, so an ordinal always matches.
fn nth(year: i32, month: u32, ordinal: Ordinal, kind: Kind) -> Option<NaiveDate> {
    let of_kind = |day: u32| {
        let date = NaiveDate::from_ymd_opt(year, month, day)?;
        let weekday: Weekday = date.weekday();
        kind.days().contains(weekday).then_some(date)
    };
    match ordinal {
        Ordinal::Last => (1..=31).rev().find_map(of_kind),
        _ => (1..=31).filter_map(of_kind).nth(ordinal as usize),
    }
}
