//! Changes: the questions before them, starting them, their results.

use crate::console::app::pending_queries::Pending;
use crate::console::app::{App, RuntimeEffect};
use crate::console::overlay::{ConfirmBox, Overlay, PromptLine, SessionActionForm, UndoList};
use crate::console::protocol::batch_query::BatchAnswer;
use crate::console::protocol::effect::{Confirm, Effect, Prompt, PromptThen, ScreenChange, Typed};
use crate::console::protocol::mutation::{AfterMutation, Mutation, MutationError, MutationResult};
use crate::console::protocol::query::Answer;
use crate::console::screens;
use crate::console::screens::screen::Screen;
use crate::console::view::context::ViewContext;
use crate::guard::{Consent, Refusal, Unmet};
use std::cell::RefCell;

/// A change that is being made.
pub(super) struct AfterChange {
    /// The screen that made it.
    visit: u64,
    /// What follows if it succeeds.
    then: Vec<Effect>,
    change: Mutation,
}

/// Asks for what a guardrail demands; `then` are the effects with what was given.
pub(super) fn question(refusal: &Refusal, then: impl Fn(Consent) -> Vec<Effect> + 'static) -> Overlay {
    if refusal.unmet != Unmet::Reason {
        let consent = Consent { confirmed: Some(refusal.rows), ..Consent::default() };
        return Overlay::Confirm(ConfirmBox::new(Confirm {
            title: format!("Confirm: {}", refusal.action),
            lines: vec![format!("{}.", refusal.sentence)],
            word: refusal.rows.to_string(),
            then: then(consent),
        }));
    }
    let enter = move |typed: Typed| {
        let reason = typed.text.trim();
        if reason.is_empty() {
            return Err("type a reason, or Esc".to_owned());
        }
        Ok(then(Consent { reason: Some(reason.to_owned()), ..Consent::default() }))
    };
    let text = String::new();
    let prompt = Prompt { label: "Reason:", text, then: PromptThen::Enter(Box::new(enter)) };
    Overlay::Prompt(PromptLine::new(prompt, &[]).refused(refusal.sentence.clone()))
}

impl App {
    /// Opens a question. Keys read before it is painted do not answer it.
    pub(super) fn question(&mut self, overlay: Overlay) {
        self.overlays.push(overlay);
        self.question_seen = false;
    }

    /// Whether a question waits for its data; keys pressed until then are ignored.
    pub(super) fn awaits_question(&self) -> bool {
        let is_open = self.explains();
        self.pending.iter().any(|pending| pending.opens_question() && !(is_open && pending.explains()))
    }

    /// Stops waiting for it.
    pub(super) fn forget_question(&mut self) {
        self.pending.iter_mut().filter(|pending| pending.opens_question()).for_each(Pending::forget);
    }

    /// Opens the question that an answer belongs to; returns an answer that belongs to the screen.
    pub(super) fn asked_for(&mut self, result: Result<Answer, String>) -> Option<Result<Answer, String>> {
        match result {
            // A question does not take the focus from an overlay opened since.
            Ok(Answer::SelectedSessions(..) | Answer::Undoable(_) | Answer::Handover(_) | Answer::CauseRemarks(..))
                if !self.overlays.is_empty() =>
            {
                None
            }
            Ok(Answer::Explained(_)) if !self.overlays.is_empty() && !self.explains() => None,
            Ok(Answer::SelectedSessions(action, sessions, scope)) => {
                let keymap = &self.settings.keymap;
                match SessionActionForm::new(action, &sessions, &scope, (self.zone, self.now), keymap) {
                    Ok(form) => self.question(Overlay::SessionAction(Box::new(form))),
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
            Ok(Answer::Handover(sheet)) => {
                let (zone, now) = (self.zone, self.now);
                let time = |at| zone.short(at, now);
                self.perform(vec![Effect::Show { title: sheet.title(&time), lines: sheet.lines(&time) }]);
                None
            }
            Ok(Answer::Batch(answer)) if matches!(*answer, BatchAnswer::Versions(..)) => {
                let BatchAnswer::Versions(job, versions) = *answer else { return None };
                if self.overlays.is_empty() {
                    let offer = |_: &mut dyn Screen, view: &ViewContext| {
                        screens::offer_versions(job.as_deref(), versions, view)
                    };
                    let effect = self.with_screen(offer);
                    self.perform(effect.into_iter().collect());
                }
                None
            }
            Ok(Answer::CauseRemarks(cause, edit, remarks)) => {
                let prompt = screens::edit_cause(cause, edit, remarks, &self.settings.operator);
                self.perform(vec![prompt]);
                None
            }
            Ok(Answer::Explained(explanation)) => {
                let explain = |_: &mut dyn Screen, view: &ViewContext| screens::explain_session(explanation, view);
                let effect = self.with_screen(explain);
                self.perform(effect.into_iter().collect());
                None
            }
            Ok(Answer::StoreZone(store, zone)) => {
                self.take_zone(&store, zone.as_deref());
                None
            }
            result => Some(result),
        }
    }

    /// Enters the line of a prompt; a line that is refused stays open with the reason.
    pub(super) fn entered(&mut self, line: PromptLine) -> Vec<RuntimeEffect> {
        match line.entered(self.zone, self.now) {
            Ok(requested) => {
                self.before_filter = None;
                if let Some(filter) = line.filter() {
                    self.memory.keep_filter(&filter);
                }
                let changes = requested.iter().any(|effect| matches!(effect, Effect::Mutation(_))) && !self.acting;
                let effects = self.perform(requested);
                self.typed = Some(line).filter(|_| changes);
                effects
            }
            Err(fault) => {
                self.overlays.push(Overlay::Prompt(line.refused(fault)));
                Vec::new()
            }
        }
    }

    /// Begins a change, one at a time; `then` follows if it succeeds.
    pub(super) fn mutate(&mut self, change: Mutation, then: Vec<Effect>) -> Vec<RuntimeEffect> {
        if self.acting {
            self.said = Some(
                "Another change is still being made; wait for it, or ^C stops it after its current part.".to_owned(),
            );
            return Vec::new();
        }
        self.acting = true;
        self.typed = None;
        self.after_mutation =
            self.visits.last().map(|visit| AfterChange { visit: visit.id, then, change: change.clone() });
        if matches!(&change, Mutation::Sessions(_, chosen, _) if chosen.len() > 1)
            || matches!(change, Mutation::Undo(_))
        {
            self.said = Some("Sending requests to the agents …  ^C stops after the current part.".to_owned());
        }
        vec![RuntimeEffect::Mutation(change)]
    }

    /// Discards what was entered into a form or a prompt, and loads the current values.
    pub(super) fn load_current(&mut self) -> Vec<RuntimeEffect> {
        self.overlays.retain(|overlay| !matches!(overlay, Overlay::Prompt(_)));
        self.said = Some("These are the current values.".to_owned());
        let mut effects = self.perform(vec![Effect::Screen(ScreenChange::LoadCurrent)]);
        effects.extend(self.load());
        effects
    }

    /// Takes the result of a change.
    pub(super) fn changed(&mut self, result: Result<MutationResult, MutationError>) -> Vec<RuntimeEffect> {
        self.acting = false;
        let is_open = |id: u64| self.visits.last().is_some_and(|visit| visit.id == id);
        let after = self.after_mutation.take().filter(|after| is_open(after.visit));
        let on_its_screen = after.is_some() && self.overlays.is_empty();
        let typed = self.typed.take();
        let after = match (after, &result) {
            (Some(after), Err(MutationError { lacks: Some(refusal), .. })) if on_its_screen => {
                let AfterChange { change, then, .. } = after;
                let then = RefCell::new(then);
                self.question(question(refusal, move |given| {
                    vec![Effect::MutationThen(change.clone().with_consent(given), then.take())]
                }));
                return Vec::new();
            }
            (after, _) => after,
        };
        let then = after.filter(|_| result.is_ok());
        let mut effects = then.map_or_else(Vec::new, |after| self.perform(after.then));
        let leads = match result {
            Ok(done) => {
                self.said = Some(done.said).filter(|said| !said.is_empty());
                done.leads
            }
            Err(error) => {
                self.said = Some(format!("! {}", error.said));
                // The refused line opens again, unless another overlay has been opened since.
                let line = typed.filter(|_| self.overlays.is_empty());
                self.overlays.extend(line.map(|line| Overlay::Prompt(line.refused(error.said.clone()))));
                if error.is_stale && on_its_screen {
                    self.question(Overlay::Confirm(ConfirmBox::new(Confirm {
                        title: "Changed by another operator".to_owned(),
                        lines: vec![
                            format!("{}.", error.said),
                            "Load the current values? What you entered is discarded.".to_owned(),
                        ],
                        word: "y".to_owned(),
                        then: vec![Effect::LoadCurrent],
                    })));
                }
                AfterMutation::Stay
            }
        };
        effects.extend(match leads {
            AfterMutation::Stay => self.load(),
            AfterMutation::Back => self.back(),
            AfterMutation::To(target) => {
                if self.visits.len() > 1 {
                    self.visits.pop();
                }
                self.go(target)
            }
        });
        effects.extend(self.ask_freshness());
        effects
    }
}
