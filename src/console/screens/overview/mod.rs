//! Overview: a to-do list, worst first; the newest causes; the last runs; the last day as a
//! histogram.

mod day;
mod histogram;
mod todo;
mod view;

pub use day::DayHistogram;
pub use histogram::{start_of_trends, trend};

use crate::console::protocol::effect::Effect;
use crate::console::protocol::filter::Terms;
use crate::console::protocol::key_table::Command;
use crate::console::protocol::query::{Answer, Attention, CauseLine, MessageFilter, Query, TREND_COLUMNS};
use crate::console::protocol::route::Route;
use crate::console::screens::open_sessions::open_cause;
use crate::console::screens::screen::Screen;
use crate::console::view::context::ViewContext;
use crate::console::view::painter::Painter;
use crate::domain::{Run, Timestamp};

/// What has the focus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pane {
    Items,
    Causes,
    Runs,
    Histogram,
}

/// Runs that are compared with each other.
const MAX_RUNS: i64 = 500;
const PANES: [Pane; 4] = [Pane::Items, Pane::Causes, Pane::Runs, Pane::Histogram];

/// Overview.
pub struct Overview {
    attention: Option<Box<Attention>>,
    causes: Option<Vec<CauseLine>>,
    trends: Vec<(i64, [i64; TREND_COLUMNS])>,
    runs: Option<Vec<Run>>,
    day: DayHistogram,
    loaded_at: Timestamp,
    pane: Pane,
    cursor: usize,
    cause: usize,
    /// Whether there was room for the histogram.
    shows_histogram: bool,
    fault: Option<String>,
}

impl Overview {
    /// The screen before its first answer.
    pub fn new() -> Self {
        Self {
            attention: None,
            causes: None,
            trends: Vec::new(),
            runs: None,
            day: DayHistogram::new(0),
            loaded_at: Timestamp(0),
            pane: Pane::Items,
            cursor: 0,
            cause: 0,
            shows_histogram: true,
            fault: None,
        }
    }

    fn step(&mut self, by: isize, view: &ViewContext) {
        let moved = |at: usize, count: usize| at.saturating_add_signed(by).min(count.saturating_sub(1));
        match self.pane {
            Pane::Items => self.cursor = moved(self.cursor, self.items(view).len()),
            Pane::Causes => self.cause = moved(self.cause, self.causes.as_ref().map_or(0, Vec::len)),
            Pane::Runs => {}
            Pane::Histogram => self.day.step(by, view.now),
        }
    }

    fn open(&mut self, view: &ViewContext) -> Vec<Effect> {
        if self.pane == Pane::Causes {
            let cause = self.causes.iter().flatten().nth(self.cause);
            return cause.map_or_else(Vec::new, open_cause);
        }
        self.leads_to(view).map(Effect::Go).into_iter().collect()
    }

    fn leads_to(&self, view: &ViewContext) -> Option<Route> {
        match self.pane {
            Pane::Items => {
                let items = self.items(view);
                items.into_iter().nth(self.cursor).map(|item| item.target)
            }
            Pane::Causes => None,
            Pane::Runs => self.runs.iter().flatten().next().map(|run| Route::Run(run.run_id)),
            Pane::Histogram => {
                let (start, end) = self.day.span(view.now)?;
                let [start, end] = [start, end].map(|at| view.zone.typed(at, view.now));
                Some(Route::Messages(Terms::default().with_dates(&format!("{start}..{end}"))))
            }
        }
    }

    fn next_pane(&mut self, by: usize) {
        let at = PANES.iter().position(|pane| *pane == self.pane).unwrap_or(0);
        let count = if self.shows_histogram { PANES.len() } else { PANES.len() - 1 };
        self.pane = PANES[(at + by) % count];
    }
}

impl Screen for Overview {
    fn path(&self) -> Vec<&'static str> {
        vec!["Overview"]
    }

    fn route(&self) -> Route {
        Route::Overview
    }

    fn load(&mut self, view: &ViewContext) -> Vec<Effect> {
        self.loaded_at = view.now;
        let queries = [
            Query::Attention,
            Query::Runs(MAX_RUNS),
            Query::Causes(view.now.minus_days(1)),
            Query::Trends(histogram::start_of_trends(view.now)),
            Query::MessageHistogram(MessageFilter::default(), DayHistogram::finest(view.now)),
        ];
        queries.map(Effect::Ask).into()
    }

    fn offers(&self, command: Command) -> bool {
        use Command as C;
        matches!(command, C::Open | C::Up | C::Down | C::First | C::Last | C::NextPane | C::PreviousPane | C::NextError)
            || (matches!(command, C::Histogram | C::Left | C::Right | C::MarkRange) && self.shows_histogram)
    }

    fn command(&mut self, command: Command, view: &ViewContext) -> Option<Vec<Effect>> {
        self.cursor = self.cursor.min(self.items(view).len().saturating_sub(1));
        if self.shows_histogram && matches!(command, Command::Left | Command::Right | Command::MarkRange) {
            self.pane = Pane::Histogram;
        }
        match command {
            Command::Up => self.step(-1, view),
            Command::Down => self.step(1, view),
            Command::Left if self.pane == Pane::Histogram => self.step(-1, view),
            Command::Right if self.pane == Pane::Histogram => self.step(1, view),
            Command::MarkRange if self.pane == Pane::Histogram => self.day.toggle_range(view.now),
            Command::First => self.step(isize::MIN / 2, view),
            Command::Last => self.step(isize::MAX / 2, view),
            Command::NextPane => self.next_pane(1),
            Command::PreviousPane => self.next_pane(if self.shows_histogram { 3 } else { 2 }),
            Command::Histogram if self.shows_histogram => self.pane = Pane::Histogram,
            Command::Back if self.pane == Pane::Histogram && self.day.end_range() => {}
            Command::Back if self.pane != Pane::Items => self.pane = Pane::Items,
            Command::Open => return Some(self.open(view)),
            Command::NextError => return Some(vec![Effect::Go(Route::Errors)]),
            _ => return None,
        }
        Some(Vec::new())
    }

    fn answer(&mut self, answer: Result<Answer, String>, _: &ViewContext) -> Vec<Effect> {
        match answer {
            Ok(answer) => {
                self.fault = None;
                match answer {
                    Answer::Attention(attention) => self.attention = Some(attention),
                    Answer::Causes(causes) => {
                        let current = self.causes.iter().flatten().nth(self.cause).map(|cause| cause.digest);
                        let at = causes.iter().position(|cause| Some(cause.digest) == current);
                        self.cause = at.unwrap_or(self.cause).min(causes.len().saturating_sub(1));
                        self.causes = Some(causes);
                    }
                    Answer::Trends(trends) => self.trends = trends,
                    Answer::Runs(runs) => self.runs = Some(runs),
                    Answer::Histogram(columns, counts) => self.day.take(columns, counts),
                    _ => {}
                }
            }
            Err(sentence) => self.fault = Some(sentence),
        }
        Vec::new()
    }

    fn draw(&mut self, painter: &mut Painter, view: &ViewContext) {
        if !self.shows_histogram && self.pane == Pane::Histogram {
            self.pane = Pane::Items;
        }
        self.draw_all(painter, view);
    }

    fn notice(&self, view: &ViewContext) -> String {
        let Some(last) = view.last_here else {
            return view.keys("Welcome. {process} updates the status, {menu} opens the menu, {help} helps.");
        };
        let at = view.zone.day(last, view.now);
        let runs = self.runs.iter().flatten().take_while(|run| run.ended_at.is_none_or(|at| at > last));
        let run = runs.last().filter(|run| run.started_at < last);
        match run {
            Some(run) => format!("Since you left: {}", run.summary()),
            None => format!("Welcome back, {}: last here {at}.", view.operator),
        }
    }
}
