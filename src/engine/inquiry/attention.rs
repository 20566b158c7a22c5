//! What needs attention.

use crate::batch::AlertRule;
use crate::domain::{HOUR_MS, Timestamp};
use crate::store::head_office::{
    Approval, DeliveryChannel, DeliveryFault, FastClock, HeldPurge, QuietDatabase, SessionFigures, Silence,
};
use crate::store::{HeadOffice, StoreError};

/// Milliseconds after which a download that is still Available needs attention.
pub const AVAILABLE_LIMIT_MS: i64 = HOUR_MS;
/// Maximum number of channel databases that a list names; further ones are counted.
const MAX_NAMED_DATABASES: i64 = 3;

/// Maximum number of open silences, and of changes that wait, that are counted.
const MAX_SILENCES: i64 = 100;

/// Sessions and channel databases that need attention.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Attention {
    /// Uploads in a failed state that no newer session repeats.
    pub uploads: SessionFigures,
    /// Downloads in a failed state.
    pub downloads: SessionFigures,
    /// Downloads that no agent has requested for an hour.
    pub available: SessionFigures,
    /// Those downloads changed last before this instant.
    pub available_before: Timestamp,
    /// Channel databases silent for longer than usual, and their total.
    pub quiet: (Vec<QuietDatabase>, i64),
    /// Channels whose alerts fail, with the last error.
    pub alert_faults: Vec<(DeliveryChannel, DeliveryFault)>,
    /// The purge that is held.
    pub held_purge: Option<HeldPurge>,
    /// Alert rules with conditions that fire, and their number.
    pub firing: Vec<(AlertRule, i64)>,
    /// Silences of alerts that are open, those that end soonest first.
    pub silences: Vec<Silence>,
    /// Changes that wait for a second login, newest first.
    pub approvals: Vec<Approval>,
    /// Channel databases whose clocks run ahead, and their total.
    pub fast_clocks: (Vec<FastClock>, i64),
}

/// Reads what needs attention at `now`.
pub fn attention(office: &HeadOffice, now: Timestamp) -> Result<Attention, StoreError> {
    let since = Timestamp(now.0.saturating_sub(AVAILABLE_LIMIT_MS));
    let mut alert_faults = Vec::new();
    for channel in DeliveryChannel::ALL {
        alert_faults.extend(office.last_delivery(channel)?.fault.map(|fault| (channel, fault)));
    }
    let as_of = office.last_cursor()?.and_then(|cursor| cursor.as_of);
    Ok(Attention {
        uploads: office.uploads_not_applied()?,
        downloads: office.downloads_failed()?,
        available: office.available_since(since)?,
        available_before: since,
        fast_clocks: office.fast_clocks(MAX_NAMED_DATABASES)?,
        quiet: as_of.map_or(Ok((Vec::new(), 0)), |as_of| office.quiet_databases(as_of, MAX_NAMED_DATABASES))?,
        alert_faults,
        held_purge: office.held_purge()?,
        firing: office.count_firing()?.into_iter().filter(|(_, count)| *count > 0).collect(),
        silences: office.open_silences(now, MAX_SILENCES)?,
        approvals: office.waiting_approvals(now, MAX_SILENCES)?,
    })
}
