//! Rows as JSON objects.

use serde::{Serialize, Serializer};
use serde_json::Value;

/// Returns a row as an object, its keys in the order of its fields.
pub fn to_json<T: Serialize>(row: &T) -> Value {
    // Serialization fails only for maps with non-string keys; rows have none.
    serde_json::to_value(row).unwrap_or_default()
}

/// Serializes types by the word that their `word` method returns.
macro_rules! serialize_as_word {
    ($($type:ty),+ $(,)?) => {
        $(impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.word())
            }
        })+
    };
}
pub(crate) use serialize_as_word;

/// Serializes a number as text: many programs read JSON numbers as floating point, which cannot
/// hold a digest.
#[allow(clippy::trivially_copy_pass_by_ref)] // serde passes the field
pub fn as_text<S: Serializer>(number: &i64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(number)
}

/// Serializes a text that is JSON as the value, any other as text.
pub fn json_or_text<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serde_json::from_str(text).unwrap_or_else(|_| Value::from(text)).serialize(serializer)
}
