//! Server configuration: the batch servers, and the windows, zone and groups of the one under the
//! cursor.

mod fields;
mod form_view;
mod view;

use crate::batch::BatchServer;
use crate::console::protocol::batch_query::{BatchAnswer, BatchQuery, Setup};
use crate::console::protocol::effect::{Confirm, Effect, ScreenChange};
use crate::console::protocol::key::Key;
use crate::console::protocol::key_table::Command;
use crate::console::protocol::mutation::BatchMutation;
use crate::console::protocol::mutation::Mutation;
use crate::console::protocol::query::{Answer, Query};
use crate::console::protocol::route::Route;
use crate::console::protocol::saved_state::{ListState, SavedState};
use crate::console::screens::batch::servers::fields::{FieldId, ServerFields};
use crate::console::screens::screen::Screen;
use crate::console::screens::small_list::SmallList;
use crate::console::view::context::ViewContext;
use crate::console::view::painter::Painter;
use crate::console::widgets::list::Keyed;
use crate::console::widgets::table;
use crate::domain::Timestamp;
use serde::Serialize;

/// A server in the list.
#[derive(Debug, Clone, Serialize)]
pub struct ServerRow {
    /// The server.
    #[serde(flatten)]
    pub server: BatchServer,
    /// When the row was read.
    #[serde(skip)]
    pub now: Timestamp,
}

impl Keyed for ServerRow {
    type Key = u64;
    fn key(&self) -> u64 {
        table::name_key(&self.server.name)
    }
}

/// Server configuration.
pub struct Servers {
    wanted: Option<String>,
    pub(super) list: SmallList<ServerRow>,
    pub(super) setup: Option<Setup>,
    pub(super) fields: Option<ServerFields>,
    /// Whether the form has the focus.
    pub(super) in_form: bool,
    /// Whether the form is filled again although it has the focus.
    discards: bool,
}

impl Servers {
    /// The list, the cursor on that server.
    pub fn new(wanted: Option<String>, memory: &SavedState) -> Self {
        Self { wanted, list: SmallList::new(memory), setup: None, fields: None, in_form: false, discards: false }
    }

    fn take(&mut self, setup: Setup, view: &ViewContext) {
        let now = setup.scheduling.now;
        let row = |server: &BatchServer| ServerRow { server: server.clone(), now };
        self.list.take(Ok(setup.scheduling.servers.iter().map(row).collect()), view);
        if let Some(name) = self.wanted.take() {
            self.list.place(|row| row.server.name == name);
        }
        self.setup = Some(setup);
        if !self.in_form || std::mem::take(&mut self.discards) {
            self.fill();
        }
    }

    /// Puts the server under the cursor into the form.
    fn fill(&mut self) {
        let groups = self.setup.as_ref().map_or(&[][..], |setup| &setup.groups);
        self.fields = self.list.current().map(|row| ServerFields::new(&row.server, groups));
    }

    fn save(&mut self, view: &ViewContext) -> Vec<Effect> {
        let (Some(fields), Some(setup)) = (&mut self.fields, &self.setup) else { return Vec::new() };
        if let Some(why) = view.read_only {
            return vec![Effect::Say(format!("nothing can be saved: {why}"))];
        }
        match fields.settings() {
            Err((id, fault)) => {
                fields.go(id);
                vec![Effect::Say(format!("Not yet: {fault}."))]
            }
            Ok(_) if !fields.is_changed() => vec![Effect::Say("nothing to save: nothing was changed".to_owned())],
            Ok(server) if fields.is_last_off(setup) => {
                let name = server.name.clone();
                let title = format!("Switch off {name}, the last batch server?");
                let line = "No batch job starts until a server is switched on; running jobs continue.";
                vec![Confirm::typed(name, title, line, save(server))]
            }
            Ok(server) => save(server),
        }
    }

    fn leave_form(&mut self) -> Vec<Effect> {
        if self.fields.as_ref().is_some_and(ServerFields::is_changed) {
            let then = vec![Effect::Screen(ScreenChange::DiscardForm)];
            return vec![Confirm::discard(then)];
        }
        self.in_form = false;
        Vec::new()
    }
}

/// Saves a server and closes the form.
fn save(server: BatchServer) -> Vec<Effect> {
    let change = Mutation::Batch(BatchMutation::ChangeServer(Box::new(server)));
    vec![Effect::MutationThen(change, vec![Effect::Screen(ScreenChange::CloseForm)])]
}

impl Screen for Servers {
    fn path(&self) -> Vec<&'static str> {
        vec!["System administration", "Setup", "System", "Server configuration"]
    }

    fn route(&self) -> Route {
        Route::Servers(None)
    }

    fn dialog_hints(&self) -> &'static str {
        " Enter Save  Tab next field  Space tick  Esc close  {help} help"
    }

    fn is_dialog(&self) -> bool {
        self.in_form
    }

    fn focus_field(&mut self, number: usize) -> bool {
        let Some(fields) = self.fields.as_mut().filter(|fields| !fields.is_list_open()) else { return false };
        let id = fields.order().get(number).copied();
        id.inspect(|id| fields.go(*id)).is_some()
    }

    fn help(&self, _: &ViewContext) -> Vec<String> {
        let fields = [FieldId::IsServer, FieldId::Zone, FieldId::Threads(0), FieldId::From(0), FieldId::To(0)];
        let buttons = [FieldId::Add, FieldId::Remove, FieldId::Group(0), FieldId::Save, FieldId::Close];
        fields.into_iter().chain(buttons).map(|id| id.help().to_owned()).collect()
    }

    fn load(&mut self, _: &ViewContext) -> Vec<Effect> {
        vec![Effect::Ask(Query::Batch(BatchQuery::Setup))]
    }

    fn tick(&mut self, view: &ViewContext) -> Vec<Effect> {
        self.load(view)
    }

    fn is_empty(&self) -> bool {
        self.list.current().is_none()
    }

    fn offers(&self, command: Command) -> bool {
        SmallList::<ServerRow>::offers(command)
            || command == Command::CopyCommand
            || matches!(command, Command::Open | Command::NextPane | Command::PreviousPane)
    }

    fn command(&mut self, command: Command, view: &ViewContext) -> Option<Vec<Effect>> {
        match command {
            Command::Open | Command::NextPane | Command::PreviousPane if self.fields.is_some() => {
                self.in_form = true;
                Some(Vec::new())
            }
            // Without a server there is no form.
            Command::NextPane | Command::PreviousPane => Some(Vec::new()),
            Command::Copy => {
                let name = self.list.current().map(|row| Effect::Copy(row.server.name.clone()));
                Some(name.into_iter().collect())
            }
            Command::CopyCommand => Some(self.list.copy_command("cdx batch servers", false)),
            _ => {
                let effects = self.list.perform_command(command, view);
                if effects.is_some() {
                    self.fill();
                }
                effects
            }
        }
    }

    fn key(&mut self, key: &Key, view: &ViewContext) -> Option<Vec<Effect>> {
        let fields = self.fields.as_mut()?;
        if fields.is_list_open() {
            fields.key(key);
            return Some(Vec::new());
        }
        match (key, fields.focused()) {
            (Key::Esc, _) | (Key::Enter, FieldId::Close) => return Some(self.leave_form()),
            (Key::Tab | Key::Down, _) => fields.step(false),
            (Key::BackTab | Key::Up, _) => fields.step(true),
            (Key::Enter | Key::Char(' '), FieldId::Add) => {
                return Some(fields.add_window().err().map(Effect::Say).into_iter().collect());
            }
            (Key::Enter | Key::Char(' '), FieldId::Remove) => fields.remove_window(),
            (Key::Enter, FieldId::Save) => return Some(self.save(view)),
            (Key::Enter, _) => fields.go(FieldId::Save),
            (Key::Left | Key::Right, FieldId::Save) => fields.go(FieldId::Close),
            (Key::Left | Key::Right, FieldId::Close) => fields.go(FieldId::Save),
            (key, _) => {
                if !fields.key(key) {
                    return None;
                }
            }
        }
        Some(Vec::new())
    }

    fn change(&mut self, change: ScreenChange, view: &ViewContext) -> Vec<Effect> {
        match change {
            ScreenChange::LoadCurrent => self.discards = true,
            ScreenChange::CloseForm => self.in_form = false,
            ScreenChange::DiscardForm => {
                self.in_form = false;
                self.fill();
            }
            change => {
                self.list.change(change, view);
                if !self.in_form {
                    self.fill();
                }
            }
        }
        Vec::new()
    }

    fn list_state(&self, view: &ViewContext) -> Option<(String, ListState)> {
        Some(self.list.list_state(view))
    }

    fn answer(&mut self, answer: Result<Answer, String>, view: &ViewContext) -> Vec<Effect> {
        match answer {
            Ok(Answer::Batch(answer)) => {
                if let BatchAnswer::Setup(setup) = *answer {
                    self.take(setup, view);
                }
            }
            Ok(_) => {}
            Err(sentence) => self.list.take(Err(sentence), view),
        }
        Vec::new()
    }

    fn draw(&mut self, painter: &mut Painter, view: &ViewContext) {
        self.draw_all(painter, view);
    }

    fn notice(&self, view: &ViewContext) -> String {
        let Some(fields) = self.fields.as_ref().filter(|_| self.in_form) else {
            return self.list.notice(view.keys("{open} edits the server under the cursor."), view);
        };
        fields.fault().unwrap_or_else(|| fields.focused().help().to_owned())
    }
}
