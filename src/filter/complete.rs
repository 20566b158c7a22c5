//! Completes the word before the cursor of a filter that is typed.

use crate::filter::field::{Field, FieldSet, Kind, Names};
use crate::filter::parse::split;
use crate::filter::quoted;
use crate::filter::token::{Mark, Word, words};

/// What can be completed before the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// The first byte of what is completed; it ends at the cursor.
    pub start: usize,
    /// The words or names that complete it.
    pub to: Completed,
}

/// What a beginning may become.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Completed {
    /// One of these words.
    Words(Vec<String>),
    /// A name that head office knows, with this beginning.
    Names(Names, String),
}

/// Returns what can be completed at the end of `before`, the text before the cursor.
pub fn complete(before: &str, fields: &FieldSet) -> Completion {
    let word = words(before).pop().filter(|word| word.at.end == before.len());
    let marks = word.as_ref().map_or(&[][..], |word| &word.marks);
    let is_negated = marks.first().is_some_and(|mark| mark.is('!') || mark.is('-'));
    let marks = &marks[usize::from(is_negated)..];
    let Some(split) = split(marks) else {
        let is_quoted = word.as_ref().is_some_and(|word| word.open) || marks.iter().any(|mark| mark.quoted);
        let start = marks.first().map_or(before.len(), |mark| mark.at);
        let names = if is_quoted { Vec::new() } else { beginnings(fields, &Word::text(marks)) };
        return Completion { start, to: Completed::Words(names) };
    };
    let operator = marks.len() - split.value.len() - 1;
    let comma = split.value.iter().rposition(|mark| mark.is(','));
    let last = comma.map_or(operator, |comma| operator + 1 + comma);
    // What follows the operator or the last comma, with an opening quote.
    let start = marks[last].at + marks[last].c.len_utf8();
    let to = fields
        .find(&Word::text(split.field))
        .map_or(Completed::Words(Vec::new()), |field| values(field, &marks[last + 1..]));
    Completion { start, to }
}

/// How terms about fields with this beginning begin.
fn beginnings(fields: &FieldSet, typed: &str) -> Vec<String> {
    let begins = |name: &&str| begins(name, typed);
    let named = fields.fields.iter().filter(|field| begins(&field.name));
    let named: Vec<_> = named.map(Field::beginning).collect();
    if !named.is_empty() {
        return named;
    }
    let named = fields.fields.iter().filter(|field| field.synonyms.iter().any(&begins));
    let named: Vec<_> = named.map(Field::beginning).collect();
    if !named.is_empty() {
        return named;
    }
    let named = fields.fields.iter().filter(|field| contains(field.name, typed));
    named.map(Field::beginning).collect()
}

/// The words that begin with a text; without one, those that contain it.
fn found(words: &[&str], typed: &str) -> Vec<String> {
    let beginning: Vec<_> = words.iter().filter(|word| begins(word, typed)).map(|word| (*word).to_owned()).collect();
    let inside = || words.iter().filter(|word| contains(word, typed)).map(|word| (*word).to_owned()).collect();
    if beginning.is_empty() { inside() } else { beginning }
}

fn contains(word: &str, typed: &str) -> bool {
    word.contains(&typed.to_ascii_lowercase())
}

fn values(field: &Field, value: &[Mark]) -> Completed {
    let typed = Word::text(value);
    let words = |words: &[&str]| found(words, &typed);
    match field.kind {
        _ if value.iter().any(|mark| mark.is('*')) => Completed::Words(Vec::new()),
        Kind::Choice(choices) => Completed::Words(words(&choices.iter().map(|choice| choice.word).collect::<Vec<_>>())),
        Kind::Recent(_) => Completed::Words(words(&["yes", "no"])),
        Kind::From(_) | Kind::To(_) | Kind::Instant | Kind::Past(_) | Kind::Ahead(_) => {
            Completed::Words(words(&["today", "yesterday"]))
        }
        _ => field.names.map_or(Completed::Words(Vec::new()), |names| Completed::Names(names, typed)),
    }
}

fn begins(name: &str, typed: &str) -> bool {
    name.get(..typed.len()).is_some_and(|beginning| beginning.eq_ignore_ascii_case(typed))
}

/// A name as it is typed for a field.
pub fn name(name: &str) -> String {
    if is_plain(name) { name.to_owned() } else { quoted(name) }
}

/// The beginning of a name as it is typed for a field: its quotation stays open.
pub fn beginning(name: &str) -> String {
    let quoted = quoted(name);
    if is_plain(name) { name.to_owned() } else { quoted[..quoted.len() - 1].to_owned() }
}

fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "-_.".contains(c))
}

/// The longest beginning that all texts have.
pub fn common<'t>(mut texts: impl Iterator<Item = &'t str>) -> &'t str {
    let first = texts.next().unwrap_or("");
    texts.fold(first, |common, text| {
        let length = common.chars().zip(text.chars()).take_while(|(one, other)| one == other);
        &common[..length.map(|(c, _)| c.len_utf8()).sum()]
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Direction;
    use crate::filter::lists;

    #[test]
    fn the_word_before_the_cursor_is_completed() {
        let fields = lists::sessions(Direction::Download);
        let at = |before: &str| complete(before, fields);
        let of = |start, words: &[&str]| Completion {
            start,
            to: Completed::Words(words.iter().map(|word| (*word).to_owned()).collect()),
        };
        for (before, completion) in [
            ("st", of(0, &["status:", "store:"])),
            ("S0042 -STA", of(7, &["status:"])),
            ("tim row_", of(4, &["version>"])),
            ("chan", of(0, &["store:", "group:"])),
            ("status:fa", of(7, &["failed"])),
            ("status:failed,a", of(14, &["available", "applied", "apply_failed"])),
            (
                "status!=",
                of(
                    8,
                    &[
                        "failed",
                        "started",
                        "available",
                        "requested",
                        "downloaded",
                        "applied",
                        "canceled",
                        "create_failed",
                        "download_failed",
                        "apply_failed",
                        "no_data",
                    ],
                ),
            ),
            ("age", of(0, &["age<"])),
            ("from:y", of(5, &["yesterday"])),
            ("modified>t", of(9, &["today"])),
            ("\"st", of(1, &[])),
            ("rows>1", of(5, &[])),
            ("nothing:a", of(8, &[])),
            ("store:LON*", of(6, &[])),
        ] {
            assert_eq!(at(before), completion, "{before}");
        }
        let names = |start, names, typed: &str| Completion { start, to: Completed::Names(names, typed.to_owned()) };
        assert_eq!(at("store:LON"), names(6, Names::Stores, "LON"));
        assert_eq!(at("!job:1040,"), names(10, Names::Jobs, ""));
        assert_eq!(at("a schedule:x,\"night j"), names(13, Names::Schedules, "night j"));
        assert_eq!(at("cau"), of(0, &["cause:"]));
        assert_eq!(at("cause:\"time out"), names(6, Names::Causes, "time out"));
        assert_eq!(at("group:É"), names(6, Names::Groups, "É"));
        let of_number = complete("cause:dead", lists::ALERTS);
        assert_eq!(of_number, names(6, Names::CauseNumbers, "dead"), "the rows have no text of it");
        let Completed::Words(all) = at("status:failed ").to else { panic!("words") };
        assert_eq!(all.len(), fields.fields.len());
    }

    #[test]
    fn names_are_quoted_where_it_is_needed_and_their_common_beginning_is_found() {
        assert_eq!(
            (name("LON-7"), name("S 7"), name("a\"b,c")),
            ("LON-7".into(), "\"S 7\"".into(), "\"a\"\"b,c\"".into())
        );
        assert_eq!((beginning("LON-"), beginning("S ")), ("LON-".to_owned(), "\"S ".to_owned()));
        assert_eq!(common(["Zürich", "Zürs", "Züge"].into_iter()), "Zü");
        assert_eq!((common(["LON-1"].into_iter()), common([].into_iter())), ("LON-1", ""));
    }
}
