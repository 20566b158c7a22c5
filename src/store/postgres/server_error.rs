//! What can be wrong with a server's URL.

/// What is wrong with a URL. Never quotes it, because it may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ServerError {
    /// `//` must follow the scheme.
    #[error("lacks the two slashes after the scheme")]
    NoSlashes,
    /// The database's name is missing.
    #[error("names no database after the host")]
    NoDatabase,
    /// A port that is no number.
    #[error("has a port that is no number from 1 to 65535")]
    Port,
    /// A `%` that is no escape.
    #[error("has a % that two hexadecimal digits do not follow")]
    Escape,
    /// A parameter that means nothing here.
    #[error("has a parameter that cdx does not know{}", .0.map(|name| format!(" ({name})")).unwrap_or_default())]
    Parameter(Option<&'static str>),
    /// An `@` after the first slash.
    #[error("has an @ after a slash; write / as %2F, ? as %3F, # as %23 and @ as %40 inside a user's name or password")]
    Slash,
    /// A parameter with a value that it cannot have.
    #[error("has a value of {0} that means nothing; libpq's words are meant")]
    Value(&'static str),
}
