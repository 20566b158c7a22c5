//! The second line of every screen: how fresh the status is.

use super::live::LiveRun;
use super::painter::cells;
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
        Some(as_of) if view.now.since(as_of) > STALE_AFTER => Some("no run is coming by itself".to_owned()),
        Some(_) => None,
    }
}

/// What starts next by itself, or why nothing does.
fn next(freshness: &Freshness, view: &View, is_wide: bool) -> Option<String> {
    let coming = &freshness.coming;
    let run = if is_wide { " run" } else { "" };
    match coming.next_start {
        _ if coming.servers.is_empty() => Some("no batch server runs".to_owned()),
        Some(at) if at <= view.now => Some(format!("next{run} is due")),
        Some(at) => {
            // The minute is enough, as long as it is today's.
            let shown = view.zone.short(at, view.now);
            let shown = if shown.len() == 8 { &shown[..5] } else { &shown };
            Some(format!("next{run} {shown}, in {}", age(at.since(view.now))))
        }
        None if coming.withheld => Some(format!("next{run}: withheld")),
        None => None,
    }
}

/// The line, as much of it as fits, and whether it is a warning.
pub fn line(view: &View, width: usize) -> (String, bool) {
    let is_wide = width >= 110;
    if let Some(run) = view.run.filter(|run| run.lives()) {
        return (fitted(&of_run(run, view, is_wide), width), false);
    }
    let Some(freshness) = view.freshness else { return ("reading …".to_owned(), false) };
    let why = stale(freshness, view);
    let mut parts = Vec::new();
    match freshness.as_of {
        Some(as_of) => {
            let start = match (why.is_some(), is_wide) {
                (true, _) => "STALE: as of",
                (false, true) => "Status as of",
                (false, false) => "As of",
            };
            let (at, zone) = (view.zone.short(as_of, view.now), view.zone.name(as_of));
            parts.push((format!("{start} {at} {zone}, {} ago", age(view.now.since(as_of))), 0));
        }
        None => parts.push(("Nothing was ever transferred".to_owned(), 0)),
    }
    let messages = if is_wide { " messages" } else { "" };
    let waiting = match freshness.waiting {
        Some(waiting) if waiting > COUNT_LIMIT => format!("more than {}{messages} waiting", grouped(COUNT_LIMIT)),
        Some(waiting) => format!("{}{messages} waiting", grouped(waiting)),
        None => "the message database cannot be read".to_owned(),
    };
    parts.push((waiting, 1));
    if let Some((run_id, holder)) = &freshness.running {
        parts.push((format!("run {run_id} lives, by {holder}"), 2));
    }
    parts.extend(why.as_ref().filter(|_| freshness.as_of.is_some()).map(|why| (why.clone(), 3)));
    parts.extend(next(freshness, view, is_wide).map(|next| (next, 3)));
    parts.push((errors(freshness.open, is_wide), 2));
    if freshness.coming.unread > 0 {
        parts.push((format!("{} new (!)", grouped(freshness.coming.unread)), 4));
    }
    // A mark and a blank stand before a warning.
    (fitted(&parts, width.saturating_sub(2)), why.is_some())
}

fn errors(open: i64, is_wide: bool) -> String {
    match (open, is_wide) {
        (1, false) => "1 error".to_owned(),
        (open, false) => format!("{} errors", grouped(open)),
        (1, true) => "1 error open".to_owned(),
        (open, true) => format!("{} errors open", grouped(open)),
    }
}

fn of_run(run: &LiveRun, view: &View, is_wide: bool) -> Vec<(String, u8)> {
    let mut parts = vec![(run.line(), 0)];
    let reached = run.reached().map(|at| format!("status as of {} so far", view.zone.short(at, view.now)));
    parts.push((reached.unwrap_or_else(|| "status as of before it".to_owned()), 1));
    parts.extend(view.freshness.map(|freshness| (errors(freshness.open, is_wide), 2)));
    parts
}

/// The parts that fit; the one with the greatest number goes first.
fn fitted(parts: &[(String, u8)], width: usize) -> String {
    let mut parts: Vec<_> = parts.to_vec();
    loop {
        let line = parts.iter().map(|(part, _)| part.as_str()).collect::<Vec<_>>().join(" · ");
        let worst = parts.iter().map(|(_, drop)| *drop).max().unwrap_or(0);
        if cells(&line) <= width || worst == 0 {
            return line;
        }
        parts.retain(|(_, drop)| *drop != worst);
    }
}
