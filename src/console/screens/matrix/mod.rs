//! Status by store and job: the last state of each job at each store, a cell each.

mod grid;
mod view;

use crate::console::protocol::effect::{Effect, Prompt, ScreenChange};
use crate::console::protocol::key_table::Command;
use crate::console::protocol::query::{Answer, Place, Query};
use crate::console::protocol::query::{MAX_EXAMINED_SESSIONS, MatrixPiece};
use crate::console::protocol::route::Route;
use crate::console::screens::row_filter::RowFilter;
use crate::console::screens::screen::Screen;
use crate::console::view::command_line::shell_quoted;
use crate::console::view::context::ViewContext;
use crate::console::view::painter::Painter;
use crate::console::widgets::list::Move;
use crate::domain::{Direction, Seek, SessionKey, Timestamp};
use crate::filter::{lists, quoted};
use grid::Grid;

/// How far the sessions of a direction were examined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct SearchExtent {
    direction: Direction,
    sessions: i64,
    /// The last change of the last one; `None` if all were examined.
    reached: Option<Timestamp>,
}

/// Status by store and job.
pub struct Matrix {
    grid: Grid,
    store: usize,
    job: usize,
    filter: RowFilter,
    /// Whether another screen opened it with a filter.
    is_visit: bool,
    /// Whether the first piece has arrived, and whether the reading goes on.
    is_loaded: bool,
    is_reading: bool,
    searched: Vec<SearchExtent>,
    fault: Option<String>,
    /// Stores of a block and of the screen, as last drawn.
    block: usize,
    page: usize,
}

impl Matrix {
    /// The screen with a filter, before its first answer.
    pub fn new(filter: String) -> Self {
        Self {
            grid: Grid::default(),
            store: 0,
            job: 0,
            is_visit: !filter.is_empty(),
            filter: RowFilter::restored(filter),
            is_loaded: false,
            is_reading: false,
            searched: Vec::new(),
            fault: None,
            block: 1,
            page: 1,
        }
    }

    fn ask(direction: Direction, seek: Seek<Place>, examined: i64) -> Effect {
        Effect::Ask(Query::Matrix(direction, seek, examined))
    }

    fn take(&mut self, piece: MatrixPiece, view: &ViewContext) -> Vec<Effect> {
        let (direction, reached, examined) = (piece.direction, piece.reached, piece.examined);
        self.fault = None;
        self.filter.parse(lists::MATRIX, view);
        self.grid.take(piece);
        self.is_loaded = true;
        self.searched.retain(|searched| searched.direction != direction);
        let back_to = reached.map(|(at, _)| Timestamp(at));
        self.searched.push(SearchExtent { direction, sessions: examined, reached: back_to });
        let next = match reached.filter(|_| examined < MAX_EXAMINED_SESSIONS) {
            Some(place) => Some(Self::ask(direction, Seek::After(place), examined)),
            None if direction == Direction::Download => Some(Self::ask(Direction::Upload, Seek::First, 0)),
            None => None,
        };
        self.is_reading = next.is_some();
        if !self.is_reading {
            self.grid.end();
        }
        self.arrange();
        next.into_iter().collect()
    }

    /// Shows what matches the filter; the cursor stays on its store and job.
    fn arrange(&mut self) {
        let store = self.grid.stores().get(self.store).cloned();
        let job = self.grid.job_at(self.job).map(|(_, job)| job.clone());
        self.grid.arrange(&self.filter);
        let stays = store.and_then(|store| self.grid.stores().binary_search(&store).ok());
        self.store = stays.unwrap_or(self.store);
        let is_same = |at: &usize| self.grid.job_at(*at).map(|(_, job)| job) == job.as_ref();
        self.job = (0..self.grid.jobs()).find(is_same).unwrap_or(self.job);
        self.stay_inside();
    }

    fn stay_inside(&mut self) {
        self.store = self.store.min(self.grid.stores().len().saturating_sub(1));
        self.job = self.job.min(self.grid.jobs().saturating_sub(1));
    }

    fn step(&mut self, stores: isize) {
        self.store = self.store.saturating_add_signed(stores);
        self.stay_inside();
    }

    /// Moves to the next job; behind the last one to the first one of the block beside.
    fn sideways(&mut self, right: bool) {
        let last = self.grid.jobs().saturating_sub(1);
        let beside = if right { self.store.checked_add(self.block) } else { self.store.checked_sub(self.block) };
        let beside = beside.filter(|store| *store < self.grid.stores().len());
        match (right, beside) {
            (true, _) if self.job < last => self.job += 1,
            (false, _) if self.job > 0 => self.job -= 1,
            (true, Some(store)) => (self.store, self.job) = (store, 0),
            (false, Some(store)) => (self.store, self.job) = (store, last),
            (_, None) => {}
        }
    }

    /// Moves to the next cell with a failure, store by store, around the end.
    fn find_failure(&mut self, forward: bool) -> Vec<Effect> {
        let (stores, jobs) = (self.grid.stores().len(), self.grid.jobs());
        let (count, here) = (stores * jobs, self.store * jobs + self.job);
        let at = |step: usize| if forward { (here + step) % count } else { (here + count - step) % count };
        let is_failed = |at: &usize| self.grid.cell(at / jobs, at % jobs).is_some_and(|cell| cell.status.is_failed());
        match (1..=count).map(at).find(is_failed) {
            Some(at) => {
                (self.store, self.job) = (at / jobs, at % jobs);
                Vec::new()
            }
            None => vec![Effect::Say("no cell with a failure".to_owned())],
        }
    }

    /// The store under the cursor.
    fn current(&self) -> Option<&str> {
        self.grid.stores().get(self.store).map(String::as_str)
    }

    /// The filter of the sessions of the cell under the cursor, and their direction.
    fn sessions(&self) -> Option<(Direction, String)> {
        let (_, (direction, job)) = self.grid.job_at(self.job)?;
        Some((*direction, format!("store:{} job:{}", quoted(self.current()?), quoted(job))))
    }
}

impl Screen for Matrix {
    fn path(&self) -> Vec<&'static str> {
        vec!["Retail", "Inquiries", "Commerce Data Exchange", "Status by store and job"]
    }

    fn route(&self) -> Route {
        if self.is_visit { Route::MatrixWith(self.filter.typed().to_owned()) } else { Route::Matrix }
    }

    fn load(&mut self, _: &ViewContext) -> Vec<Effect> {
        self.grid.begin();
        self.is_reading = true;
        vec![Self::ask(Direction::Download, Seek::First, 0)]
    }

    fn offers(&self, command: Command) -> bool {
        use Command as C;
        Move::of(command).is_some()
            || matches!(command, C::Left | C::Right | C::Open | C::Related | C::Explain | C::Filter)
            || matches!(command, C::NextError | C::PreviousError | C::Copy | C::CopyCommand)
    }

    fn command(&mut self, command: Command, _: &ViewContext) -> Option<Vec<Effect>> {
        if let Some(step) = Move::of(command) {
            self.step(step.rows(isize::try_from(self.page).unwrap_or(1)));
            return Some(Vec::new());
        }
        Some(match command {
            Command::Left | Command::Right => {
                self.sideways(command == Command::Right);
                Vec::new()
            }
            Command::NextError | Command::PreviousError => self.find_failure(command == Command::NextError),
            Command::Filter => vec![Prompt::rows(self.filter.typed(), lists::MATRIX, self.grid.length())],
            Command::Back if !self.filter.is_empty() && !self.is_visit => {
                self.filter = RowFilter::default();
                self.arrange();
                Vec::new()
            }
            Command::Open => {
                let go = |(direction, filter)| Effect::Go(Route::Sessions(direction, filter));
                self.sessions().map(go).into_iter().collect()
            }
            Command::Related => {
                self.current().map(|store| Effect::Go(Route::Store(store.to_owned()))).into_iter().collect()
            }
            Command::Copy => self.current().map(|store| Effect::Copy(store.to_owned())).into_iter().collect(),
            Command::CopyCommand => {
                let command = |(direction, filter): (Direction, String)| {
                    Effect::Copy(format!("cdx sessions {direction} --filter {}", shell_quoted(&filter)))
                };
                self.sessions().map(command).into_iter().collect()
            }
            _ => return None,
        })
    }

    fn change(&mut self, change: ScreenChange, _: &ViewContext) -> Vec<Effect> {
        match change {
            ScreenChange::FilterRows(filter) => {
                self.filter.set(filter);
                self.is_visit = false;
            }
            ScreenChange::FormerFilter => self.filter.restore(),
            ScreenChange::Preview(change) => match *change {
                ScreenChange::FilterRows(filter) => self.filter.preview(filter),
                _ => return Vec::new(),
            },
            _ => return Vec::new(),
        }
        self.arrange();
        Vec::new()
    }

    fn notice(&self, view: &ViewContext) -> String {
        match self.filter.typed() {
            "" => String::new(),
            typed if self.is_visit => format!("Filter: {typed}"),
            typed => format!("Filter: {typed}  {}", view.keys("({back} clears it)")),
        }
    }

    fn answer(&mut self, answer: Result<Answer, String>, view: &ViewContext) -> Vec<Effect> {
        match answer {
            Ok(Answer::Matrix(piece)) => return self.take(*piece, view),
            Ok(_) => {}
            Err(sentence) => (self.fault, self.is_reading) = (Some(sentence), false),
        }
        Vec::new()
    }

    fn store(&self) -> Option<String> {
        self.current().map(str::to_owned)
    }

    fn session(&self) -> Option<SessionKey> {
        let (cell, store) = (self.grid.cell(self.store, self.job)?, self.current()?);
        let (_, (direction, _)) = self.grid.job_at(self.job)?;
        let session_number = cell.session_number;
        Some(SessionKey { direction: *direction, session_number, channel_database: store.to_owned() })
    }

    fn draw(&mut self, painter: &mut Painter, view: &ViewContext) {
        self.draw_all(painter, view);
    }
}
