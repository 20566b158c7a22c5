//! Where a database is: a URL, checked before anything is opened.

use crate::store::postgres::{Server, ServerError};
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// The place of one database. Neither its text nor its debug form ever shows a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// A file; `sqlite:PATH`.
    Sqlite(PathBuf),
    /// A database of a server; `postgres://[USER@]HOST[:PORT]/DATABASE[?sslmode=…]`.
    Postgres(Box<Server>),
}

/// Text that names no database.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LocationError {
    /// No path at all.
    #[error("sqlite: lacks a path; write sqlite:/var/lib/cdx/head-office.db")]
    Empty,
    /// A server's URL with a fault. The text is not shown, for it may hold a password.
    #[error("the postgres:// URL {0}; write postgres://USER@HOST/DATABASE")]
    Server(ServerError),
    /// Neither.
    #[error("{0:?} is no database URL; write sqlite:PATH or postgres://USER@HOST/DATABASE")]
    Unknown(String),
}

impl Location {
    /// The file; `None` for a database of a server.
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::Sqlite(path) => Some(path),
            Self::Postgres(_) => None,
        }
    }

    /// The file's path with `suffix` appended, for what lies beside it; `None` for a database of a server.
    ///
    /// Symbolic links are followed as SQLite follows them for its own companions: by whatever name two processes open a file, they
    /// must meet at the same lock.
    pub fn beside(&self, suffix: &str) -> Option<PathBuf> {
        let file = self.file()?;
        let mut path = file.canonicalize().unwrap_or_else(|_| file.to_owned()).into_os_string();
        path.push(suffix);
        Some(PathBuf::from(path))
    }

    /// Whether the URL itself holds a password, which others can see when it stands on a command line.
    pub fn holds_password(&self) -> bool {
        match self {
            Self::Sqlite(_) => false,
            Self::Postgres(server) => server.holds_password(),
        }
    }

    /// What tells the file that lies there now from any other that lay or will lie there; `None` if none does, or at a server.
    pub fn file_identity(&self) -> Option<(u64, u64)> {
        use std::os::unix::fs::MetadataExt;
        let metadata = std::fs::metadata(self.file()?).ok()?;
        Some((metadata.dev(), metadata.ino()))
    }

    /// Whether it can be told without opening it that nothing is there. A server must be asked.
    pub fn is_missing(&self) -> bool {
        self.file().is_some_and(|path| !path.exists())
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
            Some(("postgres" | "postgresql", rest)) => {
                rest.parse().map(|server| Self::Postgres(Box::new(server))).map_err(LocationError::Server)
            }
            // A URL of something else may hold a password as well.
            Some((scheme, _)) if text.contains('@') => Err(LocationError::Unknown(format!("{scheme}:…"))),
            _ => Err(LocationError::Unknown(text.chars().take(80).collect())),
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // A path is text from outside as much as a store's message is.
            Self::Sqlite(path) => write!(f, "sqlite:{}", crate::domain::clean_line(&path.to_string_lossy())),
            Self::Postgres(server) => write!(f, "{server}"),
        }
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
        assert!(matches!("postgres:nothing".parse::<Location>(), Err(LocationError::Server(_))));
        assert!(matches!("/tmp/a.db".parse::<Location>(), Err(LocationError::Unknown(_))));
        assert_eq!(Location::Sqlite("a\u{1b}.db".into()).to_string(), "sqlite:a<1B>.db");
    }

    #[test]
    fn a_password_is_never_shown() {
        let location: Location = "postgres://op:s3cret%21@hq:5433/cdx?sslmode=require".parse().expect("it is sound");
        assert!(location.holds_password());
        assert_eq!(location.to_string(), "postgres://op:***@hq:5433/cdx?sslmode=require");
        for text in [format!("{location:?}"), format!("{:?}", "mysql://u:s3cret!@h/d".parse::<Location>())] {
            assert!(!text.contains("s3cret"), "{text}");
        }
        let location: Location = "postgres:///cdx?host=/run/pg&password=s3cret&user=op".parse().expect("it is sound");
        assert_eq!(location.to_string(), "postgres:///cdx?host=/run/pg&password=***&user=op");
        assert!(
            !"postgres://op:s3cret@hq:port/cdx".parse::<Location>().expect_err("no port").to_string().contains("s3c")
        );
    }
}
