//! The charts above or beside lists of runs: what their bars are, and whether they are shown.

use crate::console::protocol::effect::Effect;
use crate::console::protocol::run_baseline::Band;
use crate::console::protocol::time::took;
use crate::console::view::painter::{Painter, cells};
use crate::console::view::theme::{self, Role};
use crate::console::widgets::list::Keyed;
use crate::console::widgets::run_chart::{
    self, ChartText, HEADING_EDGE_CELLS, MIN_ROWS, ROWS, RunBar, SHOWN_FROM_ROWS,
};
use crate::domain::{Outcome, Run, counted, grouped};
use std::cmp::Reverse;

/// Whether a chart is shown: as the operator chose, else where there is room.
#[derive(Debug, Clone, Copy, Default)]
pub struct Chart {
    chosen: Option<bool>,
    /// Rows of the screen as last drawn, and whether the chart was.
    height: u16,
    is_shown: bool,
    /// Whether the screen has made room for it.
    is_placed: bool,
}

/// The bars of a chart, newest first, and what it says.
pub struct RunSeries {
    /// What the runs have in common.
    pub title: String,
    /// One bar for each run.
    pub bars: Vec<RunBar>,
    /// The durations and volumes that the bands are taken from: of runs that ended well.
    pub usual: [Vec<i64>; 2],
    /// The run under the cursor.
    pub name: String,
}

impl Chart {
    /// A chart in rows that are kept for it.
    pub fn always() -> Self {
        Self { is_placed: true, ..Self::default() }
    }

    /// Shows or hides it.
    pub fn toggle(&mut self) -> Vec<Effect> {
        if self.height < MIN_ROWS {
            return vec![Effect::Say("The chart needs a terminal of 22 rows.".to_owned())];
        }
        self.chosen = Some(!self.is_shown);
        Vec::new()
    }

    /// Draws it at the top of a screen or pane, and returns its rows; none if it is not shown.
    pub fn draw(&mut self, painter: &mut Painter, bars: impl FnOnce() -> Option<RunSeries>) -> u16 {
        self.height = painter.height();
        let has_room = self.height >= MIN_ROWS && self.chosen.unwrap_or(self.height >= SHOWN_FROM_ROWS);
        let is_wanted = self.is_placed || has_room;
        let Some(bars) = is_wanted.then(bars).flatten() else {
            self.is_shown = false;
            return 0;
        };
        self.is_shown = true;
        let bands = bars.usual.map(Band::of);
        let name: [fn(i64) -> String; 2] = [took, grouped];
        let current = bars.bars.iter().find(|bar| bar.is_current);
        let figures = current.map_or([None; 2], |bar| [bar.took, bar.rows]);
        let part = |at: usize, words: fn(i64) -> String, with_band: bool| {
            let band = bands[at].filter(|_| with_band).map(|band| format!(" ({})", band.words(name[at])));
            figures[at].map(|figure| format!("{}{}", words(figure), band.unwrap_or_default()))
        };
        let remark = |with_band| {
            let parts = [part(0, took, with_band), part(1, |rows| counted(rows, "row"), with_band)];
            let parts: Vec<_> = parts.into_iter().flatten().collect();
            if parts.is_empty() { bars.name.clone() } else { format!("{}: {}", bars.name, parts.join(", ")) }
        };
        // Beside a list, the figures are worth more than whose runs these are.
        let is_narrow = cells(&bars.title) + cells(&remark(false)) + HEADING_EDGE_CELLS > usize::from(painter.width());
        let title = if is_narrow { "Durations and rows" } else { &bars.title };
        let text = ChartText { title, remarks: [remark(true), remark(false)], name };
        run_chart::draw(&mut painter.part(0, 0, painter.width(), ROWS), &bars.bars, bands, &text);
        ROWS
    }
}

/// The chart of runs; `None` without any.
pub fn of_runs<'r>(runs: impl Iterator<Item = &'r Run>, current: Option<i64>) -> Option<RunSeries> {
    let mut runs: Vec<&Run> = runs.collect();
    runs.sort_by_key(|run| Reverse(run.key()));
    let lasted = |run: &Run| run.ended_at.map(|at| at.since(run.started_at).max(0));
    let rows = |run: &Run| run.counts.read.saturating_add(run.purged.total());
    let bar = |run: &&Run| {
        let (glyph, role, _) = theme::outcome_glyph(run.outcome);
        let is_well = run.outcome == Some(Outcome::Ended);
        let rejected = (is_well && run.counts.rejected > 0).then_some(('!', Role::Warn));
        RunBar {
            took: lasted(run),
            rows: Some(rows(run)),
            mark: if is_well { rejected } else { Some((glyph, role)) },
            is_current: current == Some(run.run_id),
        }
    };
    let ended = || runs.iter().filter(|run| run.outcome == Some(Outcome::Ended));
    let usual = [ended().filter_map(|run| lasted(run)).collect(), ended().map(|run| rows(run)).collect()];
    let name = current.map_or_else(String::new, |run_id| format!("run {run_id}"));
    let bars: Vec<_> = runs.iter().map(bar).collect();
    (!bars.is_empty()).then(|| RunSeries { title: "Durations and rows of the runs".to_owned(), bars, usual, name })
}
