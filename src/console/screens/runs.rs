//! Runs of Process status messages, newest first.

use crate::console::protocol::batch_query::Watched;
use crate::console::protocol::effect::{Effect, ScreenChange};
use crate::console::protocol::key_table::Command;
use crate::console::protocol::query::{Answer, Place, Query};
use crate::console::protocol::route::Route;
use crate::console::protocol::saved_state::{ListState, SavedState};
use crate::console::protocol::time::age;
use crate::console::screens::related::{self, Link};
use crate::console::screens::run_charts::{self, Chart};
use crate::console::screens::screen::Screen;
use crate::console::screens::small_list::{Around, Rank, Row, SmallList, SortOrder, words};
use crate::console::view::context::ViewContext;
use crate::console::view::layout::within;
use crate::console::view::painter::Painter;
use crate::console::view::theme::{Role, outcome_glyph};
use crate::console::widgets::list::Keyed;
use crate::console::widgets::table::{Column, column, plain};
use crate::domain::{Run, counted, grouped, to_json};
use crate::filter::{FieldSet, FieldValue, Subject, lists};

impl Keyed for Run {
    type Key = Place;
    fn key(&self) -> Place {
        (self.started_at.0, self.run_id)
    }
}

static COLUMNS: [Column<Run>; 9] = [
    column("Started", 11).cell(|run, view| plain(view.zone.short(run.started_at, view.now))),
    column("Run", 6).right().cell(|run, _| plain(run.run_id.to_string())),
    column("Outcome", 13).cell(|run, _| {
        let (shape, role, word) = outcome_glyph(run.outcome);
        (format!("{shape} {word}"), role)
    }),
    column("Took", 8)
        .right()
        .drop(3)
        .cell(|run, _| plain(run.ended_at.map(|at| age(at.since(run.started_at))).unwrap_or_default())),
    column("By", 9).drop(5).cell(|run, _| plain(run.trigger.word())),
    column("Read", 10).right().cell(|run, _| plain(grouped(run.counts.read))),
    column("Rejected", 8).right().drop(2).cell(|run, _| plain(grouped(run.counts.rejected))),
    column("Purged", 10).right().drop(1).cell(|run, _| plain(grouped(run.purged.total()))),
    column("Remark", 8).drop(4).cell(|run, _| plain(run.remarks().next().unwrap_or(""))),
];

impl Row for Run {
    const NAME: &'static str = "runs";
    const DEFAULT_ORDER: (&'static str, &'static str) = ("Started, newest first", "Started");

    fn columns() -> &'static [Column<Self>] {
        &COLUMNS
    }

    fn orders() -> &'static [SortOrder<Self>] {
        &[
            ("Started", |run| Rank::Number(run.started_at.0)),
            ("Run", |run| Rank::Number(run.run_id)),
            ("Outcome", |run| words(outcome_glyph(run.outcome).2)),
            ("Took", |run| Rank::Number(run.ended_at.map_or(i64::MAX, |at| at.since(run.started_at)))),
            ("By", |run| words(run.trigger.word())),
            ("Read", |run| Rank::Number(run.counts.read)),
            ("Rejected", |run| Rank::Number(run.counts.rejected)),
            ("Purged", |run| Rank::Number(run.purged.total())),
            ("Remark", |run| words(run.remarks().next().unwrap_or(""))),
        ]
    }

    fn to_json(&self) -> serde_json::Value {
        to_json(self)
    }

    fn fields() -> &'static FieldSet {
        lists::RUNS
    }

    fn is_failure(&self) -> bool {
        self.error.is_some() || self.counts.rejected > 0
    }

    fn field_value(&self, field: &str) -> FieldValue<'_> {
        Subject::field_value(self, field)
    }
}

/// The screen.
pub struct Runs {
    list: SmallList<Run>,
    /// The run on which the cursor is to be.
    wanted: Option<i64>,
    /// Whether it was put there; from then on the operator moves it.
    is_placed: bool,
    chart: Chart,
}

impl Runs {
    /// The screen in its saved state; opened for a run, it lists all runs.
    pub fn new(wanted: Option<i64>, memory: &SavedState) -> Self {
        let list = if wanted.is_some() { SmallList::new(&SavedState::default()) } else { SmallList::new(memory) };
        Self { list, wanted, is_placed: false, chart: Chart::default() }
    }
}

/// The run in words, for the pane.
fn details(run: &Run, view: &ViewContext) -> Vec<(String, Role)> {
    let at = |at| view.zone.long(at);
    let ended = run.ended_at.map_or_else(|| "running".to_owned(), |ended| format!("ended {}", at(ended)));
    let mut lines = vec![
        (run.account(), Role::Text),
        (
            format!("Started by the {} {}, {ended}", run.trigger.word().replace('_', " "), at(run.started_at)),
            Role::Text,
        ),
    ];
    lines.extend(run.remarks().map(|text| (format!("! {text}"), Role::Warn)));
    lines
}

/// The screen of the run, and what it did.
fn related(run: &Run) -> Vec<Link> {
    let screen = (format!("Run {}: counts, errors, log", run.run_id), Route::Watch(Watched::Run(run.run_id)));
    let start = |job_id| Route::BatchHistory(format!("job:{job_id} run:{}", run.run_id));
    let job = run.job_id.map(|job_id| related::job(job_id, start(job_id)));
    std::iter::once(screen).chain(related::of_run(run)).chain(job.into_iter().flatten()).collect()
}

impl Screen for Runs {
    fn path(&self) -> Vec<&'static str> {
        vec!["Retail", "Inquiries", "Commerce Data Exchange", "Runs"]
    }

    fn target(&self) -> Route {
        self.wanted.map_or(Route::Runs, Route::Run)
    }

    fn load(&mut self, _: &ViewContext) -> Vec<Effect> {
        vec![Effect::Ask(Query::Runs)]
    }

    fn focus(&mut self, pane: u8) -> u8 {
        self.list.focus(pane)
    }

    fn list_state(&self, view: &ViewContext) -> Option<(String, ListState)> {
        self.wanted.is_none().then(|| self.list.list_state(view))
    }

    fn is_empty(&self) -> bool {
        self.list.current().is_none()
    }

    fn offers(&self, command: Command) -> bool {
        SmallList::<Run>::offers(command)
            || matches!(command, Command::Open | Command::Related | Command::Histogram)
            || matches!(command, Command::NextError | Command::PreviousError)
            || command == Command::CopyCommand
    }

    fn command(&mut self, command: Command, view: &ViewContext) -> Option<Vec<Effect>> {
        match command {
            Command::NextError | Command::PreviousError => {
                let failed = |run: &Run| run.error.is_some() || run.counts.rejected > 0;
                let none = "no run with an error or rejected messages";
                Some(self.list.find_around(command == Command::NextError, none, failed))
            }
            Command::Open => {
                let open = |run: &Run| Effect::Go(Route::Watch(Watched::Run(run.run_id)));
                Some(self.list.current().map(open).into_iter().collect())
            }
            Command::Related => Some(self.list.current().map(|run| related::offer(related(run))).unwrap_or_default()),
            Command::Histogram => Some(self.chart.turn()),
            Command::CopyCommand => Some(self.list.copy_command("cdx runs", true)),
            Command::Copy => Some(self.list.current().map(|run| Effect::Copy(run.account())).into_iter().collect()),
            _ => self.list.obey(command, view),
        }
    }

    fn change(&mut self, change: ScreenChange, view: &ViewContext) -> Vec<Effect> {
        self.list.change(change, view);
        Vec::new()
    }

    fn answer(&mut self, answer: Result<Answer, String>, view: &ViewContext) -> Vec<Effect> {
        match answer {
            Ok(Answer::Runs(runs)) => {
                self.list.take(Ok(runs), view);
                if let Some(wanted) = self.wanted.filter(|_| !std::mem::replace(&mut self.is_placed, true)) {
                    let is_current = self.list.current().is_some_and(|run| run.run_id == wanted);
                    if !is_current && !self.list.find(true, |run| run.run_id == wanted) {
                        return vec![Effect::Say(format!("run {wanted} is not among the newest, or was purged"))];
                    }
                }
            }
            Ok(_) => {}
            Err(sentence) => self.list.take(Err(sentence), view),
        }
        Vec::new()
    }

    fn draw(&mut self, painter: &mut Painter, view: &ViewContext) {
        let current = self.list.current().map(|run| run.run_id);
        let runs = self.list.rows().len();
        let around = Around {
            title: "Runs of Process status messages",
            remark: counted(runs, "run"),
            empty: (view.keys("It never ran. {process} runs it."), Role::Dim),
            detail: |height| if height < 18 { 5 } else { 7 },
        };
        let describe = |run: &Run, _| (format!("Run {}", run.run_id), details(run, view));
        let panes = self.list.panes((painter.width(), painter.height()), &around, view);
        let series = || run_charts::of_runs(self.list.shown(), current);
        if panes.have_room_for_a_chart() {
            let rows = self.chart.draw(&mut within(painter, panes.detail), series);
            return self.list.draw_in(painter, panes.below(rows), view, &around, |_| ' ', describe);
        }
        let above = self.chart.draw(painter, series);
        let painter = &mut painter.part(0, above, painter.width(), painter.height() - above);
        self.list.draw(painter, view, &around, |_| ' ', describe);
    }

    fn notice(&self, view: &ViewContext) -> String {
        self.list.notice(String::new(), view)
    }
}
