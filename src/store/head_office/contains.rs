//! A text that is looked for within error texts.

use crate::store::value::Value;

/// A text to be found anywhere in an error text, whatever the case of its ASCII letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contains(String);

impl Contains {
    /// Finds `text` itself; none of its characters is a wildcard.
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
