//! Async Server connection status: the last message of each agent and channel database, and which
//! are quiet.

mod facts;
mod rows;

use crate::console::protocol::connection::zone_named;
use crate::console::protocol::effect::{Action, Effect, Prompt, ScreenChange};
use crate::console::protocol::key_table::Command;
use crate::console::protocol::mutation::Mutation;
use crate::console::protocol::query::{Answer, ChannelDatabase, Connection, Query};
use crate::console::protocol::route::{Concern, Route};
use crate::console::protocol::saved_state::{ListState, SavedState};
use crate::console::screens::related;
use crate::console::screens::screen::Screen;
use crate::console::screens::small_list::{Around, Row, SmallList};
use crate::console::view::command_line::shell_quoted;
use crate::console::view::context::ViewContext;
use crate::console::view::painter::Painter;
use crate::console::view::theme::Role;
use crate::domain::{Timestamp, grouped};
use crate::filter::quoted;
pub use facts::details;
use facts::{clock_ahead, zone_of};

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
    /// The screen in its saved state, before its first answer.
    pub fn new(memory: &SavedState) -> Self {
        Self { list: SmallList::new(memory), as_of: None, only: None, agents_fault: None }
    }

    /// The same, only channel databases with a concern; without the words that the list was last
    /// filtered by.
    pub fn of(concern: Concern, memory: &SavedState) -> Self {
        let mut memory = memory.clone();
        memory.lists.entry(Connection::NAME.to_owned()).and_modify(|list| list.filter.clear());
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

    fn focus(&mut self, pane: u8) -> u8 {
        self.list.focus(pane)
    }

    fn list_state(&self, view: &ViewContext) -> Option<(String, ListState)> {
        // A visit with a concern does not change the saved state.
        self.only.is_none().then(|| self.list.list_state(view))
    }

    fn is_empty(&self) -> bool {
        self.list.current().is_none()
    }

    fn offers(&self, command: Command) -> bool {
        use Command as C;
        SmallList::<Connection>::offers(command)
            || matches!(command, C::NextError | C::PreviousError | C::Open | C::Related | C::CopyCommand | C::Actions)
            || command == C::Matrix
    }

    fn command(&mut self, command: Command, view: &ViewContext) -> Option<Vec<Effect>> {
        let one = |effect: Option<Effect>| Some(effect.into_iter().collect());
        match command {
            Command::NextError | Command::PreviousError => {
                let forward = command == Command::NextError;
                Some(self.list.find_around(forward, "no quiet channel database", |row| row.quiet))
            }
            Command::Open => {
                let go = |row: &Connection| Effect::Go(Route::Store(row.name().to_owned()));
                one(self.list.current().filter(|row| !row.name().is_empty()).map(go))
            }
            Command::Matrix => one(Some(Effect::Go(Route::Matrix))),
            Command::Related => {
                let go = |row: &Connection| Effect::Go(Route::Messages(format!("store:{}", quoted(row.name()))));
                one(self.list.current().filter(|row| !row.name().is_empty()).map(go))
            }
            Command::Copy => one(self.list.current().map(|row| Effect::Copy(row.name().to_owned()))),
            Command::CopyCommand => Some(match self.only {
                Some(Concern::ClockAhead) => {
                    vec![Effect::Say("no command lists only channel databases whose clocks are ahead".to_owned())]
                }
                only => {
                    let command = if only.is_some() { "cdx connections --filter quiet:yes" } else { "cdx connections" };
                    self.list.copy_command(command, only.is_none())
                }
            }),
            Command::Actions => {
                let row = self.list.current()?;
                let actions = actions(row, view);
                Some(vec![Effect::Actions(format!("Actions on {}", row.name()), actions)])
            }
            _ => self.list.obey(command, view),
        }
    }

    fn store(&self) -> Option<String> {
        self.list.current().map(|row| row.name().to_owned())
    }

    fn change(&mut self, change: ScreenChange, view: &ViewContext) -> Vec<Effect> {
        self.list.change(change, view);
        Vec::new()
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
                None => ("No agent has reported, and no message has arrived.".to_owned(), Role::Dim),
                Some(_) => ("None any more.".to_owned(), Role::Good),
            },
            detail: |height| 8.min(height / 2),
        };
        let title =
            |row: &Connection| if row.name().is_empty() { "packages".to_owned() } else { row.name().to_owned() };
        let sign = |row: &Connection| if row.quiet { '!' } else { ' ' };
        self.list.draw(painter, view, &around, sign, |row, _| (title(row), details(row, view)));
    }

    fn notice(&self, view: &ViewContext) -> String {
        let otherwise = match (&self.agents_fault, self.as_of) {
            (Some(fault), _) => return format!("! Agents are not shown: {fault}"),
            (None, Some(at)) => {
                format!("! quiet: silent for twice its longest usual gap, as of {}", view.zone.short(at, view.now))
            }
            (None, None) => view.keys("No transfer has reached the end yet; {process} runs one."),
        };
        self.list.notice(otherwise, view)
    }
}

/// The actions on a channel database.
pub fn actions(row: &Connection, view: &ViewContext) -> Vec<Action> {
    let refused = match &row.database {
        _ if view.read_only => Some("this console is read-only".to_owned()),
        None => Some("it is no channel database".to_owned()),
        Some(_) => None,
    };
    let database = row.database.as_ref();
    vec![
        Action::copy('y', "Copy the command line", command_of(row.name())),
        Action::new('n', "Note…", database.map(note).into_iter().collect()).refused(refused.clone()),
        Action::new('z', "Zone of the store…", database.map(zone).into_iter().collect())
            .remark(zone_of(row))
            .refused(refused),
        related::who(format!("store:{}", quoted(row.name()))),
    ]
}

/// The command that lists the messages of a channel database.
fn command_of(name: &str) -> String {
    format!("cdx messages --store {}", shell_quoted(name))
}

/// Asks for the note on a channel database.
fn note(database: &ChannelDatabase) -> Effect {
    let (name, version) = (database.name.clone(), Some(database.version));
    Prompt::line("Note:", database.note.as_deref().unwrap_or(""), move |typed| {
        let note = typed.text.trim().to_owned();
        Ok(vec![Effect::Mutation(Mutation::DatabaseNote(name.clone(), note, version))])
    })
}

/// Asks for the zone of a channel database's store.
fn zone(database: &ChannelDatabase) -> Effect {
    let (name, version) = (database.name.clone(), Some(database.version));
    let label = "Zone of the store (Europe/Amsterdam; empty: unknown):";
    Prompt::line(label, database.zone.as_deref().unwrap_or(""), move |typed| {
        let zone = zone_named(typed.text.trim())?;
        Ok(vec![Effect::Mutation(Mutation::DatabaseZone(name.clone(), zone, version))])
    })
}
