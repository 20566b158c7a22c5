//! CSV output of a list.

use crate::text::Cell;
use crate::text::{CsvWriter, Field};
use std::io::{self, Write};

/// Prints headings and rows.
pub(super) fn print(out: impl Write, columns: &[&str], rows: impl Iterator<Item = Vec<Cell>>) -> io::Result<()> {
    let mut writer = CsvWriter::new(out);
    writer.row(columns.iter().map(|column| Field::Text(column)))?;
    for row in rows {
        writer.row(row.iter().map(field))?;
    }
    writer.flush()
}

fn field(cell: &Cell) -> Field<'_> {
    match cell {
        Cell::Number(number) => Field::Number(number.to_string()),
        Cell::Empty => Field::Empty,
        Cell::Text(text) => Field::Text(text),
    }
}
