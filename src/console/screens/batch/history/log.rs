//! The Log of a row of the history: job, task, messages with their severity, every try; and the
//! facts of its run.

use crate::console::protocol::batch_query::{HistoryRow, LogLine, RunBaseline, Severity};
use crate::console::protocol::effect::Effect;
use crate::console::protocol::time::{age, took};
use crate::console::screens::batch::glyphs::{late_by, outcome_words};
use crate::console::view::context::ViewContext;
use crate::console::view::painter::wrap;
use crate::console::view::theme::Role;
use crate::domain::{counted, grouped, to_json};

/// The row as an export would write it.
pub fn record(row: &HistoryRow) -> Effect {
    Effect::ShowRecord { title: format!("Start {} of batch job {}", row.history_id, row.job_id), record: to_json(row) }
}

/// The log as the original nests it, in lines of at most `width` cells.
pub fn lines(row: &HistoryRow, log: Option<&[LogLine]>, width: usize, view: &ViewContext) -> Vec<(String, Role)> {
    if !row.outcome.is_run() {
        let reason = row.reason.as_deref().unwrap_or("no reason recorded");
        return wrap(&format!("No run: {reason}."), width).into_iter().map(|line| (line, Role::Text)).collect();
    }
    let name = &row.description;
    let mut lines = vec![
        (format!("Infolog for job {} {name}", row.job_id), Role::Text),
        (format!("  Infolog for Task {name}"), Role::Text),
    ];
    let Some(log) = log else {
        lines.push(("    reading …".to_owned(), Role::Dim));
        return lines;
    };
    for line in log {
        let (day, at) = (view.zone.long(row.scheduled_at), view.zone.long(line.at));
        let at = if at.get(..10) == day.get(..10) { at.get(11..).unwrap_or(&at).to_owned() } else { at };
        let (shape, role) = match line.severity {
            Severity::Information => (' ', Role::Text),
            Severity::Warning => ('!', Role::Warn),
            Severity::Error => ('×', Role::Bad),
        };
        let indent = 4 + at.len() + 3;
        for (index, text) in wrap(&line.text, width.saturating_sub(indent)).into_iter().enumerate() {
            let start = if index == 0 { format!("    {at} {shape} ") } else { " ".repeat(indent) };
            lines.push((format!("{start}{text}"), role));
        }
    }
    if log.is_empty() {
        lines.push(("    no notifications".to_owned(), Role::Dim));
    }
    lines
}

/// What is known of the row, for the pane beside the log.
pub fn facts(row: &HistoryRow, usual: Option<&RunBaseline>, view: &ViewContext) -> Vec<String> {
    let mut lines = Vec::new();
    let scheduled = view.zone.long(row.scheduled_at);
    let late = match (row.started_at, late_by(row)) {
        (Some(_), Some(late)) => format!(", started {} later", age(late)),
        (Some(started), None) => format!(", started {} later", took(started.since(row.scheduled_at).max(0))),
        (None, _) => String::new(),
    };
    lines.push(format!("Scheduled   {scheduled}{late}"));
    let group = if row.batch_group.is_empty() { "the default group" } else { &row.batch_group };
    if let Some(server) = &row.server {
        lines.push(format!("Ran         on {server}, {group}, submitted by {}", row.created_by));
    }
    if let Some((from, to)) = row.started_at.zip(row.ended_at) {
        let tries = if row.tries == 1 { "1 try".to_owned() } else { format!("{} tries", row.tries) };
        lines.push(format!("Took        {} in {tries}", took(to.since(from))));
    }
    if let Some(counts) = row.counts {
        let transferred = [counts.read, counts.inserted, counts.repeated, counts.rejected];
        let [read, inserted, repeated, rejected] = transferred.map(grouped);
        lines.push(format!("Transfer    {read} read = {inserted} inserted"));
        lines.push(format!("            + {repeated} repeated + {rejected} rejected"));
        lines.push(format!("Changed     {} (r)", counted(counts.sessions_changed, "session")));
        lines.push(format!("Purged      {}", counted(counts.purged_rows, "row")));
    }
    lines.extend(usual.map(|usual| compared(row, usual)).unwrap_or_default());
    lines
}

/// The run beside what its job is like usually.
fn compared(row: &HistoryRow, usual: &RunBaseline) -> Vec<String> {
    let mut lines = vec![String::new(), format!("Compared with the {} runs before that ended well", usual.runs)];
    if let Some((from, to)) = row.started_at.zip(row.ended_at) {
        let (middle, longest) = usual.took;
        let time = to.since(from);
        let longest = match time {
            time if time > longest => "the longest".to_owned(),
            _ => format!("{} at most", took(longest)),
        };
        lines.push(format!("Took        {}, usual {}: {longest}", took(time), took(middle)));
    }
    if let Some(counts) = row.counts {
        let figures = [("Read", counts.read), ("Rejected", counts.rejected), ("Purged", counts.purged_rows)];
        for ((what, count), middle) in figures.into_iter().zip(usual.counts) {
            lines.push(format!("{what:<11} {}, usual {}", grouped(count), grouped(middle)));
        }
    }
    lines
}

/// Why a row is late or made no run, in one sentence.
pub fn why(row: &HistoryRow, view: &ViewContext) -> String {
    let scheduled = view.zone.short(row.scheduled_at, view.now);
    let (words, _) = outcome_words(row);
    let reason = row.reason.as_deref().unwrap_or("no reason recorded");
    match (row.outcome.is_run(), late_by(row)) {
        (false, _) => format!("{words}: {reason}."),
        (true, Some(late)) => {
            format!("The start of {scheduled} came {} late; its log says what it waited for.", age(late))
        }
        (true, None) if row.started_at.is_some_and(|at| at.since(row.scheduled_at) >= 1_000) => {
            let seconds = row.started_at.map_or(0, |at| at.since(row.scheduled_at) / 1_000);
            format!("It started {seconds} s after {scheduled}: {reason}.")
        }
        (true, None) => format!("It started in time, at {scheduled}: {reason}."),
    }
}
