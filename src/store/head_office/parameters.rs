//! Retail scheduler parameters, as somebody last set them.

use crate::domain::{Parameter, Parameters};
use crate::store::StoreError;
use crate::store::connection::NOW;
use crate::store::head_office::{HeadOffice, Undo};
use crate::store::value::values;

impl HeadOffice {
    /// The parameters; what nobody has set has its default.
    pub fn parameters(&self) -> Result<Parameters, StoreError> {
        let set = self
            .connection
            .query("select name, value from retail_scheduler_parameters", &[], |row| Ok((row.text(0)?, row.int(1)?)))?;
        let mut parameters = Parameters::default();
        for (name, value) in set {
            if let Ok(parameter) = name.parse::<Parameter>() {
                parameters.set(parameter, value);
            }
        }
        Ok(parameters)
    }

    /// Sets one of them and writes down who did; durable when it returns. Returns the value before.
    pub fn set_parameter(&self, parameter: Parameter, value: i64, operator: &str) -> Result<i64, StoreError> {
        let transaction = self.connection.begin()?;
        let before = self.parameters()?.get(parameter);
        self.connection.execute(
            &format!(
                "insert into retail_scheduler_parameters (name, value, changed_at, changed_by) values ($1, $2, {NOW}, $3)
                 on conflict (name) do update set value = excluded.value, changed_at = excluded.changed_at,
                    changed_by = excluded.changed_by"
            ),
            values![parameter.name(), value, operator],
        )?;
        let undo = (before != value).then_some(Undo::Parameter(before));
        let detail = format!("{before} -> {value}");
        self.note_in_journal(operator, "set parameter", parameter.name(), &detail, undo.as_ref())?;
        transaction.commit()?;
        Ok(before)
    }
}
