//! A chart of runs: a bar for each run's duration and volume, the usual band, marks of failures.

use crate::console::protocol::run_baseline::Band;
use crate::console::view::painter::{Painter, cells};
use crate::console::view::theme::{Role, Surface};

/// Rows of a chart: a rule, durations, marks, volumes.
pub const ROWS: u16 = 1 + DURATION_ROWS + 1 + VOLUME_ROWS;
/// Rows between header and hints from which on the chart is shown unless the operator hides it.
pub const SHOWN_FROM_ROWS: u16 = 26;
/// Rows between header and hints that have room for it.
pub const MIN_ROWS: u16 = 18;

/// Cells of the heading beside its title and its remark.
pub const HEADING_EDGE_CELLS: usize = 12;

const DURATION_ROWS: u16 = 3;
const VOLUME_ROWS: u16 = 2;
/// Cells of the labels at the left.
const LABEL_CELLS: u16 = 10;
/// Cells of a bar at most, the blank between two of them included.
const MAX_BAR_CELLS: usize = 4;
/// A bar longer than this many times the upper end of the band is cut.
const CUT_FACTOR: i64 = 4;

/// One run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunBar {
    /// How long it took, in milliseconds; `None` while it executes.
    pub took: Option<i64>,
    /// Rows that it carried or purged.
    pub rows: Option<i64>,
    /// The glyph of its end, unless it ended well.
    pub mark: Option<(char, Role)>,
    /// Whether the cursor of the list is on it.
    pub is_current: bool,
}

/// What a chart says beside its bars.
pub struct ChartText<'a> {
    /// Its title.
    pub title: &'a str,
    /// The run under the cursor, at length and in short.
    pub remarks: [String; 2],
    /// Names a duration and a volume.
    pub name: [fn(i64) -> String; 2],
}

/// Draws the chart of runs, given newest first; the newest is at the right. `bands` are those of
/// durations and volumes.
pub fn draw(painter: &mut Painter, bars: &[RunBar], bands: [Option<Band>; 2], text: &ChartText) {
    let width = painter.width();
    let fits = |remark: &&String| cells(remark) + cells(text.title) + HEADING_EDGE_CELLS <= usize::from(width);
    let remark = text.remarks.iter().find(fits).map_or("", String::as_str);
    painter.rule(0, text.title, remark, false);
    let room = usize::from(width.saturating_sub(LABEL_CELLS + 1));
    if room == 0 {
        return;
    }
    let wide = (room / bars.len().max(1)).clamp(1, MAX_BAR_CELLS);
    let count = room / wide;
    // Whole pages, so that moving the cursor seldom moves the bars.
    let current = bars.iter().position(|bar| bar.is_current).unwrap_or(0);
    let first = current / count.max(1) * count;
    let shown: Vec<&RunBar> = bars.iter().skip(first).take(count).collect();
    let right = LABEL_CELLS + u16::try_from(shown.len() * wide).unwrap_or(0);
    for (which, (top, rows)) in [(1, DURATION_ROWS), (2 + DURATION_ROWS, VOLUME_ROWS)].into_iter().enumerate() {
        let values: Vec<_> = shown.iter().map(|bar| [bar.took, bar.rows][which]).collect();
        let most = top_of(&values, bands[which]);
        painter.text_right(0, top, LABEL_CELLS - 1, &(text.name[which])(most), Role::Dim);
        painter.text_right(0, top + rows - 1, LABEL_CELLS - 1, ["took", "rows"][which], Role::Dim);
        draw_band(painter, (top, rows), most, bands[which], right);
        for (at, (bar, value)) in shown.iter().zip(&values).enumerate() {
            let x = right - u16::try_from((at + 1) * wide).unwrap_or(0);
            let role = bar.mark.map_or(Role::Text, |(_, role)| role);
            draw_bar(painter, (x, top, rows), (*value, most), wide, role);
        }
    }
    for (at, bar) in shown.iter().enumerate() {
        let x = right - u16::try_from((at + 1) * wide).unwrap_or(0);
        if let Some((glyph, role)) = bar.mark {
            painter.text(x, 1 + DURATION_ROWS, 1, &glyph.to_string(), role);
        }
        if bar.is_current {
            let filled = u16::try_from(bar_cells(wide)).unwrap_or(1);
            (1..ROWS).for_each(|y| painter.cover(x, y, filled, Surface::Cursor));
        }
    }
}

/// Cells that are filled of a bar with its blank.
fn bar_cells(wide: usize) -> usize {
    if wide > 1 { wide - 1 } else { 1 }
}

/// The value of a full bar.
fn top_of(values: &[Option<i64>], band: Option<Band>) -> i64 {
    let most = values.iter().copied().flatten().max().unwrap_or(0);
    let cut = band.map_or(i64::MAX, |band| band.high.saturating_mul(CUT_FACTOR).max(1));
    most.min(cut).max(1)
}

/// Dots where usual bars end, behind the bars.
fn draw_band(painter: &mut Painter, (top, rows): (u16, u16), most: i64, band: Option<Band>, right: u16) {
    let Some(band) = band else { return };
    let row_of = |value: i64| {
        let row = (i128::from(value) * i128::from(rows)).div_euclid(i128::from(most) + 1);
        u16::try_from(row).unwrap_or(rows - 1).min(rows - 1)
    };
    for row in row_of(band.low)..=row_of(band.high) {
        let dots = "·".repeat(usize::from(right.saturating_sub(LABEL_CELLS)));
        painter.text(LABEL_CELLS, top + rows - 1 - row, right, &dots, Role::Dim);
    }
}

fn draw_bar(
    painter: &mut Painter,
    (x, top, rows): (u16, u16, u16),
    (value, most): (Option<i64>, i64),
    wide: usize,
    role: Role,
) {
    let Some(value) = value.filter(|value| *value > 0) else { return };
    let parts = painter.theme.heights();
    let steps = i128::try_from(parts.len()).unwrap_or(1);
    let full = i128::from(rows) * steps;
    let height = (i128::from(value) * full / i128::from(most)).clamp(1, full);
    for row in 0..rows {
        let here = (height - i128::from(row) * steps).clamp(0, steps);
        let Some(part) = usize::try_from(here - 1).ok().and_then(|part| parts.get(part)) else { break };
        let is_cut = value > most && row + 1 == rows;
        let glyph = if is_cut { '▲' } else { *part };
        let filled = glyph.to_string().repeat(bar_cells(wide));
        painter.text(x, top + rows - 1 - row, u16::try_from(wide).unwrap_or(1), &filled, role);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::view::theme::{ColorDepth, Theme};
    use ratatui::buffer::Buffer;
    use ratatui::layout::Rect;

    fn drawn(bars: &[RunBar], band: Option<Band>, (depth, ascii): (ColorDepth, bool)) -> Vec<String> {
        let area = Rect::new(0, 0, 30, ROWS);
        let mut buffer = Buffer::empty(area);
        let text = ChartText {
            title: "Runs",
            remarks: ["a remark that is too long here".to_owned(), "short".to_owned()],
            name: [|ms| format!("{ms} ms"), |rows| rows.to_string()],
        };
        draw(&mut Painter::new(&mut buffer, area, Theme { depth, ascii }), bars, [band, None], &text);
        let cells: Vec<&str> = buffer.content().iter().map(ratatui::buffer::Cell::symbol).collect();
        cells.chunks(30).map(|row| row.concat().trim_end().to_owned()).collect()
    }

    fn bar(took: i64, rows: i64) -> RunBar {
        RunBar { took: Some(took), rows: Some(rows), mark: None, is_current: false }
    }

    #[test]
    fn the_newest_run_is_at_the_right_and_a_failed_one_has_its_mark() {
        let failed = RunBar { mark: Some(('×', Role::Bad)), ..bar(24, 0) };
        let executing = RunBar { took: None, rows: None, mark: Some(('●', Role::Busy)), is_current: true };
        let bars = [executing, failed, bar(12, 16), bar(3, 4)];
        let rgb = drawn(&bars, None, (ColorDepth::Rgb, false));
        assert!(rgb[0].contains(" Runs ") && rgb[0].contains(" short "), "{}", rgb[0]);
        assert_eq!(
            rgb[1..],
            [
                "    24 ms         ███",
                "              ▄▄▄ ███",
                "     took ▃▃▃ ███ ███",
                "                  ×   ●",
                "       16     ███",
                "     rows ▄▄▄ ███",
            ]
        );
        let ascii = drawn(&bars, None, (ColorDepth::Mono, true));
        assert_eq!(ascii[1], "    24 ms         ###");
        assert_eq!(ascii[4].trim_start(), "x   *");
    }

    #[test]
    fn an_outlier_is_cut_and_the_usual_band_is_dotted() {
        let bars = [bar(900, 1), bar(10, 1), bar(12, 1), bar(11, 1)];
        let band = Some(Band { low: 10, high: 12, runs: 4 });
        let lines = drawn(&bars, band, (ColorDepth::Sixteen, false));
        assert!(lines[1].starts_with("    48 ms") && lines[1].contains('▲'), "{lines:?}");
        assert!(lines[3].contains('·'), "{lines:?}");
    }

    #[test]
    fn only_the_page_of_the_cursor_is_shown() {
        let mut bars: Vec<RunBar> = (1..=40).map(|took| bar(took, 1)).collect();
        bars[39].is_current = true;
        let lines = drawn(&bars, None, (ColorDepth::Mono, true));
        assert!(lines[1].starts_with("    40 ms"), "{lines:?}");
        assert_eq!(drawn(&[], None, (ColorDepth::Mono, true)).len(), usize::from(ROWS));
    }
}
