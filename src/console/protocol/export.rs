//! Exports of list rows to a file.

use crate::console::protocol::query::Query;
use serde_json::Value;

/// The progress of an export, or its result.
#[derive(Debug, Clone, PartialEq)]
pub enum ExportProgress {
    /// This many rows are written so far.
    SoFar(i64),
    /// This many rows were written to this file.
    Ended(i64, String),
    /// It was stopped; there is no file.
    Stopped,
    /// A file of that name exists.
    IsThere(Box<ExportSource>, String),
    /// It failed for this reason; there is no file.
    Fault(String),
}

/// The rows of an export.
#[derive(Debug, Clone, PartialEq)]
#[allow(clippy::large_enum_variant)] // there is only one at a time
pub enum ExportSource {
    /// All rows of a list, from the piece of this query on.
    List(Query),
    /// These rows, after the keys that head a file without any, separated by blanks.
    Rows(&'static str, Vec<Value>),
}
