//! The last 24 hours as a histogram, and trends of causes: three levels a row.

use crate::console::protocol::query::{COLUMN, COLUMN_LIMIT, COLUMNS, MessageCounts, STRETCH_OF_TREND, TREND};
use crate::console::view::context::ViewContext;
use crate::console::view::painter::Painter;
use crate::console::view::theme::{Role, Surface};
use crate::domain::{Timestamp, grouped};

/// Where the columns begin.
const LEFT: u16 = 8;

/// Where the histogram of the last day begins: on a full column.
pub fn start(now: Timestamp) -> Timestamp {
    let columns = i64::try_from(COLUMNS).unwrap_or(72) - 1;
    Timestamp(now.0 - now.0.rem_euclid(COLUMN) - columns * COLUMN)
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
    chosen: Option<usize>,
    view: &ViewContext,
) {
    let width = painter.width();
    let total: i64 = counts.iter().map(|counts| counts.messages).sum();
    let more = if counts.iter().any(|counts| counts.messages >= COLUMN_LIMIT) { "more than " } else { "" };
    let as_of = view.freshness.and_then(|freshness| freshness.as_of);
    let start_of = |at: usize| Timestamp(from.0 + i64::try_from(at).unwrap_or(0) * COLUMN);
    let unknown = |at: usize| as_of.is_some_and(|as_of| start_of(at).0 > as_of.0);
    let remark = match chosen {
        Some(at) => {
            let counts = counts.get(at).copied().unwrap_or_default();
            let (at, counts) =
                (view.zone.short(start_of(at), view.now), (grouped(counts.messages), grouped(counts.errors)));
            format!("{at}: {} {what}, {} errors · {}", counts.0, counts.1, view.keys("{open} shows them"))
        }
        None => format!("{more}{} {what} · ░ still waiting", grouped(total)),
    };
    painter.rule(0, "Last 24 hours, 20 minutes a column", &remark, chosen.is_some());
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
        if let Some(hour) = view.zone.full_hour(start_of(at)).filter(|hour| hour % 3 == 0) {
            painter.text(x, rows + 2, 2, &format!("{hour:02}"), Role::Dim);
        }
        if chosen == Some(at) {
            (1..rows + 2).for_each(|y| painter.cover(x, y, wide, Surface::Cursor));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
