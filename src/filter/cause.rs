//! Parts of the texts of causes, in which numbers and names are masked.

use crate::domain::Cause;
use crate::filter::Pattern;
use crate::filter::token::{Mark, Word};

/// The pattern of a value that is a part of a cause's text. `None` if a part between wildcards has
/// nothing but masks, blanks and quotes, which almost every cause contains.
pub(super) fn masked(value: &[Mark]) -> Option<Pattern> {
    let parts = value.split(|mark| mark.is('*')).map(|part| part_of(&Word::text(part)));
    Some(Pattern::new(parts.collect::<Option<_>>()?).anywhere())
}

/// The pattern of a term with the whole text of a cause; `None` if no term can contain that text.
pub fn pattern_of_cause(text: &str) -> Option<Pattern> {
    if text.is_empty() || text.contains(char::is_control) {
        return None;
    }
    Some(Pattern::new(vec![part_of(text)?]).anywhere())
}

fn part_of(text: &str) -> Option<String> {
    let masked = Cause::of(text).masked;
    let is_left_by_masks = |c: char| c.is_whitespace() || matches!(c, '#' | '…' | '\'' | '"' | '-');
    (text.is_empty() || !masked.chars().all(is_left_by_masks)).then_some(masked)
}
