//! The last 24 hours as a histogram, and trends of causes.

use crate::console::protocol::query::{
    FINEST_COLUMNS, HISTOGRAM_COLUMN_MS, HISTOGRAM_COLUMNS, MessageCounts, TREND_COLUMN_MS, TREND_COLUMNS, column_limit,
};
use crate::console::view::context::ViewContext;
use crate::console::view::painter::{Painter, cells};
use crate::console::view::theme::{Role, Surface};
use crate::domain::{MINUTE_MS, Timestamp, counted, grouped};

/// Cells of the rule that are not the remark's.
const TITLE_CELLS: usize = 23;
/// Where the columns begin.
const COLUMNS_AT: u16 = 8;

/// Where the histogram of the last day begins: on a full column.
pub fn start(now: Timestamp) -> Timestamp {
    let columns = i64::try_from(HISTOGRAM_COLUMNS).unwrap_or(72) - 1;
    Timestamp(now.0 - now.0.rem_euclid(HISTOGRAM_COLUMN_MS) - columns * HISTOGRAM_COLUMN_MS)
}

/// Milliseconds of a column of a day that has this many.
pub fn column_of(columns: usize) -> i64 {
    let day = HISTOGRAM_COLUMN_MS * i64::try_from(HISTOGRAM_COLUMNS).unwrap_or(72);
    day / i64::try_from(columns.max(1)).unwrap_or(72)
}

/// The columns of a day, of 5 to 20 minutes, that fill most of a width; the finest of several.
pub fn columns_in(width: u16) -> usize {
    let room = usize::from(width.saturating_sub(COLUMNS_AT));
    let divisions = [HISTOGRAM_COLUMNS, FINEST_COLUMNS / 3, FINEST_COLUMNS / 2, FINEST_COLUMNS];
    divisions.into_iter().max_by_key(|columns| room / columns * columns).unwrap_or(HISTOGRAM_COLUMNS)
}

/// The columns that are chosen: the one of the cursor, or a range that ends there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chosen {
    /// The column of the cursor.
    pub column: usize,
    /// The other end of a range.
    pub mark: Option<usize>,
}

impl Chosen {
    /// Returns the cursor at the corresponding place among another number of columns.
    #[must_use]
    pub fn scaled(self, from: usize, to: usize) -> Self {
        let place = |at: usize| (at * to / from.max(1)).min(to.saturating_sub(1));
        Self { column: place(self.column), mark: self.mark.map(place) }
    }

    /// The first and the last column.
    pub fn ends(self) -> (usize, usize) {
        let mark = self.mark.unwrap_or(self.column);
        (mark.min(self.column), mark.max(self.column))
    }

    /// When the first one begins and the last one ends, of this many columns from an instant on.
    pub fn span(self, from: Timestamp, columns: usize) -> (Timestamp, Timestamp) {
        let (first, last) = self.ends();
        let at = |column: usize| Timestamp(from.0 + i64::try_from(column).unwrap_or(0) * column_of(columns));
        (at(first), at(last + 1))
    }
}

/// Where the trends of the last day begin.
pub fn start_of_trends(now: Timestamp) -> Timestamp {
    let stretches = i64::try_from(TREND_COLUMNS).unwrap_or(12) - 1;
    Timestamp(now.0 - now.0.rem_euclid(TREND_COLUMN_MS) - stretches * TREND_COLUMN_MS)
}

/// A trend in twelve characters, as high as its errors beside its highest: blank none, `░` not yet
/// known. The theme replaces eighths where the font has none.
pub fn trend(counts: &[i64; TREND_COLUMNS], from: Timestamp, as_of: Option<Timestamp>) -> String {
    let most = counts.iter().copied().max().unwrap_or(0).max(1);
    (0..)
        .zip(counts)
        .map(|(at, count)| match *count {
            0 if as_of.is_some_and(|as_of| from.0 + at * TREND_COLUMN_MS > as_of.0) => '░',
            count => level(steps(count, most, EIGHTHS.len()), 0, &EIGHTHS),
        })
        .collect()
}

/// The heights of a cell.
const EIGHTHS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The height of a value of at most `most` in steps, of which there are `full`; one at least if it
/// is not 0.
fn steps(value: i64, most: i64, full: usize) -> usize {
    let height = i128::from(value) * i128::try_from(full).unwrap_or(0) / i128::from(most.max(1));
    usize::try_from(height).unwrap_or(0).clamp(usize::from(value > 0), full)
}

/// How full a cell is that begins at `from` steps, of a bar that is this many steps high.
fn level(height: usize, from: usize, parts: &[char]) -> char {
    match height.saturating_sub(from) {
        0 => ' ',
        steps => parts[steps.min(parts.len()) - 1],
    }
}

/// One column: the sum of what was counted in its parts, and whether counting stopped in any.
struct ColumnSum {
    messages: i64,
    errors: i64,
    is_cut: bool,
}

fn summed(parts: &[MessageCounts], limit: i64) -> ColumnSum {
    ColumnSum {
        messages: parts.iter().map(|part| part.messages).sum(),
        errors: parts.iter().map(|part| part.errors).sum(),
        is_cut: parts.iter().any(|part| part.messages >= limit),
    }
}

/// Draws it in `columns` columns: a rule, `rows` rows of `what` is counted, one of errors, the
/// hours.
pub(super) fn draw(
    painter: &mut Painter,
    (from, counts, columns): (Timestamp, &[MessageCounts], usize),
    (rows, what): (u16, &str),
    chosen: Option<Chosen>,
    view: &ViewContext,
) {
    let width = painter.width();
    let whole = summed(counts, column_limit(counts.len()));
    let as_of = view.freshness.and_then(|freshness| freshness.as_of);
    let per = column_of(columns);
    let start_of = |at: usize| Timestamp(from.0 + i64::try_from(at).unwrap_or(0) * per);
    let unknown = |at: usize| as_of.is_some_and(|as_of| start_of(at).0 > as_of.0);
    let remark = match chosen {
        Some(chosen) => selection((from, counts, columns), (chosen, what), width, view),
        None if whole.is_cut => {
            format!("at least {} {what} · ▲ more than were counted · ░ not read yet", grouped(whole.messages))
        }
        None => format!("{} · ░ not read yet", many(whole.messages, what)),
    };
    let title = match chosen {
        Some(_) => "Last 24 hours".to_owned(),
        None => format!("Last 24 hours, {} minutes a column", per / MINUTE_MS),
    };
    painter.rule(0, &title, &remark, chosen.is_some());
    let limit = column_limit(counts.len());
    let parts = (counts.len() / columns.max(1)).max(1);
    let counts: Vec<_> = counts.chunks(parts).map(|parts| summed(parts, limit)).collect();
    let most = |of: fn(&ColumnSum) -> i64| counts.iter().map(of).max().unwrap_or(0).max(1);
    let (messages, errors) = (most(|counts| counts.messages), most(|counts| counts.errors));
    painter.text(1, rows, COLUMNS_AT - 2, if what == "messages" { "msgs" } else { "count" }, Role::Dim);
    painter.text(1, rows + 1, COLUMNS_AT - 1, "errors", Role::Dim);
    let parts = painter.theme.heights();
    let full = usize::from(rows) * parts.len();
    let wide = (width.saturating_sub(COLUMNS_AT) / u16::try_from(columns.max(1)).unwrap_or(u16::MAX)).max(1);
    let starts = (COLUMNS_AT..width).step_by(usize::from(wide));
    for (x, (at, counts)) in starts.zip(counts.iter().enumerate()) {
        let mut bar = |y: u16, c: char, role| painter.text(x, y, wide, &c.to_string().repeat(usize::from(wide)), role);
        let height = steps(counts.messages, messages, full);
        for row in 0..rows {
            let c = match level(height, usize::from(row) * parts.len(), parts) {
                ' ' if unknown(at) && row == 0 => '░',
                _ if counts.is_cut && row + 1 == rows => '▲',
                c => c,
            };
            bar(rows - row, c, Role::Text);
        }
        let c = match level(steps(counts.errors, errors, parts.len()), 0, parts) {
            ' ' if unknown(at) => '░',
            c => c,
        };
        bar(rows + 1, c, Role::Bad);
        // Each hour is named at its first column only.
        let begins = |at: usize| view.zone.full_hour(start_of(at));
        let is_new = |hour: &u32| at.checked_sub(1).and_then(begins) != Some(*hour);
        if let Some(hour) = begins(at).filter(|hour| hour % 3 == 0).filter(is_new) {
            painter.text(x, rows + 2, 2, &format!("{hour:02}"), Role::Dim);
        }
        if chosen.is_some_and(|chosen| (chosen.ends().0..=chosen.ends().1).contains(&at)) {
            (1..rows + 2).for_each(|y| painter.cover(x, y, wide, Surface::Cursor));
        }
    }
}

/// The chosen columns in words: when, how many, errors and their share.
fn selection(
    (from, counts, columns): (Timestamp, &[MessageCounts], usize),
    (chosen, what): (Chosen, &str),
    width: u16,
    view: &ViewContext,
) -> String {
    let (first, last) = chosen.ends();
    let parts = (counts.len() / columns.max(1)).max(1);
    let within = counts.get(first * parts..((last + 1) * parts).min(counts.len())).unwrap_or_default();
    let ColumnSum { messages: met, errors, is_cut } = summed(within, column_limit(counts.len()));
    let more = if is_cut { "at least " } else { "" };
    let (start, end) = chosen.span(from, columns);
    let at = |at| view.zone.short(at, view.now);
    let when = if first == last { at(start) } else { format!("{} to {}", at(start), at(end)) };
    let share = if errors > 0 { format!(" ({} %)", (errors * 100 / met.max(1)).max(1)) } else { String::new() };
    let text = format!("{when}: {more}{}, {}{share}", many(met, what), counted(errors, "error"));
    let begin = if chosen.mark.is_some() { "" } else { ", {mark_range} a range" };
    let keys = [format!(" · {{open}} shows them{begin}"), " · {open} shows them".to_owned(), String::new()];
    let whole = keys.map(|keys| format!("{text}{}", view.keys(&keys)));
    let fits = |text: &String| cells(text) + TITLE_CELLS <= usize::from(width);
    whole.into_iter().find(fits).unwrap_or(text)
}

/// A number of what is counted, such as `messages`.
fn many(number: i64, what: &str) -> String {
    what.strip_suffix('s').map_or_else(|| format!("{} {what}", grouped(number)), |one| counted(number, one))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_counted_from_either_end_and_keeps_its_place_among_finer_columns() {
        let chosen = Chosen { column: 67, mark: Some(70) };
        assert_eq!(chosen.ends(), (67, 70));
        let from = Timestamp(0);
        assert_eq!(
            chosen.span(from, HISTOGRAM_COLUMNS),
            (Timestamp(67 * HISTOGRAM_COLUMN_MS), Timestamp(71 * HISTOGRAM_COLUMN_MS))
        );
        assert_eq!(chosen.scaled(HISTOGRAM_COLUMNS, 2 * HISTOGRAM_COLUMNS), Chosen { column: 134, mark: Some(140) });
        assert_eq!(Chosen { mark: None, ..chosen }.ends(), (67, 67));
        assert_eq!([80, 151, 152, 200, 296].map(columns_in), [72, 96, 144, 96, 288]);
        assert_eq!(
            (column_of(72), column_of(144), column_of(288)),
            (HISTOGRAM_COLUMN_MS, HISTOGRAM_COLUMN_MS / 2, HISTOGRAM_COLUMN_MS / 4)
        );
    }

    #[test]
    fn a_trend_is_as_high_as_its_errors_and_says_what_it_does_not_know() {
        let mut counts = [0; TREND_COLUMNS];
        (counts[0], counts[1], counts[2]) = (1, 1, 10);
        let from = Timestamp(0);
        assert_eq!(trend(&counts, from, None), "▁▁█         ");
        assert_eq!(trend(&counts, from, Some(Timestamp(TREND_COLUMN_MS * 9))), "▁▁█       ░░");
    }

    #[test]
    fn the_histogram_begins_on_a_full_column_and_ends_with_the_present_one() {
        let now = Timestamp(1_795_486_461_000);
        let from = start(now);
        let columns = i64::try_from(HISTOGRAM_COLUMNS).expect("few");
        assert_eq!(from.0 % HISTOGRAM_COLUMN_MS, 0);
        assert!(
            (from.0 + (columns - 1) * HISTOGRAM_COLUMN_MS..from.0 + columns * HISTOGRAM_COLUMN_MS).contains(&now.0)
        );
        assert_eq!([0, 1, 2, 3].map(|halves| level(halves, 0, &['▄', '█'])), [' ', '▄', '█', '█']);
        assert_eq!([0, 1, 50, 99, 100].map(|value| steps(value, 100, 16)), [0, 1, 8, 15, 16]);
    }
}
