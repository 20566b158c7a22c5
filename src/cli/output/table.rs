//! Tables for people: columns as wide as their content, the last one cut at the edge of the
//! terminal.

use crate::cli::output::Style;
use crate::text::{Cell, cells as width_of, cut, shown};
use std::io::Write;

/// Maximum width of a column other than the last, unless every cell is printed as a whole.
pub const MAX_COLUMN_WIDTH: usize = 40;

/// Prints headings and rows, or nothing if there are no rows.
pub(super) fn print(mut out: impl Write, columns: &[&str], rows: Vec<Vec<Cell>>, style: Style) -> std::io::Result<()> {
    if rows.is_empty() {
        return out.flush();
    }
    let numeric: Vec<bool> = (0..columns.len())
        .map(|column| rows.iter().all(|row| !matches!(row.get(column), Some(Cell::Text(_)))))
        .collect();
    let rows: Vec<Vec<String>> = rows.into_iter().map(|row| row.into_iter().map(text).collect()).collect();
    let last = columns.len().saturating_sub(1);
    let widths: Vec<usize> = (0..columns.len())
        .map(|column| {
            let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| width_of(cell));
            let widest = cells.chain([width_of(columns[column])]).max().unwrap_or(0);
            if column == last { widest } else { widest.min(style.max_column) }
        })
        .collect();
    let headings = columns.iter().map(|heading| (*heading).to_owned()).collect::<Vec<_>>();
    let heading = line(&headings, &widths, &numeric, style);
    if style.color {
        writeln!(out, "\u{1b}[1m{heading}\u{1b}[0m")?;
    } else {
        writeln!(out, "{heading}")?;
    }
    for row in &rows {
        writeln!(out, "{}", line(row, &widths, &numeric, style))?;
    }
    out.flush()
}

fn text(cell: Cell) -> String {
    match cell {
        Cell::Text(text) => shown(&text).into_owned(),
        Cell::Number(number) => number.to_string(),
        Cell::Empty => String::new(),
    }
}

fn line(cells: &[String], widths: &[usize], numeric: &[bool], style: Style) -> String {
    let mut line = String::new();
    let mut used = 0;
    let last = widths.len().saturating_sub(1);
    for (column, width) in widths.iter().enumerate() {
        let cell = cells.get(column).map_or("", String::as_str);
        let room = match style.width {
            Some(terminal) if column == last => (*width).min(terminal.saturating_sub(used).max(1)),
            _ => *width,
        };
        let cell = cut(cell, room);
        let padding = " ".repeat(room.saturating_sub(width_of(&cell)));
        match (numeric[column], column == last) {
            (true, _) => line.extend([padding.as_str(), cell.as_str()]),
            (false, true) => line.push_str(&cell),
            (false, false) => line.extend([cell.as_str(), padding.as_str()]),
        }
        if column != last {
            line.push_str("  ");
            used += width + 2;
        }
    }
    line.truncate(line.trim_end().len());
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(rows: Vec<Vec<Cell>>, width: Option<usize>) -> String {
        let mut out = Vec::new();
        print(&mut out, &["Name", "Rows", "Text"], rows, Style { color: false, width, max_column: MAX_COLUMN_WIDTH })
            .expect("writing to memory succeeds");
        String::from_utf8(out).expect("it is UTF-8")
    }

    #[test]
    fn marks_take_no_cell_and_runs_of_them_are_cut() {
        let run = format!("a{}", "\u{310}".repeat(12_000));
        let rows = vec![vec!["ร้าน".into(), 7.into(), "x".into()], vec![run.into(), 8.into(), "e\u{301}".into()]];
        let marks = "\u{310}".repeat(8);
        assert_eq!(printed(rows, Some(20)), format!("Name  Rows  Text\nร้าน      7  x\na{marks}…       8  e\u{301}\n"));
    }

    #[test]
    fn columns_line_up_in_cells_and_the_last_is_cut_at_the_edge() {
        let rows = vec![
            vec!["磁盘".into(), 7.into(), "all of it\u{1b}[2J".into()],
            vec!["a".into(), 1_000.into(), Cell::Empty],
        ];
        assert_eq!(printed(rows.clone(), None), "Name  Rows  Text\n磁盘     7  all of it<1B>[2J\na     1000\n");
        assert_eq!(printed(rows, Some(20)), "Name  Rows  Text\n磁盘     7  all of …\na     1000\n");
        assert_eq!(printed(Vec::new(), None), "");
    }

    #[test]
    fn without_limits_no_cell_is_cut() {
        let mut out = Vec::new();
        let style = Style { color: false, width: Some(20), max_column: MAX_COLUMN_WIDTH };
        let row = vec!["a".repeat(50).into(), "b".repeat(50).into()];
        print(&mut out, &["Name", "Text"], vec![row], style.uncut()).expect("writing to memory succeeds");
        let out = String::from_utf8(out).expect("it is UTF-8");
        assert!(out.ends_with(&format!("{}  {}\n", "a".repeat(50), "b".repeat(50))), "{out}");
    }
}
