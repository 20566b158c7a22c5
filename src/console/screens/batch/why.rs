//! "Why is it not running?": every condition of a job with its evidence, and what will happen.

use crate::batch::{
    BatchJob, BatchStatus, ClaimHolder, Evidence, MISSED_AFTER_MS, Reason, SchedulingState, SkipReason, StartAction,
    at_start, reasons,
};
use crate::console::protocol::batch_query::{JobChange, RunProgress, Watched};
use crate::console::protocol::effect::Effect;
use crate::console::protocol::route::{JobScope, Route};
use crate::console::protocol::run_progress::Measured;
use crate::console::protocol::time::{age, took};
use crate::console::screens::batch::glyphs::outcome_glyph;
use crate::console::view::context::ViewContext;
use crate::console::view::theme::Role;
use crate::domain::{Timestamp, grouped};
use crate::recurrence::Rule;

/// One line of the pane.
#[derive(Debug)]
pub struct ConditionLine {
    /// The text, its mark in front.
    pub text: String,
    /// The role of its text in the theme.
    pub role: Role,
    /// What Enter does.
    pub then: Vec<Effect>,
}

impl ConditionLine {
    /// A line without evidence.
    pub fn plain(text: String) -> Self {
        Self { text, role: Role::Text, then: Vec::new() }
    }
}

/// The pane's lines: the conditions in the order in which a server tests them, or the progress of
/// an executing job; then the outlook. `changes`: those of the job, newest first.
pub fn lines(
    job: &BatchJob,
    scheduling: &SchedulingState,
    progress: Option<&RunProgress>,
    changes: &[JobChange],
    view: &ViewContext,
) -> Vec<ConditionLine> {
    if job.status.is_executing() {
        return executing(job, scheduling, progress, changes, view);
    }
    let at = |at: Timestamp| view.zone.short(at, view.now);
    let mut lines = Vec::new();
    for reason in reasons(job, scheduling) {
        // A job that is over is not waiting for a window.
        let over = matches!(job.status, BatchStatus::Ended | BatchStatus::Error | BatchStatus::Canceled);
        if over && !matches!(reason, Reason::Status { .. } | Reason::NoStart(_)) {
            continue;
        }
        let (mark, role) = if reason.holds() { ('√', Role::Text) } else { ('×', Role::Bad) };
        let text = format!("{mark} {}", capitalized(&reason.text(&at)));
        let is_changed = matches!(reason, Reason::Status { .. }) && !changes.is_empty();
        let evidence = || vec![Effect::Go(evidence_route(&reason, job))];
        let then = if is_changed { show_changes(job, changes, view) } else { evidence() };
        lines.push(ConditionLine { text, role, then });
    }
    if let Some(last) = &job.last {
        let (shape, role) = outcome_glyph(last.outcome);
        let text = format!(
            "{shape} Its last run: {} {}, took {}",
            last.outcome.label(),
            at(last.ended_at),
            took(last.took_ms)
        );
        let role = if role == Role::Bad { role } else { Role::Text };
        let then = vec![Effect::Go(Route::BatchHistory(format!("job:{}", job.job_id)))];
        lines.push(ConditionLine { text, role, then });
    }
    lines.push(ConditionLine::plain(String::new()));
    lines.push(ConditionLine::plain(outlook(job, scheduling, view)));
    lines
}

/// Shows the job's changes from the operators' journal, newest first, with their reasons.
fn show_changes(job: &BatchJob, changes: &[JobChange], view: &ViewContext) -> Vec<Effect> {
    if changes.is_empty() {
        return Vec::new();
    }
    let line = |change: &JobChange| {
        let detail = if change.detail.is_empty() { String::new() } else { format!("  {}", change.detail) };
        let at = view.zone.short(change.at, view.now);
        format!("row {:>5}  {at:<11}  {:<10}  {}{detail}", grouped(change.entry_id), change.operator, change.action)
    };
    let title = format!("Who changed batch job {}", job.job_id);
    vec![Effect::Show { title, lines: changes.iter().map(line).collect() }]
}

/// The screen that shows the evidence.
fn evidence_route(reason: &Reason, job: &BatchJob) -> Route {
    match reason.evidence() {
        Evidence::Server(name) => Route::Servers(Some(name)),
        Evidence::Group(group) => Route::BatchGroups(Some(group)),
        Evidence::Run(run_id) => Route::Watch(Watched::Run(run_id)),
        Evidence::Job if matches!(reason, Reason::Private(_)) => Route::BatchJobs(JobScope::Own),
        Evidence::Job => Route::BatchHistory(format!("job:{}", job.job_id)),
    }
}

fn executing(
    job: &BatchJob,
    scheduling: &SchedulingState,
    progress: Option<&RunProgress>,
    changes: &[JobChange],
    view: &ViewContext,
) -> Vec<ConditionLine> {
    let Some(claim) = &job.claim else { return Vec::new() };
    let is_held = scheduling.is_active(claim);
    let since = view.zone.short(claim.since, view.now);
    let run = claim.run_id.map_or_else(String::new, |run_id| format!(" as run {run_id}"));
    let tries = if job.tries > 1 { format!(", try {}", job.tries) } else { String::new() };
    let watch = || claim.run_id.map(|_| Effect::Go(Route::Watch(Watched::OfJob(job.job_id)))).into_iter().collect();
    let (text, role) = if is_held {
        (format!("● It runs on {}{run} since {since}{tries}", claim.holder.name()), Role::Text)
    } else {
        (format!("◊ No heartbeat from {}; it began{run} {since}{tries}", claim.holder.name()), Role::Warn)
    };
    let mut lines = vec![ConditionLine { text, role, then: watch() }];
    if let Some(progress) = progress {
        let rate = if is_held { progress.rate } else { 0 };
        let text = format!("  {}", progress_words(&RunProgress { rate, ..*progress }));
        lines.push(ConditionLine { text, role: Role::Text, then: watch() });
    }
    if job.status == BatchStatus::Canceling {
        let text = format!("◊ It ends after its current chunk, as {} requested", job.changed.by);
        lines.push(ConditionLine { text, role: Role::Warn, then: show_changes(job, changes, view) });
    }
    lines.push(ConditionLine::plain(String::new()));
    if !is_held {
        let then = if matches!(claim.holder, ClaimHolder::Console { .. }) {
            "Run it from My batch jobs ({actions}, g) to continue where it stopped."
        } else {
            "As soon as a batch server runs, it continues where it stopped."
        };
        lines.push(ConditionLine::plain(view.keys(then)));
        return lines;
    }
    let then = match job.settings.recurrence.as_ref().and_then(|rule| rule.next_after(view.now)) {
        Some(next) if job.status == BatchStatus::Executing => {
            format!("Then {}.", start_and_recurrence(job.settings.recurrence.as_ref(), next, view))
        }
        _ => "No further start is scheduled.".to_owned(),
    };
    lines.push(ConditionLine::plain(then));
    lines
}

/// The progress of a run, in words.
pub fn progress_words(progress: &RunProgress) -> String {
    let step = progress.step.label();
    if progress.total <= 0 {
        return format!("{step} …");
    }
    let measured = Measured::from(progress);
    let rate = measured.rate.map(|rate| format!(", {} /s", grouped(rate))).unwrap_or_default();
    let left = measured.words_left().map(|words| format!(", {words}")).unwrap_or_default();
    let (done, total) = (grouped(progress.done), grouped(progress.total));
    format!("{step} {} %: {done} of {total}{rate}{left}", measured.percent())
}

/// What will happen, now or once the job is released, by the rules of the server.
fn outlook(job: &BatchJob, scheduling: &SchedulingState, view: &ViewContext) -> String {
    let released = BatchJob { status: BatchStatus::Waiting, ..job.clone() };
    let fault = reasons(&released, scheduling).into_iter().find(|reason| !reason.holds());
    let at = |at: Timestamp| view.zone.short(at, view.now);
    let start = match job.status {
        BatchStatus::Withhold => view.keys("Once released ({actions}, s), "),
        BatchStatus::Ended | BatchStatus::Error | BatchStatus::Canceled => {
            let rule = job.settings.recurrence.as_ref();
            let next = match rule {
                Some(rule) => rule
                    .first_from(view.now)
                    .map(|next| format!("starts {}", start_and_recurrence(Some(rule), next, view))),
                None => Some("starts once, immediately".to_owned()),
            };
            return match next {
                Some(next) => format!("{}, it {next}.", view.keys("Once set to Waiting ({actions}, s)")),
                None => view.keys(
                    "Its recurrence has ended, so it will not start again. Change the recurrence ({actions}, r).",
                ),
            };
        }
        _ => String::new(),
    };
    let start = start.as_str();
    match fault {
        Some(Reason::NotDue { at: due, .. }) => {
            sentence(start, &format!("it starts {}, in {}.", at(due), age(due.since(view.now))))
        }
        Some(Reason::Private(by)) if by == view.operator => {
            sentence(start, &view.keys("run it here from My batch jobs: {actions}, g."))
        }
        Some(reason @ Reason::LeaseHeld(..)) => {
            sentence(start, &format!("it waits for the lease: {}.", reason.text(&at)))
        }
        Some(reason) => sentence(start, &format!("it waits: {}.", reason.text(&at))),
        None => sentence(start, &due_now(&released, scheduling, view)),
    }
}

/// What happens to a due job that nothing blocks: which missed starts run, and what follows.
fn due_now(job: &BatchJob, scheduling: &SchedulingState, view: &ViewContext) -> String {
    let decision = at_start(job, scheduling.now, &SkipReason::Blocked.into());
    let rule = job.settings.recurrence.as_ref();
    let next = rule.and_then(|rule| rule.next_after(scheduling.now)).map(|next| start_and_recurrence(rule, next, view));
    let skipped = match decision.skipped.iter().map(|skipped| skipped.starts).sum() {
        0 => String::new(),
        1 => " 1 missed start is recorded in the history.".to_owned(),
        starts => format!(" {starts} missed starts are recorded in the history, one row per reason."),
    };
    if matches!(decision.action, StartAction::Skip(_)) {
        let next = next.map_or_else(|| "no further start is scheduled".to_owned(), |next| format!("it starts {next}"));
        return format!("late starts are skipped; {next}.{skipped}");
    }
    let then = next.map_or_else(|| "No further start is scheduled.".to_owned(), |next| format!("Then {next}."));
    let late = job.due().is_some_and(|due| scheduling.now.since(due) > MISSED_AFTER_MS);
    format!("it can start at once{}{skipped} {then}", if late { ": one late run." } else { "." })
}

fn start_and_recurrence(rule: Option<&Rule>, next: Timestamp, view: &ViewContext) -> String {
    let at = view.zone.short(next, view.now);
    rule.map_or_else(|| at.clone(), |rule| format!("{at} and {}", rule.words_with_end()))
}

fn sentence(start: &str, rest: &str) -> String {
    if start.is_empty() { capitalized(rest) } else { format!("{start}{rest}") }
}

fn capitalized(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
