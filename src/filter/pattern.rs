//! Text with wildcards.

use std::ops::Range;

/// A text in which `*` stood for any text, to be matched without the case of ASCII letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// The literal parts between the wildcards.
    parts: Vec<String>,
    /// The pattern of SQL's `like` with `\\` as the escape character.
    like: String,
}

impl Pattern {
    /// A pattern of literal parts between wildcards; one part is a text without wildcards.
    pub fn new(parts: Vec<String>) -> Self {
        let escaped = |part: &String| {
            let escape = |c| if matches!(c, '%' | '_' | '\\') { format!("\\{c}") } else { String::from(c) };
            part.chars().map(escape).collect::<String>()
        };
        let like = parts.iter().map(escaped).collect::<Vec<_>>().join("%");
        Self { parts, like }
    }

    /// Returns the pattern anywhere in a text.
    #[must_use]
    pub fn anywhere(mut self) -> Self {
        self.parts.insert(0, String::new());
        self.parts.push(String::new());
        Self::new(self.parts)
    }

    /// Whether it matches anywhere in a text.
    pub(super) fn is_anywhere(&self) -> bool {
        self.parts.len() > 2
            && self.parts.first().is_some_and(String::is_empty)
            && self.parts.last().is_some_and(String::is_empty)
    }

    /// Its text, if it matches that anywhere in a text.
    pub fn word(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [first, word, last] if first.is_empty() && last.is_empty() => Some(word),
            _ => None,
        }
    }

    /// Whether it has no wildcards.
    pub(super) fn is_plain(&self) -> bool {
        self.parts.len() == 1
    }

    /// The ranges of bytes of a text that its parts match, again and again in their order. Parts of
    /// one character are left out: they are everywhere.
    pub(super) fn spans(&self, text: &str) -> Vec<Range<usize>> {
        let text = text.to_ascii_lowercase();
        let parts: Vec<_> = self.parts.iter().map(|part| part.to_ascii_lowercase()).collect();
        let parts: Vec<_> = parts.iter().filter(|part| part.chars().nth(1).is_some()).collect();
        let (mut spans, mut from) = (Vec::new(), 0);
        'again: while !parts.is_empty() {
            let known = spans.len();
            for part in &parts {
                let Some(at) = text[from..].find(part.as_str()) else {
                    spans.truncate(known);
                    break 'again;
                };
                spans.push(from + at..from + at + part.len());
                from += at + part.len();
            }
        }
        spans
    }

    /// Whether a text matches as a whole.
    pub fn matches(&self, text: &str) -> bool {
        let text = text.to_ascii_lowercase();
        let part = |part: &String| part.to_ascii_lowercase();
        let Some((first, rest)) = self.parts.split_first() else { return text.is_empty() };
        let Some((last, middle)) = rest.split_last() else { return text == part(first) };
        let Some(text) = text.strip_prefix(&part(first)) else { return false };
        let Some(mut text) = text.strip_suffix(&part(last)) else { return false };
        for wanted in middle.iter().map(part) {
            let Some(at) = text.find(&wanted) else { return false };
            text = &text[at + wanted.len()..];
        }
        true
    }

    /// The pattern of SQL's `like` with `\` as the escape character.
    pub fn like(&self) -> &str {
        &self.like
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_stand_for_any_text_and_other_signs_for_themselves() {
        let pattern = |text: &str| Pattern::new(text.split('*').map(str::to_owned).collect());
        for (wanted, text, matches) in [
            ("S0042", "s0042", true),
            ("S0042", "S00421", false),
            ("LON*", "lon-7", true),
            ("*7", "LON-7", true),
            ("L*-*7", "LON-77", true),
            ("L*7*7", "L7", false),
            ("a*a", "a", false),
            ("*", "", true),
            ("100%", "100%", true),
            ("100%", "1000", false),
            ("É", "é", false),
        ] {
            assert_eq!(pattern(wanted).matches(text), matches, "{wanted} {text}");
        }
        assert!(pattern("time").anywhere().matches("a TIMEOUT") && !pattern("time").matches("a TIMEOUT"));
        assert_eq!(pattern("a_b*100%\\").like(), "a\\_b%100\\%\\\\");
    }
}
