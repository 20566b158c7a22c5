//! Saving what was typed, after a question in proportion, or leaving it.

use crate::console::protocol::dialog::Question;
use crate::console::protocol::effect::Wish;
use crate::console::protocol::mutation::Act;
use crate::console::screens::parameters::{Parameters, Tab};
use crate::console::view::context::View;
use crate::domain::{Parameter, grouped};

impl Parameters {
    /// The number of tries typed, or what is wrong with it.
    pub(super) fn tries(&self) -> Result<i64, String> {
        Parameter::TryCount.parse(&self.tries.text()).map_err(|error| error.to_string())
    }

    fn save_tries(&self, view: &View) -> Vec<Wish> {
        let in_force = self.now.as_ref().map(|preview| preview.parameters.try_count);
        match self.tries() {
            _ if view.read_only => vec![Wish::Say("nothing can be saved: this console is read-only".to_owned())],
            Err(fault) => vec![Wish::Say(fault)],
            Ok(tries) if Some(tries) == in_force => {
                vec![Wish::Say("nothing to save: that is the number in force".to_owned())]
            }
            Ok(tries) => vec![Wish::Act(Act::SetParameter(Parameter::TryCount, tries)), Wish::Back],
        }
    }

    pub(super) fn save(&mut self, view: &View) -> Vec<Wish> {
        if self.tab == Tab::General {
            return self.save_tries(view);
        }
        let days = match self.number() {
            _ if view.read_only => {
                return vec![Wish::Say("nothing can be saved: this console is read-only".to_owned())];
            }
            Err(fault) => return vec![Wish::Say(fault)],
            Ok(days) => days,
        };
        if Some(days) == self.in_force() {
            return vec![Wish::Say("nothing to save: that is the number in force".to_owned())];
        }
        if self.then.as_ref().is_none_or(|then| then.parameters.retention_days != days) {
            return vec![Wish::Say("still counting what it would purge; a moment".to_owned())];
        }
        let more = self.more();
        if more == 0 {
            return vec![Wish::Act(Act::SetParameter(Parameter::RetentionDays, days)), Wish::Back];
        }
        vec![Wish::Question(Question {
            title: format!("Keep session history {days} days?"),
            lines: vec![
                format!("The next purge would take {} rows more, for ever.", grouped(more)),
                "It can be set back until then.".to_owned(),
            ],
            word: more.to_string(),
        })]
    }

    /// Leaves; what was typed and not saved is asked about.
    pub(super) fn leave(&mut self) -> Vec<Wish> {
        let Some(now) = &self.now else { return vec![Wish::Back] };
        let typed = [self.days.text(), self.tries.text()];
        if typed == [now.parameters.retention_days.to_string(), now.parameters.try_count.to_string()] {
            return vec![Wish::Back];
        }
        self.leaving = true;
        vec![Wish::Question(Question {
            title: "Leave without saving?".to_owned(),
            lines: vec!["What was typed is thrown away.".to_owned()],
            word: "y".to_owned(),
        })]
    }
}
