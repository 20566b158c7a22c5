//! Previews what OK on the Batch tab will do, by the rules of the batch server.

use crate::batch::{
    AlertSettings, BatchStatus, JobSettings, MISSED_AFTER_MS, Missed, Reason, SchedulingState, after_edit,
    duplicate_warning, server_reasons, why_never_sent,
};
use crate::console::protocol::batch_query::Setup;
use crate::console::protocol::time::age;
use crate::console::view::context::ViewContext;
use crate::console::view::theme::Role;
use crate::domain::{DAY_MS, Timestamp, counted};
use std::fmt::Write as _;

/// Maximum number of starts listed after the first one.
const MAX_LISTED_STARTS: usize = 3;

/// One line: its text, and whether it warns.
pub type PreviewLine = (String, Role);

fn warn(text: &str) -> PreviewLine {
    (format!("! {text}"), Role::Warn)
}

/// Previews what submitting these settings does.
pub fn lines(
    settings: &JobSettings,
    alerts: &AlertSettings,
    setup: Option<&Setup>,
    view: &ViewContext,
) -> Vec<PreviewLine> {
    let start = settings.start();
    let is_due = start.is_some_and(|start| start <= view.now);
    let creates = if is_due { "Creates a batch job, which is due now." } else { "Creates a batch job." };
    let mut lines = vec![(creates.to_owned(), Role::Text)];
    let Some(start) = start else { return lines };
    let past = view.now.since(start);
    if past > MISSED_AFTER_MS {
        let skipped = settings.missed == Missed::Skip && settings.recurrence.is_some();
        let then = if skipped { "it is skipped" } else { "it starts late" };
        lines.push(warn(&format!("the scheduled start was {} ago; {then}", age(past))));
    }
    let (first, fault) = first_start(settings, start, setup, view);
    lines.push((format!("First start  {first}"), Role::Text));
    lines.extend(fault.map(|text| warn(&text)));
    lines.push((format!("Then         {}", then(settings, start, setup, view)), Role::Text));
    let keys = view.keys(" ({place_7}, {actions}, s)");
    lines.extend(setup.and_then(|setup| duplicate_warning(settings, &setup.jobs, &keys)).map(|text| warn(&text)));
    lines.extend(why_never_sent(alerts, settings.save_history).map(warn));
    if setup.is_some_and(|setup| setup.scheduling.servers.iter().all(|server| !server.is_alive())) && !settings.private
    {
        lines.push(warn("no batch server is running: cdx batch-server starts one"));
    }
    lines
}

/// Previews what changing the job to these settings does. `differences`: what changes, in words.
pub fn edit_lines(
    job_id: i64,
    settings: &JobSettings,
    differences: &str,
    setup: Option<&Setup>,
    view: &ViewContext,
) -> Vec<PreviewLine> {
    let mut lines = vec![(format!("Changes      {differences}"), Role::Text)];
    let Some(job) = setup.and_then(|setup| setup.jobs.iter().find(|job| job.job_id == job_id)) else { return lines };
    let next = after_edit(job, settings, view.now).and_then(|next| next.retry_at.or(next.next_start));
    let Some(start) = next else {
        lines.push((format!("Next start   none: {}", job.no_start()), Role::Text));
        return lines;
    };
    if job.status == BatchStatus::Withhold {
        let then = view.keys("none while withheld; released ({actions}, s), it continues from ");
        lines.push((format!("Next start   {then}{}", view.zone.long(start)), Role::Text));
        return lines;
    }
    let (next, fault) = first_start(settings, start, setup, view);
    lines.push((format!("Next start   {next}"), Role::Text));
    lines.extend(fault.map(|text| warn(&text)));
    lines.push((format!("Then         {}", then(settings, start, setup, view)), Role::Text));
    lines
}

/// The sentence of the first start for the notice after submitting.
pub fn start_words(settings: &JobSettings, setup: Option<&Setup>, view: &ViewContext) -> String {
    match settings.start() {
        Some(start) => {
            let (first, _) = first_start(settings, start, setup, view);
            // The form has shown the window; the notice needs the room for the job's number and the
            // key.
            format!("first start {}", first.split(": window").next().unwrap_or(&first))
        }
        None => "no start".to_owned(),
    }
}

/// Returns the first start in words, and a warning if no server will run it then.
fn first_start(
    settings: &JobSettings,
    start: Timestamp,
    setup: Option<&Setup>,
    view: &ViewContext,
) -> (String, Option<String>) {
    let at = if start <= view.now { "at once".to_owned() } else { view.zone.long(start) };
    if settings.private {
        let remark = "private: runs only while your console is open, from My batch jobs";
        return (at, Some(remark.to_owned()));
    }
    let Some(setup) = setup else { return (at, None) };
    let then = SchedulingState { now: start.max(view.now), ..setup.scheduling.clone() };
    match server_reasons(&settings.batch_group, None, &then).pop() {
        Some(Reason::Threads { server, threads, .. } | Reason::NoThread { server, threads }) => {
            (format!("{at} on {server}: window open, {}", counted(threads, "thread")), None)
        }
        Some(closed) => {
            let opens = matches!(closed, Reason::Closed { until: Some(_), .. });
            let at = if opens { format!("{at}, when its window opens") } else { at };
            (at, Some(closed.text(&|at| view.zone.long(at))))
        }
        None => (at, None),
    }
}

fn then(settings: &JobSettings, start: Timestamp, setup: Option<&Setup>, view: &ViewContext) -> String {
    let Some(rule) = &settings.recurrence else {
        return "nothing: it runs once".to_owned();
    };
    // A late start is followed by those after now.
    let start = start.max(view.now);
    let mut next = start;
    let mut named = Vec::new();
    for _ in 0..MAX_LISTED_STARTS {
        let Some(at) = rule.next_after(next) else { break };
        let shown = view.zone.short(at, view.now);
        // A time of today, `HH:MM:SS`, is shown without its seconds.
        named.push(if shown.len() == 8 { shown[..5].to_owned() } else { shown });
        next = at;
    }
    let mut text = if named.is_empty() { "no further start".to_owned() } else { format!("{} …", named.join(", ")) };
    let day = rule.count_between(start, Timestamp(start.0.saturating_add(DAY_MS)));
    if day > 1 {
        let _ = write!(text, " {day} runs a day");
    }
    if let Some(recent) = setup.and_then(|setup| setup.recent_runs) {
        let _ = write!(text, "; the last {} took {} at most", recent.count, age(recent.longest_ms));
    }
    text
}
