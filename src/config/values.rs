//! What values of the configuration can be, and how they are read.

use crate::domain::redact;
use crate::store::{Location, LocationError};
use std::str::FromStr;

/// When output is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How the console looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// In the terminal's own sixteen colours where colours are wanted.
    Auto,
    /// In them, whatever `color` says.
    Sixteen,
    /// Without colours.
    Mono,
}

impl Color {
    /// As the file has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Always => "always",
            Self::Never => "never",
        }
    }
}

impl Theme {
    /// As the file has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Sixteen => "16",
            Self::Mono => "mono",
        }
    }
}

/// Why a value is refused, worded to follow the name of its key.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ValueError(pub(super) String);

/// How an error quotes what the configuration says: on one line and without secrets, for a password may stand under the wrong key.
pub(super) fn quoted(text: &str) -> String {
    format!("{:?}", redact(text))
}

pub(super) fn parse_location(text: &str) -> Result<Location, ValueError> {
    Location::from_str(text).map_err(|error: LocationError| ValueError(format!("is no place for a database: {error}")))
}

pub(super) fn parse_bool(text: &str) -> Result<bool, ValueError> {
    text.parse().map_err(|_| ValueError(format!("is {}; it is true or false", quoted(text))))
}

pub(super) fn parse_color(text: &str) -> Result<Color, ValueError> {
    match text {
        "auto" => Ok(Color::Auto),
        "always" => Ok(Color::Always),
        "never" => Ok(Color::Never),
        _ => Err(ValueError(format!("is {}; it is auto, always or never", quoted(text)))),
    }
}

pub(super) fn parse_theme(text: &str) -> Result<Theme, ValueError> {
    match text {
        "auto" => Ok(Theme::Auto),
        "16" => Ok(Theme::Sixteen),
        "mono" => Ok(Theme::Mono),
        _ => Err(ValueError(format!("is {}; it is auto, 16 or mono", quoted(text)))),
    }
}

pub(super) fn parse_escape(text: &str) -> Result<u64, ValueError> {
    match text.parse() {
        Ok(milliseconds @ 1..=1_000) => Ok(milliseconds),
        _ => Err(ValueError(format!("is {}; it is a number from 1 to 1000", quoted(text)))),
    }
}
