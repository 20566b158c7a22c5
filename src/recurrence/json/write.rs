//! Formats a rule as JSON; equal rules give equal text.

use crate::recurrence::rule::{DayOfMonth, End, Pattern, Rule};
use crate::recurrence::weekdays::{Weekdays, name};
use serde_json::{Map, Value, json};

impl Rule {
    pub(super) fn to_value(&self) -> Value {
        let mut pattern = Map::new();
        let (unit, every) = (self.pattern.unit().word(), self.pattern.every());
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
        if !self.times.is_empty() {
            let times: Vec<_> = self.times.iter().map(|time| time.format("%H:%M").to_string()).collect();
            pattern.insert("at".to_owned(), times.into());
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
