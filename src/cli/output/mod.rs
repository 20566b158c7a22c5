//! Output of lists: a table for people, JSON Lines and CSV for programs.

mod csv;
mod json;
mod table;

pub use crate::text::Cell;
pub use json::{json_lines, print_json};
pub use table::MAX_COLUMN_WIDTH;

use crate::cli::args::Listing;
use crate::cli::exit::Failure;
use crate::cli::terminal::print_message;
use serde_json::Value;

/// Style of a table.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// Whether headings are bold.
    pub color: bool,
    /// Columns of the terminal; `None` for a file or pipe, where the last column is not cut.
    pub width: Option<usize>,
    /// Maximum width of a column other than the last.
    pub max_column: usize,
}

impl Style {
    /// This style without limits: every cell is printed as a whole.
    pub fn uncut(self) -> Self {
        Self { width: None, max_column: usize::MAX, ..self }
    }
}

/// How the rows of a list are printed in each format.
pub struct List<T> {
    /// The headings of table and CSV.
    pub columns: &'static [&'static str],
    /// Returns the cells of a row.
    pub cells: fn(&T) -> Vec<Cell>,
    /// Returns the row as a JSON object.
    pub json: fn(&T) -> Value,
}

impl<T> List<T> {
    /// Prints the rows in the requested format. If `rows` exceeds the limit, the rest is mentioned
    /// instead of printed.
    pub fn print(&self, mut rows: Vec<T>, listing: &Listing, style: Style) -> Result<(), Failure> {
        let limit = usize::try_from(listing.limit).unwrap_or(usize::MAX);
        let cut = rows.len() > limit;
        rows.truncate(limit);
        let out = std::io::BufWriter::new(std::io::stdout().lock());
        if listing.format.json {
            json::print_lines(out, rows.iter().map(|row| (self.json)(row)))?;
        } else if listing.format.csv {
            csv::print(out, self.columns, rows.iter().map(|row| (self.cells)(row)))?;
        } else {
            table::print(out, self.columns, rows.iter().map(|row| (self.cells)(row)).collect(), style)?;
        }
        if cut {
            print_message(&format!("only the newest {limit} are shown; --limit shows more"));
        }
        Ok(())
    }
}

/// Reports a change: what changed as JSON to the standard output, or the sentence to the standard
/// error.
pub fn report(json: bool, changed: &impl serde::Serialize, sentence: &str) -> Result<(), Failure> {
    if json {
        return Ok(print_json(changed)?);
    }
    print_message(sentence);
    Ok(())
}

/// Returns one more than the list's limit, to detect that there are more rows.
pub fn one_more(listing: &Listing) -> i64 {
    listing.limit.saturating_add(1)
}

/// Prints a table.
pub fn print_table(columns: &[&str], rows: Vec<Vec<Cell>>, style: Style) -> Result<(), Failure> {
    Ok(table::print(std::io::BufWriter::new(std::io::stdout().lock()), columns, rows, style)?)
}
