//! Async Server connection status: when each agent and each channel database was heard of last, and which are quiet.

mod facts;

use crate::console::protocol::dialog::About;
use crate::console::protocol::dialog::Action;
use crate::console::protocol::effect::Effect;
use crate::console::protocol::keys::Command;
use crate::console::protocol::query::{Answer, Connection, Query};
use crate::console::protocol::route::{Concern, Route};
use crate::console::protocol::saved_state::{ListState, SavedState};
use crate::console::protocol::time::age;
use crate::console::screens::screen::Screen;
use crate::console::screens::small_list::{Around, Rank, Row, SmallList, SortOrder, words};
use crate::console::view::command_line::shell_quoted;
use crate::console::view::context::ViewContext;
use crate::console::view::painter::Painter;
use crate::console::view::theme::Role;
use crate::console::widgets::list::Keyed;
use crate::console::widgets::table::{self, Column, column, growing, plain};
use crate::domain::{Timestamp, grouped};
use facts::{clock_ahead, told, zone_of};

impl Keyed for Connection {
    type Key = u64;
    fn key(&self) -> u64 {
        table::name_key(&(self.name(), self.agent.as_ref().map(|agent| &agent.name)))
    }
}

/// A gap between two reports, in words.
fn gap(row: &Connection) -> String {
    let usual = row.database.as_ref().and_then(|database| database.presence.usual_gap);
    usual.map(age).unwrap_or_default()
}

static COLUMNS: [Column<Connection>; 7] = [
    growing("Database", [9, 16], false, 0, |row, _| plain(row.name())),
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
    growing("Agent", [18, 24], false, 2, |row, _| plain(row.agent.as_ref().map_or("", |agent| &agent.name))),
    column("Its sign of life", 16, false, 3, |row, view| {
        plain(row.agent.as_ref().map_or_else(String::new, |agent| view.zone.short(agent.last_seen_at, view.now)))
    }),
    column("Note", 6, false, 4, |row, _| {
        plain(row.database.as_ref().and_then(|database| database.note.clone()).unwrap_or_default())
    }),
];

impl Row for Connection {
    const NAME: &'static str = "connections";
    const COMES: (&'static str, &'static str) = ("Quiet ones first, then by name", "");

    fn columns() -> &'static [Column<Self>] {
        &COLUMNS
    }

    fn orders() -> &'static [SortOrder<Self>] {
        &[
            ("Database", |row| words(row.name())),
            ("Last message", |row| Rank::Number(row.database.as_ref().map_or(0, |it| it.presence.last_seen_at.0))),
            ("Usual gap", |row| Rank::Number(row.database.as_ref().and_then(|it| it.presence.usual_gap).unwrap_or(0))),
            ("Agent", |row| words(row.agent.as_ref().map_or("", |agent| &agent.name))),
            ("Its sign of life", |row| Rank::Number(row.agent.as_ref().map_or(0, |agent| agent.last_seen_at.0))),
        ]
    }

    fn to_json(&self) -> serde_json::Value {
        let (database, agent) = (self.database.as_ref(), self.agent.as_ref());
        serde_json::json!({
            "channel_database": self.name(),
            "quiet": self.quiet,
            "first_seen_at": database.map(|it| it.presence.first_seen_at.to_rfc3339()),
            "last_seen_at": database.map(|it| it.presence.last_seen_at.to_rfc3339()),
            "usual_gap_ms": database.and_then(|it| it.presence.usual_gap),
            "clock_ahead_ms": database.and_then(|it| it.clock_ahead_ms),
            "zone": database.and_then(|it| it.zone.clone()),
            "note": database.and_then(|it| it.note.clone()),
            "agent": agent.map(|agent| agent.name.clone()),
            "agent_version": agent.and_then(|agent| agent.version.clone()),
            "agent_last_seen_at": agent.map(|agent| agent.last_seen_at.to_rfc3339()),
        })
    }
}

/// The screen.
pub struct Connections {
    list: SmallList<Connection>,
    as_of: Option<Timestamp>,
    /// Only channel databases with this.
    only: Option<Concern>,
    /// Why agents are not shown, if they cannot be read.
    agents_fault: Option<String>,
}

impl Connections {
    /// The screen as it was left, empty as yet.
    pub fn new(memory: &SavedState) -> Self {
        Self { list: SmallList::new(memory), as_of: None, only: None, agents_fault: None }
    }

    /// The same, only channel databases with a concern; without the words that the list was last filtered by.
    pub fn of(concern: Concern, memory: &SavedState) -> Self {
        let mut memory = memory.clone();
        memory.looks.entry(Connection::NAME.to_owned()).and_modify(|looks| looks.filter.clear());
        Self { only: Some(concern), ..Self::new(&memory) }
    }
}

impl Screen for Connections {
    fn path(&self) -> Vec<&'static str> {
        vec!["Retail", "Inquiries", "Commerce Data Exchange", "Async Server connection status"]
    }

    fn target(&self) -> Route {
        self.only.map_or(Route::Connections, Route::ConnectionsOf)
    }

    fn load(&mut self, _: &ViewContext) -> Vec<Effect> {
        vec![Effect::Ask(Query::Connections)]
    }

    fn list_state(&self, view: &ViewContext) -> Option<(String, ListState)> {
        // A visit from elsewhere leaves the list's own look alone.
        self.only.is_none().then(|| self.list.list_state(view))
    }

    fn offers(&self, command: Command) -> bool {
        use Command as C;
        SmallList::<Connection>::offers(command)
            || matches!(command, C::NextError | C::PreviousError | C::Open | C::Related | C::CopyCommand | C::Actions)
    }

    fn command(&mut self, command: Command, view: &ViewContext) -> Option<Vec<Effect>> {
        let one = |wish: Option<Effect>| Some(wish.into_iter().collect());
        match command {
            Command::NextError | Command::PreviousError => {
                let forward = command == Command::NextError;
                Some(self.list.find_around(forward, "no quiet channel database", |row| row.quiet))
            }
            Command::Open | Command::Related => {
                let go = |row: &Connection| Effect::Go(Route::Messages(format!("store:\"{}\"", row.name())));
                one(self.list.current().filter(|row| !row.name().is_empty()).map(go))
            }
            Command::Copy => one(self.list.current().map(|row| Effect::Copy(row.name().to_owned()))),
            Command::CopyCommand => one(self.list.current().map(|row| Effect::Copy(command_of(row)))),
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
                    Action { letter: 'n', label: "Note…", remark: String::new(), refused: refused.clone() },
                    Action { letter: 'z', label: "Zone of the store…", remark: zone_of(row), refused },
                ];
                Some(vec![Effect::Actions(format!("Actions on {}", row.name()), actions)])
            }
            _ => self.list.obey(command, view),
        }
    }

    fn acted(&mut self, letter: char, _: &ViewContext) -> Vec<Effect> {
        let Some(row) = self.list.current() else { return Vec::new() };
        match (letter, &row.database) {
            ('y', _) => vec![Effect::Copy(command_of(row))],
            ('n', Some(database)) => {
                let note = database.note.clone().unwrap_or_default();
                vec![Effect::About(About::Database(database.name.clone(), Some(database.version)), note)]
            }
            ('z', Some(database)) => {
                let zone = database.zone.clone().unwrap_or_default();
                vec![Effect::About(About::Zone(database.name.clone(), Some(database.version)), zone)]
            }
            _ => Vec::new(),
        }
    }

    fn store(&self) -> Option<String> {
        self.list.current().map(|row| row.name().to_owned())
    }

    fn typed(&mut self, text: &str, view: &ViewContext) -> Result<Vec<Effect>, String> {
        Ok(self.list.typed(text, view))
    }

    fn picked(&mut self, chosen: &[usize], view: &ViewContext) -> Vec<Effect> {
        self.list.picked(chosen, view)
    }

    fn answer(&mut self, answer: Result<Answer, String>, view: &ViewContext) -> Vec<Effect> {
        match answer {
            Ok(Answer::Connections(mut connections, as_of, agents_fault)) => {
                connections.retain(|row| match self.only {
                    None => true,
                    Some(Concern::Quiet) => row.quiet,
                    Some(Concern::ClockAhead) => clock_ahead(row).is_some(),
                });
                self.list.take(Ok(connections), view);
                (self.as_of, self.agents_fault) = (as_of, agents_fault);
            }
            Ok(_) => {}
            Err(sentence) => self.list.take(Err(sentence), view),
        }
        Vec::new()
    }

    fn draw(&mut self, painter: &mut Painter, view: &ViewContext) {
        let quiet = self.list.rows().iter().filter(|row| row.quiet).count();
        let number = |count: usize| grouped(i64::try_from(count).unwrap_or(i64::MAX));
        let fast: Vec<_> = self.list.rows().iter().filter(|row| clock_ahead(row).is_some()).collect();
        let clocks = match fast.first() {
            None => String::new(),
            Some(first) if fast.len() == 1 => format!(" · clock ahead: {}", first.name()),
            Some(first) => format!(" · clocks ahead: {} and {} more", first.name(), number(fast.len() - 1)),
        };
        let around = Around {
            title: match self.only {
                None => "Async Server connection status",
                Some(Concern::Quiet) => "Quiet channel databases",
                Some(Concern::ClockAhead) => "Channel databases whose clocks are ahead",
            },
            remark: match number(self.list.rows().len()) {
                all if self.only.is_some() => all,
                all => format!("{} quiet, first · {all}{clocks}", number(quiet)),
            },
            empty: match self.only {
                None => ("No agent has given a sign of life, no message has come.", Role::Dim),
                Some(_) => ("None any more.", Role::Good),
            },
            detail: |height| 8.min(height / 2),
        };
        let title =
            |row: &Connection| if row.name().is_empty() { "packages".to_owned() } else { row.name().to_owned() };
        let sign = |row: &Connection| if row.quiet { '!' } else { ' ' };
        self.list.draw(painter, view, &around, sign, |row, _| (title(row), told(row, view)));
    }

    fn notice(&self, view: &ViewContext) -> String {
        let otherwise = match (&self.agents_fault, self.as_of) {
            (Some(fault), _) => return format!("! Agents are not shown: {fault}"),
            (None, Some(at)) => {
                format!("! quiet: silent for twice its longest usual gap, as of {}", view.zone.short(at, view.now))
            }
            (None, None) => "No transfer has reached the end yet; p does it.".to_owned(),
        };
        self.list.notice(otherwise)
    }
}

/// The command that lists the messages of a channel database.
fn command_of(row: &Connection) -> String {
    format!("cdx messages --store {}", shell_quoted(row.name()))
}
