//! Export to iCalendar (RFC 5545), for rules that RRULE can express exactly.

use crate::domain::Timestamp;
use crate::recurrence::rule::{DayOfMonth, End, Kind, Open, Ordinal, Pattern, Rule, Window};
use crate::recurrence::weekdays::Weekdays;
use crate::recurrence::words::by_hour;
use crate::recurrence::zone::{HORIZON, day_after, instant, next_change, wall_at, wall_of};
use chrono::{NaiveTime, Timelike, Weekday};
use chrono_tz::Tz;

impl Rule {
    /// Returns `DTSTART` and `RRULE` on two lines, or `None` where iCalendar has no equivalent: a
    /// rule that never occurs; minutes or hours limited to weekdays or times of day in a zone whose
    /// clocks change (iCalendar steps wall clocks there, not elapsed time) or limited to times that
    /// are not whole hours; times of day whose minutes differ from hour to hour.
    pub fn rrule(&self) -> Option<String> {
        // In iCalendar DTSTART is always the first occurrence, even where the pattern does not
        // match it.
        let first = self.first_from(Timestamp(i64::MIN))?.0 / 1_000;
        let every = self.pattern.every();
        let (frequency, zone, rest) = match self.pattern {
            Pattern::Minutes { open, .. } => ("MINUTELY", self.steady(open)?, open_parts(open)?),
            Pattern::Hours { open, .. } => ("HOURLY", self.steady(open)?, open_parts(open)?),
            Pattern::Days { .. } => ("DAILY", self.zone, String::new()),
            Pattern::Weeks { on, .. } => ("WEEKLY", self.zone, format!(";WKST=SU;BYDAY={}", days(on))),
            Pattern::Months { day, .. } => ("MONTHLY", self.zone, day_parts(day)),
            Pattern::Years { month, day, .. } => ("YEARLY", self.zone, format!(";BYMONTH={month}{}", day_parts(day))),
        };
        let end = match self.end {
            End::Never => String::new(),
            End::After(number) => format!(";COUNT={number}"),
            End::By(day) => {
                let last = instant(self.zone, day_after(day).and_time(NaiveTime::MIN)) - 1;
                format!(";UNTIL={}Z", wall_of(last).format("%Y%m%dT%H%M%S"))
            }
        };
        let mut wall = wall_at(zone, first);
        let times = self.times_of_day();
        if !matches!(self.pattern, Pattern::Minutes { .. } | Pattern::Hours { .. }) && !times.contains(&wall.time()) {
            // The rule's own time: on the first day a gap may have moved it.
            let moved = times.into_iter().find(|time| instant(zone, wall.date().and_time(*time)) == first);
            wall = wall.date().and_time(moved.unwrap_or(self.start.time()));
        }
        let hours = if self.times.is_empty() { String::new() } else { times_parts(&self.times)? };
        let wall = wall.format("%Y%m%dT%H%M%S");
        let start = match zone {
            Tz::UTC => format!("DTSTART:{wall}Z"),
            zone => format!("DTSTART;TZID={}:{wall}", zone.name()),
        };
        Some(format!("{start}\nRRULE:FREQ={frequency};INTERVAL={every}{end}{rest}{hours}"))
    }

    /// Returns a zone in which elapsed time and wall clock agree: UTC where no wall clock matters,
    /// else the rule's own zone if its clocks never change.
    fn steady(&self, open: Open) -> Option<Tz> {
        if open == Open::default() {
            return Some(Tz::UTC);
        }
        next_change(self.zone, instant(self.zone, self.start), HORIZON).is_none().then_some(self.zone)
    }
}

fn times_parts(times: &[NaiveTime]) -> Option<String> {
    let (hours, minutes) = by_hour(times)?;
    let [hours, minutes] =
        [hours, minutes].map(|all| all.iter().map(ToString::to_string).collect::<Vec<_>>().join(","));
    Some(format!(";BYHOUR={hours};BYMINUTE={minutes}"))
}

fn open_parts(open: Open) -> Option<String> {
    let on = open.on.map(|on| format!(";BYDAY={}", days(on))).unwrap_or_default();
    let Some(Window { from, to }) = open.window else { return Some(on) };
    let crosses = to < from && to != NaiveTime::MIN;
    if from.minute() != 0 || to.minute() != 0 || (crosses && open.on.is_some()) {
        return None;
    }
    let length = (to.hour() + 24 - from.hour()) % 24;
    let hours: Vec<_> = (0..length).map(|hour| ((from.hour() + hour) % 24).to_string()).collect();
    Some(format!("{on};BYHOUR={}", hours.join(",")))
}

fn day_parts(day: DayOfMonth) -> String {
    let (ordinal, kind) = match day {
        DayOfMonth::Day(day) => return format!(";BYMONTHDAY={day}"),
        DayOfMonth::The(ordinal, kind) => (ordinal, kind),
    };
    let place = if ordinal == Ordinal::Last { -1 } else { ordinal as i32 + 1 };
    match kind {
        Kind::On(day) => format!(";BYDAY={place}{}", code(day)),
        Kind::Day => format!(";BYMONTHDAY={place}"),
        Kind::Weekday | Kind::WeekendDay => format!(";BYDAY={};BYSETPOS={place}", days(kind.days())),
    }
}

fn days(on: Weekdays) -> String {
    on.iter().map(code).collect::<Vec<_>>().join(",")
}

fn code(day: Weekday) -> &'static str {
    ["MO", "TU", "WE", "TH", "FR", "SA", "SU"][day.num_days_from_monday() as usize]
}
