//! What a database is like, for a support bundle: engine, schema, and how many rows its tables
//! have.

use crate::store::StoreError;
use crate::store::connection::{Connection, Engine};
use crate::store::sqlite::sqlite_version;

/// Rows of a table that are counted at most.
pub const MAX_COUNTED_ROWS: i64 = 1_000_000;

/// A description of a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// The engine and its version.
    pub engine: String,
    /// The version of its schema.
    pub schema_version: i64,
    /// Its tables, indexes and triggers as SQL, or as the server describes them.
    pub schema: Vec<String>,
    /// The rows of each table, counted up to [`MAX_COUNTED_ROWS`] and one.
    pub rows: Vec<(String, i64)>,
}

impl Connection {
    /// Describes it; `identity` is the table with the version of its schema.
    pub(super) fn describe(&self, identity: &str) -> Result<Description, StoreError> {
        let (engine, schema) = match self.engine {
            Engine::Sqlite(_) => {
                let sql = "select sql from sqlite_master where sql is not null order by tbl_name, type desc, name";
                (format!("SQLite {}", sqlite_version()), self.scalars::<String>(sql, &[])?)
            }
            Engine::Postgres(_) => {
                let version = self.scalar::<String>("select current_setting('server_version')", &[])?;
                (format!("PostgreSQL {}", version.unwrap_or_default()), self.described_by_server()?)
            }
        };
        let mut tables = self.tables()?;
        tables.retain(|table| !table.starts_with("sqlite_"));
        tables.sort();
        let count = |table: String| {
            let sql = format!("select count(*) from (select 1 from {} limit $1) as counted", self.qualified(&table));
            Ok((table, self.integer(&sql, &[(MAX_COUNTED_ROWS + 1).into()])?))
        };
        let rows = tables.into_iter().map(count).collect::<Result<_, StoreError>>()?;
        let schema_version = self.integer(&format!("select schema_version from {identity}"), &[])?;
        Ok(Description { engine, schema_version, schema, rows })
    }

    /// The columns, constraints and indexes in the schema `cdx`.
    fn described_by_server(&self) -> Result<Vec<String>, StoreError> {
        let queries = [
            "select cast(c.table_name || '.' || c.column_name || ' ' || c.data_type
                || case when c.is_nullable = 'NO' then ' not null' else '' end
                || coalesce(' default ' || c.column_default, '') as text)
             from information_schema.columns as c where c.table_schema = 'cdx' order by c.table_name, c.ordinal_position",
            "select cast(t.relname || ': ' || pg_get_constraintdef(c.oid) as text)
             from pg_constraint as c join pg_class as t on t.oid = c.conrelid
             where c.connamespace = (select oid from pg_namespace where nspname = 'cdx') order by t.relname, c.conname",
            "select cast(indexdef as text) from pg_indexes where schemaname = 'cdx' order by tablename, indexname",
        ];
        let mut lines = Vec::new();
        for sql in queries {
            lines.extend(self.scalars::<String>(sql, &[])?);
        }
        Ok(lines)
    }
}
