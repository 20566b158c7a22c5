//! The quick line: parses words such as `every 15 min`, `15m wd` or `last friday monthly 23:30`, or
//! a cron line, into a rule.

mod build;
mod clauses;
mod cron;
mod lexicon;

pub(super) use build::next_step;

use crate::domain::Timestamp;
use crate::recurrence::rule::Rule;
use chrono::NaiveDate;
use chrono_tz::Tz;

/// Why the line is not a rule yet, as one sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{sentence}")]
pub struct QuickError {
    sentence: String,
    /// The first word that cannot be read, in lower case.
    word: Option<String>,
}

impl QuickError {
    fn new(sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into(), word: None }
    }

    /// An error at the date that ends the series before it starts.
    fn ends_before(start: NaiveDate, end: NaiveDate) -> Self {
        Self { sentence: format!("the end {end} is before the start {start}"), word: Some(end.to_string()) }
    }

    /// An error at this word.
    fn from_word(word: &str) -> Self {
        let short: String = word.chars().take(30).collect();
        Self {
            sentence: format!("cannot read \"{short}\"; try 15m, daily 06:00, weekdays 02:00"),
            word: Some(word.to_owned()),
        }
    }

    /// Returns the position of the word at fault in the line: its first character and its length in
    /// characters.
    pub fn place(&self, line: &str) -> Option<(usize, usize)> {
        let word = self.word.as_ref()?;
        let mut at = 0;
        for part in line.split_inclusive([' ', ',', '\t', ';']) {
            let bare = part.trim_end_matches([' ', ',', '\t', ';']);
            if bare.to_lowercase() == *word {
                return Some((at, bare.chars().count()));
            }
            at += part.chars().count();
        }
        None
    }
}

impl Rule {
    /// Parses words or a cron line. Defaults: the zone is `zone`; minutes and hours start at the
    /// next whole step after `now`; longer patterns start at midnight of the first day they occur.
    pub fn from_words(text: &str, now: Timestamp, zone: Tz) -> Result<Self, QuickError> {
        Self::from_words_at(text, now, None, zone)
    }

    /// Parses the words of a series with a first start: minutes and hours elapse from there, in
    /// whole minutes, unless the words name a day or a time or are a cron line.
    pub fn from_words_at(text: &str, now: Timestamp, start: Option<Timestamp>, zone: Tz) -> Result<Self, QuickError> {
        let lower = text.to_lowercase();
        let joined = with_halves_of_day(&lower);
        let mut words: Vec<&str> = joined.split_whitespace().collect();
        if let [word] = words[..]
            && is_time(word)
        {
            words.insert(0, "daily");
        }
        if words.is_empty() {
            return Err(QuickError::new("nothing typed yet"));
        }
        // Commas of a cron line are its own syntax.
        let fields: Vec<&str> = lower.split_whitespace().collect();
        let is_cron = cron::is_cron(&fields);
        let said = if is_cron { cron::read(&fields, now.0.div_euclid(1_000), zone)? } else { clauses::read(&words)? };
        build::rule(&said, now, start.filter(|_| !is_cron), zone)
    }
}

/// Returns the words of a line, parted by blanks, with `6:00 pm` as the one word `6:00pm`.
fn with_halves_of_day(line: &str) -> String {
    let mut words = String::new();
    for word in line.split([' ', ',', '\t', ';']).filter(|word| !word.is_empty()) {
        let joins = matches!(word, "am" | "pm") && words.ends_with(|c: char| c.is_ascii_digit());
        if !joins && !words.is_empty() {
            words.push(' ');
        }
        words.push_str(word);
    }
    words
}

/// Whether a word is a time of day, such as `06:00`.
fn is_time(word: &str) -> bool {
    let parts = word.split_once(':').map(|(hour, minute)| (hour.parse::<u8>(), minute.parse::<u8>()));
    matches!(parts, Some((Ok(0..24), Ok(0..60))))
}

#[cfg(test)]
mod tests;
