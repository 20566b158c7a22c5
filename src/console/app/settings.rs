//! The settings of a console.

use crate::config::{self, LabelColor};
use crate::console::protocol::keymap::Keymap;
use crate::console::protocol::theme_choice::ThemeChoice;
use crate::console::protocol::time::Zone;
use crate::console::view::theme::{ColorDepth, Theme};
use chrono_tz::Tz;
use std::path::PathBuf;

/// Settings that do not change while the console is open.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Colors and glyphs.
    pub theme: ThemeSettings,
    /// The label of this exchange in the header line and its color.
    pub label: Option<(String, LabelColor)>,
    /// The login.
    pub operator: String,
    /// The name of this machine, for the header line.
    pub host: String,
    /// The keys, with those that the operator rebound.
    pub keymap: Keymap,
    /// Why changes are disabled; `None` if they are allowed.
    pub read_only: Option<String>,
    /// Whether an alert rings the terminal's bell.
    pub bell: bool,
    /// Whether the mouse is used from the start.
    pub mouse: bool,
    /// The command of the pager; `None` if there is to be none.
    pub pager: Option<String>,
    /// The zone in which times are shown at first.
    pub zone: Zone,
    /// The operator's zone, for forms.
    pub home: Tz,
    /// The file of views that head office may not keep; `None` keeps nothing on this machine.
    pub views_file: Option<PathBuf>,
}

/// What decides the theme.
#[derive(Debug, Clone, Copy)]
pub struct ThemeSettings {
    /// The theme that the console opens with.
    pub choice: ThemeChoice,
    /// Whether a flag, the environment or this machine's configuration chose it, which precedes the
    /// operator's saved choice.
    pub is_given: bool,
    /// The colors of the automatic theme.
    pub auto: ColorDepth,
    /// Whether the locale is UTF-8; otherwise the console draws ASCII only.
    pub is_utf8: bool,
}

impl ThemeSettings {
    /// Settings that choose one theme, whatever the operator saved.
    pub fn fixed(theme: Theme) -> Self {
        let choice = ThemeChoice { theme: config::Theme::Auto, ascii: theme.ascii };
        Self { choice, is_given: true, auto: theme.depth, is_utf8: true }
    }

    /// Returns the colors and glyphs that a choice gets here.
    pub fn resolve(&self, choice: ThemeChoice) -> Theme {
        let depth = match choice.theme {
            config::Theme::Auto => self.auto,
            config::Theme::Rgb => ColorDepth::Rgb,
            config::Theme::Indexed => ColorDepth::Indexed,
            config::Theme::Sixteen => ColorDepth::Sixteen,
            config::Theme::Mono => ColorDepth::Mono,
        };
        Theme { depth, ascii: choice.ascii || !self.is_utf8 }
    }
}
