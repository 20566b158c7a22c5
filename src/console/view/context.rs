//! The read-only facts that every screen and form draws from.

use crate::console::protocol::query::Freshness;
use crate::console::protocol::run_progress::LiveRun;
use crate::console::protocol::time::Zone;
use crate::domain::Timestamp;
use chrono_tz::Tz;

/// What every screen may look at.
#[derive(Debug, Clone, Copy)]
pub struct ViewContext<'a> {
    /// The present instant.
    pub now: Timestamp,
    /// The zone of times.
    pub zone: Zone,
    /// How fresh the status is; `None` before the first answer.
    pub freshness: Option<&'a Freshness>,
    /// The run that lives in this console, or the last one that did.
    pub run: Option<&'a LiveRun>,
    /// Whether nothing may be changed.
    pub read_only: bool,
    /// The login.
    pub operator: &'a str,
    /// The operator's zone, for forms.
    pub home: Tz,
    /// When this operator's last console ended, as far as known.
    pub last_here: Option<Timestamp>,
}

impl ViewContext<'_> {
    /// Nothing is known yet.
    pub fn empty(zone: Zone) -> Self {
        let now = Timestamp::default();
        ViewContext {
            now,
            zone,
            freshness: None,
            run: None,
            read_only: false,
            operator: "",
            home: Tz::UTC,
            last_here: None,
        }
    }
}
