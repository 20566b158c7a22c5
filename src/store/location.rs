//! Where a database is: a URL, checked before anything is opened.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// The place of one database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// A file; `sqlite:PATH`.
    Sqlite(PathBuf),
}

/// Text that names no database.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LocationError {
    /// No path at all.
    #[error("sqlite: lacks a path; write sqlite:/var/lib/cdx/head-office.db")]
    Empty,
    /// A server, for which this version has no driver.
    #[error("this version of cdx keeps its databases in SQLite files; write sqlite:PATH")]
    Server,
    /// Neither.
    #[error("{0:?} is no database URL; write sqlite:PATH")]
    Unknown(String),
}

impl Location {
    /// The file.
    pub fn path(&self) -> &Path {
        match self {
            Self::Sqlite(path) => path,
        }
    }

    /// The file's path with `suffix` appended, for what lies beside it.
    pub fn beside(&self, suffix: &str) -> PathBuf {
        let mut path = self.path().as_os_str().to_owned();
        path.push(suffix);
        PathBuf::from(path)
    }
}

impl FromStr for Location {
    type Err = LocationError;

    fn from_str(text: &str) -> Result<Self, LocationError> {
        match text.split_once(':') {
            Some(("sqlite", path)) => {
                // sqlite:///absolute is what other tools write
                let path = path.strip_prefix("//").unwrap_or(path);
                if path.is_empty() { Err(LocationError::Empty) } else { Ok(Self::Sqlite(path.into())) }
            }
            Some(("postgres" | "postgresql", _)) => Err(LocationError::Server),
            _ => Err(LocationError::Unknown(text.chars().take(80).collect())),
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A path is text from outside as much as a store's message is.
        write!(f, "sqlite:{}", crate::domain::clean_line(&self.path().to_string_lossy()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_a_file_and_anything_else_is_refused_with_a_sentence() {
        assert_eq!("sqlite:a b.db".parse(), Ok(Location::Sqlite("a b.db".into())));
        assert_eq!("sqlite:///tmp/a.db".parse(), Ok(Location::Sqlite("/tmp/a.db".into())));
        assert_eq!("sqlite:".parse::<Location>(), Err(LocationError::Empty));
        assert_eq!("postgres://hq/cdx".parse::<Location>(), Err(LocationError::Server));
        assert!(matches!("/tmp/a.db".parse::<Location>(), Err(LocationError::Unknown(_))));
        assert_eq!(Location::Sqlite("a\u{1b}.db".into()).to_string(), "sqlite:a<1B>.db");
    }
}
