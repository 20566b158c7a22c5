//! Download (head office to stores) and upload (stores to head office).

use crate::domain::serialize_as_word;
use std::fmt;
use std::str::FromStr;

/// The direction in which a session carries data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// Head office to a channel database; number 0.
    Download,
    /// A channel database to head office; number 1.
    Upload,
}

impl Direction {
    /// Both, in the order of their numbers.
    pub const ALL: [Self; 2] = [Self::Download, Self::Upload];

    /// The number in the databases.
    pub fn number(self) -> i64 {
        match self {
            Self::Download => 0,
            Self::Upload => 1,
        }
    }

    /// The direction of a number; `None` for anything but 0 and 1.
    pub fn from_number(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|direction| direction.number() == number)
    }

    /// The word in JSON and on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Download => "download",
            Self::Upload => "upload",
        }
    }
}

serialize_as_word!(Direction);

/// The text is no direction.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no direction; it is download or upload")]
pub struct DirectionError {
    text: String,
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Direction {
    type Err = DirectionError;

    fn from_str(text: &str) -> Result<Self, DirectionError> {
        let found = Self::ALL.into_iter().find(|direction| direction.word() == text);
        found.ok_or_else(|| DirectionError { text: text.to_owned() })
    }
}
