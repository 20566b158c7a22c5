//! What is stuck now.

use crate::domain::Timestamp;
use crate::engine::delivery_fault::delivery_fault;
use crate::engine::handover::words;
use crate::engine::inquiry::AVAILABLE_LIMIT_MS;
use crate::store::head_office::DeliveryChannel;
use crate::store::{HeadOffice, StoreError};

/// Channel databases that a line names at most.
const MAX_NAMED_DATABASES: i64 = 10;

/// The lines about what is stuck at `now`.
pub(super) fn stuck(office: &HeadOffice, now: Timestamp) -> Result<Vec<String>, StoreError> {
    let mut stuck = Vec::new();
    let stuck_sessions = [
        ("upload", "failed", office.uploads_not_applied()?),
        ("download", "failed", office.downloads_failed()?),
        (
            "download",
            "requested by no agent",
            office.available_since(Timestamp(now.0.saturating_sub(AVAILABLE_LIMIT_MS)))?,
        ),
    ];
    for (what, state, figures) in stuck_sessions.iter().filter(|(.., figures)| figures.sessions > 0) {
        let sessions = crate::domain::counted(figures.sessions, what);
        let stores = crate::domain::counted(figures.channel_databases, "channel database");
        let restored = match figures.restored {
            0 => String::new(),
            restored => format!(" ({} restored from the trash)", crate::domain::grouped(restored)),
        };
        stuck.push(format!("{sessions} {state}, on {stores}{restored}"));
    }
    let as_of = office.last_cursor()?.and_then(|cursor| cursor.as_of);
    let (quiet, count) =
        as_of.map_or(Ok((Vec::new(), 0)), |as_of| office.quiet_databases(as_of, MAX_NAMED_DATABASES))?;
    if count > 0 {
        let names: Vec<_> = quiet.into_iter().map(|database| database.name).collect();
        stuck.push(words::named(&crate::domain::counted(count, "channel database"), "silent", &names, count));
    }
    let (fast, count) = office.fast_clocks(MAX_NAMED_DATABASES)?;
    if count > 0 {
        let names: Vec<_> = fast.into_iter().map(|clock| clock.name).collect();
        stuck.push(words::named(
            &crate::domain::counted(count, "channel database"),
            "with a clock ahead",
            &names,
            count,
        ));
    }
    let rejected = office.count_rejected()?;
    if rejected > 0 {
        stuck.push(crate::domain::counted(rejected, "rejected message"));
    }
    if office.has_overdue(now)? {
        stuck.push("A batch job is overdue; cdx batch why N says why".to_owned());
    }
    for channel in DeliveryChannel::ALL {
        if let Some(fault) = office.last_delivery(channel)?.fault {
            let fault = delivery_fault(channel, &fault, Timestamp::in_utc);
            stuck.push(format!("Alerts not sent, {}: {fault}", channel.label()));
        }
    }
    Ok(stuck)
}
