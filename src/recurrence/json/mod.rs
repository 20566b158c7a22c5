//! The JSON form of a rule, which commands read and the database stores.

mod object;
mod pattern;
mod write;

use crate::recurrence::rule::{End, Rule, YEARS};
use chrono::{Datelike, NaiveDateTime};
use chrono_tz::Tz;
use object::{Fault, Object, error, quoted, text};
use serde_json::Value;

/// Why a JSON text is not a valid rule: one sentence naming the field and the fault, quoting at
/// most 60 characters of the input.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {fault}")]
pub struct RuleError {
    field: String,
    fault: String,
}

impl Rule {
    /// Parses the JSON form. Unknown keys are errors; a missing `end` means no end.
    pub fn parse_json(text: &str) -> Result<Self, RuleError> {
        let value: Value =
            serde_json::from_str(text).map_err(|fault| error("rule", format!("this is no JSON: {fault}")))?;
        Self::from_value(&value)
    }

    /// Formats the rule as one line of JSON; equal rules give equal text.
    pub fn to_json(&self) -> String {
        self.to_value().to_string()
    }

    fn from_value(value: &Value) -> Result<Self, RuleError> {
        let mut rule = Object::of("rule", "", value)?;
        let start = rule.read("start", start)?;
        let zone = rule.read("time_zone", zone)?;
        let (pattern, times) = pattern::pattern(&rule.take("pattern")?)?;
        let end = rule.optional("end").map_or(Ok(End::Never), |value| pattern::end(&value))?;
        rule.finish()?;
        Ok(Self { start, zone, pattern, end, times })
    }
}

fn start(value: &Value) -> Result<NaiveDateTime, Fault> {
    let written = text(value)?;
    // Seconds are accepted if they are zero.
    let minutes = written.strip_suffix(":00").filter(|rest| rest.len() == 16).unwrap_or(written);
    NaiveDateTime::parse_from_str(minutes, "%Y-%m-%dT%H:%M")
        .ok()
        .filter(|at| minutes.len() == 16 && YEARS.contains(&at.year()))
        .ok_or_else(|| {
            Fault(format!("{} is no wall clock; write one like 2026-11-24T02:30, from 1970 to 2999", quoted(value)))
        })
}

fn zone(value: &Value) -> Result<Tz, Fault> {
    text(value)?
        .parse()
        .map_err(|_| Fault(format!("{} is no time zone; write one like Europe/Amsterdam", quoted(value))))
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
