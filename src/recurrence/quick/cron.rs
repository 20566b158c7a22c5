//! Parses a five-field cron line that one rule can express; otherwise the error says what to write
//! instead.
//!
//! A cron line names wall-clock times. They become times of day, except where a grid of elapsed
//! time gives the same in that zone and reads better: `*/15 * * * *` is every 15 minutes, also
//! through an hour that occurs twice.

use crate::recurrence::Unit;
use crate::recurrence::quick::clauses::Clauses;
use crate::recurrence::quick::{QuickError, lexicon};
use crate::recurrence::rule::{Kind, Ordinal, Window};
use crate::recurrence::weekdays::{WEEK, Weekdays};
use crate::recurrence::zone::{DAY_SECONDS, LAST_CHANGE, Stretches, wall_at, wall_of};
use chrono::{NaiveTime, Timelike};
use chrono_tz::Tz;
use std::collections::BTreeSet;

/// Years of clock changes through which a grid of elapsed time must match the wall clock.
const YEARS_AHEAD: i64 = 20;

/// Whether the words look like a cron line rather than English.
pub(super) fn is_cron(fields: &[&str]) -> bool {
    let looks = |field: &&str| field.chars().all(|c| c.is_ascii_alphanumeric() || "*/,-?".contains(c));
    let numeric = |field: &&str| field.chars().all(|c| c.is_ascii_digit() || "*/,-".contains(c));
    fields.len() == 5 && fields.iter().all(looks) && fields[..2].iter().all(numeric)
}

fn cannot<T>(what: &str) -> Result<T, QuickError> {
    Err(QuickError::new(format!("cron: {what}")))
}

/// Parses a field into ascending numbers: `*`, a number, a range, a step, or a list of these.
fn numbers(field: &str, least: u32, most: u32) -> Option<Vec<u32>> {
    let mut all = BTreeSet::new();
    for part in field.split(',') {
        let (span, step) = match part.split_once('/') {
            Some((span, step)) => (span, Some(step.parse::<u32>().ok().filter(|step| *step > 0)?)),
            None => (part, None),
        };
        let (from, to) = match span.split_once('-') {
            Some((from, to)) => (from.parse().ok()?, to.parse().ok()?),
            None if span == "*" || span == "?" => (least, most),
            // The meaning of a step after a single number differs between cron implementations.
            None if step.is_none() => span.parse().ok().map(|number: u32| (number, number))?,
            None => return None,
        };
        if from < least || to > most || from > to {
            return None;
        }
        all.extend((from..=to).step_by(step.unwrap_or(1) as usize));
    }
    Some(all.into_iter().collect())
}

fn is_any(field: &str) -> bool {
    matches!(field, "*" | "?" | "*/1")
}

/// Parses the line. `now` (seconds) and `zone` decide whether a grid of elapsed time is equivalent.
pub(super) fn read(fields: &[&str], now: i64, zone: Tz) -> Result<Clauses, QuickError> {
    let &[minute, hour, day, month, weekday] = fields else { return cannot("it has not five fields") };
    let Some(minutes) = numbers(minute, 0, 59) else { return cannot(&unread("minutes", minute, "*/15 or 0,30")) };
    let Some(hours) = numbers(hour, 0, 23) else { return cannot(&unread("hours", hour, "*/6 or 8-18")) };
    let mut clauses = Clauses { on: weekdays(weekday)?, ..Clauses::default() };
    if is_any(day) && is_any(month) {
        if let Some((step, window)) = grid(&minutes, &hours).filter(|grid| agrees(*grid, now, zone)) {
            clauses.every = Some(if step == 60 { (1, Unit::Hours) } else { (step, Unit::Minutes) });
            clauses.window = window;
            clauses.time =
                Some(minutes[0]).filter(|minute| *minute > 0).and_then(|minute| next_hourly(minute, now, zone));
            return Ok(clauses);
        }
        clauses.every = Some(if clauses.on.is_some() { (1, Unit::Weeks) } else { (1, Unit::Days) });
    } else {
        by_date(&mut clauses, day, month)?;
    }
    let times = hours.iter().flat_map(|hour| minutes.iter().filter_map(|minute| time(*hour, *minute)));
    clauses.times = times.collect();
    clauses.time = clauses.times.first().copied();
    if clauses.times.len() == 1 {
        clauses.times.clear();
    }
    Ok(clauses)
}

fn unread(what: &str, field: &str, like: &str) -> String {
    let short: String = field.chars().take(20).collect();
    format!("cannot read the {what} '{short}'; write them as {like}")
}

fn by_date(clauses: &mut Clauses, day: &str, month: &str) -> Result<(), QuickError> {
    if clauses.on.is_some() {
        return cannot("days of week go with neither days of month nor months; use two jobs");
    }
    match day {
        "l" => clauses.ordinal = Some((Ordinal::Last, Kind::Day)),
        _ => match numbers(day, 1, 31).as_deref() {
            Some(&[day]) => clauses.day = Some(day),
            Some(_) => return cannot("a rule has one day of the month; submit a job for each"),
            None => return cannot(&unread("day", day, "1 to 31, or L")),
        },
    }
    if is_any(month) {
        clauses.every = Some((1, Unit::Months));
        return Ok(());
    }
    let named = lexicon::month(month).map(|month| vec![month]).or_else(|| numbers(month, 1, 12));
    match named.as_deref() {
        Some(&[month]) => {
            clauses.month = Some(month);
            clauses.every = Some((1, Unit::Years));
            Ok(())
        }
        Some(_) => cannot("a rule has every month or one; submit a job for each"),
        None => cannot(&unread("month", month, "1 to 12, or jan")),
    }
}

/// Returns the start of a grid of hours: the next time the clock shows that minute.
fn next_hourly(minute: u32, now: i64, zone: Tz) -> Option<NaiveTime> {
    let clock = wall_at(zone, now).time();
    time((clock.hour() + u32::from(clock.minute() >= minute)) % 24, minute)
}

fn time(hour: u32, minute: u32) -> Option<NaiveTime> {
    NaiveTime::from_hms_opt(hour, minute, 0)
}

/// A step in minutes that divides the hour, and the whole hours it is limited to.
type Grid = (u32, Option<Window>);

/// Returns the grid that the minutes and hours form on a day of 24 hours.
fn grid(minutes: &[u32], hours: &[u32]) -> Option<Grid> {
    let count = u32::try_from(minutes.len()).ok()?;
    let step = 60 / count;
    let even = 60 % count == 0 && minutes.iter().zip(0..).all(|(minute, index)| *minute == minutes[0] + index * step);
    if !even || (count > 1 && minutes[0] != 0) {
        return None;
    }
    if hours.len() == 24 {
        return Some((step, None));
    }
    let [first, .., last] = hours else { return None };
    let contiguous = last - first + 1 == u32::try_from(hours.len()).ok()?;
    let window = Window { from: time(*first, 0)?, to: time((last + 1) % 24, 0)? };
    contiguous.then_some((step, Some(window)))
}

/// Whether elapsed time matches the wall clock: no clock change shifts the grid or falls within its
/// hours.
fn agrees((step, window): Grid, now: i64, zone: Tz) -> bool {
    let from = now.clamp(0, LAST_CHANGE);
    let stretches: Vec<_> = Stretches::new(zone, from, from + YEARS_AHEAD * 366 * DAY_SECONDS).collect();
    stretches.windows(2).all(|pair| {
        let [before, after] = [pair[0].offset, pair[1].offset];
        let shift = after - before;
        if shift % (i64::from(step) * 60) != 0 {
            return false;
        }
        let Some(window) = window.filter(|_| shift != 0) else { return true };
        let change = wall_of(pair[1].from + before.min(after)).time().num_seconds_from_midnight();
        let changed = i64::from(change)..i64::from(change) + shift.abs();
        let from = i64::from(window.from.num_seconds_from_midnight());
        let to = match window.to.num_seconds_from_midnight() {
            0 => DAY_SECONDS,
            to => i64::from(to),
        };
        // A change can extend into the next day.
        [0, DAY_SECONDS].iter().all(|day| changed.end <= from + day || to + day <= changed.start)
    })
}

fn weekdays(text: &str) -> Result<Option<Weekdays>, QuickError> {
    if is_any(text) {
        return Ok(None);
    }
    let one = |text: &str| match text.parse::<usize>() {
        Ok(0 | 7) => Some(WEEK[6]),
        Ok(number) => number.checked_sub(1).and_then(|index| WEEK.get(index)).copied(),
        Err(_) => lexicon::weekday(text),
    };
    let mut days = Weekdays::default();
    for part in text.split(',') {
        let found = match part.split_once('-') {
            Some(("0", "7")) => Some(Weekdays::ALL),
            Some((from, to)) => one(from).zip(one(to)).map(|(from, to)| lexicon::span(from, to)),
            None => one(part).map(Weekdays::from),
        };
        let Some(found) = found else { return cannot(&unread("weekdays", text, "1-5 or mon,fri")) };
        days = days.union(found);
    }
    Ok(Some(days))
}
