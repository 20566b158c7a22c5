//! Runs of Process status messages, newest first.

use crate::console::protocol::batch_query::Watched;
use crate::console::protocol::effect::Effect;
use crate::console::protocol::key_table::Command;
use crate::console::protocol::query::{Answer, Place, Query};
use crate::console::protocol::route::Route;
use crate::console::protocol::time::took;
use crate::console::screens::related::{self, Link};
use crate::console::screens::run_charts::{self, Chart};
use crate::console::screens::small_list::{
    Details, ListCommand, ListFrame, Rank, Row, RowSource, SmallList, SortOrder, words,
};
use crate::console::view::context::ViewContext;
use crate::console::view::layout::within;
use crate::console::view::painter::Painter;
use crate::console::view::theme::{Role, outcome_glyph};
use crate::console::widgets::list::Keyed;
use crate::console::widgets::table::{Column, column, plain};
use crate::domain::{Run, counted, grouped, to_json};
use crate::filter::{FieldSet, FieldValue, Subject, lists};

/// The most runs that are listed: a month of runs every five minutes.
const MAX_RUNS: i64 = 10_000;

impl Keyed for Run {
    type Key = Place;
    fn key(&self) -> Place {
        (self.started_at.0, self.run_id)
    }
}

static COLUMNS: [Column<Run>; 9] = [
    column("Started", 11).cell(|run, view| plain(view.zone.short(run.started_at, view.now))),
    column("Run", 6).align_right().cell(|run, _| plain(run.run_id.to_string())),
    column("Outcome", 13).cell(|run, _| {
        let (shape, role, word) = outcome_glyph(run.outcome);
        (format!("{shape} {word}"), role)
    }),
    column("Took", 8)
        .align_right()
        .drop(3)
        .cell(|run, _| plain(run.ended_at.map(|at| took(at.since(run.started_at))).unwrap_or_default())),
    column("By", 9).drop(5).cell(|run, _| plain(run.trigger.word())),
    column("Read", 10).align_right().cell(|run, _| plain(grouped(run.counts.read))),
    column("Rejected", 8).align_right().drop(2).cell(|run, _| plain(grouped(run.counts.rejected))),
    column("Purged", 10).align_right().drop(1).cell(|run, _| plain(grouped(run.purged.total()))),
    column("Remark", 8).drop(4).cell(|run, _| plain(run.remarks().next().unwrap_or(""))),
];

impl Row for Run {
    const NAME: &'static str = "runs";
    const DEFAULT_ORDER: (&'static str, &'static str) = ("Started, newest first", "Started");
    const COLUMNS: &'static [Column<Self>] = &COLUMNS;
    const ORDERS: &'static [SortOrder<Self>] = &[
        ("Started", |run| Rank::Number(run.started_at.0)),
        ("Run", |run| Rank::Number(run.run_id)),
        ("Outcome", |run| words(outcome_glyph(run.outcome).2)),
        ("Took", |run| Rank::Number(run.ended_at.map_or(i64::MAX, |at| at.since(run.started_at)))),
        ("By", |run| words(run.trigger.word())),
        ("Read", |run| Rank::Number(run.counts.read)),
        ("Rejected", |run| Rank::Number(run.counts.rejected)),
        ("Purged", |run| Rank::Number(run.purged.total())),
        ("Remark", |run| words(run.remarks().next().unwrap_or(""))),
    ];
    const FIELDS: &'static FieldSet = lists::RUNS;

    fn to_json(&self) -> serde_json::Value {
        to_json(self)
    }

    fn is_failure(&self) -> bool {
        self.error.is_some() || self.counts.rejected > 0
    }

    fn field_value(&self, field: &str) -> FieldValue<'_> {
        Subject::field_value(self, field)
    }
}

/// The source of its rows.
pub struct Runs {
    /// The run on which the cursor is to be.
    wanted: Option<i64>,
    /// Whether it was put there; from then on the operator moves it.
    is_placed: bool,
    /// Whether another screen opened it with a filter.
    is_visit: bool,
    chart: Chart,
}

impl Runs {
    /// The source; opened for a run, it lists all runs.
    pub fn new(wanted: Option<i64>) -> Self {
        Self { wanted, is_placed: false, is_visit: false, chart: Chart::default() }
    }

    /// The source of a list that is opened with a filter.
    pub fn visit() -> Self {
        Self { is_visit: true, ..Self::new(None) }
    }
}

/// The run in words, for the pane.
fn details(run: &Run, view: &ViewContext) -> Vec<(String, Role)> {
    let at = |at| view.zone.long(at);
    let ended = run.ended_at.map_or_else(|| "running".to_owned(), |ended| format!("ended {}", at(ended)));
    let mut lines = vec![
        (run.summary(), Role::Text),
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

fn described(run: &Run, view: &ViewContext) -> Details {
    (format!("Run {}", run.run_id), details(run, view))
}

impl RowSource for Runs {
    type Row = Run;
    const PATH: &'static [&'static str] = &["Retail", "Inquiries", "Commerce Data Exchange", "Runs"];
    const COMMANDS: &'static [Command] =
        &[Command::Open, Command::Related, Command::Histogram, Command::NextError, Command::PreviousError];
    const NO_ERROR: &'static str = "no run with an error or rejected messages";

    fn route(&self, filter: &str) -> Route {
        match self.wanted {
            Some(run_id) => Route::Run(run_id),
            None if self.is_visit => Route::RunsWith(filter.to_owned()),
            None => Route::Runs,
        }
    }

    fn query(&self, _: &ViewContext) -> Query {
        Query::Runs(MAX_RUNS)
    }

    fn rows(&mut self, answer: Answer, _: &ViewContext) -> Option<Vec<Run>> {
        let Answer::Runs(runs) = answer else { return None };
        Some(runs)
    }

    fn loaded(&mut self, list: &mut SmallList<Run>) -> Vec<Effect> {
        let wanted = self.wanted.filter(|_| !std::mem::replace(&mut self.is_placed, true));
        let is_wanted = |run: &Run| Some(run.run_id) == wanted;
        if wanted.is_none() || list.current().is_some_and(is_wanted) || list.find(true, is_wanted) {
            return Vec::new();
        }
        let run = wanted.unwrap_or_default();
        vec![Effect::Say(format!("run {run} is not among the newest, or was purged"))]
    }

    fn list_command(&self) -> ListCommand {
        Ok(("cdx runs", true))
    }

    fn perform_command(&mut self, command: Command, list: &mut SmallList<Run>, _: &ViewContext) -> Option<Vec<Effect>> {
        let current = list.current();
        Some(match command {
            Command::Open => {
                let open = |run: &Run| Effect::Go(Route::Watch(Watched::Run(run.run_id)));
                current.map(open).into_iter().collect()
            }
            Command::Related => current.map(|run| related::offer(related(run))).unwrap_or_default(),
            _ => self.chart.toggle(),
        })
    }

    fn copied(&self, run: &Run) -> String {
        run.summary()
    }

    fn frame(&self, runs: &[Run], view: &ViewContext) -> ListFrame<'static> {
        ListFrame {
            title: "Runs of Process status messages",
            remark: match runs.len() {
                all if i64::try_from(all).is_ok_and(|all| all == MAX_RUNS) => format!("newest {}", counted(all, "run")),
                all => counted(all, "run"),
            },
            empty: (view.keys("It never ran. {process} runs it."), Role::Dim),
            detail: |height| if height < 18 { 5 } else { 7 },
        }
    }

    fn describe(&self, run: &Run, _: usize, view: &ViewContext) -> Details {
        described(run, view)
    }

    fn draw(&mut self, list: &mut SmallList<Run>, painter: &mut Painter, view: &ViewContext) {
        let current = list.current().map(|run| run.run_id);
        let frame = self.frame(list.rows(), view);
        let describe = |run: &Run, _| described(run, view);
        let panes = list.panes((painter.width(), painter.height()), &frame, view);
        let series = || run_charts::of_runs(list.shown(), current);
        if panes.have_room_for_a_chart() {
            let rows = self.chart.draw(&mut within(painter, panes.detail), series);
            return list.draw_in(painter, panes.below(rows), view, &frame, |_| ' ', describe);
        }
        let above = self.chart.draw(painter, series);
        let painter = &mut painter.part(0, above, painter.width(), painter.height() - above);
        list.draw(painter, view, &frame, |_| ' ', describe);
    }

    fn notice(&self, _: Option<&Run>, _: &ViewContext) -> String {
        String::new()
    }
}
