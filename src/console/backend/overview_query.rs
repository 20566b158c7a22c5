//! Answers the Overview's query for what needs attention.

use crate::console::protocol::query::Attention;
use crate::domain::Timestamp;
use crate::store::head_office::DeliveryChannel;
use crate::store::{HeadOffice, StoreError};

/// Milliseconds after which a download that is still Available needs attention.
const AVAILABLE_LIMIT: i64 = 3_600_000;
/// Maximum number of channel databases that a list names; further ones are counted.
const MAX_NAMED: i64 = 3;

/// Maximum number of open silences, and of changes that wait, that are counted.
const MAX_SILENCES: i64 = 100;

/// Reads what needs attention at `now`.
pub fn read(office: &HeadOffice, now: Timestamp) -> Result<Attention, StoreError> {
    let since = Timestamp(now.0.saturating_sub(AVAILABLE_LIMIT));
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
        fast_clocks: office.fast_clocks(MAX_NAMED)?,
        quiet: as_of.map_or(Ok((Vec::new(), 0)), |as_of| office.quiet_databases(as_of, MAX_NAMED))?,
        alert_faults,
        held_purge: office.held_purge()?,
        firing: office.count_firing()?.into_iter().filter(|(_, count)| *count > 0).collect(),
        silences: office.open_silences(now, MAX_SILENCES)?,
        approvals: office.waiting_approvals(now, MAX_SILENCES)?,
    })
}
