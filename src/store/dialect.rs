//! The few spellings that differ between SQLite and PostgreSQL. The store's SQL is written in SQLite's, with parameters as `$1`.

use std::borrow::Cow;

/// Begins a statement that inserts many rows. SQLite would keep a copy of every page that such a statement touches, to undo it
/// alone; `or fail` spares that, for an error here undoes the whole transaction anyway.
pub(super) const INSERT_ROWS: &str = "insert or fail into";

/// The present instant in milliseconds, by the database's clock.
pub(super) const NOW: &str = "cast((julianday('now') - 2440587.5) * 86400000 as integer)";

/// Makes `$1` the first value in SQLite too, which numbers named parameters by their first appearance.
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
    // Without regard to the case of ASCII letters, as SQLite's `like`; more is not folded under the collation "C".
    .replace(" like $", " ilike $")
}
