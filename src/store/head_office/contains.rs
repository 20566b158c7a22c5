//! A search text.

use crate::store::value::Value;

/// A text to find anywhere in an error text, ignoring the case of ASCII letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contains(String);

impl Contains {
    /// Searches `text` literally, without wildcards.
    pub fn new(text: &str) -> Self {
        let mut pattern = String::from("%");
        for c in text.chars() {
            if ['%', '_', '\\'].contains(&c) {
                pattern.push('\\');
            }
            pattern.push(c);
        }
        Self(pattern + "%")
    }
}

impl<'a> From<&'a Contains> for Value<'a> {
    fn from(contains: &'a Contains) -> Self {
        contains.0.as_str().into()
    }
}
