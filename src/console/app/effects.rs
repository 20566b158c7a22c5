//! Performs the effects that screens and dialogs return; navigates between screens.

use crate::console::app::screen_refresh::ScreenRefresh;
use crate::console::app::{App, RuntimeEffect, Visit, view};
use crate::console::overlay::{
    ActionMenu, ColumnsForm, ConfirmBox, GroupList, Help, Overlay, PickList, PromptLine, TextBox,
};
use crate::console::protocol::effect::{Confirm, Effect};
use crate::console::protocol::export::ExportProgress;
use crate::console::protocol::key_table::Command;
use crate::console::protocol::route::Route;
use crate::console::protocol::run_progress::LiveRun;
use crate::console::screens;
use crate::console::screens::screen::Screen;
use crate::domain::counted;

/// The screens to which `Esc` leads back; each keeps its rows.
const MAX_VISITS: usize = 20;

impl App {
    /// Performs the effects of a screen or dialog, or turns them into effects of the loop.
    pub(super) fn perform(&mut self, requested: Vec<Effect>) -> Vec<RuntimeEffect> {
        requested.into_iter().flat_map(|effect| self.perform_one(effect)).collect()
    }

    fn perform_one(&mut self, effect: Effect) -> Vec<RuntimeEffect> {
        match effect {
            Effect::Ask(query) => {
                let id = self.visits.last().map(|visit| visit.id);
                return self.ask(id, query);
            }
            Effect::Go(target) => return self.go(target),
            Effect::Back => return self.back(),
            Effect::Say(text) => self.said = Some(text),
            Effect::Copy(text) => {
                self.said = Some(match text.lines().count() {
                    1 if text.starts_with("cdx ") => format!("Sent to the terminal's clipboard: {text}"),
                    _ => format!("{} characters sent to the terminal's clipboard.", text.chars().count()),
                });
                return vec![RuntimeEffect::Copy(text)];
            }
            Effect::Show { title, lines } => self.overlays.push(Overlay::Text(TextBox::new(title, lines))),
            Effect::ShowExplanation { of, title, lines } => self.show_explanation(of, title, lines),
            Effect::ShowRecord { title, record } => self.overlays.push(Overlay::Text(TextBox::record(title, &record))),
            Effect::Actions(title, actions) => self.overlays.push(Overlay::Actions(ActionMenu::new(title, actions))),
            Effect::Groups(groups) => {
                let list = GroupList::new(groups, self.zone, self.now);
                let query = list.query();
                self.overlays.push(Overlay::Groups(Box::new(list)));
                let id = self.visits.last().map(|visit| visit.id);
                return query.map_or_else(Vec::new, |query| self.ask(id, query));
            }
            Effect::Mouse(is_on) => return self.use_mouse(is_on),
            Effect::Theme(choice) => return self.use_theme(choice),
            Effect::Legend => self.overlays.push(Overlay::Help(Help::legend())),
            Effect::Columns(items) => self.overlays.push(Overlay::Columns(ColumnsForm::new(items))),
            Effect::Pick(pick) => self.overlays.push(Overlay::Pick(PickList::new(pick))),
            Effect::Prompt(prompt) => {
                self.overlays.push(Overlay::Prompt(PromptLine::new(prompt, &self.memory.filters)));
            }
            Effect::Confirm(confirm) => self.question(Overlay::Confirm(ConfirmBox::new(confirm))),
            Effect::Mutation(change) => return self.mutate(change, Vec::new()),
            Effect::MutationThen(change, then) => return self.mutate(change, then),
            Effect::LoadCurrent => return self.load_current(),
            Effect::Screen(change) => {
                let requested = self.with_screen(|screen, view| screen.change(change, view)).unwrap_or_default();
                return self.perform(requested);
            }
            Effect::Export { .. } if self.exporting => {
                self.said = Some("The export stops.".to_owned());
                return vec![RuntimeEffect::StopExport];
            }
            Effect::Export { name, .. } if name.is_empty() => {}
            Effect::Export { source, name, overwrite } => {
                self.exporting = true;
                self.said = Some("Writing …".to_owned());
                return vec![RuntimeEffect::Export(source, name, overwrite)];
            }
            Effect::Start(request) => {
                self.run = Some(LiveRun::new(self.now));
                return vec![RuntimeEffect::Start(request)];
            }
            Effect::CancelRun => return self.cancel_run(),
        }
        Vec::new()
    }

    /// Takes the progress of an export, or its result.
    pub(super) fn exported(&mut self, exported: ExportProgress) -> Vec<RuntimeEffect> {
        self.exporting = matches!(exported, ExportProgress::SoFar(_));
        self.said = Some(match exported {
            ExportProgress::SoFar(rows) => {
                let stop = self.settings.keymap.key(Command::Export);
                format!("Writing: {} so far; {stop} stops it.", counted(rows, "row"))
            }
            ExportProgress::Ended(rows, path) => format!("{} written to {path}.", counted(rows, "row")),
            ExportProgress::Stopped => "Stopped; no file was written.".to_owned(),
            ExportProgress::Fault(fault) => format!("! {fault}"),
            ExportProgress::IsThere(source, name) => {
                let line = name.clone();
                let then = vec![Effect::Export { source: *source, name, overwrite: true }];
                return self.perform(vec![Confirm::yes("Overwrite the existing file?", line, then)]);
            }
        });
        Vec::new()
    }

    pub(super) fn go(&mut self, target: Route) -> Vec<RuntimeEffect> {
        let target = self.prepared(target);
        if target != Route::Process && self.current_route().as_ref() == Some(&target) {
            return self.load();
        }
        let mut effects = self.close_filter();
        self.keep_look();
        self.keep_recent();
        effects.extend(self.leave());
        let view = view!(self, self.freshness.as_ref().map(|(_, freshness)| freshness));
        let opened = if let Route::View(view) = &target { Some(view.clone()) } else { None };
        let screen = screens::open(target, &self.memory, &view);
        if let Some(name) = screen.path().last() {
            self.memory.keep_place(name);
        }
        self.next_id += 1;
        let newest = self.freshness.as_ref().map(|(_, freshness)| freshness.clone());
        if self.visits.len() >= MAX_VISITS {
            // The first screen stays.
            self.visits.remove(1);
        }
        let of_dialog = newest.as_ref().filter(|newest| screen.is_dialog() && !newest.head_office_id.is_empty());
        let opened_on = of_dialog.map(|newest| newest.head_office_id.clone());
        let refresh = ScreenRefresh::new(newest);
        self.visits.push(Visit { id: self.next_id, screen, refresh, opened_on, view: opened, explanation: None });
        self.forward.clear();
        effects.extend(self.load());
        effects
    }

    pub(super) fn back(&mut self) -> Vec<RuntimeEffect> {
        if self.visits.len() <= 1 {
            self.said = Some(format!("This is the first screen; {} quits.", self.settings.keymap.key(Command::Quit)));
            return Vec::new();
        }
        let mut effects = self.close_filter();
        self.keep_look();
        self.keep_recent();
        effects.extend(self.leave());
        self.forward.extend(self.current_route());
        self.visits.pop();
        // The screen keeps its state, but its data may have changed.
        effects.extend(self.load());
        effects
    }

    fn leave(&mut self) -> Vec<RuntimeEffect> {
        let requested = self.with_screen(|screen, view| screen.leave(view)).unwrap_or_default();
        self.perform(requested)
    }

    pub(super) fn load(&mut self) -> Vec<RuntimeEffect> {
        let mut effects = self.read_again(|screen, view| screen.load(view));
        effects.extend(self.explain_again());
        effects
    }

    /// Saves the list state of the current screen.
    pub(super) fn keep_look(&mut self) {
        // The list of a view is not the list's own state.
        if self.visits.last().is_some_and(|visit| visit.view.is_some()) {
            return;
        }
        let list_state = self.with_screen(|screen: &mut dyn Screen, view| screen.list_state(view)).flatten();
        if let Some((name, list_state)) = list_state {
            self.memory.lists.insert(name, list_state);
        }
    }
}
