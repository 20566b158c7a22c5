//! Exports of list rows to a file.

use crate::console::protocol::query::Query;
use serde_json::Value;

/// How far a file is written, or what became of it.
#[derive(Debug, Clone, PartialEq)]
pub enum ExportProgress {
    /// So many rows as yet.
    SoFar(i64),
    /// So many rows, in this file.
    Ended(i64, String),
    /// It was told to stop; there is no file.
    Stopped,
    /// A file of that name is there already.
    IsThere(Box<ExportSource>, String),
    /// Why there is no file.
    Fault(String),
}

/// What is written.
#[derive(Debug, Clone, PartialEq)]
#[allow(clippy::large_enum_variant)] // there is one at a time
pub enum ExportSource {
    /// All rows of a list from this question on.
    List(Query),
    /// These rows.
    Rows(Vec<Value>),
}
