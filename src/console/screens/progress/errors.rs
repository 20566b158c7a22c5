//! The newest errors of a run, as a table.

use crate::console::protocol::query::COUNT_LIMIT;
use crate::console::screens::progress::{Pane, ProgressFocus, ShownRun};
use crate::console::view::context::ViewContext;
use crate::console::view::painter::{Painter, cells};
use crate::console::view::theme::{Role, status_glyph};
use crate::domain::{counted, grouped};
use crate::engine::Failed;
use crate::text::{cut, cut_middle, shown};

/// A number of errors, which is counted up to a limit.
pub(super) fn errors(count: i64) -> String {
    match count {
        0 => "no errors".to_owned(),
        count if count > COUNT_LIMIT => format!("more than {} errors", grouped(COUNT_LIMIT)),
        count => counted(count, "error"),
    }
}

/// Draws the newest errors, each column as wide as its longest cell.
pub(super) fn draw_errors(painter: &mut Painter, run: &ShownRun, focus: &mut ProgressFocus, view: &ViewContext) {
    let focused = focus.pane == Pane::Errors;
    let width = painter.width();
    let (count, newest) = &run.failures;
    let remark = format!("{}{}", errors(*count), if run.ended.is_some() { "" } else { " so far" });
    painter.rule(0, "Newest errors in these messages", &remark, focused);
    if newest.is_empty() {
        painter.text(2, 1, width, "None.", Role::Dim);
    }
    focus.error = focus.error.min(newest.len().saturating_sub(1));
    let room = usize::from(painter.height().saturating_sub(1));
    let skip = (focus.error + 1).saturating_sub(room);
    let rows: Vec<_> = newest.iter().map(|failed| error_cells(failed, view)).collect();
    let widths = error_widths(&rows, width);
    for (y, (at, row)) in (1..painter.height()).zip(rows.iter().enumerate().skip(skip)) {
        error_line(painter, y, row, widths);
        if at == focus.error {
            painter.cursor_row(0, y, width, focused);
        }
    }
}

/// The cells of an error: when, where, job, session, status, text.
fn error_cells(failed: &Failed, view: &ViewContext) -> [(String, Role); 6] {
    let (shape, role) = status_glyph(failed.status);
    let place = if failed.key.channel_database.is_empty() { "package" } else { &failed.key.channel_database };
    let text = |text: &str| (shown(text).into_owned(), Role::Text);
    [
        text(&view.zone.short(failed.occurred_at, view.now)),
        text(place),
        text(&failed.job_name),
        text(&failed.key.session_number.to_string()),
        (format!("{shape} {}", failed.status), role),
        text(failed.message.as_deref().unwrap_or("")),
    ]
}

/// The widths of the cells of all errors, each as wide as its longest; names give way to the text.
fn error_widths(rows: &[[(String, Role); 6]], width: u16) -> [u16; 6] {
    let longest = |at: usize| rows.iter().map(|row| cells(&row[at].0)).max().unwrap_or(0);
    let mut widths = [0, 1, 2, 3, 4, 5].map(|at| u16::try_from(longest(at)).unwrap_or(u16::MAX));
    let room = width.saturating_sub(3);
    for (at, least) in [(1, 14), (2, 12)] {
        let used = widths.iter().take(5).fold(5, |sum: u16, width| sum.saturating_add(*width));
        let lacking = used.saturating_add(widths[5].min(24)).saturating_sub(room);
        widths[at] = widths[at].saturating_sub(lacking.min(widths[at].saturating_sub(least)));
    }
    widths
}

fn error_line(painter: &mut Painter, y: u16, row: &[(String, Role); 6], widths: [u16; 6]) {
    let mut x = 2;
    for (at, ((text, role), width)) in row.iter().zip(widths).enumerate() {
        let width = if at == 5 { painter.width().saturating_sub(x + 1) } else { width };
        // Names keep both ends; the text of an error keeps its beginning.
        let room = usize::from(width);
        let shown = if at == 5 { cut(text, room) } else { cut_middle(text, room) };
        painter.text(x, y, width, &shown, *role);
        x = x.saturating_add(width + 1);
    }
}
