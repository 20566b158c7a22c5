//! The few spellings that differ between SQLite and PostgreSQL. The store's SQL uses SQLite's, with
//! parameters as `$1`.

use std::borrow::Cow;

/// Begins a statement that inserts many rows. Without `or fail` SQLite keeps a copy of every page
/// that the statement changes, to undo it alone; here an error undoes the whole transaction anyway.
pub(super) const INSERT_ROWS: &str = "insert or fail into";

/// The present in milliseconds, by the database's clock.
pub(super) const NOW: &str = "cast((julianday('now') - 2440587.5) * 86400000 as integer)";

/// Appended to the id in a row comparison, as in `(at, id) < ($1, $2{ID_COLLATION})`, where the
/// index does not end with the id. Without a collation SQLite seeks by `at` alone and then reads
/// every earlier row of that instant.
pub(super) const ID_COLLATION: &str = " collate binary";

/// Makes `$1` the first value in SQLite too, which numbers named parameters by their first
/// appearance.
pub(super) fn to_sqlite(sql: &str) -> Cow<'_, str> {
    if sql.contains('$') { Cow::Owned(sql.replace('$', "?")) } else { Cow::Borrowed(sql) }
}

/// Replaces SQLite's spellings by PostgreSQL's.
pub(super) fn to_postgres(sql: &str) -> String {
    sql.replace(
        NOW,
        "cast(floor(cast(extract(epoch from clock_timestamp()) as numeric) * cast(1000 as numeric)) as bigint)",
    )
    .replace(INSERT_ROWS, "insert into")
    .replace(ID_COLLATION, "")
    // Ignores the case of ASCII letters only, like SQLite's `like`, because the collation is "C".
    .replace(" like $", " ilike $")
}
