//! Compares what the next purge deletes by the parameters in force and by others.

use crate::engine::preview::Preview;

/// The rows of a table that the next purge deletes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableComparison {
    /// The database, or `trash` for rows that leave the trash of head office.
    pub place: &'static str,
    /// Its name.
    pub table: &'static str,
    /// Rows that expire by the parameters in force.
    pub now: i64,
    /// Rows that expire by the other parameters; `None` until they are known.
    pub then: Option<i64>,
}

const TRASH: &str = "trash";

impl TableComparison {
    /// Where the table is, in words: nothing restores what leaves the trash.
    pub fn place_words(&self) -> &'static str {
        if self.place == TRASH { "trash, for good" } else { self.place }
    }
}

/// Every table from which either purge deletes rows: the message database first, the trash last.
pub fn compare_purges(now: &Preview, then: Option<&Preview>) -> Vec<TableComparison> {
    let mut tables: Vec<TableComparison> = Vec::new();
    for (place, table, _) in std::iter::once(now).chain(then).flat_map(expired_tables) {
        if !tables.iter().any(|known| (known.place, known.table) == (place, table)) {
            let then = then.map(|then| expired_rows(then, place, table));
            tables.push(TableComparison { place, table, now: expired_rows(now, place, table), then });
        }
    }
    // Tables of one database are adjacent.
    tables.sort_by_key(|of| (of.place == TRASH, of.place != "message database"));
    tables
}

fn expired_tables(preview: &Preview) -> impl Iterator<Item = (&'static str, &'static str, i64)> {
    let trash = preview.expired.head_office.trash.iter();
    let trash = trash.map(|(table, expired)| (TRASH, *table, expired.rows));
    preview.expired.tables().map(|(database, table, expired)| (database, table, expired.rows)).chain(trash)
}

fn expired_rows(preview: &Preview, place: &str, table: &str) -> i64 {
    expired_tables(preview).find(|(of, name, _)| (*of, *name) == (place, table)).map_or(0, |(_, _, rows)| rows)
}
