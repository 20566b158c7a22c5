//! Text in terminal cells: width, truncation and wrapping that never separate a combining mark from
//! its base character.
//!
//! Widths are counted per character, as terminals do, and combining marks count as zero, so that
//! columns stay aligned whether or not the terminal draws a sequence of emoji as one picture.

mod break_points;
mod cell;
mod csv;
pub mod time;

pub use cell::Cell;
pub use csv::{CsvWriter, Field};

use crate::domain::clean_line;
use break_points::pieces;
use std::borrow::Cow;
use unicode_width::UnicodeWidthChar;

/// Maximum combining marks shown on a base character. No script needs more, and a longer run would
/// cover the lines around it.
const MAX_MARKS: usize = 8;

/// The widest label in cells, with the blanks after it.
const MAX_LABEL_CELLS: usize = 16;

fn width(c: char) -> usize {
    c.width().unwrap_or(0)
}

/// Returns the width of a text in cells.
pub fn cells(text: &str) -> usize {
    text.chars().map(width).sum()
}

/// Returns the text with a capital, unless it begins with a name or a key; errors are lower case.
pub fn sentence(text: &str) -> String {
    let word = text.split(' ').next().unwrap_or("").trim_end_matches([',', ';', ':']);
    let is_word = word != "cdx" && word.len() > 1 && word.chars().all(|c| c.is_ascii_lowercase());
    match text.get(1..).filter(|_| is_word) {
        Some(rest) => format!("{}{rest}", text[..1].to_ascii_uppercase()),
        None => text.to_owned(),
    }
}

/// Returns the text as one displayable line: cleaned, a mark without a base on a dotted circle, a
/// run of marks cut with `…`.
pub fn shown(text: &str) -> Cow<'_, str> {
    let clean = clean_line(text);
    if clean.chars().all(|c| width(c) > 0) {
        return clean;
    }
    let mut shown = String::with_capacity(clean.len());
    let mut marks = None;
    for c in clean.chars() {
        if width(c) > 0 {
            marks = Some(0);
            shown.push(c);
            continue;
        }
        if marks.is_none() {
            shown.push('◌');
        }
        let count = marks.get_or_insert(0);
        *count += 1;
        match *count {
            0..=MAX_MARKS => shown.push(c),
            count if count == MAX_MARKS + 1 => shown.push('…'),
            _ => {}
        }
    }
    Cow::Owned(shown)
}

/// Splits a text into clusters: a base character with its combining marks.
pub fn clusters(text: &str) -> impl DoubleEndedIterator<Item = &str> {
    let starts: Vec<usize> =
        text.char_indices().filter(|(at, c)| *at == 0 || width(*c) > 0).map(|(at, _)| at).collect();
    (0..starts.len()).map(move |place| {
        let end = starts.get(place + 1).copied().unwrap_or(text.len());
        &text[starts[place]..end]
    })
}

/// Returns the longest beginning that fits into `width` cells.
pub fn head(text: &str, width: usize) -> &str {
    let mut used = 0;
    let past = text.char_indices().find(|(_, c)| {
        used += self::width(*c);
        used > width
    });
    past.map_or(text, |(at, _)| &text[..at])
}

/// Returns the longest end that fits into `width` cells.
pub fn tail(text: &str, width: usize) -> &str {
    let mut used = 0;
    let length = clusters(text).rev().take_while(|cluster| {
        used += cells(cluster);
        used <= width
    });
    &text[text.len() - length.map(str::len).sum::<usize>()..]
}

/// Returns the text, truncated with `…` if it does not fit into `width` cells.
pub fn cut(text: &str, width: usize) -> String {
    if head(text, width).len() == text.len() {
        return text.to_owned();
    }
    if width == 0 {
        return String::new();
    }
    format!("{}…", head(text, width - 1))
}

/// Returns the text, its middle replaced by `…` if it does not fit into `width` cells: paths and
/// names differ at their ends.
pub fn cut_middle(text: &str, width: usize) -> String {
    if head(text, width).len() == text.len() || width < 3 {
        return cut(text, width);
    }
    let end = tail(text, (width - 1).div_ceil(2));
    format!("{}…{end}", head(text, width - 1 - cells(end)))
}

/// A whole number such as `1,234,567` in at most `width` cells: by thousands (`1,234k`) if it is
/// too long, and `###` if that is, too, since a number without its last digits is another one.
/// Other texts are unchanged.
pub fn fit_number(text: &str, width: usize) -> Cow<'_, str> {
    let is_number = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_digit()) && text.chars().all(|c| c.is_ascii_digit() || c == ',')
    };
    if text.len() <= width || !is_number(text) {
        return Cow::Borrowed(text);
    }
    let mut thousands = text;
    for unit in ["k", "M", "G", "T"] {
        let Some((more, _)) = thousands.rsplit_once(',') else { break };
        thousands = more;
        if thousands.len() < width {
            return Cow::Owned(format!("{thousands}{unit}"));
        }
    }
    Cow::Owned("#".repeat(width))
}

/// Wraps the text into lines of at most `width` cells, between words where possible. A number stays
/// with its unit, as do the parts of a duration, and a date with its time.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    if width == 0 {
        return lines;
    }
    for paragraph in text.lines() {
        let (mut line, mut used) = (String::new(), 0);
        let shown = shown(paragraph);
        let fits = |piece: &str| cells(piece.trim_end()) <= width;
        let whole =
            |piece| -> Vec<&str> { if fits(piece) { vec![piece] } else { piece.split_inclusive(' ').collect() } };
        for word in pieces(&shown).into_iter().flat_map(whole) {
            if used > 0 && used + cells(word.trim_end()) > width {
                lines.push(std::mem::take(&mut line).trim_end().to_owned());
                used = 0;
            }
            for cluster in clusters(word) {
                let taken = cells(cluster);
                if cluster == " " && used + 1 > width {
                    continue;
                }
                if used + taken > width {
                    lines.push(std::mem::take(&mut line));
                    used = 0;
                }
                line.push_str(cluster);
                used += taken;
            }
        }
        lines.push(line.trim_end().to_owned());
    }
    lines
}

/// Like [`wrap`]; lines after the first begin under the text that follows a label such as
/// `Agent      `.
pub fn wrap_labeled(text: &str, width: usize) -> Vec<String> {
    let indent = text.find("  ").map_or(0, |at| at + text[at..].len() - text[at..].trim_start().len());
    let is_label = |label: &str| label.chars().all(|c| c.is_ascii_graphic() || c == ' ');
    if !(1..=MAX_LABEL_CELLS).contains(&indent) || indent * 2 > width || !is_label(&text[..indent]) {
        return wrap(text, width);
    }
    let lines = wrap(&text[indent..], width - indent);
    let label = |at| if at == 0 { &text[..indent] } else { "" };
    lines.iter().enumerate().map(|(at, line)| format!("{:indent$}{line}", label(at))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_after_the_first_are_under_the_text_of_a_label() {
        assert_eq!(wrap_labeled("Usual      at most two days", 22), ["Usual      at most two", "           days"]);
        for (text, lines) in [
            ("no label at all", vec!["no label", "at all"]),
            ("Its label is  ab", vec!["Its label", "is  ab"]),
            ("Ab  磁盘空间", vec!["Ab  磁盘", "    空间"]),
            ("磁  abc def", vec!["磁  abc", "def"]),
            ("  abcd ef", vec!["  abcd", "  ef"]),
        ] {
            assert_eq!(wrap_labeled(text, 9 - usize::from(text.starts_with(' '))), lines, "{text}");
        }
    }
    use crate::domain::hostile::hostile_text;
    use proptest::prelude::*;

    #[test]
    fn a_number_is_never_cut_at_its_end() {
        let fitted = |text, width| fit_number(text, width).into_owned();
        assert_eq!(fitted("1,000,000,000", 13), "1,000,000,000");
        assert_eq!(fitted("1,000,000,000", 12), "1,000,000k");
        assert_eq!(fitted("1,000,000,000", 9), "1,000M");
        assert_eq!(fitted("1,000,000,000", 2), "1G");
        assert_eq!((fitted("12,345", 2), fitted("12345", 3)), ("##".to_owned(), "###".to_owned()));
        assert_eq!((fitted("12 min ago", 3), fitted("", 0)), ("12 min ago".to_owned(), String::new()));
    }

    #[test]
    fn text_is_cut_and_wrapped_by_cells() {
        assert_eq!(cut("磁盘空间不足", 12), "磁盘空间不足");
        assert_eq!(cut("磁盘空间不足", 6), "磁盘…");
        assert_eq!(cut_middle(r"\\CDX01\RetailDownload\1020\118608.zip", 24), r"\\CDX01\Ret…0\118608.zip");
        assert_eq!(
            (cut_middle("磁盘空间不足", 7), cut_middle("磁盘空间不足", 12)),
            ("磁盘…足".to_owned(), "磁盘空间不足".to_owned())
        );
        assert_eq!((cut_middle("abcdef", 2), cut_middle("abcdef", 0)), ("a…".to_owned(), String::new()));
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(wrap("磁盘 空间", 4), ["磁盘", "空间"]);
        assert_eq!(wrap("late by 1 d 23 h", 14), ["late by", "1 d 23 h"]);
        assert_eq!(wrap("1 d 23 h", 5), ["1 d", "23 h"]);
    }

    #[test]
    fn a_mark_stays_with_its_base_and_a_run_of_them_is_cut() {
        assert_eq!((cells("ร้าน"), cells("दुकान"), cells("e\u{301}a\u{308}")), (3, 4, 2));
        assert_eq!(clusters("ร้าน").collect::<Vec<_>>(), ["ร้", "า", "น"]);
        assert_eq!(cut("e\u{301}a\u{308}o\u{302}", 2), "e\u{301}…");
        assert_eq!((head("e\u{301}a\u{308}", 1), tail("e\u{301}a\u{308}", 1)), ("e\u{301}", "a\u{308}"));
        assert_eq!(shown("\u{301}x"), "◌\u{301}x");
        let run = "\u{310}".repeat(12_000);
        assert_eq!(shown(&format!("a{run}b")), format!("a{}…b", "\u{310}".repeat(MAX_MARKS)));
        assert_eq!(wrap(&format!("a{run} b"), 3), [format!("a{}…", "\u{310}".repeat(MAX_MARKS)), "b".to_owned()]);
    }

    proptest! {
        #[test]
        fn nothing_is_wider_than_its_room_and_no_mark_is_without_a_base(text in hostile_text(0..40), room in 0..30_usize) {
            let text = shown(&text);
            for piece in [cut(&text, room), cut_middle(&text, room), head(&text, room).to_owned(), tail(&text, room).to_owned()] {
                prop_assert!(cells(&piece) <= room, "{piece:?}");
                prop_assert!(piece.chars().next().is_none_or(|c| width(c) > 0), "{piece:?}");
            }
            prop_assert_eq!(clusters(&text).collect::<String>(), text.as_ref());
        }
    }
}
