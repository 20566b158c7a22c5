//! Reads the comparison of a term: its operator and its value.

use crate::domain::{Timestamp, parse_age};
use crate::filter::cause::masked;
use crate::filter::fault::{Fault, known};
use crate::filter::field::{Choice, Field, Kind, Names};
use crate::filter::token::{Mark, Word};
use crate::filter::value::{grouped_number, is_grouped, number, pattern};
use crate::filter::{CAUSE_TEXT, Pattern, Test};
use crate::text::time::Zone;
use std::ops::Range;

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Is,
    Less,
    AtMost,
    More,
    AtLeast,
}

/// The time zone and the instant by which dates and ages are read.
pub(super) struct Context {
    pub(super) zone: Zone,
    pub(super) now: Timestamp,
    /// The range of the word.
    pub(super) at: Range<usize>,
}

/// What a row must pass: the value of a term, compared with a field.
pub(super) fn test(
    field: &'static Field,
    operator: Operator,
    value: &[Mark],
    context: &Context,
) -> Result<Test, Fault> {
    let fault = |text: String| Fault { at: context.at.clone(), text };
    let name = field.name;
    let whole = Word::text(value);
    let is_list = !matches!(field.kind, Kind::Age(_) | Kind::From(_) | Kind::To(_)) && operator == Operator::Is;
    let is_list = is_list && !(field.kind == Kind::Number && is_grouped(&whole));
    let values: Vec<&[Mark]> = if is_list { value.split(|mark| mark.is(',')).collect() } else { vec![value] };
    // What the commas of `1,000..2,0000` separate is unclear.
    let is_part = |value: &&[Mark]| {
        let text = Word::text(value);
        text.len() > 1 && text.starts_with('0') && text.starts_with(|c: char| c.is_ascii_digit())
    };
    if field.kind == Kind::Number && values.len() > 1 && values.iter().any(is_part) {
        return Err(fault(format!(
            "{name} cannot be {whole:?}: write numbers without commas, such as {name}:1000..2000"
        )));
    }
    if values.iter().any(|value| value.is_empty()) {
        return Err(fault(format!("{name} needs a value; {}", example(field))));
    }
    let is_ordered = !matches!(field.kind, Kind::Text | Kind::Name | Kind::Choice(_) | Kind::Recent(_));
    if !is_ordered && operator != Operator::Is {
        return Err(fault(format!("{name} has no order; {}", example(field))));
    }
    let no_value = |value: &[Mark]| {
        let text = Word::text(value);
        let is_unclear = field.kind == Kind::Number && grouped_number(&text.replace('.', ",")).is_some();
        let example = if is_unclear {
            format!(
                "a dot may mean thousands or decimals: write {} or {}",
                text.replace('.', ","),
                text.replace('.', "")
            )
        } else {
            example(field)
        };
        fault(format!("{name} cannot be {text:?}; {example}"))
    };
    let ranges = |read: &dyn Fn(&str) -> Option<(i64, i64)>| {
        let range = |value: &&[Mark]| {
            let text = Word::text(value);
            let of = ranged(&text, operator, read).ok_or_else(|| no_value(value))?;
            if operator == Operator::Is { in_order(&text, of, context) } else { Ok(compared(operator, of)) }
        };
        values.iter().map(range).collect::<Result<Vec<_>, Fault>>()
    };
    let period = |text: &str| period(text, context);
    let is_age = operator != Operator::Is && parse_age(&whole).is_some();
    match field.kind {
        Kind::Text => Ok(Test::Matches(name, values.iter().map(|value| pattern(value).anywhere()).collect())),
        Kind::Name => Ok(Test::Matches(name, values.iter().map(|value| named(field, value)).collect())),
        Kind::Cause if operator == Operator::Is => causes(name, &values).map_err(|value| {
            let text = Word::text(value);
            fault(format!("{name} cannot be {text:?}: causes mask numbers and names; {}", example(field)))
        }),
        Kind::Cause => Ok(Test::Within(name, ranges(&|text| number(text).map(|number| (number, number)))?)),
        Kind::Number => Ok(Test::Within(name, ranges(&|text| number(text).map(|number| (number, number)))?)),
        Kind::Duration => Ok(Test::Within(name, ranges(&|text| parse_age(text).map(|age| (age, age)))?)),
        Kind::Instant => Ok(Test::Within(name, ranges(&period)?)),
        Kind::Age(instant) | Kind::Past(instant) if is_age => {
            Ok(Test::Within(instant, vec![aged(&whole, operator, context).ok_or_else(|| no_value(value))?]))
        }
        Kind::Ahead(instant) if is_age => {
            let at = context.now.0.saturating_add(parse_age(&whole).ok_or_else(|| no_value(value))?);
            Ok(Test::Within(instant, vec![compared(operator, (at, at))]))
        }
        Kind::Age(_) => Err(no_value(value)),
        Kind::Past(instant) | Kind::Ahead(instant) => Ok(Test::Within(instant, ranges(&period)?)),
        Kind::Recent(instant) => {
            let from = context.now.minus_days(1).0;
            match whole.to_ascii_lowercase().as_str() {
                "yes" => Ok(Test::Within(instant, vec![(from, i64::MAX)])),
                "no" => Ok(Test::Within(instant, vec![(i64::MIN, from.saturating_sub(1))])),
                _ => Err(no_value(value)),
            }
        }
        Kind::From(instant) | Kind::To(instant) if operator == Operator::Is => {
            let is_start = matches!(field.kind, Kind::From(_));
            let Context { zone, now, .. } = context;
            let at = if is_start { zone.parse(&whole, *now) } else { zone.parse_end(&whole, *now) };
            let at = at.ok_or_else(|| no_value(value))?.0;
            Ok(Test::Within(instant, vec![if is_start { (at, i64::MAX) } else { (i64::MIN, at.saturating_sub(1)) }]))
        }
        Kind::From(_) | Kind::To(_) => Err(fault(format!("{name} takes a colon; {}", example(field)))),
        Kind::Choice(choices) => words_of(name, choices, &values),
    }
}

/// A test of causes by the values that are numbers and by those that are parts of texts. An error
/// is the value that is neither.
fn causes<'m>(name: &'static str, values: &[&'m [Mark]]) -> Result<Test, &'m [Mark]> {
    let (mut ranges, mut patterns) = (Vec::new(), Vec::new());
    for value in values {
        let numbers = || ranged(&Word::text(value), Operator::Is, &|text| number(text).map(|number| (number, number)));
        match numbers().filter(|_| !value.iter().any(|mark| mark.quoted)) {
            Some(range) => ranges.push(range),
            None => patterns.push(masked(value).ok_or(*value)?),
        }
    }
    let (has_numbers, has_texts) = (!ranges.is_empty(), !patterns.is_empty());
    let (of_numbers, of_texts) = (Test::Within(name, ranges), Test::Matches(CAUSE_TEXT, patterns));
    Ok(match (has_numbers, has_texts) {
        (true, true) => Test::Any(vec![of_numbers, of_texts]),
        (true, false) => of_numbers,
        (false, _) => of_texts,
    })
}

/// The words that the values of a term name.
fn words_of(name: &'static str, choices: &'static [Choice], values: &[&[Mark]]) -> Result<Test, Fault> {
    let mut words = Vec::new();
    for value in values {
        let found = chosen(value, choices);
        if found.is_empty() {
            let word = Word::text(value);
            let known = known(&word, choices.iter().map(|choice| choice.word));
            let at = value[0].at..value[value.len() - 1].at + value[value.len() - 1].c.len_utf8();
            return Err(Fault { at, text: format!("{name} cannot be {word:?}{known}") });
        }
        words.extend(found);
    }
    words.sort_unstable();
    words.dedup();
    Ok(Test::Is(name, words))
}

/// A name; the batch group without one is called default.
fn named(field: &Field, value: &[Mark]) -> Pattern {
    let is_default = field.names == Some(Names::BatchGroups)
        && ["default", "(default)"].contains(&Word::text(value).to_ascii_lowercase().as_str());
    pattern(if is_default { &[] } else { value })
}

/// The test that the field has no value.
pub(super) fn missing(field: &'static Field) -> Test {
    match field.kind {
        Kind::Age(instant) | Kind::Past(instant) | Kind::Ahead(instant) | Kind::From(instant) | Kind::To(instant) => {
            Test::Missing(instant)
        }
        _ => Test::Missing(field.name),
    }
}

/// Whether a text names days.
pub(super) fn is_day(text: &str) -> bool {
    let is_date = |text: &str| {
        let digits: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
        ["0000-00-00", "00-00", "today", "yesterday"].contains(&digits.as_str())
    };
    let text = text.to_ascii_lowercase();
    match text.split_once("..") {
        Some((from, to)) => {
            [(from, to), (to, from)].iter().all(|(end, other)| is_date(end) || end.is_empty() && is_date(other))
        }
        None => is_date(&text),
    }
}

/// The instants of the days that a text names.
pub(super) fn days(text: &str, context: &Context) -> Result<Option<(i64, i64)>, Fault> {
    let days = ranged(&text.to_ascii_lowercase(), Operator::Is, &|text| period(text, context));
    days.map(|days| in_order(text, days, context)).transpose()
}

/// A number, or all from one to another, from the list's own number field.
pub(super) fn numbers(text: &str, context: &Context) -> Result<Option<(i64, i64)>, Fault> {
    let read = |text: &str| text.parse().ok().map(|number| (number, number));
    ranged(text, Operator::Is, &read).map(|range| in_order(text, range, context)).transpose()
}

/// Refuses a range whose end is before its start.
fn in_order(text: &str, (low, high): (i64, i64), context: &Context) -> Result<(i64, i64), Fault> {
    match text.split_once("..") {
        Some((from, to)) if low > high => {
            let text = format!("no range from {from} to {to}; write {to}..{from}");
            Err(Fault { at: context.at.clone(), text })
        }
        _ => Ok((low, high)),
    }
}

/// The instants of a day, minute or second.
fn period(text: &str, context: &Context) -> Option<(i64, i64)> {
    let (start, end) = context.zone.parse_range(text, context.now)?;
    Some((start.0, end.0.saturating_sub(1)))
}

/// A value, or all from one to another: `7..9`; `7..` and `..9` have one end only.
fn ranged(text: &str, operator: Operator, read: &dyn Fn(&str) -> Option<(i64, i64)>) -> Option<(i64, i64)> {
    match text.split_once("..").filter(|_| operator == Operator::Is) {
        Some(("", "")) => None,
        Some((from, "")) => Some((read(from)?.0, i64::MAX)),
        Some(("", to)) => Some((i64::MIN, read(to)?.1)),
        Some((from, to)) => Some((read(from)?.0, read(to)?.1)),
        None => read(text),
    }
}

/// The instants of which the age compares with one.
fn aged(age: &str, operator: Operator, context: &Context) -> Option<(i64, i64)> {
    let at = context.now.0.saturating_sub(parse_age(age)?);
    // The greater the age, the earlier the instant.
    let mirrored = match operator {
        Operator::Less => Operator::More,
        Operator::AtMost => Operator::AtLeast,
        Operator::More => Operator::Less,
        _ => Operator::AtMost,
    };
    Some(compared(mirrored, (at, at)))
}

/// The range of numbers that compare with one, which itself is a range.
fn compared(operator: Operator, (low, high): (i64, i64)) -> (i64, i64) {
    // A range whose end is before its start is empty.
    match operator {
        Operator::Is => (low, high),
        Operator::Less => low.checked_sub(1).map_or((0, -1), |high| (i64::MIN, high)),
        Operator::AtMost => (i64::MIN, high),
        Operator::More => high.checked_add(1).map_or((0, -1), |low| (low, i64::MAX)),
        Operator::AtLeast => (low, i64::MAX),
    }
}

/// The words that a value names: one, those that a wildcard matches, or those that a word stands
/// for. A blank counts as `_`.
fn chosen(value: &[Mark], choices: &'static [Choice]) -> Vec<&'static str> {
    let wanted = pattern(value);
    let has_wildcard = value.iter().any(|mark| mark.is('*'));
    let is = |word: &str| wanted.matches(word) || wanted.matches(&word.replace('_', " "));
    let found = choices.iter().filter(|choice| is(choice.word) && (choice.members.is_empty() || !has_wildcard));
    found
        .flat_map(|choice| if choice.members.is_empty() { std::slice::from_ref(&choice.word) } else { choice.members })
        .copied()
        .collect()
}

/// How a term about a field is written.
fn example(field: &Field) -> String {
    let name = field.name;
    match field.kind {
        Kind::Text => format!("write {name}:timeout or {name}:\"two words\""),
        Kind::Name => format!("write {name}:NAME, {name}:NAM* or {name}:ONE,OTHER"),
        Kind::Number if field.names == Some(Names::CauseNumbers) => {
            format!("type a part of the error after {name}: and press Tab, or write text:deadlock")
        }
        Kind::Cause => format!("write {name}:deadlock or {name}:\"two words\"; Tab completes it"),
        Kind::Number => format!("write {name}:7, {name}:7,9, {name}:7..9, {name}>1000 or {name}<=1.5M"),
        Kind::Duration => format!("write {name}>90s, {name}>5m or {name}<1h30m"),
        Kind::Instant => format!("write {name}>2026-11-20, {name}:yesterday or {name}<14:30"),
        Kind::Age(_) => format!("write {name}<90m, {name}<24h or {name}>7d; units: s m h d w"),
        Kind::Past(_) => format!("write {name}<2h, {name}:today or {name}>2026-11-20; units: s m h d w"),
        Kind::Ahead(_) => format!("write {name}<2h, {name}:today or {name}>2026-11-20; units: s m h d w"),
        Kind::Recent(_) => format!("write {name}:yes or {name}:no"),
        Kind::From(_) | Kind::To(_) => {
            format!("write {name}:2026-11-20, {name}:\"2026-11-20 14:30\", {name}:14:30, {name}:yesterday or {name}:2h")
        }
        Kind::Choice(choices) => {
            let words: Vec<_> = choices.iter().map(|choice| choice.word).collect();
            format!("write {name}: and one of {}", words.join(" "))
        }
    }
}
