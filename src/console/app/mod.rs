//! The console as a value: inputs in, effects out. It performs nothing itself.

mod dispatch;
mod outcomes;
mod questions;

use super::acts::{Act, Done};
use super::frame;
use super::input::Key;
use super::live::LiveRun;
use super::overlay::Overlay;
use super::query::{Freshness, Query, Reply};
use super::screen::{Choice, Screen, Target, View, Wish};
use super::screens;
use super::theme::Theme;
use super::time::Zone;
use super::widgets::input::TextInput;
use crate::domain::{Run, Timestamp};
use crate::engine::RunEvent;
use chrono_tz::Tz;
use ratatui::buffer::Buffer;
use std::collections::VecDeque;

/// What happens to the console.
#[derive(Debug)]
pub enum Input {
    /// A key.
    Key(Key),
    /// An answer.
    Reply(Reply),
    /// The run that lives here tells something.
    Run(RunEvent),
    /// A change was made, or a sentence why not.
    Acted(Result<Done, String>),
    /// The run that lived here has ended.
    RunEnded(Result<Run, String>),
    /// Time has passed: time to look how fresh the status is.
    Tick,
    /// No key was pressed for a moment.
    Rested,
    /// The terminal has another size, or was given back.
    Redraw,
}

/// What the loop is to do for the console.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Ask this, under this number.
    Ask(u64, Query),
    /// Break off the question that is being answered.
    Interrupt,
    /// Begin a run.
    Start(Choice),
    /// Let the run end at its chunk.
    CancelRun,
    /// Make this change.
    Act(Act),
    /// Send this to the terminal's clipboard.
    Copy(String),
    /// Let the run end at its chunk, and ask this batch server for the rest.
    HandOver(String),
    /// Draw everything again, whatever is on the screen.
    Repaint,
    /// Give the terminal back and stop until continued.
    Suspend,
    /// End.
    Quit,
}

/// What is fixed for one console.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The looks.
    pub theme: Theme,
    /// The login.
    pub operator: String,
    /// Whether nothing may be changed.
    pub read_only: bool,
    /// The zone of times at first.
    pub zone: Zone,
    /// The operator's zone, for forms.
    pub home: Tz,
}

struct Visit {
    id: u64,
    screen: Box<dyn Screen>,
}

/// The console.
pub struct App {
    settings: Settings,
    visits: Vec<Visit>,
    forward: Vec<Target>,
    overlays: Vec<Overlay>,
    freshness: Option<Freshness>,
    run: Option<LiveRun>,
    pending: VecDeque<questions::Pending>,
    next_number: u64,
    next_id: u64,
    said: Option<String>,
    fault: Option<String>,
    quit_after_run: bool,
    zone: Zone,
    now: Timestamp,
}

impl App {
    /// A console that opens this place.
    pub fn new(settings: Settings, first: Target, now: Timestamp) -> (Self, Vec<Effect>) {
        let zone = settings.zone;
        let mut app = Self {
            settings,
            visits: Vec::new(),
            forward: Vec::new(),
            overlays: Vec::new(),
            freshness: None,
            run: None,
            pending: VecDeque::new(),
            next_number: 1,
            next_id: 1,
            said: None,
            fault: None,
            quit_after_run: false,
            zone,
            now,
        };
        let mut effects = app.go(first);
        effects.extend(app.ask_freshness());
        (app, effects)
    }

    /// Takes one input at an instant.
    pub fn update(&mut self, input: Input, now: Timestamp) -> Vec<Effect> {
        self.now = now;
        match input {
            Input::Key(key) => self.key(&key),
            Input::Reply(reply) => self.reply(reply),
            Input::Run(event) => {
                if let Some(run) = &mut self.run {
                    run.event(event, now);
                }
                Vec::new()
            }
            Input::RunEnded(result) => self.run_ended(result),
            Input::Acted(result) => self.acted(result),
            Input::Tick => {
                let mut effects = self.ask_freshness();
                let wishes = self.with_screen(|screen, view| screen.tick(view)).unwrap_or_default();
                effects.extend(self.grant(wishes));
                effects
            }
            Input::Rested => {
                let wishes = self.with_screen(|screen, view| screen.rested(view)).unwrap_or_default();
                self.grant(wishes)
            }
            Input::Redraw => vec![Effect::Repaint],
        }
    }

    /// Whether the screen shows something that lives elsewhere and is to be looked at every second.
    pub fn watches(&self) -> bool {
        self.screen().is_some_and(Screen::is_watching)
    }

    /// Whether a run lives in this console.
    pub fn runs(&self) -> bool {
        self.run.as_ref().is_some_and(LiveRun::lives)
    }

    /// Draws everything.
    pub fn draw(&mut self, buffer: &mut Buffer, now: Timestamp) {
        self.now = now;
        let view = View {
            now,
            zone: self.zone,
            freshness: self.freshness.as_ref(),
            run: self.run.as_ref(),
            read_only: self.settings.read_only,
            operator: &self.settings.operator,
            home: self.settings.home,
        };
        let shown = frame::Shown { settings: &self.settings, said: self.said.as_deref(), fault: self.fault.as_deref() };
        if let Some(visit) = self.visits.last_mut() {
            frame::draw(buffer, &shown, visit.screen.as_mut(), self.overlays.last_mut(), &view);
        }
    }

    /// Makes a screen's wishes true, or effects of them.
    fn grant(&mut self, wishes: Vec<Wish>) -> Vec<Effect> {
        let mut effects = Vec::new();
        for wish in wishes {
            match wish {
                Wish::Ask(query) => {
                    let id = self.visits.last().map(|visit| visit.id);
                    effects.extend(self.ask(id, query));
                }
                Wish::Go(target) => effects.extend(self.go(target)),
                Wish::Say(text) => self.said = Some(text),
                Wish::Copy(text) => {
                    self.said = Some(format!("{} characters sent to the terminal's clipboard.", text.chars().count()));
                    effects.push(Effect::Copy(text));
                }
                Wish::Start(choice) => {
                    self.run = Some(LiveRun::new(self.now));
                    effects.push(Effect::Start(choice));
                }
                Wish::Back => effects.extend(self.back()),
                Wish::Prompt(mark, text) => {
                    self.overlays.push(Overlay::Prompt(mark, TextInput::with(&text), None));
                }
                Wish::Question(question) => self.overlays.push(Overlay::Question(question, TextInput::default())),
                Wish::Actions(title, actions) => self.overlays.push(Overlay::Actions(title, actions, 0)),
                Wish::Act(act) => effects.push(Effect::Act(act)),
                Wish::CancelRun => effects.extend(self.cancel_run()),
            }
        }
        effects
    }

    fn go(&mut self, target: Target) -> Vec<Effect> {
        if self.screen().is_some_and(|screen| screen.target() == target && target != Target::Process) {
            return self.load();
        }
        let view = view(self.now, self.zone, self.freshness.as_ref(), self.run.as_ref(), &self.settings);
        let screen = screens::open(target, &view);
        let mut effects = self.leave();
        self.next_id += 1;
        self.visits.push(Visit { id: self.next_id, screen });
        self.forward.clear();
        effects.extend(self.load());
        effects
    }

    fn back(&mut self) -> Vec<Effect> {
        if self.visits.len() <= 1 {
            self.said = Some("This is the first screen; q quits.".to_owned());
            return Vec::new();
        }
        let mut effects = self.leave();
        if let Some(visit) = self.visits.pop() {
            self.forward.push(visit.screen.target());
        }
        // What one comes back to looks as it was left, and reads again what may have changed.
        effects.extend(self.load());
        effects
    }

    fn leave(&mut self) -> Vec<Effect> {
        let wishes = self.with_screen(|screen, view| screen.leave(view)).unwrap_or_default();
        self.grant(wishes)
    }

    fn load(&mut self) -> Vec<Effect> {
        let wishes = self.with_screen(|screen, view| screen.load(view)).unwrap_or_default();
        self.grant(wishes)
    }

    fn screen(&self) -> Option<&dyn Screen> {
        self.visits.last().map(|visit| visit.screen.as_ref())
    }

    fn with_screen<T>(&mut self, act: impl FnOnce(&mut dyn Screen, &View) -> T) -> Option<T> {
        let view = view(self.now, self.zone, self.freshness.as_ref(), self.run.as_ref(), &self.settings);
        self.visits.last_mut().map(|visit| act(visit.screen.as_mut(), &view))
    }
}

fn view<'a>(
    now: Timestamp,
    zone: Zone,
    freshness: Option<&'a Freshness>,
    run: Option<&'a LiveRun>,
    settings: &'a Settings,
) -> View<'a> {
    let (read_only, operator) = (settings.read_only, settings.operator.as_str());
    View { now, zone, freshness, run, read_only, operator, home: settings.home }
}
