//! Batch job history: one row for each start, also for those that made no run, and the Log of the
//! row under the cursor.

mod chart;
mod columns;
mod commands;
mod filter;
mod log;
mod preview;
mod refresh;
mod sorting;
mod view;

use crate::console::protocol::batch_query::{
    BatchAnswer, BatchQuery, HistoryFilter, HistoryPlace, HistoryRow, LogLine, RunBaseline,
};
use crate::console::protocol::column_layout::ColumnLayout;
use crate::console::protocol::effect::{Effect, ScreenChange};
use crate::console::protocol::key_table::Command;
use crate::console::protocol::query::{Answer, Query};
use crate::console::protocol::route::Route;
use crate::console::protocol::saved_state::{ListState, SavedState};
use crate::console::screens::memory_sort::{MemorySort, SortsInMemory};
use crate::console::screens::no_match::Explanation;
use crate::console::screens::row_count::RowCount;
use crate::console::screens::run_charts::Chart;
use crate::console::screens::screen::Screen;
use crate::console::view::context::ViewContext;
use crate::console::view::painter::Painter;
use crate::console::widgets::list::{Keyed, List, Move};
use crate::domain::Seek;

/// The name of the list.
const LIST: &str = "batch job history";
/// Lines that a page of the log is.
const PAGE: isize = 8;

/// Batch job history, of all jobs or of one.
pub struct History {
    typed: String,
    pub(super) filter: HistoryFilter,
    pub(super) list: List<HistoryRow>,
    pub(super) sort: MemorySort<HistoryRow>,
    pub(super) columns: ColumnLayout,
    /// What was shown before a filter was typed.
    former: Option<preview::Former>,
    /// The filter that is typed, until its first rows arrive.
    awaited: Option<(String, HistoryFilter)>,
    pub(super) count: RowCount,
    /// What is said of the filter of an empty list.
    explanation: Explanation,
    pub(super) log: Option<(i64, Vec<LogLine>, Option<RunBaseline>)>,
    pub(super) in_log: bool,
    pub(super) zoomed: bool,
    pub(super) top: usize,
    pub(super) height: u16,
    pub(super) chart: Chart,
    /// The running search for a failed row: whether it runs downwards, and whether it has wrapped
    /// around.
    looking: Option<(bool, bool)>,
    /// Whether rows at a time are awaited that the operator asked for.
    goes_to: bool,
    /// Before which row it begins, when it is opened for one.
    opens_at: Option<HistoryPlace>,
    pub(super) fault: Option<String>,
}

impl History {
    /// The list with this filter typed in already.
    pub fn new(typed: &str, memory: &SavedState, view: &ViewContext) -> Self {
        Self {
            // If a filter is invalid, list everything.
            filter: filter::parse(typed, view.zone, view.now).unwrap_or_default(),
            typed: typed.to_owned(),
            list: List::default(),
            sort: MemorySort::default(),
            columns: memory.lists.get(LIST).map(|list_state| list_state.columns.clone()).unwrap_or_default(),
            former: None,
            awaited: None,
            count: RowCount::default(),
            explanation: Explanation::default(),
            log: None,
            in_log: false,
            zoomed: false,
            top: 0,
            height: 10,
            chart: Chart::default(),
            looking: None,
            goes_to: false,
            opens_at: None,
            fault: None,
        }
    }

    /// The history of one job, from this row on.
    pub fn at(job_id: i64, (scheduled_at, history_id): HistoryPlace, memory: &SavedState, view: &ViewContext) -> Self {
        let opens_at = Some((scheduled_at, history_id.saturating_add(1)));
        Self { opens_at, ..Self::new(&format!("job:{job_id}"), memory, view) }
    }

    fn piece(&self, seek: Seek<HistoryPlace>) -> Effect {
        Effect::Ask(Query::Batch(BatchQuery::History(self.filter.clone(), seek)))
    }

    fn start(&mut self, seek: Seek<HistoryPlace>) -> Vec<Effect> {
        let seek = self.list.restart(seek);
        vec![self.piece(seek)]
    }

    fn restart(&mut self) -> Vec<Effect> {
        (self.list, self.sort) = (List::default(), MemorySort::default());
        self.count = RowCount::default();
        self.explanation.outdate();
        let mut effects = self.start(Seek::First);
        effects.push(self.ask_count());
        effects
    }

    fn ask_log(&self) -> Vec<Effect> {
        let ask = |row: &HistoryRow| Effect::Ask(Query::Batch(BatchQuery::Log(row.history_id, row.job_id, row.key())));
        self.list.current().filter(|row| row.outcome.is_run()).map(ask).into_iter().collect()
    }

    fn step(&mut self, step: Move) -> Vec<Effect> {
        if self.in_log {
            self.top = self.top.saturating_add_signed(step.rows(PAGE));
            return Vec::new();
        }
        self.top = 0;
        let need = self.list.step(step);
        need.map(|seek| self.piece(seek)).into_iter().collect()
    }
}

impl Screen for History {
    fn path(&self) -> Vec<&'static str> {
        vec!["System administration", "Inquiries", "Batch jobs", "Batch job history"]
    }

    fn route(&self) -> Route {
        Route::BatchHistory(self.typed.clone())
    }

    fn focus(&mut self, pane: u8) -> u8 {
        u8::from(std::mem::replace(&mut self.in_log, pane > 0))
    }

    fn list_state(&self, view: &ViewContext) -> Option<(String, ListState)> {
        let (columns, left_at) = (self.columns.clone(), view.now.0);
        Some((LIST.to_owned(), ListState { columns, left_at, ..ListState::default() }))
    }

    fn list_view(&self, _: &ViewContext) -> Option<(String, ListState)> {
        let (filter, columns) = (self.typed.clone(), self.columns.clone());
        Some((LIST.to_owned(), ListState { filter, columns, ..ListState::default() }))
    }

    fn load(&mut self, _: &ViewContext) -> Vec<Effect> {
        self.explanation.outdate();
        if let Some((typed, filter)) = self.awaited.take() {
            return self.preview(typed, filter);
        }
        if let Some(effects) = self.sort_again() {
            return effects;
        }
        let place = self.opens_at.take().map_or(Seek::First, Seek::After);
        let mut effects = self.start(place);
        effects.push(self.ask_count());
        effects.extend(self.ask_log());
        effects
    }

    fn refresh(&mut self, view: &ViewContext) -> Vec<Effect> {
        self.explanation.outdate();
        if self.opens_at.is_some() { self.load(view) } else { self.read_visible() }
    }

    fn tick(&mut self, _: &ViewContext) -> Vec<Effect> {
        // A run that executes writes its log. Sorted rows are read again, all of them, only when
        // head office changes.
        if self.in_log || self.sort.is_active() { Vec::new() } else { self.read_visible() }
    }

    fn debounced(&mut self, _: &ViewContext) -> Vec<Effect> {
        if self.own_log().is_some() { Vec::new() } else { self.ask_log() }
    }

    fn is_empty(&self) -> bool {
        self.list.current().is_none()
    }

    fn offers(&self, command: Command) -> bool {
        Move::of(command).is_some()
            || matches!(
                command,
                Command::Open
                    | Command::PreviousPane
                    | Command::NextPane
                    | Command::Filter
                    | Command::Totals
                    | Command::Export
                    | Command::Sort
                    | Command::Columns
                    | Command::GoTo
                    | Command::NextError
                    | Command::PreviousError
                    | Command::Explain
                    | Command::Related
                    | Command::Record
                    | Command::Copy
                    | Command::CopyCommand
                    | Command::Grow
                    | Command::Shrink
                    | Command::Histogram
            )
    }

    fn command(&mut self, command: Command, view: &ViewContext) -> Option<Vec<Effect>> {
        self.take_command(command, view)
    }

    fn change(&mut self, change: ScreenChange, _: &ViewContext) -> Vec<Effect> {
        match change {
            ScreenChange::GoTo(at) => {
                (self.sort, self.goes_to) = (MemorySort::default(), true);
                self.start(Seek::After((at, i64::MAX)))
            }
            ScreenChange::FilterHistory(typed, filter) => self.take_filter(typed, filter),
            ScreenChange::Preview(change) => match *change {
                ScreenChange::FilterHistory(typed, filter) => self.preview(typed, filter),
                _ => Vec::new(),
            },
            ScreenChange::FormerFilter => self.restore_former(),
            ScreenChange::SortBy(heading) => self.sort_by(heading),
            ScreenChange::Sort(line) => self.sort(line),
            ScreenChange::Columns(chosen) => {
                // The list of one job and that of all jobs share the choice.
                self.columns = self.columns.replaced(chosen, &self.headings());
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    fn answer(&mut self, answer: Result<Answer, String>, view: &ViewContext) -> Vec<Effect> {
        match answer {
            Ok(Answer::Count(count)) => self.count.take(count),
            Ok(Answer::CountOn(count)) => return self.count.count_on(*count).into_iter().collect(),
            Ok(Answer::Next(found, reached)) => return self.take_wrong(found, reached),
            Ok(Answer::Counts(typed, counts)) => return self.take_counts(typed, counts, view),
            Ok(Answer::Newer(newer)) => self.list.take_newer(newer),
            Ok(Answer::ToSort(answer)) => return self.take_to_sort(*answer),
            Ok(Answer::Batch(answer)) => match *answer {
                BatchAnswer::History(seek, rows, reached) => {
                    self.fault = None;
                    let mut effects = self.show_awaited();
                    effects.extend(self.take_rows(seek, rows, reached, view));
                    effects.extend(self.list.need().map(|seek| self.piece(seek)));
                    effects.extend(self.ask_why_empty(view));
                    if self.own_log().is_none() {
                        effects.extend(self.ask_log());
                    }
                    return effects;
                }
                BatchAnswer::Log(history_id, log, usual) => self.log = Some((history_id, log, usual)),
                _ => {}
            },
            Ok(_) => {}
            Err(sentence) => {
                self.count.stop();
                (self.fault, self.awaited) = (Some(sentence), None);
                self.sort.fail();
                self.explanation.outdate();
            }
        }
        Vec::new()
    }

    fn draw(&mut self, painter: &mut Painter, view: &ViewContext) {
        self.draw_all(painter, view);
    }

    fn notice(&self, view: &ViewContext) -> String {
        if let Some(notice) = self.sort.notice(view) {
            return notice;
        }
        if let Some(((at, _), resting)) = self.list.searching() {
            let rest = view.keys(if resting { "{down} on the last row continues" } else { "{back} stops" });
            let place = view.zone.short(at, view.now);
            return format!("Searched back to {place}, {} found so far; {rest}.", self.list.length());
        }
        if self.typed.is_empty() {
            "» a start without a run, and why. ◊ server crashed, or purge held.".to_owned()
        } else {
            format!("Filter: {}  {}", self.typed, view.keys("({filter} changes it)"))
        }
    }
}
