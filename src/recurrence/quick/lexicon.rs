//! The vocabulary of the quick line, word by word.

use crate::recurrence::Unit;
use crate::recurrence::parse;
use crate::recurrence::rule::{Kind, Ordinal};
use crate::recurrence::weekdays::{WEEK, Weekdays, name};
use crate::recurrence::words::MONTHS;
use chrono::{NaiveTime, Timelike, Weekday};

/// Returns the unit of a word or abbreviation.
pub(super) fn unit(word: &str) -> Option<Unit> {
    Some(match word {
        "m" | "min" | "mins" | "minute" | "minutes" => Unit::Minutes,
        "h" | "hr" | "hrs" | "hour" | "hours" => Unit::Hours,
        "d" | "day" | "days" | "night" | "nights" => Unit::Days,
        "w" | "wk" | "wks" | "week" | "weeks" => Unit::Weeks,
        "mth" | "mths" | "month" | "months" => Unit::Months,
        "y" | "yr" | "yrs" | "year" | "years" => Unit::Years,
        _ => return None,
    })
}

/// Parses `hourly`, `daily` and so on.
pub(super) fn adverb(word: &str) -> Option<(u32, Unit)> {
    Some(match word {
        "hourly" | "@hourly" => (1, Unit::Hours),
        "daily" | "nightly" | "@daily" | "@midnight" => (1, Unit::Days),
        "weekly" | "@weekly" => (1, Unit::Weeks),
        "fortnightly" | "biweekly" => (2, Unit::Weeks),
        "monthly" | "@monthly" => (1, Unit::Months),
        "quarterly" => (3, Unit::Months),
        "yearly" | "annually" | "@yearly" | "@annually" => (1, Unit::Years),
        _ => return None,
    })
}

/// Parses a number and its unit in one word: `15m`, `2h`.
pub(super) fn interval(word: &str) -> Option<(u32, Unit)> {
    let digits = word.find(|c: char| !c.is_ascii_digit())?;
    let (number, rest) = word.split_at(digits);
    Some((number.parse().ok()?, unit(rest)?))
}

/// Parses a weekday: its name, plural, or a prefix of at least two letters.
pub(super) fn weekday(word: &str) -> Option<Weekday> {
    let word = word.strip_suffix('s').filter(|word| word.len() > 4).unwrap_or(word);
    let is = |day: &Weekday| {
        let name = name(*day).to_lowercase();
        word.len() >= 2 && name.starts_with(word)
    };
    WEEK.into_iter().find(is)
}

/// Parses weekdays: one, a group, or a range such as `mon-fri`.
pub(super) fn weekdays(word: &str) -> Option<Weekdays> {
    match word {
        "wd" | "weekday" | "weekdays" | "workday" | "workdays" => return Some(Weekdays::WORKING),
        "we" => return Some(Weekday::Wed.into()),
        "weekend" | "weekends" => return Some(Weekdays::WEEKEND),
        _ => {}
    }
    let Some((first, last)) = word.split_once('-') else { return weekday(word).map(Weekdays::from) };
    Some(span(weekday(first)?, weekday(last)?))
}

/// Returns the days from one to another, wrapping around the week.
pub(super) fn span(first: Weekday, last: Weekday) -> Weekdays {
    let mut day = first;
    let mut days = Weekdays::from(first);
    while day != last {
        day = day.succ();
        days = days.union(day.into());
    }
    days
}

/// Parses `first` or `1st`.
pub(super) fn ordinal(word: &str) -> Option<Ordinal> {
    Some(match word {
        "first" | "1st" => Ordinal::First,
        "second" | "2nd" => Ordinal::Second,
        "third" | "3rd" => Ordinal::Third,
        "fourth" | "4th" => Ordinal::Fourth,
        "last" => Ordinal::Last,
        _ => return None,
    })
}

/// Parses what an ordinal counts; returns the kind and its number of words.
pub(super) fn kind(words: &[&str]) -> Option<(Kind, usize)> {
    Some(match *words {
        ["weekend", "day", ..] => (Kind::WeekendDay, 2),
        ["day", ..] => (Kind::Day, 1),
        ["weekday" | "workday", ..] => (Kind::Weekday, 1),
        [word, ..] => (Kind::On(weekday(word)?), 1),
        [] => return None,
    })
}

/// Parses a month (from 1): its name or a prefix of at least three letters.
pub(super) fn month(word: &str) -> Option<u32> {
    (1..).zip(MONTHS).find(|(_, name)| word.len() >= 3 && name.to_lowercase().starts_with(word)).map(|(month, _)| month)
}

/// Parses `31st` or `31`.
pub(super) fn day_number(word: &str) -> Option<u32> {
    let digits = ["st", "nd", "rd", "th"].iter().find_map(|ending| word.strip_suffix(ending)).unwrap_or(word);
    let plain = digits.len() <= 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|day| plain && (1..=31).contains(day))
}

/// Parses `02:30`, `2:30`, `6am`, `6:30pm`, `noon`, `midnight`.
pub(super) fn time(word: &str) -> Option<NaiveTime> {
    match word {
        "noon" => return NaiveTime::from_hms_opt(12, 0, 0),
        "midnight" => return Some(NaiveTime::MIN),
        _ => {}
    }
    let halves = [("am", 0), ("pm", 12)];
    let Some((rest, more)) = halves.iter().find_map(|(half, more)| Some((word.strip_suffix(half)?, more))) else {
        return parse::time(word);
    };
    let whole = if rest.contains(':') { rest.to_owned() } else { format!("{rest}:00") };
    let time = parse::time(&whole).filter(|time| (1..=12).contains(&time.hour()))?;
    time.with_hour(time.hour() % 12 + more)
}

/// Parses a time, or a bare number as a whole hour, where nothing else can be meant.
pub(super) fn hour(word: &str) -> Option<NaiveTime> {
    time(word).or_else(|| time(&format!("{word}:00")))
}

/// Parses the end of a span of times: as an hour, or `24:00`.
pub(super) fn time_to(word: &str) -> Option<NaiveTime> {
    if matches!(word, "24:00" | "24") { Some(NaiveTime::MIN) } else { hour(word) }
}
