//! A remark on a word that means something else than it seems to.

use crate::filter::field::{FieldSet, Kind};
use crate::filter::parse::split;
use crate::filter::token::{Word, words};

/// What the word before the cursor means, if it is a plain word with `*` at an end, where the sign
/// changes nothing: plain words match any part of a text.
pub fn hint(before: &str, fields: &FieldSet) -> Option<String> {
    let word = words(before).pop().filter(|word| word.at.end == before.len() && !word.open)?;
    let is_negated = word.marks.first().is_some_and(|mark| mark.is('!') || mark.is('-'));
    let marks = &word.marks[usize::from(is_negated)..];
    let has_wildcard = marks.first().is_some_and(|mark| mark.is('*')) || marks.last().is_some_and(|mark| mark.is('*'));
    if !has_wildcard || split(marks).is_some() {
        return None;
    }
    let typed = Word::text(marks);
    let text = typed.trim_matches('*');
    if text.is_empty() {
        return Some(format!("{typed} finds every row"));
    }
    let field = fields.fields.iter().find(|field| field.kind == Kind::Name);
    let name = field.map(|field| format!("; {}:{typed} whole names", field.name)).unwrap_or_default();
    Some(format!("{typed} finds {text} in any text{name}"))
}
