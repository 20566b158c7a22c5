//! JSON output: complete values, with invisible and control characters escaped.

use crate::domain::{clean_line, to_json};
use serde::Serialize;
use serde_json::Value;
use std::fmt::Write as _;
use std::io::Write;

/// Prints one object.
pub fn print_json(row: &impl Serialize) -> std::io::Result<()> {
    print_lines(std::io::stdout().lock(), std::iter::once(to_json(row)))
}

/// Returns one line per object.
pub fn json_lines(values: impl Iterator<Item = Value>) -> String {
    values.map(|value| escape_controls(&value.to_string()) + "\n").collect()
}

/// Prints one object per line.
pub(super) fn print_lines(mut out: impl Write, values: impl Iterator<Item = Value>) -> std::io::Result<()> {
    for value in values {
        writeln!(out, "{}", escape_controls(&value.to_string()))?;
    }
    out.flush()
}

/// Escapes characters that could control a terminal. They occur only inside strings, so the value
/// stays the same.
fn escape_controls(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    let mut utf16 = [0; 2];
    for c in json.chars() {
        let mut one = [0; 4];
        let one: &str = c.encode_utf8(&mut one);
        if clean_line(one) == one {
            text.push(c);
        } else {
            for unit in c.encode_utf16(&mut utf16) {
                // Writing to a String cannot fail.
                let _ = write!(text, "\\u{unit:04x}");
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::hostile::{hostile_text, is_hostile};
    use proptest::prelude::*;

    #[test]
    fn c1_and_bidi_are_escaped() {
        let value = Value::from("\u{1b}[31m\u{9b}2J\u{202e}\u{e0001}é");
        assert_eq!(escape_controls(&value.to_string()), r#""\u001b[31m\u009b2J\u202e\udb40\udc01é""#);
    }

    proptest! {
        #[test]
        fn the_value_stays_the_same_and_is_printed_harmless(text in hostile_text(0..64), key in hostile_text(0..8)) {
            let value = serde_json::json!({ key: text });
            let printed = escape_controls(&value.to_string());
            prop_assert!(!printed.chars().any(is_hostile), "{printed:?}");
            prop_assert_eq!(serde_json::from_str::<Value>(&printed).expect("it is JSON"), value);
        }
    }
}
