//! Retail scheduler parameters.

use crate::domain::{Parameter, Parameters};
use crate::store::StoreError;
use crate::store::dialect::NOW;
use crate::store::head_office::edits::{Edit, EditError, EditedObject};
use crate::store::head_office::journal::Change;
use crate::store::head_office::{HeadOffice, Undo};
use crate::store::value::values;

impl HeadOffice {
    /// The parameters; those that were never set have their defaults.
    pub fn parameters(&self) -> Result<Parameters, StoreError> {
        let set =
            self.connection.query("select name, value, edit_version from retail_scheduler_parameters", &[], |row| {
                Ok((row.text("name")?, row.int("value")?, row.int("edit_version")?))
            })?;
        let mut parameters = Parameters::default();
        for (name, value, version) in set {
            if let Ok(parameter) = name.parse::<Parameter>() {
                parameters.set(parameter, value);
                parameters.set_version(parameter, version);
            }
        }
        Ok(parameters)
    }

    /// Sets a parameter and writes the journal; durable when it returns. Returns the former value.
    pub fn set_parameter<'a>(
        &self,
        parameter: Parameter,
        value: i64,
        edit: impl Into<Edit<'a>>,
    ) -> Result<i64, EditError> {
        let edit = edit.into();
        let transaction = self.connection.begin()?;
        let before = self.parameters()?.get(parameter);
        // A parameter without a row has its default, in version 0.
        self.connection.execute(
            &format!(
                "insert into retail_scheduler_parameters (name, value, changed_at, changed_by) values ($1, $2, {NOW}, $3)
                 on conflict (name) do nothing"
            ),
            values![parameter.name(), before, edit.operator],
        )?;
        let undo = (before != value).then_some(Undo::Parameter(before));
        let detail = format!("{before} -> {value}");
        let change = Change::new(edit.operator, "set parameter", parameter.name()).detail(&detail).also(edit.also());
        // A value that stays is no change to guard.
        let change = if before == value { change.decided() } else { change };
        let (former, new) = (before.to_string(), value.to_string());
        let entry_id = self.append(&change.values(Some(&former), Some(&new)).undo(undo.as_ref()))?;
        self.new_version(EditedObject::Parameter(parameter), edit, entry_id)?;
        self.connection.execute(
            &format!(
                "update retail_scheduler_parameters set value = $2, changed_at = {NOW}, changed_by = $3 where name = $1"
            ),
            values![parameter.name(), value, edit.operator],
        )?;
        transaction.commit()?;
        Ok(before)
    }
}
