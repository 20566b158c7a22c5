//! Overview: a to-do list, worst first; the newest causes; the last runs.

use super::super::keys::Command;
use super::super::painter::Painter;
use super::super::query::{Answer, CauseLine, Query};
use super::super::screen::{Screen, Target, View, Wish};
use super::super::theme::{Role, outcome_shape};
use super::super::time::age;
use crate::console::freshness::stale;
use crate::domain::{Direction, Run, grouped};

/// The screen.
pub struct Overview {
    causes: Option<Vec<CauseLine>>,
    runs: Option<Vec<Run>>,
    failed: [Option<i64>; 2],
    asked_counts: usize,
    cursor: usize,
    fault: Option<String>,
}

/// One line of the to-do list.
struct Item {
    shape: char,
    role: Role,
    what: &'static str,
    detail: String,
    target: Target,
}

impl Overview {
    /// The screen, empty as yet.
    pub fn new() -> Self {
        Self { causes: None, runs: None, failed: [None; 2], asked_counts: 0, cursor: 0, fault: None }
    }

    fn items(&self, view: &View) -> Vec<Item> {
        let mut items = Vec::new();
        let Some(freshness) = view.freshness else { return items };
        if let Some(why) = stale(freshness, view) {
            items.push(Item {
                shape: '!',
                role: Role::Warn,
                what: "Status is stale",
                detail: format!("{why}; p brings it up to date"),
                target: Target::Process,
            });
        }
        let open = [
            (Direction::Upload, "Uploads failed", "status:failed"),
            (Direction::Download, "Downloads failed", "status:failed"),
        ];
        for (direction, what, filter) in open {
            if let Some(count) = self.failed[usize::from(direction == Direction::Upload)].filter(|count| *count > 0) {
                items.push(Item {
                    shape: '×',
                    role: Role::Bad,
                    what,
                    detail: format!("{} sessions", grouped(count)),
                    target: Target::Sessions(direction, filter.to_owned()),
                });
            }
        }
        if freshness.rejected > 0 {
            items.push(Item {
                shape: '!',
                role: Role::Warn,
                what: "Rejected messages",
                detail: format!("{} that make no sense", grouped(freshness.rejected)),
                target: Target::Rejected,
            });
        }
        if let Some(run) = self.runs.as_ref().and_then(|runs| runs.first()).filter(|run| run.error.is_some()) {
            items.push(Item {
                shape: '×',
                role: Role::Bad,
                what: "Last run failed",
                detail: run.error.clone().unwrap_or_default(),
                target: Target::Runs,
            });
        }
        items
    }

    fn draw_items(&self, painter: &mut Painter, view: &View) -> u16 {
        let items = self.items(view);
        let remark = if items.is_empty() { String::new() } else { format!("{} · Enter opens", items.len()) };
        painter.rule(0, "Needs attention", &remark, true);
        let width = painter.width();
        if items.is_empty() {
            let text = if view.freshness.is_none() { "reading …" } else { "Nothing needs attention." };
            painter.text(1, 1, width, text, Role::Text);
        }
        for (y, (index, item)) in (1..).zip(items.iter().enumerate()) {
            painter.text(1, y, 1, &item.shape.to_string(), item.role);
            painter.text(3, y, 20, item.what, Role::Text);
            painter.text(24, y, width.saturating_sub(24), &item.detail, Role::Text);
            if index == self.cursor.min(items.len() - 1) {
                painter.text(0, y, 1, "►", Role::Text);
                painter.shade(0, y, width, Role::Cursor);
            }
        }
        u16::try_from(items.len().max(1)).unwrap_or(8) + 1
    }

    fn draw_causes(&self, painter: &mut Painter, view: &View) {
        painter.rule(0, "Recent errors by cause", "open first · e opens them", false);
        let width = painter.width();
        match &self.causes {
            None => _ = painter.text(1, 1, width, "reading …", Role::Dim),
            Some(causes) if causes.is_empty() => {
                painter.text(1, 1, width, "No errors in the last 24 hours.", Role::Text);
            }
            Some(causes) => {
                painter.text(1, 1, width, "       Last  Open  24 h  DBs  Cause, numbers and names masked", Role::Dim);
                for (y, cause) in (2..painter.height()).zip(causes) {
                    let line = format!(
                        "{:>11} {:>5} {:>5} {:>4}  {}",
                        age(view.now.since(cause.last_at)),
                        grouped(cause.open),
                        grouped(cause.errors),
                        grouped(cause.channel_databases),
                        cause.masked
                    );
                    painter.text(1, y, width.saturating_sub(1), &line, Role::Text);
                }
            }
        }
    }

    fn draw_runs(&self, painter: &mut Painter, view: &View) {
        painter.rule(0, "Process status messages", "p runs it now", false);
        let width = painter.width();
        let Some(runs) = &self.runs else { return };
        if runs.is_empty() {
            painter.text(1, 1, width, "It never ran. p runs it.", Role::Text);
        }
        for (y, run) in (1..painter.height()).zip(runs) {
            let (shape, role, word) = outcome_shape(run.outcome);
            let at = view.zone.short(run.started_at, view.now);
            let used = painter.text(1, y, 26, &format!("{at:<11} {shape} {word}"), role);
            let text = format!("{}, {} purged", read(run), grouped(run.purged.total()));
            painter.text(used.max(26) + 1, y, width.saturating_sub(28), &text, Role::Text);
        }
    }
}

fn read(run: &Run) -> String {
    let counts = run.counts;
    format!(
        "{} read = {} inserted + {} repeated + {} rejected",
        grouped(counts.read),
        grouped(counts.inserted),
        grouped(counts.repeated),
        grouped(counts.rejected)
    )
}

impl Screen for Overview {
    fn path(&self) -> Vec<&'static str> {
        vec!["Overview"]
    }

    fn target(&self) -> Target {
        Target::Overview
    }

    fn load(&mut self, view: &View) -> Vec<Wish> {
        self.asked_counts = 0;
        let failed = |direction| {
            let terms = crate::console::filter::Terms::parse("status:failed", Some(direction), view.zone, view.now)
                .unwrap_or_default();
            Wish::Ask(Query::CountSessions(terms.sessions(direction, false, crate::domain::Order::default())))
        };
        vec![
            Wish::Ask(Query::Runs),
            failed(Direction::Download),
            failed(Direction::Upload),
            Wish::Ask(Query::Causes(view.now.minus_days(1))),
        ]
    }

    fn offers(&self, command: Command) -> bool {
        !matches!(
            command,
            Command::Filter
                | Command::GoTo
                | Command::ShowAll
                | Command::Actions
                | Command::NextPane
                | Command::Related
                | Command::Copy
                | Command::CopyCommand
        )
    }

    fn command(&mut self, command: Command, view: &View) -> Option<Vec<Wish>> {
        let items = self.items(view);
        self.cursor = self.cursor.min(items.len().saturating_sub(1));
        match command {
            Command::Up => self.cursor = self.cursor.saturating_sub(1),
            Command::Down => self.cursor = (self.cursor + 1).min(items.len().saturating_sub(1)),
            Command::First => self.cursor = 0,
            Command::Last => self.cursor = items.len().saturating_sub(1),
            Command::Open => {
                return Some(items.get(self.cursor).map(|item| Wish::Go(item.target.clone())).into_iter().collect());
            }
            Command::NextError => return Some(vec![Wish::Go(Target::Errors)]),
            _ => return None,
        }
        Some(Vec::new())
    }

    fn answer(&mut self, answer: Result<Answer, String>, _: &View) -> Vec<Wish> {
        match answer {
            Ok(Answer::Causes(causes)) => self.causes = Some(causes),
            Ok(Answer::Runs(runs)) => self.runs = Some(runs),
            Ok(Answer::Count(count)) => {
                // Answers come in the order of the questions.
                if let Some(failed) = self.failed.get_mut(self.asked_counts) {
                    *failed = Some(count);
                }
                self.asked_counts += 1;
            }
            Ok(_) => {}
            Err(sentence) => self.fault = Some(sentence),
        }
        Vec::new()
    }

    fn draw(&mut self, painter: &mut Painter, view: &View) {
        let (width, height) = (painter.width(), painter.height());
        let used = self.draw_items(painter, view);
        if let Some(fault) = &self.fault {
            painter.text(1, used, width, &format!("! {fault}"), Role::Bad);
        }
        let runs = if height >= 18 { 5 } else { 2 };
        let rest = height.saturating_sub(used + runs);
        self.draw_causes(&mut painter.part(0, used, width, rest), view);
        self.draw_runs(&mut painter.part(0, used + rest, width, runs), view);
    }
}
