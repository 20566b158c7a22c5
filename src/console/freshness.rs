//! The second line of every screen: how fresh the status is.

use super::query::{COUNT_LIMIT, Freshness};
use super::screen::View;
use super::time::age;
use crate::domain::grouped;

/// Beyond this age the status is stale while nothing is known of a rhythm: twice a quarter of an hour.
const STALE_AFTER: i64 = 30 * 60_000;

/// Why the status is stale; `None` if it is fresh.
pub fn stale(freshness: &Freshness, view: &View) -> Option<String> {
    if freshness.running.is_some() {
        return None;
    }
    match freshness.as_of {
        None => Some("nothing was ever transferred".to_owned()),
        Some(as_of) if view.now.since(as_of) > STALE_AFTER => {
            Some(format!("the last transfer ended {} ago and none is coming by itself", age(view.now.since(as_of))))
        }
        Some(_) => None,
    }
}

/// What starts next by itself, or why nothing does.
fn next(freshness: &Freshness, view: &View) -> Option<String> {
    let coming = &freshness.coming;
    match coming.next_start {
        _ if coming.servers.is_empty() => Some("no batch server runs".to_owned()),
        Some(at) if at <= view.now => Some("next is due".to_owned()),
        Some(at) => {
            // The minute is enough, as long as it is today's.
            let shown = view.zone.short(at, view.now);
            let shown = if shown.len() == 8 { &shown[..5] } else { &shown };
            Some(format!("next {shown}, in {}", age(at.since(view.now))))
        }
        None if coming.withheld => Some("next: withheld".to_owned()),
        None => None,
    }
}

/// The line, and whether it is a warning.
pub fn line(view: &View) -> (String, bool) {
    if let Some(run) = view.run.filter(|run| run.lives()) {
        let open = view.freshness.map_or_else(String::new, |freshness| format!(" · {} open", grouped(freshness.open)));
        return (format!("{} · status as of before it{open}", run.line()), false);
    }
    let Some(freshness) = view.freshness else { return ("reading …".to_owned(), false) };
    let is_stale = stale(freshness, view).is_some();
    let mut parts = Vec::new();
    parts.push(match freshness.as_of {
        Some(as_of) => {
            let start = if is_stale { "STALE: as of" } else { "As of" };
            let (at, zone) = (view.zone.short(as_of, view.now), view.zone.name(as_of));
            format!("{start} {at} {zone}, {} ago", age(view.now.since(as_of)))
        }
        None => "Nothing was ever transferred".to_owned(),
    });
    parts.push(match freshness.waiting {
        Some(waiting) if waiting > COUNT_LIMIT => format!("more than {} waiting", grouped(COUNT_LIMIT)),
        Some(waiting) => format!("{} waiting", grouped(waiting)),
        None => "the message database cannot be read".to_owned(),
    });
    if let Some((run_id, holder)) = &freshness.running {
        parts.push(format!("run {run_id} lives, by {holder}"));
    }
    parts.extend(next(freshness, view));
    parts.push(format!("{} open", grouped(freshness.open)));
    if freshness.coming.unread > 0 {
        parts.push(format!("{} new (!)", grouped(freshness.coming.unread)));
    }
    (parts.join(" · "), is_stale)
}
