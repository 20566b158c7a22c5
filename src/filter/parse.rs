//! Parses a typed filter.

use crate::domain::{Timestamp, parse_age};
use crate::filter::fault::{Fault, known};
use crate::filter::field::{Choice, Field, FieldSet, Kind};
use crate::filter::token::{Mark, Word, words};
use crate::filter::value::{number, pattern};
use crate::filter::{Filter, LONGEST, MOST_TERMS, Term, Test};
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

/// The field, the operator and the value of a term.
pub(super) struct Split<'w> {
    pub(super) field: &'w [Mark],
    operator: Operator,
    /// Whether the operator was `!=`.
    negated: bool,
    pub(super) value: &'w [Mark],
}

/// What a value is read with.
struct Context {
    zone: Zone,
    now: Timestamp,
    /// The range of the word.
    at: Range<usize>,
}

/// Parses a filter of a list with these fields. Dates and times are those of `zone`; ages count
/// from `now`.
pub fn parse(typed: &str, fields: &FieldSet, zone: Zone, now: Timestamp) -> Result<Filter, Fault> {
    let all = 0..typed.len();
    if typed.len() > LONGEST {
        return Err(Fault { at: all, text: format!("the filter is longer than {LONGEST} bytes") });
    }
    let words = words(typed);
    if words.len() > MOST_TERMS {
        return Err(Fault { at: all, text: format!("the filter has more than {MOST_TERMS} terms") });
    }
    let terms = words.iter().map(|word| term(typed, word, fields, zone, now)).collect::<Result<_, _>>()?;
    Ok(Filter { terms })
}

/// The source of a word: with its quotation closed.
fn source(typed: &str, word: &Word) -> String {
    let text = &typed[word.at.clone()];
    if word.open { format!("{text}\"") } else { text.to_owned() }
}

fn term(typed: &str, word: &Word, fields: &FieldSet, zone: Zone, now: Timestamp) -> Result<Term, Fault> {
    let source = source(typed, word);
    let fault = |at: Range<usize>, text: String| Err(Fault { at, text });
    if let Some(control) = word.marks.iter().find(|mark| mark.c.is_control()) {
        return fault(control.at..control.at + control.c.len_utf8(), "a filter has no control characters".to_owned());
    }
    let mut negated = word.marks.first().is_some_and(|mark| mark.is('!') || mark.is('-'));
    let marks = &word.marks[usize::from(negated)..];
    if marks.is_empty() {
        return fault(word.at.clone(), format!("{source} lacks the text to look for"));
    }
    if negated && (marks[0].is('!') || marks[0].is('-')) {
        return fault(word.at.clone(), format!("{source}: one ! or - negates a term; quote a sign to look for it"));
    }
    let Some(split) = split(marks) else {
        let text = Word::text(marks);
        let is_quoted = marks.iter().any(|mark| mark.quoted);
        if let (Some(field), false, Some(number)) =
            (fields.bare_number, is_quoted, text.parse::<i64>().ok().filter(|_| !text.starts_with('+')))
        {
            return Ok(Term { source, field: "", negated, test: Test::Within(field, vec![(number, number)]) });
        }
        return Ok(Term { source, field: "", negated, test: Test::Anywhere(pattern(marks).anywhere()) });
    };
    let name = Word::text(split.field);
    let Some(field) = fields.find(&name) else {
        let names = fields.fields.iter().map(|field| field.name);
        let end = split.value.first().map_or(word.at.end, |mark| mark.at);
        let quoted =
            if name.is_empty() { format!("; quote the text to look for it: \"{source}\"") } else { String::new() };
        return fault(marks[0].at..end, format!("no field {name:?}{quoted}{}", known(&name, names)));
    };
    if split.negated && std::mem::replace(&mut negated, true) {
        return fault(word.at.clone(), format!("{source}: one negation is enough"));
    }
    let context = Context { zone, now, at: word.at.clone() };
    let test = test(field, split.operator, split.value, &context)?;
    Ok(Term { source, field: field.name, negated, test })
}

/// Splits a term at the operator; `None` if it is a plain word.
pub(super) fn split(marks: &[Mark]) -> Option<Split<'_>> {
    let at = marks.iter().position(|mark| mark.quoted || "!:<>=".contains(mark.c))?;
    let is = |at: usize, c: char| marks.get(at).is_some_and(|mark| mark.is(c));
    let (operator, length, negated) = match marks[at].c {
        _ if marks[at].quoted => return None,
        '!' if is(at + 1, '=') => (Operator::Is, 2, true),
        '!' => return None,
        '<' if is(at + 1, '=') => (Operator::AtMost, 2, false),
        '<' => (Operator::Less, 1, false),
        '>' if is(at + 1, '=') => (Operator::AtLeast, 2, false),
        '>' => (Operator::More, 1, false),
        _ => (Operator::Is, 1, false),
    };
    Some(Split { field: &marks[..at], operator, negated, value: &marks[at + length..] })
}

fn test(field: &'static Field, operator: Operator, value: &[Mark], context: &Context) -> Result<Test, Fault> {
    let fault = |text: String| Fault { at: context.at.clone(), text };
    let name = field.name;
    let is_list = !matches!(field.kind, Kind::Age(_) | Kind::From(_) | Kind::To(_)) && operator == Operator::Is;
    let values: Vec<&[Mark]> = if is_list { value.split(|mark| mark.is(',')).collect() } else { vec![value] };
    if values.iter().any(|value| value.is_empty()) {
        return Err(fault(format!("{name} needs a value; {}", example(field))));
    }
    let is_ordered = !matches!(field.kind, Kind::Text | Kind::Name | Kind::Choice(_));
    if !is_ordered && operator != Operator::Is {
        return Err(fault(format!("{name} has no order; {}", example(field))));
    }
    let no_value = |value: &[Mark]| fault(format!("{name} cannot be {:?}; {}", Word::text(value), example(field)));
    let ranges = |read: &dyn Fn(&str) -> Option<(i64, i64)>| {
        let range = |value: &&[Mark]| {
            let of = read(&Word::text(value)).ok_or_else(|| no_value(value))?;
            Ok(compared(operator, of))
        };
        values.iter().map(range).collect::<Result<Vec<_>, Fault>>()
    };
    let whole = Word::text(value);
    match field.kind {
        Kind::Text => Ok(Test::Matches(name, values.iter().map(|value| pattern(value).anywhere()).collect())),
        Kind::Name => Ok(Test::Matches(name, values.iter().map(|value| pattern(value)).collect())),
        Kind::Number => Ok(Test::Within(name, ranges(&|text| number(text).map(|number| (number, number)))?)),
        Kind::Duration => Ok(Test::Within(name, ranges(&|text| parse_age(text).map(|age| (age, age)))?)),
        Kind::Instant => {
            let period = |text: &str| {
                let (start, end) = context.zone.parse_range(text, context.now)?;
                Some((start.0, end.0.saturating_sub(1)))
            };
            Ok(Test::Within(name, ranges(&period)?))
        }
        Kind::Age(instant) => {
            let age = parse_age(&whole).filter(|_| operator != Operator::Is).ok_or_else(|| no_value(value))?;
            let at = context.now.0.saturating_sub(age);
            // The greater the age, the earlier the instant.
            let mirrored = match operator {
                Operator::Less => Operator::More,
                Operator::AtMost => Operator::AtLeast,
                Operator::More => Operator::Less,
                _ => Operator::AtMost,
            };
            Ok(Test::Within(instant, vec![compared(mirrored, (at, at))]))
        }
        Kind::From(instant) | Kind::To(instant) if operator == Operator::Is => {
            let is_start = matches!(field.kind, Kind::From(_));
            let Context { zone, now, .. } = context;
            let at = if is_start { zone.parse(&whole, *now) } else { zone.parse_end(&whole, *now) };
            let at = at.ok_or_else(|| no_value(value))?.0;
            Ok(Test::Within(instant, vec![if is_start { (at, i64::MAX) } else { (i64::MIN, at.saturating_sub(1)) }]))
        }
        Kind::From(_) | Kind::To(_) => Err(fault(format!("{name} takes a colon; {}", example(field)))),
        Kind::Choice(choices) => {
            let mut words = Vec::new();
            for value in &values {
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
    }
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
        Kind::Number => format!("write {name}:7, {name}>1000 or {name}<=1.5M"),
        Kind::Duration => format!("write {name}>90s, {name}>5m or {name}<2h"),
        Kind::Instant => format!("write {name}>2026-11-20, {name}:yesterday or {name}<14:30"),
        Kind::Age(_) => format!("write {name}<90m, {name}<24h or {name}>7d"),
        Kind::From(_) | Kind::To(_) => {
            format!("write {name}:2026-11-20, {name}:\"2026-11-20 14:30\", {name}:14:30, {name}:yesterday or {name}:2h")
        }
        Kind::Choice(choices) => {
            let words: Vec<_> = choices.iter().map(|choice| choice.word).collect();
            format!("write {name}: and one of {}", words.join(" "))
        }
    }
}
