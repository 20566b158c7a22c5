//! Ranks the palette's entries by how well a text matches their words.

use crate::console::overlay::palette::Entry;
use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use std::fmt;

/// What a match of the name alone counts more than one of the other words.
const OF_NAME: u32 = 40;
/// What a synonym that begins with the text counts more: less than a name, but enough to precede a
/// name that has its letters here and there.
const OF_SYNONYM: u32 = 30;
/// Entries that match less than this part of the best one's score are left out.
const PART: u32 = 3;

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
    /// Returns the numbers of the entries that match, best first; of equal ones the first. Without
    /// a text every entry, as given.
    pub fn ranked<'e>(&mut self, text: &str, entries: impl Iterator<Item = &'e Entry>) -> Vec<usize> {
        if text.is_empty() {
            return (0..entries.count()).collect();
        }
        let matcher = self.matcher.get_or_insert_with(|| Matcher::new(Config::DEFAULT));
        let pattern = Pattern::new(text, CaseMatching::Ignore, Normalization::Smart, AtomKind::Fuzzy);
        let lower = text.to_lowercase();
        let mut score = |words: &str| pattern.score(Utf32Str::new(words, &mut self.buffer), matcher);
        let mut all = String::new();
        let mut ranked = Vec::new();
        for (number, entry) in entries.enumerate() {
            let is_short = entry.key.split(' ').next() == Some(lower.as_str());
            all.clear();
            for words in [&entry.name, " ", &entry.detail, " ", entry.synonyms] {
                all.push_str(words);
            }
            let of_name = score(&entry.name).map(|score| score.saturating_add(OF_NAME));
            let begins = entry.synonyms.split(' ').any(|word| word.starts_with(&lower));
            let of_words = score(&all).map(|score| score.saturating_add(if begins { OF_SYNONYM } else { 0 }));
            let best = if is_short { Some(u32::MAX) } else { of_name.max(of_words) };
            ranked.extend(best.map(|best| (best, number)));
        }
        let best = ranked.iter().map(|(score, _)| *score).filter(|score| *score < u32::MAX).max().unwrap_or(0);
        ranked.retain(|(score, _)| score.saturating_mul(PART) >= best);
        ranked.sort_by_key(|(score, number)| (std::cmp::Reverse(*score), *number));
        ranked.into_iter().map(|(_, number)| number).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::protocol::effect::Effect;

    #[test]
    fn names_precede_synonyms_and_a_short_name_precedes_all() {
        let entry =
            |name: &str, synonyms: &'static str, key: &str| Entry::new(name, Effect::Back).synonyms(synonyms).key(key);
        let entries = [
            entry("Process status messages", "run now transfer purge", "psm 3"),
            entry("Runs", "", "ru"),
            entry("Download sessions", "", "ds 4"),
            entry("Retail scheduler parameters", "retention settings", "rsp"),
            entry("Set to Waiting", "release resume unhold go", "7 a s w"),
        ];
        let mut ranking = Ranking::default();
        let mut ranked = |text: &str| ranking.ranked(text, entries.iter());
        assert_eq!(ranked(""), [0, 1, 2, 3, 4]);
        assert_eq!(ranked("ds")[0], 2);
        assert_eq!(ranked("run")[0], 1);
        assert_eq!(ranked("run now")[0], 0);
        assert_eq!(ranked("retent")[0], 3);
        assert_eq!(ranked("rel")[0], 4, "a synonym precedes scattered letters of a name");
        assert_eq!(ranked("retail")[0], 3);
        assert_eq!(ranked("dwnld")[0], 2, "letters may be missing");
        assert_eq!(ranked("xyzzy"), Vec::<usize>::new());
    }
}
