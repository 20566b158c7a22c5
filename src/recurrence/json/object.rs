//! Reads a JSON object key by key, so that every error names its field.

use crate::recurrence::json::RuleError;
use serde_json::{Map, Value};

/// Why a value is refused, worded to follow the name of its field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault(pub(super) String);

/// Returns the error of a field.
pub(super) fn error(field: impl Into<String>, fault: impl Into<String>) -> RuleError {
    RuleError { field: field.into(), fault: fault.into() }
}

/// Quotes a value for an error sentence, at most 60 characters.
pub(super) fn quoted(value: &Value) -> String {
    let text = value.to_string();
    let short: String = text.chars().take(60).collect();
    if short.len() < text.len() { format!("{short}…") } else { short }
}

/// Returns a value that must be a string.
pub(super) fn text(value: &Value) -> Result<&str, Fault> {
    value.as_str().ok_or_else(|| Fault(format!("{} is no text", quoted(value))))
}

/// An object whose keys are taken one by one; keys left over at the end are unknown.
pub(super) struct Object {
    /// Prefix of a key in an error sentence.
    prefix: &'static str,
    left: Map<String, Value>,
}

impl Object {
    /// Wraps a value that must be an object. An error about the object names it `name`; errors
    /// about its keys put `prefix` before the key.
    pub(super) fn of(name: &str, prefix: &'static str, value: &Value) -> Result<Self, RuleError> {
        let left = value.as_object().ok_or_else(|| error(name, format!("{} is no JSON object", quoted(value))))?;
        Ok(Self { prefix, left: left.clone() })
    }

    /// Removes a key and returns its value; `None` if it is missing or null.
    pub(super) fn optional(&mut self, key: &str) -> Option<Value> {
        self.left.remove(key).filter(|value| !value.is_null())
    }

    /// Removes a required key and returns its value.
    pub(super) fn take(&mut self, key: &str) -> Result<Value, RuleError> {
        self.optional(key).ok_or_else(|| error(format!("{}{key}", self.prefix), "it is missing"))
    }

    /// Removes and parses a required key.
    pub(super) fn read<T>(&mut self, key: &str, read: impl Fn(&Value) -> Result<T, Fault>) -> Result<T, RuleError> {
        let value = self.take(key)?;
        read(&value).map_err(|Fault(fault)| error(format!("{}{key}", self.prefix), fault))
    }

    /// Removes and parses an optional key.
    pub(super) fn read_optional<T>(
        &mut self,
        key: &str,
        read: impl Fn(&Value) -> Result<T, Fault>,
    ) -> Result<Option<T>, RuleError> {
        let Some(value) = self.optional(key) else { return Ok(None) };
        read(&value).map(Some).map_err(|Fault(fault)| error(format!("{}{key}", self.prefix), fault))
    }

    /// Refuses keys that were not removed.
    pub(super) fn finish(self) -> Result<(), RuleError> {
        match self.left.keys().next() {
            None => Ok(()),
            Some(key) => {
                let key: String = key.chars().take(60).collect();
                Err(error(format!("{}{key}", self.prefix), "unknown field"))
            }
        }
    }
}
