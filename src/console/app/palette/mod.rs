//! Fills the palette: places, the actions of the row under the cursor, commands, and what head
//! office finds for the text.

mod words;

use crate::batch::JobSettings;
use crate::console::app::{App, RuntimeEffect, view};
use crate::console::overlay::navigation::{self, MENU};
use crate::console::overlay::palette::{Entry, PaletteAction};
use crate::console::overlay::{Overlay, Palette};
use crate::console::protocol::effect::{Action, Effect};
use crate::console::protocol::key_table::{Command, Scope};
use crate::console::protocol::palette::LookedUp;
use crate::console::protocol::query::Query;
use crate::console::protocol::route::{Route, form_title};
use crate::console::screens;
use crate::console::widgets::list::Move;
use crate::domain::{Direction, counted};
use crate::filter::quoted;
use words::{ACTION_SYNONYMS, COMMAND_NAMES, COMMAND_SYNONYMS, ELSEWHERE, PLACE_SYNONYMS, STATUS_ACTIONS};

/// Whether the palette leaves a command out: it only moves about the screen, has no use there, or
/// opens a place, which is offered itself.
fn is_left_out(command: Command) -> bool {
    use Command as C;
    is_movement(command)
        || matches!(command, C::Open | C::Palette | C::Numbered(_) | C::Matrix | C::Actions | C::Interrupt)
}

/// Whether a command only moves about the screen.
pub(super) fn is_movement(command: Command) -> bool {
    use Command as C;
    Move::of(command).is_some()
        || matches!(command, C::Left | C::Right | C::NextPane | C::PreviousPane | C::Grow | C::Shrink)
}

/// What a command is called.
fn command_name(command: Command, label: &str) -> String {
    if let Some((_, name)) = COMMAND_NAMES.iter().find(|(named, _)| *named == command) {
        return (*name).to_owned();
    }
    let mut chars = label.chars();
    chars.next().map(|first| format!("{}{}", first.to_uppercase(), chars.as_str())).unwrap_or_default()
}

/// Adds the possible actions, those of submenus one by one, below `parent` and after `keys`.
fn add_possible_actions(actions: Vec<Action>, object: &str, before: (&str, &str), into: &mut Vec<Entry>) {
    for Action { key, label, remark, refused, then } in actions {
        if refused.is_some() || then.is_empty() {
            continue;
        }
        let (parent, keys) = before;
        let keys = format!("{keys} {key}");
        let status = STATUS_ACTIONS.iter().find(|(status, _)| *status == label && !parent.is_empty());
        let synonyms = ACTION_SYNONYMS.iter().find(|(word, _)| label.starts_with(word));
        let synonyms = synonyms.map_or("", |(_, synonyms)| synonyms);
        let name = match status {
            Some((_, action)) => format!("{action}: status {label}"),
            None if parent.is_empty() => label,
            None => format!("{parent} › {label}"),
        };
        let mut then = then;
        if matches!(then[..], [Effect::Actions(..)]) {
            if let Some(Effect::Actions(_, actions)) = then.pop() {
                add_possible_actions(actions, object, (name.trim_end_matches('…'), &keys), into);
            }
            continue;
        }
        let detail = if remark.is_empty() { object.to_owned() } else { format!("{object} ({remark})") };
        into.push(Entry {
            name,
            detail,
            synonyms,
            key: keys,
            is_looked_up: false,
            then: PaletteAction::Performs(then),
        });
    }
}

impl App {
    pub(in crate::console::app) fn open_palette(&mut self) -> Vec<RuntimeEffect> {
        let mut entries = self.recent_entries();
        entries.extend(self.place_entries());
        entries.extend(self.row_entries());
        entries.extend(self.command_entries());
        entries.extend(ELSEWHERE.iter().map(|(name, synonyms, command)| {
            let entry = Entry::new(format!("{name}: {command}"), Effect::Copy((*command).to_owned()));
            entry.detail("copies the command").synonyms(synonyms)
        }));
        let version = Effect::Say(format!("cdx {}", env!("CARGO_PKG_VERSION")));
        entries.push(Entry::new("Version", version).synonyms("about, release notes"));
        entries.extend(self.theme_entries());
        let is_on = self.mouse.is_on;
        let name = if is_on { "Stop using the mouse" } else { "Use the mouse" };
        entries.push(Entry::new(name, Effect::Mouse(!is_on)).synonyms("click, wheel, scroll, pointer"));
        if self.settings.read_only.is_none() {
            let settings = Box::new(JobSettings::new(self.now));
            let create = Entry::new("New batch job…", Effect::Go(Route::SubmitLike(settings)));
            entries.push(
                create.detail("Process status messages, Batch tab").synonyms("submit, create, schedule, recurrence"),
            );
        }
        let mut palette = Palette::new(entries);
        let lookup = palette.lookup(true);
        self.overlays.push(Overlay::Palette(palette));
        let mut effects = self.ask_views();
        effects.extend(lookup.into_iter().flat_map(|text| self.look_up(text)));
        effects
    }

    /// The lines of the menu, those visited last first.
    fn place_entries(&self) -> Vec<Entry> {
        let entry = |(index, place): (usize, &navigation::MenuLine)| {
            let digit = place.digit.map(|digit| format!("  {digit}")).unwrap_or_default();
            let path = navigation::path(index);
            let known = PLACE_SYNONYMS.iter().find(|(short, _)| *short == place.short);
            let synonyms = known.map_or("", |(_, synonyms)| synonyms);
            let entry = Entry::new(place.name, Effect::Go((place.route)()?)).synonyms(synonyms);
            Some(entry.detail(path[..path.len() - 1].join(" › ")).key(format!("{}{digit}", place.short)))
        };
        let mut entries: Vec<_> = MENU.iter().enumerate().filter_map(entry).collect();
        let rank = |entry: &Entry| self.memory.places.iter().position(|name| *name == entry.name).unwrap_or(usize::MAX);
        entries.sort_by_key(rank);
        entries
    }

    /// The actions on the row under the cursor.
    fn row_entries(&mut self) -> Vec<Entry> {
        let mut entries = Vec::new();
        if !self.screen().is_some_and(|screen| screen.offers(Command::Actions)) {
            return entries;
        }
        let key = self.settings.keymap.key(Command::Actions).to_owned();
        let effects = self.with_screen(|screen, view| screen.command(Command::Actions, view)).flatten();
        for effect in effects.unwrap_or_default() {
            if let Effect::Actions(title, actions) = effect {
                add_possible_actions(actions, title.trim_start_matches("Actions on "), ("", &key), &mut entries);
            }
        }
        entries
    }

    /// The commands that do something on this screen.
    fn command_entries(&mut self) -> Vec<Entry> {
        let lines = self.settings.keymap.lines().iter();
        let lines: Vec<_> = lines.map(|line| (line.binding.label, line.binding.command, line.binding.scope)).collect();
        let mut entries = Vec::new();
        for (label, command, scope) in lines {
            let is_offered = scope == Scope::Everywhere || self.screen().is_some_and(|screen| screen.offers(command));
            if is_left_out(command) || !is_offered || !self.is_possible(command) {
                continue;
            }
            let known = COMMAND_SYNONYMS.iter().find(|(known, _)| *known == command);
            let synonyms = known.map_or("", |(_, synonyms)| synonyms);
            let (key, then) = (self.settings.keymap.key(command).to_owned(), PaletteAction::Does(command));
            entries.push(Entry {
                name: command_name(command, label),
                detail: String::new(),
                synonyms,
                key,
                is_looked_up: false,
                then,
            });
        }
        entries
    }

    /// Whether a command that is offered has something to act on now.
    fn is_possible(&mut self, command: Command) -> bool {
        match command {
            Command::Undo => self.settings.read_only.is_none(),
            Command::Next => !self.forward.is_empty(),
            Command::Previous | Command::Back => self.visits.len() > 1,
            Command::Suspend => !self.runs(),
            // These only return what they would do with the row.
            Command::Copy | Command::CopyCommand | Command::Related => {
                let effects = self.with_screen(|screen, view| screen.command(command, view)).flatten();
                effects.is_none_or(|effects| !effects.is_empty())
            }
            _ => true,
        }
    }

    /// Looks up what head office finds for the text.
    pub(in crate::console::app) fn look_up(&mut self, text: String) -> Vec<RuntimeEffect> {
        let id = self.visits.last().map(|visit| visit.id);
        self.ask(id, Query::LookUp(text))
    }

    /// Starts the open palette's lookup once the debounce has elapsed.
    pub(in crate::console::app) fn palette_lookup(&mut self, debounced: bool) -> Vec<RuntimeEffect> {
        let lookup = match self.overlays.last_mut() {
            Some(Overlay::Palette(palette)) => palette.lookup(debounced),
            _ => None,
        };
        lookup.map_or_else(Vec::new, |text| self.look_up(text))
    }

    /// Gives the palette what head office found for the text.
    pub(in crate::console::app) fn looked_up(&mut self, found: &LookedUp) -> Vec<RuntimeEffect> {
        let view = view!(self, self.freshness.as_ref().map(|(_, freshness)| freshness));
        let key = format!("{} {}", view.keymap.key(Command::Numbered('7')), view.keymap.key(Command::Actions));
        let jobs = found.jobs.as_ref().map(|jobs| {
            let mut entries = Vec::new();
            for job in jobs.iter().filter(|job| !job.interactive) {
                let place = Effect::Go(Route::BatchJob(job.job_id));
                entries.push(Entry::new(job.name(), place).detail("batch job"));
                let history = Effect::Go(Route::BatchHistory(format!("job:{}", job.job_id)));
                entries.push(
                    Entry::new(format!("History of {}", job.name()), history).synonyms("batch history, runs, log"),
                );
                add_possible_actions(screens::job_actions(job, None, &view), &job.name(), ("", &key), &mut entries);
            }
            entries
        });
        let outcome = match self.overlays.last_mut() {
            Some(Overlay::Palette(palette)) => match jobs {
                Some(jobs) => {
                    palette.take_jobs(jobs);
                    return Vec::new();
                }
                None => palette.take_found(found.text.clone(), found_entries(found)),
            },
            _ => return Vec::new(),
        };
        self.outcome(outcome)
    }
}

/// The entries of what head office found for the text.
fn found_entries(found: &LookedUp) -> Vec<Entry> {
    let mut entries = Vec::new();
    for (direction, count) in &found.sessions {
        let number = found.text.split_whitespace().next_back().unwrap_or("");
        let sessions = counted(*count, "session");
        let target = Route::Sessions(*direction, format!("session:{number}"));
        entries.push(Entry::new(format!("{} {number}", form_title(*direction)), Effect::Go(target)).detail(sessions));
    }
    entries.extend(found.run.map(|run_id| Entry::new(format!("Run {run_id}"), Effect::Go(Route::Run(run_id)))));
    for store in &found.stores {
        let card = Effect::Go(Route::Store(store.clone()));
        entries.push(Entry::new(store.clone(), card).detail("store card").synonyms("store, channel database"));
        for direction in Direction::ALL {
            let target = Route::Sessions(direction, format!("store:{}", quoted(store)));
            let name = format!("{store}: {}", form_title(direction).to_lowercase());
            entries.push(Entry::new(name, Effect::Go(target)).detail("channel database").synonyms("store"));
        }
    }
    let sessions = |name: String, direction, filter: String| {
        Entry::new(name, Effect::Go(Route::Sessions(direction, filter))).detail(form_title(direction))
    };
    entries.extend(found.data_jobs.iter().map(|(job, direction)| {
        sessions(format!("{job}: sessions of the job"), *direction, format!("job:{}", quoted(job)))
    }));
    entries.extend(found.data_groups.iter().flat_map(|group| {
        let of = |direction| {
            let name = format!("{group}: {} of the group", form_title(direction).to_lowercase());
            sessions(name, direction, format!("group:{}", quoted(group)))
        };
        Direction::ALL.map(of)
    }));
    entries.extend(
        found.batch_groups.iter().map(|group| {
            Entry::new(format!("{group}: batch group"), Effect::Go(Route::BatchGroups(Some(group.clone()))))
        }),
    );
    entries.extend(found.former_job.map(|job_id| {
        let history = Effect::Go(Route::BatchHistory(format!("job:{job_id}")));
        Entry::new(format!("History of job {job_id}"), history).detail("the job was deleted").synonyms("job")
    }));
    if found.causes > 0 {
        let errors = Effect::Go(Route::ErrorsWith(found.text.clone()));
        let entry = Entry::new(format!("Recent errors with {}", found.text), errors);
        entries.push(entry.detail(counted(found.causes, "cause")).looked_up());
    }
    entries
}
