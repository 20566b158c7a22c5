//! What screens wish for, made true or made an effect; coming and going between screens.

use crate::console::app::currency::Currency;
use crate::console::app::{App, RuntimeEffect, Visit, view};
use crate::console::overlay::Overlay;
use crate::console::protocol::dialog::Question;
use crate::console::protocol::effect::Effect;
use crate::console::protocol::export::ExportProgress;
use crate::console::protocol::route::Route;
use crate::console::protocol::run_progress::LiveRun;
use crate::console::screens;
use crate::console::screens::screen::Screen;
use crate::console::widgets::input::TextInput;
use crate::domain::grouped;

impl App {
    /// Makes a screen's wishes true, or effects of them.
    pub(super) fn grant(&mut self, requested: Vec<Effect>) -> Vec<RuntimeEffect> {
        let mut effects = Vec::new();
        for wish in requested {
            match wish {
                Effect::Ask(query) => {
                    let id = self.visits.last().map(|visit| visit.id);
                    effects.extend(self.ask(id, query));
                }
                Effect::Go(target) => effects.extend(self.go(target)),
                Effect::Say(text) => self.said = Some(text),
                Effect::Copy(text) => {
                    self.said = Some(format!("{} characters sent to the terminal's clipboard.", text.chars().count()));
                    effects.push(RuntimeEffect::Copy(text));
                }
                Effect::Start(choice) => {
                    self.run = Some(LiveRun::new(self.now));
                    effects.push(RuntimeEffect::Start(choice));
                }
                Effect::Back => effects.extend(self.back()),
                Effect::Prompt("/", text) => {
                    let filters = self.memory.filters.clone();
                    self.overlays.push(Overlay::History(TextInput::with(&text), None, filters, 0));
                }
                Effect::Prompt(mark, text) => {
                    self.overlays.push(Overlay::Prompt(mark, TextInput::with(&text), None));
                }
                Effect::Question(question) => self.question(Overlay::Question(question, TextInput::default(), None)),
                Effect::Actions(title, actions) => self.overlays.push(Overlay::Actions(title, actions, 0)),
                Effect::Pick(pick) => {
                    let cursor = pick.lines.iter().position(|(_, ticked)| *ticked && !pick.many).unwrap_or(0);
                    self.overlays.push(Overlay::Pick(pick, cursor));
                }
                Effect::Tell(title, lines) => self.overlays.push(Overlay::Tell(title, lines, 0)),
                Effect::Export(..) if self.exporting => {
                    self.said = Some("Nothing more is written to the file.".to_owned());
                    effects.push(RuntimeEffect::StopExport);
                }
                Effect::Export(_, name) if name.is_empty() => {}
                Effect::Export(what, name) => {
                    self.exporting = true;
                    self.said = Some("Writing …".to_owned());
                    effects.push(RuntimeEffect::Export(what, name, false));
                }
                Effect::Mutation(act) => effects.extend(self.act(act)),
                Effect::About(about, text) => {
                    self.overlays.push(Overlay::About(about, TextInput::with(&text), None));
                }
                Effect::CancelRun => effects.extend(self.cancel_run()),
            }
        }
        effects
    }

    /// Takes how far a file is written, or what became of it.
    pub(super) fn exported(&mut self, exported: ExportProgress) -> Vec<RuntimeEffect> {
        self.exporting = matches!(exported, ExportProgress::SoFar(_));
        match exported {
            ExportProgress::SoFar(rows) => {
                self.said = Some(format!("Writing: {} rows so far; x stops it.", grouped(rows)));
            }
            ExportProgress::Ended(1, path) => self.said = Some(format!("1 row written to {path}.")),
            ExportProgress::Ended(rows, path) => self.said = Some(format!("{} rows written to {path}.", grouped(rows))),
            ExportProgress::Stopped => self.said = Some("Stopped; no file was written.".to_owned()),
            ExportProgress::Fault(fault) => self.said = Some(format!("! {fault}")),
            ExportProgress::IsThere(what, name) => {
                self.question(Overlay::Question(
                    Question {
                        title: "Write in the place of a file that is there?".to_owned(),
                        lines: vec![name.clone()],
                        word: "y".to_owned(),
                    },
                    TextInput::default(),
                    None,
                ));
                self.overwrites = Some((*what, name));
            }
        }
        Vec::new()
    }

    pub(super) fn go(&mut self, target: Route) -> Vec<RuntimeEffect> {
        if self.screen().is_some_and(|screen| screen.target() == target && target != Route::Process) {
            return self.load();
        }
        self.keep_look();
        let mut effects = self.leave();
        let view = view!(self, self.freshness.as_ref().map(|(_, freshness)| freshness));
        let screen = screens::open(target, &self.memory, &view);
        if let Some(name) = screen.path().last() {
            self.memory.keep_place(name);
        }
        self.next_id += 1;
        let newest = self.freshness.as_ref().map(|(_, freshness)| freshness.clone());
        self.visits.push(Visit { id: self.next_id, screen, currency: Currency::new(newest) });
        self.forward.clear();
        effects.extend(self.load());
        effects
    }

    pub(super) fn back(&mut self) -> Vec<RuntimeEffect> {
        if self.visits.len() <= 1 {
            self.said = Some("This is the first screen; q quits.".to_owned());
            return Vec::new();
        }
        self.keep_look();
        let mut effects = self.leave();
        if let Some(visit) = self.visits.pop() {
            self.forward.push(visit.screen.target());
        }
        // What one comes back to looks as it was left, and reads again what may have changed.
        effects.extend(self.load());
        effects
    }

    fn leave(&mut self) -> Vec<RuntimeEffect> {
        let requested = self.with_screen(|screen, view| screen.leave(view)).unwrap_or_default();
        self.grant(requested)
    }

    pub(super) fn load(&mut self) -> Vec<RuntimeEffect> {
        self.read_again(|screen, view| screen.load(view))
    }

    /// Remembers how the screen looks that is being left.
    pub(super) fn keep_look(&mut self) {
        let list_state = self.with_screen(|screen: &mut dyn Screen, view| screen.list_state(view)).flatten();
        if let Some((name, list_state)) = list_state {
            self.memory.looks.insert(name, list_state);
        }
    }
}
