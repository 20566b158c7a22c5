//! Recurrence rules: range, pattern and zone; their occurrences, computed by arithmetic; their
//! wording. No I/O, no clock.

mod dates;
mod draft;
mod grid;
mod json;
mod occurrence;
mod parse;
mod preview;
mod quick;
mod rrule;
mod rule;
mod unit;
mod weekdays;
mod words;
mod zone;
mod zones;

pub use draft::{Draft, DraftFault, DraftField, EndKind};
pub use json::RuleError;
pub use parse::time as parse_time;
pub use preview::Occurrence;
pub use quick::QuickError;
pub use rule::{MAX_NUMBER, Rule};
pub use unit::Unit;
pub use weekdays::{WEEK, Weekdays};
pub use words::{MONTHS, city};
pub use zones::{is_utc, zone_named, zones_like};

#[cfg(test)]
mod tests;
