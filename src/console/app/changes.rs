//! Changes: the questions before them, beginning them, and what they came to.

use crate::console::app::questions::Pending;
use crate::console::app::{App, RuntimeEffect};
use crate::console::overlay::{Overlay, SessionActionForm, UndoList};
use crate::console::protocol::mutation::Mutation;
use crate::console::protocol::query::Answer;

impl App {
    /// Opens a question; keys read before it is painted do not answer it.
    pub(super) fn question(&mut self, overlay: Overlay) {
        self.overlays.push(overlay);
        self.question_seen = false;
    }

    /// Whether what a question will be about is still being read: keys pressed meanwhile were not meant for it, nor for the screen.
    pub(super) fn awaits_question(&self) -> bool {
        self.pending.iter().any(Pending::opens_question)
    }

    /// Does not wait for it any more.
    pub(super) fn forget_question(&mut self) {
        self.pending.iter_mut().filter(|pending| pending.opens_question()).for_each(Pending::forget);
    }

    /// Opens what an answer was asked for; gives back an answer that is the screen's.
    pub(super) fn asked_for(&mut self, result: Result<Answer, String>) -> Option<Result<Answer, String>> {
        match result {
            // Whatever was opened meanwhile, nothing takes the focus by itself.
            Ok(Answer::Chosen(..) | Answer::Undoable(_)) if !self.overlays.is_empty() => None,
            Ok(Answer::Chosen(act, sessions, scope)) => {
                match SessionActionForm::new(act, &sessions, &scope, self.zone, self.now) {
                    Ok(order) => self.question(Overlay::SessionActionForm(Box::new(order))),
                    Err(why) => self.said = Some(why),
                }
                None
            }
            Ok(Answer::Undoable(entries)) => {
                if entries.is_empty() {
                    self.said = Some("There is nothing to undo.".to_owned());
                } else {
                    self.question(Overlay::Undo(UndoList::new(entries, self.zone, self.now)));
                }
                None
            }
            Ok(Answer::StoreZone(store, zone)) => {
                self.take_zone(&store, zone.as_deref());
                None
            }
            result => Some(result),
        }
    }

    /// Takes the line that was typed about a cause.
    pub(super) fn told_about(&mut self, overlay: Option<Overlay>) -> Vec<RuntimeEffect> {
        let Some(Overlay::About(about, line, _)) = overlay else { return Vec::new() };
        match about.act(&line.text(), self.zone, self.now) {
            Ok(act) => {
                let effects = self.act(act);
                self.typed = Some(Overlay::About(about, line, None)).filter(|_| !effects.is_empty());
                effects
            }
            Err(fault) => {
                self.overlays.push(Overlay::About(about, line, Some(fault)));
                Vec::new()
            }
        }
    }

    /// Opens the line again whose change was refused, with what was typed, unless something else has been opened meanwhile.
    pub(super) fn type_again(&mut self, typed: Option<Overlay>, fault: String) {
        if !self.overlays.is_empty() {
            return;
        }
        match typed {
            Some(Overlay::About(about, line, _)) => self.overlays.push(Overlay::About(about, line, Some(fault))),
            Some(Overlay::Prompt(mark, line, _)) => self.overlays.push(Overlay::Prompt(mark, line, Some(fault))),
            _ => {}
        }
    }

    /// Begins a change; one at a time.
    pub(super) fn act(&mut self, act: Mutation) -> Vec<RuntimeEffect> {
        if self.acting {
            self.said =
                Some("Another change is still being made; wait for it, or ^C ends it between two parts.".to_owned());
            return Vec::new();
        }
        self.acting = true;
        self.typed = None;
        if matches!(&act, Mutation::Sessions(_, chosen, _) if chosen.len() > 1) || matches!(act, Mutation::Undo(_)) {
            self.said = Some("Asking the agents …  ^C ends it between two parts.".to_owned());
        }
        vec![RuntimeEffect::Mutation(act)]
    }
}
