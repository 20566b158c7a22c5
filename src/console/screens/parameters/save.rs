//! Saves what was typed, after a question if rows would be purged, or leaves the form.

use crate::console::protocol::effect::{Confirm, Effect};
use crate::console::protocol::mutation::Mutation;
use crate::console::protocol::query::Preview;
use crate::console::screens::parameters::Parameters;
use crate::console::screens::parameters::fields::{Field, Tab};
use crate::console::view::context::ViewContext;
use crate::domain::{Parameter, counted, grouped};

impl Parameters {
    /// Sets parameters one after another, based on what the form showed when it was opened, and
    /// leaves the form.
    fn set(&self, changes: &[(Parameter, i64)]) -> Vec<Effect> {
        changes.iter().rev().fold(vec![Effect::Back], |then, (parameter, value)| {
            let version = self.based_on.map(|parameters| parameters.version(*parameter));
            vec![Effect::MutationThen(Mutation::SetParameter(*parameter, *value, version), then)]
        })
    }

    /// Saves what differs from the numbers that the form was filled with.
    pub(super) fn save(&mut self, view: &ViewContext) -> Vec<Effect> {
        if let Some(why) = view.read_only {
            return vec![Effect::Say(format!("nothing can be saved: {why}"))];
        }
        let typed = match self.typed() {
            Err((parameter, fault)) => {
                self.open_tab(Tab::of(parameter));
                self.go(Field::Number(parameter));
                return vec![Effect::Say(format!("Not yet: {fault}."))];
            }
            Ok(typed) => typed,
        };
        let before = self.based_on.unwrap_or_default();
        let changes: Vec<_> = Parameter::ALL
            .into_iter()
            .filter(|parameter| typed.get(*parameter) != before.get(*parameter))
            .map(|parameter| (parameter, typed.get(parameter)))
            .collect();
        let title = match changes[..] {
            [] => return vec![Effect::Say("nothing to save: these are the numbers in force".to_owned())],
            [(Parameter::TryCount, _)] => return self.set(&changes),
            [(Parameter::RetentionDays, days)] => format!("Keep session history {}?", counted(days, "day")),
            _ => "Change how long rows are kept?".to_owned(),
        };
        if self.then.as_ref().is_none_or(|then| then.parameters != typed) {
            return vec![Effect::Say("not saved: still counting what it would purge; try again".to_owned())];
        }
        let more = self.additional_rows();
        if more == 0 {
            return self.set(&changes);
        }
        vec![Effect::Confirm(Confirm {
            title,
            lines: vec![self.going(more), "You can set the numbers back until the next purge.".to_owned()],
            word: more.to_string(),
            then: self.set(&changes),
        })]
    }

    /// Where the rows go that the next purge would take beyond what goes anyway.
    fn going(&self, more: i64) -> String {
        let (Some(now), Some(then)) = (&self.now, &self.then) else { return String::new() };
        let sessions = |of: &Preview| -> i64 {
            let of_sessions = |table| ["session", "status_message"].contains(&table);
            let tables = of.expired.head_office.tables.iter().filter(|(table, _)| of_sessions(*table));
            tables.map(|(_, expired)| expired.rows).sum()
        };
        let hours = then.parameters.trash_hours;
        let to_trash = if hours > 0 { (sessions(then) - sessions(now)).clamp(0, more) } else { 0 };
        match (to_trash, more - to_trash) {
            (0, gone) => format!("The next purge would delete {} more for good.", counted(gone, "row")),
            (moved, 0) => {
                format!("The next purge would move {} more to the trash, for {hours} hours.", counted(moved, "row"))
            }
            (moved, gone) => format!(
                "The next purge would move {} more to the trash, for {hours} hours, and delete {} for good.",
                counted(moved, "row"),
                grouped(gone)
            ),
        }
    }

    /// Leaves; asks first if something was typed and not saved.
    pub(super) fn ask_to_leave(&self) -> Vec<Effect> {
        let is_changed = self.based_on.is_some_and(|based_on| {
            Parameter::ALL
                .into_iter()
                .any(|parameter| self.inputs[parameter as usize].text() != based_on.get(parameter).to_string())
        });
        vec![if is_changed { Confirm::discard(vec![Effect::Back]) } else { Effect::Back }]
    }
}
