//! The rows of a list counted by the value of a field.

pub use crate::engine::inquiry::{GroupQuery, MAX_COUNTED_ROWS, merge};
pub use crate::store::head_office::GroupCount;

use crate::domain::{Timestamp, grouped};
use crate::filter::{FieldSet, FieldValue, Kind, Subject, quoted};
use std::collections::BTreeMap;

impl Subject for GroupCount {
    fn field_value(&self, field: &str) -> FieldValue<'_> {
        match field {
            "value" => FieldValue::text(Some(self.label.as_ref().unwrap_or(&self.value))),
            "rows" => FieldValue::Number(self.rows),
            "errors" => FieldValue::Number(self.errors),
            "last" => FieldValue::number(self.last_at.map(|at| at.0)),
            _ => FieldValue::Empty,
        }
    }

    fn any_text(&self, is_wanted: &dyn Fn(&str) -> bool) -> bool {
        is_wanted(self.label.as_ref().unwrap_or(&self.value))
            || is_wanted(&grouped(self.rows))
            || is_wanted(&grouped(self.errors))
    }
}

/// The fields by which a list whose rows are in memory can be grouped: names and words; in a list
/// without words its first text, too.
pub fn fields(set: &FieldSet) -> Vec<&'static str> {
    let of = |wanted: fn(&Kind) -> bool| set.fields.iter().filter(move |field| wanted(&field.kind));
    let has_words = of(|kind| matches!(kind, Kind::Choice(_))).next().is_some();
    let text = of(|kind| *kind == Kind::Text).take(usize::from(!has_words));
    text.chain(of(|kind| matches!(kind, Kind::Name | Kind::Choice(_)))).map(|field| field.name).collect()
}

/// Counts rows in memory. Each row is given by its field's value, whether it is a failure, and its
/// time.
pub fn count<'a>(rows: impl Iterator<Item = (FieldValue<'a>, bool, Option<Timestamp>)>) -> Vec<GroupCount> {
    let mut groups = BTreeMap::new();
    for (cell, failed, last_at) in rows {
        let values = match cell {
            FieldValue::Empty => vec![String::new()],
            FieldValue::Text(text) => vec![text.into_owned()],
            FieldValue::Texts(texts) if texts.is_empty() => vec![String::new()],
            FieldValue::Texts(texts) => texts.into_iter().map(std::borrow::Cow::into_owned).collect(),
            FieldValue::Number(number) => vec![number.to_string()],
            FieldValue::Choice(word) => vec![word.to_owned()],
        };
        let group = |value| GroupCount { value, label: None, rows: 1, errors: i64::from(failed), last_at };
        merge(&mut groups, values.into_iter().map(group).collect());
    }
    groups.into_values().collect()
}

/// The instant of a row that `age` in a filter counts from.
pub fn time_field(set: &FieldSet) -> Option<&'static str> {
    set.fields.iter().find_map(|field| match field.kind {
        Kind::Age(instant) => Some(instant),
        _ => None,
    })
}

/// The term of a filter for one value; `field:""` for rows without one. `None` if the rows have a
/// word of a choice, and this is none.
pub fn term(set: &FieldSet, field: &str, value: &str) -> Option<String> {
    let kind = set.find(field)?.kind;
    match kind {
        Kind::Choice(_) if value.is_empty() => None,
        Kind::Text | Kind::Name => Some(format!("{field}:{}", quoted(value))),
        _ if value.is_empty() => Some(format!("{field}:\"\"")),
        _ => Some(format!("{field}:{value}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::lists;

    #[test]
    fn each_list_can_be_grouped_and_each_value_becomes_a_term() {
        for (list, set) in lists::ALL {
            assert!(!fields(set).is_empty(), "{list}");
        }
        assert_eq!(fields(lists::RUNS), ["status", "by"]);
        assert_eq!(fields(lists::REJECTED), ["text", "store", "job"]);
        let term = |field, value| term(lists::MESSAGES, field, value);
        assert_eq!(term("store", "S \"1\"").as_deref(), Some("store:\"S \"\"1\"\"\""));
        assert_eq!(term("cause", "-7").as_deref(), Some("cause:-7"));
        assert_eq!((term("store", ""), term("nothing", "x")), (Some("store:\"\"".to_owned()), None));
        assert_eq!((term("cause", ""), term("status", "")), (Some("cause:\"\"".to_owned()), None));
    }

    #[test]
    fn rows_count_in_each_of_their_values() {
        let texts = |texts: &[&'static str]| FieldValue::Texts(texts.iter().map(|text| (*text).into()).collect());
        let rows = [
            (texts(&["a", "b"]), true, Some(Timestamp(5))),
            (texts(&["b"]), false, Some(Timestamp(3))),
            (texts(&[]), false, None),
        ];
        let groups = count(rows.into_iter());
        let shown: Vec<_> =
            groups.iter().map(|group| (&*group.value, group.rows, group.errors, group.last_at)).collect();
        assert_eq!(shown, [("", 1, 0, None), ("a", 1, 1, Some(Timestamp(5))), ("b", 2, 1, Some(Timestamp(5)))]);
    }
}
