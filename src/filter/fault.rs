//! Faults of a filter: the word that cannot be parsed, and why.

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

/// Returns `; did you mean X? known: …`, to end an error.
pub(super) fn known<'a>(word: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    let word = word.to_ascii_lowercase();
    let distance = |known: &str| strsim::damerau_levenshtein(known, &word);
    // Few letters differ, or one begins with the other.
    let is_near = |near: &&str| {
        let begins = word.len() > 2 && near.starts_with(&word) || near.len() > 2 && word.starts_with(near);
        begins || distance(near) <= if word.len().min(near.len()) > 3 { 2 } else { 1 }
    };
    let nearest = known.clone().filter(is_near).min_by_key(|near| distance(near));
    let guess = nearest.map_or_else(String::new, |near| format!("; did you mean {near}?"));
    let separator = if guess.is_empty() { ";" } else { "" };
    format!("{guess}{separator} known: {}", known.collect::<Vec<_>>().join(" "))
}
