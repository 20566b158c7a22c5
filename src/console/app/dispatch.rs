//! Dispatches keys and the outcomes of overlays.

use crate::console::app::frame;
use crate::console::app::palette::is_movement;
use crate::console::app::{App, RuntimeEffect};
use crate::console::overlay::menu::DOCKS_FROM;
use crate::console::overlay::{Help, Menu, Overlay, OverlayOutcome, QuitBox, navigation};
use crate::console::protocol::journal::JournalQuery;
use crate::console::protocol::key::Key;
use crate::console::protocol::key_table::Command;
use crate::console::protocol::query::Query;
use crate::console::protocol::route::Route;
use crate::console::screens::screen::Screen;

/// The global commands that a dialog leaves to the application.
const DIALOG_COMMANDS: [Command; 4] = [Command::Help, Command::Interrupt, Command::Repaint, Command::Suspend];
/// A second ^C within this time, in milliseconds, quits.
const SECOND_CANCEL_MS: i64 = 2_000;

impl App {
    /// Whether ^C was pressed a moment ago.
    pub(super) fn was_interrupted(&self) -> bool {
        self.interrupted_at.is_some_and(|at| (0..SECOND_CANCEL_MS).contains(&self.now.since(at)))
    }

    /// Handles a key, unless it waits for the rows of the list.
    pub(super) fn key(&mut self, key: &Key) -> Vec<RuntimeEffect> {
        (self.said, self.warned) = (None, None);
        if self.holds(key) { Vec::new() } else { self.key_now(key) }
    }

    /// Handles a key: offers it to the topmost overlay, then to the screen, then to the global
    /// commands.
    pub(super) fn key_now(&mut self, key: &Key) -> Vec<RuntimeEffect> {
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
        if self.is_in_explanation() {
            return self.key_in_explanation(key);
        }
        let command = keymap.command(key);
        if self.screen().is_some_and(Screen::is_dialog) {
            if let Some(requested) = self.with_screen(|screen, view| screen.key(key, view)).flatten() {
                return self.perform(requested);
            }
            return self.global(command.filter(|command| DIALOG_COMMANDS.contains(command)));
        }
        command.map_or_else(Vec::new, |command| self.perform_command(command))
    }

    /// After a pause between keys: the palette looks its text up, a list follows the filter that is
    /// typed, or the screen looks up its cursor's row.
    pub(super) fn debounced(&mut self) -> Vec<RuntimeEffect> {
        if matches!(self.overlays.last(), Some(Overlay::Palette(_))) {
            return self.palette_lookup(true);
        }
        let mut effects = self.follow_filter(true);
        let requested = self.with_screen(|screen, view| screen.debounced(view)).unwrap_or_default();
        effects.extend(self.perform(requested));
        effects.extend(self.explain_current());
        effects
    }

    /// Offers a command to the screen, then to the global commands.
    pub(super) fn perform_command(&mut self, command: Command) -> Vec<RuntimeEffect> {
        if let Some(effects) = self.turn_to_explanation(command) {
            return effects;
        }
        let lacks_row = command.needs_row() && self.screen().is_some_and(Screen::is_empty);
        let requested = self.with_screen(|screen, view| screen.command(command, view)).flatten();
        if lacks_row && requested.as_ref().is_none_or(Vec::is_empty) {
            self.said = Some("There is no row in this list.".to_owned());
            return Vec::new();
        }
        match requested {
            Some(requested) => self.perform(requested),
            None if command == Command::Back && self.close_explanation() => Vec::new(),
            None => self.global(Some(command)),
        }
    }

    /// Takes a key while the terminal is too small to show what it does: only quitting is possible.
    fn key_unseen(&mut self, key: &Key) -> Vec<RuntimeEffect> {
        let quits = self.settings.keymap.command(key) == Some(Command::Quit);
        if quits && (!self.runs() || self.was_interrupted()) {
            return vec![RuntimeEffect::Quit];
        }
        if quits || *key == Key::Ctrl('c') {
            self.interrupted_at = Some(self.now);
        }
        Vec::new()
    }

    fn global(&mut self, command: Option<Command>) -> Vec<RuntimeEffect> {
        let Some(command) = command else { return Vec::new() };
        match command {
            Command::Help => {
                let form = self.with_screen(|screen, view| screen.is_dialog().then(|| screen.help(view))).flatten();
                let name = self.screen().and_then(|screen| screen.path().last().copied()).unwrap_or("");
                self.overlays.push(Overlay::Help(Help::new(name, form)));
            }
            Command::Palette => return self.open_palette(),
            Command::Menu => {
                self.memory.docked |= self.size.0 >= DOCKS_FROM;
                let here = self.screen().and_then(|screen| screen.path().last().copied()).unwrap_or("");
                self.overlays.push(Overlay::Menu(Menu::at(here, &self.memory.closed)));
            }
            Command::Process => return self.go(Route::Process),
            Command::Matrix => return self.go(Route::Matrix),
            Command::Notifications => return self.go(Route::Notifications),
            Command::Views => return self.go(Route::Views(None)),
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
                    "A run is active in this console; suspended, it would hold head office. Cancel it or wait."
                        .to_owned(),
                );
            }
            Command::Suspend => return vec![RuntimeEffect::Suspend],
            Command::Quit if self.runs() => self.overlays.push(Overlay::Quit(QuitBox::new(self.successor()))),
            Command::Quit => return vec![RuntimeEffect::Quit],
            Command::Explain => return self.explain(),
            Command::Filter => self.said = Some("This screen has no list to filter.".to_owned()),
            Command::Undo => {
                if let Some(why) = &self.settings.read_only {
                    self.said = Some(format!("Nothing can be undone: {why}."));
                    return Vec::new();
                }
                let id = self.visits.last().map(|visit| visit.id);
                return self.ask(id, Query::Undoable);
            }
            Command::Handover => {
                let id = self.visits.last().map(|visit| visit.id);
                return self.ask(id, Query::Journal(JournalQuery::Handover));
            }
            Command::Interrupt if self.acting => {
                self.said = Some("It ends between two parts; what was asked by then holds.".to_owned());
                return vec![RuntimeEffect::CancelAct];
            }
            Command::Interrupt => {
                self.interrupted_at = Some(self.now);
                if self.runs() {
                    self.overlays.push(Overlay::Quit(QuitBox::new(self.successor())));
                } else {
                    let key = |command| self.settings.keymap.key(command);
                    let (quit, copy) = (key(Command::Quit), key(Command::Copy));
                    self.said = Some(format!("{quit} quits, {copy} copies; ^C again within two seconds quits, too."));
                }
            }
            unused => self.said = self.unused(unused),
        }
        Vec::new()
    }

    /// Says that a command has no use on this screen, unless its key only moves about it.
    fn unused(&self, command: Command) -> Option<String> {
        let line = self.settings.keymap.lines().iter().find(|line| line.binding.command == command)?;
        let (key, what) = (self.settings.keymap.key(command), line.binding.brief.trim_end_matches('…'));
        (!is_movement(command)).then(|| format!("{key} ({what}) does nothing on this screen."))
    }

    /// Shows a text in the operator's pager; the box that it is from stays open.
    pub(super) fn page(&mut self, text: String) -> Vec<RuntimeEffect> {
        let Some(command) = self.settings.pager.clone() else {
            self.warned = Some("There is no pager: the configuration has pager = \"none\".".to_owned());
            return Vec::new();
        };
        vec![RuntimeEffect::Page(command, text)]
    }

    pub(super) fn outcome(&mut self, outcome: OverlayOutcome) -> Vec<RuntimeEffect> {
        if matches!(outcome, OverlayOutcome::Stay) {
            let mut effects = self.palette_lookup(false);
            effects.extend(self.filter_lookup());
            effects.extend(self.follow_filter(false));
            return effects;
        }
        let outcome = match outcome {
            OverlayOutcome::Page(text) => return self.page(text),
            outcome => outcome,
        };
        let overlay = self.overlays.pop();
        match (outcome, overlay) {
            (OverlayOutcome::Perform(effects), _) => self.perform(effects),
            (OverlayOutcome::Obey(command), _) => self.perform_command(command),
            (OverlayOutcome::Typed, Some(Overlay::Prompt(line))) => self.entered(line),
            (OverlayOutcome::Close, Some(Overlay::Prompt(_))) => self.restore_filter(),
            (OverlayOutcome::QuitAfterRun, _) if self.runs() => {
                self.quit_after_run = true;
                self.said = Some("The console ends when the run has ended.".to_owned());
                Vec::new()
            }
            (OverlayOutcome::QuitAfterRun | OverlayOutcome::QuitNow, _) => vec![RuntimeEffect::Quit],
            (OverlayOutcome::HandOver(server), _) => vec![RuntimeEffect::HandOver(server), RuntimeEffect::Quit],
            (OverlayOutcome::Close, Some(Overlay::Menu(_))) if self.size.0 >= DOCKS_FROM => {
                self.memory.docked = false;
                Vec::new()
            }
            (OverlayOutcome::Close | OverlayOutcome::Stay | OverlayOutcome::Typed | OverlayOutcome::Page(_), _) => {
                Vec::new()
            }
        }
    }
}
