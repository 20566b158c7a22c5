//! The freshness line, second on every screen: how old the status is and what runs next.

use crate::console::protocol::query::CLOCK_TOLERANCE_MS;
use crate::console::protocol::query::{COUNT_LIMIT, Freshness};
use crate::console::protocol::run_progress::{LiveRun, Measured, StepProgress, StepState};
use crate::console::protocol::time::age;
use crate::console::view::context::ViewContext;
use crate::console::view::painter::cells;
use crate::domain::{counted, grouped};

/// Describes the next scheduled run, for the Overview.
pub fn next_run(view: &ViewContext) -> String {
    let Some(coming) = view.freshness.map(|freshness| &freshness.coming) else { return String::new() };
    match (coming.next_start, coming.servers.first()) {
        (Some(_), None) => view.keys("none: no batch server runs; {process} runs it, cdx batch-server starts one"),
        (Some(at), Some(server)) if at <= view.now => {
            format!("due now, on {server}; {}", view.keys("{place_7} shows what it waits for"))
        }
        (Some(at), Some(_)) => {
            let jobs = view.keys("{place_7} shows the jobs");
            format!("{}, in {}; {jobs}", view.zone.short(at, view.now), age(at.since(view.now)))
        }
        (None, _) if coming.withheld.is_some() => {
            view.keys("none while withheld; {place_7} shows the job, {process} runs it once")
        }
        (None, _) => view.keys("none scheduled; {process} runs it"),
    }
}

/// Describes the next scheduled run, or that its job is withheld, for the freshness line.
fn next(freshness: &Freshness, view: &ViewContext, is_wide: bool) -> Option<String> {
    let coming = &freshness.coming;
    let run = if is_wide { " run" } else { "" };
    match coming.next_start {
        Some(_) if coming.servers.is_empty() => Some(format!("next{run}: no batch server")),
        Some(at) if at <= view.now => Some(format!("next{run} due now")),
        Some(at) => {
            // For today the minute is enough: cut the seconds off `06:15:00`.
            let shown = view.zone.short(at, view.now);
            let shown = if shown.len() == 8 { &shown[..5] } else { &shown };
            Some(format!("next{run} {shown}, in {}", age(at.since(view.now))))
        }
        None if coming.withheld.is_some() => Some(format!("next{run}: withheld")),
        None => None,
    }
}

/// Returns the line for the time while the databases do not answer.
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

/// Returns the line, shortened to `width`, and whether it is a warning.
pub fn line(view: &ViewContext, width: usize) -> (String, bool) {
    let is_wide = width >= 110;
    if let Some(run) = view.run.filter(|run| run.is_active()) {
        return (fitted(&of_run(run, view, is_wide), width), false);
    }
    let Some(freshness) = view.freshness else { return ("reading …".to_owned(), false) };
    let why = freshness.why_stale(view.now);
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
            let ago = if ago < -CLOCK_TOLERANCE_MS { String::new() } else { format!(", {} ago", age(ago)) };
            parts.push((format!("{start} {at} {zone}{ago}"), 0));
        }
        None if freshness.begun => parts.push(("No transfer has reached the end yet".to_owned(), 0)),
        None => parts.push(("Nothing was ever transferred".to_owned(), 0)),
    }
    if let Some(at) = view.replaced_at {
        parts.push((format!("another head office since {}", view.zone.short(at, view.now)), 1));
    }
    let messages = if is_wide { " messages" } else { "" };
    let waiting = match freshness.waiting {
        Some(waiting) if waiting > COUNT_LIMIT => format!("more than {}{messages} waiting", grouped(COUNT_LIMIT)),
        Some(waiting) => format!("{}{messages} waiting", grouped(waiting)),
        None => "the message database cannot be read".to_owned(),
    };
    let unread = freshness.coming.unread;
    // In a narrow terminal the operator's own alerts matter more than the count.
    parts.push((waiting, if unread > 0 && freshness.waiting.is_some() { 7 } else { 4 }));
    match (&freshness.running, &freshness.progress) {
        (Some((run_id, holder)), Some(progress)) => {
            let step = StepProgress { step: progress.step, state: StepState::Measured(Measured::from(progress)) };
            parts.push((format!("run {run_id}: {}", step.words()), 2));
            parts.push((format!("on {holder}"), 8));
        }
        (Some((run_id, holder)), None) => parts.push((format!("run {run_id} running ({holder})"), 2)),
        (None, _) => {}
    }
    parts.extend(why.as_ref().filter(|_| freshness.as_of.is_some()).map(|why| (why.clone(), 1)));
    // The reason may already be that the job is withheld, or that no server runs.
    let is_next = why.is_none() || freshness.coming.next_start.is_some() && !freshness.coming.servers.is_empty();
    let next = next(freshness, view, is_wide).filter(|_| is_next);
    parts.extend(next.map(|next| (next, 6)));
    parts.push((errors(freshness.open, is_wide), 5));
    if unread > 0 {
        parts.push((format!("{} new ({})", grouped(unread), view.keys("{notifications}")), 3));
    }
    // The caller puts a mark and a blank before a warning.
    (fitted(&parts, width.saturating_sub(2)), why.is_some() || view.replaced_at.is_some())
}

fn errors(open: i64, is_wide: bool) -> String {
    match (open, is_wide) {
        (open, false) => counted(open, "error"),
        (open, true) => format!("{} open", counted(open, "error")),
    }
}

fn of_run(run: &LiveRun, view: &ViewContext, is_wide: bool) -> Vec<(String, u8)> {
    let mut parts = vec![(run.summary(view.now), 0)];
    let reached = run.transferred_until().map(|at| format!("status as of {} so far", view.zone.short(at, view.now)));
    parts.push((reached.unwrap_or_else(|| "status as of before this run".to_owned()), 1));
    parts.extend(view.freshness.map(|freshness| (errors(freshness.open, is_wide), 2)));
    parts
}

/// Joins the parts that fit into `width`. Parts with the greatest number are dropped first, those
/// with 0 never.
fn fitted(parts: &[(String, u8)], width: usize) -> String {
    let mut parts: Vec<_> = parts.to_vec();
    loop {
        let line = parts.iter().map(|(part, _)| part.as_str()).collect::<Vec<_>>().join(" · ");
        let dropped_first = parts.iter().map(|(_, drop)| *drop).max().unwrap_or(0);
        if cells(&line) <= width || dropped_first == 0 {
            return line;
        }
        parts.retain(|(_, drop)| *drop != dropped_first);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::protocol::batch_query::Withheld;
    use crate::console::protocol::query::Coming;
    use crate::console::protocol::time::Zone;
    use crate::domain::Timestamp;

    const MINUTE: i64 = 60_000;
    const NOW: Timestamp = Timestamp(1_795_483_142_000);

    fn why(age_minutes: i64, coming: Coming) -> Option<String> {
        let freshness =
            Freshness { as_of: Some(Timestamp(NOW.0 - age_minutes * MINUTE)), coming, ..Freshness::default() };
        freshness.why_stale(NOW)
    }

    fn coming(next_in_minutes: Option<i64>, interval_minutes: Option<i64>, server: bool) -> Coming {
        Coming {
            next_start: next_in_minutes.map(|minutes| Timestamp(NOW.0 + minutes * MINUTE)),
            shortest_interval: interval_minutes.map(|minutes| minutes * MINUTE),
            servers: if server { vec!["aos-1".to_owned()] } else { Vec::new() },
            ..Coming::default()
        }
    }

    #[test]
    fn status_is_stale_after_twice_the_job_interval_or_when_no_run_is_scheduled() {
        assert_eq!(why(30, coming(Some(1), Some(15), true)), None, "30 minutes are within twice the interval");
        assert_eq!(why(32, coming(Some(1), Some(15), true)).as_deref(), Some("the job is late"));
        assert_eq!(
            why(1_440, coming(Some(60), Some(1_440), true)),
            None,
            "a daily job keeps the status fresh for a day"
        );
        assert_eq!(why(4, coming(Some(-1), Some(1), true)).as_deref(), Some("the job is late"));
        assert_eq!(why(40, coming(Some(1), Some(15), false)).as_deref(), Some("no batch server runs"));
        assert_eq!(why(40, coming(None, None, true)).as_deref(), Some("no run is scheduled"));
        let job = Withheld { description: "Status".to_owned(), by: "m.jansen".to_owned(), at: NOW };
        let withheld = Coming { withheld: Some(job), ..coming(None, None, true) };
        assert_eq!(why(40, withheld.clone()).as_deref(), Some("job withheld"));
        assert_eq!(why(2, withheld), None);
        assert_eq!(why(40, coming(Some(10), None, true)).as_deref(), Some("no transfer is scheduled"));
    }

    #[test]
    fn a_narrow_line_drops_the_least_important_parts() {
        let view = ViewContext { now: NOW, ..ViewContext::empty(Zone::Utc) };
        let running = Some((12_345, "batch server aos-1".to_owned()));
        let mut freshness = Freshness { running, waiting: Some(COUNT_LIMIT + 1), ..Freshness::default() };
        let shown = |freshness: &Freshness| line(&ViewContext { freshness: Some(freshness), ..view }, 80).0;
        assert_eq!(shown(&freshness), "Nothing was ever transferred · run 12345 running (batch server aos-1)");
        freshness.as_of = Some(Timestamp(NOW.0 - MINUTE));
        freshness.coming.unread = 12;
        assert!(
            shown(&freshness).ends_with(" 1 min ago · run 12345 running (batch server aos-1)"),
            "{}",
            shown(&freshness)
        );
        freshness.running = None;
        assert!(shown(&freshness).ends_with(" 1 min ago · 0 errors · 12 new (!)"), "{}", shown(&freshness));
    }

    #[test]
    fn an_unfinished_first_transfer_is_distinguished_from_none_at_all() {
        let view = ViewContext::empty(Zone::Utc);
        let shown = |begun| {
            let freshness = Freshness { begun, open: 18, waiting: Some(7), ..Freshness::default() };
            line(&ViewContext { freshness: Some(&freshness), ..view }, 80)
        };
        assert_eq!(shown(false), ("Nothing was ever transferred · 7 waiting · 18 errors".to_owned(), true));
        assert_eq!(shown(true), ("No transfer has reached the end yet · 7 waiting · 18 errors".to_owned(), true));
    }

    #[test]
    fn a_status_dated_in_the_future_is_not_fresh() {
        let regular = || coming(Some(1), Some(15), true);
        assert_eq!(why(-1, regular()), None, "clocks of two machines may differ by a minute");
        assert_eq!(why(-2, regular()).as_deref(), Some("its date is in the future: a clock is wrong"));
        assert_eq!(
            why(-1_440, coming(None, None, true)).as_deref(),
            Some("its date is in the future: a clock is wrong")
        );
    }
}
