//! Splits a typed filter into words.

use std::ops::Range;

/// A character of a word, its place, and whether it was quoted.
#[derive(Debug, Clone, Copy)]
pub struct Mark {
    /// The character.
    pub c: char,
    /// Its first byte in the typed text.
    pub at: usize,
    /// Whether it was in quotes, where no character has a special meaning.
    pub quoted: bool,
}

impl Mark {
    /// Whether it is this character outside quotes.
    pub fn is(&self, c: char) -> bool {
        self.c == c && !self.quoted
    }
}

/// A word: its characters without quotes, and its range in bytes with them.
#[derive(Debug, Clone)]
pub struct Word {
    /// The characters.
    pub marks: Vec<Mark>,
    /// Its range in bytes.
    pub at: Range<usize>,
    /// Whether a quotation in it is not closed.
    pub open: bool,
}

impl Word {
    /// The text of some of its characters.
    pub fn text(marks: &[Mark]) -> String {
        marks.iter().map(|mark| mark.c).collect()
    }
}

/// The words of a text, separated by blanks outside quotes. Two quotes within a quotation are one
/// quote.
pub fn words(typed: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut word: Option<Word> = None;
    let mut quoted = false;
    let mut rest = typed.char_indices().peekable();
    while let Some((at, c)) = rest.next() {
        if c.is_whitespace() && !quoted {
            words.extend(word.take());
            continue;
        }
        let end = at + c.len_utf8();
        let word = word.get_or_insert_with(|| Word { marks: Vec::new(), at: at..end, open: false });
        word.at.end = end;
        if c == '"' {
            if quoted && let Some((second, _)) = rest.next_if(|(_, next)| *next == '"') {
                word.at.end = second + 1;
                word.marks.push(Mark { c, at, quoted });
                continue;
            }
            quoted = !quoted;
            word.open = quoted;
        } else {
            word.marks.push(Mark { c, at, quoted });
        }
    }
    words.extend(word);
    words
}
