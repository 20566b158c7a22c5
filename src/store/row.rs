//! One row of a result, in the program's own terms for both engines.
//!
//! Cells are read by name. Row types of long lists declare their columns with [`columns!`], which
//! resolves the names at compile time; other statements name a cell by a text, which is looked up
//! in each row.

use crate::domain::Timestamp;
use crate::store::sqlite_error::classify;
use crate::store::{Location, StoreError, postgres};
use rusqlite::types::ValueRef;

/// One row of a result.
pub(super) struct Row<'r> {
    inner: Inner<'r>,
    location: &'r Location,
}

enum Inner<'r> {
    Sqlite(&'r rusqlite::Row<'r>),
    Postgres(&'r ::postgres::Row),
}

/// Names a cell of a row.
pub(super) trait Column: Copy {
    /// The number of the cell, from 0.
    fn number(self, row: &Row) -> Result<usize, StoreError>;
}

/// A cell by its number in a list of columns.
#[derive(Debug, Clone, Copy)]
pub(super) struct At(pub(super) usize);

impl Column for At {
    fn number(self, _: &Row) -> Result<usize, StoreError> {
        Ok(self.0)
    }
}

impl Column for &str {
    fn number(self, row: &Row) -> Result<usize, StoreError> {
        let found = match &row.inner {
            Inner::Sqlite(inner) => {
                let statement = inner.as_ref();
                (0..statement.column_count()).find(|at| statement.column_name(*at).is_ok_and(|name| name == self))
            }
            Inner::Postgres(inner) => inner.columns().iter().position(|column| column.name() == self),
        };
        found.ok_or_else(|| row.damaged(format!("no column {self} in a row")))
    }
}

/// The columns of a list as those of a table.
pub(super) fn qualified(table: &str, columns: &str) -> String {
    let columns: Vec<_> = columns.split(',').map(|column| format!("{table}.{}", column.trim())).collect();
    columns.join(", ")
}

/// Declares the columns of a row type once: `LIST` for statements, `COUNT`, and a constant for each
/// column.
///
/// `columns!(mod column: job_id, status, is_due = "due_at <= 5")`; the text after `=` is the
/// column's expression.
macro_rules! columns {
    (mod $module:ident: $first:ident $(= $first_sql:literal)? $(, $column:ident $(= $sql:literal)?)* $(,)?) => {
        #[allow(non_upper_case_globals, dead_code)]
        pub(super) mod $module {
            use crate::store::row::At;

            pub(in crate::store) const LIST: &str = concat!(
                $crate::store::row::column_sql!($first $(= $first_sql)?)
                $(, ", ", $crate::store::row::column_sql!($column $(= $sql)?))*
            );
            pub(in crate::store) const COUNT: usize = [stringify!($first) $(, stringify!($column))*].len();

            #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
            enum Number { $first $(, $column)* }

            pub(in crate::store) const $first: At = At(Number::$first as usize);
            $(pub(in crate::store) const $column: At = At(Number::$column as usize);)*
        }
    };
}
pub(super) use columns;

/// A column in a list of columns.
macro_rules! column_sql {
    ($column:ident) => {
        stringify!($column)
    };
    ($column:ident = $sql:literal) => {
        concat!($sql, " as ", stringify!($column))
    };
}
pub(super) use column_sql;

/// A type of a single cell.
pub(super) trait Cell: Sized {
    /// Reads the cell.
    fn read(row: &Row, column: impl Column) -> Result<Self, StoreError>;
}

impl<'r> Row<'r> {
    pub(super) fn sqlite(row: &'r rusqlite::Row<'r>, location: &'r Location) -> Self {
        Self { inner: Inner::Sqlite(row), location }
    }

    pub(super) fn postgres(row: &'r ::postgres::Row, location: &'r Location) -> Self {
        Self { inner: Inner::Postgres(row), location }
    }
}

impl Row<'_> {
    pub(super) fn int(&self, column: impl Column) -> Result<i64, StoreError> {
        let number = column.number(self)?;
        match &self.inner {
            Inner::Sqlite(row) => row.get(number).map_err(|source| classify(source, self.location)),
            Inner::Postgres(_) => {
                self.opt_int(At(number))?.ok_or_else(|| self.damaged(format!("no number in column {number} of a row")))
            }
        }
    }

    pub(super) fn opt_int(&self, column: impl Column) -> Result<Option<i64>, StoreError> {
        let number = column.number(self)?;
        match &self.inner {
            Inner::Sqlite(row) => row.get(number).map_err(|source| classify(source, self.location)),
            Inner::Postgres(row) => postgres::integer(row, number).map_err(|error| self.unread(&error)),
        }
    }

    /// A Boolean, which is stored as 0 or 1.
    pub(super) fn flag(&self, column: impl Column) -> Result<bool, StoreError> {
        Ok(self.int(column)? != 0)
    }

    pub(super) fn time(&self, column: impl Column) -> Result<Timestamp, StoreError> {
        self.int(column).map(Timestamp)
    }

    pub(super) fn opt_time(&self, column: impl Column) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.opt_int(column)?.map(Timestamp))
    }

    pub(super) fn text(&self, column: impl Column) -> Result<String, StoreError> {
        Ok(self.opt_text(column)?.unwrap_or_default())
    }

    /// Text; bytes that are not UTF-8, which only a foreign program can have written, become
    /// U+FFFD.
    pub(super) fn opt_text(&self, column: impl Column) -> Result<Option<String>, StoreError> {
        Ok(self.opt_bytes(column)?.map(|bytes| String::from_utf8_lossy(bytes).into_owned()))
    }

    /// The bytes of a text, borrowed until the next row.
    pub(super) fn bytes(&self, column: impl Column) -> Result<&[u8], StoreError> {
        Ok(self.opt_bytes(column)?.unwrap_or_default())
    }

    pub(super) fn opt_bytes(&self, column: impl Column) -> Result<Option<&[u8]>, StoreError> {
        let number = column.number(self)?;
        match &self.inner {
            Inner::Sqlite(row) => Ok(match row.get_ref(number).map_err(|source| classify(source, self.location))? {
                ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(bytes),
                ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => None,
            }),
            Inner::Postgres(row) => postgres::text(row, number).map_err(|error| self.unread(&error)),
        }
    }

    fn unread(&self, error: &::postgres::Error) -> StoreError {
        StoreError::Server { location: self.location.clone(), reason: format!("a row cannot be read: {error}") }
    }

    /// The error for a value that this program never writes.
    pub(super) fn damaged(&self, what: impl Into<String>) -> StoreError {
        StoreError::Damaged { location: self.location.clone(), what: what.into() }
    }
}

impl Cell for i64 {
    fn read(row: &Row, column: impl Column) -> Result<Self, StoreError> {
        row.int(column)
    }
}

impl Cell for Timestamp {
    fn read(row: &Row, column: impl Column) -> Result<Self, StoreError> {
        row.time(column)
    }
}

impl Cell for String {
    fn read(row: &Row, column: impl Column) -> Result<Self, StoreError> {
        row.text(column)
    }
}

impl Cell for Option<i64> {
    fn read(row: &Row, column: impl Column) -> Result<Self, StoreError> {
        row.opt_int(column)
    }
}

impl Cell for Option<Timestamp> {
    fn read(row: &Row, column: impl Column) -> Result<Self, StoreError> {
        row.opt_time(column)
    }
}

impl Cell for Option<String> {
    fn read(row: &Row, column: impl Column) -> Result<Self, StoreError> {
        row.opt_text(column)
    }
}

#[cfg(test)]
mod tests {
    columns!(mod column: job_id, status, is_due = "due_at <= 5");

    #[test]
    fn a_list_of_columns_is_written_once_and_each_has_its_place_in_it() {
        assert_eq!(column::LIST, "job_id, status, due_at <= 5 as is_due");
        assert_eq!((column::COUNT, column::job_id.0, column::is_due.0), (3, 0, 2));
    }
}
