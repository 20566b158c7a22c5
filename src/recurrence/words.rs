//! Formats a rule in words for operators.

use crate::recurrence::rule::{DayOfMonth, End, Open, Pattern, Rule};
use crate::recurrence::weekdays::Weekdays;
use chrono::{NaiveDate, NaiveTime, Timelike, Weekday};
use chrono_tz::Tz;
use std::collections::BTreeSet;

/// Names of the months.
pub const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

impl Rule {
    /// Formats the pattern: `every 15 minutes on weekdays`, `every 2 weeks on Sunday at 02:30
    /// Chicago time`.
    pub fn words(&self) -> String {
        let interval = interval(self.pattern);
        let at = format!("{} {}", times_words(&self.times_of_day()), zone_words(self.zone));
        match self.pattern {
            Pattern::Minutes { open, .. } | Pattern::Hours { open, .. } => {
                format!("{interval}{}", open_words(open, self.zone))
            }
            Pattern::Days { .. } => format!("{interval} {at}"),
            Pattern::Weeks { every, on } => {
                // In every second week, Saturday and Sunday do not form one weekend: weeks begin on
                // Sunday.
                let split = every > 1 && on.contains(Weekday::Sat) && on.contains(Weekday::Sun);
                let note = if split { " (weeks begin on Sunday)" } else { "" };
                if on == Weekdays::ALL && every == 1 {
                    format!("every day {at}")
                } else {
                    format!("{interval} on {} {at}{note}", on.words())
                }
            }
            Pattern::Months { day: DayOfMonth::Day(day), .. } => format!("{interval} on day {day} {at}"),
            Pattern::Months { day: DayOfMonth::The(ordinal, kind), .. } => {
                format!("{interval} on the {} {} {at}", ordinal.word(), kind.word())
            }
            Pattern::Years { month, day: DayOfMonth::Day(day), .. } => {
                format!("{interval} on {day} {} {at}", month_name(month))
            }
            Pattern::Years { month, day: DayOfMonth::The(ordinal, kind), .. } => {
                format!("{interval} on the {} {} of {} {at}", ordinal.word(), kind.word(), month_name(month))
            }
        }
    }

    /// Formats pattern and end: `every day at 06:00 Amsterdam time, 5 times`; the pattern alone if
    /// the rule has no end.
    pub fn words_with_end(&self) -> String {
        match self.end_words() {
            None => self.words(),
            Some(end) => format!("{}, {end}", self.words()),
        }
    }

    /// What distinguishes the rule from others, apart from the instant from which it counts.
    pub fn identity(&self) -> String {
        format!("{} ({})", self.words_with_end(), self.zone.name())
    }

    fn end_words(&self) -> Option<String> {
        match self.end {
            End::Never => None,
            End::After(1) => Some("once".to_owned()),
            End::After(number) => Some(format!("{number} times")),
            End::By(day) => Some(format!("until {}", day_words(day))),
        }
    }

    /// Formats pattern and range as one sentence: `Every 2 weeks on Sunday at 02:30 Chicago time,
    /// from 6 Dec 2026, without end.`
    pub fn sentence(&self) -> String {
        let words = self.words();
        let from = match self.pattern {
            Pattern::Minutes { .. } | Pattern::Hours { .. } => {
                let start = format!("{} at {}", day_words(self.start.date()), self.start.format("%H:%M"));
                // Name the zone once.
                let zone = zone_words(self.zone);
                if words.ends_with(&zone) { start } else { format!("{start} {zone}") }
            }
            _ => day_words(self.start.date()),
        };
        let end = self.end_words().unwrap_or_else(|| "without end".to_owned());
        let rest = words.strip_prefix('e').unwrap_or(&words);
        format!("E{rest}, from {from}, {end}.")
    }
}

/// Formats times of day: `at 06:00`, `at 06:00, 12:00 and 18:00`, or a summary of many.
fn times_words(times: &[NaiveTime]) -> String {
    let shown: Vec<_> = times.iter().map(|time| time.format("%H:%M").to_string()).collect();
    let ([first, .., last], true) = (shown.as_slice(), shown.len() > 6) else {
        return match shown.as_slice() {
            [times @ .., last] if !times.is_empty() => format!("at {} and {last}", times.join(", ")),
            times => format!("at {}", times.join(", ")),
        };
    };
    let steps: BTreeSet<_> = times.windows(2).map(|pair| (pair[1] - pair[0]).num_minutes()).collect();
    if steps.len() == 1 {
        let step = steps.into_iter().next().unwrap_or_default();
        return format!("at {first}, then every {step} minutes to {last}");
    }
    match by_hour(times) {
        Some((hours, minutes)) => {
            let minutes: Vec<_> = minutes.iter().map(|minute| format!(":{minute:02}")).collect();
            let contiguous = hours.windows(2).all(|pair| pair[1] == pair[0] + 1);
            let hours = match hours.as_slice() {
                [first, .., last] if contiguous => format!("hours {first} to {last}"),
                hours => format!("hours {}", hours.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
            };
            format!("at {} of {hours}", minutes.join(" "))
        }
        None => format!("at {} times of day from {first} to {last}", times.len()),
    }
}

/// Splits times into hours and minutes, if every hour has the same minutes.
pub(super) fn by_hour(times: &[NaiveTime]) -> Option<(Vec<u32>, Vec<u32>)> {
    let hours: BTreeSet<_> = times.iter().map(Timelike::hour).collect();
    let minutes: BTreeSet<_> = times.iter().map(Timelike::minute).collect();
    let whole = hours.len() * minutes.len() == times.len();
    whole.then(|| (hours.into_iter().collect(), minutes.into_iter().collect()))
}

fn interval(pattern: Pattern) -> String {
    let unit = pattern.unit().word();
    match pattern.every() {
        1 => format!("every {}", unit.trim_end_matches('s')),
        every => format!("every {every} {unit}"),
    }
}

fn open_words(open: Open, zone: Tz) -> String {
    let on = open.on.map_or_else(String::new, |on| format!(" on {}", on.words()));
    match open.window {
        None => on,
        Some(window) => {
            let [from, to] = [window.from, window.to].map(|time| time.format("%H:%M"));
            format!("{on} between {from} and {to} {}", zone_words(zone))
        }
    }
}

/// Formats a date as `6 Dec 2026`.
pub(super) fn day_words(day: NaiveDate) -> String {
    day.format("%-d %b %Y").to_string()
}

/// Returns the name of month 1 to 12.
pub(super) fn month_name(month: u32) -> &'static str {
    MONTHS.get(month as usize - 1).copied().unwrap_or_default()
}

/// Returns the city of a zone's name: `Chicago`, `New York`; `UTC` unchanged.
pub fn city(zone: Tz) -> String {
    let name = zone.name();
    name.rsplit('/').next().unwrap_or(name).replace('_', " ")
}

fn zone_words(zone: Tz) -> String {
    match zone {
        Tz::UTC => "UTC".to_owned(),
        zone => match city(zone).as_str() {
            name @ ("UTC" | "GMT" | "Zulu" | "UCT") => name.to_owned(),
            city => format!("{city} time"),
        },
    }
}
