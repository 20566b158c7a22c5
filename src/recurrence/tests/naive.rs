//! The same meaning, written as simply as can be and slowly: every minute or every day is looked
//! at.

use crate::recurrence::Weekdays;
use crate::recurrence::rule::{DayOfMonth, End, Kind, Open, Ordinal, Pattern, Rule};
use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;

/// The wall clock at an instant.
pub fn wall(zone: Tz, at: i64) -> NaiveDateTime {
    DateTime::<Utc>::from_timestamp(at, 0).expect("an instant").with_timezone(&zone).naive_local()
}

/// The instant of a wall clock: the first that shows it (offsets are whole quarters of an hour
/// since 1990); else so long after the last minute before the gap.
pub fn instant(zone: Tz, clock: NaiveDateTime) -> i64 {
    let about = clock.and_utc().timestamp();
    let every = |step: usize| (about - 16 * 3_600..=about + 16 * 3_600).step_by(step);
    if let Some(at) = every(900).find(|at| wall(zone, *at) == clock) {
        return at;
    }
    let before = every(60).take_while(|at| wall(zone, *at) < clock).last().expect("a minute before");
    before + (clock - wall(zone, before)).num_seconds()
}

/// The first `number` occurrences that lie before `until`.
pub fn occurrences(rule: &Rule, until: i64, number: usize) -> Vec<i64> {
    let start = instant(rule.zone, rule.start);
    let mut found: Vec<i64> = match rule.pattern {
        Pattern::Minutes { every, open } => grid(rule, start, i64::from(every), open, until, number),
        Pattern::Hours { every, open } => grid(rule, start, i64::from(every) * 60, open, until, number),
        _ => days(rule, until),
    };
    found.dedup();
    if let End::After(most) = rule.end {
        found.truncate(most as usize);
    }
    found.truncate(number);
    found
}

fn grid(rule: &Rule, start: i64, minutes: i64, open: Open, until: i64, number: usize) -> Vec<i64> {
    let mut found = Vec::new();
    let mut at = start;
    while at < until && found.len() < number {
        let clock = wall(rule.zone, at);
        let (mut day, time) = (clock.date(), clock.time());
        let inside = open.window.is_none_or(|window| {
            if window.from < window.to {
                window.from <= time && time < window.to
            } else {
                if time < window.to {
                    day = day - Days::new(1);
                }
                window.from <= time || time < window.to
            }
        });
        let on = open.on.is_none_or(|on| on.contains(day.weekday()));
        let by = !matches!(rule.end, End::By(by) if clock.date() > by);
        if inside && on && by {
            found.push(at);
        }
        at += minutes * 60;
    }
    found
}

fn days(rule: &Rule, until: i64) -> Vec<i64> {
    let start = rule.start.date();
    let mut found = Vec::new();
    let last = wall(rule.zone, until).date() + Days::new(3);
    for date in start.iter_days().take_while(|date| *date <= last).filter(|date| matches(rule, *date)) {
        let times = if rule.times.is_empty() { vec![rule.start.time()] } else { rule.times.clone() };
        for time in times {
            let at = instant(rule.zone, date.and_time(time));
            let by = !matches!(rule.end, End::By(by) if wall(rule.zone, at).date() > by || date > by);
            if at < until && by && at >= instant(rule.zone, rule.start) {
                found.push(at);
            }
        }
    }
    found.sort_unstable();
    found
}

fn matches(rule: &Rule, date: NaiveDate) -> bool {
    let start = rule.start.date();
    let whole = |number: i64, every: u32| number % i64::from(every) == 0;
    let years = i64::from(date.year() - start.year());
    let months = years * 12 + i64::from(date.month()) - i64::from(start.month());
    let sunday = |date: NaiveDate| date - Days::new(date.weekday().num_days_from_sunday().into());
    match rule.pattern {
        Pattern::Days { every } => whole((date - start).num_days(), every),
        Pattern::Weeks { every, on } => {
            on.contains(date.weekday()) && whole((sunday(date) - sunday(start)).num_days() / 7, every)
        }
        Pattern::Months { every, day } => whole(months, every) && is(day, date),
        Pattern::Years { every, month, day } => date.month() == month && whole(years, every) && is(day, date),
        Pattern::Minutes { .. } | Pattern::Hours { .. } => false,
    }
}

fn is(day: DayOfMonth, date: NaiveDate) -> bool {
    let (ordinal, kind) = match day {
        DayOfMonth::Day(day) => return date.day() == day,
        DayOfMonth::The(ordinal, kind) => (ordinal, kind),
    };
    let is_kind = |date: &NaiveDate| match kind {
        Kind::On(weekday) => date.weekday() == weekday,
        Kind::Day => true,
        Kind::Weekday => Weekdays::WORKING.contains(date.weekday()),
        Kind::WeekendDay => Weekdays::WEEKEND.contains(date.weekday()),
    };
    let first = date.with_day(1).expect("a first");
    let of_kind: Vec<_> = first.iter_days().take_while(|day| day.month() == date.month()).filter(is_kind).collect();
    let chosen = match ordinal {
        Ordinal::First => of_kind[0],
        Ordinal::Second => of_kind[1],
        Ordinal::Third => of_kind[2],
        Ordinal::Fourth => of_kind[3],
        Ordinal::Last => of_kind[of_kind.len() - 1],
    };
    chosen == date
}

/// A time of day.
pub fn time(minutes: u32) -> NaiveTime {
    NaiveTime::MIN + TimeDelta::minutes(minutes.into())
}
