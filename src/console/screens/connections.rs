//! Async Server connection status: the last message of each agent and channel database, and which
//! are quiet.

mod facts;
mod rows;

use crate::console::protocol::effect::{Action, Effect, Prompt};
use crate::console::protocol::key_table::Command;
use crate::console::protocol::mutation::Mutation;
use crate::console::protocol::query::zone_named;
use crate::console::protocol::query::{Answer, ChannelDatabase, Connection, Connections, Query};
use crate::console::protocol::route::{Concern, Route};
use crate::console::screens::related;
use crate::console::screens::small_list::{ActionMenu, Details, ListCommand, ListFrame, RowSource, SmallList};
use crate::console::view::command_line::shell_quoted;
use crate::console::view::context::ViewContext;
use crate::console::view::theme::Role;
use crate::domain::{Timestamp, grouped};
use crate::filter::quoted;
pub use facts::details;
use facts::{clock_ahead, zone_of};
use std::cmp::Reverse;

/// The row source of Async Server connection status.
pub struct ConnectionList {
    as_of: Option<Timestamp>,
    /// If set, only channel databases with this concern are listed.
    only: Option<Concern>,
    /// Why agents are not shown, if they cannot be read.
    agents_fault: Option<String>,
}

impl ConnectionList {
    /// The source before its first answer; with a concern, only of channel databases with it.
    pub fn new(only: Option<Concern>) -> Self {
        Self { as_of: None, only, agents_fault: None }
    }
}

impl RowSource for ConnectionList {
    type Row = Connection;
    const PATH: &'static [&'static str] =
        &["Retail", "Inquiries", "Commerce Data Exchange", "Async Server connection status"];
    const COMMANDS: &'static [Command] =
        &[Command::NextError, Command::PreviousError, Command::Open, Command::Related, Command::Actions];
    const NO_ERROR: &'static str = "no quiet channel database";

    fn route(&self, _: &str) -> Route {
        self.only.map_or(Route::Connections, Route::ConnectionsOf)
    }

    fn can_be_view(&self) -> bool {
        self.only.is_none()
    }

    fn query(&self, _: &ViewContext) -> Query {
        Query::Connections
    }

    fn rows(&mut self, answer: Answer, _: &ViewContext) -> Option<Vec<Connection>> {
        let Answer::Connections(Connections { mut rows, as_of, agents_fault }) = answer else { return None };
        rows.retain(|row| match self.only {
            None => true,
            Some(Concern::Quiet) => row.quiet,
            Some(Concern::ClockAhead) => clock_ahead(row).is_some(),
        });
        (self.as_of, self.agents_fault) = (as_of, agents_fault);
        Some(rows)
    }

    fn list_command(&self) -> ListCommand {
        match self.only {
            None => Ok(("cdx connections", true)),
            Some(Concern::Quiet) => Ok(("cdx connections --filter quiet:yes", false)),
            Some(Concern::ClockAhead) => Err("no command lists only channel databases whose clocks are ahead"),
        }
    }

    fn actions(&self, list: &SmallList<Connection>, view: &ViewContext) -> Option<ActionMenu> {
        let row = list.current()?;
        Some((format!("Actions on {}", row.name()), actions(row, view)))
    }

    fn perform_command(
        &mut self,
        command: Command,
        list: &mut SmallList<Connection>,
        _: &ViewContext,
    ) -> Option<Vec<Effect>> {
        let named = list.current().filter(|row| !row.name().is_empty()).map(Connection::name);
        if command == Command::Open {
            return Some(named.map(|name| Effect::Go(Route::Store(name.to_owned()))).into_iter().collect());
        }
        let links = |name| related::store(name).into_iter().chain(related::of_store(name)).collect();
        Some(named.map(|name| related::offer(links(name))).unwrap_or_default())
    }

    fn copied(&self, row: &Connection) -> String {
        row.name().to_owned()
    }

    fn store(&self, row: &Connection) -> Option<String> {
        Some(row.name().to_owned())
    }

    fn frame(&self, rows: &[Connection], _: &ViewContext) -> ListFrame<'static> {
        let quiet = rows.iter().filter(|row| row.quiet).count();
        // The clock that is furthest ahead first, as in the Overview.
        let mut fast: Vec<_> = rows.iter().filter(|row| clock_ahead(row).is_some()).collect();
        fast.sort_by_key(|row| (Reverse(clock_ahead(row)), row.name()));
        let clocks = match fast.first() {
            None => String::new(),
            Some(first) if fast.len() == 1 => format!(" · clock ahead: {}", first.name()),
            Some(first) => format!(" · clocks ahead: {} and {} more", first.name(), grouped(fast.len() - 1)),
        };
        ListFrame {
            title: match self.only {
                None => "Async Server connection status",
                Some(Concern::Quiet) => "Quiet channel databases",
                Some(Concern::ClockAhead) => "Channel databases whose clocks are ahead",
            },
            remark: match grouped(rows.len()) {
                all if self.only.is_some() => all,
                all => format!("{} quiet, first · {all}{clocks}", grouped(quiet)),
            },
            empty: match self.only {
                None => ("No agent has reported, and no message has arrived.".to_owned(), Role::Dim),
                Some(_) => ("None any more.".to_owned(), Role::Good),
            },
            detail: |height| 8.min(height / 2),
        }
    }

    fn marker(&self, row: &Connection, _: &ViewContext) -> char {
        if row.quiet { '!' } else { ' ' }
    }

    fn describe(&self, row: &Connection, _: usize, view: &ViewContext) -> Details {
        let title = if row.name().is_empty() { "packages" } else { row.name() };
        (title.to_owned(), details(row, view))
    }

    fn notice(&self, _: Option<&Connection>, view: &ViewContext) -> String {
        match self.as_of {
            Some(at) => {
                format!("! quiet: silent for twice its longest usual gap, as of {}", view.zone.short(at, view.now))
            }
            None => view.keys("No transfer has reached the end yet; {process} runs one."),
        }
    }

    fn fault(&self) -> Option<String> {
        self.agents_fault.as_ref().map(|fault| format!("! Agents are not shown: {fault}"))
    }
}

/// The actions on a channel database.
pub fn actions(row: &Connection, view: &ViewContext) -> Vec<Action> {
    let no_database = || row.database.is_none().then(|| "not a channel database".to_owned());
    let refused = view.refusal().or_else(no_database);
    let database = row.database.as_ref();
    vec![
        Action::copy('y', "Copy the command line", command_of(row.name())),
        Action::new('n', "Note…", database.map(note).into_iter().collect()).refused(refused.clone()),
        Action::new('z', "Zone of the store…", database.map(zone).into_iter().collect())
            .remark(zone_of(row))
            .refused(refused),
        related::changes_action(format!("store:{}", quoted(row.name()))),
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
