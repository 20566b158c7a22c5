//! Turns a draft into a rule, or into a list of faults by field.

use crate::recurrence::Unit;
use crate::recurrence::draft::{Draft, DraftFault, DraftField, EndKind};
use crate::recurrence::parse;
use crate::recurrence::rule::{DayOfMonth, End, Kind, MAX_NUMBER, Open, Ordinal, Pattern, Rule, Window};
use crate::recurrence::weekdays::Weekdays;
use crate::recurrence::zones::zone_named;
use chrono::{NaiveDate, NaiveTime};
use std::collections::BTreeSet;

impl Draft {
    /// Builds the rule from the fields.
    pub fn rule(&self) -> Result<Rule, Vec<DraftFault>> {
        let mut faults = Faults(Vec::new());
        let zone = faults.take(DraftField::Zone, zone_named(&self.zone), || {
            if self.zone.trim().is_empty() { "choose a zone".to_owned() } else { "unknown time zone".to_owned() }
        });
        let date = faults.date(DraftField::StartDate, &self.start_date);
        let time = faults.time(DraftField::StartTime, &self.start_time);
        let end = match self.end {
            EndKind::Never => Some(End::Never),
            EndKind::After => faults.number(DraftField::EndAfter, &self.end_after, MAX_NUMBER).map(End::After),
            EndKind::By => faults.date(DraftField::EndBy, &self.end_by).map(End::By),
        };
        if let (Some(End::By(by)), Some(date)) = (end, date)
            && by < date
        {
            faults.push(DraftField::EndBy, "end before start".to_owned());
        }
        let pattern = self.pattern(&mut faults);
        let times = match self.unit {
            Unit::Minutes | Unit::Hours => Some(BTreeSet::new()),
            _ => self.at.split_whitespace().map(|text| faults.time(DraftField::StartTime, text)).collect(),
        };
        match (zone, date, time, end, pattern, times) {
            (Some(zone), Some(date), Some(time), Some(end), Some(pattern), Some(times)) if faults.0.is_empty() => {
                let times = times.into_iter().collect();
                Ok(Rule { start: date.and_time(time), zone, pattern, end, times })
            }
            _ => Err(faults.0),
        }
    }

    fn pattern(&self, faults: &mut Faults) -> Option<Pattern> {
        let every = faults.number(DraftField::Every, &self.every, MAX_NUMBER);
        match self.unit {
            Unit::Minutes => {
                let open = self.open(faults)?;
                every.map(|every| Pattern::Minutes { every, open })
            }
            Unit::Hours => {
                let open = self.open(faults)?;
                every.map(|every| Pattern::Hours { every, open })
            }
            Unit::Days => every.map(|every| Pattern::Days { every }),
            Unit::Weeks => {
                if self.on.is_empty() {
                    faults.push(DraftField::On, "tick at least one day".to_owned());
                }
                every.map(|every| Pattern::Weeks { every, on: self.on })
            }
            Unit::Months => {
                let day = self.day(faults, 31)?;
                every.map(|every| Pattern::Months { every, day })
            }
            Unit::Years => {
                let most = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31].get(self.month as usize - 1);
                let day = self.day(faults, most.copied().unwrap_or(31))?;
                every.map(|every| Pattern::Years { every, month: self.month, day })
            }
        }
    }

    fn open(&self, faults: &mut Faults) -> Option<Open> {
        let on = Some(self.on).filter(|on| !on.is_empty() && *on != Weekdays::ALL);
        let [from, to] = [self.from.trim(), self.to.trim()];
        if from.is_empty() && to.is_empty() {
            return Some(Open { on, window: None });
        }
        for (field, text) in [(DraftField::From, from), (DraftField::To, to)] {
            if text.is_empty() {
                faults.push(field, "fill in both times, or neither".to_owned());
                return None;
            }
        }
        let from = faults.time(DraftField::From, from);
        let to = if to == "24:00" { Some(NaiveTime::MIN) } else { faults.time(DraftField::To, to) };
        let window = Window { from: from?, to: to? };
        if window.from == window.to {
            faults.push(DraftField::To, "same as From; leave both empty for the whole day".to_owned());
        }
        Some(Open { on, window: Some(window) })
    }

    fn day(&self, faults: &mut Faults, most: u32) -> Option<DayOfMonth> {
        if self.by_ordinal {
            let ordinal = *Ordinal::ALL.get(self.ordinal)?;
            return Some(DayOfMonth::The(ordinal, *Kind::ALL.get(self.kind)?));
        }
        faults.number(DraftField::Day, &self.day, most).map(DayOfMonth::Day)
    }
}

/// The faults found so far.
struct Faults(Vec<DraftFault>);

impl Faults {
    fn push(&mut self, field: DraftField, fault: String) {
        self.0.push(DraftFault { field, fault });
    }

    fn take<T>(&mut self, field: DraftField, value: Option<T>, fault: impl FnOnce() -> String) -> Option<T> {
        if value.is_none() {
            self.push(field, fault());
        }
        value
    }

    fn date(&mut self, field: DraftField, text: &str) -> Option<NaiveDate> {
        self.take(field, parse::date(text), || "invalid date (yyyy-mm-dd)".to_owned())
    }

    fn time(&mut self, field: DraftField, text: &str) -> Option<NaiveTime> {
        self.take(field, parse::time(text), || "invalid time (hh:mm)".to_owned())
    }

    fn number(&mut self, field: DraftField, text: &str, most: u32) -> Option<u32> {
        let number = text.trim().parse().ok().filter(|number| (1..=most).contains(number));
        self.take(field, number, || format!("a whole number, 1 to {}", crate::domain::grouped(most)))
    }
}
