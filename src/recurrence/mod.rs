//! STUB until the recurrence branch is merged.
use crate::domain::Timestamp;
/// Rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule(String);
/// Error.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct RuleError(String);
#[allow(missing_docs)]
impl Rule {
    pub fn parse_json(text: &str) -> Result<Rule, RuleError> {
        Ok(Rule(text.to_owned()))
    }
    pub fn to_json(&self) -> String {
        self.0.clone()
    }
    fn step(&self) -> i64 {
        self.0.trim().parse().unwrap_or(60_000)
    }
    pub fn next_after(&self, after: Timestamp) -> Option<Timestamp> {
        Some(Timestamp((after.0.div_euclid(self.step()) + 1) * self.step()))
    }
    pub fn first_from(&self, from: Timestamp) -> Option<Timestamp> {
        self.next_after(Timestamp(from.0 - 1))
    }
    pub fn count_between(&self, after: Timestamp, through: Timestamp) -> u64 {
        u64::try_from(through.0.div_euclid(self.step()) - after.0.div_euclid(self.step())).unwrap_or(0)
    }
    pub fn words(&self) -> String {
        "every minute".to_owned()
    }
    pub fn sentence(&self) -> String {
        "Every minute.".to_owned()
    }
}
