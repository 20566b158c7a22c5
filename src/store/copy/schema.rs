//! The columns of a table that both sides have, its key, and its last generated number.

use crate::store::StoreError;
use crate::store::connection::Connection;
use crate::store::copy::conversion::Conversion;
use crate::store::value::values;

/// The columns of a table that are copied, and the key among them.
pub(super) struct Columns {
    /// Name, and whether it is text; anything else is a number.
    pub(super) all: Vec<(String, bool)>,
    /// Indexes of the key's columns in `all`, in order of the key.
    pub(super) key: Vec<usize>,
}

impl Columns {
    pub(super) fn names(&self) -> String {
        self.all.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ")
    }

    pub(super) fn key_names(&self) -> String {
        self.key.iter().map(|at| self.all[*at].0.as_str()).collect::<Vec<_>>().join(", ")
    }

    /// The numeric column of the key.
    fn number(&self) -> Option<&str> {
        let numbers: Vec<_> = self.key.iter().filter(|at| !self.all[**at].1).collect();
        // In a key of two numbers, origin_tx is before the generated number.
        numbers.last().map(|at| self.all[**at].0.as_str())
    }
}

/// A column of a table in its database.
struct Column {
    name: String,
    is_text: bool,
    /// Its place in the primary key, from 1; 0 outside of it.
    key: i64,
}

fn of_table(connection: &Connection, table: &str) -> Result<Vec<Column>, StoreError> {
    let sql = if connection.session().is_some() {
        "select a.attname as name, case when a.atttypid = cast('text' as regtype) then 1 else 0 end as is_text,
            coalesce(array_position(string_to_array(cast(i.indkey as text), ' '), cast(a.attnum as text)), 0) as key
         from pg_attribute as a left join pg_index as i on i.indrelid = a.attrelid and i.indisprimary
         where a.attrelid = cast(cast($1 as text) as regclass) and a.attnum > 0 and not a.attisdropped order by a.attnum"
    } else {
        "select name, lower(type) = 'text' as is_text, pk as key from pragma_table_info($1) order by cid"
    };
    connection.query(sql, values![table], |row| {
        Ok(Column { name: row.text("name")?, is_text: row.flag("is_text")?, key: row.int("key")? })
    })
}

/// The columns that both sides have.
pub(super) fn columns(
    source: &Connection,
    target: &Connection,
    table: &str,
    conversion: Conversion,
) -> Result<Columns, StoreError> {
    let there = of_table(source, table)?;
    let mut here = of_table(target, table)?;
    // In a file, origin_tx is 0, its default: what was in a server's transaction comes before
    // everything new.
    here.retain(|column| there.iter().any(|other| other.name == column.name));
    here.retain(|column| !(conversion.loses_positions && column.name == "origin_tx"));
    let mut key: Vec<_> = here.iter().enumerate().filter(|(_, column)| column.key > 0).collect();
    // A file's key is the message's id alone.
    key.retain(|(_, column)| !(conversion.touches_file && column.name == "origin_tx"));
    key.sort_by_key(|(_, column)| column.key);
    let key = key.into_iter().map(|(at, _)| at).collect();
    Ok(Columns { all: here.into_iter().map(|column| (column.name, column.is_text)).collect(), key })
}

/// The greatest number that a table has generated, purged rows included; `None` if it generates
/// none.
pub(super) fn last_number(
    source: &Connection,
    target: &Connection,
    table: &str,
    columns: &Columns,
) -> Result<Option<i64>, StoreError> {
    let Some(column) = columns.number().filter(|_| gives_numbers(target, table).unwrap_or(false)) else {
        return Ok(None);
    };
    let mut greatest = source.integer(&format!("select coalesce(max({column}), 0) from {table}"), &[])?;
    // Restored rows get their numbers again.
    let trash = format!("trash_{table}");
    if source.tables()?.contains(&trash) && of_table(source, &trash)?.iter().any(|other| other.name == column) {
        greatest = greatest.max(source.integer(&format!("select coalesce(max({column}), 0) from {trash}"), &[])?);
    }
    let given = if source.session().is_some() {
        let sql = "select pg_sequence_last_value(cast(pg_get_serial_sequence($1, $2) as regclass))";
        source.integer(sql, values![table, column])?
    } else if source.tables()?.iter().any(|table| table == "sqlite_sequence") {
        source.integer("select max(seq) from sqlite_sequence where name = $1", values![table])?
    } else {
        0
    };
    Ok(Some(greatest.max(given)).filter(|number| *number > 0))
}

/// Whether the target generates the numbers of a table and stores the last one separately.
fn gives_numbers(target: &Connection, table: &str) -> Result<bool, StoreError> {
    let sql = if target.session().is_some() {
        "select count(*) from pg_attribute where attrelid = cast(cast($1 as text) as regclass) and attidentity <> ''"
    } else {
        "select count(*) from sqlite_master where name = $1 and sql like '%autoincrement%'"
    };
    Ok(target.integer(sql, values![table])? > 0)
}

/// Sets the last generated number of the target.
pub(super) fn set_last_number(
    target: &Connection,
    table: &str,
    columns: &Columns,
    number: i64,
) -> Result<(), StoreError> {
    if target.session().is_some() {
        let sql = "select setval(cast(pg_get_serial_sequence($1, $2) as regclass), $3)";
        target.integer(sql, values![table, columns.number().unwrap_or_default(), number])?;
        return Ok(());
    }
    let transaction = target.begin()?;
    target.execute("delete from sqlite_sequence where name = $1", values![table])?;
    target.execute("insert into sqlite_sequence (name, seq) values ($1, $2)", values![table, number])?;
    transaction.commit()
}
