//! Retail scheduler parameters: their names, their ranges, and what 0 means.

use std::str::FromStr;

/// The longest retention in days: a hundred years.
const MOST_DAYS: i64 = 36_500;

/// One of the parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parameter {
    /// Days that final sessions, their messages and the history are kept.
    RetentionDays,
    /// Days after which even unresolved sessions are purged.
    UnresolvedRetentionDays,
    /// How often an agent retries a failed stage.
    TryCount,
}

/// The parameters' values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameters {
    /// Days; 0 keeps for ever.
    pub retention_days: i64,
    /// Days; 0 keeps for ever.
    pub unresolved_retention_days: i64,
    /// Attempts; 0 is without limit.
    pub try_count: i64,
    /// The version of each, in the order of [`Parameter::ALL`]; grows with every edit, 0 before the
    /// first.
    pub versions: [i64; 3],
}

/// An unknown parameter, or a value out of range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParameterError {
    /// There is no parameter of this name.
    #[error("there is no parameter {0:?}; there are retention-days, unresolved-retention-days and try-count")]
    Unknown(String),
    /// The text is no whole number in range.
    #[error("{name} cannot be {text:?}; it is a whole number from 0 to {most}, and 0 means {zero}")]
    Value {
        /// The parameter.
        name: &'static str,
        /// What was given.
        text: String,
        /// The greatest value allowed.
        most: i64,
        /// What 0 means.
        zero: &'static str,
    },
}

impl Default for Parameters {
    fn default() -> Self {
        Self { retention_days: 30, unresolved_retention_days: 0, try_count: 3, versions: [0; 3] }
    }
}

impl Parameter {
    /// All of them, in the order they are listed.
    pub const ALL: [Self; 3] = [Self::RetentionDays, Self::UnresolvedRetentionDays, Self::TryCount];

    /// Its name on the command line and in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::RetentionDays => "retention-days",
            Self::UnresolvedRetentionDays => "unresolved-retention-days",
            Self::TryCount => "try-count",
        }
    }

    /// What 0 means, in words.
    pub fn zero(self) -> &'static str {
        match self {
            Self::RetentionDays | Self::UnresolvedRetentionDays => "kept for ever",
            Self::TryCount => "tried without limit",
        }
    }

    /// What it decides, in one line.
    pub fn help(self) -> &'static str {
        match self {
            Self::RetentionDays => "days that final sessions, their messages and the history of runs are kept",
            Self::UnresolvedRetentionDays => "days after which sessions that never became final go too",
            Self::TryCount => "attempts of a failed stage before an agent gives up",
        }
    }

    /// Reads a value; refuses negatives, fractions and more than a hundred years (of attempts: a
    /// million).
    pub fn parse(self, text: &str) -> Result<i64, ParameterError> {
        let most = if self == Self::TryCount { 1_000_000 } else { MOST_DAYS };
        text.parse().ok().filter(|value| (0..=most).contains(value)).ok_or_else(|| ParameterError::Value {
            name: self.name(),
            text: text.chars().take(40).collect(),
            most,
            zero: self.zero(),
        })
    }
}

impl FromStr for Parameter {
    type Err = ParameterError;

    fn from_str(name: &str) -> Result<Self, ParameterError> {
        Self::ALL
            .into_iter()
            .find(|parameter| parameter.name() == name)
            .ok_or_else(|| ParameterError::Unknown(name.chars().take(40).collect()))
    }
}

impl Parameters {
    /// The value of one of them.
    pub fn get(&self, parameter: Parameter) -> i64 {
        match parameter {
            Parameter::RetentionDays => self.retention_days,
            Parameter::UnresolvedRetentionDays => self.unresolved_retention_days,
            Parameter::TryCount => self.try_count,
        }
    }

    /// The version of one of them.
    pub fn version(&self, parameter: Parameter) -> i64 {
        self.versions[parameter as usize]
    }

    /// Replaces the version of one of them.
    pub fn set_version(&mut self, parameter: Parameter, version: i64) {
        self.versions[parameter as usize] = version;
    }

    /// Replaces the value of one of them.
    pub fn set(&mut self, parameter: Parameter, value: i64) {
        match parameter {
            Parameter::RetentionDays => self.retention_days = value,
            Parameter::UnresolvedRetentionDays => self.unresolved_retention_days = value,
            Parameter::TryCount => self.try_count = value,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn negatives_fractions_and_centuries_are_refused_with_a_sentence() {
        for text in ["-1", "1.5", "36501", "", "thirty", "99999999999999999999"] {
            let error = Parameter::RetentionDays.parse(text).expect_err("it is no retention");
            assert!(error.to_string().contains("0 means kept for ever"), "{error}");
        }
        assert_eq!(Parameter::RetentionDays.parse("0"), Ok(0));
        assert_eq!("retention".parse::<Parameter>().map_err(|e| e.to_string().contains("retention-days")), Err(true));
    }
}
