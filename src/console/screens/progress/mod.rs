//! An active run, wherever it executes: gauges, counts, the newest errors, the log; then its
//! result.

mod errors;
mod gauge;

use crate::console::protocol::effect::Effect;
use crate::console::protocol::key_table::Command;
use crate::console::protocol::route::Route;
use crate::console::protocol::run_progress::{LiveRun, StepProgress};
use crate::console::protocol::time::took;
use crate::console::view::context::ViewContext;
use crate::console::view::painter::{Painter, wrap};
use crate::console::view::theme::{Role, outcome_glyph};
use crate::domain::{Counts, Run, Timestamp, counted, grouped};
use crate::engine::{ChunkFigures, Failed};

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

impl ProgressFocus {
    /// The focus on the newest error and the end of the log.
    pub fn new() -> Self {
        Self { pane: Pane::Errors, error: 0, top: 0 }
    }

    /// Whether the screen of a run uses the command.
    pub fn offers(command: Command) -> bool {
        Self::new().command(command, |_| None).is_some()
    }

    /// Performs a command; `None` if the screen does not use it. `failure` returns one of the
    /// newest errors.
    pub fn command<'f>(
        &mut self,
        command: Command,
        failure: impl FnOnce(usize) -> Option<&'f Failed>,
    ) -> Option<Vec<Effect>> {
        match (command, self.pane) {
            (Command::Up, Pane::Errors) => self.error = self.error.saturating_sub(1),
            (Command::Up, Pane::Log) => self.top += 1,
            (Command::Down, Pane::Errors) => self.error += 1,
            (Command::Down, Pane::Log) => self.top = self.top.saturating_sub(1),
            (Command::NextPane | Command::PreviousPane, Pane::Errors) => self.pane = Pane::Log,
            (Command::NextPane | Command::PreviousPane, Pane::Log) => self.pane = Pane::Errors,
            (Command::Open, Pane::Errors) => {
                let session = failure(self.error).map(|failed| Effect::Go(Route::Session(failed.key.clone())));
                return Some(session.into_iter().collect());
            }
            (Command::NextError, _) => return Some(vec![Effect::Go(Route::Errors)]),
            _ => return None,
        }
        Some(Vec::new())
    }
}

/// What is shown of a run.
pub struct ShownRun<'a> {
    /// Which run, and a remark about it.
    pub title: (String, String),
    /// The steps that began.
    pub steps: Vec<StepProgress>,
    /// Its row, once it has ended.
    pub ended: Option<&'a Run>,
    /// Sentences about its state.
    pub notes: Vec<(String, Role)>,
    /// What it has transferred, with the figures of its last chunk; `None` before it has begun.
    pub counts: Option<(Counts, Option<ChunkFigures>)>,
    /// The number of errors among its messages, and the newest of them.
    pub failures: (i64, Vec<&'a Failed>),
    /// Its log, newest last.
    pub log: Vec<(Timestamp, &'a str, Role)>,
}

impl<'a> ShownRun<'a> {
    /// The run in this console.
    pub fn live(run: &'a LiveRun, view: &ViewContext) -> Self {
        let name = run.run_id.map_or_else(|| "Run".to_owned(), |run_id| format!("Run {run_id}"));
        let since = format!("since {}", view.zone.short(run.started_at, view.now));
        let (ended, mut notes) = match &run.result {
            Some(Ok(ended)) => (Some(ended), Vec::new()),
            Some(Err(sentence)) => (None, vec![(sentence.clone(), Role::Bad)]),
            None => (None, Vec::new()),
        };
        if run.canceling && run.is_active() {
            notes.push(("It stops after this chunk; transferred messages are kept.".to_owned(), Role::Warn));
        }
        let chunk = run.transfer_totals();
        let counts = ended.map(|ended| ended.counts).or(chunk.map(|chunk| chunk.counts)).unwrap_or_default();
        Self {
            title: (format!("{name} · Process status messages"), since),
            steps: if run.is_active() { run.steps(view.now) } else { Vec::new() },
            ended,
            notes,
            counts: Some((counts, chunk.filter(|_| run.is_active()))),
            failures: (run.failures, run.newest_failures.iter().collect()),
            log: run.log.iter().map(|(at, text)| (*at, text.as_str(), Role::Text)).collect(),
        }
    }
}

/// Draws the run. What is dropped first where there is little room: the log, then the errors, never
/// gauges and counts.
pub fn draw(painter: &mut Painter, run: &ShownRun, focus: &mut ProgressFocus, view: &ViewContext) {
    let (width, height) = (painter.width(), painter.height());
    painter.rule(0, &run.title.0, &run.title.1, false);
    let mut y = if height >= 18 { 2 } else { 1 };
    for (number, progress) in (1..).zip(&run.steps) {
        y = gauge::draw(painter, y, number, *progress);
    }
    if let Some(ended) = run.ended {
        y = result(painter, y, ended, run.failures.0, view);
    }
    for (text, role) in &run.notes {
        for line in wrap(text, usize::from(width.saturating_sub(4))) {
            painter.text(1, y, width, &line, *role);
            y += 1;
        }
    }
    y += u16::from(height >= 18);
    if let Some((sum, chunk)) = &run.counts {
        y = counts(painter, y, sum, chunk.as_ref());
    }
    let room = height.saturating_sub(y);
    // A titled rule and at least one line each.
    let errors = match room {
        _ if run.counts.is_none() => 0,
        0..2 => 0,
        room if room < 6 || run.log.is_empty() => room,
        _ => (u16::try_from(run.failures.1.len()).unwrap_or(u16::MAX).max(1) + 1).min(room / 2 + 1),
    };
    if errors > 0 {
        errors::draw_errors(&mut painter.part(0, y, width, errors), run, focus, view);
    }
    if room >= errors + 2 {
        draw_log(&mut painter.part(0, y + errors, width, room - errors), run, focus, view);
    }
}

/// The counts of the transfer, as a sum that adds up.
fn counts(painter: &mut Painter, y: u16, counts: &Counts, chunk: Option<&ChunkFigures>) -> u16 {
    let width = painter.width();
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
    match chunk.filter(|_| painter.height() >= 16) {
        Some(chunk) => {
            let text = format!(
                "Chunks: the last of {} in {:.2} s · a cancel takes effect within one",
                counted(chunk.rows, "row"),
                chunk.took.as_secs_f64()
            );
            painter.text(1, y + 3, width.saturating_sub(2), &text, Role::Dim);
            y + 5
        }
        None => y + 3 + u16::from(painter.height() >= 16),
    }
}

fn draw_log(painter: &mut Painter, run: &ShownRun, focus: &mut ProgressFocus, view: &ViewContext) {
    painter.rule(0, "Log", "", focus.pane == Pane::Log);
    let width = usize::from(painter.width().saturating_sub(15));
    let mut lines = Vec::new();
    for (at, text, role) in &run.log {
        for (index, line) in wrap(text, width).into_iter().enumerate() {
            let at = if index == 0 { view.zone.short(*at, view.now) } else { String::new() };
            lines.push((format!("{at:<11} {line}"), *role));
        }
    }
    // The newest line is at the bottom; scrolling moves up from there.
    let last = lines.len().saturating_sub(usize::from(painter.height().saturating_sub(1)));
    focus.top = focus.top.min(last);
    for (row, (line, role)) in (1..painter.height()).zip(lines.iter().skip(last - focus.top)) {
        painter.text(2, row, painter.width(), line, *role);
    }
}

/// Draws the result; returns the next free row.
fn result(painter: &mut Painter, y: u16, run: &Run, failures: i64, view: &ViewContext) -> u16 {
    let width = painter.width();
    let (shape, role, word) = outcome_glyph(run.outcome);
    let took = run.ended_at.map_or_else(String::new, |at| format!(", took {}", took(at.since(run.started_at))));
    painter.text(1, y, width, &format!("{shape} {word}{took}"), role);
    let errors = match failures {
        0 => " · no errors in these messages".to_owned(),
        count => {
            let shows = view.keys("{next_error} shows what is still open");
            format!(" · {} in these messages; {shows}", errors::errors(count))
        }
    };
    let purged = format!(
        "{} purged · {} kept past retention{errors}",
        counted(run.purged.total(), "row"),
        counted(run.kept_unresolved, "unresolved session"),
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
