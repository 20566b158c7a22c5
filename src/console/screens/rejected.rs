//! Rejected messages: what makes no sense, why, and what to do with it.

use super::super::acts::Act;
use super::super::keys::Command;
use super::super::painter::{Painter, wrap};
use super::super::query::{Answer, Place, Query, REJECTED, Rejected};
use super::super::screen::{Action, Question, Screen, Target, View, Wish};
use super::super::theme::Role;
use super::super::widgets::list::{Keyed, List, Move};
use super::super::widgets::table::{self, Column};
use crate::domain::grouped;

impl Keyed for Rejected {
    type Key = Place;
    fn key(&self) -> Place {
        (self.rejected_at.0, self.rejected_id)
    }
}

const fn column(
    heading: &'static str,
    width: u16,
    right: bool,
    drop: u8,
    cell: fn(&Rejected, &View) -> (String, Role),
) -> Column<Rejected> {
    Column { heading, width, most: width, right, drop, cell }
}

fn plain(text: impl Into<String>) -> (String, Role) {
    (text.into(), Role::Text)
}

static COLUMNS: [Column<Rejected>; 4] = [
    column("Rejected ▼", 11, false, 0, |row, view| plain(view.zone.short(row.rejected_at, view.now))),
    column("Id", 6, true, 0, |row, _| plain(row.rejected_id.to_string())),
    column("Message", 10, true, 1, |row, _| plain(row.message_id.to_string())),
    column("Reason", 20, false, 0, |row, _| plain(&row.reason)),
];

/// The screen.
pub struct RejectedMessages {
    list: List<Rejected>,
    marked: Vec<i64>,
    asked: Option<char>,
    fault: Option<String>,
    top: usize,
}

impl RejectedMessages {
    /// The screen, empty as yet.
    pub fn new() -> Self {
        Self { list: List::default(), marked: Vec::new(), asked: None, fault: None, top: 0 }
    }

    /// The marked messages; without marks the one under the cursor.
    fn chosen(&self) -> Vec<i64> {
        if self.marked.is_empty() {
            return self.list.current().map(|row| row.rejected_id).into_iter().collect();
        }
        self.marked.clone()
    }

    fn mark(&mut self) -> Option<Vec<Wish>> {
        let id = self.list.current()?.rejected_id;
        match self.marked.iter().position(|marked| *marked == id) {
            Some(at) => drop(self.marked.remove(at)),
            None => self.marked.push(id),
        }
        self.list.step(Move::Rows(1));
        Some(Vec::new())
    }

    fn actions(&self, view: &View) -> Vec<Wish> {
        let count = self.chosen().len();
        if count == 0 {
            return vec![Wish::Say("there is nothing to act on".to_owned())];
        }
        let refused = view.read_only.then(|| "this console is read-only".to_owned());
        let action = |letter, label| Action { letter, label, remark: String::new(), refused: refused.clone() };
        let actions = vec![action('r', "Try again…"), action('d', "Dismiss…")];
        vec![Wish::Actions(format!("Actions on {count} rejected messages"), actions)]
    }
}

impl Screen for RejectedMessages {
    fn path(&self) -> Vec<&'static str> {
        vec!["Retail", "Inquiries", "Commerce Data Exchange", "Rejected messages"]
    }

    fn target(&self) -> Target {
        Target::Rejected
    }

    fn load(&mut self, _: &View) -> Vec<Wish> {
        vec![Wish::Ask(Query::Rejected)]
    }

    fn offers(&self, command: Command) -> bool {
        !matches!(
            command,
            Command::MarkRange
                | Command::MarkAll
                | Command::Dates
                | Command::Follow
                | Command::Histogram
                | Command::Export
                | Command::Sort
                | Command::Columns
                | Command::NextHit
                | Command::PreviousHit
                | Command::Explain
                | Command::Open
                | Command::Filter
                | Command::GoTo
                | Command::NextError
                | Command::ShowAll
                | Command::Related
                | Command::NextPane
        )
    }

    fn command(&mut self, command: Command, view: &View) -> Option<Vec<Wish>> {
        let step = match command {
            Command::Up => Move::Rows(-1),
            Command::Down => Move::Rows(1),
            Command::PageUp => Move::Pages(-1),
            Command::PageDown => Move::Pages(1),
            Command::HalfUp => Move::HalfPages(-1),
            Command::HalfDown => Move::HalfPages(1),
            Command::First => Move::Rows(isize::MIN / 2),
            Command::Last => Move::Rows(isize::MAX / 2),
            Command::Mark => return self.mark(),
            Command::Back if !self.marked.is_empty() => {
                self.marked.clear();
                return Some(Vec::new());
            }
            Command::Actions => return Some(self.actions(view)),
            Command::Copy => {
                return Some(self.list.current().map(|row| Wish::Copy(row.raw.clone())).into_iter().collect());
            }
            Command::CopyCommand => {
                let command = |row: &Rejected| Wish::Copy(format!("cdx rejected retry {}", row.rejected_id));
                return Some(self.list.current().map(command).into_iter().collect());
            }
            _ => return None,
        };
        self.list.step(step);
        Some(Vec::new())
    }

    fn acted(&mut self, letter: char, _: &View) -> Vec<Wish> {
        self.asked = Some(letter);
        let count = self.chosen().len();
        let (verb, what) = match letter {
            'r' => ("Try again", "What makes sense by now goes to its session; the rest stays here with its reason."),
            _ => ("Dismiss", "They never reach a session; the purge takes them when they are past their retention."),
        };
        vec![Wish::Question(Question {
            title: format!("{verb}: {} rejected messages", grouped(i64::try_from(count).unwrap_or(i64::MAX))),
            lines: vec![what.to_owned()],
            word: if count == 1 { "y".to_owned() } else { count.to_string() },
        })]
    }

    fn confirmed(&mut self, _: &View) -> Vec<Wish> {
        let ids = self.chosen();
        self.marked.clear();
        match self.asked.take() {
            Some('r') => vec![Wish::Act(Act::RetryRejected(ids))],
            Some(_) => vec![Wish::Act(Act::DismissRejected(ids))],
            None => Vec::new(),
        }
    }

    fn answer(&mut self, answer: Result<Answer, String>, _: &View) -> Vec<Wish> {
        match answer {
            Ok(Answer::Rejected(rows)) => {
                self.marked.retain(|id| rows.iter().any(|row| row.rejected_id == *id));
                self.list.take_whole(rows);
                self.fault = None;
            }
            Ok(_) => {}
            Err(sentence) => self.fault = Some(sentence),
        }
        Vec::new()
    }

    fn draw(&mut self, painter: &mut Painter, view: &View) {
        let (width, height) = (painter.width(), painter.height());
        let above = (height * 3 / 5).max(4);
        let length = self.list.known_length().and_then(|length| i64::try_from(length).ok());
        let remark = match (length, self.marked.len()) {
            (None, _) => "reading …".to_owned(),
            (Some(length), _) if length >= REJECTED => format!("the newest {}", grouped(length)),
            (Some(length), 0) => grouped(length),
            (Some(length), marked) => format!("{marked} marked of {}", grouped(length)),
        };
        painter.rule(0, "Rejected messages", &remark, true);
        let mut part = painter.part(0, 1, width, above.saturating_sub(1));
        let marked = &self.marked;
        table::draw_marked(&mut part, &mut self.list, &COLUMNS, true, view, |row| marked.contains(&row.rejected_id));
        if let Some(fault) = &self.fault {
            painter.text(2, 2, width, &format!("! {fault}"), Role::Bad);
        } else if length == Some(0) {
            painter.text(2, 2, width, "Nothing is rejected.", Role::Good);
        }
        let mut part = painter.part(0, above, width, height - above);
        let Some(row) = self.list.current() else { return part.rule(0, "", "", false) };
        part.rule(0, &format!("Message {} as it was posted", row.message_id), "", false);
        let text = format!("{}\n{}", row.reason, row.raw);
        let lines = wrap(&text, usize::from(width.saturating_sub(2)));
        self.top = self.top.min(lines.len());
        for (y, line) in (1..part.height()).zip(lines.iter().skip(self.top)) {
            part.text(1, y, width, line, Role::Text);
        }
    }

    fn notice(&self, _: &View) -> String {
        if self.marked.is_empty() {
            String::new()
        } else {
            "Actions apply to the marked rows; Esc clears the marks first.".to_owned()
        }
    }
}
