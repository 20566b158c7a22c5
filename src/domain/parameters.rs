//! Retail scheduler parameters: their names, their ranges, and what 0 means.

use std::str::FromStr;

/// The longest retention in days: a hundred years.
const MAX_DAYS: i64 = 36_500;

/// One of the parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parameter {
    /// Days that final sessions, their messages and the history are kept.
    RetentionDays,
    /// Days after which even unresolved sessions are purged.
    UnresolvedRetentionDays,
    /// Days that final upload sessions are kept.
    UploadRetentionDays,
    /// Days that messages are kept in the message database.
    MessageRetentionDays,
    /// Days that runs, the batch history, notifications and alerts are kept.
    HistoryRetentionDays,
    /// Days that dismissed messages are kept.
    RejectedRetentionDays,
    /// Hours that purged sessions are kept in the trash.
    TrashHours,
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
    /// Days; 0 is the same as `retention_days`.
    pub upload_retention_days: i64,
    /// Days; 0 is the same as `retention_days`, which is also the maximum.
    pub message_retention_days: i64,
    /// Days; 0 is the same as `retention_days`.
    pub history_retention_days: i64,
    /// Days; 0 is the same as `retention_days`.
    pub rejected_retention_days: i64,
    /// Hours; 0 is no trash.
    pub trash_hours: i64,
    /// Attempts; 0 is without limit.
    pub try_count: i64,
    /// The version of each, in the order of [`Parameter::ALL`]; grows with every edit, 0 before the
    /// first.
    pub versions: [i64; 8],
}

/// An unknown parameter, or a value out of range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParameterError {
    /// There is no parameter of this name.
    #[error("there is no parameter {name:?}; there are {all}", name = .0, all = names())]
    Unknown(String),
    /// The text is no whole number in range.
    #[error("{name} cannot be {text:?}; it must be a whole number from 0 to {most}, and 0 means {zero}")]
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
        Self {
            retention_days: 30,
            unresolved_retention_days: 0,
            upload_retention_days: 0,
            message_retention_days: 0,
            history_retention_days: 0,
            rejected_retention_days: 0,
            trash_hours: 24,
            try_count: 3,
            versions: [0; 8],
        }
    }
}

impl Parameter {
    /// Every parameter, in the order of lists.
    pub const ALL: [Self; 8] = [
        Self::RetentionDays,
        Self::UnresolvedRetentionDays,
        Self::UploadRetentionDays,
        Self::MessageRetentionDays,
        Self::HistoryRetentionDays,
        Self::RejectedRetentionDays,
        Self::TrashHours,
        Self::TryCount,
    ];

    /// Its name on the command line and in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::RetentionDays => "retention-days",
            Self::UnresolvedRetentionDays => "unresolved-retention-days",
            Self::UploadRetentionDays => "upload-retention-days",
            Self::MessageRetentionDays => "message-retention-days",
            Self::HistoryRetentionDays => "history-retention-days",
            Self::RejectedRetentionDays => "rejected-retention-days",
            Self::TrashHours => "trash-hours",
            Self::TryCount => "try-count",
        }
    }

    /// What 0 means, in words.
    pub fn zero(self) -> &'static str {
        match self {
            Self::RetentionDays | Self::UnresolvedRetentionDays => "kept for ever",
            Self::TryCount => "tried without limit",
            Self::TrashHours => "off: purged sessions cannot be restored",
            _ => "kept as long as retention-days",
        }
    }

    /// What it decides, in one line.
    pub fn help(self) -> &'static str {
        match self {
            Self::RetentionDays => "days that final sessions and everything else are kept",
            Self::UnresolvedRetentionDays => "days after which sessions that never became final go too",
            Self::UploadRetentionDays => "days that final upload sessions are kept",
            Self::MessageRetentionDays => "days that messages stay in the message database, at most retention-days",
            Self::HistoryRetentionDays => "days that runs, batch history, notifications and alerts are kept",
            Self::RejectedRetentionDays => "days that dismissed messages are kept",
            Self::TrashHours => "hours that purged sessions stay in the trash and can be restored",
            Self::TryCount => "attempts of a failed stage before an agent gives up",
        }
    }

    /// The greatest value.
    pub fn maximum(self) -> i64 {
        match self {
            Self::TryCount => 1_000_000,
            Self::TrashHours => MAX_DAYS * 24,
            _ => MAX_DAYS,
        }
    }

    /// Parses a whole number from 0 to [`Self::maximum`].
    pub fn parse(self, text: &str) -> Result<i64, ParameterError> {
        let most = self.maximum();
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

/// All names, separated by commas.
fn names() -> String {
    Parameter::ALL.map(Parameter::name).join(", ")
}

impl Parameters {
    /// The shortest retention in force, unresolved sessions aside; 0 is for ever.
    pub fn shortest_retention_days(&self) -> i64 {
        let all = [
            self.retention_days,
            self.upload_retention_days,
            self.message_retention_days,
            self.history_retention_days,
            self.rejected_retention_days,
        ];
        all.into_iter().filter(|days| *days > 0).min().unwrap_or(0)
    }

    /// The kinds of rows with a retention of their own, and its days.
    pub fn own_retentions(&self) -> Vec<(&'static str, i64)> {
        // Messages are kept no longer than their sessions.
        let is_own = self.retention_days == 0 || self.message_retention_days < self.retention_days;
        let messages = if is_own { self.message_retention_days } else { 0 };
        let all = [
            ("upload sessions", self.upload_retention_days),
            ("messages in the message database", messages),
            ("history", self.history_retention_days),
            ("dismissed messages", self.rejected_retention_days),
        ];
        all.into_iter().filter(|(_, days)| *days > 0).collect()
    }

    /// The value of one of them.
    pub fn get(&self, parameter: Parameter) -> i64 {
        match parameter {
            Parameter::RetentionDays => self.retention_days,
            Parameter::UnresolvedRetentionDays => self.unresolved_retention_days,
            Parameter::UploadRetentionDays => self.upload_retention_days,
            Parameter::MessageRetentionDays => self.message_retention_days,
            Parameter::HistoryRetentionDays => self.history_retention_days,
            Parameter::RejectedRetentionDays => self.rejected_retention_days,
            Parameter::TrashHours => self.trash_hours,
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
            Parameter::UploadRetentionDays => self.upload_retention_days = value,
            Parameter::MessageRetentionDays => self.message_retention_days = value,
            Parameter::HistoryRetentionDays => self.history_retention_days = value,
            Parameter::RejectedRetentionDays => self.rejected_retention_days = value,
            Parameter::TrashHours => self.trash_hours = value,
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
