//! The console as a value: inputs in, effects out. It performs nothing itself.

mod changes;
mod dispatch;
mod effects;
mod explanation;
mod filter_line;
pub mod frame;
mod held_keys;
mod hints;
mod mouse;
mod outcomes;
mod palette;
mod pending_queries;
mod runtime_effect;
mod screen_refresh;
mod settings;
mod theme;
mod views;
mod visits;
mod zones;

pub use runtime_effect::RuntimeEffect;
pub use settings::{Settings, ThemeSettings};

use crate::console::app::visits::Visit;
use crate::console::backend::query_worker::Reply;
use crate::console::overlay::{Overlay, PromptLine};
use crate::console::protocol::effect::RunFault;
use crate::console::protocol::export::ExportProgress;
use crate::console::protocol::key::Key;
use crate::console::protocol::mouse::Mouse;
use crate::console::protocol::mutation::{MutationError, MutationResult};
use crate::console::protocol::query::Freshness;
use crate::console::protocol::route::Route;
use crate::console::protocol::run_progress::LiveRun;
use crate::console::protocol::saved_state::SavedState;
use crate::console::protocol::time::Zone;
use crate::console::screens::screen::Screen;
use crate::console::view::context::ViewContext;
use crate::domain::{Run, Timestamp};
use crate::engine::RunEvent;
use ratatui::buffer::Buffer;
use std::collections::VecDeque;

/// An event for the console.
#[derive(Debug)]
pub enum Input {
    /// A key.
    Key(Key),
    /// A click or a turn of the wheel.
    Mouse(Mouse),
    /// Input from the terminal was ignored; the sentence says why.
    Notice(String),
    /// The answer to a query.
    Reply(Reply),
    /// The run in this console reports progress.
    Run(RunEvent),
    /// A change was made, or the reason why not.
    MutationDone(Result<MutationResult, MutationError>),
    /// Progress or the result of an export.
    ExportProgress(ExportProgress),
    /// The run in this console has ended.
    RunEnded(Result<Run, RunFault>),
    /// A second has passed; the freshness is queried again.
    Tick,
    /// No key was pressed for the debounce time.
    Debounced,
    /// The terminal was resized, or the console was continued after a suspension.
    Redraw,
}

/// Borrows the fields that make up a [`ViewContext`] one by one, so that the screens can be
/// borrowed mutably beside it.
macro_rules! view {
    ($app:ident, $freshness:expr) => {
        $crate::console::view::context::ViewContext {
            now: $app.now,
            zone: $app.zone,
            freshness: $freshness,
            replaced_at: $app.replaced_at,
            run: $app.run.as_ref(),
            keymap: &$app.settings.keymap,
            read_only: $app.settings.read_only.as_deref(),
            operator: &$app.settings.operator,
            home: $app.settings.home,
            last_here: $app.last_here,
            views_file: $app.settings.views_file.as_deref(),
        }
    };
}
use view;

/// The console.
#[allow(clippy::struct_excessive_bools)] // independent states
pub struct App {
    settings: Settings,
    visits: Vec<Visit>,
    forward: Vec<Route>,
    /// Filtered screens and rows that were visited, with their names, newest last.
    recent: Vec<(String, Route)>,
    overlays: Vec<Overlay>,
    /// The newest freshness, and the highest number of a query that was answered by then. A screen
    /// shows it once its own rows are at least as new.
    freshness: Option<(u64, Freshness)>,
    /// When another head office was found in place of the one shown before, within an hour.
    replaced_at: Option<Timestamp>,
    /// The highest number of a query that was answered.
    last_answered: u64,
    run: Option<LiveRun>,
    pending: VecDeque<pending_queries::Pending>,
    next_number: u64,
    next_id: u64,
    said: Option<String>,
    /// A warning that precedes all other notices until the next key.
    warned: Option<String>,
    fault: Option<String>,
    quit_after_run: bool,
    /// Whether a change is being made.
    acting: bool,
    /// The line whose change is being made; it is opened again if the change is refused.
    typed: Option<PromptLine>,
    /// What follows if the change succeeds while the screen of this visit is still open.
    after_mutation: Option<changes::AfterChange>,
    /// What the screen showed before a filter was typed.
    before_filter: Option<filter_line::BeforeFilter>,
    /// Whether the topmost question has been painted; keys read earlier do not answer it.
    question_seen: bool,
    /// Keys that wait for the first rows of the list.
    held: VecDeque<Key>,
    /// When ^C was last pressed outside a prompt.
    interrupted_at: Option<Timestamp>,
    /// Whether a file is being written.
    exporting: bool,
    memory: SavedState,
    mouse: mouse::MouseState,
    theme: theme::ThemeState,
    /// When this operator's last console ended.
    last_here: Option<Timestamp>,
    /// The screen's columns and rows, as last drawn.
    size: (u16, u16),
    zone: Zone,
    now: Timestamp,
}

impl App {
    /// A console that opens with this screen.
    pub fn new(settings: Settings, memory: SavedState, first: Route, now: Timestamp) -> (Self, Vec<RuntimeEffect>) {
        let (zone, theme) = (settings.zone, theme::ThemeState::new(&settings));
        let mut app = Self {
            settings,
            visits: Vec::new(),
            forward: Vec::new(),
            recent: Vec::new(),
            overlays: Vec::new(),
            freshness: None,
            replaced_at: None,
            last_answered: 0,
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
            before_filter: None,
            question_seen: true,
            held: VecDeque::new(),
            interrupted_at: None,
            exporting: false,
            last_here: memory.last_here.map(Timestamp),
            memory,
            mouse: mouse::MouseState::default(),
            theme,
            size: frame::MIN_SIZE,
            zone,
            now,
        };
        let mut effects = app.ask_theme();
        effects.extend(app.ask_freshness());
        effects.extend(app.go(first));
        effects.extend(app.start_mouse());
        (app, effects)
    }

    /// Handles one input.
    pub fn update(&mut self, input: Input, now: Timestamp) -> Vec<RuntimeEffect> {
        self.now = now;
        self.forget_hits(&input);
        match input {
            Input::Mouse(mouse) => self.mouse(mouse),
            Input::Key(key) => self.key(&key),
            Input::Notice(words) => {
                self.warned = Some(words);
                Vec::new()
            }
            Input::Reply(reply) => self.reply(reply),
            Input::Run(event) => {
                // A run creates a missing head office.
                let is_news = matches!(event, RunEvent::Started { .. }) && self.fault.is_some();
                if let Some(run) = &mut self.run {
                    run.apply(event, now);
                }
                if is_news { self.ask_freshness() } else { Vec::new() }
            }
            Input::RunEnded(result) => self.run_ended(result),
            Input::MutationDone(result) => self.changed(result),
            Input::ExportProgress(exported) => self.exported(exported),
            Input::Tick => {
                let mut effects = self.ask_freshness();
                effects.extend(self.read_again(|screen, view| screen.tick(view)));
                effects
            }
            Input::Debounced => self.debounced(),
            Input::Redraw => vec![RuntimeEffect::Repaint],
        }
    }

    /// Draws the frame.
    pub fn draw(&mut self, buffer: &mut Buffer, now: Timestamp) {
        self.now = now;
        self.size = (buffer.area.width, buffer.area.height);
        self.question_seen = true;
        let silence = self.silence();
        let freshness = self.visits.last_mut().and_then(|visit| visit.refresh.take_shown());
        let view = view!(self, freshness.as_ref());
        let name = self.visits.last().and_then(|visit| visit.view_name(&view)).map(str::to_owned);
        let shown = frame::FrameContent {
            settings: &self.settings,
            theme: self.theme.theme,
            memory: &self.memory,
            said: self.said.as_deref(),
            warned: self.warned.as_deref(),
            fault: silence.as_deref().or(self.fault.as_deref()),
            interrupted: self.was_interrupted(),
            name: name.as_deref(),
            hits: &self.mouse.hits,
        };
        if let Some(visit) = self.visits.last_mut() {
            self.mouse.hits.borrow_mut().clear();
            let explanation = visit.explanation.as_mut().map(explanation::OpenExplanation::drawn);
            let layers = frame::Layers { explanation, overlay: self.overlays.last_mut() };
            frame::draw(buffer, &shown, visit.screen.as_mut(), layers, &view);
            visit.refresh.show(freshness);
        }
    }

    /// The state to save when this console ends.
    pub fn memory(&mut self) -> &SavedState {
        self.keep_look();
        self.memory.last_here = Some(self.now.0);
        &self.memory
    }

    fn with_screen<T>(&mut self, act: impl FnOnce(&mut dyn Screen, &ViewContext) -> T) -> Option<T> {
        let freshness = self.visits.last_mut()?.refresh.take_shown();
        let view = view!(self, freshness.as_ref());
        let visit = self.visits.last_mut()?;
        let done = act(visit.screen.as_mut(), &view);
        visit.refresh.show(freshness);
        Some(done)
    }
}
