//! Builds a rule from parsed clauses: fills in defaults and refuses contradictions.

use crate::domain::Timestamp;
use crate::recurrence::Unit;
use crate::recurrence::quick::QuickError;
use crate::recurrence::quick::clauses::{Clauses, When};
use crate::recurrence::rule::{DayOfMonth, End, Open, Pattern, Rule};
use crate::recurrence::weekdays::Weekdays;
use crate::recurrence::zone::{instant, plus_days, wall_at};
use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike};
use chrono_tz::Tz;

/// Builds the rule; minutes and hours elapse from `start`, if it is given.
pub(super) fn rule(clauses: &Clauses, now: Timestamp, start: Option<Timestamp>, zone: Tz) -> Result<Rule, QuickError> {
    let zone = clauses.zone.unwrap_or(zone);
    let clock = wall_at(zone, now.0.div_euclid(1_000));
    let (every, unit) = interval(clauses)?;
    let day = match clauses.start {
        Some(When::On(day)) => Some(day),
        Some(When::In(days)) => plus_days(clock.date(), days),
        None => None,
    };
    let today = day.unwrap_or(clock.date());
    let pattern = pattern(clauses, every, unit, today)?;
    let end = clauses.end.unwrap_or(End::Never);
    let start = if matches!(unit, Unit::Minutes | Unit::Hours) {
        let given = start.map(|start| whole_minute(wall_at(zone, start.0.div_euclid(1_000))));
        elapsed_start(clauses, day, clock).or(given).unwrap_or_else(|| next_step(clock, step_minutes(every, unit)))
    } else {
        today.and_time(clauses.time.unwrap_or(NaiveTime::MIN))
    };
    let mut rule = Rule { start, zone, pattern, end, times: clauses.times.clone() };
    if day.is_none() && !matches!(unit, Unit::Minutes | Unit::Hours) {
        rule.start = first_day(&rule, now).and_time(rule.start.time());
    }
    if let End::By(by) = end
        && by < rule.start.date()
    {
        return Err(QuickError::ends_before(rule.start.date(), by));
    }
    let unending = Rule { end: End::Never, ..rule.clone() };
    if unending.first_from(Timestamp(i64::MIN)).is_none() {
        return Err(QuickError::new("that never occurs; check its day and its times"));
    }
    Ok(rule)
}

/// Returns the given interval, or the one that the other clauses imply.
fn interval(clauses: &Clauses) -> Result<(u32, Unit), QuickError> {
    let day_of_month = clauses.ordinal.is_some() || clauses.day.is_some();
    let (every, unit) = match clauses.every {
        Some(clauses) => clauses,
        None if clauses.month.is_some() => (1, Unit::Years),
        None if day_of_month => (1, Unit::Months),
        None if clauses.on.is_some() => (1, Unit::Weeks),
        None => return Err(QuickError::new("say how often, such as daily, hourly or every 15 min")),
    };
    match unit {
        // "monthly on 24 december" is once a year.
        Unit::Months if clauses.month.is_some() && every == 1 => Ok((1, Unit::Years)),
        Unit::Days if clauses.on.is_some() && every == 1 => Ok((1, Unit::Weeks)),
        _ => Ok((every, unit)),
    }
}

fn pattern(clauses: &Clauses, every: u32, unit: Unit, today: NaiveDate) -> Result<Pattern, QuickError> {
    let refuse = |is: bool, sentence: &str| if is { Err(QuickError::new(sentence)) } else { Ok(()) };
    let by_month = matches!(unit, Unit::Months | Unit::Years);
    let elapsed = matches!(unit, Unit::Minutes | Unit::Hours);
    refuse(clauses.ordinal.is_some() && clauses.day.is_some(), "two days of the month are named; a rule has one")?;
    refuse(
        !by_month && (clauses.ordinal.is_some() || clauses.day.is_some() || clauses.month.is_some()),
        "a day of the month goes with months or years only",
    )?;
    refuse(unit == Unit::Months && clauses.month.is_some(), "one month goes with years, such as every year")?;
    refuse(by_month && clauses.on.is_some(), "say which of these days, such as last friday")?;
    refuse(!elapsed && clauses.window.is_some(), "a span of time goes with minutes or hours only")?;
    refuse(
        unit == Unit::Days && clauses.on.is_some(),
        "days of the week go with weeks, such as every 2 weeks on monday",
    )?;
    let open = Open { on: clauses.on.filter(|on| *on != Weekdays::ALL), window: clauses.window };
    let day = match (clauses.ordinal, clauses.day) {
        (Some((ordinal, kind)), _) => DayOfMonth::The(ordinal, kind),
        (None, day) => DayOfMonth::Day(day.unwrap_or(today.day())),
    };
    Ok(match unit {
        Unit::Minutes => Pattern::Minutes { every, open },
        Unit::Hours => Pattern::Hours { every, open },
        Unit::Days => Pattern::Days { every },
        Unit::Weeks => Pattern::Weeks { every, on: clauses.on.unwrap_or(today.weekday().into()) },
        Unit::Months => Pattern::Months { every, day },
        Unit::Years => Pattern::Years { every, month: clauses.month.unwrap_or(today.month()), day },
    })
}

fn step_minutes(every: u32, unit: Unit) -> i64 {
    i64::from(every) * if unit == Unit::Hours { 60 } else { 1 }
}

/// Returns the start that the words give for minutes and hours: the next occurrence of a time, or
/// midnight of a day.
fn elapsed_start(clauses: &Clauses, day: Option<NaiveDate>, clock: NaiveDateTime) -> Option<NaiveDateTime> {
    if let Some(time) = clauses.time {
        let date = day.unwrap_or_else(|| {
            let passed = time <= clock.time();
            plus_days(clock.date(), i64::from(passed)).unwrap_or(clock.date())
        });
        return Some(date.and_time(time));
    }
    day.map(|day| day.and_time(NaiveTime::MIN))
}

/// Returns the first whole minute from `clock` on.
fn whole_minute(clock: NaiveDateTime) -> NaiveDateTime {
    let last = clock.with_second(0).unwrap_or(clock);
    if last < clock { last + TimeDelta::minutes(1) } else { last }
}

/// Returns the next multiple of `step` minutes since midnight, or the next whole hour for steps of
/// a day or more.
pub(in crate::recurrence) fn next_step(clock: NaiveDateTime, step: i64) -> NaiveDateTime {
    let step = if step >= 1_440 { 60 } else { step.max(1) };
    let minute = i64::from(clock.hour() * 60 + clock.minute());
    let next = TimeDelta::try_minutes((minute / step + 1) * step).unwrap_or_default();
    clock.date().and_time(NaiveTime::MIN) + next
}

/// Returns the first day from today on which the rule occurs after `now`; today if it never occurs.
fn first_day(rule: &Rule, now: Timestamp) -> NaiveDate {
    let unending = Rule { end: End::Never, ..rule.clone() };
    let day = unending.next_after(now).map(|at| wall_at(rule.zone, at.0.div_euclid(1_000)).date());
    // Where a zone skipped a day, the rule's day is an earlier one; today is close enough.
    day.filter(|day| instant(rule.zone, day.and_time(rule.start.time())) > now.0.div_euclid(1_000))
        .unwrap_or(rule.start.date())
}
