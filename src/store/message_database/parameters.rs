//! The parameters that agents follow, where agents read them.

use crate::domain::Parameter;
use crate::store::StoreError;
use crate::store::dialect::NOW;
use crate::store::message_database::MessageDatabase;
use crate::store::value::values;

impl MessageDatabase {
    /// How often agents try a failed stage, 0 without limit; `None` before head office has written
    /// it.
    pub fn try_count(&self) -> Result<Option<i64>, StoreError> {
        let sql = "select value from agent_parameter where name = $1";
        self.connection.scalar::<i64>(sql, values![Parameter::TryCount.name()])
    }

    /// Writes how often agents try a failed stage, unless it is so already; returns whether it
    /// wrote.
    pub fn set_try_count(&self, value: i64) -> Result<bool, StoreError> {
        if self.try_count()? == Some(value) {
            return Ok(false);
        }
        let sql = format!(
            "insert into agent_parameter (name, value, changed_at) values ($1, $2, {NOW})
             on conflict (name) do update set value = excluded.value, changed_at = excluded.changed_at"
        );
        self.connection.execute(&sql, values![Parameter::TryCount.name(), value])?;
        Ok(true)
    }
}
