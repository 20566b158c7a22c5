//! An active run: bars, counts, the newest errors, the log; then its result.

use crate::console::protocol::run_progress::{LiveRun, left, percent};
use crate::console::protocol::time::age;
use crate::console::view::context::ViewContext;
use crate::console::view::painter::{Painter, wrap};
use crate::console::view::theme::{Role, outcome_glyph, status_glyph};
use crate::domain::{Counts, Run, Step, grouped};
use crate::engine::{Failed, Progress};
use std::fmt::Write as _;

/// Which part of the screen the arrows move in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pane {
    /// The newest errors.
    Errors,
    /// The log.
    Log,
}

/// Where the operator is on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProgressFocus {
    /// The pane with the focus.
    pub pane: Pane,
    /// The error under the cursor.
    pub error: usize,
    /// Lines that the log is scrolled up by.
    pub top: usize,
}

/// Draws the run. What is dropped first where there is little room: the log, then the errors, never bars and counts.
pub fn draw(painter: &mut Painter, run: &LiveRun, focus: &mut ProgressFocus, view: &ViewContext) {
    let name = run.run_id.map_or_else(|| "Run".to_owned(), |run_id| format!("Run {run_id}"));
    let since = format!("since {}", view.zone.short(run.started_at, view.now));
    let (width, height) = (painter.width(), painter.height());
    painter.rule(0, &format!("{name} · Process status messages"), &since, false);
    let mut y = if height >= 18 { 2 } else { 1 };
    match &run.result {
        Some(Ok(ended)) => y = result(painter, y, ended, Some(run.failures), view),
        Some(Err(sentence)) => {
            for line in wrap(sentence, usize::from(width.saturating_sub(4))) {
                painter.text(2, y, width, &line, Role::Bad);
                y += 1;
            }
        }
        None => {
            for (number, (step, progress)) in (1..).zip(&run.steps) {
                let words = if *step == Step::Transfer { "Transfer" } else { "Purge" };
                y = bar(painter, y, &format!("{number} {words}"), *step, progress.as_ref());
            }
            if run.canceling {
                painter.text(1, y, width, "It ends at this chunk; what was transferred stays.", Role::Warn);
                y += 1;
            }
        }
    }
    y += u16::from(height >= 18);
    y = counts(painter, y, run);
    let room = height.saturating_sub(y);
    // A titled rule and at least one line each.
    let errors = match room {
        0..2 => 0,
        2..6 => room,
        _ => (u16::try_from(run.newest_failures.len()).unwrap_or(u16::MAX).max(1) + 1).min(room / 2 + 1),
    };
    if errors > 0 {
        draw_errors(&mut painter.part(0, y, width, errors), run, focus, view);
    }
    if room >= errors + 2 {
        draw_log(&mut painter.part(0, y + errors, width, room - errors), run, focus, view);
    }
}

/// `1 Transfer  ████░░  61 %  9 s left`, and its figures below; gives the next free row.
pub fn bar(painter: &mut Painter, y: u16, words: &str, step: Step, progress: Option<&Progress>) -> u16 {
    let width = painter.width();
    painter.text(1, y, 12, words, Role::Text);
    let Some(progress) = progress else {
        painter.text(13, y, width, "counting …", Role::Dim);
        return y + 1;
    };
    let percent = percent(progress);
    let ahead =
        if percent < 100 { format!("{percent:>4} %  {} left", age(left(progress))) } else { " 100 %".to_owned() };
    let room = usize::from(width.saturating_sub(34));
    let full = room * usize::try_from(percent).unwrap_or(0) / 100;
    let drawn: String = (0..room).map(|at| if at < full { '█' } else { '░' }).collect();
    painter.text(13, y, width, &drawn, Role::Text);
    painter.right(0, y, width.saturating_sub(2), &ahead, Role::Text);
    let what = if step == Step::Transfer { "messages" } else { "rows" };
    let mut figures = format!("{} of {} {what}", grouped(progress.done), grouped(progress.total));
    if let Some(chunk) = progress.chunk {
        let _ = write!(figures, "     {} /s now,", grouped(per_second(chunk.rows, chunk.took.as_secs_f64())));
    }
    #[allow(clippy::cast_possible_truncation)] // a rate for people; saturates
    let rate = progress.rate as i64;
    let _ = write!(figures, " {} /s on average", grouped(rate));
    painter.text(13, y + 1, width.saturating_sub(14), &figures, Role::Dim);
    y + 2
}

#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)] // a rate for people; saturates
fn per_second(rows: i64, seconds: f64) -> i64 {
    (rows as f64 / seconds.max(0.001)) as i64
}

/// The counts of the transfer, as a sum that adds up.
fn counts(painter: &mut Painter, y: u16, run: &LiveRun) -> u16 {
    let width = painter.width();
    let chunk = run.chunks();
    let ended = match &run.result {
        Some(Ok(ended)) => Some(ended.counts),
        _ => None,
    };
    let counts: Counts = ended.or(chunk.map(|chunk| chunk.counts)).unwrap_or_default();
    painter.part(0, y, width, 1).rule(0, "Counts", "they add up", false);
    let head = format!("{:>11}{:>14}{:>12}{:>12}", "read", "inserted", "repeated", "rejected");
    let sum = format!(
        "{:>11} ={:>12} +{:>10} +{:>10}",
        grouped(counts.read),
        grouped(counts.inserted),
        grouped(counts.repeated),
        grouped(counts.rejected)
    );
    let wide = width >= 70;
    let sessions = grouped(counts.sessions_changed);
    painter.text(1, y + 1, width, &if wide { format!("{head}  sessions changed") } else { head }, Role::Dim);
    painter.text(1, y + 2, width, &if wide { format!("{sum}{sessions:>18}") } else { sum }, Role::Text);
    match chunk.filter(|_| run.is_active() && painter.height() >= 16) {
        Some(chunk) => {
            let text = format!(
                "Chunks: the last of {} rows in {:.2} s · a cancel takes effect within one",
                grouped(chunk.rows),
                chunk.took.as_secs_f64()
            );
            painter.text(1, y + 3, width.saturating_sub(2), &text, Role::Dim);
            y + 5
        }
        None => y + 3 + u16::from(painter.height() >= 16),
    }
}

fn draw_errors(painter: &mut Painter, run: &LiveRun, focus: &mut ProgressFocus, view: &ViewContext) {
    let focused = focus.pane == Pane::Errors;
    let width = painter.width();
    painter.rule(0, "Newest errors in these messages", &format!("{} so far", grouped(run.failures)), focused);
    if run.newest_failures.is_empty() {
        painter.text(2, 1, width, "None.", Role::Dim);
    }
    focus.error = focus.error.min(run.newest_failures.len().saturating_sub(1));
    let room = usize::from(painter.height().saturating_sub(1));
    let skip = (focus.error + 1).saturating_sub(room);
    for (y, (at, failed)) in (1..painter.height()).zip(run.newest_failures.iter().enumerate().skip(skip)) {
        error_line(painter, y, failed, view);
        if at == focus.error {
            painter.cursor_row(0, y, width, focused);
        }
    }
}

fn error_line(painter: &mut Painter, y: u16, failed: &Failed, view: &ViewContext) {
    let width = painter.width();
    let (shape, role) = status_glyph(failed.status);
    let place = if failed.key.channel_database.is_empty() { "package" } else { &failed.key.channel_database };
    let head = format!(
        "{:<11} {place:<7} {:<6} {:<8}",
        view.zone.short(failed.occurred_at, view.now),
        failed.job_name,
        failed.key.session_number
    );
    let used = 2 + painter.text(2, y, 40, &head, Role::Text);
    let status = format!("{shape} {:<15}", failed.status.to_string());
    let used = used + painter.text(used, y, 17, &status, role);
    painter.text(used + 1, y, width.saturating_sub(used + 2), failed.message.as_deref().unwrap_or(""), Role::Text);
}

fn draw_log(painter: &mut Painter, run: &LiveRun, focus: &mut ProgressFocus, view: &ViewContext) {
    painter.rule(0, "Log", "", focus.pane == Pane::Log);
    let width = usize::from(painter.width().saturating_sub(15));
    let mut lines = Vec::new();
    for (at, text) in &run.log {
        for (index, line) in wrap(text, width).into_iter().enumerate() {
            let at = if index == 0 { view.zone.short(*at, view.now) } else { String::new() };
            lines.push(format!("{at:<11} {line}"));
        }
    }
    // The newest line is at the bottom; scrolling moves up from there.
    let last = lines.len().saturating_sub(usize::from(painter.height().saturating_sub(1)));
    focus.top = focus.top.min(last);
    for (row, line) in (1..painter.height()).zip(lines.iter().skip(last - focus.top)) {
        painter.text(2, row, painter.width(), line, Role::Text);
    }
}

/// The result, which stays until it is left; gives the next free row. `failures`: the errors in its messages, where they were counted.
pub fn result(painter: &mut Painter, y: u16, run: &Run, failures: Option<i64>, view: &ViewContext) -> u16 {
    let width = painter.width();
    let (shape, role, word) = outcome_glyph(run.outcome);
    let took = run.ended_at.map_or_else(String::new, |at| format!(", took {}", age(at.since(run.started_at))));
    painter.text(1, y, width, &format!("{shape} {word}{took}"), role);
    let errors = match failures {
        None => String::new(),
        Some(0) => " · no errors in these messages".to_owned(),
        Some(count) => format!(
            " · {} errors in these messages; {}",
            grouped(count),
            view.keys("{next_error} shows what is still open")
        ),
    };
    let purged = format!(
        "{} rows purged · {} unresolved sessions kept past retention{errors}",
        grouped(run.purged.total()),
        grouped(run.kept_unresolved),
    );
    let mut y = y + 1;
    for line in wrap(&purged, usize::from(width.saturating_sub(4))) {
        painter.text(3, y, width, &line, Role::Text);
        y += 1;
    }
    for text in run.error.iter().chain(run.notices.iter().map(|notice| &notice.0)) {
        for line in wrap(&format!("! {text}"), usize::from(width.saturating_sub(4))) {
            painter.text(3, y, width, &line, Role::Warn);
            y += 1;
        }
    }
    y
}
