//! Post-processes the output of ratatui's crossterm backend: fewer bytes, and sequences that old
//! terminals understand.
//!
//! The backend writes red as `38;5;1`; a terminal that does not support `38` takes the `5` after it
//! for *blinking*. It also moves the cursor over each blank between two changed words, which costs
//! eight bytes each time.

use ratatui::buffer::{Buffer, Cell};
use unicode_width::UnicodeWidthStr;

/// Gaps of up to this many unchanged cells are written again, which is cheaper than a cursor move.
const MAX_GAP_CELLS: u16 = 6;

/// Column, row and content of a cell that changes.
type Change<'b> = (u16, u16, &'b Cell);

/// Adds the unchanged cells in short gaps between the changes, if they have the same style.
pub fn fill_gaps<'b>(changes: Vec<Change<'b>>, next: &'b Buffer) -> Vec<Change<'b>> {
    let mut out: Vec<Change> = Vec::with_capacity(changes.len());
    for change in changes {
        let (x, y, _) = change;
        if let Some((before_x, before_y, before)) = out.last().copied()
            && before_y == y
            && (before_x + 2..=before_x + 1 + MAX_GAP_CELLS).contains(&x)
            && before.symbol().width() == 1
        {
            let style = |cell: &Cell| (cell.fg, cell.bg, cell.modifier);
            let plain = |cell: &&Cell| cell.symbol().len() == 1 && style(cell) == style(before);
            let gap = (before_x + 1..x).map(|x| Some((x, y, next.cell((x, y)).filter(plain)?)));
            out.extend(gap.collect::<Option<Vec<_>>>().into_iter().flatten());
        }
        out.push(change);
    }
    out
}

/// The resets that the backend writes at the end of each frame, and the one that replaces them.
const TAIL: &[u8] = b"\x1b[39m\x1b[49m\x1b[59m\x1b[0m";
const RESET: &[u8] = b"\x1b[0m";

/// Rewrites a frame with the short sequences of the sixteen colors and a single reset at its end.
pub fn compact(frame: &[u8]) -> Vec<u8> {
    let (body, tail) = frame.strip_suffix(TAIL).map_or((frame, &[][..]), |body| (body, RESET));
    let mut out = Vec::with_capacity(frame.len());
    let mut rest = body;
    let mut after_style = false;
    while let Some(at) = rest.windows(2).position(|pair| pair == b"\x1b[") {
        let (before, sequence) = rest.split_at(at);
        out.extend_from_slice(before);
        let end = sequence[2..].iter().position(|byte| !byte.is_ascii_digit() && *byte != b';');
        let Some(end) = end.map(|end| end + 2) else {
            rest = sequence;
            break;
        };
        if sequence[end] == b'm' {
            // A sequence right after another one continues it.
            if before.is_empty() && after_style {
                out.pop();
                out.push(b';');
            } else {
                out.extend_from_slice(b"\x1b[");
            }
            out.extend_from_slice(shortened(&sequence[2..end]).as_bytes());
        } else {
            out.extend_from_slice(&sequence[..end]);
        }
        after_style = sequence[end] == b'm';
        out.push(sequence[end]);
        rest = &sequence[end + 1..];
    }
    out.extend_from_slice(rest);
    out.extend_from_slice(tail);
    out
}

fn shortened(parameters: &[u8]) -> String {
    let numbers: Vec<u16> =
        String::from_utf8_lossy(parameters).split(';').map(|number| number.parse().unwrap_or(0)).collect();
    let mut short: Vec<String> = Vec::new();
    let mut rest = numbers.as_slice();
    loop {
        rest = match rest {
            // 38 sets the foreground, 48 the background.
            [layer @ (38 | 48), 5, color @ 0..=15, rest @ ..] => {
                let base = if *layer == 38 { 30 } else { 40 };
                short.push((if *color < 8 { base + color } else { base + 60 + color - 8 }).to_string());
                rest
            }
            // The red, green and blue of a color must not be taken for attributes.
            [layer @ (38 | 48), 2, red, green, blue, rest @ ..] => {
                short.push(format!("{layer};2;{red};{green};{blue}"));
                rest
            }
            [layer @ (38 | 48), 5, color, rest @ ..] => {
                short.push(format!("{layer};5;{color}"));
                rest
            }
            [number, rest @ ..] => {
                short.push(number.to_string());
                rest
            }
            [] => return short.join(";"),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::{compact, fill_gaps};
    use ratatui::buffer::Buffer;
    use ratatui::layout::Rect;
    use ratatui::style::{Color, Style};

    #[test]
    fn short_gaps_of_the_same_style_are_filled_and_others_are_skipped() {
        let area = Rect::new(0, 0, 30, 1);
        let shown = Buffer::empty(area);
        let mut next = Buffer::empty(area);
        let at = |next: &Buffer| fill_gaps(shown.diff(next), next).iter().map(|(x, ..)| *x).collect::<Vec<_>>();
        next.set_string(0, 0, "a  b", Style::new());
        assert_eq!(at(&next), [0, 1, 2, 3]);
        next.set_string(12, 0, "c", Style::new());
        assert_eq!(at(&next), [0, 1, 2, 3, 12], "eight cells are cheaper to skip");
        // The gap has another style, or contains the second half of a wide character.
        next.set_string(13, 0, " d", Style::new().fg(Color::Red));
        next.set_string(20, 0, "磁 e", Style::new());
        let filled = at(&next);
        assert!(!filled.contains(&21), "{filled:?}");
        assert!(fill_gaps(next.diff(&next), &next).is_empty());
    }

    #[test]
    fn colors_get_short_sequences_and_everything_else_is_unchanged() {
        for (long, short) in [
            (&b"a\x1b[38;5;1;49mb"[..], &b"a\x1b[31;49mb"[..]),
            (b"\x1b[38;5;12m\x1b[48;5;9m", b"\x1b[94;101m"),
            (b"\x1b[22m\x1b[1mx\x1b[39;49m", b"\x1b[22;1mx\x1b[39;49m"),
            (b"\x1b[38;2;48;5;3;48;2;38;5;1mx", b"\x1b[38;2;48;5;3;48;2;38;5;1mx"),
            (b"\x1b[38;5;48;48;5;5m", b"\x1b[38;5;48;45m"),
            (b"\x1b[1mxm\x1b[2m", b"\x1b[1mxm\x1b[2m"),
            (b"\x1b[1m\x1b[2;3H\x1b[2m", b"\x1b[1m\x1b[2;3H\x1b[2m"),
            (b"\x1b[38;5;200m", b"\x1b[38;5;200m"),
            (b"\x1b[2;13r\x1b[1;1H\x1b[?2026h", b"\x1b[2;13r\x1b[1;1H\x1b[?2026h"),
            (b"x\x1b[39m\x1b[49m\x1b[59m\x1b[0m", b"x\x1b[0m"),
            (b"\x1b[1", b"\x1b[1"),
            ("磁\u{1b}[22m盘".as_bytes(), "磁\u{1b}[22m盘".as_bytes()),
        ] {
            assert_eq!(compact(long), short, "{}", String::from_utf8_lossy(long));
        }
    }
}
