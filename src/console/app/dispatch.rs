//! What a key comes to.

use crate::console::app::frame;
use crate::console::app::{App, RuntimeEffect};
use crate::console::overlay::help::Help;
use crate::console::overlay::menu::{DOCKS_FROM, Menu};
use crate::console::overlay::navigation;
use crate::console::overlay::palette::Palette;
use crate::console::overlay::{Overlay, OverlayOutcome};
use crate::console::protocol::effect::Effect;
use crate::console::protocol::key::Key;
use crate::console::protocol::keys::{Command, Scope};
use crate::console::protocol::query::Query;
use crate::console::protocol::route::Route;
use crate::console::screens::screen::Screen;
use crate::console::widgets::list::Move;

/// Within this a second ^C quits.
const TWICE: i64 = 2_000;

impl App {
    /// Whether ^C was pressed a moment ago.
    pub(super) fn was_interrupted(&self) -> bool {
        self.interrupted_at.is_some_and(|at| (0..TWICE).contains(&self.now.since(at)))
    }

    /// Takes a key: the topmost layer first, then the screen, then what holds everywhere.
    pub(super) fn key(&mut self, key: &Key) -> Vec<RuntimeEffect> {
        (self.said, self.warned) = (None, None);
        if *key == Key::Ctrl('c') && self.was_interrupted() {
            return vec![RuntimeEffect::Quit];
        }
        if frame::is_too_small(self.size) {
            return self.key_unseen(key);
        }
        if !self.question_seen {
            return Vec::new();
        }
        if self.awaits_question() {
            if matches!(key, Key::Esc | Key::Ctrl('c')) {
                self.forget_question();
            }
            return Vec::new();
        }
        let keymap = &self.settings.keymap;
        if let Some(overlay) = self.overlays.last_mut() {
            let outcome = overlay.key(key, keymap);
            if let Overlay::Menu(menu) = overlay {
                self.memory.closed.clone_from(&menu.closed);
            }
            return self.outcome(outcome);
        }
        let command = keymap.command(key);
        if self.screen().is_some_and(Screen::is_dialog) {
            if let Some(requested) = self.with_screen(|screen, view| screen.key(key, view)).flatten() {
                return self.grant(requested);
            }
            let global = matches!(key, Key::Char('?') | Key::F(1) | Key::Ctrl('c' | 'l' | 'z'));
            return if global { self.global(command) } else { Vec::new() };
        }
        command.map_or_else(Vec::new, |command| self.obey(command))
    }

    /// The screen's turn, then what holds everywhere.
    fn obey(&mut self, command: Command) -> Vec<RuntimeEffect> {
        match self.with_screen(|screen, view| screen.command(command, view)).flatten() {
            Some(requested) => self.grant(requested),
            None => self.global(Some(command)),
        }
    }

    /// Where nobody sees what a key does, only leaving is possible.
    fn key_unseen(&mut self, key: &Key) -> Vec<RuntimeEffect> {
        match key {
            Key::Char('q') | Key::Ctrl('c') if self.runs() && !self.was_interrupted() => {
                self.interrupted_at = Some(self.now);
                Vec::new()
            }
            Key::Char('q') => vec![RuntimeEffect::Quit],
            Key::Ctrl('c') => {
                self.interrupted_at = Some(self.now);
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    fn global(&mut self, command: Option<Command>) -> Vec<RuntimeEffect> {
        let Some(command) = command else { return Vec::new() };
        match command {
            Command::Help => self.overlays.push(Overlay::Help(Help::default())),
            Command::Palette => self.open_palette(),
            Command::Menu => {
                self.memory.docked |= self.size.0 >= DOCKS_FROM;
                let here = self.screen().and_then(|screen| screen.path().last().copied()).unwrap_or("");
                self.overlays.push(Overlay::Menu(Menu::at(here, &self.memory.closed)));
            }
            Command::Process => return self.go(Route::Process),
            Command::Notifications => return self.go(Route::Notifications),
            Command::Numbered(digit) => {
                if let Some(target) = navigation::numbered(digit) {
                    return self.go(target);
                }
            }
            Command::Back | Command::Previous => return self.back(),
            Command::Next => {
                if let Some(target) = self.forward.pop() {
                    let kept = std::mem::take(&mut self.forward);
                    let effects = self.go(target);
                    self.forward = kept;
                    return effects;
                }
            }
            Command::Zone => return self.next_zone(),
            Command::Reload => {
                let mut effects = self.load();
                effects.extend(self.ask_freshness());
                return effects;
            }
            Command::Repaint => return vec![RuntimeEffect::Repaint],
            Command::Suspend if self.runs() => {
                self.said = Some(
                    "A run lives in this console; suspended, it would hold head office. Cancel it or wait.".to_owned(),
                );
            }
            Command::Suspend => return vec![RuntimeEffect::Suspend],
            Command::Quit if self.runs() => self.overlays.push(Overlay::Quit(0, self.successor())),
            Command::Quit => return vec![RuntimeEffect::Quit],
            Command::Undo if self.settings.read_only => {
                self.said = Some("Nothing can be undone: this console is read-only.".to_owned());
            }
            Command::Undo => {
                let id = self.visits.last().map(|visit| visit.id);
                return self.ask(id, Query::Undoable);
            }
            Command::Interrupt if self.acting => {
                self.said = Some("It ends between two parts; what was asked by then holds.".to_owned());
                return vec![RuntimeEffect::CancelAct];
            }
            Command::Interrupt => {
                self.interrupted_at = Some(self.now);
                if self.runs() {
                    self.overlays.push(Overlay::Quit(0, self.successor()));
                } else {
                    let key = |command| self.settings.keymap.key(command);
                    let (quit, copy) = (key(Command::Quit), key(Command::Copy));
                    self.said = Some(format!("{quit} quits, {copy} copies; ^C again within two seconds quits, too."));
                }
            }
            _ => {}
        }
        Vec::new()
    }

    fn open_palette(&mut self) {
        let moves = |command: Command| {
            use Command as C;
            Move::of(command).is_some()
                || matches!(command, C::Left | C::Right | C::NextPane | C::PreviousPane)
                || matches!(command, C::Open | C::Palette | C::Numbered(_))
        };
        let keymap = &self.settings.keymap;
        let offered = |command: Command, scope: Scope| {
            scope == Scope::Everywhere || self.screen().is_some_and(|screen| screen.offers(command))
        };
        let commands = keymap
            .lines()
            .iter()
            .map(|line| (line.binding.label, line.binding.command, line.binding.scope))
            .filter(|(_, command, scope)| !moves(*command) && offered(*command, *scope))
            .map(|(label, command, _)| (label, keymap.key(command).to_owned(), command));
        self.overlays.push(Overlay::Palette(Palette::new(commands.collect(), self.memory.places.clone())));
    }

    fn outcome(&mut self, outcome: OverlayOutcome) -> Vec<RuntimeEffect> {
        if outcome == OverlayOutcome::Stay {
            return Vec::new();
        }
        let overlay = self.overlays.pop();
        match outcome {
            OverlayOutcome::Go(target) => self.go(target),
            OverlayOutcome::Do(command) => self.obey(command),
            OverlayOutcome::Typed(_) if matches!(overlay, Some(Overlay::About(..))) => self.told_about(overlay),
            OverlayOutcome::Typed(text) => {
                match (self.with_screen(|screen, view| screen.typed(&text, view)), overlay) {
                    (Some(Ok(requested)), overlay) => {
                        if matches!(overlay, Some(Overlay::History(..))) {
                            self.memory.keep_filter(text.trim());
                        }
                        let acts = requested.iter().any(|wish| matches!(wish, Effect::Mutation(_)));
                        let effects = self.grant(requested);
                        self.typed = overlay.filter(|_| acts);
                        effects
                    }
                    (Some(Err(fault)), Some(Overlay::Prompt(mark, input, _))) => {
                        self.overlays.push(Overlay::Prompt(mark, input, Some(fault)));
                        Vec::new()
                    }
                    (Some(Err(fault)), Some(Overlay::History(input, _, filters, at))) => {
                        self.overlays.push(Overlay::History(input, Some(fault), filters, at));
                        Vec::new()
                    }
                    _ => Vec::new(),
                }
            }
            OverlayOutcome::Mutation(act) => {
                let mut effects = self.act(act);
                let requested = self.with_screen(|screen, view| screen.confirmed(view)).unwrap_or_default();
                effects.extend(self.grant(requested));
                effects
            }
            OverlayOutcome::Picked(chosen) => {
                let requested = self.with_screen(|screen, view| screen.picked(&chosen, view)).unwrap_or_default();
                self.grant(requested)
            }
            OverlayOutcome::Confirmed => {
                if let Some((what, name)) = self.overwrites.take() {
                    self.exporting = true;
                    return vec![RuntimeEffect::Export(what, name, true)];
                }
                let requested = self.with_screen(|screen, view| screen.confirmed(view)).unwrap_or_default();
                self.grant(requested)
            }
            OverlayOutcome::Acted(letter) => {
                let requested = self.with_screen(|screen, view| screen.acted(letter, view)).unwrap_or_default();
                self.grant(requested)
            }
            OverlayOutcome::CancelRun => self.cancel_run(),
            OverlayOutcome::QuitAfterRun if self.runs() => {
                self.quit_after_run = true;
                self.said = Some("The console ends when the run has ended.".to_owned());
                Vec::new()
            }
            OverlayOutcome::QuitAfterRun | OverlayOutcome::QuitNow => vec![RuntimeEffect::Quit],
            OverlayOutcome::HandOver(server) => vec![RuntimeEffect::HandOver(server), RuntimeEffect::Quit],
            OverlayOutcome::Close => {
                self.overwrites = None;
                self.memory.docked &= !(matches!(overlay, Some(Overlay::Menu(_))) && self.size.0 >= DOCKS_FROM);
                Vec::new()
            }
            OverlayOutcome::Stay => Vec::new(),
        }
    }
}
