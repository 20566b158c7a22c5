//! The console as a value: inputs in, effects out. It performs nothing itself.

mod changes;
mod currency;
mod dispatch;
mod effects;
pub mod frame;
mod outcomes;
mod questions;
mod zones;

use crate::console::app::currency::Currency;
use crate::console::backend::query_worker::Reply;
use crate::console::overlay::{Overlay, PromptLine};
use crate::console::protocol::effect::{Effect, RunRequest};
use crate::console::protocol::export::{ExportProgress, ExportSource};
use crate::console::protocol::key::Key;
use crate::console::protocol::keymap::Keymap;
use crate::console::protocol::mutation::{Mutation, MutationResult};
use crate::console::protocol::query::{Freshness, Query};
use crate::console::protocol::route::Route;
use crate::console::protocol::run_progress::LiveRun;
use crate::console::protocol::saved_state::SavedState;
use crate::console::protocol::time::Zone;
use crate::console::screens::screen::Screen;
use crate::console::view::context::ViewContext;
use crate::console::view::theme::Theme;
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
    /// Something that the terminal sent is not used, in a sentence.
    Notice(String),
    /// An answer.
    Reply(Reply),
    /// The run that lives here tells something.
    Run(RunEvent),
    /// A change was made, or a sentence why not.
    Acted(Result<MutationResult, String>),
    /// A file is being written, or was.
    ExportProgress(ExportProgress),
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
pub enum RuntimeEffect {
    /// Ask this, under this number.
    Ask(u64, Query),
    /// Break off the question that is being answered.
    Interrupt,
    /// Begin a run.
    Start(RunRequest),
    /// Let the run end at its chunk.
    CancelRun,
    /// Let the change end between two of its parts.
    CancelAct,
    /// Make this change.
    Mutation(Mutation),
    /// Write these rows to a file, in the place of one that is there or not.
    Export(ExportSource, String, bool),
    /// Write no further.
    StopExport,
    /// Send this to the terminal's clipboard.
    Copy(String),
    /// Let the run end at its chunk, and ask this batch server for the rest.
    HandOver(String),
    /// Draw everything again, whatever is on the screen.
    Repaint,
    /// Ring the terminal's bell.
    Bell,
    /// Tell of what is overdue, for no batch server is there to do it.
    TellOverdue,
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
    /// The machine.
    pub host: String,
    /// The keys.
    pub keymap: Keymap,
    /// Whether nothing may be changed.
    pub read_only: bool,
    /// Whether an alert rings the terminal's bell.
    pub bell: bool,
    /// The zone of times at first.
    pub zone: Zone,
    /// The operator's zone, for forms.
    pub home: Tz,
}

struct Visit {
    id: u64,
    screen: Box<dyn Screen>,
    currency: Currency,
}

/// What screens may look at; of single fields, so that the screens themselves stay free to be changed.
macro_rules! view {
    ($app:ident, $freshness:expr) => {
        $crate::console::view::context::ViewContext {
            now: $app.now,
            zone: $app.zone,
            freshness: $freshness,
            run: $app.run.as_ref(),
            keymap: &$app.settings.keymap,
            read_only: $app.settings.read_only,
            operator: &$app.settings.operator,
            home: $app.settings.home,
            last_here: $app.last_here,
        }
    };
}
use view;

/// The console.
#[allow(clippy::struct_excessive_bools)] // each says of one thing that it goes on, independent of the others
pub struct App {
    settings: Settings,
    visits: Vec<Visit>,
    forward: Vec<Route>,
    overlays: Vec<Overlay>,
    /// The newest answer, and the number of its question. A screen shows it as soon as its own rows are at least as new.
    freshness: Option<(u64, Freshness)>,
    run: Option<LiveRun>,
    pending: VecDeque<questions::Pending>,
    next_number: u64,
    next_id: u64,
    said: Option<String>,
    /// What is said above all else until the next key.
    warned: Option<String>,
    fault: Option<String>,
    quit_after_run: bool,
    /// Whether a change is being made.
    acting: bool,
    /// The line whose change is being made; it is opened again if the change is refused.
    typed: Option<PromptLine>,
    /// What follows if the change succeeds while the screen of this visit is still open.
    after_mutation: Option<(u64, Vec<Effect>)>,
    /// Whether the question on top has been painted: keys read before that answer nothing.
    question_seen: bool,
    /// When ^C was pressed outside of a prompt.
    interrupted_at: Option<Timestamp>,
    /// Whether a file is being written.
    exporting: bool,
    memory: SavedState,
    /// When this operator's last console ended.
    last_here: Option<Timestamp>,
    /// The screen's columns and rows, as last drawn.
    size: (u16, u16),
    zone: Zone,
    now: Timestamp,
}

impl App {
    /// A console that opens this place.
    pub fn new(settings: Settings, memory: SavedState, first: Route, now: Timestamp) -> (Self, Vec<RuntimeEffect>) {
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
            warned: None,
            fault: None,
            quit_after_run: false,
            acting: false,
            typed: None,
            after_mutation: None,
            question_seen: true,
            interrupted_at: None,
            exporting: false,
            last_here: memory.last_here.map(Timestamp),
            memory,
            size: frame::LEAST,
            zone,
            now,
        };
        let mut effects = app.ask_freshness();
        effects.extend(app.go(first));
        (app, effects)
    }

    /// Takes one input at an instant.
    pub fn update(&mut self, input: Input, now: Timestamp) -> Vec<RuntimeEffect> {
        self.now = now;
        match input {
            Input::Key(key) => self.key(&key),
            Input::Notice(words) => {
                self.warned = Some(words);
                Vec::new()
            }
            Input::Reply(reply) => self.reply(reply),
            Input::Run(event) => {
                // A run makes a head office that was not there.
                let is_news = matches!(event, RunEvent::Begun { .. }) && self.fault.is_some();
                if let Some(run) = &mut self.run {
                    run.event(event, now);
                }
                if is_news { self.ask_freshness() } else { Vec::new() }
            }
            Input::RunEnded(result) => self.run_ended(result),
            Input::Acted(result) => self.changed(result),
            Input::ExportProgress(exported) => self.exported(exported),
            Input::Tick => {
                let mut effects = self.ask_freshness();
                effects.extend(self.read_again(|screen, view| screen.tick(view)));
                effects
            }
            Input::Rested => {
                let requested = self.with_screen(|screen, view| screen.rested(view)).unwrap_or_default();
                self.perform(requested)
            }
            Input::Redraw => vec![RuntimeEffect::Repaint],
        }
    }

    /// Whether a run lives in this console.
    pub fn runs(&self) -> bool {
        self.run.as_ref().is_some_and(LiveRun::lives)
    }

    /// Draws everything.
    pub fn draw(&mut self, buffer: &mut Buffer, now: Timestamp) {
        self.now = now;
        self.size = (buffer.area.width, buffer.area.height);
        self.question_seen = true;
        let silence = self.silence();
        let freshness = self.visits.last_mut().and_then(|visit| visit.currency.take_shown());
        let view = view!(self, freshness.as_ref());
        let shown = frame::Shown {
            settings: &self.settings,
            memory: &self.memory,
            said: self.said.as_deref(),
            warned: self.warned.as_deref(),
            fault: silence.as_deref().or(self.fault.as_deref()),
            interrupted: self.was_interrupted(),
        };
        if let Some(visit) = self.visits.last_mut() {
            frame::draw(buffer, &shown, visit.screen.as_mut(), self.overlays.last_mut(), &view);
            visit.currency.show(freshness);
        }
    }

    /// What is to be remembered when this console ends.
    pub fn memory(&mut self) -> &SavedState {
        self.keep_look();
        self.memory.last_here = Some(self.now.0);
        &self.memory
    }

    fn screen(&self) -> Option<&dyn Screen> {
        self.visits.last().map(|visit| visit.screen.as_ref())
    }

    fn with_screen<T>(&mut self, act: impl FnOnce(&mut dyn Screen, &ViewContext) -> T) -> Option<T> {
        let freshness = self.visits.last_mut()?.currency.take_shown();
        let view = view!(self, freshness.as_ref());
        let visit = self.visits.last_mut()?;
        let done = act(visit.screen.as_mut(), &view);
        visit.currency.show(freshness);
        Some(done)
    }
}
