//! What a key comes to.

use super::super::input::Key;
use super::super::keys::{self, Command};
use super::super::overlay::{Overlay, Verdict};
use super::super::places;
use super::super::screen::Target;
use super::super::widgets::input::TextInput;
use super::{App, Effect};

impl App {
    /// Takes a key: the topmost layer first, then the screen, then what holds everywhere.
    pub(super) fn key(&mut self, key: &Key) -> Vec<Effect> {
        self.said = None;
        if let Some(overlay) = self.overlays.last_mut() {
            let verdict = overlay.key(key);
            return self.verdict(verdict);
        }
        if self.screen().is_some_and(super::super::screen::Screen::is_dialog) {
            if let Some(wishes) = self.with_screen(|screen, view| screen.key(key, view)).flatten() {
                return self.grant(wishes);
            }
            let global = matches!(key, Key::Char('?') | Key::F(1) | Key::Ctrl('c' | 'l' | 'z'));
            return if global { self.global(keys::command(key)) } else { Vec::new() };
        }
        let Some(command) = keys::command(key) else { return Vec::new() };
        match self.with_screen(|screen, view| screen.command(command, view)).flatten() {
            Some(wishes) => self.grant(wishes),
            None => self.global(Some(command)),
        }
    }

    fn global(&mut self, command: Option<Command>) -> Vec<Effect> {
        let Some(command) = command else { return Vec::new() };
        match command {
            Command::Help => self.overlays.push(Overlay::Help(0)),
            Command::Palette => self.overlays.push(Overlay::Palette(TextInput::default(), 0)),
            Command::Menu => self.overlays.push(Overlay::Menu(3)),
            Command::Process => return self.go(Target::Process),
            Command::Notifications => return self.go(Target::Notifications),
            Command::Numbered(digit) => {
                if let Some(target) = places::numbered(digit) {
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
            Command::Zone => {
                self.zone = self.zone.toggled();
                self.said = Some(format!("Times are shown in {}.", self.zone.name(self.now)));
            }
            Command::Reload => {
                let mut effects = self.load();
                effects.extend(self.ask_freshness());
                return effects;
            }
            Command::Repaint => return vec![Effect::Repaint],
            Command::Suspend if self.runs() => {
                self.said = Some(
                    "A run lives in this console; suspended, it would hold head office. Cancel it or wait.".to_owned(),
                );
            }
            Command::Suspend => return vec![Effect::Suspend],
            Command::Quit | Command::Interrupt if self.runs() => self.overlays.push(Overlay::Quit(self.heir())),
            Command::Quit => return vec![Effect::Quit],
            Command::Interrupt => self.said = Some("q quits, y copies.".to_owned()),
            _ => {}
        }
        Vec::new()
    }

    fn verdict(&mut self, verdict: Verdict) -> Vec<Effect> {
        if verdict == Verdict::Stay {
            return Vec::new();
        }
        let overlay = self.overlays.pop();
        match verdict {
            Verdict::Go(target) => self.go(target),
            Verdict::Typed(text) => match self.with_screen(|screen, view| screen.typed(&text, view)) {
                Some(Ok(wishes)) => self.grant(wishes),
                Some(Err(fault)) => {
                    if let Some(Overlay::Prompt(mark, input, _)) = overlay {
                        self.overlays.push(Overlay::Prompt(mark, input, Some(fault)));
                    }
                    Vec::new()
                }
                None => Vec::new(),
            },
            Verdict::Confirmed => {
                let wishes = self.with_screen(|screen, view| screen.confirmed(view)).unwrap_or_default();
                self.grant(wishes)
            }
            Verdict::Acted(letter) => {
                let wishes = self.with_screen(|screen, view| screen.acted(letter, view)).unwrap_or_default();
                self.grant(wishes)
            }
            Verdict::CancelRun => self.cancel_run(),
            Verdict::QuitAfterRun if self.runs() => {
                self.quit_after_run = true;
                self.said = Some("The console ends when the run has ended.".to_owned());
                Vec::new()
            }
            Verdict::QuitAfterRun | Verdict::QuitNow => vec![Effect::Quit],
            Verdict::HandOver(server) => vec![Effect::HandOver(server), Effect::Quit],
            Verdict::Stay | Verdict::Close => Vec::new(),
        }
    }
}
