//! A cron line of five fields, as far as one rule can say it; else a sentence that says what cannot be.

use crate::recurrence::quick::clauses::{Said, Unit};
use crate::recurrence::quick::{QuickError, lexicon};
use crate::recurrence::rule::{Kind, Window};
use crate::recurrence::weekdays::{WEEK, Weekdays};
use chrono::NaiveTime;

/// Whether the words look like a cron line rather than like English.
pub(super) fn is_cron(fields: &[&str]) -> bool {
    let looks = |field: &&str| field.chars().all(|c| c.is_ascii_alphanumeric() || "*/,-?".contains(c));
    let numeric = |field: &&str| field.chars().all(|c| c.is_ascii_digit() || "*/,-".contains(c));
    fields.len() == 5 && fields.iter().all(looks) && fields[..2].iter().all(numeric)
}

/// One field.
#[derive(Clone, Copy)]
enum Field {
    Any,
    One(u32),
    /// Every so many, from the least.
    Step(u32),
    Span(u32, u32),
    Other,
}

fn field(text: &str) -> Field {
    let number = |text: &str| text.parse::<u32>().ok();
    if text == "*" || text == "?" || text == "*/1" {
        return Field::Any;
    }
    if let Some(step) = text.strip_prefix("*/").and_then(number) {
        return Field::Step(step);
    }
    if let Some((from, to)) = text.split_once('-').and_then(|(from, to)| Some((number(from)?, number(to)?))) {
        return Field::Span(from, to);
    }
    number(text).map_or(Field::Other, Field::One)
}

fn cannot<T>(what: &str) -> Result<T, QuickError> {
    Err(QuickError::new(format!("this cron line cannot be one rule: {what}")))
}

/// Reads it.
pub(super) fn read(fields: &[&str]) -> Result<Said, QuickError> {
    let &[minute, hour, day, month, weekday] = fields else { return cannot("it has not five fields") };
    let on = weekdays(weekday)?;
    let mut said = Said { on, ..Said::default() };
    let dates = day != "*" && day != "?" || month != "*";
    if dates {
        return by_date(said, [minute, hour, day, month]);
    }
    match (field(minute), field(hour)) {
        (Field::One(minute), Field::One(hour)) => {
            said.time = Some(time(hour, minute)?);
            said.every = Some(if on.is_some() { (1, Unit::Weeks) } else { (1, Unit::Days) });
        }
        (Field::Any, hours) => {
            said.every = Some((1, Unit::Minutes));
            said.window = window(hours)?;
        }
        (Field::Step(step), hours) => {
            if step == 0 || 60 % step != 0 {
                return cannot("its minutes do not divide an hour");
            }
            said.every = Some((step, Unit::Minutes));
            said.window = window(hours)?;
        }
        (Field::One(minute), Field::Step(step)) => {
            if step == 0 || 24 % step != 0 {
                return cannot("its hours do not divide a day");
            }
            said.every = Some((step, Unit::Hours));
            said.time = Some(time(0, minute)?);
        }
        (Field::One(minute), hours) => {
            said.every = Some((1, Unit::Hours));
            said.time = Some(time(0, minute)?);
            said.window = window(hours)?;
        }
        (Field::Span(..) | Field::Other, _) => return cannot("its minutes are a list or a span"),
    }
    Ok(said)
}

fn by_date(mut said: Said, [minute, hour, day, month]: [&str; 4]) -> Result<Said, QuickError> {
    let (Field::One(minute), Field::One(hour)) = (field(minute), field(hour)) else {
        return cannot("a day of the month needs one minute and one hour");
    };
    if said.on.is_some() {
        return cannot("it names days of month and of week");
    }
    let month_named = lexicon::month(month).map_or_else(|| field(month), Field::One);
    said.time = Some(time(hour, minute)?);
    match day {
        "l" => said.ordinal = Some((crate::recurrence::rule::Ordinal::Last, Kind::Day)),
        _ => match field(day) {
            Field::One(day @ 1..=31) => said.day = Some(day),
            _ => return cannot("its days of the month are several"),
        },
    }
    match month_named {
        Field::Any => said.every = Some((1, Unit::Months)),
        Field::One(month @ 1..=12) => {
            said.month = Some(month);
            said.every = Some((1, Unit::Years));
        }
        _ => return cannot("its months are a list, a span or steps"),
    }
    Ok(said)
}

fn time(hour: u32, minute: u32) -> Result<NaiveTime, QuickError> {
    NaiveTime::from_hms_opt(hour, minute, 0)
        .map_or_else(|| cannot(&format!("hour {hour}, minute {minute} is no time of day")), Ok)
}

/// Whole hours, both of them belonging to it.
fn window(hours: Field) -> Result<Option<Window>, QuickError> {
    let (from, to) = match hours {
        Field::Any => return Ok(None),
        Field::One(hour) => (hour, hour),
        Field::Span(from, to) => (from, to),
        Field::Step(_) | Field::Other => return cannot("its hours are a list or steps"),
    };
    let (from, to) = (time(from, 0)?, time(if to == 23 { 0 } else { to + 1 }, 0)?);
    Ok((from != to).then_some(Window { from, to }))
}

fn weekdays(text: &str) -> Result<Option<Weekdays>, QuickError> {
    if text == "*" || text == "?" {
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
            Some((from, to)) => one(from).zip(one(to)).map(|(from, to)| lexicon::span(from, to)),
            None => one(part).map(Weekdays::from),
        };
        let Some(found) = found else { return cannot("its days of the week are not understood") };
        days = days.union(found);
    }
    Ok(Some(days))
}
