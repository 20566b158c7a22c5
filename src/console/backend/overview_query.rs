//! What the Overview asks for: what needs attention, and how much happened when.

use crate::console::protocol::query::Attention;
use crate::domain::Timestamp;
use crate::store::head_office::Way;
use crate::store::{HeadOffice, StoreError};

/// A download nobody has taken for so long, in milliseconds, wants a look.
const TAKEN_WITHIN: i64 = 3_600_000;
/// Channel databases that the to-do list names.
const QUIET_NAMED: i64 = 3;

/// Reads it, as of `now`.
pub fn read(office: &HeadOffice, now: Timestamp) -> Result<Attention, StoreError> {
    let since = Timestamp(now.0.saturating_sub(TAKEN_WITHIN));
    let mut alert_faults = Vec::new();
    for way in [Way::Email, Way::Command] {
        alert_faults.extend(office.last_delivery(way)?.fault.map(|fault| (way, fault)));
    }
    let as_of = office.last_cursor()?.and_then(|cursor| cursor.as_of);
    Ok(Attention {
        uploads: office.uploads_not_applied()?,
        downloads: office.downloads_failed()?,
        available: office.available_since(since)?,
        available_before: since,
        fast_clocks: office.fast_clocks(QUIET_NAMED)?,
        quiet: as_of.map_or(Ok((Vec::new(), 0)), |as_of| office.quiet_databases(as_of, QUIET_NAMED))?,
        alert_faults,
    })
}
