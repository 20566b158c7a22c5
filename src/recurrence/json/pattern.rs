//! Parses pattern and end from JSON.

use crate::recurrence::json::RuleError;
use crate::recurrence::json::object::{Fault, Object, error, quoted, text};
use crate::recurrence::parse;
use crate::recurrence::rule::{DayOfMonth, End, Kind, MAX_NUMBER, Open, Ordinal, Pattern, Window};
use crate::recurrence::weekdays::{Weekdays, by_name};
use chrono::{NaiveDate, NaiveTime};
use serde_json::Value;
use std::collections::BTreeSet;

/// Parses the pattern and its times of day.
pub(super) fn pattern(value: &Value) -> Result<(Pattern, Vec<NaiveTime>), RuleError> {
    let mut object = Object::of("pattern", "pattern.", value)?;
    let unit = object.read("unit", |value| text(value).map(str::to_owned))?;
    let every = object.read("every", number(MAX_NUMBER))?;
    let pattern = match unit.as_str() {
        "minutes" => Pattern::Minutes { every, open: open(&mut object)? },
        "hours" => Pattern::Hours { every, open: open(&mut object)? },
        "days" => Pattern::Days { every },
        "weeks" => Pattern::Weeks { every, on: object.read("on", weekdays)? },
        "months" => Pattern::Months { every, day: day_of_month(&mut object)? },
        "years" => {
            let month = object.read("month", number(12))?;
            Pattern::Years { every, month, day: day_of_month(&mut object)? }
        }
        _ => {
            let fault = format!("{} is none of minutes, hours, days, weeks, months, years", quoted(&unit.into()));
            return Err(error("pattern.unit", fault));
        }
    };
    let elapsed = matches!(pattern, Pattern::Minutes { .. } | Pattern::Hours { .. });
    let times = if elapsed { Vec::new() } else { object.read_optional("at", times)?.unwrap_or_default() };
    object.finish()?;
    Ok((pattern, times))
}

fn times(value: &Value) -> Result<Vec<NaiveTime>, Fault> {
    let named = value.as_array().filter(|times| !times.is_empty());
    let named = named.ok_or_else(|| Fault("name at least one time of day, such as [\"06:00\"]".to_owned()))?;
    let times: Result<BTreeSet<_>, _> = named.iter().map(time).collect();
    Ok(times?.into_iter().collect())
}

fn open(object: &mut Object) -> Result<Open, RuleError> {
    let on = object.read_optional("on", weekdays)?;
    let from = object.read_optional("from", time)?;
    // 24:00 is midnight at the end of the day.
    let to = object.read_optional("to", |value| match value.as_str() {
        Some("24:00") => Ok(NaiveTime::MIN),
        _ => time(value),
    })?;
    let window = match (from, to) {
        (None, None) => None,
        (Some(from), Some(to)) if from == to && from == NaiveTime::MIN => None,
        (Some(from), Some(to)) if from == to => {
            return Err(error("pattern.to", "it is the same as from; leave both out for the whole day"));
        }
        (Some(from), Some(to)) => Some(Window { from, to }),
        (Some(_), None) => return Err(error("pattern.to", "it is missing, but there is a from")),
        (None, Some(_)) => return Err(error("pattern.from", "it is missing, but there is a to")),
    };
    Ok(Open { on, window })
}

fn day_of_month(object: &mut Object) -> Result<DayOfMonth, RuleError> {
    if let Some(day) = object.read_optional("day", number(31))? {
        return match object.optional("ordinal") {
            None => Ok(DayOfMonth::Day(day)),
            Some(_) => Err(error("pattern.ordinal", "there is a day already; name one of the two")),
        };
    }
    let ordinal = object.read_optional("ordinal", |value| {
        let known = Ordinal::ALL.into_iter().find(|ordinal| Some(ordinal.word()) == value.as_str());
        known.ok_or_else(|| Fault(format!("{} is none of first, second, third, fourth, last", quoted(value))))
    })?;
    let Some(ordinal) = ordinal else {
        return Err(error("pattern.day", "it is missing; name a day (1 to 31), or ordinal and kind"));
    };
    let kind = object.read("kind", |value| {
        let word = value.as_str().unwrap_or_default().replace('_', " ");
        let known = Kind::ALL.into_iter().find(|kind| kind.word().eq_ignore_ascii_case(&word));
        known.ok_or_else(|| Fault(format!("{} is none of monday to sunday, day, weekday, weekend_day", quoted(value))))
    })?;
    Ok(DayOfMonth::The(ordinal, kind))
}

pub(super) fn end(value: &Value) -> Result<End, RuleError> {
    let mut object = Object::of("end", "end.", value)?;
    let after = object.read_optional("after", number(MAX_NUMBER))?;
    let by = object.read_optional("by", day)?;
    let never = object.read_optional("never", |value| match value {
        Value::Bool(true) => Ok(()),
        _ => Err(Fault("the only value is true".to_owned())),
    })?;
    object.finish()?;
    match (never, after, by) {
        (Some(()), None, None) => Ok(End::Never),
        (None, Some(number), None) => Ok(End::After(number)),
        (None, None, Some(day)) => Ok(End::By(day)),
        _ => Err(error("end", "name one of never, after, by")),
    }
}

fn day(value: &Value) -> Result<NaiveDate, Fault> {
    parse::date(text(value)?)
        .ok_or_else(|| Fault(format!("{} is no date; write one like 2026-12-31, from 1970 to 2999", quoted(value))))
}

fn time(value: &Value) -> Result<NaiveTime, Fault> {
    parse::time(text(value)?).ok_or_else(|| Fault(format!("{} is no time of day; write one like 18:00", quoted(value))))
}

fn number(most: u32) -> impl Fn(&Value) -> Result<u32, Fault> {
    move |value| {
        value
            .as_u64()
            .and_then(|number| u32::try_from(number).ok())
            .filter(|number| (1..=most).contains(number))
            .ok_or_else(|| Fault(format!("{} is no whole number from 1 to {most}", quoted(value))))
    }
}

fn weekdays(value: &Value) -> Result<Weekdays, Fault> {
    let names = value.as_array().filter(|names| !names.is_empty());
    let names = names.ok_or_else(|| Fault("name at least one day, such as [\"monday\"]".to_owned()))?;
    names
        .iter()
        .map(|day| {
            by_name(day.as_str().unwrap_or_default()).ok_or_else(|| Fault(format!("{} is no weekday", quoted(day))))
        })
        .collect()
}
