//! Runs of Process status messages, newest first.

use super::super::keys::Command;
use super::super::painter::{Painter, wrap};
use super::super::query::{Answer, Place, Query};
use super::super::screen::{Screen, Target, View, Wish};
use super::super::theme::{Role, outcome_shape};
use super::super::time::age;
use super::super::widgets::list::{Keyed, List, Move};
use super::super::widgets::table::{self, Column};
use crate::domain::{Run, grouped};

impl Keyed for Run {
    type Key = Place;
    fn key(&self) -> Place {
        (self.started_at.0, self.run_id)
    }
}

const fn column(
    heading: &'static str,
    width: u16,
    right: bool,
    drop: u8,
    cell: fn(&Run, &View) -> (String, Role),
) -> Column<Run> {
    Column { heading, width, most: width, right, drop, cell }
}

fn plain(text: impl Into<String>) -> (String, Role) {
    (text.into(), Role::Text)
}

static COLUMNS: [Column<Run>; 9] = [
    column("Started ▼", 11, false, 0, |run, view| plain(view.zone.short(run.started_at, view.now))),
    column("Run", 6, true, 0, |run, _| plain(run.run_id.to_string())),
    column("Outcome", 13, false, 0, |run, _| {
        let (shape, role, word) = outcome_shape(run.outcome);
        (format!("{shape} {word}"), role)
    }),
    column("Took", 8, true, 3, |run, _| {
        plain(run.ended_at.map(|at| age(at.since(run.started_at))).unwrap_or_default())
    }),
    column("By", 9, false, 5, |run, _| plain(run.trigger.word())),
    column("Read", 10, true, 0, |run, _| plain(grouped(run.counts.read))),
    column("Rejected", 8, true, 2, |run, _| plain(grouped(run.counts.rejected))),
    column("Purged", 10, true, 1, |run, _| plain(grouped(run.purged.total()))),
    column("Remark", 8, false, 4, |run, _| {
        let first = run.error.as_deref().or(run.notices.first().map(|notice| notice.0.as_str()));
        plain(first.unwrap_or(""))
    }),
];

/// The screen.
pub struct Runs {
    list: List<Run>,
    /// The run on which the cursor is to be.
    wanted: Option<i64>,
    fault: Option<String>,
}

impl Runs {
    /// The screen, empty as yet.
    pub fn new(wanted: Option<i64>) -> Self {
        Self { list: List::default(), wanted, fault: None }
    }
}

impl Screen for Runs {
    fn path(&self) -> Vec<&'static str> {
        vec!["Retail", "Inquiries", "Commerce Data Exchange", "Runs"]
    }

    fn target(&self) -> Target {
        self.wanted.map_or(Target::Runs, Target::Run)
    }

    fn load(&mut self, _: &View) -> Vec<Wish> {
        vec![Wish::Ask(Query::Runs)]
    }

    fn offers(&self, command: Command) -> bool {
        matches!(
            command,
            Command::NextError | Command::Help | Command::Palette | Command::Menu | Command::Quit | Command::Process
        )
    }

    fn command(&mut self, command: Command, _: &View) -> Option<Vec<Wish>> {
        let step = match command {
            Command::Up => Move::Rows(-1),
            Command::Down => Move::Rows(1),
            Command::PageUp => Move::Pages(-1),
            Command::PageDown => Move::Pages(1),
            Command::HalfUp => Move::HalfPages(-1),
            Command::HalfDown => Move::HalfPages(1),
            Command::First => Move::Rows(isize::MIN / 2),
            Command::Last => Move::Rows(isize::MAX / 2),
            Command::NextError | Command::PreviousError => {
                let failed = |run: &Run| run.error.is_some() || run.counts.rejected > 0;
                let found = self.list.find(command == Command::NextError, failed);
                let none = Wish::Say("no further run with an error or rejected messages".to_owned());
                return Some(if found { Vec::new() } else { vec![none] });
            }
            Command::Copy => {
                return Some(self.list.current().map(|run| Wish::Copy(run.account())).into_iter().collect());
            }
            _ => return None,
        };
        self.list.step(step);
        Some(Vec::new())
    }

    fn answer(&mut self, answer: Result<Answer, String>, _: &View) -> Vec<Wish> {
        match answer {
            Ok(Answer::Runs(runs)) => {
                self.list.take_whole(runs);
                if let Some(wanted) = self.wanted {
                    let is_current = self.list.current().is_some_and(|run| run.run_id == wanted);
                    if !is_current && !self.list.find(true, |run| run.run_id == wanted) {
                        return vec![Wish::Say(format!("run {wanted} is not among the newest, or was purged"))];
                    }
                }
                self.fault = None;
            }
            Ok(_) => {}
            Err(sentence) => self.fault = Some(sentence),
        }
        Vec::new()
    }

    fn draw(&mut self, painter: &mut Painter, view: &View) {
        let (width, height) = (painter.width(), painter.height());
        let above = height.saturating_sub(7).max(4);
        let remark = self.list.known_length().map_or_else(|| "reading …".to_owned(), |runs| format!("{runs} runs"));
        painter.rule(0, "Runs of Process status messages", &remark, true);
        let mut part = painter.part(0, 1, width, above.saturating_sub(1));
        table::draw(&mut part, &mut self.list, &COLUMNS, true, view);
        if let Some(fault) = &self.fault {
            painter.text(2, 2, width, &format!("! {fault}"), Role::Bad);
        }
        let Some(run) = self.list.current() else { return };
        let mut part = painter.part(0, above, width, height - above);
        part.rule(0, &format!("Run {}", run.run_id), "", false);
        let remarks = run.error.iter().chain(run.notices.iter().map(|notice| &notice.0));
        let lines = std::iter::once(run.account()).chain(remarks.map(|text| format!("! {text}")));
        let lines = lines.flat_map(|line| wrap(&line, usize::from(width.saturating_sub(2))));
        for (y, line) in (1..).zip(lines) {
            part.text(1, y, width, &line, Role::Text);
        }
    }
}
