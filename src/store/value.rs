//! Parameters of statements.

use crate::domain::Timestamp;
use rusqlite::types::{ToSqlOutput, ValueRef};

/// A parameter of a statement.
#[derive(Debug, Clone, Copy)]
pub(super) enum Value<'a> {
    Null,
    Int(i64),
    Text(&'a str),
    /// Bytes, for files only: no column at a server has them.
    Blob(&'a [u8]),
}

/// The parameters of a statement, in order of their numbers.
macro_rules! values {
    ($($value:expr),* $(,)?) => { &[$($crate::store::value::Value::from($value)),*] };
}
pub(super) use values;

impl rusqlite::ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(value) => ValueRef::Integer(*value),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

impl From<i64> for Value<'_> {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<bool> for Value<'_> {
    fn from(value: bool) -> Self {
        Self::Int(i64::from(value))
    }
}

impl From<Timestamp> for Value<'_> {
    fn from(value: Timestamp) -> Self {
        Self::Int(value.0)
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(value)
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(value: &'a String) -> Self {
        Self::Text(value)
    }
}

impl<'a> From<&'a Option<String>> for Value<'a> {
    fn from(value: &'a Option<String>) -> Self {
        value.as_ref().map_or(Self::Null, |text| Self::Text(text))
    }
}

impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// Binds the parameters of a statement. Null is what is not bound: a third of the values of a
/// message, which need no call each.
pub(super) fn bind(statement: &mut rusqlite::Statement, values: &[Value]) -> rusqlite::Result<()> {
    let count = statement.parameter_count();
    if count != values.len() {
        return Err(rusqlite::Error::InvalidParameterCount(values.len(), count));
    }
    statement.clear_bindings();
    let bound = values.iter().enumerate().filter(|(_, value)| !matches!(value, Value::Null));
    bound.map(|(index, value)| (index + 1, value)).try_for_each(|(at, value)| statement.raw_bind_parameter(at, value))
}

/// Returns `($3, $4)` for two values after the first two.
pub(super) fn placeholders(after: usize, count: usize) -> String {
    let numbers: Vec<_> = (after + 1..=after + count).map(|number| format!("${number}")).collect();
    format!("({})", numbers.join(", "))
}
