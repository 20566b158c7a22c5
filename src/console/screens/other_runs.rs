//! The other runs below a run on a high screen: a chart of durations and rows, and the newest ones
//! in words.

use crate::console::protocol::query::{Answer, Query};
use crate::console::screens::run_charts::{self, Chart};
use crate::console::view::context::ViewContext;
use crate::console::view::painter::Painter;
use crate::console::view::theme::{Role, outcome_glyph};
use crate::console::widgets::run_chart;
use crate::domain::Run;

/// Rows of a screen that has room for them.
const MIN_SCREEN_ROWS: u16 = 45;
/// Runs that the chart compares.
const MAX_RUNS: i64 = 200;
/// Runs that are listed in words.
const MAX_LISTED: u16 = 8;

/// The runs that a run is compared with.
#[derive(Default)]
pub struct OtherRuns(Vec<Run>);

impl OtherRuns {
    /// The query for them.
    pub fn query() -> Query {
        Query::Runs(MAX_RUNS)
    }

    /// Takes the answer.
    pub fn take(&mut self, answer: Answer) {
        if let Answer::Runs(runs) = answer {
            self.0 = runs;
        }
    }

    /// Draws them at the bottom; returns the rows above them. `current`: the run of the screen.
    pub fn draw(&self, painter: &mut Painter, current: Option<i64>, view: &ViewContext) -> u16 {
        let (width, height) = (painter.width(), painter.height());
        let others: Vec<_> = self.0.iter().filter(|run| Some(run.run_id) != current).collect();
        let listed = u16::try_from(others.len()).unwrap_or(u16::MAX).min(MAX_LISTED);
        if height < MIN_SCREEN_ROWS || listed == 0 {
            return height;
        }
        let above = height - run_chart::ROWS - 1 - listed;
        let mut part = painter.part(0, above, width, run_chart::ROWS);
        Chart::always().draw(&mut part, || run_charts::of_runs(self.0.iter(), current));
        let mut part = painter.part(0, above + run_chart::ROWS, width, listed + 1);
        part.rule(0, "Other runs", &view.keys("{related} leads to all"), false);
        for (y, run) in (1..=listed).zip(others) {
            let (shape, role, _) = outcome_glyph(run.outcome);
            part.text(2, y, 1, &shape.to_string(), role);
            let text = format!("{}  {}", view.zone.short(run.started_at, view.now), run.summary());
            part.text(4, y, width, &text, Role::Text);
        }
        above
    }
}
