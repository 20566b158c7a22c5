//! A rule as JSON: the form that commands read and the database keeps.

use super::rule::{DayOfMonth, End, Kind, LARGEST, Open, Ordinal, Pattern, Rule, Window, YEARS};
use super::weekdays::{Weekdays, by_name, name};
use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime};
use chrono_tz::Tz;
use serde_json::{Map, Value, json};

/// Why a text is no rule: the field, and what is wrong with it. One sentence for an operator, holding at most 60 characters of what was given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {fault}")]
pub struct RuleError {
    field: String,
    fault: String,
}

fn error(field: impl Into<String>, fault: impl Into<String>) -> RuleError {
    RuleError { field: field.into(), fault: fault.into() }
}

/// A value as it is quoted in a sentence.
fn quoted(value: &Value) -> String {
    let text = value.to_string();
    let short: String = text.chars().take(60).collect();
    if short.len() < text.len() { format!("{short}…") } else { short }
}

impl Rule {
    /// Reads the JSON form. Unknown keys are errors; a missing `end` is no end.
    pub fn parse_json(text: &str) -> Result<Self, RuleError> {
        let value: Value =
            serde_json::from_str(text).map_err(|fault| error("rule", format!("this is no JSON: {fault}")))?;
        Self::from_value(&value)
    }

    /// The JSON form on one line, the same for equal rules.
    pub fn to_json(&self) -> String {
        self.to_value().to_string()
    }

    fn from_value(value: &Value) -> Result<Self, RuleError> {
        let mut rule = Object::of("rule", "", value)?;
        let start = rule.read("start", start)?;
        let zone = rule.read("time_zone", zone)?;
        let pattern = pattern(&rule.take("pattern")?)?;
        let end = rule.optional("end").map_or(Ok(End::Never), |value| end(&value))?;
        rule.finish()?;
        Ok(Self { start, zone, pattern, end })
    }

    fn to_value(&self) -> Value {
        let mut pattern = Map::new();
        let (unit, every) = (self.pattern.unit(), self.pattern.every());
        pattern.insert("unit".to_owned(), unit.into());
        pattern.insert("every".to_owned(), every.into());
        let mut put = |key: &str, value: Value| drop(pattern.insert(key.to_owned(), value));
        let on = |on: Weekdays| Value::from(on.iter().map(|day| name(day).to_lowercase()).collect::<Vec<_>>());
        match self.pattern {
            Pattern::Minutes { open, .. } | Pattern::Hours { open, .. } => {
                if let Some(days) = open.on {
                    put("on", on(days));
                }
                if let Some(window) = open.window {
                    put("from", window.from.format("%H:%M").to_string().into());
                    put("to", window.to.format("%H:%M").to_string().into());
                }
            }
            Pattern::Days { .. } => {}
            Pattern::Weeks { on: days, .. } => put("on", on(days)),
            Pattern::Months { day, .. } => put_day(day, put),
            Pattern::Years { month, day, .. } => {
                put("month", month.into());
                put_day(day, put);
            }
        }
        let end = match self.end {
            End::Never => json!({"never": true}),
            End::After(number) => json!({"after": number}),
            End::By(day) => json!({"by": day.to_string()}),
        };
        json!({
            "start": self.start.format("%Y-%m-%dT%H:%M").to_string(),
            "time_zone": self.zone.name(),
            "pattern": pattern,
            "end": end,
        })
    }
}

fn put_day(day: DayOfMonth, mut put: impl FnMut(&str, Value)) {
    match day {
        DayOfMonth::Day(day) => put("day", day.into()),
        DayOfMonth::The(ordinal, kind) => {
            put("ordinal", ordinal.word().into());
            put("kind", kind.word().to_lowercase().replace(' ', "_").into());
        }
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
}

/// An object whose keys are taken one by one; what is left in the end is unknown.
struct Object {
    /// What stands before a key in a sentence.
    prefix: &'static str,
    left: Map<String, Value>,
}

impl Object {
    fn of(name: &str, prefix: &'static str, value: &Value) -> Result<Self, RuleError> {
        let left = value.as_object().ok_or_else(|| error(name, format!("{} is no JSON object", quoted(value))))?;
        Ok(Self { prefix, left: left.clone() })
    }

    fn optional(&mut self, key: &str) -> Option<Value> {
        self.left.remove(key).filter(|value| !value.is_null())
    }

    fn take(&mut self, key: &str) -> Result<Value, RuleError> {
        self.optional(key).ok_or_else(|| error(format!("{}{key}", self.prefix), "it is missing"))
    }

    fn read<T>(&mut self, key: &str, read: impl Fn(&Value) -> Result<T, String>) -> Result<T, RuleError> {
        let value = self.take(key)?;
        read(&value).map_err(|fault| error(format!("{}{key}", self.prefix), fault))
    }

    fn read_optional<T>(
        &mut self,
        key: &str,
        read: impl Fn(&Value) -> Result<T, String>,
    ) -> Result<Option<T>, RuleError> {
        let Some(value) = self.optional(key) else { return Ok(None) };
        read(&value).map(Some).map_err(|fault| error(format!("{}{key}", self.prefix), fault))
    }

    fn finish(self) -> Result<(), RuleError> {
        match self.left.keys().next() {
            None => Ok(()),
            Some(key) => {
                let key: String = key.chars().take(60).collect();
                Err(error(format!("{}{key}", self.prefix), "there is no such field here"))
            }
        }
    }
}

fn text(value: &Value) -> Result<&str, String> {
    value.as_str().ok_or_else(|| format!("{} is no text", quoted(value)))
}

fn start(value: &Value) -> Result<NaiveDateTime, String> {
    let written = text(value)?;
    // Seconds are let through where they are none.
    let minutes = written.strip_suffix(":00").filter(|rest| rest.len() == 16).unwrap_or(written);
    NaiveDateTime::parse_from_str(minutes, "%Y-%m-%dT%H:%M")
        .ok()
        .filter(|at| minutes.len() == 16 && YEARS.contains(&at.year()))
        .ok_or_else(|| {
            format!("{} is no wall clock; write one like 2026-11-24T02:30, from 1970 to 2999", quoted(value))
        })
}

fn zone(value: &Value) -> Result<Tz, String> {
    text(value)?.parse().map_err(|_| format!("{} is no time zone; write one like Europe/Amsterdam", quoted(value)))
}

fn day(value: &Value) -> Result<NaiveDate, String> {
    NaiveDate::parse_from_str(text(value)?, "%Y-%m-%d")
        .ok()
        .filter(|day| YEARS.contains(&day.year()))
        .ok_or_else(|| format!("{} is no date; write one like 2026-12-31, from 1970 to 2999", quoted(value)))
}

fn time(value: &Value) -> Result<NaiveTime, String> {
    NaiveTime::parse_from_str(text(value)?, "%H:%M")
        .map_err(|_| format!("{} is no time of day; write one like 18:00", quoted(value)))
}

fn number(most: u32) -> impl Fn(&Value) -> Result<u32, String> {
    move |value| {
        value
            .as_u64()
            .and_then(|number| u32::try_from(number).ok())
            .filter(|number| (1..=most).contains(number))
            .ok_or_else(|| format!("{} is no whole number from 1 to {most}", quoted(value)))
    }
}

fn weekdays(value: &Value) -> Result<Weekdays, String> {
    let names = value.as_array().filter(|names| !names.is_empty());
    let names = names.ok_or_else(|| "name at least one day, such as [\"monday\"]".to_owned())?;
    names
        .iter()
        .map(|day| by_name(day.as_str().unwrap_or_default()).ok_or_else(|| format!("{} is no weekday", quoted(day))))
        .collect()
}

fn pattern(value: &Value) -> Result<Pattern, RuleError> {
    let mut object = Object::of("pattern", "pattern.", value)?;
    let unit = object.read("unit", |value| text(value).map(str::to_owned))?;
    let every = object.read("every", number(LARGEST))?;
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
    object.finish()?;
    Ok(pattern)
}

fn open(object: &mut Object) -> Result<Open, RuleError> {
    let on = object.read_optional("on", weekdays)?;
    let from = object.read_optional("from", time)?;
    // 24:00 is the end of the day it began on, as 00:00 of the next is.
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
        known.ok_or_else(|| format!("{} is none of first, second, third, fourth, last", quoted(value)))
    })?;
    let Some(ordinal) = ordinal else {
        return Err(error("pattern.day", "it is missing; name a day (1 to 31), or ordinal and kind"));
    };
    let kind = object.read("kind", |value| {
        let word = value.as_str().unwrap_or_default().replace('_', " ");
        let known = Kind::ALL.into_iter().find(|kind| kind.word().eq_ignore_ascii_case(&word));
        known.ok_or_else(|| format!("{} is none of monday to sunday, day, weekday, weekend_day", quoted(value)))
    })?;
    Ok(DayOfMonth::The(ordinal, kind))
}

fn end(value: &Value) -> Result<End, RuleError> {
    let mut object = Object::of("end", "end.", value)?;
    let after = object.read_optional("after", number(LARGEST))?;
    let by = object.read_optional("by", day)?;
    let never = object.read_optional("never", |value| match value {
        Value::Bool(true) => Ok(()),
        _ => Err("the only value is true".to_owned()),
    })?;
    object.finish()?;
    match (never, after, by) {
        (Some(()), None, None) => Ok(End::Never),
        (None, Some(number), None) => Ok(End::After(number)),
        (None, None, Some(day)) => Ok(End::By(day)),
        _ => Err(error("end", "name one of never, after, by")),
    }
}

impl serde::Serialize for Rule {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_value().serialize(serializer)
    }
}

impl<'de> serde::Deserialize<'de> for Rule {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_value(&Value::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}
