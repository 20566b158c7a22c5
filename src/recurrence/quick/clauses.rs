//! Parses the line clause by clause, in any order; a second, different value is an error; weekdays
//! accumulate.

use crate::recurrence::Unit;
use crate::recurrence::parse;
use crate::recurrence::quick::QuickError;
use crate::recurrence::quick::lexicon;
use crate::recurrence::rule::{End, Kind, MAX_NUMBER, Ordinal, Window};
use crate::recurrence::weekdays::Weekdays;
use crate::recurrence::zones::zone_named;
use chrono::{NaiveDate, NaiveTime};
use chrono_tz::Tz;

/// A date, or a number of days from today in the rule's zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    On(NaiveDate),
    In(i64),
}

/// The clauses of a line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Clauses {
    pub every: Option<(u32, Unit)>,
    pub on: Option<Weekdays>,
    pub ordinal: Option<(Ordinal, Kind)>,
    pub day: Option<u32>,
    pub month: Option<u32>,
    pub time: Option<NaiveTime>,
    /// Times of day, for patterns of days and longer.
    pub times: Vec<NaiveTime>,
    pub window: Option<Window>,
    pub start: Option<When>,
    pub end: Option<End>,
    pub zone: Option<Tz>,
}

/// Parses all words, or returns the first that cannot be read.
pub(super) fn read(words: &[&str]) -> Result<Clauses, QuickError> {
    let mut clauses = Clauses::default();
    let mut rest = words;
    while let Some(word) = rest.first() {
        let taken = clauses.clause(rest).ok_or_else(|| QuickError::from_word(faulty(rest).unwrap_or(word)))?;
        rest = rest.get(taken..).unwrap_or_default();
    }
    Ok(clauses)
}

/// Returns the word at fault in a clause that cannot be read: the value after a keyword, or after a
/// number the word that should be its unit.
fn faulty<'w>(words: &[&'w str]) -> Option<&'w str> {
    let is_count = |word: &str| word.parse().is_ok_and(|number| (1..=MAX_NUMBER).contains(&number));
    match *words {
        ["until" | "till" | "by" | "through", day, ..] => Some(day).filter(|day| parse::date(day).is_none()),
        ["end" | "ends" | "ending", "by" | "on", day, ..] => Some(day).filter(|day| parse::date(day).is_none()),
        ["end" | "ends" | "ending", "after", number, ..] => Some(number).filter(|number| !is_count(number)),
        ["between" | "from", from, "and" | "to" | "until" | "till", to, ..] if lexicon::hour(from).is_some() => {
            Some(to).filter(|to| lexicon::time_to(to).is_none())
        }
        ["from" | "starting" | "start" | "starts" | "beginning", when, ..] => {
            Some(when).filter(|when| date(when).is_none() && lexicon::time(when).is_none())
        }
        [number, word, ..] if is_number(number) => (!is_times(word) && lexicon::unit(word).is_none()).then_some(word),
        _ => None,
    }
}

fn is_number(word: &str) -> bool {
    word.parse::<u32>().is_ok()
}

fn is_times(word: &str) -> bool {
    matches!(word, "times" | "time" | "runs" | "run")
}

/// Sets a value; `None` if it is set already.
fn set_once<T>(slot: &mut Option<T>, value: T) -> Option<()> {
    if slot.is_some() {
        return None;
    }
    *slot = Some(value);
    Some(())
}

/// What a word means together with those after it.
enum Meaning<'w> {
    Window(&'w str, &'w str),
    Time(NaiveTime),
    /// The number of words after the ordinal is the last.
    Ordinal(Ordinal, Kind, usize),
    Weekdays(Weekdays),
    Date(When),
    /// A month, and the day of it that follows.
    Month(u32, Option<u32>),
    Day(u32),
}

impl<'w> Meaning<'w> {
    fn of(words: &[&'w str]) -> Option<Self> {
        let [word, rest @ ..] = words else { return None };
        let window = word.split_once('-').filter(|(from, _)| lexicon::time(from).is_some());
        let ordinal = || {
            let ordinal = lexicon::ordinal(word)?;
            // "first of the month"
            let first_of = || (rest.first() == Some(&"of")).then_some((Kind::Day, 0));
            let (kind, taken) = lexicon::kind(rest).or_else(first_of)?;
            Some(Self::Ordinal(ordinal, kind, taken))
        };
        let month = || {
            let day = rest.first().and_then(|next| lexicon::day_number(next));
            lexicon::month(word).map(|month| Self::Month(month, day))
        };
        let day = || {
            let names_month = rest.first().is_some_and(|next| lexicon::month(next).is_some());
            lexicon::day_number(word).filter(|_| names_month || word.parse::<u32>().is_err()).map(Self::Day)
        };
        let window = window.map(|(from, to)| Self::Window(from, to));
        let time = || lexicon::time(word).map(Self::Time);
        let weekdays = || lexicon::weekdays(word).map(Self::Weekdays);
        let date = || date(word).map(Self::Date);
        window.or_else(time).or_else(ordinal).or_else(weekdays).or_else(date).or_else(month).or_else(day)
    }
}

impl Clauses {
    /// Parses the first clause and returns its number of words.
    fn clause(&mut self, words: &[&str]) -> Option<usize> {
        match *words {
            ["every" | "each", ..] => Some(1 + self.interval(&words[1..]).unwrap_or(0)),
            ["at", time, ..] if lexicon::hour(time).is_some() => {
                set_once(&mut self.time, lexicon::hour(time)?)?;
                Some(2)
            }
            ["between" | "from", from, "and" | "to" | "until" | "till", to, ..] if lexicon::hour(from).is_some() => {
                self.window(from, to)?;
                Some(4)
            }
            ["from" | "starting" | "start" | "starts" | "beginning", when, ..] if date(when).is_some() => {
                set_once(&mut self.start, date(when)?)?;
                Some(2)
            }
            ["from" | "starting" | "start" | "starts" | "beginning", time, ..] if lexicon::time(time).is_some() => {
                set_once(&mut self.time, lexicon::time(time)?)?;
                Some(2)
            }
            ["until" | "till" | "by" | "through", day, ..] => {
                set_once(&mut self.end, End::By(parse::date(day)?))?;
                Some(2)
            }
            ["end" | "ends" | "ending", "by" | "on", day, ..] => {
                set_once(&mut self.end, End::By(parse::date(day)?))?;
                Some(3)
            }
            ["end" | "ends" | "ending", "after", number, ..] => {
                self.end_after(number)?;
                let has_unit = words.get(3).is_some_and(|word| matches!(*word, "times" | "runs" | "run"));
                Some(3 + usize::from(has_unit))
            }
            ["end", "of", ..] => {
                set_once(&mut self.ordinal, (Ordinal::Last, Kind::Day))?;
                Some(2)
            }
            [number, times, ..] if is_number(number) && is_times(times) => {
                self.end_after(number)?;
                Some(2)
            }
            [first, "to" | "till" | "until" | "through", last, ..] if lexicon::weekday(first).is_some() => {
                self.add_weekdays(lexicon::span(lexicon::weekday(first)?, lexicon::weekday(last)?));
                Some(3)
            }
            ["without" | "no", "end", ..] => {
                set_once(&mut self.end, End::Never)?;
                Some(2)
            }
            ["day", number, ..] if lexicon::day_number(number).is_some() => {
                set_once(&mut self.day, lexicon::day_number(number)?)?;
                Some(2)
            }
            [filler, ..] if is_filler(filler) => Some(1),
            _ => self.interval_of_one_word(words).or_else(|| self.bare_clause(words)),
        }
    }

    /// Parses what may follow "every": `15 min`, `other day`, `2 mondays`.
    fn interval(&mut self, words: &[&str]) -> Option<usize> {
        let (number, words) = match *words {
            ["other" | "second", ref rest @ ..] => (Some(2), rest),
            [number, ref rest @ ..] if number.parse::<u32>().is_ok() => (number.parse().ok(), rest),
            _ => (None, words),
        };
        let before = usize::from(number.is_some());
        let every = number.unwrap_or(1);
        let word = words.first()?;
        if let Some(unit) = lexicon::unit(word) {
            self.every(every, unit)?;
            return Some(before + 1);
        }
        // "every other monday"; without a number the interval is one.
        if number.is_some() && lexicon::weekdays(word).is_some() {
            self.every(every, Unit::Weeks)?;
            return Some(before);
        }
        None
    }

    fn every(&mut self, every: u32, unit: Unit) -> Option<()> {
        if !(1..=MAX_NUMBER).contains(&every) {
            return None;
        }
        // "last friday of every month, yearly" is a contradiction; "monthly … of the month" merely
        // repeats itself.
        if self.every == Some((every, unit)) || (every == 1 && self.every.is_some_and(|(_, known)| known == unit)) {
            return Some(());
        }
        set_once(&mut self.every, (every, unit))
    }

    /// Parses `15 min`, `15m`, `daily`, `month`.
    fn interval_of_one_word(&mut self, words: &[&str]) -> Option<usize> {
        let [word, rest @ ..] = words else { return None };
        if let Some((every, unit)) = lexicon::interval(word) {
            return self.every(every, unit).map(|()| 1);
        }
        if let Some((every, unit)) = lexicon::adverb(word).or_else(|| Some((1, lexicon::unit(word)?))) {
            return self.every(every, unit).map(|()| 1);
        }
        let number: u32 = word.parse().ok()?;
        let unit = lexicon::unit(rest.first()?)?;
        self.every(number, unit).map(|()| 2)
    }

    /// Parses a clause without a keyword: `8:00`, `9-17`, `last friday`, `mon`, `24 dec`, a zone.
    fn bare_clause(&mut self, words: &[&str]) -> Option<usize> {
        let Some(meaning) = Meaning::of(words) else { return self.zone(words) };
        match meaning {
            Meaning::Window(from, to) => self.window(from, to)?,
            Meaning::Time(time) => set_once(&mut self.time, time)?,
            Meaning::Ordinal(ordinal, kind, taken) => {
                set_once(&mut self.ordinal, (ordinal, kind))?;
                return Some(1 + taken);
            }
            Meaning::Weekdays(on) => self.add_weekdays(on),
            Meaning::Date(when) => set_once(&mut self.start, when)?,
            Meaning::Month(month, day) => {
                set_once(&mut self.month, month)?;
                let day = day.filter(|_| self.day.is_none());
                self.day = self.day.or(day);
                return Some(1 + usize::from(day.is_some()));
            }
            Meaning::Day(day) => set_once(&mut self.day, day)?,
        }
        Some(1)
    }

    /// Parses a zone of up to four words, longest match first, and an optional "time" after it.
    fn zone(&mut self, words: &[&str]) -> Option<usize> {
        let (zone, taken) =
            (1..=words.len().min(4)).rev().find_map(|taken| Some((zone_named(&words[..taken].join(" "))?, taken)))?;
        set_once(&mut self.zone, zone)?;
        Some(taken)
    }

    fn add_weekdays(&mut self, on: Weekdays) {
        self.on = Some(self.on.unwrap_or_default().union(on));
    }

    fn window(&mut self, from: &str, to: &str) -> Option<()> {
        let window = Window { from: lexicon::hour(from)?, to: lexicon::time_to(to)? };
        if window.from == window.to {
            return None;
        }
        set_once(&mut self.window, window)
    }

    fn end_after(&mut self, number: &str) -> Option<()> {
        let number = number.parse().ok().filter(|number| (1..=MAX_NUMBER).contains(number))?;
        set_once(&mut self.end, End::After(number))
    }
}

fn is_filler(word: &str) -> bool {
    matches!(word, "on" | "at" | "the" | "of" | "and" | "in" | "time" | "then" | "+" | "&")
}

fn date(word: &str) -> Option<When> {
    match word {
        "today" => Some(When::In(0)),
        "tomorrow" => Some(When::In(1)),
        _ => parse::date(word).map(When::On),
    }
}
