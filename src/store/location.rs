//! The location of a database: a URL, checked before anything is opened.

use crate::store::file_path::{self, PathError};
use crate::store::postgres::{Server, ServerError};
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

/// The location of a database. Neither its text nor its debug form shows a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// A file by its absolute path; `sqlite:PATH`.
    Sqlite(PathBuf),
    /// A database of a server; `postgres://[USER@]HOST[:PORT]/DATABASE[?sslmode=…]`.
    Postgres(Box<Server>),
}

/// The text is no database location. Quotes no more of it than its scheme, because the rest may
/// contain a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LocationError {
    /// `sqlite:` with a wrong path.
    #[error(transparent)]
    File(#[from] PathError),
    /// A wrong server URL.
    #[error("the postgres:// URL {0}; write postgres://USER@HOST/DATABASE")]
    Server(ServerError),
    /// A URL of another kind.
    #[error("{0}: is no database URL of cdx; write sqlite:PATH or postgres://USER@HOST/DATABASE")]
    Scheme(&'static str),
    /// A path without a scheme.
    #[error("a path alone is no database URL; write sqlite: in front of it")]
    Path,
    /// Anything else.
    #[error("the text is no database URL; write sqlite:PATH or postgres://USER@HOST/DATABASE")]
    Unknown,
}

/// Schemes that an error may repeat. Any other text before the colon may be a login, or the
/// beginning of a password.
const OTHER_SCHEMES: [&str; 18] = [
    "mysql",
    "mariadb",
    "jdbc",
    "odbc",
    "sqlite3",
    "file",
    "http",
    "https",
    "oracle",
    "mssql",
    "sqlserver",
    "mongodb",
    "redis",
    "duckdb",
    "libsql",
    "psql",
    "pgsql",
    "db2",
];

impl Location {
    /// The file; `None` for a database of a server.
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::Sqlite(path) => Some(path),
            Self::Postgres(_) => None,
        }
    }

    /// The file's path with `suffix` appended, for files beside it; `None` for a database of a
    /// server.
    ///
    /// Follows symbolic links as SQLite does for its own files: two processes must share one lock
    /// whatever path they open.
    pub fn beside(&self, suffix: &str) -> Option<PathBuf> {
        let file = self.file()?;
        let mut path = file.canonicalize().unwrap_or_else(|_| file.to_owned()).into_os_string();
        path.push(suffix);
        Some(PathBuf::from(path))
    }

    /// Returns this location with a limit on the time to connect to its server.
    #[must_use]
    pub fn connecting_within(&self, timeout: Duration) -> Self {
        match self {
            Self::Sqlite(_) => self.clone(),
            Self::Postgres(server) => Self::Postgres(Box::new(server.connecting_within(timeout))),
        }
    }

    /// Whether the URL contains a password, which other users can see on a command line.
    pub fn holds_password(&self) -> bool {
        match self {
            Self::Sqlite(_) => false,
            Self::Postgres(server) => server.holds_password(),
        }
    }

    /// Returns device and inode of the file, which differ once another file has its path; `None` if
    /// there is no file, or at a server.
    pub fn file_identity(&self) -> Option<(u64, u64)> {
        use std::os::unix::fs::MetadataExt;
        let metadata = std::fs::metadata(self.file()?).ok()?;
        Some((metadata.dev(), metadata.ino()))
    }

    /// Whether the path has no file, or none that this user may see. False at a server.
    pub fn is_missing(&self) -> bool {
        self.file().is_some_and(|path| !path.exists())
    }
}

impl FromStr for Location {
    type Err = LocationError;

    /// Parses a URL. `~/` is this user's home folder, and a relative path starts at the working
    /// folder.
    fn from_str(text: &str) -> Result<Self, LocationError> {
        match text.split_once(':') {
            Some(("sqlite", path)) => Ok(Self::Sqlite(file_path::parse(path, etcetera::home_dir().ok().as_deref())?)),
            Some(("postgres" | "postgresql", rest)) => {
                rest.parse().map(|server| Self::Postgres(Box::new(server))).map_err(LocationError::Server)
            }
            Some((scheme, _)) => {
                let known = OTHER_SCHEMES.into_iter().find(|known| known.eq_ignore_ascii_case(scheme));
                Err(known.map_or(LocationError::Unknown, LocationError::Scheme))
            }
            None if text.starts_with(['/', '.', '~']) => Err(LocationError::Path),
            None => Err(LocationError::Unknown),
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // A path is text from outside, like a store's message.
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
        let here = std::env::current_dir().expect("a working folder");
        assert_eq!("sqlite:a b.db".parse(), Ok(Location::Sqlite(here.join("a b.db"))));
        assert_eq!("sqlite:///tmp/a.db".parse(), Ok(Location::Sqlite("/tmp/a.db".into())));
        assert_eq!("sqlite:".parse::<Location>(), Err(LocationError::File(PathError::Empty)));
        assert!(matches!("postgres:nothing".parse::<Location>(), Err(LocationError::Server(_))));
        assert!(matches!("/tmp/a.db".parse::<Location>(), Err(LocationError::Path)));
        assert_eq!(Location::Sqlite("a\u{1b}.db".into()).to_string(), "sqlite:a<1B>.db");
    }

    #[test]
    fn a_password_is_never_shown() {
        let location: Location = "postgres://op:s3cret%21@hq:5433/cdx?sslmode=require".parse().expect("it is valid");
        assert!(location.holds_password());
        assert_eq!(location.to_string(), "postgres://op:***@hq:5433/cdx?sslmode=require");
        for text in [format!("{location:?}"), format!("{:?}", "mysql://u:s3cret!@h/d".parse::<Location>())] {
            assert!(!text.contains("s3cret"), "{text}");
        }
        let location: Location = "postgres:///cdx?host=/run/pg&password=s3cret&user=op".parse().expect("it is valid");
        assert_eq!(location.to_string(), "postgres:///cdx?host=/run/pg&password=***&user=op");
        assert!(
            !"postgres://op:s3cret@hq:port/cdx".parse::<Location>().expect_err("no port").to_string().contains("s3c")
        );
    }

    #[test]
    fn no_spelling_of_a_secret_is_shown_whether_it_is_refused_or_not() {
        for text in crate::domain::spellings::SECRET_SPELLINGS {
            let said = match text.parse::<Location>() {
                Ok(location) => format!("{location} {location:?}"),
                Err(error) => format!("{error} {error:?}"),
            };
            assert!(!said.contains("s3cret"), "{text:?} is answered with {said:?}");
        }
    }
}
