//! Explains a query: how the engine would execute it.

use crate::store::StoreError;
use crate::store::connection::{Connection, Engine};
use crate::store::plans::QueryPlan;
use crate::store::row::{At, Row};
use crate::store::value::Value;

impl Connection {
    /// Adds the plan of a query to those that are collected, without executing it.
    pub(super) fn note_plan(&self, sql: &str, values: &[Value]) -> Result<(), StoreError> {
        let mut depths: Vec<(i64, usize)> = Vec::new();
        let of_sqlite = |row: &Row| {
            let (id, parent, step) = (row.int(At(0))?, row.int(At(1))?, row.text(At(3))?);
            let depth = depths.iter().find(|(known, _)| *known == parent).map_or(0, |(_, depth)| depth + 1);
            depths.push((id, depth));
            Ok(format!("{}{step}", "  ".repeat(depth)))
        };
        let steps = match &self.engine {
            Engine::Sqlite(_) => self.prepare(&format!("explain query plan {sql}"))?.query(values, of_sqlite)?,
            Engine::Postgres(_) => self.prepare(&format!("explain {sql}"))?.query(values, |row| row.text(At(0)))?,
        };
        let sql = sql.split_whitespace().collect::<Vec<_>>().join(" ");
        self.plans.add(QueryPlan { sql, steps });
        Ok(())
    }
}
