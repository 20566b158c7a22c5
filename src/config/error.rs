//! Errors of the configuration.

use crate::config::ValueError;

/// Why the configuration cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration {path}: {source}")]
    Read {
        /// The file.
        path: String,
        /// The cause.
        source: std::io::Error,
    },
    /// The file is not valid TOML.
    #[error("{path}, line {line}: {reason}")]
    Syntax {
        /// The file.
        path: String,
        /// The line, from 1.
        line: usize,
        /// The parser's message.
        reason: String,
    },
    /// An unknown key.
    #[error(
        "{path}, line {line}: unknown key {key:?}; {}",
        nearest.map_or_else(|| "config.example.toml lists them".to_owned(), |near| format!("the nearest is {near:?}"))
    )]
    UnknownKey {
        /// The file.
        path: String,
        /// The line, from 1.
        line: usize,
        /// The key.
        key: String,
        /// The most similar known key, if any is similar.
        nearest: Option<&'static str>,
    },
    /// An invalid value.
    #[error("{origin}: {key} {reason}")]
    Value {
        /// Where it was set.
        origin: String,
        /// The key.
        key: &'static str,
        /// What is wrong with it.
        reason: ValueError,
    },
    /// An environment variable is not UTF-8.
    #[error("environment {0} is not valid UTF-8; set it to text in UTF-8, or unset it")]
    NotUtf8(String),
    /// There is no home folder.
    #[error("cannot find the home folder ({0}); set HOME, or name both databases")]
    NoHome(String),
}

impl ConfigError {
    /// Whether it is about where a database is; an unknown key may be that, misspelled.
    pub fn is_of_location(&self) -> bool {
        let (Self::Value { key: name, .. } | Self::UnknownKey { nearest: Some(name), .. }) = self else { return false };
        ["head_office", "message_database"].contains(name)
    }
}

/// The least similarity, from 0 to 1, of a key that an error suggests for an unknown one.
const MIN_SIMILARITY: f64 = 0.8;

/// Returns the known key that is most similar to an unknown one, if any is similar.
pub(super) fn nearest_key(name: &str, known: impl IntoIterator<Item = &'static str>) -> Option<&'static str> {
    let similarity = |known: &'static str| (strsim::jaro_winkler(known, name), known);
    let rated = known.into_iter().map(similarity).filter(|(similarity, _)| *similarity >= MIN_SIMILARITY);
    rated.max_by(|(a, _), (b, _)| a.total_cmp(b)).map(|(_, known)| known)
}
