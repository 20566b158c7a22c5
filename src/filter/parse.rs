//! Parses a typed filter.

use crate::domain::Timestamp;
use crate::filter::condition::{self, Context, Operator};
use crate::filter::fault::{Fault, known};
use crate::filter::field::{Field, FieldSet, Kind};
use crate::filter::pattern::Pattern;
use crate::filter::token::{Mark, Word, words};
use crate::filter::value::{grouped_number, pattern, spellings};
use crate::filter::{Filter, MAX_FILTER_BYTES, MAX_TERMS, Term, Test};
use crate::text::time::Zone;
use std::ops::Range;

/// The field, the operator and the value of a term.
pub(super) struct Split<'w> {
    pub(super) field: &'w [Mark],
    operator: Operator,
    /// Whether the operator was `!=`.
    negated: bool,
    pub(super) value: &'w [Mark],
}

/// Parses a filter of a list with these fields. Dates and times are those of `zone`; ages count
/// from `now`.
pub fn parse(typed: &str, fields: &FieldSet, zone: Zone, now: Timestamp) -> Result<Filter, Fault> {
    let all = 0..typed.len();
    if typed.len() > MAX_FILTER_BYTES {
        return Err(Fault { at: all, text: format!("the filter is longer than {MAX_FILTER_BYTES} bytes") });
    }
    let words = words(typed);
    if words.len() > MAX_TERMS {
        return Err(Fault { at: all, text: format!("the filter has more than {MAX_TERMS} terms") });
    }
    let mut terms = Vec::new();
    // Where `not` before a term begins.
    let mut negation: Option<Range<usize>> = None;
    for (at, word) in words.iter().enumerate() {
        match link(word) {
            Some(Link::Not) if negation.is_none() => negation = Some(word.at.clone()),
            Some(Link::And) if at > 0 && at + 1 < words.len() && negation.is_none() => {}
            Some(Link::Or) => {
                let text = "terms have no or: give a field two values, such as status:failed,canceled";
                return Err(Fault { at: word.at.clone(), text: text.to_owned() });
            }
            Some(_) => {
                let text = format!("{0} needs a term after it; \"{0}\" is the word", source(typed, word));
                return Err(Fault { at: word.at.clone(), text });
            }
            None => {
                if let Some(fault) = at.checked_sub(1).and_then(|before| parted_number(&words[before], word, fields)) {
                    return Err(fault);
                }
                if let Some(fault) = parted_operator(typed, at, &words, fields) {
                    return Err(fault);
                }
                let term = term(typed, word, fields, zone, now)?;
                terms.push(match negation.take() {
                    None => term,
                    Some(not) if term.negated => {
                        let text = "one negation is enough".to_owned();
                        return Err(Fault { at: not, text });
                    }
                    Some(not) => Term { source: typed[not.start..word.at.end].to_owned(), negated: true, ..term },
                });
            }
        }
    }
    match negation {
        Some(at) => Err(Fault { at, text: "not needs a term after it; \"not\" is the word".to_owned() }),
        None => match reversed(typed, &terms, &words, fields) {
            Some(fault) => Err(fault),
            None => Ok(Filter { terms }),
        },
    }
}

/// Refuses `from:` after `to:` in time, which no row can match.
fn reversed(typed: &str, terms: &[Term], words: &[Word], fields: &FieldSet) -> Option<Fault> {
    let bounds = |wanted: fn(&Kind) -> bool| {
        terms.iter().filter(|term| !term.negated).filter_map(move |term| {
            let field = fields.find(term.field).filter(|field| wanted(&field.kind))?;
            let (Kind::From(instant) | Kind::To(instant)) = field.kind else { return None };
            let Test::Within(_, ranges) = &term.test else { return None };
            Some((term, instant, *ranges.first()?))
        })
    };
    let starts: Vec<_> = bounds(|kind| matches!(kind, Kind::From(_))).collect();
    let mut pairs =
        bounds(|kind| matches!(kind, Kind::To(_))).flat_map(|end| starts.iter().map(move |start| (*start, end)));
    let ((start, ..), (end, ..)) =
        pairs.find(|((_, of, (low, _)), (_, instant, (_, high)))| of == instant && low > high)?;
    let at = words.iter().find(|word| source(typed, word) == end.source)?.at.clone();
    Some(Fault { at, text: format!("{} is before {}: no row can match both", end.source, start.source) })
}

/// Refuses an operator whose field or value is a word of its own, `rows > 1000`.
fn parted_operator(typed: &str, at: usize, words: &[Word], fields: &FieldSet) -> Option<Fault> {
    let (before, word) = (&words[at.checked_sub(1)?], &words[at]);
    let split = split(&word.marks).filter(|split| split.field.is_empty())?;
    fields.find(&Word::text(&before.marks[usize::from(negates(before))..]))?;
    let next = words.get(at + 1).filter(|_| split.value.is_empty());
    let whole = [source(typed, before), source(typed, word), next.map_or_else(String::new, |next| source(typed, next))];
    let end = next.map_or(word.at.end, |next| next.at.end);
    Some(Fault { at: before.at.start..end, text: format!("a term has no blanks: write {}", whole.concat()) })
}

/// Refuses a number with a blank between its thousands, `rows>1 000`, which is two words.
fn parted_number(before: &Word, word: &Word, fields: &FieldSet) -> Option<Fault> {
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let rest = Word::text(&word.marks);
    let marks = &before.marks[usize::from(negates(before))..];
    let split = split(marks)?;
    let (name, value) = (Word::text(split.field), Word::text(split.value));
    let is_number = fields.find(&name).is_some_and(|field| field.kind == Kind::Number);
    let is_parted = is_number && value.len() <= 3 && is_digits(&value) && rest.len() == 3 && is_digits(&rest);
    let text = format!("a number has no blank: write {value}{rest} or {value},{rest}");
    is_parted.then_some(Fault { at: before.at.start..word.at.end, text })
}

fn negates(word: &Word) -> bool {
    word.marks.first().is_some_and(|mark| mark.is('!') || mark.is('-'))
}

/// A word between terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Link {
    Not,
    And,
    Or,
}

fn link(word: &Word) -> Option<Link> {
    let is_quoted = word.marks.iter().any(|mark| mark.quoted);
    match Word::text(&word.marks).to_ascii_lowercase().as_str() {
        _ if is_quoted => None,
        "not" => Some(Link::Not),
        "and" => Some(Link::And),
        "or" => Some(Link::Or),
        _ => None,
    }
}

fn source(typed: &str, word: &Word) -> String {
    typed[word.at.clone()].to_owned()
}

fn term(typed: &str, word: &Word, fields: &FieldSet, zone: Zone, now: Timestamp) -> Result<Term, Fault> {
    let source = source(typed, word);
    let fault = |at: Range<usize>, text: String| Err(Fault { at, text });
    if let Some(control) = word.marks.iter().find(|mark| mark.c.is_control()) {
        return fault(control.at..control.at + control.c.len_utf8(), "a filter has no control characters".to_owned());
    }
    if word.open {
        return fault(word.at.clone(), format!("the quotation is not closed: {source}\""));
    }
    let mut negated = negates(word);
    let marks = &word.marks[usize::from(negated)..];
    if marks.is_empty() {
        let text = if source.contains('"') {
            format!("{source} lacks the text to look for")
        } else {
            format!("\"{source}\" needs a term after it, such as {source}timeout")
        };
        return fault(word.at.clone(), text);
    }
    if negated && (marks[0].is('!') || marks[0].is('-')) {
        return fault(word.at.clone(), format!("{source}: one ! or - negates a term; quote a sign to look for it"));
    }
    let context = Context { zone, now, at: word.at.clone() };
    let Some(split) = split(marks) else {
        let test = bare(marks, fields, &context)?.unwrap_or_else(|| anywhere(marks));
        return Ok(Term { source, field: "", negated, test });
    };
    let name = Word::text(split.field);
    let Some(field) = fields.find(&name) else {
        let names = fields.fields.iter().map(|field| field.name);
        let end = split.value.first().map_or(word.at.end, |mark| mark.at);
        let of_kind = |is_it: fn(&Kind) -> bool| fields.fields.iter().find(|field| is_it(&field.kind));
        let from =
            of_kind(|kind| matches!(kind, Kind::From(_))).or_else(|| of_kind(|kind| matches!(kind, Kind::Instant)));
        let text = match from {
            Some(from) if is_clock(marks) => format!("a time needs a field: write {}:{}", from.name, Word::text(marks)),
            None if is_clock(marks) => {
                format!("no field takes a time here; quote the text to look for it: \"{source}\"")
            }
            _ if name.is_empty() => format!("{source} lacks a field; quote the text to look for it: \"{source}\""),
            _ => format!("no field {name:?}{}", known(&name, names)),
        };
        return fault(marks[0].at..end, text);
    };
    if split.negated && std::mem::replace(&mut negated, true) {
        return fault(word.at.clone(), format!("{source}: one negation is enough"));
    }
    let is_empty = split.value.is_empty() && source.ends_with("\"\"") && split.operator == Operator::Is;
    let test = if is_empty && !matches!(field.kind, Kind::Choice(_) | Kind::Recent(_)) {
        condition::missing(field)
    } else {
        condition::test(field, split.operator, split.value, &context)?
    };
    Ok(Term { source, field: field.name, negated, test })
}

/// Whether a word is a time of day, `14:30`.
fn is_clock(marks: &[Mark]) -> bool {
    let digits: String = Word::text(marks).chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    ["0:00", "00:00", "00:00:00"].contains(&digits.as_str())
}

/// The test that a word is in any text, a number in either spelling.
fn anywhere(marks: &[Mark]) -> Test {
    let is_quoted = marks.iter().any(|mark| mark.quoted);
    match spellings(&Word::text(marks)).filter(|_| !is_quoted) {
        Some(spellings) => Test::Any(spellings.map(|text| Test::Anywhere(Pattern::new(vec![text]).anywhere())).into()),
        None => Test::Anywhere(pattern(marks).anywhere()),
    }
}

/// What a word without a field means besides its text: numbers of the list's number field, or days.
fn bare(marks: &[Mark], fields: &FieldSet, context: &Context) -> Result<Option<Test>, Fault> {
    let text = Word::text(marks);
    if marks.iter().any(|mark| mark.quoted) {
        return Ok(None);
    }
    if let Some(time) = fields.time()
        && condition::is_day(&text)
    {
        let days = condition::days(&text, context)?;
        return Ok(days.map(|days| Test::Within(time, vec![days])));
    }
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let Some(field) = fields.bare_number else {
        let is_end = |end: &str| end.is_empty() || is_digits(end);
        let is_range = text.split_once("..").is_some_and(|(from, to)| text != ".." && is_end(from) && is_end(to));
        let number = fields.fields.iter().find(|field| is_range && field.kind == Kind::Number);
        let fault = |field: &Field| {
            let text = format!("a range needs a field: write {0}:{text}, or \"{text}\" for the text", field.name);
            Err(Fault { at: context.at.clone(), text })
        };
        return number.map_or(Ok(None), fault);
    };
    if let Some((low, high)) = text.split_once('-').filter(|(low, high)| is_digits(low) && is_digits(high)) {
        let (low, high) = if high.len() < low.len() { (high, low) } else { (low, high) };
        let text = format!("write {field}:{low}..{high} for a range, or \"{text}\" for the text");
        return Err(Fault { at: context.at.clone(), text });
    }
    // Rows also show other numbers in groups of three digits.
    if let Some(number) = grouped_number(&text) {
        let shown = Test::Anywhere(pattern(marks).anywhere());
        return Ok(Some(Test::Any(vec![Test::Within(field, vec![(number, number)]), shown])));
    }
    let is_number = |c: char| c.is_ascii_digit() || ".,".contains(c);
    if !text.contains(|c: char| c.is_ascii_digit()) || !text.chars().all(is_number) {
        return Ok(None);
    }
    let mut ranges = Vec::new();
    for part in text.split(',') {
        match condition::numbers(part, context)? {
            Some(range) => ranges.push(range),
            None => return Ok(None),
        }
    }
    Ok(Some(Test::Within(field, ranges)))
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
