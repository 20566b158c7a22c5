//! Keys typed before a list has its first rows: they wait for those, in their order.

use crate::console::app::{App, RuntimeEffect};
use crate::console::protocol::key::Key;
use crate::console::protocol::key_table::Command;
use crate::console::widgets::list::Move;

/// Keys that wait at most; further ones are dropped.
const MAX_HELD: usize = 64;

impl App {
    /// Whether the key waits for the rows of the list: a command about a row does, and every key
    /// after it. `Esc`, `^C` and quitting act at once and drop the keys that wait.
    pub(super) fn holds(&mut self, key: &Key) -> bool {
        let command = self.settings.keymap.command(key);
        if matches!(command, Some(Command::Back | Command::Quit | Command::Interrupt)) {
            self.held.clear();
            return false;
        }
        let marks = [Command::Mark, Command::MarkRange, Command::MarkAll];
        let copies = [Command::Copy, Command::CopyCommand, Command::PreviousError];
        let is_about_row = command.is_some_and(|command| {
            command.needs_row() || Move::of(command).is_some() || marks.contains(&command) || copies.contains(&command)
        });
        let waits = self.awaits_rows() && (is_about_row || !self.held.is_empty());
        if waits {
            self.said = Some(self.settings.keymap.named("Reading …: the keys typed follow then. {back} drops them."));
            if self.held.len() < MAX_HELD {
                self.held.push_back(key.clone());
            }
        }
        waits
    }

    /// Handles the keys that waited, once the list has rows or is known to have none.
    pub(super) fn release_held(&mut self) -> Vec<RuntimeEffect> {
        let mut effects = Vec::new();
        while !self.awaits_rows()
            && let Some(key) = self.held.pop_front()
        {
            effects.extend(self.key_now(&key));
        }
        effects
    }

    /// Whether the list has no row yet, and a query that may bring some is pending.
    fn awaits_rows(&self) -> bool {
        let Some(visit) = self.visits.last() else { return false };
        self.overlays.is_empty()
            && !self.is_in_explanation()
            && !visit.screen.is_dialog()
            && visit.screen.is_empty()
            && self.pending.iter().any(|pending| pending.is_of(visit.id))
    }
}
