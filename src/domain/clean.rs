//! Makes hostile text harmless: characters that steer a terminal, hide or reorder text become
//! visible marks.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Cleans one line for a terminal, a table or CSV: control characters (C0, DEL, C1), bidi
/// overrides, zero-width and other invisible characters become marks such as `<1B>` or `<U+202E>`;
/// a line break becomes `¶`.
pub fn clean_line(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len() + 16);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' if chars.peek() == Some(&'\n') => {}
            '\n' => clean.push('¶'),
            c => push_clean(&mut clean, c),
        }
    }
    Cow::Owned(clean)
}

/// Cleans one field of CSV: like [`clean_line`], and an apostrophe before whatever a spreadsheet
/// would evaluate as a formula, at the beginning or after a character that it may take for a
/// separator.
pub fn clean_field(text: &str) -> String {
    let clean = clean_line(text);
    // Spreadsheets of East Asia also accept the full-width forms.
    let begins_formula = |c| matches!(c, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠');
    let mut field = String::with_capacity(clean.len() + 8);
    if clean.trim_start().starts_with(begins_formula) {
        field.push('\'');
    }
    let mut may_begin = field.is_empty();
    for c in clean.chars() {
        match c {
            ';' | ',' | '|' => may_begin = true,
            '"' => {}
            c if c.is_whitespace() => {}
            c => {
                if may_begin && begins_formula(c) {
                    field.push('\'');
                }
                may_begin = false;
            }
        }
        field.push(c);
    }
    field
}

/// Cleans several lines for a terminal: like [`clean_line`], but keeps line breaks.
pub fn clean_block(text: &str) -> String {
    text.split('\n').map(|line| clean_line(line.strip_suffix('\r').unwrap_or(line))).collect::<Vec<_>>().join("\n")
}

fn push_clean(clean: &mut String, c: char) {
    let code = u32::from(c);
    // Writing to a String cannot fail.
    let _ = match c {
        c if !is_unsafe(c) => {
            clean.push(c);
            Ok(())
        }
        _ if code < 0x100 => write!(clean, "<{code:02X}>"),
        _ => write!(clean, "<U+{code:04X}>"),
    };
}

/// Whether a text shows nothing: white space and invisible characters only.
pub fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || is_unsafe(c))
}

/// Whether the character could deceive a terminal or a reader.
fn is_unsafe(c: char) -> bool {
    c.is_control() || is_invisible(c)
}

fn is_invisible(c: char) -> bool {
    matches!(u32::from(c),
        0x00AD | 0x034F | 0x061C | 0x115F | 0x1160 | 0x17B4 | 0x17B5 | 0x180B..=0x180F
        // zero-width and direction marks, line and paragraph separators, bidi embeddings and
        // overrides
        | 0x200B..=0x200F | 0x2028..=0x202E | 0x2060..=0x206F
        | 0x2800 | 0x3164 | 0xFE00..=0xFE0F | 0xFEFF | 0xFFA0 | 0xFFF0..=0xFFFB
        | 0x1BCA0..=0x1BCA3 | 0x1D173..=0x1D17A | 0xE0000..=0xE0FFF)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::hostile::{hostile_text, is_hostile};
    use proptest::prelude::*;

    #[test]
    fn escapes_and_overrides_are_shown_not_obeyed() {
        assert_eq!(clean_line("\u{1b}[2J\u{9b}31m\u{7f}"), "<1B>[2J<9B>31m<7F>");
        assert_eq!(clean_line("a\u{202e}b\u{200b}c"), "a<U+202E>b<U+200B>c");
        assert_eq!(clean_line("one\r\ntwo\nthree\tfour\0"), "one¶two¶three<09>four<00>");
        assert_eq!(clean_line("日本 é"), "日本 é");
        assert_eq!(clean_block("one\r\ntwo\u{1b}"), "one\ntwo<1B>");
        assert_eq!(clean_field("\u{3000}＝1+1"), "'\u{3000}＝1+1");
    }

    proptest! {
        #[test]
        fn nothing_hostile_comes_through_and_nothing_else_is_touched(text in hostile_text(0..64)) {
            prop_assert!(!clean_line(&text).chars().any(is_hostile));
            prop_assert!(!clean_block(&text).chars().any(|c| c != '\n' && is_hostile(c)));
            let plain: String = text.chars().filter(|c| !is_hostile(*c) && (c.is_ascii_graphic() || c.is_alphanumeric())).collect();
            prop_assert_eq!(clean_line(&plain), plain.as_str());
        }
    }
}
