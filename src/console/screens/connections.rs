//! Async Server connection status: when each agent and each channel database was heard of last, and which are quiet.

use super::super::keys::Command;
use super::super::overlay::About;
use super::super::painter::{Painter, wrap};
use super::super::query::{Answer, Connection, Query};
use super::super::screen::{Action, Screen, Target, View, Wish};
use super::super::theme::Role;
use super::super::time::age;
use super::super::widgets::list::{Keyed, List, Move};
use super::super::widgets::table::{self, Column};
use super::sessions::quoted;
use crate::domain::{Timestamp, grouped};

impl Keyed for Connection {
    type Key = u64;
    fn key(&self) -> u64 {
        table::name_key(&(self.name(), self.agent.as_ref().map(|agent| &agent.name)))
    }
}

const fn column(
    heading: &'static str,
    width: u16,
    right: bool,
    drop: u8,
    cell: fn(&Connection, &View) -> (String, Role),
) -> Column<Connection> {
    Column { heading, width, most: width, right, drop, cell }
}

fn plain(text: impl Into<String>) -> (String, Role) {
    (text.into(), Role::Text)
}

/// A gap between two reports, in words.
fn gap(row: &Connection) -> String {
    let usual = row.database.as_ref().and_then(|database| database.presence.usual_gap);
    usual.map(age).unwrap_or_default()
}

static COLUMNS: [Column<Connection>; 7] = [
    Column { most: 16, ..column("Database", 9, false, 0, |row, _| plain(row.name())) },
    column("Last message", 12, false, 0, |row, view| {
        plain(
            row.database
                .as_ref()
                .map_or_else(String::new, |database| view.zone.short(database.presence.last_seen_at, view.now)),
        )
    }),
    column("Silent for", 11, true, 0, |row, view| {
        let silence = row.silence(view.now);
        (silence.map(age).unwrap_or_default(), if row.quiet { Role::Warn } else { Role::Text })
    }),
    column("Usual gap", 10, true, 1, |row, _| plain(gap(row))),
    Column {
        most: 24,
        ..column("Agent", 18, false, 2, |row, _| plain(row.agent.as_ref().map_or("", |agent| &agent.name)))
    },
    column("Its sign of life", 16, false, 3, |row, view| {
        plain(row.agent.as_ref().map_or_else(String::new, |agent| view.zone.short(agent.last_seen_at, view.now)))
    }),
    column("Note", 6, false, 4, |row, _| {
        plain(row.database.as_ref().and_then(|database| database.note.clone()).unwrap_or_default())
    }),
];

/// The screen.
pub struct Connections {
    list: List<Connection>,
    as_of: Option<Timestamp>,
    fault: Option<String>,
    /// Why agents are not shown, if they cannot be read.
    agents_fault: Option<String>,
}

impl Connections {
    /// The screen, empty as yet.
    pub fn new() -> Self {
        Self { list: List::default(), as_of: None, fault: None, agents_fault: None }
    }

    fn lines(row: &Connection, view: &View) -> Vec<(String, Role)> {
        let at = |at| view.zone.long(at);
        let mut lines = Vec::new();
        if let Some(database) = &row.database {
            let presence = &database.presence;
            lines.push((
                format!("Messages   first {}, last {}", at(presence.first_seen_at), at(presence.last_seen_at)),
                Role::Text,
            ));
            let usual = presence.usual_gap.map_or_else(
                || "it has reported once".to_owned(),
                |usual| format!("about {} between two reports", age(usual)),
            );
            let verdict = match (row.quiet, row.silence(view.now)) {
                (true, Some(silence)) => format!("; quiet for {}, longer than is usual", age(silence)),
                _ => String::new(),
            };
            lines.push((format!("Usual      {usual}{verdict}"), if row.quiet { Role::Warn } else { Role::Text }));
            if let Some(zone) = &database.zone {
                lines.push((format!("Zone       {zone}"), Role::Text));
            }
        }
        match &row.agent {
            Some(agent) => {
                let version =
                    agent.version.as_deref().map_or_else(String::new, |version| format!(", version {version}"));
                lines.push((
                    format!("Agent      {}{version}, last sign of life {}", agent.name, at(agent.last_seen_at)),
                    Role::Text,
                ));
            }
            None => lines.push(("Agent      none has given a sign of life for it".to_owned(), Role::Text)),
        }
        if let Some(database) = &row.database {
            let note = database.note.as_deref().unwrap_or("none yet: a n writes one");
            lines.push((format!("Note       {note}"), Role::Text));
        }
        lines
    }

    fn draw_detail(&self, painter: &mut Painter, view: &View) {
        let Some(row) = self.list.current() else { return painter.rule(0, "", "", false) };
        let name = if row.name().is_empty() { "packages" } else { row.name() };
        painter.rule(0, name, "", false);
        let width = painter.width();
        let lines = Self::lines(row, view);
        let lines = lines.into_iter().flat_map(|(text, role)| {
            wrap(&text, usize::from(width.saturating_sub(2))).into_iter().map(move |line| (line, role))
        });
        for (y, (line, role)) in (1..painter.height()).zip(lines) {
            painter.text(1, y, width, &line, role);
        }
    }
}

impl Screen for Connections {
    fn path(&self) -> Vec<&'static str> {
        vec!["Retail", "Inquiries", "Commerce Data Exchange", "Async Server connection status"]
    }

    fn target(&self) -> Target {
        Target::Connections
    }

    fn load(&mut self, _: &View) -> Vec<Wish> {
        vec![Wish::Ask(Query::Connections)]
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
                let found = self.list.find(command == Command::NextError, |row| row.quiet);
                let none = Wish::Say("no further quiet channel database".to_owned());
                return Some(if found { Vec::new() } else { vec![none] });
            }
            Command::Open | Command::Related => {
                let go = |row: &Connection| Wish::Go(Target::Messages(format!("store:\"{}\"", row.name())));
                let row = self.list.current().filter(|row| !row.name().is_empty());
                return Some(row.map(go).into_iter().collect());
            }
            Command::Copy => {
                return Some(self.list.current().map(|row| Wish::Copy(row.name().to_owned())).into_iter().collect());
            }
            Command::CopyCommand => {
                let command = |row: &Connection| Wish::Copy(command_of(row));
                return Some(self.list.current().map(command).into_iter().collect());
            }
            Command::Actions => {
                let row = self.list.current()?;
                let refused = match &row.database {
                    _ if view.read_only => Some("this console is read-only".to_owned()),
                    None => Some("it is no channel database".to_owned()),
                    Some(_) => None,
                };
                let copy = "changes nothing".to_owned();
                let actions = vec![
                    Action { letter: 'y', label: "Copy the command line", remark: copy, refused: None },
                    Action { letter: 'n', label: "Note…", remark: String::new(), refused },
                ];
                return Some(vec![Wish::Actions(format!("Actions on {}", row.name()), actions)]);
            }
            _ => return None,
        };
        self.list.step(step);
        Some(Vec::new())
    }

    fn acted(&mut self, letter: char, _: &View) -> Vec<Wish> {
        let Some(row) = self.list.current() else { return Vec::new() };
        match (letter, &row.database) {
            ('y', _) => vec![Wish::Copy(command_of(row))],
            ('n', Some(database)) => {
                let note = database.note.clone().unwrap_or_default();
                vec![Wish::About(About::Database(database.name.clone()), note)]
            }
            _ => Vec::new(),
        }
    }

    fn answer(&mut self, answer: Result<Answer, String>, _: &View) -> Vec<Wish> {
        match answer {
            Ok(Answer::Connections(connections, as_of, agents_fault)) => {
                self.list.take_whole(connections);
                (self.as_of, self.agents_fault, self.fault) = (as_of, agents_fault, None);
            }
            Ok(_) => {}
            Err(sentence) => self.fault = Some(sentence),
        }
        Vec::new()
    }

    fn draw(&mut self, painter: &mut Painter, view: &View) {
        let (width, height) = (painter.width(), painter.height());
        let above = height.saturating_sub(8).max(height / 2).max(4);
        let quiet = self.list.window().filter(|row| row.quiet).count();
        let number = |count: usize| grouped(i64::try_from(count).unwrap_or(i64::MAX));
        let remark = match self.list.known_length() {
            Some(length) => format!("{} quiet, first · {}", number(quiet), number(length)),
            None => "reading …".to_owned(),
        };
        painter.rule(0, "Async Server connection status", &remark, true);
        let mut part = painter.part(0, 1, width, above.saturating_sub(1));
        table::draw_signed(&mut part, &mut self.list, &COLUMNS, true, view, |row| if row.quiet { '!' } else { ' ' });
        if let Some(fault) = &self.fault {
            painter.text(2, 2, width, &format!("! {fault}"), Role::Bad);
        } else if self.list.known_length() == Some(0) {
            painter.text(2, 2, width, "No agent has given a sign of life, no message has come.", Role::Dim);
        }
        self.draw_detail(&mut painter.part(0, above, width, height.saturating_sub(above)), view);
    }

    fn notice(&self, view: &View) -> String {
        match (&self.agents_fault, self.as_of) {
            (Some(fault), _) => format!("! Agents are not shown: {fault}"),
            (None, Some(at)) => {
                format!(
                    "! quiet: silent for over an hour and six times as long as usual, as of {}",
                    view.zone.short(at, view.now)
                )
            }
            (None, None) => "Nothing was transferred yet; p does it.".to_owned(),
        }
    }
}

/// The command that lists the messages of a channel database.
fn command_of(row: &Connection) -> String {
    format!("cdx messages --store {}", quoted(row.name()))
}
