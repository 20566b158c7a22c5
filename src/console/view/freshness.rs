//! The second line of every screen: how fresh the status is.

use crate::console::protocol::query::{COUNT_LIMIT, Freshness};
use crate::console::protocol::run_progress::LiveRun;
use crate::console::protocol::time::age;
use crate::console::view::context::ViewContext;
use crate::console::view::painter::cells;
use crate::domain::grouped;

/// Beyond this age, in milliseconds, the status is stale when no run is coming: twice a quarter of an hour.
const STALE_AFTER: i64 = 30 * 60_000;
/// A job that is late by less than this, in milliseconds, is not late.
const LATE: i64 = 60_000;

/// Why the status is stale; `None` if it is fresh.
pub fn stale(freshness: &Freshness, view: &ViewContext) -> Option<String> {
    if freshness.running.is_some() {
        return None;
    }
    let Some(as_of) = freshness.as_of else {
        // What it read is not all there was.
        let why = if freshness.begun { "no transfer has reached the end yet" } else { "nothing was ever transferred" };
        return Some(why.to_owned());
    };
    // How old it is, nobody can tell then; the difference would look fresh until the clock has caught up.
    if as_of.since(view.now) > LATE {
        return Some("its date is in the future: a clock is wrong".to_owned());
    }
    let coming = &freshness.coming;
    let (limit, why) = match (coming.next_start, coming.rhythm) {
        (Some(_), _) if coming.servers.is_empty() => (STALE_AFTER, "no batch server runs"),
        (Some(_), Some(rhythm)) => (rhythm.saturating_mul(2).saturating_add(LATE), "the job is late"),
        // What starts next brings no messages, or only once.
        (Some(at), None) if at > view.now => (STALE_AFTER, "no transfer is coming by itself"),
        (Some(_), None) => (STALE_AFTER, "the job is late"),
        (None, _) if coming.withheld.is_some() => (STALE_AFTER, "job withheld"),
        (None, _) => (STALE_AFTER, "no run is coming by itself"),
    };
    (view.now.since(as_of) > limit).then(|| why.to_owned())
}

/// What starts next by itself, for the Overview.
pub fn next_run(view: &ViewContext) -> String {
    let Some(coming) = view.freshness.map(|freshness| &freshness.coming) else { return String::new() };
    match (coming.next_start, coming.servers.first()) {
        (Some(_), None) => "none: no batch server runs; p runs it, cdx batch-server starts one".to_owned(),
        (Some(at), Some(server)) if at <= view.now => format!("due now, on {server}; 7 says what it waits for"),
        (Some(at), Some(_)) => {
            format!("{}, in {}; 7 shows the jobs", view.zone.short(at, view.now), age(at.since(view.now)))
        }
        (None, _) if coming.withheld.is_some() => "none while withheld; 7 shows the job, p runs it once".to_owned(),
        (None, _) => "none comes by itself; p runs it".to_owned(),
    }
}

/// What starts next by itself, or why nothing does.
fn next(freshness: &Freshness, view: &ViewContext, is_wide: bool) -> Option<String> {
    let coming = &freshness.coming;
    let run = if is_wide { " run" } else { "" };
    match coming.next_start {
        // The breadcrumb says that there is no server.
        Some(_) if coming.servers.is_empty() => None,
        Some(at) if at <= view.now => Some(format!("next{run} is due")),
        Some(at) => {
            // The minute is enough, as long as it is today's.
            let shown = view.zone.short(at, view.now);
            let shown = if shown.len() == 8 { &shown[..5] } else { &shown };
            Some(format!("next{run} {shown}, in {}", age(at.since(view.now))))
        }
        None if coming.withheld.is_some() => Some(format!("next{run}: withheld")),
        None => None,
    }
}

/// The line while the databases do not answer: what is known is as old as it says, whatever it said before.
pub fn unanswered(view: &ViewContext, width: usize) -> String {
    let mut parts = Vec::new();
    match view.freshness.and_then(|freshness| freshness.as_of) {
        Some(as_of) => {
            let (at, zone) = (view.zone.short(as_of, view.now), view.zone.name(as_of));
            parts.push((format!("STALE: as of {at} {zone}, {} ago", age(view.now.since(as_of))), 0));
            parts.push(("head office cannot be read".to_owned(), 1));
        }
        None => parts.push(("Head office cannot be read".to_owned(), 0)),
    }
    format!("! {}", fitted(&parts, width.saturating_sub(2)))
}

/// The line, as much of it as fits, and whether it is a warning.
pub fn line(view: &ViewContext, width: usize) -> (String, bool) {
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
            let ago = view.now.since(as_of);
            let ago = if ago < -LATE { String::new() } else { format!(", {} ago", age(ago)) };
            parts.push((format!("{start} {at} {zone}{ago}"), 0));
        }
        None if freshness.begun => parts.push(("No transfer has reached the end yet".to_owned(), 0)),
        None => parts.push(("Nothing was ever transferred".to_owned(), 0)),
    }
    let messages = if is_wide { " messages" } else { "" };
    let waiting = match freshness.waiting {
        Some(waiting) if waiting > COUNT_LIMIT => format!("more than {}{messages} waiting", grouped(COUNT_LIMIT)),
        Some(waiting) => format!("{}{messages} waiting", grouped(waiting)),
        None => "the message database cannot be read".to_owned(),
    };
    let unread = freshness.coming.unread;
    // Where there is no room for both, what somebody wanted to be told is worth more than a count.
    parts.push((waiting, if unread > 0 && freshness.waiting.is_some() { 7 } else { 4 }));
    if let Some((run_id, holder)) = &freshness.running {
        parts.push((format!("run {run_id} lives, by {holder}"), 2));
    }
    parts.extend(why.as_ref().filter(|_| freshness.as_of.is_some()).map(|why| (why.clone(), 1)));
    // That the job is withheld is said once.
    let next = next(freshness, view, is_wide).filter(|_| why.is_none() || freshness.coming.next_start.is_some());
    parts.extend(next.map(|next| (next, 6)));
    parts.push((errors(freshness.open, is_wide), 5));
    if unread > 0 {
        parts.push((format!("{} new (!)", grouped(unread)), 3));
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

fn of_run(run: &LiveRun, view: &ViewContext, is_wide: bool) -> Vec<(String, u8)> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::protocol::batch_query::{Coming, Withheld};
    use crate::console::protocol::time::Zone;
    use crate::domain::Timestamp;

    const MINUTE: i64 = 60_000;
    const NOW: Timestamp = Timestamp(1_795_483_142_000);

    fn why(age_minutes: i64, coming: Coming) -> Option<String> {
        let freshness =
            Freshness { as_of: Some(Timestamp(NOW.0 - age_minutes * MINUTE)), coming, ..Freshness::default() };
        stale(&freshness, &ViewContext { now: NOW, ..ViewContext::empty(Zone::Utc) })
    }

    fn coming(next_in_minutes: Option<i64>, rhythm_minutes: Option<i64>, server: bool) -> Coming {
        Coming {
            next_start: next_in_minutes.map(|minutes| Timestamp(NOW.0 + minutes * MINUTE)),
            rhythm: rhythm_minutes.map(|minutes| minutes * MINUTE),
            servers: if server { vec!["aos-1".to_owned()] } else { Vec::new() },
            ..Coming::default()
        }
    }

    #[test]
    fn it_is_stale_past_twice_the_job_s_rhythm_or_when_no_run_is_coming() {
        assert_eq!(why(30, coming(Some(1), Some(15), true)), None, "twice a quarter of an hour is its rhythm");
        assert_eq!(why(32, coming(Some(1), Some(15), true)).as_deref(), Some("the job is late"));
        assert_eq!(why(1_440, coming(Some(60), Some(1_440), true)), None, "once a day is fresh for a day");
        assert_eq!(why(4, coming(Some(-1), Some(1), true)).as_deref(), Some("the job is late"));
        assert_eq!(why(40, coming(Some(1), Some(15), false)).as_deref(), Some("no batch server runs"));
        assert_eq!(why(40, coming(None, None, true)).as_deref(), Some("no run is coming by itself"));
        let job = Withheld { description: "Status".to_owned(), by: "m.jansen".to_owned(), at: NOW };
        let withheld = Coming { withheld: Some(job), ..coming(None, None, true) };
        assert_eq!(why(40, withheld.clone()).as_deref(), Some("job withheld"));
        assert_eq!(why(2, withheld), None);
        assert_eq!(why(40, coming(Some(10), None, true)).as_deref(), Some("no transfer is coming by itself"));
    }

    #[test]
    fn where_there_is_no_room_what_matters_less_goes_alone() {
        let view = ViewContext { now: NOW, ..ViewContext::empty(Zone::Utc) };
        let running = Some((12_345, "batch server aos-1".to_owned()));
        let mut freshness = Freshness { running, waiting: Some(COUNT_LIMIT + 1), ..Freshness::default() };
        let said = |freshness: &Freshness| line(&ViewContext { freshness: Some(freshness), ..view }, 80).0;
        assert_eq!(said(&freshness), "Nothing was ever transferred · run 12345 lives, by batch server aos-1");
        freshness.as_of = Some(Timestamp(NOW.0 - MINUTE));
        freshness.coming.unread = 12;
        assert!(
            said(&freshness).ends_with(" 1 min ago · run 12345 lives, by batch server aos-1"),
            "{}",
            said(&freshness)
        );
        freshness.running = None;
        assert!(said(&freshness).ends_with(" 1 min ago · 0 errors · 12 new (!)"), "{}", said(&freshness));
    }

    #[test]
    fn before_a_transfer_has_reached_the_end_nothing_is_fresh_but_what_was_read_is_not_denied() {
        let view = ViewContext::empty(Zone::Utc);
        let said = |begun| {
            let freshness = Freshness { begun, open: 18, waiting: Some(7), ..Freshness::default() };
            line(&ViewContext { freshness: Some(&freshness), ..view }, 80)
        };
        assert_eq!(said(false), ("Nothing was ever transferred · 7 waiting · 18 errors".to_owned(), true));
        assert_eq!(said(true), ("No transfer has reached the end yet · 7 waiting · 18 errors".to_owned(), true));
    }

    #[test]
    fn a_clock_that_was_set_back_does_not_make_it_look_fresh() {
        let regular = || coming(Some(1), Some(15), true);
        assert_eq!(why(-1, regular()), None, "two machines may be a little apart");
        assert_eq!(why(-2, regular()).as_deref(), Some("its date is in the future: a clock is wrong"));
        assert_eq!(
            why(-1_440, coming(None, None, true)).as_deref(),
            Some("its date is in the future: a clock is wrong")
        );
    }
}
