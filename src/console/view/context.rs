//! The read-only facts that every screen and form draws from.

use crate::console::protocol::keymap::Keymap;
use crate::console::protocol::query::Freshness;
use crate::console::protocol::run_progress::LiveRun;
use crate::console::protocol::time::Zone;
use crate::domain::Timestamp;
use chrono_tz::Tz;
use std::path::Path;
use std::sync::LazyLock;

static DEFAULT_KEYS: LazyLock<Keymap> = LazyLock::new(Keymap::default);

/// The facts, as of one frame.
#[derive(Debug, Clone, Copy)]
pub struct ViewContext<'a> {
    /// The current time.
    pub now: Timestamp,
    /// The zone in which times are shown.
    pub zone: Zone,
    /// How fresh the status is; `None` before the first answer.
    pub freshness: Option<&'a Freshness>,
    /// When another head office was found in place of the one shown before, if lately.
    pub replaced_at: Option<Timestamp>,
    /// The run executing in this console, or the last one that ended here.
    pub run: Option<&'a LiveRun>,
    /// The keys, for hints and sentences.
    pub keymap: &'a Keymap,
    /// Why changes are disabled; `None` if they are allowed.
    pub read_only: Option<&'a str>,
    /// The login.
    pub operator: &'a str,
    /// The operator's time zone, for forms.
    pub home: Tz,
    /// When this operator's previous console ended; `None` if that is not recorded.
    pub last_here: Option<Timestamp>,
    /// The file of views that head office may not keep; `None` if nothing is kept on this machine.
    pub views_file: Option<&'a Path>,
}

impl ViewContext<'_> {
    /// The text with the key of each command that it names in braces, such as `{process}`.
    pub fn keys(&self, text: &str) -> String {
        self.keymap.named(text)
    }

    /// Why changes are refused; `None` if they are allowed.
    pub fn refusal(&self) -> Option<String> {
        self.read_only.map(str::to_owned)
    }

    /// A context without any facts, for tests and for the time before the first answer.
    pub fn empty(zone: Zone) -> Self {
        let now = Timestamp::default();
        ViewContext {
            now,
            zone,
            freshness: None,
            replaced_at: None,
            run: None,
            keymap: &DEFAULT_KEYS,
            read_only: None,
            operator: "",
            home: Tz::UTC,
            last_here: None,
            views_file: None,
        }
    }
}
