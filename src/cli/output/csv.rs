//! CSV that a spreadsheet opens without obeying it.

use crate::cli::exit::Failure;
use crate::cli::output::Cell;
use crate::domain::clean_field;
use std::io::Write;

/// Prints headings and rows.
pub(super) fn print(out: impl Write, columns: &[&str], rows: impl Iterator<Item = Vec<Cell>>) -> Result<(), Failure> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
    writer.write_record(columns)?;
    for row in rows {
        writer.write_record(row.iter().map(field))?;
    }
    writer.flush()?;
    Ok(())
}

fn field(cell: &Cell) -> String {
    match cell {
        Cell::Number(number) => number.to_string(),
        Cell::Empty => String::new(),
        Cell::Text(text) => clean_field(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_and_escapes_are_disarmed() {
        let mut out = Vec::new();
        let cells = ["=1+1", " @SUM", "-1", "a,\"b\"\r\nc", "\u{1b}[2J"].map(Cell::from).to_vec();
        print(&mut out, &["a", "b", "c", "d", "e", "f"], std::iter::once([cells, vec![Cell::Number(-1)]].concat()))
            .expect("memory takes it");
        let text = String::from_utf8(out).expect("it is UTF-8");
        assert_eq!(text, "a,b,c,d,e,f\r\n'=1+1,' @SUM,'-1,\"a,\"\"b\"\"¶c\",<1B>[2J,-1\r\n");
    }
}
