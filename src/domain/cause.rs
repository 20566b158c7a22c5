//! Causes: errors whose text is the same once numbers, quoted names, GUIDs and paths are masked.

use sha2::{Digest, Sha256};

/// Characters of masked text that identify a cause; errors that differ only beyond are one cause.
const MASKED_LIMIT: usize = 400;

/// What errors of one kind have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// First eight bytes of the SHA-256 of `masked`: the key in the database.
    pub digest: i64,
    /// The text with `…` for quoted names, GUIDs and paths, and `#` for numbers.
    pub masked: String,
}

impl Cause {
    /// The cause of an error text.
    pub fn of(text: &str) -> Self {
        let masked = mask(text);
        let hash = Sha256::digest(masked.as_bytes());
        let mut first = [0; 8];
        first.copy_from_slice(&hash[..8]);
        Self { digest: i64::from_be_bytes(first), masked }
    }
}

fn mask(text: &str) -> String {
    let mut masked = String::new();
    let mut length = 0;
    let mut rest = text.trim_start();
    let mut before = ' ';
    while let Some(c) = rest.chars().next() {
        if length >= MASKED_LIMIT {
            masked.push('…');
            break;
        }
        let (taken, shown) = token(rest, before);
        before = rest[..taken].chars().next_back().unwrap_or(c);
        rest = &rest[taken..];
        if shown == " " && (masked.ends_with(' ') || rest.trim_start().is_empty()) {
            continue;
        }
        length += shown.chars().count();
        masked.push_str(&shown);
    }
    masked
}

/// Returns the length of the next token in bytes, and its replacement.
fn token(rest: &str, before: char) -> (usize, std::borrow::Cow<'static, str>) {
    let starts_word = !before.is_alphanumeric();
    let Some(first) = rest.chars().next() else { return (0, "".into()) };
    if first.is_whitespace() {
        return (rest.find(|c: char| !c.is_whitespace()).unwrap_or(rest.len()), " ".into());
    }
    if starts_word {
        if let Some(taken) = quoted_length(rest, first) {
            return (taken, format!("{first}…{first}").into());
        }
        if let Some(taken) = guid_length(rest).or_else(|| path_length(rest)) {
            return (taken, "…".into());
        }
    }
    if first.is_ascii_digit() {
        return (number_length(rest), "#".into());
    }
    (first.len_utf8(), first.to_string().into())
}

/// A quoted name on one line; an apostrophe inside a word is never passed here.
fn quoted_length(rest: &str, quote: char) -> Option<usize> {
    if !matches!(quote, '\'' | '"') {
        return None;
    }
    let end = rest[1..].find([quote, '\n'])? + 1;
    rest[end..].starts_with(quote).then_some(end + 1)
}

fn guid_length(rest: &str) -> Option<usize> {
    let open = usize::from(rest.starts_with('{'));
    let text = rest.get(open..open + 36)?;
    uuid::Uuid::try_parse(text).ok()?;
    Some(open + 36 + usize::from(open == 1 && rest[open + 36..].starts_with('}')))
}

/// `\\server\share\…`, `C:\…` or `/one/two`, up to a character that ends a path in a sentence.
fn path_length(rest: &str) -> Option<usize> {
    let bytes = rest.as_bytes();
    let drive = bytes.len() > 2 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':' && bytes[2] == b'\\';
    let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | ';' | ')' | '(' | '<' | '>' | '|');
    let end = rest.find(ends).unwrap_or(rest.len());
    let unix = rest.starts_with('/') && rest[1..end].contains('/');
    (drive || unix || rest.starts_with("\\\\")).then(|| rest[..end].trim_end_matches(['.', ':']).len())
}

/// A number with its separators, so that dates, times, amounts and hexadecimal are one `#` each.
fn number_length(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    if bytes.len() > 2 && bytes[0] == b'0' && bytes[1] == b'x' {
        return 2 + bytes[2..].iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    }
    let mut end = 0;
    while end < bytes.len() {
        let separator = matches!(bytes[end], b'.' | b',' | b':' | b'-' | b'/' | b'T')
            && bytes.get(end + 1).is_some_and(u8::is_ascii_digit);
        if !bytes[end].is_ascii_digit() && !separator {
            break;
        }
        end += 1;
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::hostile::hostile_text;
    use proptest::prelude::*;

    #[test]
    fn numbers_names_guids_and_paths_are_masked() {
        for (text, masked) in [
            ("Login failed for user 'S0042\\svc'.", "Login failed for user '…'."),
            ("package download: record for id 5637144576 not found", "package download: record for id # not found"),
            (
                "Violation of PRIMARY KEY constraint 'PK_UPLOADSESSION'. Key (42, 2026-11-13 03:43:28).",
                "Violation of PRIMARY KEY constraint '…'. Key (#, # #).",
            ),
            ("can't open \\\\hq\\cdx\\download\\2.zip: it doesn't exist", "can't open …: it doesn't exist"),
            ("session {324f08d4-04f9-44e3-8840-18ee9d344543} at /var/lib/cdx/a.zip.", "session … at …."),
            ("  two\r\n lines 0x80131904 ", "two lines #"),
            ("store S0042 timed out", "store S# timed out"),
            ("", ""),
        ] {
            assert_eq!(mask(text), masked);
        }
    }

    #[test]
    fn the_same_text_with_other_numbers_is_the_same_cause() {
        assert_eq!(Cause::of("error 17 at store 'A'"), Cause::of("error 18 at store 'B'"));
        assert_ne!(Cause::of("error 17").digest, Cause::of("failure 17").digest);
    }

    proptest! {
        #[test]
        fn any_text_has_a_bounded_mask(text in hostile_text(0..MASKED_LIMIT * 3)) {
            prop_assert!(mask(&text).chars().count() <= MASKED_LIMIT + 4);
        }
    }
}
