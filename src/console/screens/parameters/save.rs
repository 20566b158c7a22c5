//! Saves what was typed, after a question if rows would be purged, or leaves the form.

use crate::console::protocol::effect::{Confirm, Effect};
use crate::console::protocol::mutation::Mutation;
use crate::console::screens::parameters::Parameters;
use crate::console::screens::screen::Screen;
use crate::console::view::context::ViewContext;
use crate::domain::{Parameter, counted};

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
    pub(super) fn save(&self, view: &ViewContext) -> Vec<Effect> {
        if view.read_only {
            return vec![Effect::Say("nothing can be saved: this console is read-only".to_owned())];
        }
        let typed = match self.typed() {
            Err(fault) => return vec![Effect::Say(fault)],
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
            [(Parameter::RetentionDays, days)] => format!("Keep session history {days} days?"),
            _ => "Change how long rows are kept?".to_owned(),
        };
        if self.then.as_ref().is_none_or(|then| then.parameters != typed) {
            return vec![Effect::Say("still counting what it would purge; a moment".to_owned())];
        }
        let more = self.more();
        if more == 0 {
            return self.set(&changes);
        }
        vec![Effect::Confirm(Confirm {
            title,
            lines: vec![
                format!("The next purge would delete {} more.", counted(more, "row")),
                "The numbers can be set back until then.".to_owned(),
            ],
            word: more.to_string(),
            then: self.set(&changes),
        })]
    }

    /// Leaves; asks first if something was typed and not saved.
    pub(super) fn ask_to_leave(&self) -> Vec<Effect> {
        if !self.holds_still() {
            return vec![Effect::Back];
        }
        vec![Confirm::yes("Leave without saving?", "The changes are discarded.", vec![Effect::Back])]
    }
}
