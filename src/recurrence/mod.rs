//! Recurrence: range, pattern and zone; which instants they make, by arithmetic; what they are in words. No I/O, no clock.

mod dates;
mod grid;
mod json;
mod occurrence;
mod rrule;
mod rule;
mod weekdays;
mod words;
mod zone;

pub use json::RuleError;
pub use rule::Rule;
pub use weekdays::Weekdays;
pub use words::city;

#[cfg(test)]
mod tests;
