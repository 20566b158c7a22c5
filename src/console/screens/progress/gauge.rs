//! The gauge of a step: how much is done, at which rate, and how long it still takes.

use crate::console::protocol::step_progress::{Measured, StepProgress, StepState};
use crate::console::protocol::time::age;
use crate::console::view::painter::Painter;
use crate::console::view::theme::{Role, Theme};
use crate::domain::{Step, grouped};

/// Cells to the left of the gauge, and those to its right for the percentage and the time left.
const LEFT_CELLS: u16 = 13;
const RIGHT_CELLS: u16 = 21;
/// Columns from which the rate of the last chunk is shown beside the average.
const BOTH_RATES_FROM: u16 = 76;

/// Draws the step with its figures below; returns the next free row.
pub fn draw(painter: &mut Painter, y: u16, number: usize, progress: StepProgress) -> u16 {
    let width = painter.width();
    let is_transfer = progress.step == Step::Transfer;
    let name = if is_transfer { "Transfer" } else { "Purge" };
    painter.text(1, y, LEFT_CELLS - 1, &format!("{number} {name}"), Role::Text);
    match progress.state {
        StepState::Counting => {
            painter.text(LEFT_CELLS, y, width, phase(progress.step), Role::Dim);
            y + 1
        }
        StepState::Finished(None) => {
            painter.text(LEFT_CELLS, y, width, "nothing was waiting", Role::Dim);
            y + 1
        }
        StepState::Finished(Some(_)) => {
            bar(painter, y, 100);
            painter.text_right(0, y, width.saturating_sub(2), " 100 %", Role::Text);
            y + 1
        }
        StepState::Measured(measured) => {
            bar(painter, y, measured.percent());
            let left = measured.left.filter(|_| measured.percent() < 100);
            let left = left.map(|left| format!("  {} left", age(left))).unwrap_or_default();
            let ahead = format!("{:>4} %{left}", measured.percent());
            painter.text_right(0, y, width.saturating_sub(2), &ahead, Role::Text);
            let used = painter.text(
                LEFT_CELLS,
                y + 1,
                width.saturating_sub(LEFT_CELLS + 1),
                &figures(width, progress.step, &measured),
                Role::Dim,
            );
            if let Some(silence) = measured.stalled {
                let words = format!(" · no progress for {}", age(silence));
                painter.text(LEFT_CELLS + used, y + 1, width, &words, Role::Warn);
            }
            y + 2
        }
    }
}

/// What a step does before its figures are known.
fn phase(step: Step) -> &'static str {
    match step {
        Step::Transfer => "counting …",
        Step::Preview => "counting what has expired …",
        Step::PurgeMessageDatabase => "message database …",
        Step::EmptyTrash => "trash …",
        Step::PurgeHeadOffice => "head office …",
        Step::Done => "done",
    }
}

fn figures(width: u16, step: Step, measured: &Measured) -> String {
    let what = match step {
        Step::PurgeMessageDatabase => "rows, now in the message database",
        Step::EmptyTrash => "rows, now in the trash",
        Step::PurgeHeadOffice => "rows, now at head office",
        _ => "messages",
    };
    let done = format!("{} of {} {what}", grouped(measured.done), grouped(measured.total));
    match (measured.rate, measured.latest_rate) {
        (None, _) => done,
        (Some(rate), Some(latest)) if width >= BOTH_RATES_FROM => {
            format!("{done} · {} /s now, {} /s on average", grouped(latest), grouped(rate))
        }
        (Some(rate), _) => format!("{done} · {} /s", grouped(rate)),
    }
}

fn bar(painter: &mut Painter, y: u16, percent: i64) {
    let room = painter.width().saturating_sub(LEFT_CELLS + RIGHT_CELLS);
    let (full, rest) = cells(painter.theme, room, percent);
    let used = painter.text(LEFT_CELLS, y, room, &full, Role::Busy);
    painter.text(LEFT_CELLS + used, y, room - used, &rest, Role::Dim);
}

/// The filled cells of a gauge, the last one in part, and the empty ones.
fn cells(theme: Theme, room: u16, percent: i64) -> (String, String) {
    // A cell's parts, from the smallest: eighths, or halves where the font may lack them.
    let parts: &[char] = match (theme.ascii, theme.has_eighths()) {
        (true, _) => &[],
        (false, true) => &['▏', '▎', '▍', '▌', '▋', '▊', '▉'],
        (false, false) => &['▌'],
    };
    let steps = parts.len() + 1;
    let filled = usize::from(room) * steps * usize::try_from(percent.clamp(0, 100)).unwrap_or(0) / 100;
    let mut full = "█".repeat(filled / steps);
    full.extend((filled % steps).checked_sub(1).and_then(|part| parts.get(part)));
    let rest = "░".repeat(usize::from(room) - filled.div_ceil(steps));
    (full, rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::view::theme::ColorDepth;

    #[test]
    fn a_gauge_is_filled_in_eighths_halves_or_whole_cells() {
        let drawn = |depth, ascii, percent| {
            let (full, rest) = cells(Theme { depth, ascii }, 10, percent);
            format!("{full}{rest}")
        };
        assert_eq!(drawn(ColorDepth::Rgb, false, 0), "░░░░░░░░░░");
        assert_eq!(drawn(ColorDepth::Rgb, false, 64), "██████▍░░░");
        assert_eq!(drawn(ColorDepth::Sixteen, false, 64), "██████░░░░");
        assert_eq!(drawn(ColorDepth::Sixteen, false, 67), "██████▌░░░");
        assert_eq!(drawn(ColorDepth::Rgb, true, 67), "██████░░░░", "the theme replaces both");
        for percent in 0..=100 {
            for depth in [ColorDepth::Rgb, ColorDepth::Mono] {
                assert_eq!(drawn(depth, false, percent).chars().count(), 10, "{percent}");
            }
        }
        assert_eq!(drawn(ColorDepth::Rgb, false, 100), "██████████");
    }
}
