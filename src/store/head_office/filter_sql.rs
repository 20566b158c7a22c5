//! Compiles the terms of a filter to SQL conditions.

use crate::domain::Timestamp;
use crate::filter::{Pattern, Term, Test, grouped_number};
use crate::store::value::Value;

/// The fields of a table as SQL.
pub(super) trait Fields {
    /// The texts that plain words search.
    const TEXTS: &'static [&'static str];
    /// The expression of a text, name, number or instant.
    fn column(&self, field: &str) -> &'static str;
    /// The condition that the numbers of rows elsewhere that belong to the row are within a range.
    fn any_within(&self, _field: &str, _range: (i64, i64)) -> Option<String> {
        None
    }
    /// The condition that a name that belongs to the row matches the pattern of this value.
    fn any_like(&self, _field: &str, _value: usize) -> Option<String> {
        None
    }
    /// The condition that a field has no value.
    fn missing(&self, field: &str) -> String {
        format!("coalesce(cast({} as text), '') = ''", self.column(field))
    }
    /// The condition that a field is one of these words.
    fn is(&self, field: &str, words: &[&'static str]) -> String;
    /// Conditions of words shown instead of a column's value, such as a status.
    fn shown(&self, _pattern: &Pattern) -> Vec<String> {
        Vec::new()
    }
}

/// Adds the conditions of terms, and the values that they number.
pub(super) fn add_terms<'a, F: Fields>(
    fields: &F,
    terms: &'a [Term],
    wheres: &mut Vec<String>,
    values: &mut Vec<Value<'a>>,
) {
    for term in terms {
        let condition = condition(fields, &term.test, values);
        // A value that is missing passes no test, so its negation holds.
        wheres.push(if term.negated { format!("not coalesce({condition}, false)") } else { condition });
    }
}

/// The number that the ranges are, if it is a single one.
pub(super) fn single_number(ranges: &[(i64, i64)]) -> Option<i64> {
    match ranges {
        [(number, same)] if number == same => Some(*number),
        _ => None,
    }
}

/// The conditions that a number of these columns is shown as the text of a pattern, in groups of
/// three digits.
pub(super) fn is_shown(pattern: &Pattern, columns: &[&str]) -> Vec<String> {
    let Some(number) = pattern.word().and_then(grouped_number) else { return Vec::new() };
    columns.iter().map(|column| format!("{column} = {number}")).collect()
}

/// Narrows a range of instants by a range in milliseconds.
pub(super) fn narrow(since: &mut Option<Timestamp>, until: &mut Option<Timestamp>, (low, high): (i64, i64)) {
    if low > i64::MIN {
        *since = (*since).max(Some(Timestamp(low)));
    }
    // The end is exclusive.
    if let Some(end) = high.checked_add(1) {
        *until = Some(until.map_or(Timestamp(end), |until| until.min(Timestamp(end))));
    }
}

fn condition<'a, F: Fields>(fields: &F, test: &'a Test, values: &mut Vec<Value<'a>>) -> String {
    let mut any = Vec::new();
    match test {
        Test::Anywhere(pattern) => {
            values.push(pattern.like().into());
            let number = values.len();
            any.extend(F::TEXTS.iter().map(|text| like(text, number)));
            any.extend(fields.shown(pattern));
        }
        Test::Matches(field, patterns) => {
            for pattern in patterns {
                values.push(pattern.like().into());
                let elsewhere = fields.any_like(field, values.len());
                any.push(elsewhere.unwrap_or_else(|| like(fields.column(field), values.len())));
            }
        }
        Test::Within(field, ranges) => {
            for range in ranges {
                let elsewhere = fields.any_within(field, *range);
                any.push(elsewhere.unwrap_or_else(|| within(fields.column(field), *range, values)));
            }
        }
        Test::Missing(field) => any.push(fields.missing(field)),
        Test::Is(field, words) => any.push(fields.is(field, words)),
        Test::Any(tests) => any.extend(tests.iter().map(|test| condition(fields, test, values))),
    }
    if any.is_empty() { "1 = 0".to_owned() } else { format!("({})", any.join(" or ")) }
}

fn like(text: &str, number: usize) -> String {
    format!("{text} like ${number} escape '\\'")
}

fn within(column: &str, (low, high): (i64, i64), values: &mut Vec<Value>) -> String {
    if low > high {
        return "1 = 0".to_owned();
    }
    let bounds = [(">=", low, i64::MIN), ("<=", high, i64::MAX)];
    let bounds = bounds.into_iter().filter(|(_, bound, open)| bound != open);
    let conditions = bounds.map(|(sign, bound, _)| {
        values.push(bound.into());
        format!("{column} {sign} ${}", values.len())
    });
    let conditions: Vec<_> = std::iter::once(format!("{column} is not null")).chain(conditions).collect();
    format!("({})", conditions.join(" and "))
}
