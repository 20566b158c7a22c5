//! Ranks the palette's entries by how well a text matches their words.

use crate::console::overlay::palette::Entry;
use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use std::fmt;

/// Names that match less than this part of the best one's score are left out.
const PART: u32 = 3;

/// Letters that a plural has at least without its ending.
const LEAST_STEM: usize = 3;

/// How well a text matches an entry, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Quality {
    /// The name has the letters in this order, with others between them.
    Scattered,
    /// Each word of the text begins a word of the name, of the other words or of the detail.
    Words,
    /// Each begins a word of the name.
    NameWords,
    /// Each is a word of the name.
    WholeWords,
    /// The name begins with the text.
    NameBegins,
    /// The text is one of the synonyms.
    Synonym,
    /// The text is the name.
    Name,
    /// The text is the short name.
    Short,
}

/// The fuzzy matcher and its buffers.
#[derive(Default)]
pub struct Ranking {
    matcher: Option<Matcher>,
    buffer: Vec<char>,
}

impl fmt::Debug for Ranking {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Ranking")
    }
}

impl Ranking {
    /// Returns the numbers of the entries that match, best first; of equal ones, those that change
    /// nothing, then the first. Without a text every entry, as given.
    ///
    /// An entry that changes something needs whole beginnings of words: letters here and there
    /// never find it.
    pub fn ranked<'e>(&mut self, text: &str, entries: impl Iterator<Item = &'e Entry>) -> Vec<usize> {
        if text.is_empty() {
            return (0..entries.count()).collect();
        }
        let matcher = self.matcher.get_or_insert_with(|| Matcher::new(Config::DEFAULT));
        let pattern = Pattern::new(text, CaseMatching::Ignore, Normalization::Smart, AtomKind::Fuzzy);
        let text = text.to_lowercase();
        let mut ranked = Vec::new();
        for (number, entry) in entries.enumerate() {
            let score = pattern.score(Utf32Str::new(&entry.name, &mut self.buffer), matcher);
            let is_near = score.is_some() && is_scattered(&text, &entry.name.to_lowercase());
            let finds = entry.is_looked_up || is_near && !entry.may_change_data();
            let scattered = finds.then_some(Quality::Scattered);
            let quality = quality(&text, entry).or(scattered);
            ranked.extend(quality.map(|quality| (quality, entry.may_change_data(), score.unwrap_or(0), number)));
        }
        let of_scattered = ranked.iter().filter(|(quality, ..)| *quality == Quality::Scattered);
        let best = of_scattered.map(|(_, _, score, _)| *score).max().unwrap_or(0);
        ranked.retain(|(quality, _, score, _)| *quality > Quality::Scattered || score.saturating_mul(PART) >= best);
        ranked.sort_by_key(|(quality, changes, score, number)| {
            (std::cmp::Reverse(*quality), *changes, std::cmp::Reverse(*score), *number)
        });
        ranked.into_iter().map(|(.., number)| number).collect()
    }
}

/// How a text in small letters matches whole beginnings of an entry's words; `None` if it does not.
fn quality(text: &str, entry: &Entry) -> Option<Quality> {
    let name = entry.name.to_lowercase();
    let mut synonyms = entry.synonyms.split(", ");
    if entry.key.split(' ').next() == Some(text) {
        return Some(Quality::Short);
    }
    if name.trim_end_matches('…') == text {
        return Some(Quality::Name);
    }
    if synonyms.any(|synonym| synonym == text) {
        return Some(Quality::Synonym);
    }
    if name.starts_with(text) {
        return Some(Quality::NameBegins);
    }
    let detail = entry.detail.to_lowercase();
    let begins =
        |typed: &str, words: &str| self::words(words).any(|word| word.starts_with(typed) || is_plural_of(typed, word));
    let typed: Vec<_> = self::words(text).collect();
    if typed.is_empty() {
        return None;
    }
    let (numbers, of_name) = (without_zeros(text), without_zeros(&name));
    if self::words(&numbers).all(|typed| self::words(&of_name).any(|word| word == typed)) {
        return Some(Quality::WholeWords);
    }
    if typed.iter().all(|typed| begins(typed, &name)) {
        return Some(Quality::NameWords);
    }
    // What an action applies to narrows it; alone it does not find the action.
    let own = |typed: &&str| begins(typed, &name) || begins(typed, entry.synonyms);
    let all = typed.iter().all(|typed| own(typed) || begins(typed, &detail));
    (all && (typed.iter().any(own) || !entry.may_change_data())).then_some(Quality::Words)
}

/// The words of a text, without the signs between them.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || "·:,-".contains(c)).filter(|word| !word.is_empty())
}

/// Whether a text is the plural of a word, or the plural of its beginning.
fn is_plural_of(typed: &str, word: &str) -> bool {
    let singular = |ending: &str, singular: &str| {
        let stem = typed.strip_suffix(ending).filter(|stem| stem.len() >= LEAST_STEM)?;
        Some(word.strip_prefix(stem)?.starts_with(singular))
    };
    [("s", ""), ("es", ""), ("ies", "y")].into_iter().any(|(ending, of_one)| singular(ending, of_one) == Some(true))
}

/// Whether each word of the text has its letters, in this order, in one word of the name. Letters
/// found here and there in a sentence mean nothing.
fn is_scattered(text: &str, name: &str) -> bool {
    let has_letters = |typed: &str, word: &str| {
        let mut letters = word.chars();
        typed.chars().all(|typed| letters.any(|letter| letter == typed))
    };
    text.split_whitespace().all(|typed| name.split_whitespace().any(|word| has_letters(typed, word)))
}

/// The text with its numbers as they are typed: `lon-s0001` as `lon-s1`.
fn without_zeros(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let in_number = kept.ends_with(|before: char| before.is_ascii_digit());
        if c != '0' || in_number || !rest.peek().is_some_and(char::is_ascii_digit) {
            kept.push(c);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::protocol::effect::Effect;
    use crate::console::protocol::mutation::Mutation;

    #[test]
    fn names_precede_synonyms_and_a_short_name_precedes_all() {
        let entry =
            |name: &str, synonyms: &'static str, key: &str| Entry::new(name, Effect::Back).synonyms(synonyms).key(key);
        let changing = |name: &str, synonyms: &'static str, key: &str| {
            let mutation = Mutation::DismissRejected(vec![1]);
            Entry::new(name, Effect::Mutation(mutation)).synonyms(synonyms).key(key).detail("job 1 Matrix of data")
        };
        let entries = [
            entry("Process status messages", "run now, transfer, purge", "psm 3"),
            entry("Runs", "", "ru"),
            entry("Download sessions", "", "ds 4"),
            entry("Retail scheduler parameters", "retention, settings", "rsp"),
            changing("Set to Waiting", "release, resume, unhold, go", "7 a s w"),
            entry("Status by store and job", "matrix, heatmap", "sj"),
            changing("Remove recurrence…", "", "7 a x"),
            entry("quit; asks first while a run is active here", "exit", "q"),
            entry("Async Server connection status", "heartbeat", "cs"),
            entry("LON-S0010", "store", ""),
            entry("LON-S0001", "store", ""),
        ];
        let mut ranking = Ranking::default();
        let mut ranked = |text: &str| ranking.ranked(text, entries.iter());
        assert_eq!(ranked(""), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
        assert_eq!(ranked("ds")[0], 2);
        assert_eq!(ranked("run")[0], 1);
        assert_eq!(ranked("run now")[0], 0);
        assert_eq!(ranked("retent")[0], 3);
        assert_eq!(ranked("rel")[0], 4, "a synonym precedes scattered letters of a name");
        assert_eq!(ranked("retail")[0], 3);
        assert_eq!(ranked("dwnld")[0], 2, "letters may be missing");
        assert_eq!(ranked("filter"), Vec::<usize>::new(), "letters of several words find nothing");
        assert_eq!(ranked("lon s1"), [10, 9], "zeros before a number need not be typed");
        assert_eq!(ranked("store lon-s0010"), [9], "a word for its kind may precede a name");
        assert_eq!(ranked("xyzzy"), Vec::<usize>::new());
        assert_eq!((ranked("connections")[0], ranked("connection")[0]), (8, 8), "plural as singular");
        assert_eq!((ranked("statuses")[0], ranked("heartbeats")), (0, vec![8]));
        assert_eq!(ranked("waiting 1"), [4], "what an action applies to narrows it");
        assert_eq!(ranked("matrix"), [5], "and does not find it alone");
        assert_eq!(ranked("stwtng"), Vec::<usize>::new(), "scattered letters do not find a change");
        assert_eq!(ranked("re")[..3], [3, 6, 4], "of equal ones, first what changes nothing");
    }
}
