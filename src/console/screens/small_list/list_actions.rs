//! Copies the command that lists a short list's rows, and offers its totals.

use crate::console::protocol::effect::{Effect, GroupSource, Groups, Prompt};
use crate::console::protocol::groups;
use crate::console::screens::small_list::{Row, SmallList};
use crate::console::view::command_line::listing;
use crate::domain::Timestamp;
use crate::filter::FieldValue;

impl<R: Row> SmallList<R> {
    /// Copies the command that lists the rows shown. `takes_filter`: whether it has `--filter`.
    pub fn copy_command(&self, command: &str, takes_filter: bool) -> Vec<Effect> {
        let typed = self.filter.typed();
        if !takes_filter && !typed.is_empty() {
            return vec![Effect::Say(format!("{command} has no --filter; clear the filter to copy it"))];
        }
        let command = listing(command, typed, self.list.window().count());
        if self.arrangement.is_default() {
            return vec![Effect::Copy(command)];
        }
        let remark = format!("Copied: {command} (commands cannot sort)");
        vec![Effect::Copy(command), Effect::Say(remark)]
    }

    /// Opens the choice of a field to count the rows by.
    pub(super) fn pick_groups(&self) -> Effect {
        let set = R::FIELDS;
        let at = |row: &R| match groups::time_field(set).map(|field| row.field_value(field)) {
            Some(FieldValue::Number(at)) => Some(Timestamp(at)),
            _ => None,
        };
        let count =
            |field| groups::count(self.list.window().map(|row| (row.field_value(field), row.is_failure(), at(row))));
        let sources = groups::fields(set).into_iter().map(|field| (field, GroupSource::Counted(count(field))));
        let typed = self.filter.typed().to_owned();
        let rows = self.rows.len();
        Groups::pick(R::NAME, sources.collect(), move || Prompt::rows(&typed, set, rows))
    }
}
