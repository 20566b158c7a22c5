//! A run as it lives: bars, counts that add up, its log; and its result.

use super::super::live::{LiveRun, left, percent};
use super::super::painter::{Painter, wrap};
use super::super::screen::View;
use super::super::theme::{Role, outcome_shape};
use super::super::time::age;
use crate::domain::{Run, Step, grouped};
use crate::engine::Progress;

/// Draws the run; `top` scrolls the log.
pub fn draw(painter: &mut Painter, run: &LiveRun, top: &mut usize, view: &View) {
    let name = run.run_id.map_or_else(|| "Run".to_owned(), |run_id| format!("Run {run_id}"));
    let since = format!("since {}", view.zone.short(run.started_at, view.now));
    painter.rule(0, &format!("{name} · Process status messages"), &since, true);
    let mut y = 2;
    match &run.result {
        Some(Ok(ended)) => y = result(painter, y, ended),
        Some(Err(sentence)) => {
            for line in wrap(sentence, usize::from(painter.width().saturating_sub(4))) {
                painter.text(2, y, painter.width(), &line, Role::Bad);
                y += 1;
            }
        }
        None => {}
    }
    for (number, (step, progress)) in (1..).zip(&run.steps) {
        let words = if *step == Step::Transfer { "Transfer" } else { "Purge" };
        match progress {
            None => {
                painter.text(1, y, painter.width(), &format!("{number} {words} …"), Role::Text);
                y += 1;
            }
            Some(progress) => y = bar(painter, y, number, words, progress, run.lives()),
        }
    }
    if run.canceling && run.lives() {
        painter.text(1, y, painter.width(), "It ends at this chunk.", Role::Warn);
        y += 1;
    }
    let height = painter.height();
    let room = height.saturating_sub(y + 2);
    painter.part(0, y + 1, painter.width(), 1).rule(0, "Log", "", false);
    let width = usize::from(painter.width().saturating_sub(13));
    let mut lines = Vec::new();
    for (at, text) in &run.log {
        for (index, line) in wrap(text, width).into_iter().enumerate() {
            let at = if index == 0 { view.zone.short(*at, view.now) } else { String::new() };
            lines.push(format!("{at:<11} {line}"));
        }
    }
    // The newest stands at the bottom; scrolling goes up from there.
    let last = lines.len().saturating_sub(usize::from(room));
    *top = (*top).min(last);
    for (row, line) in (y + 2..height).zip(lines.iter().skip(last - *top)) {
        painter.text(1, row, painter.width(), line, Role::Text);
    }
}

/// One step as a bar; gives the next free row.
pub fn bar(painter: &mut Painter, y: u16, number: i32, words: &str, progress: &Progress, lives: bool) -> u16 {
    let width = painter.width();
    let percent = percent(progress);
    let remark = if lives && percent < 100 {
        format!("{percent} %  {} left", age(left(progress)))
    } else {
        format!("{percent} %")
    };
    painter.text(1, y, width, &format!("{number} {words}"), Role::Text);
    painter.right(0, y, width.saturating_sub(2), &remark, Role::Text);
    let cells = usize::from(width.saturating_sub(5));
    let full = cells * usize::try_from(percent).unwrap_or(0) / 100;
    let drawn: String = (0..cells).map(|at| if at < full { '█' } else { '░' }).collect();
    painter.text(3, y + 1, width, &drawn, Role::Text);
    #[allow(clippy::cast_possible_truncation)] // a rate for people; saturates
    let rate = progress.rate as i64;
    let rejected =
        if progress.rejected > 0 { format!(", {} rejected", grouped(progress.rejected)) } else { String::new() };
    let figures =
        format!("{} of {}, {} /s on average{rejected}", grouped(progress.done), grouped(progress.total), grouped(rate));
    painter.text(3, y + 2, width, &figures, Role::Dim);
    y + 4
}

/// The result, as a sum that adds up; gives the next free row.
pub fn result(painter: &mut Painter, y: u16, run: &Run) -> u16 {
    let width = painter.width();
    let (shape, role, word) = outcome_shape(run.outcome);
    painter.text(1, y, width, &format!("{shape} {word}"), role);
    let counts = run.counts;
    let sum = format!(
        "{} read = {} inserted + {} repeated + {} rejected; {} sessions changed",
        grouped(counts.read),
        grouped(counts.inserted),
        grouped(counts.repeated),
        grouped(counts.rejected),
        grouped(counts.sessions_changed)
    );
    painter.text(3, y + 1, width, &sum, Role::Text);
    let purged = format!(
        "{} rows purged, {} unresolved sessions kept past retention",
        grouped(run.purged.total()),
        grouped(run.kept_unresolved)
    );
    painter.text(3, y + 2, width, &purged, Role::Text);
    let mut y = y + 3;
    for text in run.error.iter().chain(run.notices.iter().map(|notice| &notice.0)) {
        for line in wrap(&format!("! {text}"), usize::from(width.saturating_sub(4))) {
            painter.text(3, y, width, &line, Role::Warn);
            y += 1;
        }
    }
    y + 1
}
