//! What becomes of changes and of the run that lives in this console.

use crate::console::app::{App, RuntimeEffect};
use crate::console::protocol::mutation::{AfterMutation, MutationResult};
use crate::console::protocol::route::Route;
use crate::console::screens::screen::Screen;
use crate::domain::Run;

impl App {
    /// Whether the screen shows something that lives elsewhere and is to be looked at every second.
    pub fn watches(&self) -> bool {
        self.screen().is_some_and(Screen::is_watching)
    }

    /// A change was made, or not.
    pub(super) fn acted(&mut self, result: Result<MutationResult, String>) -> Vec<RuntimeEffect> {
        self.acting = false;
        let wishes = self.with_screen(|screen, _| screen.settled(result.is_ok())).unwrap_or_default();
        let typed = self.typed.take();
        let mut effects = self.grant(wishes);
        let leads = match result {
            Ok(done) => {
                self.said = Some(done.said).filter(|said| !said.is_empty());
                done.leads
            }
            Err(fault) => {
                self.said = Some(format!("! {fault}"));
                self.type_again(typed, fault);
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

    /// Lets the run end at its chunk.
    pub(super) fn cancel_run(&mut self) -> Vec<RuntimeEffect> {
        match &mut self.run {
            Some(run) if run.lives() => {
                run.canceling = true;
                vec![RuntimeEffect::CancelRun]
            }
            _ => Vec::new(),
        }
    }

    /// The batch server that can go on with the run of this console.
    pub fn successor(&self) -> Option<String> {
        let coming = self.freshness.as_ref().map(|(_, freshness)| &freshness.coming);
        coming.and_then(|coming| coming.servers.first().cloned()).filter(|_| !self.settings.read_only)
    }

    /// The run has ended.
    pub(super) fn run_ended(&mut self, result: Result<Run, String>) -> Vec<RuntimeEffect> {
        if let Some(run) = &mut self.run {
            run.ended(result, self.now);
            self.said = Some(run.line());
        }
        if self.quit_after_run {
            return vec![RuntimeEffect::Quit];
        }
        let mut effects = self.ask_freshness();
        if self.screen().is_some_and(|screen| screen.target() != Route::Process) {
            effects.extend(self.load());
        }
        effects
    }
}
