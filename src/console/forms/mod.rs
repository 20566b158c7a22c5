//! Forms that open over a dialog and end with a value.

pub mod alerts;
pub mod recurrence;
