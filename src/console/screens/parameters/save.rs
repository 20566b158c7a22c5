//! Saving what was typed, after a question in proportion, or leaving it.

use crate::console::protocol::effect::{Confirm, Effect};
use crate::console::protocol::mutation::Mutation;
use crate::console::screens::parameters::{Parameters, Tab};
use crate::console::view::context::ViewContext;
use crate::domain::{Parameter, grouped};

impl Parameters {
    /// The number of tries typed, or what is wrong with it.
    pub(super) fn tries(&self) -> Result<i64, String> {
        Parameter::TryCount.parse(&self.tries.text()).map_err(|error| error.to_string())
    }

    /// Sets a parameter, based on what the form showed when it was opened, and leaves the form.
    pub(super) fn set(&self, parameter: Parameter, value: i64) -> Vec<Effect> {
        let version = self.based_on.map(|parameters| parameters.version(parameter));
        vec![Effect::MutationThen(Mutation::SetParameter(parameter, value, version), vec![Effect::Back])]
    }

    fn save_tries(&self, view: &ViewContext) -> Vec<Effect> {
        let in_force = self.now.as_ref().map(|preview| preview.parameters.try_count);
        match self.tries() {
            _ if view.read_only => vec![Effect::Say("nothing can be saved: this console is read-only".to_owned())],
            Err(fault) => vec![Effect::Say(fault)],
            Ok(tries) if Some(tries) == in_force => {
                vec![Effect::Say("nothing to save: that is the number in force".to_owned())]
            }
            Ok(tries) => self.set(Parameter::TryCount, tries),
        }
    }

    pub(super) fn save(&self, view: &ViewContext) -> Vec<Effect> {
        if self.tab == Tab::General {
            return self.save_tries(view);
        }
        let days = match self.number() {
            _ if view.read_only => {
                return vec![Effect::Say("nothing can be saved: this console is read-only".to_owned())];
            }
            Err(fault) => return vec![Effect::Say(fault)],
            Ok(days) => days,
        };
        if Some(days) == self.in_force() {
            return vec![Effect::Say("nothing to save: that is the number in force".to_owned())];
        }
        if self.then.as_ref().is_none_or(|then| then.parameters.retention_days != days) {
            return vec![Effect::Say("still counting what it would purge; a moment".to_owned())];
        }
        let more = self.more();
        if more == 0 {
            return self.set(Parameter::RetentionDays, days);
        }
        vec![Effect::Confirm(Confirm {
            title: format!("Keep session history {days} days?"),
            lines: vec![
                format!("The next purge would delete {} rows more, permanently.", grouped(more)),
                "The number can be set back until then.".to_owned(),
            ],
            word: more.to_string(),
            then: self.set(Parameter::RetentionDays, days),
        })]
    }

    /// Leaves; asks first if something was typed and not saved.
    pub(super) fn ask_to_leave(&self) -> Vec<Effect> {
        let Some(now) = &self.now else { return vec![Effect::Back] };
        let typed = [self.days.text(), self.tries.text()];
        if typed == [now.parameters.retention_days.to_string(), now.parameters.try_count.to_string()] {
            return vec![Effect::Back];
        }
        vec![Confirm::yes("Leave without saving?", "The changes are discarded.", vec![Effect::Back])]
    }
}
