//! Distribution schedule: which schedules send and fetch packages, and what their last sessions came to.

use super::super::keys::Command;
use super::super::painter::Painter;
use super::super::query::{Answer, Choose, Query, ScheduleLine};
use super::super::screen::{Screen, Target, View, Wish};
use super::super::theme::{Role, status_shape};
use super::super::widgets::list::{Keyed, List, Move};
use super::super::widgets::table::{self, Column};
use super::asking;
use super::sessions::quoted;
use crate::domain::{SessionAct, grouped};

impl Keyed for ScheduleLine {
    type Key = u64;
    fn key(&self) -> u64 {
        table::name_key(&self.name)
    }
}

const fn column(
    heading: &'static str,
    width: u16,
    right: bool,
    drop: u8,
    cell: fn(&ScheduleLine, &View) -> (String, Role),
) -> Column<ScheduleLine> {
    Column { heading, width, most: width, right, drop, cell }
}

fn plain(text: impl Into<String>) -> (String, Role) {
    (text.into(), Role::Text)
}

static COLUMNS: [Column<ScheduleLine>; 6] = [
    column("Last heard", 11, false, 0, |row, view| plain(view.zone.short(row.last_seen_at, view.now))),
    Column { most: 40, ..column("Schedule", 14, false, 0, |row, _| plain(&row.name)) },
    column("Open", 6, true, 0, |row, _| (grouped(row.open), if row.open > 0 { Role::Bad } else { Role::Text })),
    column("Session", 8, true, 2, |row, _| {
        plain(row.newest.first().map(|session| session.key.session_number.to_string()).unwrap_or_default())
    }),
    column("Job", 6, false, 3, |row, _| {
        plain(row.newest.first().map(|session| session.fold.job_name.clone()).unwrap_or_default())
    }),
    column("Its status", 17, false, 1, |row, _| {
        row.newest.first().map_or_else(
            || plain(""),
            |session| {
                let (shape, role) = status_shape(session.status());
                (format!("{shape} {}", session.status()), role)
            },
        )
    }),
];

/// The screen.
pub struct Schedules {
    list: List<ScheduleLine>,
    fault: Option<String>,
}

impl Schedules {
    /// The screen, empty as yet.
    pub fn new() -> Self {
        Self { list: List::default(), fault: None }
    }

    fn draw_detail(&self, painter: &mut Painter, view: &View) {
        let width = painter.width();
        let Some(line) = self.list.current() else { return painter.rule(0, "", "", false) };
        painter.rule(0, &format!("{} · Enter is its history", line.name), "", false);
        let at = |at| view.zone.short(at, view.now);
        let seen = format!("Heard of   first {}, last {}", at(line.first_seen_at), at(line.last_seen_at));
        painter.text(1, 1, width, &seen, Role::Text);
        let open = match line.open {
            0 => "none".to_owned(),
            open => format!("{} sessions are in a failed state; a r runs them again", grouped(open)),
        };
        painter.text(1, 2, width, &format!("Open       {open}"), Role::Text);
        for (y, session) in (4..painter.height()).zip(&line.newest) {
            let (shape, role) = status_shape(session.status());
            let head = format!("{:<11} {shape} {:<15}", at(session.fold.modified_at), session.status().to_string());
            let used = painter.text(1, y, width, &head, role);
            let place = match session.key.channel_database.as_str() {
                "" => "the package",
                store => store,
            };
            let rest = format!(
                "{} on {place}, job {}  {}",
                session.key.session_number,
                session.fold.job_name,
                session.fold.winner.message.as_deref().unwrap_or("")
            );
            painter.text(used + 2, y, width.saturating_sub(used + 3), &rest, Role::Text);
        }
    }
}

impl Screen for Schedules {
    fn path(&self) -> Vec<&'static str> {
        vec!["Retail", "Periodic", "Data distribution", "Distribution schedule"]
    }

    fn target(&self) -> Target {
        Target::Schedules
    }

    fn load(&mut self, _: &View) -> Vec<Wish> {
        vec![Wish::Ask(Query::Schedules)]
    }

    fn offers(&self, command: Command) -> bool {
        !matches!(
            command,
            Command::Filter
                | Command::GoTo
                | Command::ShowAll
                | Command::Sort
                | Command::Mark
                | Command::MarkRange
                | Command::MarkAll
                | Command::NextPane
                | Command::PreviousPane
                | Command::Grow
                | Command::Shrink
                | Command::Left
                | Command::Right
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
            Command::NextError | Command::PreviousError => {
                let found = self.list.find(command == Command::NextError, |line| line.open > 0);
                let none = Wish::Say("no further schedule with open sessions".to_owned());
                return Some(if found { Vec::new() } else { vec![none] });
            }
            Command::Open | Command::Related => {
                let go = |line: &ScheduleLine| Wish::Go(Target::History(line.direction(), line.name.clone()));
                return Some(self.list.current().map(go).into_iter().collect());
            }
            Command::Copy => {
                return Some(self.list.current().map(|line| Wish::Copy(line.name.clone())).into_iter().collect());
            }
            Command::CopyCommand => {
                return Some(self.list.current().map(|line| Wish::Copy(command_of(line))).into_iter().collect());
            }
            Command::Actions => {
                let line = self.list.current()?;
                let open = usize::try_from(line.open).unwrap_or(0);
                let mut actions = asking::actions(None, open, None, view);
                actions.retain(|action| matches!(action.letter, 'y' | 'r'));
                return Some(vec![Wish::Actions(format!("Actions on {}", line.name), actions)]);
            }
            _ => return None,
        };
        self.list.step(step);
        Some(Vec::new())
    }

    fn acted(&mut self, letter: char, _: &View) -> Vec<Wish> {
        let Some(line) = self.list.current() else { return Vec::new() };
        match letter {
            'y' => vec![Wish::Copy(command_of(line))],
            'r' => vec![Wish::Ask(Query::Chosen(SessionAct::Rerun, Choose::OpenOfSchedule(line.name.clone())))],
            _ => Vec::new(),
        }
    }

    fn answer(&mut self, answer: Result<Answer, String>, _: &View) -> Vec<Wish> {
        match answer {
            Ok(Answer::Schedules(lines)) => {
                self.list.take_whole(lines);
                self.fault = None;
            }
            Ok(_) => {}
            Err(sentence) => self.fault = Some(sentence),
        }
        Vec::new()
    }

    fn draw(&mut self, painter: &mut Painter, view: &View) {
        let (width, height) = (painter.width(), painter.height());
        let above = height.saturating_sub(10).max(height / 2).max(4);
        let remark = match self.list.known_length() {
            Some(0) => String::new(),
            Some(length) => format!("{length} in the messages"),
            None => "reading …".to_owned(),
        };
        painter.rule(0, "Distribution schedule", &remark, true);
        let mut part = painter.part(0, 1, width, above.saturating_sub(1));
        table::draw(&mut part, &mut self.list, &COLUMNS, true, view);
        if let Some(fault) = &self.fault {
            painter.text(2, 2, width, &format!("! {fault}"), Role::Bad);
        } else if self.list.known_length() == Some(0) {
            painter.text(2, 2, width, "No message has named a schedule yet.", Role::Dim);
        }
        self.draw_detail(&mut painter.part(0, above, width, height.saturating_sub(above)), view);
    }
}

/// The command that lists the sessions of a schedule.
fn command_of(line: &ScheduleLine) -> String {
    format!("cdx sessions {} --schedule {}", line.direction(), quoted(&line.name))
}
