//! Lists that operators saved under a name.

use crate::guard::UNDO;
use crate::store::StoreError;
use crate::store::dialect::NOW;
use crate::store::head_office::edits::{Edit, EditError, EditedObject};
use crate::store::head_office::journal::Change;
use crate::store::head_office::{DeletedView, HeadOffice, Undo};
use crate::store::value::values;

/// A saved list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredView {
    /// Its name, unique among those of the operator.
    pub name: String,
    /// The list with its filter and look, as JSON.
    pub definition: String,
    /// Its version.
    pub version: i64,
}

impl HeadOffice {
    /// The saved views of an operator by name, at most `limit`.
    pub fn saved_views(&self, operator: &str, limit: i64) -> Result<Vec<StoredView>, StoreError> {
        let sql = "select name, definition, edit_version from saved_view where operator = $1 order by name limit $2";
        self.connection.query(sql, values![operator, limit], |row| {
            Ok(StoredView {
                name: row.text("name")?,
                definition: row.text("definition")?,
                version: row.int("edit_version")?,
            })
        })
    }

    /// Saves a view of the edit's operator; a new one is based on version 0. Durable when it
    /// returns.
    pub fn save_view(&self, name: &str, definition: &str, edit: Edit) -> Result<(), EditError> {
        let transaction = self.connection.begin()?;
        let object = object(name, edit.operator);
        let former = self.view_definition(name, edit.operator)?;
        let words = view_in_words(definition);
        let identity = format!("{object} {definition}");
        let change = Change::new(edit.operator, "save view", &object).detail(&words).identity(&identity);
        let entry_id = self.append(&change.values(former.as_deref(), Some(definition)))?;
        let sql = format!(
            "insert into saved_view (operator, name, definition, changed_at) values ($1, $2, $3, {NOW})
             on conflict (operator, name) do nothing"
        );
        let is_new = edit.version.is_none_or(|version| version == 0)
            && self.connection.execute(&sql, values![edit.operator, name, definition])? > 0;
        let based_on = if is_new { edit.operator.into() } else { edit };
        self.new_version(EditedObject::View(self.view_id(name, edit.operator)?, &object), based_on, entry_id)?;
        let sql =
            format!("update saved_view set definition = $3, changed_at = {NOW} where operator = $1 and name = $2");
        self.connection.execute(&sql, values![edit.operator, name, definition])?;
        transaction.commit()?;
        Ok(())
    }

    /// Deletes a view of the edit's operator. Durable when it returns.
    pub fn delete_view(&self, name: &str, edit: Edit) -> Result<(), EditError> {
        let transaction = self.connection.begin()?;
        let object = object(name, edit.operator);
        let former = self.view_definition(name, edit.operator)?;
        let deleted = |definition: &String| {
            let (owner, name, definition) = (edit.operator.to_owned(), name.to_owned(), definition.clone());
            Undo::View(DeletedView { owner, name, definition })
        };
        let undo = former.as_ref().map(deleted);
        let change = Change::new(edit.operator, "delete view", &object);
        let entry_id = self.append(&change.values(former.as_deref(), None).undo(undo.as_ref()))?;
        let view_id = self.view_id(name, edit.operator)?;
        self.new_version(EditedObject::View(view_id, &object), edit, entry_id)?;
        self.connection.execute("delete from saved_view where view_id = $1", values![view_id])?;
        transaction.commit()?;
        Ok(())
    }

    /// Saves a deleted view again for its operator; false if there is one of its name. Durable when
    /// it returns.
    pub fn restore_view(&self, deleted: &DeletedView, operator: &str) -> Result<bool, StoreError> {
        let DeletedView { owner, name, definition } = deleted;
        let transaction = self.connection.begin()?;
        let sql = format!(
            "insert into saved_view (operator, name, definition, changed_at) values ($1, $2, $3, {NOW})
             on conflict (operator, name) do nothing"
        );
        if self.connection.execute(&sql, values![owner, name, definition])? == 0 {
            return Ok(false);
        }
        let object = object(name, owner);
        let identity = format!("{object} {definition}");
        let words = view_in_words(definition);
        let change = Change::new(operator, "save view", &object).detail(&words).also(&[UNDO]).identity(&identity);
        let entry_id = self.append(&change.values(None, Some(definition)))?;
        let sql = "update saved_view set edit_version = $1 where operator = $2 and name = $3";
        self.connection.execute(sql, values![entry_id, owner, name])?;
        transaction.commit()?;
        Ok(true)
    }

    fn view_definition(&self, name: &str, operator: &str) -> Result<Option<String>, StoreError> {
        let sql = "select definition from saved_view where operator = $1 and name = $2";
        self.connection.scalar::<String>(sql, values![operator, name])
    }

    /// The number of a view; 0, which no view has, if there is none.
    fn view_id(&self, name: &str, operator: &str) -> Result<i64, StoreError> {
        let sql = "select view_id from saved_view where operator = $1 and name = $2";
        Ok(self.connection.scalar::<i64>(sql, values![operator, name])?.unwrap_or_default())
    }
}

/// Its name in the journal, where views of several operators are.
fn object(name: &str, operator: &str) -> String {
    format!("{name} of {operator}")
}

/// The definition of a view as the journal describes it: its list and its filter.
pub fn view_in_words(definition: &str) -> String {
    let view: serde_json::Value = serde_json::from_str(definition).unwrap_or_default();
    let text = |key: &str| view[key].as_str().unwrap_or_default().to_owned();
    match (text("list"), text("filter")) {
        (list, filter) if filter.is_empty() => list,
        // The theme of the operator's consoles.
        (list, choice) if list == "theme" => choice,
        (list, filter) => format!("{list}, filter {filter}"),
    }
}
