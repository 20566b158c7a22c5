//! The last 24 hours as a histogram, and trends of causes: three levels a row.

use crate::console::protocol::query::{COLUMN, COLUMNS, MessageCounts, STRETCH_OF_TREND, TREND, column_limit};
use crate::console::view::context::ViewContext;
use crate::console::view::painter::{Painter, cells};
use crate::console::view::theme::{Role, Surface};
use crate::domain::{Timestamp, grouped};

/// Cells of the rule that are not the remark's.
const TITLE: usize = 23;
/// Where the columns begin.
const LEFT: u16 = 8;

/// Where the histogram of the last day begins: on a full column.
pub fn start(now: Timestamp) -> Timestamp {
    let columns = i64::try_from(COLUMNS).unwrap_or(72) - 1;
    Timestamp(now.0 - now.0.rem_euclid(COLUMN) - columns * COLUMN)
}

/// Milliseconds of one of so many columns of a day.
pub fn column_of(columns: usize) -> i64 {
    let day = COLUMN * i64::try_from(COLUMNS).unwrap_or(72);
    day / i64::try_from(columns.max(1)).unwrap_or(72)
}

/// The columns of a day in the finest division that a width has room for: of 5, 10 or 20 minutes.
pub fn columns_in(width: u16) -> usize {
    let room = usize::from(width.saturating_sub(LEFT));
    [4 * COLUMNS, 2 * COLUMNS].into_iter().find(|columns| *columns <= room).unwrap_or(COLUMNS)
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
    /// The last of so many columns.
    pub fn last(columns: usize) -> Self {
        Self { column: columns.saturating_sub(1), mark: None }
    }

    /// Moves the cursor.
    pub fn step(&mut self, by: isize, columns: usize) {
        self.column = self.column.saturating_add_signed(by).min(columns.saturating_sub(1));
    }

    /// Begins a range at the cursor, or ends it.
    pub fn turn_mark(&mut self) {
        self.mark = if self.mark.is_some() { None } else { Some(self.column) };
    }

    /// The same place among another number of columns.
    #[must_use]
    pub fn scaled(self, from: usize, to: usize) -> Self {
        let place = |at: usize| (at * to / from.max(1)).min(to.saturating_sub(1));
        Self { column: place(self.column), mark: self.mark.map(place) }
    }

    /// The first and the last column.
    fn ends(self) -> (usize, usize) {
        let mark = self.mark.unwrap_or(self.column);
        (mark.min(self.column), mark.max(self.column))
    }

    /// When the first one begins and the last one ends, of so many columns from an instant on.
    pub fn span(self, from: Timestamp, columns: usize) -> (Timestamp, Timestamp) {
        let (first, last) = self.ends();
        let at = |column: usize| Timestamp(from.0 + i64::try_from(column).unwrap_or(0) * column_of(columns));
        (at(first), at(last + 1))
    }
}

/// Where the trends of the last day begin.
pub fn start_of_trends(now: Timestamp) -> Timestamp {
    let stretches = i64::try_from(TREND).unwrap_or(12) - 1;
    Timestamp(now.0 - now.0.rem_euclid(STRETCH_OF_TREND) - stretches * STRETCH_OF_TREND)
}

/// A trend in twelve characters: blank none, `▄` some, `█` more than the usual; `░` is not known
/// yet.
pub fn trend(counts: &[i64; TREND], from: Timestamp, as_of: Option<Timestamp>) -> String {
    let met: Vec<i64> = counts.iter().copied().filter(|count| *count > 0).collect();
    let usual = met.iter().sum::<i64>().checked_div(i64::try_from(met.len()).unwrap_or(1).max(1)).unwrap_or(0);
    (0..)
        .zip(counts)
        .map(|(at, count)| match *count {
            0 if as_of.is_some_and(|as_of| from.0 + at * STRETCH_OF_TREND > as_of.0) => '░',
            0 => ' ',
            count if count > usual => '█',
            _ => '▄',
        })
        .collect()
}

/// How full a cell is, for a value in halves, in the row that begins at `from` halves.
fn level(halves: i64, below: i64) -> char {
    match halves - below {
        ..=0 => ' ',
        1 => '▄',
        _ => '█',
    }
}

/// Draws it: a rule, `rows` rows of `what` is counted, one of errors, the hours.
pub fn draw(
    painter: &mut Painter,
    (from, counts): (Timestamp, &[MessageCounts]),
    (rows, what): (u16, &str),
    chosen: Option<Chosen>,
    view: &ViewContext,
) {
    let width = painter.width();
    let total: i64 = counts.iter().map(|counts| counts.messages).sum();
    let more = if counts.iter().any(|of| of.messages >= column_limit(counts.len())) { "more than " } else { "" };
    let as_of = view.freshness.and_then(|freshness| freshness.as_of);
    let per = column_of(counts.len());
    let start_of = |at: usize| Timestamp(from.0 + i64::try_from(at).unwrap_or(0) * per);
    let unknown = |at: usize| as_of.is_some_and(|as_of| start_of(at).0 > as_of.0);
    let remark = match chosen {
        Some(chosen) => selection((from, counts), (chosen, what), width, view),
        None => format!("{more}{} {what} · ░ still waiting", grouped(total)),
    };
    let title = match chosen {
        Some(_) => "Last 24 hours".to_owned(),
        None => format!("Last 24 hours, {} minutes a column", per / 60_000),
    };
    painter.rule(0, &title, &remark, chosen.is_some());
    let most = |of: fn(&MessageCounts) -> i64| counts.iter().map(of).max().unwrap_or(0).max(1);
    let (messages, errors) = (most(|counts| counts.messages), most(|counts| counts.errors));
    let full = i64::from(rows) * 2;
    painter.text(1, rows, LEFT - 2, if what == "messages" { "msgs" } else { "count" }, Role::Dim);
    painter.text(1, rows + 1, LEFT - 1, "errors", Role::Dim);
    // On a wide screen each stretch takes several columns.
    let wide = (width.saturating_sub(LEFT) / u16::try_from(counts.len().max(1)).unwrap_or(u16::MAX)).max(1);
    let starts = (LEFT..width).step_by(usize::from(wide));
    for (x, (at, counts)) in starts.zip(counts.iter().enumerate()) {
        let halves = |value: i64, most: i64, full: i64| if value == 0 { 0 } else { (value * full / most).max(1) };
        let height = halves(counts.messages, messages, full);
        for row in 0..rows {
            let below = i64::from(row) * 2;
            let c = if unknown(at) && row == 0 && height == 0 { '░' } else { level(height, below) };
            painter.text(x, rows - row, wide, &c.to_string().repeat(usize::from(wide)), Role::Text);
        }
        let c = if unknown(at) && counts.errors == 0 { '░' } else { level(halves(counts.errors, errors, 2), 0) };
        painter.text(x, rows + 1, wide, &c.to_string().repeat(usize::from(wide)), Role::Bad);
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
    (from, counts): (Timestamp, &[MessageCounts]),
    (chosen, what): (Chosen, &str),
    width: u16,
    view: &ViewContext,
) -> String {
    let (first, last) = chosen.ends();
    let within = || counts.iter().skip(first).take(last + 1 - first);
    let sum = |of: fn(&MessageCounts) -> i64| within().map(of).sum::<i64>();
    let (met, errors) = (sum(|counts| counts.messages), sum(|counts| counts.errors));
    let more = if within().any(|of| of.messages >= column_limit(counts.len())) { "more than " } else { "" };
    let (start, end) = chosen.span(from, counts.len());
    let at = |at| view.zone.short(at, view.now);
    let when = if first == last { at(start) } else { format!("{} to {}", at(start), at(end)) };
    let share = if errors > 0 { format!(" ({} %)", (errors * 100 / met.max(1)).max(1)) } else { String::new() };
    let text = format!("{when}: {more}{} {what}, {} errors{share}", grouped(met), grouped(errors));
    let begin = if chosen.mark.is_some() { "" } else { ", {mark_range} a range" };
    let keys = [format!(" · {{open}} shows them{begin}"), " · {open} shows them".to_owned(), String::new()];
    let whole = keys.map(|keys| format!("{text}{}", view.keys(&keys)));
    let fits = |text: &String| cells(text) + TITLE <= usize::from(width);
    whole.into_iter().find(fits).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_counted_from_either_end_and_keeps_its_place_among_finer_columns() {
        let mut chosen = Chosen::last(COLUMNS);
        chosen.step(-1, COLUMNS);
        chosen.turn_mark();
        chosen.step(-3, COLUMNS);
        assert_eq!(chosen.ends(), (67, 70));
        let from = Timestamp(0);
        assert_eq!(chosen.span(from, COLUMNS), (Timestamp(67 * COLUMN), Timestamp(71 * COLUMN)));
        assert_eq!(chosen.scaled(COLUMNS, 2 * COLUMNS), Chosen { column: 134, mark: Some(140) });
        chosen.turn_mark();
        assert_eq!(chosen.ends(), (67, 67));
        assert_eq!([80, 151, 152, 200, 296].map(columns_in), [72, 72, 144, 144, 288]);
        assert_eq!((column_of(72), column_of(144), column_of(288)), (COLUMN, COLUMN / 2, COLUMN / 4));
    }

    #[test]
    fn a_trend_has_three_levels_and_says_what_it_does_not_know() {
        let mut counts = [0; TREND];
        (counts[0], counts[1], counts[2]) = (1, 1, 10);
        let from = Timestamp(0);
        assert_eq!(trend(&counts, from, None), "▄▄█         ");
        assert_eq!(trend(&counts, from, Some(Timestamp(STRETCH_OF_TREND * 9))), "▄▄█       ░░");
    }

    #[test]
    fn the_histogram_begins_on_a_full_column_and_ends_with_the_present_one() {
        let now = Timestamp(1_795_486_461_000);
        let from = start(now);
        let columns = i64::try_from(COLUMNS).expect("few");
        assert_eq!(from.0 % COLUMN, 0);
        assert!((from.0 + (columns - 1) * COLUMN..from.0 + columns * COLUMN).contains(&now.0));
        assert_eq!([0, 1, 2, 3].map(|halves| level(halves, 0)), [' ', '▄', '█', '█']);
    }
}
