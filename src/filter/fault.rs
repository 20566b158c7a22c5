//! Why a filter is not understood.

use std::fmt;
use std::ops::Range;

/// A word that is not understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The range of the word in the typed text, in bytes.
    pub at: Range<usize>,
    /// Why, and what is known there, in one sentence.
    pub text: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl From<Fault> for String {
    fn from(fault: Fault) -> Self {
        fault.text
    }
}

/// Adds the nearest of the known words, and lists them.
pub(super) fn known<'a>(word: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    let word = word.to_ascii_lowercase();
    let nearest = known
        .clone()
        .max_by(|one, other| strsim::jaro_winkler(one, &word).total_cmp(&strsim::jaro_winkler(other, &word)));
    let nearest = nearest.filter(|near| strsim::jaro_winkler(near, &word) > 0.75);
    let guess = nearest.map_or_else(String::new, |near| format!("; did you mean {near}?"));
    let separator = if guess.is_empty() { ";" } else { "" };
    format!("{guess}{separator} known: {}", known.collect::<Vec<_>>().join(" "))
}
