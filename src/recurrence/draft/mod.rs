//! The form's fields as typed, and the rule they form or the fault of each.

mod check;

use crate::domain::Timestamp;
use crate::recurrence::Unit;
use crate::recurrence::quick::next_step;
use crate::recurrence::rule::{DayOfMonth, End, Kind, Open, Pattern, Rule};
use crate::recurrence::weekdays::Weekdays;
use crate::recurrence::zone::wall_at;
use chrono::Datelike;
use chrono_tz::Tz;

/// The kind of end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // the names say it
pub enum EndKind {
    Never,
    After,
    By,
}

/// A field that can be invalid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // the names say it
pub enum DraftField {
    Zone,
    StartDate,
    StartTime,
    EndAfter,
    EndBy,
    Every,
    On,
    From,
    To,
    Day,
}

impl DraftField {
    /// Returns its label in the form.
    pub fn name(self) -> &'static str {
        match self {
            Self::Zone => "Time zone",
            Self::StartDate => "Starts, date",
            Self::StartTime => "Starts, time",
            Self::EndAfter => "End after",
            Self::EndBy => "End by",
            Self::Every => "Interval",
            Self::On => "Runs on",
            Self::From => "From",
            Self::To => "To",
            Self::Day => "On day",
        }
    }
}

/// The fault of one field, in words shown beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftFault {
    /// The field that is marked.
    pub field: DraftField,
    /// The text beside the field.
    pub fault: String,
}

/// The fields. Those that the chosen unit or end does not use keep their text and are not checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// A zone's name or city.
    pub zone: String,
    /// `2026-12-06`
    pub start_date: String,
    /// `02:30`
    pub start_time: String,
    /// The kind of end.
    pub end: EndKind,
    /// Times of day for days and longer, such as `06:00 18:30`; empty means the start's.
    pub at: String,
    /// Number of occurrences.
    pub end_after: String,
    /// `2026-12-31`
    pub end_by: String,
    /// The unit.
    pub unit: Unit,
    /// The interval.
    pub every: String,
    /// The ticked weekdays; for minutes and hours none means every day.
    pub on: Weekdays,
    /// `18:00`, or empty with `to` for the whole day.
    pub from: String,
    /// `08:00`
    pub to: String,
    /// Month of the year, from 1.
    pub month: u32,
    /// Whether the day is chosen by ordinal and kind instead of by number.
    pub by_ordinal: bool,
    /// 1 to 31.
    pub day: String,
    /// The ordinal: an index into [`Draft::ORDINALS`].
    pub ordinal: usize,
    /// The kind: an index into [`Draft::KINDS`].
    pub kind: usize,
}

impl Draft {
    /// The words of the ordinals.
    pub const ORDINALS: [&str; 5] = ["first", "second", "third", "fourth", "last"];
    /// The words of the kinds of day.
    pub const KINDS: [&str; 10] =
        ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "day", "weekday", "weekend day"];

    /// Returns the draft of an empty form: every 15 minutes from the next quarter of an hour,
    /// without end.
    pub fn new(now: Timestamp, zone: Tz) -> Self {
        let clock = wall_at(zone, now.0.div_euclid(1_000));
        let start = next_step(clock, 15);
        Self {
            zone: zone.name().to_owned(),
            start_date: start.date().to_string(),
            start_time: start.format("%H:%M").to_string(),
            at: String::new(),
            end: EndKind::Never,
            end_after: String::new(),
            end_by: String::new(),
            unit: Unit::Minutes,
            every: "15".to_owned(),
            on: Weekdays::default(),
            from: String::new(),
            to: String::new(),
            month: start.month(),
            by_ordinal: false,
            day: start.day().to_string(),
            ordinal: 0,
            kind: start.weekday().num_days_from_monday() as usize,
        }
    }

    /// Fills in a rule. Fields that the rule does not use keep their text.
    pub fn fill(&mut self, rule: &Rule) {
        rule.zone.name().clone_into(&mut self.zone);
        self.start_date = rule.start.date().to_string();
        self.start_time = rule.start.format("%H:%M").to_string();
        let times: Vec<_> = rule.times.iter().map(|time| time.format("%H:%M").to_string()).collect();
        self.at = times.join(" ");
        self.every = rule.pattern.every().to_string();
        self.end = match rule.end {
            End::Never => EndKind::Never,
            End::After(number) => {
                self.end_after = number.to_string();
                EndKind::After
            }
            End::By(day) => {
                self.end_by = day.to_string();
                EndKind::By
            }
        };
        self.unit = rule.pattern.unit();
        match rule.pattern {
            Pattern::Minutes { open, .. } | Pattern::Hours { open, .. } => self.fill_open(open),
            Pattern::Days { .. } => {}
            Pattern::Weeks { on, .. } => self.on = on,
            Pattern::Months { day, .. } => self.fill_day(day),
            Pattern::Years { month, day, .. } => {
                self.month = month;
                self.fill_day(day);
            }
        }
    }

    fn fill_open(&mut self, open: Open) {
        self.on = open.on.unwrap_or_default();
        let window = open.window.map(|window| [window.from, window.to].map(|time| time.format("%H:%M").to_string()));
        [self.from, self.to] = window.unwrap_or_default();
    }

    fn fill_day(&mut self, day: DayOfMonth) {
        match day {
            DayOfMonth::Day(day) => {
                self.by_ordinal = false;
                self.day = day.to_string();
            }
            DayOfMonth::The(ordinal, kind) => {
                self.by_ordinal = true;
                self.ordinal = ordinal as usize;
                self.kind = Kind::ALL.iter().position(|known| *known == kind).unwrap_or(0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recurrence::tests::rule;

    fn draft() -> Draft {
        Draft::new(Timestamp(1_795_483_142_000), Tz::Europe__Amsterdam)
    }

    #[test]
    fn an_empty_form_makes_a_rule_already() {
        let rule = draft().rule().expect("a rule");
        assert_eq!(rule.sentence(), "Every 15 minutes, from 24 Nov 2026 at 02:30 Amsterdam time, without end.");
    }

    #[test]
    fn every_rule_goes_through_the_form_unchanged() {
        let cases = include_str!("../../../tests/fixtures/recurrence-cases.json");
        let cases: Vec<serde_json::Value> = serde_json::from_str(cases).expect("JSON");
        let mut draft = draft();
        for case in cases {
            let rule = rule(&case["rule"].to_string());
            draft.fill(&rule);
            // A rule that ends before it starts never occurs; the form reports it.
            if draft.end != EndKind::By || draft.end_by >= draft.start_date {
                assert_eq!(draft.rule(), Ok(rule));
            }
        }
    }

    #[test]
    fn each_field_reports_its_own_fault() {
        let mut draft = draft();
        draft.zone = "atlantis".to_owned();
        draft.start_date = "2026-02-30".to_owned();
        draft.start_time = "9".to_owned();
        draft.end = EndKind::After;
        draft.unit = Unit::Weeks;
        draft.every = "0".to_owned();
        let faults = draft.rule().expect_err("faults");
        let faults: Vec<_> = faults.iter().map(|fault| (fault.field, fault.fault.as_str())).collect();
        assert_eq!(
            faults,
            [
                (DraftField::Zone, "unknown time zone"),
                (DraftField::StartDate, "invalid date (yyyy-mm-dd)"),
                (DraftField::StartTime, "invalid time (hh:mm)"),
                (DraftField::EndAfter, "a whole number, 1 to 1,000,000"),
                (DraftField::Every, "a whole number, 1 to 1,000,000"),
                (DraftField::On, "tick at least one day"),
            ]
        );
        let mut hours = self::draft();
        hours.unit = Unit::Hours;
        hours.from = "18:00".to_owned();
        assert_eq!(hours.rule().expect_err("a fault")[0].field, DraftField::To);
        hours.to = "24:00".to_owned();
        assert!(hours.rule().is_ok());
        let mut years = self::draft();
        (years.unit, years.month, years.day) = (Unit::Years, 2, "30".to_owned());
        assert_eq!(years.rule().expect_err("a fault")[0].fault, "a whole number, 1 to 29");
        (years.end, years.end_by) = (EndKind::By, "2026-01-01".to_owned());
        assert_eq!(years.rule().expect_err("faults")[0].fault, "end before start");
    }
}
