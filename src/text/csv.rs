//! The only writer of CSV. No cell becomes a formula in a spreadsheet.

use crate::domain::clean_field;
use csv::{ErrorKind, Terminator, Writer, WriterBuilder};
use std::io::{self, Write};

/// A cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field<'a> {
    /// Text, which is cleaned and cannot become a formula.
    Text(&'a str),
    /// A number of the program, written unchanged.
    Number(String),
    /// No value.
    Empty,
}

/// Writes rows of cells as CSV.
pub struct CsvWriter<W: Write>(Writer<W>);

impl<W: Write> CsvWriter<W> {
    /// Creates a writer into `out`.
    pub fn new(out: W) -> Self {
        Self(WriterBuilder::new().terminator(Terminator::CRLF).from_writer(out))
    }

    /// Writes one row.
    pub fn row<'a>(&mut self, fields: impl IntoIterator<Item = Field<'a>>) -> io::Result<()> {
        let fields = fields.into_iter().map(|field| match field {
            Field::Text(text) => clean_field(text),
            Field::Number(number) => number,
            Field::Empty => String::new(),
        });
        self.0.write_record(fields).map_err(|error| match error.into_kind() {
            ErrorKind::Io(error) => error,
            other => io::Error::other(format!("{other:?}")),
        })
    }

    /// Flushes the output.
    pub fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Splits a line as a spreadsheet with this separator does.
    fn cells(line: &str, separator: char) -> Vec<String> {
        let mut reader = csv::ReaderBuilder::new();
        let reader = reader.has_headers(false).flexible(true).delimiter(u8::try_from(separator).expect("ASCII"));
        let records = reader.from_reader(line.as_bytes()).into_records();
        records.flat_map(|record| record.expect("it reads").iter().map(str::to_owned).collect::<Vec<_>>()).collect()
    }

    #[test]
    fn no_cell_becomes_a_formula_whatever_the_separator() {
        for text in include_str!("../../tests/fixtures/formulas.txt")
            .lines()
            .map(|line| line.replace("\\t", "\t").replace("\\n", "\n"))
        {
            for row in [vec![Field::Text(&text)], vec![Field::Text("a"), Field::Text(&text), Field::Text("\"")]] {
                let mut out = Vec::new();
                let mut writer = CsvWriter::new(&mut out);
                writer.row(row).and_then(|()| writer.flush()).expect("writing to memory succeeds");
                drop(writer);
                let line = String::from_utf8(out).expect("it is UTF-8");
                for separator in [',', ';', '\t', '|'] {
                    for cell in cells(&line, separator) {
                        let start = cell.trim_start_matches(|c: char| c.is_whitespace() || c == '"').chars().next();
                        assert!(
                            !matches!(start, Some('=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠')),
                            "{line:?} by {separator:?}: {cell:?}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn formulas_and_escapes_are_disarmed_and_numbers_stay() {
        let mut out = Vec::new();
        let mut writer = CsvWriter::new(&mut out);
        let texts = ["=1+1", " @SUM", "-1", "a,\"b\"\r\nc", "\u{1b}[2J", "a; =1", "a - b"].map(Field::Text);
        writer
            .row(texts.into_iter().chain([Field::Number("-1".to_owned()), Field::Empty]))
            .expect("writing to memory succeeds");
        writer.flush().expect("writing to memory succeeds");
        drop(writer);
        let text = String::from_utf8(out).expect("it is UTF-8");
        assert_eq!(text, "'=1+1,' @SUM,'-1,\"a,\"\"b\"\"¶c\",<1B>[2J,a; '=1,a - b,-1,\r\n");
    }
}
