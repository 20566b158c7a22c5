//! The settings of a console.

use crate::config::LabelColor;
use crate::console::protocol::keymap::Keymap;
use crate::console::protocol::time::Zone;
use crate::console::view::theme::Theme;
use chrono_tz::Tz;
use std::path::PathBuf;

/// Settings that do not change while the console is open.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Colors and glyphs.
    pub theme: Theme,
    /// The label of this exchange in the header line and its color.
    pub label: Option<(String, LabelColor)>,
    /// The login.
    pub operator: String,
    /// The host.
    pub host: String,
    /// The keys.
    pub keymap: Keymap,
    /// Whether changes are disabled.
    pub read_only: bool,
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
