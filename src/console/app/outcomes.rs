//! The run in this console: canceling, handing over, its end.

use crate::console::app::changes::question;
use crate::console::app::{App, RuntimeEffect};
use crate::console::protocol::effect::{Effect, RunFault, RunRequest};
use crate::console::protocol::route::Route;
use crate::console::protocol::run_progress::LiveRun;
use crate::console::screens::screen::Screen;
use crate::domain::Run;

impl App {
    /// Whether a run is active in this console.
    pub fn runs(&self) -> bool {
        self.run.as_ref().is_some_and(LiveRun::is_active)
    }

    /// Whether the screen shows a run elsewhere that is polled every second.
    pub fn watches(&self) -> bool {
        self.screen().is_some_and(Screen::is_watching)
    }

    /// Cancels the run after its current chunk.
    pub(super) fn cancel_run(&mut self) -> Vec<RuntimeEffect> {
        match &mut self.run {
            Some(run) if run.is_active() => {
                run.canceling = true;
                vec![RuntimeEffect::CancelRun]
            }
            _ => Vec::new(),
        }
    }

    /// The batch server that can continue the run of this console.
    pub fn successor(&self) -> Option<String> {
        let coming = self.freshness.as_ref().map(|(_, freshness)| &freshness.coming);
        coming.and_then(|coming| coming.servers.first().cloned()).filter(|_| self.settings.read_only.is_none())
    }

    /// Handles the end of the run.
    pub(super) fn run_ended(&mut self, mut result: Result<Run, RunFault>) -> Vec<RuntimeEffect> {
        let asks = result.as_mut().err().and_then(|fault| fault.asks.take());
        if let Some(run) = &mut self.run {
            run.finish(result.map_err(|fault| fault.said), self.now);
            self.said = Some(run.summary(self.now));
        }
        if self.quit_after_run {
            return vec![RuntimeEffect::Quit];
        }
        if let Some((refusal, request)) = asks.map(|asks| *asks).filter(|_| self.overlays.is_empty()) {
            self.question(question(&refusal, move |given| {
                let consent = request.consent.with(given);
                vec![Effect::Start(RunRequest { consent, ..request.clone() })]
            }));
            return Vec::new();
        }
        let mut effects = self.ask_freshness();
        if self.screen().is_some_and(|screen| screen.route() != Route::Process) {
            effects.extend(self.load());
        }
        effects
    }
}
