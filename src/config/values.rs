//! Types and parsers of configuration values.

use crate::domain::redact;
use crate::store::{Location, LocationError};
use std::str::FromStr;

/// When output is colored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Also if the output is no terminal.
    Always,
    /// Not even at a terminal.
    Never,
}

/// The console's theme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// The most colors that the terminal supports, if `color` allows colors.
    Auto,
    /// 24-bit colors, regardless of `color`.
    Rgb,
    /// The xterm palette of 256 colors, regardless of `color`.
    Indexed,
    /// The terminal's sixteen colors, regardless of `color`.
    Sixteen,
    /// No colors.
    Mono,
}

/// The color of the label in the console's header line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // named after what they are
pub enum LabelColor {
    Red,
    Orange,
    Green,
    Blue,
    Purple,
    Gray,
}

impl Color {
    /// Returns its name in the file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Always => "always",
            Self::Never => "never",
        }
    }
}

impl LabelColor {
    /// Returns its name in the file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Red => "red",
            Self::Orange => "orange",
            Self::Green => "green",
            Self::Blue => "blue",
            Self::Purple => "purple",
            Self::Gray => "gray",
        }
    }
}

impl Theme {
    /// Every theme.
    pub const ALL: [Self; 5] = [Self::Auto, Self::Rgb, Self::Indexed, Self::Sixteen, Self::Mono];

    /// Returns its name in the file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Rgb => "24bit",
            Self::Indexed => "256",
            Self::Sixteen => "16",
            Self::Mono => "mono",
        }
    }
}

/// Why a value is refused, worded to follow the name of its key.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ValueError(pub(super) String);

/// Quotes a value for an error: on one line and without secrets, because a password may be under
/// the wrong key.
pub(super) fn quoted(text: &str) -> String {
    format!("{:?}", redact(text))
}

pub(super) fn parse_location(text: &str) -> Result<Location, ValueError> {
    Location::from_str(text).map_err(|error: LocationError| ValueError(format!("is not a database URL: {error}")))
}

pub(super) fn parse_bool(text: &str) -> Result<bool, ValueError> {
    text.parse().map_err(|_| ValueError(format!("is {}; it must be true or false", quoted(text))))
}

pub(super) fn parse_color(text: &str) -> Result<Color, ValueError> {
    match text {
        "auto" => Ok(Color::Auto),
        "always" => Ok(Color::Always),
        "never" => Ok(Color::Never),
        _ => Err(ValueError(format!("is {}; it must be auto, always or never", quoted(text)))),
    }
}

pub(super) fn parse_theme(text: &str) -> Result<Theme, ValueError> {
    let found = Theme::ALL.into_iter().find(|theme| theme.name() == text);
    found.ok_or_else(|| ValueError(format!("is {}; it must be auto, 24bit, 256, 16 or mono", quoted(text))))
}

/// Never fails; the console cleans and cuts the text. A password that got here by mistake is
/// masked.
#[allow(clippy::unnecessary_wraps)] // like the other parsers
pub(super) fn parse_label(text: &str) -> Result<Option<String>, ValueError> {
    Ok(Some(redact(text)).filter(|text| !text.is_empty()))
}

pub(super) fn parse_label_color(text: &str) -> Result<LabelColor, ValueError> {
    use LabelColor::{Blue, Gray, Green, Orange, Purple, Red};
    let found = [Red, Orange, Green, Blue, Purple, Gray].into_iter().find(|color| color.name() == text);
    found.ok_or_else(|| ValueError(format!("is {}; it must be red, orange, green, blue, purple or gray", quoted(text))))
}

pub(super) fn parse_escape(text: &str) -> Result<u64, ValueError> {
    match text.parse() {
        Ok(milliseconds @ 1..=1_000) => Ok(milliseconds),
        _ => Err(ValueError(format!("is {}; it must be a number from 1 to 1000", quoted(text)))),
    }
}
